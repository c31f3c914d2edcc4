//! A key that is gone: the mapping has the field under another name now.

use crate::diagnosis::complaint::unquoted;
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix};
use crate::syntax::{Node, Source, descendants};
use crate::workspace::history::RenameKind;
use crate::workspace::symbols::SymbolKind;

use super::renames::{Existing, Question, answers};
use super::{Context, Strategy, literals};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "key-rename",
    categories: &[Category::KeyError],
    summary: "Reads the field under the name that it has now.",
    example: r#"
#- before: agent.py
def status():
    return {"phase": "Running", "since": 1}
#- agent.py
def status():
    return {"state": "Running", "since": 1}
#- tests/test_agent.py
from agent import status

def test_running():
    assert status()[$0"phase"] == "Running"
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_running _________________________________

    def test_running():
>       assert status()["phase"] == "Running"
E       KeyError: 'phase'

tests/test_agent.py:4: KeyError
#- healed
-    assert status()["phase"] == "Running"
+    assert status()["state"] == "Running"
"#,
    propose: key_rename,
};

fn key_rename(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::NoKey { key } = ctx.complaint() else { return None };
    let node = ctx.node()?;
    let string = crate::syntax::ancestors(node).find(|node| node.kind() == "string")?;
    if !ctx.raised_here() {
        return None;
    }
    let existing = keys_around(ctx, key);
    let kinds = |kind| matches!(kind, RenameKind::Literal | RenameKind::Symbol(SymbolKind::Field));
    let question = Question { missing: key, existing: &existing, open: true, kinds, class: None };
    let object = string.parent().filter(|parent| parent.kind() == "subscript")?.child_by_field_name("value")?;
    let places = same_subscripts(ctx, ctx.source.slice(object), ctx.source.slice(string));
    for answer in answers(ctx, &question) {
        let text = literals::requoted(ctx.source.slice(string), &answer.name)?;
        fixes.push(Fix {
            title: format!("Read the field `{}` instead of `{key}`", answer.name),
            strategy: STRATEGY.id,
            edits: places.iter().map(|node| ctx.replace(node.byte_range(), &text)).collect(),
            confidence: answer.confidence,
            evidence: answer.evidence,
            tier: answer.tier,
        });
    }
    Some(())
}

/// `object["key"]` in the same test, written the same way.
fn same_subscripts<'c>(ctx: &'c Context<'_>, object: &str, key: &str) -> Vec<Node<'c>> {
    descendants(ctx.scope())
        .filter(|node| node.kind() == "subscript")
        .filter(|node| node.child_by_field_name("value").is_some_and(|value| ctx.source.slice(value) == object))
        .filter_map(|node| node.child_by_field_name("subscript"))
        .filter(|subscript| ctx.source.slice(*subscript) == key)
        .collect()
}

/// Pairs of names that mean the same field in many APIs.
const SYNONYMS: &[(&str, &str)] =
    &[("phase", "state"), ("status", "condition"), ("ready", "available"), ("replicas", "availableReplicas")];

/// Keys that were seen at run time; else keys of the literals in the files that the failure went through.
fn keys_around(ctx: &Context<'_>, missing: &str) -> Vec<Existing> {
    if let Some(runtime) = ctx.diagnosis.failure.runtime.as_ref().filter(|runtime| !runtime.keys.is_empty()) {
        let seen = |key: &String| {
            let key = unquoted(key);
            let kind = if is_synonym(missing, key) { EvidenceKind::Docs } else { EvidenceKind::Runtime };
            Existing::seen(key, kind, format!("the mapping has the key `{key}` at run time"))
        };
        return runtime.keys.iter().map(seen).collect();
    }
    SYNONYMS
        .iter()
        .filter_map(|(a, b)| {
            if *a == missing {
                Some(*b)
            } else if *b == missing {
                Some(*a)
            } else {
                None
            }
        })
        .filter_map(|name| in_source(ctx, name))
        .collect()
}

fn is_synonym(a: &str, b: &str) -> bool {
    SYNONYMS.iter().any(|(x, y)| (*x == a && *y == b) || (*x == b && *y == a))
}

/// A product file that has the string as a key.
fn in_source(ctx: &Context<'_>, key: &str) -> Option<Existing> {
    let files = ctx.snapshot.files_naming(key);
    let products = files.iter().filter(|path| !path.is_test_code()).take(50);
    for path in products {
        let source = ctx.snapshot.source(path)?;
        if let Some(line) = line_of_key(&source, key) {
            let text = format!("`{key}` is a field here");
            return Some(Existing {
                name: key.to_string(),
                evidence: Evidence::at(EvidenceKind::Source, path, line, text),
            });
        }
    }
    None
}

fn line_of_key(source: &Source, key: &str) -> Option<u32> {
    descendants(source.root())
        .filter(|node| node.kind() == "pair")
        .filter_map(|pair| pair.child_by_field_name("key"))
        .find(|node| unquoted(source.slice(*node)) == key)
        .map(|node| source.line_of(node.start_byte()))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_key_that_nothing_explains_is_no_fix() {
        check(
            r#"
#- agent.py
def status():
    return {"state": "Running"}
#- tests/test_agent.py
from agent import status

def test_running():
    assert status()[$0"owner"] == "Running"
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_running _________________________________

    def test_running():
>       assert status()["owner"] == "Running"
E       KeyError: 'owner'

tests/test_agent.py:4: KeyError
#- healed
no fix
"#,
        );
    }
}

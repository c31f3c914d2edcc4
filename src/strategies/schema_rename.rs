//! A field that another language's file renamed: a schema, a manifest, the types of a service.

use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, Complaint};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, descendants};
use crate::workspace::Snapshot;

use super::confidence::Odds;
use super::{Context, Strategy, literals, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "schema-rename",
    categories: &[Category::KeyError, Category::AttributeError, Category::ResourceError, Category::Unknown],
    summary: "Reads a field or uses a selector under the name that a schema, manifest or template gives it now.",
    example: r#"
#- before: api/agent.go
type AgentStatus struct {
	Phase string `json:"phase"`
}
#- api/agent.go
type AgentStatus struct {
	State string `json:"state"`
}
#- tests/test_agent.py
def test_running(agent):
    assert agent.status()[$0"phase"] == "Running"
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_running _________________________________

    def test_running(agent):
>       assert agent.status()["phase"] == "Running"
E       KeyError: 'phase'

tests/test_agent.py:2: KeyError
#- healed
-    assert agent.status()["phase"] == "Running"
+    assert agent.status()["state"] == "Running"
"#,
    propose: schema_rename,
};

/// A field that a line of a schema gave another name.
struct Field<'h> {
    hunk: &'h Hunk,
    new: String,
}

fn schema_rename(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let missing = match ctx.complaint() {
        Complaint::NoKey { key } => key.as_str(),
        Complaint::NoAttribute { name, .. } => name.as_str(),
        _ => &selector(ctx)?,
    };
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let mut fields: Vec<Field<'_>> =
        hunks.iter().filter(|hunk| is_schema(hunk)).flat_map(|hunk| renamed(hunk, missing)).collect();
    fields.dedup_by(|a, b| a.new == b.new);
    let [field] = fields.as_slice() else { return None };
    let hunk = field.hunk;
    let mut evidence = vec![Evidence::commit(
        &hunk.commit,
        format!("`{missing}` became `{}` at {}:{} ({})", field.new, hunk.path, hunk.line, hunk.subject),
    )];
    evidence.extend(witness(ctx, &field.new));
    let title = format!("Use `{}` for `{missing}`", field.new);
    let edits = places(ctx, missing).into_iter().map(|node| {
        let text = match node.kind() {
            "string" => {
                let value = literals::string_value(ctx.source, node)?;
                literals::requoted(ctx.source.slice(node), &swapped(&value, missing, &field.new)?)?
            }
            _ => field.new.clone(),
        };
        Some(ctx.replace(node.byte_range(), text))
    });
    let edits: Vec<_> = edits.collect::<Option<_>>()?;
    if edits.is_empty() {
        return None;
    }
    let confidence = Odds::of(&evidence).confidence();
    fixes.push(Fix { title, strategy: STRATEGY.id, edits, confidence, evidence, tier: Tier::Safe });
    Some(())
}

/// Files whose fields others read: Python has strategies of its own.
fn is_schema(hunk: &Hunk) -> bool {
    let extensions = [
        "avsc", "css", "go", "graphql", "html", "java", "js", "json", "jsx", "proto", "rs", "sql", "ts", "tsx", "vue",
        "yaml", "yml",
    ];
    hunk.path.as_str().rsplit('.').next().is_some_and(|extension| extensions.contains(&extension))
}

/// The name that a line with `old` has in its place now, where that is its only change. Words that change
/// together (`Phase string "phase"`) are one name in several spellings.
fn renamed<'h>(hunk: &'h Hunk, old: &str) -> Vec<Field<'h>> {
    if hunk.removed.len() != hunk.added.len() {
        return Vec::new();
    }
    let pairs = hunk.removed.iter().zip(&hunk.added);
    let new = pairs.filter_map(|(before, after)| {
        let (before, after): (Vec<&str>, Vec<&str>) = (words(before), words(after));
        let changed: Vec<(&str, &str)> =
            before.iter().copied().zip(after.iter().copied()).filter(|(old, new)| old != new).collect();
        let (_, new) = changed.iter().find(|(was, _)| *was == old)?;
        let one_name = changed.iter().all(|(was, is)| folded(was) == folded(old) && folded(is) == folded(new));
        (before.len() == after.len() && one_name).then(|| new.to_string())
    });
    new.map(|new| Field { hunk, new }).collect()
}

fn words(line: &str) -> Vec<&str> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).filter(|word| !word.is_empty()).collect()
}

fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The selector that a page did not hold: `#submit`, `[data-testid=submit]`, as the message prints it.
fn selector(ctx: &Context<'_>) -> Option<String> {
    let not_found = ["no such element", "NoSuchElement", "Unable to locate", "not found"];
    if !not_found.iter().any(|words| ctx.message().contains(words)) {
        return None;
    }
    let in_message = |node: &Node<'_>| {
        let value = literals::string_value(ctx.source, *node)?;
        let name = value.trim_start_matches(['#', '.', '[']).to_string();
        (name.len() > 2 && ctx.message().contains(&value)).then_some(name)
    };
    descendants(ctx.statement()?).filter(|node| node.kind() == "string").find_map(|node| in_message(&node))
}

/// A key that was seen at run time, or another file that uses the new name.
fn witness(ctx: &Context<'_>, new: &str) -> Option<Evidence> {
    let runtime = ctx.diagnosis.failure.runtime.as_ref();
    let mut seen = runtime.iter().flat_map(|runtime| runtime.keys.iter().chain(&runtime.public_names));
    if seen.any(|key| crate::diagnosis::complaint::unquoted(key) == new) {
        let text = format!("`{new}` is there at run time");
        return Some(Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(text) });
    }
    user_of(ctx.snapshot, new)
}

fn user_of(snapshot: &Snapshot, name: &str) -> Option<Evidence> {
    let path = snapshot.files_naming(name).into_iter().find(|path| !path.is_test_code())?;
    let text = snapshot.text(&path)?;
    let line = text.lines().position(|line| line.contains(name))? as u32 + 1;
    Some(Evidence::at(EvidenceKind::Source, &path, line, format!("`{name}` is used here")))
}

/// Where the test names the field: the same subscript, attribute or selector in the test.
fn places<'c>(ctx: &'c Context<'_>, missing: &str) -> Vec<Node<'c>> {
    let Some(node) = ctx.node() else { return Vec::new() };
    let attribute = node.parent().filter(|parent| parent.kind() == "attribute" && node.kind() == "identifier");
    if let Some(object) = attribute.and_then(|attribute| attribute.child_by_field_name("object")) {
        let ranges = names::attribute_uses(ctx.source, ctx.scope(), ctx.source.slice(object), missing);
        return ranges.into_iter().filter_map(|range| ctx.source.node_at(range)).collect();
    }
    let names = |node: &Node<'_>| {
        let value = literals::string_value(ctx.source, *node).filter(|_| node.kind() == "string");
        value.is_some_and(|value| swapped(&value, missing, "").is_some())
    };
    let Some(statement) = ctx.statement() else { return Vec::new() };
    descendants(statement).filter(names).collect()
}

/// `value` with `old` in it replaced; `None` where it holds more than the name and the marks of a selector.
fn swapped(value: &str, old: &str, new: &str) -> Option<String> {
    let name = value.trim_start_matches(['#', '.', '[']);
    (name == old).then(|| format!("{}{new}", &value[..value.len() - name.len()]))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_line_that_changed_in_more_than_the_name_is_no_fix() {
        check(
            r#"
#- before: deploy/agent.yaml
status:
  phase: Running
#- deploy/agent.yaml
status:
  conditions: [Ready]
#- tests/test_agent.py
def test_running(agent):
    assert agent.status()["phase"] == "Running"
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_running _________________________________

    def test_running(agent):
>       assert agent.status()["phase"] == "Running"
E       KeyError: 'phase'

tests/test_agent.py:2: KeyError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn a_field_of_a_manifest() {
        check(
            r#"
#- before: deploy/agent.yaml
status:
  readyReplicas: 1
#- deploy/agent.yaml
status:
  availableReplicas: 1
#- tests/test_agent.py
def test_running(agent):
    assert agent.status.$0readyReplicas == 1
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_running _________________________________

    def test_running(agent):
>       assert agent.status.readyReplicas == 1
E       AttributeError: 'Status' object has no attribute 'readyReplicas'

tests/test_agent.py:2: AttributeError
#- healed
-    assert agent.status.readyReplicas == 1
+    assert agent.status.availableReplicas == 1
"#,
        );
    }
}

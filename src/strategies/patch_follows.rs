//! `patch("yaml.safe_load")` of something that the product does not call any more: the mock follows the call.

use crate::diagnosis::Category;
use crate::diagnosis::product::{self, Hunk};
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{ancestors, descendants};
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::{Context, Strategy, patch_target};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "patch-follows",
    categories: &[Category::AssertionError, Category::ResourceError, Category::Unknown],
    summary: "Patches the function that the product calls now in the place of the patched one, for a person to accept.",
    example: r#"
#- before: shop.py
import yaml

def read(text):
    return yaml.safe_load(text)
#- shop.py
import yaml

def read(text):
    return yaml.load(text, yaml.SafeLoader)
#- tests/test_read.py
from unittest import mock
from shop import read

def test_read():
    with mock.patch("yaml.safe_load") as load:
        read("a: 1")
    assert $0load.call_count == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_read ___________________________________

    def test_read():
        with mock.patch("yaml.safe_load") as load:
            read("a: 1")
>       assert load.call_count == 1
E       AssertionError: assert 0 == 1

tests/test_read.py:7: AssertionError
#- healed
-    with mock.patch("yaml.safe_load") as load:
+    with mock.patch("yaml.load") as load:
"#,
    propose: patch_follows,
};

fn patch_follows(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let scope = ctx.scope();
    let whole = ancestors(scope).find(|node| node.kind() == "decorated_definition").unwrap_or(scope);
    let targets = || descendants(whole).filter(|node| node.kind() == "string" && patch_target::is_target(ctx, *node));
    let mut seen: Vec<&str> = Vec::new();
    for string in targets() {
        let Some(target) = crate::diagnosis::locate::string_content(ctx.source, string) else { continue };
        let Some((owner, old)) = target.rsplit_once('.').filter(|_| !seen.contains(&target)) else { continue };
        seen.push(target);
        let object = owner.rsplit('.').next().unwrap_or(owner);
        let Some((new, hunk)) = hunks.iter().find_map(|hunk| Some((called_instead(hunk, object, old)?, hunk))) else {
            continue;
        };
        let text =
            format!("`{object}.{old}` became `{object}.{new}` at {}:{} ({})", hunk.path, hunk.line, hunk.subject);
        let evidence = vec![Evidence::commit(&hunk.commit, text)];
        let same = targets().filter(|other| ctx.source.slice(*other) == ctx.source.slice(string));
        let written = ctx.source.slice(string).replacen(target, &format!("{owner}.{new}"), 1);
        fixes.push(Fix {
            title: format!("Patch `{owner}.{new}`"),
            strategy: STRATEGY.id,
            edits: same.map(|node| ctx.replace(node.byte_range(), &written)).collect(),
            confidence: Odds::of(&evidence).confidence(),
            evidence,
            tier: Tier::Review,
        });
    }
    Some(())
}

/// The one function of `object` that the hunk calls where it called `old`.
fn called_instead(hunk: &Hunk, object: &str, old: &str) -> Option<String> {
    let calls = |lines: &[String], name: &str| {
        lines.iter().any(|line| occurrences(line, &format!("{object}.{name}(")).next().is_some())
    };
    if !hunk.is_python() || !calls(&hunk.removed, old) || calls(&hunk.added, old) {
        return None;
    }
    let start = format!("{object}.");
    let name = |rest: &str| rest.split_once('(').map(|(name, _)| name.to_string());
    let word = |name: &String| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let mut names: Vec<String> = Vec::new();
    for line in &hunk.added {
        let rests = occurrences(line, &start).map(|at| &line[at + start.len()..]);
        names.extend(rests.filter_map(name).filter(word).filter(|name| !calls(&hunk.removed, name)));
    }
    names.dedup();
    if names.len() == 1 { names.pop() } else { None }
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn a_function_that_is_called_as_before_stays_patched() {
        check(
            r#"
#- before: shop.py
import yaml

def read(text):
    return yaml.safe_load(text)
#- shop.py
import yaml

def read(text):
    return {} if not text else yaml.safe_load(text)
#- tests/test_read.py
from unittest import mock
from shop import read

def test_read():
    with mock.patch("yaml.safe_load") as load:
        read("")
    assert load.call_count == other()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_read ___________________________________

    def test_read():
        with mock.patch("yaml.safe_load") as load:
            read("")
>       assert load.call_count == other()
E       AssertionError: assert 0 == 1

tests/test_read.py:7: AssertionError
#- healed
no fix
"#,
        );
    }
}

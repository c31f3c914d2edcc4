//! A file that is not where the test looks for it: git moved it.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::Category;
use crate::diagnosis::locate::string_content;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::descendants;

use super::confidence::Odds;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "path-moved",
    categories: &[Category::ResourceError],
    summary: "Reads the file where git moved it.",
    example: r#"
#- before: tests/data/cart.json
{"items": [1, 2, 3], "owner": "ada", "currency": "EUR"}
#- tests/samples/cart.json
{"items": [1, 2, 3], "owner": "ada", "currency": "EUR"}
#- tests/test_cart.py
def test_cart():
    assert open("tests/data/cart.json").read()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert open("tests/data/cart.json").read()
E       FileNotFoundError: [Errno 2] No such file or directory: 'tests/data/cart.json'

tests/test_cart.py:2: FileNotFoundError
#- healed
-    assert open("tests/data/cart.json").read()
+    assert open("tests/samples/cart.json").read()
"#,
    propose: path_moved,
};

static QUOTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"['"]([^'"\n]+)['"]"#).expect("a constant pattern"));

fn path_moved(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let missing = QUOTED.captures_iter(ctx.message()).last()?[1].replace('\\', "/");
    let inside = ctx.snapshot.file_path(&missing);
    let renames = ctx.snapshot.history().file_renames_of(inside.as_str());
    let test = ctx.scope();
    let strings: Vec<_> = descendants(test).filter(|node| node.kind() == "string").collect();
    for rename in renames.iter().take(2) {
        let (old, new) = (inside.as_str(), rename.new.as_str());
        let found = strings.iter().find_map(|string| {
            let text = string_content(ctx.source, *string)?;
            Some((string, text, replaced(text, old, new)?))
        });
        let Some((string, text, path)) = found else { continue };
        let fact = format!("`{old}` became `{new}` ({})", rename.subject);
        let evidence = vec![
            Evidence::commit(&rename.commit, fact),
            Evidence { kind: EvidenceKind::Source, ..Evidence::hint(format!("`{new}` is there")) },
        ];
        fixes.push(Fix {
            title: format!("Read `{path}`"),
            strategy: STRATEGY.id,
            edits: vec![ctx.replace(string.byte_range(), ctx.source.slice(**string).replacen(text, &path, 1))],
            confidence: Odds::of(&evidence).confidence(),
            evidence,
            tier: Tier::Safe,
        });
    }
    Some(())
}

/// `text`, a whole path or the end of one, after `old` became `new`: the folders that both have in front
/// of `text` stay unwritten.
fn replaced(text: &str, old: &str, new: &str) -> Option<String> {
    let text_end = old.strip_suffix(text.trim_start_matches("./"))?;
    let is_whole_parts = text_end.is_empty() || text_end.ends_with('/');
    if text.is_empty() || !is_whole_parts {
        return None;
    }
    new.strip_prefix(text_end).map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::replaced;
    use crate::fixture::check;

    #[test]
    fn the_written_part_of_a_path_is_what_changes() {
        assert_eq!(replaced("data/a.json", "tests/data/a.json", "tests/samples/a.json").as_deref(), Some("samples/a.json"));
        assert_eq!(replaced("a.json", "tests/data/a.json", "tests/samples/a.json"), None);
        assert_eq!(replaced("ta/a.json", "data/a.json", "data/b.json"), None);
    }

    #[test]
    fn a_file_that_never_was_is_no_fix() {
        check(
            r#"
#- tests/test_cart.py
def test_cart():
    assert open("tests/data/cart.json").read()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_cart ___________________________________

    def test_cart():
>       assert open("tests/data/cart.json").read()
E       FileNotFoundError: [Errno 2] No such file or directory: 'tests/data/cart.json'

tests/test_cart.py:2: FileNotFoundError
#- healed
no fix
"#,
        );
    }
}

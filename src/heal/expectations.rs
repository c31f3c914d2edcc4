//! Whether an edit that nobody has judged leaves what a test expects: who makes a red test green by another expectation
//! may have made a bug of the product its new truth.

use crate::diagnosis::{Category, Diagnosis, Verdict};
use crate::syntax::{Node, Source, children};
use crate::text::Edit;
use crate::workspace::Snapshot;

/// Why a person has to see `edits` before they are written, as a sentence fragment; `None` where the test checks what
/// it checked.
pub fn changed(snapshot: &Snapshot, diagnosis: &Diagnosis, edits: &[Edit]) -> Option<&'static str> {
    let raised = diagnosis.failure.exc_type.as_deref().unwrap_or_default();
    let is_check = raised.ends_with("AssertionError") || raised.ends_with("Failed");
    if diagnosis.verdict == Verdict::LikelyProductRegression {
        return Some("the product may have broken, and the test would take it for right");
    }
    if is_check || diagnosis.category == Category::AssertionError {
        return Some(
            "a check of the test fails: whatever makes it pass decides whether the test or the product is right",
        );
    }
    let Ok(healed) = snapshot.with_edits(edits) else { return Some("the edit does not fit the file") };
    let differs = |edit: &Edit| {
        let before = snapshot.text(&edit.path).unwrap_or_default();
        let after = healed.text(&edit.path).unwrap_or_default();
        !is_kept(&expected(&Source::parse(before)), &expected(&Source::parse(after)))
    };
    edits.iter().any(differs).then_some("the edit changes what the test expects")
}

/// A literal, a comparison, a constant or an exception of a file.
struct Word {
    text: String,
    /// Whether it is what a call gets that is no check: one more there makes the call, it is not what comes out.
    is_argument: bool,
}

/// Whether every word is still there, in its order, and none came but as an argument.
fn is_kept(before: &[Word], after: &[Word]) -> bool {
    let mut before = before.iter().peekable();
    let came = |word: &&Word| match before.next_if(|known| known.text == word.text) {
        Some(_) => false,
        None => !word.is_argument,
    };
    let none_came = after.iter().find(came).is_none();
    none_came && before.next().is_none()
}

/// Whatever a file may expect, in text order.
fn expected(source: &Source) -> Vec<Word> {
    let mut found = Vec::new();
    collect(source, source.root(), false, &mut found);
    found
}

fn collect(source: &Source, node: Node<'_>, is_argument: bool, found: &mut Vec<Word>) {
    let text = source.slice(node);
    let is_constant = text.len() > 1 && !text.contains(|c: char| c.is_lowercase());
    match node.kind() {
        "string" | "integer" | "float" | "true" | "false" | "none" => found.push(word(text, is_argument)),
        "identifier" if is_constant => found.push(word(text, is_argument)),
        "comment" => {}
        "call" => {
            let function = node.child_by_field_name("function").map_or("", |function| source.slice(function));
            let name = function.rsplit('.').next().unwrap_or(function);
            // `raises(ValueError, match="x")`: all of it is the expectation.
            let expects = matches!(name, "raises" | "warns" | "deprecated_call" | "RaisesGroup" | "approx")
                || name.starts_with("assertRaises")
                || name.starts_with("assertWarns");
            let is_check = name.to_lowercase().starts_with("assert");
            if let Some(arguments) = node.child_by_field_name("arguments").filter(|_| expects) {
                found.push(word(source.slice(arguments), false));
            } else {
                children(node).for_each(|child| {
                    let passes = child.kind() == "argument_list" && !is_check;
                    collect(source, child, if is_check { false } else { is_argument || passes }, found);
                });
            }
        }
        // `==`, `not`, `in`: what is no name and no bracket of a check.
        _ if node.child_count() == 0 && !node.is_named() && is_operator(text) => found.push(word(text, is_argument)),
        _ => {
            let mut cursor = node.walk();
            for child in node.children(&mut cursor) {
                collect(source, child, is_argument, found);
            }
        }
    }
}

fn word(text: &str, is_argument: bool) -> Word {
    Word { text: text.to_string(), is_argument }
}

fn is_operator(text: &str) -> bool {
    matches!(
        text,
        "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not" | "is" | "not in" | "is not" | "and" | "or" | "~" | "-"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the second text expects what the first one does.
    fn check(before: &str, after: &str) -> bool {
        is_kept(&expected(&Source::parse(before)), &expected(&Source::parse(after)))
    }

    #[test]
    fn a_call_that_is_made_otherwise_leaves_what_is_expected() {
        assert!(check("assert price(10) == 100\n", "assert price(10, 10) == 100\n"));
        assert!(check("assert price(10) == 100\n", "assert cost(10, each=1) == 100\n"));
        assert!(check("self.assertEqual(price(10), 100)\n", "self.assertEqual(price(10, 10), 100)\n"));
        assert!(check("with raises(ValueError):\n    f(1)\n", "with raises(ValueError):\n    f(1, 2)\n"));
        assert!(check("import a\nassert a.f() is None\n", "import a.b\nassert a.b.f() is None\n"));
    }

    #[test]
    fn what_is_expected_now_is_another_expectation() {
        assert!(!check("assert total() == 4\n", "assert total() == 3\n"));
        assert!(!check("assert total() == 4\n", "assert total() >= 4\n"));
        assert!(!check("assert total() == 4\n", "assert total() - 1 == 4\n"));
        assert!(!check("assert total() == A\nassert B_C\n", "assert total() == A\nassert D_E\n"));
        assert!(!check("self.assertEqual(total(), 4)\n", "self.assertEqual(total(), 3)\n"));
        assert!(!check("with raises(ValueError):\n    f(1)\n", "with raises(TypeError):\n    f(1)\n"));
        assert!(!check("WANTED = 4\n", "WANTED = 3\n"));
        assert!(!check("assert ok()\n", "assert not ok()\n"));
        assert!(!check("assert price(10) == 100\n", "assert price(9) == 100\n"));
    }
}

//! Where the product still uses a name that it gave up itself: then the change is half done, and the test is not alone.

use crate::syntax::tokens::{string_body, tokens};
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::builtins::is_pythons_method;
use crate::workspace::history::{Rename, RenameKind};
use crate::workspace::words::occurrences;

use super::removed::still_used;

/// The place of the product that still uses the old name of a rename.
pub fn left_behind(snapshot: &Snapshot, rename: &Rename) -> Option<String> {
    let old = rename.old.as_str();
    if old == rename.new {
        return None;
    }
    match (rename.kind, &rename.within) {
        (RenameKind::Symbol(_), Some(class)) => {
            still_used(snapshot, old).filter(|place| !is_pythons_method(old) && knows(snapshot, place, rename, class))
        }
        (RenameKind::Symbol(_), None) => still_imported(snapshot, rename),
        (RenameKind::Parameter, Some(within)) => still_passed(snapshot, within, old),
        (RenameKind::Literal, _) => place(snapshot, old, |path, line| path == &rename.path && reads_key(line, old)),
        _ => None,
    }
}

/// Whether the file of a place has the class, or names it: an object from elsewhere may have a member of that name.
fn knows(snapshot: &Snapshot, place: &str, rename: &Rename, class: &str) -> bool {
    let path = FilePath::new(place.rsplit_once(':').map_or(place, |(path, _)| path));
    let class = class.rsplit('.').next().unwrap_or(class);
    let names = || snapshot.text(&path).is_some_and(|text| occurrences(&text, class).next().is_some());
    path == rename.path || names()
}

/// The place of the product that still passes a keyword to a function.
pub fn still_passed(snapshot: &Snapshot, function: &str, keyword: &str) -> Option<String> {
    let function = function.rsplit('.').next().unwrap_or(function);
    // A namesake may take it.
    if snapshot.definitions(function).iter().filter(|symbol| !symbol.path.is_test_code()).count() != 1 {
        return None;
    }
    place(snapshot, keyword, |_, line| {
        let tokens = tokens(line);
        let calls = |index: usize| tokens[index] == function && tokens.get(index + 1) == Some(&"(");
        let start = (0..tokens.len()).find(|&index| calls(index) && (index == 0 || tokens[index - 1] != "def"));
        start.is_some_and(|start| tokens[start + 2..].windows(2).any(|pair| pair == [keyword, "="]))
    })
}

/// The import of a name from the module that has it no more.
fn still_imported(snapshot: &Snapshot, rename: &Rename) -> Option<String> {
    let path = rename.old_path.as_str();
    let stem = path.strip_suffix("/__init__.py").or_else(|| path.strip_suffix(".py"))?;
    let module = stem.rsplit('/').next()?;
    let is_defined = snapshot.definitions(&rename.old).iter().any(|symbol| !symbol.path.is_test_code());
    let imports = |line: &str| {
        let Some((from, names)) = line.trim_start().strip_prefix("from ").and_then(|rest| rest.split_once(" import "))
        else {
            return false;
        };
        from.rsplit('.').next() == Some(module)
            && tokens(names).first() != Some(&"(")
            && tokens(names).contains(&&*rename.old)
    };
    place(snapshot, &rename.old, |_, line| imports(line)).filter(|_| !is_defined)
}

/// Whether a line asks a mapping for a key.
fn reads_key(line: &str, key: &str) -> bool {
    let tokens = tokens(line);
    (2..tokens.len()).any(|index| {
        let is_item =
            tokens[index - 1] == "[" && tokens[index - 2].ends_with(|c: char| c.is_alphanumeric() || "_)]".contains(c));
        let is_got = tokens[index - 1] == "(" && tokens[index - 2] == "get";
        string_body(tokens[index]) == Some(key) && (is_item || is_got)
    })
}

/// The first line of the product that says a word as asked.
fn place(snapshot: &Snapshot, word: &str, is_it: impl Fn(&FilePath, &str) -> bool) -> Option<String> {
    let files = snapshot.files_naming(word).into_iter();
    files.filter(|path| path.is_inside() && !path.is_test_code()).find_map(|path| {
        let text = snapshot.text(&path)?;
        let line = text.lines().position(|line| is_it(&path, line))? + 1;
        Some(format!("{path}:{line}"))
    })
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::Verdict;
    use crate::fixture::Scene;

    /// The verdict and its reason where `shop.py` was `before` and is `after`, and the test does `line`.
    fn judged(before: &str, after: &str, line: &str, error: &str) -> (Verdict, String) {
        let kind = error.split(':').next().unwrap_or_default();
        let scene = format!(
            "#- before: shop.py\n{before}#- shop.py\n{after}#- tests/test_shop.py\nimport shop\n\n\
             def test_total():\n    {line}\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_total __________________________________\n\n\
             \x20   def test_total():\n>       {line}\nE       {error}\n\ntests/test_shop.py:4: {kind}\n"
        );
        let diagnosis = Scene::parse(&scene).heal().diagnosis;
        (diagnosis.verdict, diagnosis.reason.clone())
    }

    #[test]
    fn a_product_that_reads_the_old_key_is_not_done() {
        let of = |made: &str, read: &str| {
            format!(
                "def row(first):\n    return {{\"{made}\": first, \"n\": 1}}\n\ndef show(first):\n    return row(first)[\"{read}\"]\n"
            )
        };
        let judge = |read| {
            let line = "assert shop.row(1)[\"full_name\"] == 1";
            judged(&of("full_name", "full_name"), &of("display_name", read), line, "KeyError: 'full_name'")
        };
        let (verdict, reason) = judge("full_name");
        assert_eq!(verdict, Verdict::LikelyProductRegression, "{reason}");
        assert!(reason.ends_with("and shop.py:5 still uses the old name"), "{reason}");
        let (verdict, reason) = judge("display_name");
        assert_eq!(verdict, Verdict::OutdatedTest, "{reason}");
    }

    #[test]
    fn a_product_that_passes_the_old_keyword_is_not_done() {
        let of = |takes: &str, passed: &str| {
            format!("def pay({takes}):\n    return {takes} * 2\n\ndef tip():\n    return pay({passed}=1)\n")
        };
        let judge = |passed| {
            let error = "TypeError: pay() got an unexpected keyword argument 'amount'";
            judged(&of("amount", "amount"), &of("price", passed), "assert shop.pay(amount=1) == 2", error)
        };
        let (verdict, reason) = judge("amount");
        assert_eq!(verdict, Verdict::LikelyProductRegression, "{reason}");
        assert!(reason.contains("shop.py:5 still"), "{reason}");
        let (verdict, reason) = judge("price");
        assert_eq!(verdict, Verdict::OutdatedTest, "{reason}");
    }

    #[test]
    fn a_product_that_calls_the_old_method_is_not_done() {
        let of = |name: &str, called: &str| {
            format!(
                "class Cart:\n    def {name}(self):\n        return 3\n\ndef bill(cart):\n    return cart.{called}() * 2\n"
            )
        };
        let judge = |called| {
            let error = "AttributeError: 'Cart' object has no attribute 'price'";
            judged(&of("price", "price"), &of("total_price", called), "assert shop.Cart().price() == 3", error)
        };
        let (verdict, reason) = judge("price");
        assert_eq!(verdict, Verdict::LikelyProductRegression, "{reason}");
        let (verdict, reason) = judge("total_price");
        assert_eq!(verdict, Verdict::OutdatedTest, "{reason}");
    }

    #[test]
    fn what_does_less_under_its_new_name_is_undecided() {
        let of = |name: &str, code: &str| format!("import copy\n\ndef {name}(row):\n    return {code}\n");
        let judge = |code| {
            let error = "AttributeError: module 'shop' has no attribute 'fresh_row'";
            judged(&of("fresh_row", "copy.deepcopy(row)"), &of("new_row", code), "assert shop.fresh_row(1) == 1", error)
        };
        let (verdict, reason) = judge("copy.copy(row)");
        assert_eq!(verdict, Verdict::Undecided, "{reason}");
        assert!(reason.contains("does not call what keeps it safe any more: meant, or a slip"), "{reason}");
        let (verdict, reason) = judge("copy.deepcopy(row)");
        assert_eq!(verdict, Verdict::OutdatedTest, "{reason}");
    }
}

//! Where the product still uses a name that it gave up itself: then the change is half done, and the test is not alone.

use crate::syntax::outline::{Item, ItemKind};
use crate::syntax::tokens::{string_body, tokens};
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::builtins::is_pythons_method;
use crate::workspace::history::{Rename, RenameKind};
use crate::workspace::similar_names::words;
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
            let used = still_used(snapshot, old);
            let used = used.filter(|place| !is_pythons_method(old) && knows(snapshot, place, rename, class));
            used.or_else(|| still_had_by_sibling(snapshot, rename, class))
        }
        (RenameKind::Symbol(_), None) => still_imported(snapshot, rename).or_else(|| still_entered(snapshot, rename)),
        (RenameKind::Parameter, Some(within)) => still_passed(snapshot, within, old),
        (RenameKind::Literal, _) => {
            let is_asked = |path: &FilePath| path == &rename.path || asks_for_old(snapshot, path, rename);
            place(snapshot, old, |path, line| is_asked(path) && reads_key(line, old))
        }
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

/// Whether a file asks the module of a renamed key for what it makes, and has not heard of the new key. An everyday
/// word may be another mapping's key.
fn asks_for_old(snapshot: &Snapshot, path: &FilePath, rename: &Rename) -> bool {
    let file = rename.path.file_name();
    let module = file.strip_suffix(".py").unwrap_or(file);
    let imports = || {
        let outline = snapshot.outline(path);
        let imports = outline.iter().flat_map(|outline| outline.imports.iter());
        let mut named = imports.flat_map(|import| [import.module.rsplit('.').next(), import.name.as_deref()]);
        named.any(|name| name == Some(module))
    };
    let is_new = || snapshot.text(path).is_some_and(|text| occurrences(&text, &rename.new).next().is_some());
    words(&rename.old).len() > 1 && imports() && !is_new()
}

/// The line of the settings, or of what starts the product, that names a function as `module:function`.
fn still_entered(snapshot: &Snapshot, rename: &Rename) -> Option<String> {
    let path = rename.old_path.as_str();
    let stem = path.strip_suffix("/__init__.py").or_else(|| path.strip_suffix(".py"))?;
    let entry = format!("{}:{}", stem.rsplit('/').next()?, rename.old);
    let names_it = |line: &str| {
        line.match_indices(&entry).any(|(at, _)| {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            !line[..at].ends_with(is_word) && !line[at + entry.len()..].starts_with(is_word)
        })
    };
    snapshot.others_naming(&rename.old).into_iter().find_map(|path| {
        let line = snapshot.text(&path)?.lines().position(names_it)? + 1;
        Some(format!("{path}:{line}"))
    })
}

/// The method of a class that kept the old name, where a function gives objects of that class or of the changed one: who
/// calls the new name may get either.
fn still_had_by_sibling(snapshot: &Snapshot, rename: &Rename, class: &str) -> Option<String> {
    let (text, outline) = (snapshot.text(&rename.path)?, snapshot.outline(&rename.path)?);
    let has = |item: &Item, name: &str| {
        let at = outline.items.iter().position(|other| other.span == item.span);
        outline.children(at).any(|(_, member)| at.is_some() && member.name == name)
    };
    let gives_either = |sibling: &str| {
        let mut functions = outline.items.iter().filter(|item| item.parent.is_none() && item.signature.is_some());
        functions.any(|function| {
            let tokens = tokens(text.get(function.span.clone()).unwrap_or_default());
            let is_made = |name: &str| tokens.windows(2).any(|pair| pair == [name, "("]);
            is_made(class) && is_made(sibling) && tokens.contains(&"return")
        })
    };
    let classes = outline.items.iter().filter(|item| item.kind == ItemKind::Class && item.name != class);
    let mut left = classes.filter(|item| has(item, &rename.old) && !has(item, &rename.new) && gives_either(&item.name));
    left.next().map(|item| format!("{}:{}", rename.path, item.line))
}

/// Where a caller of a function still catches what it raised before, and not what it raises now.
pub fn still_caught(snapshot: &Snapshot, function: &str, old: &str, new: &str) -> Option<String> {
    snapshot.files_naming(old).into_iter().filter(|path| path.is_inside() && !path.is_test_code()).find_map(|path| {
        let (text, outline) = (snapshot.text(&path)?, snapshot.outline(&path)?);
        let calls = |code: &str| {
            let tokens = tokens(code);
            let is_call = |at: usize| at > 0 && tokens[at - 1] != "def" && tokens[at] == function;
            (0..tokens.len().saturating_sub(1)).any(|at| is_call(at) && tokens[at + 1] == "(")
        };
        let catches = |line: &str| line.trim_start().starts_with("except ") && tokens(line).contains(&old);
        let codes = outline.items.iter().filter(|item| item.signature.is_some());
        let code = codes
            .filter_map(|item| text.get(item.span.clone()))
            .find(|code| calls(code) && code.lines().any(catches) && occurrences(code, new).next().is_none())?;
        let line = text.lines().position(|line| catches(line) && code.contains(line))? + 1;
        Some(format!("{path}:{line}"))
    })
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

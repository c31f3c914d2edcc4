//! What a definition lost on the way to another name: a slip in there looks like nothing but the rename, also to who
//! wrote the commit's message.

mod around;
mod asked;
pub mod branches;
mod logs;
mod members;
mod nesting;
mod slips;
mod texts;
mod twins;

use std::sync::Arc;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::syntax::outline::{Item, ItemKind, Outline};
use crate::syntax::tokens::{bare, is_name, string_body, tokens};
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::builtins::is_pythons;
use crate::workspace::history::{Change, Rename, RenameKind, do_the_same};
use crate::workspace::similar_names::words;

use super::helpers::with_helpers;
use super::product;

use asked::asks_other;
use logs::{is_logged, told};
use texts::{filled, is_filling, spread, spread_by, without_form};

/// A definition before or after a commit.
#[derive(Clone)]
struct Definition {
    item: Item,
    /// The names of the classes and functions around it.
    around: String,
    /// Its code, decorators included.
    code: String,
    /// The file that it stands in.
    file: Arc<str>,
    /// The name that is another one now.
    name: String,
}

/// What a definition does not do any more under its new name, or in the file that it went to, as a sentence fragment.
pub fn weakened(snapshot: &Snapshot, test: &FilePath, rename: &Rename) -> Option<String> {
    let changes = product::changes_of(snapshot, test, &rename.commit);
    let is_old = |change: &&Change| *change.path_before() == rename.old_path;
    let before = changes.iter().filter(is_old).flat_map(|change| definitions(&change.before, rename, &rename.old));
    let after = changes.iter().filter(|change| change.path == rename.path);
    let after = after.flat_map(|change| definitions(&change.after, rename, &rename.new));
    let (before, after): (Vec<_>, Vec<_>) = (before.collect(), after.collect());
    if let ([before], [after]) = (before.as_slice(), after.as_slice()) {
        return lost_of_pair(snapshot, before, after);
    }
    // Of namesakes, such as a property and its setter, each is the successor of the one at its place.
    before.iter().enumerate().find_map(|(index, definition)| {
        let is_like =
            |other: &&Definition| other.around == definition.around && other.item.kind == definition.item.kind;
        let is_kept = |other: &Definition| do_the_same(&definition.code, &without_setter(&other.code));
        // A method that set something became the setter of a property, which has a getter of its name.
        if before.len() < after.len() && after.iter().filter(is_like).any(is_kept) {
            return None;
        }
        let place = before[..index].iter().filter(is_like).count();
        lost(snapshot, definition, after.iter().filter(is_like).nth(place)?)
    })
}

/// Code without the decorator that makes it the setter of a property.
fn without_setter(code: &str) -> String {
    code.lines().filter(|line| !line.trim_end().ends_with(".setter")).collect::<Vec<_>>().join("\n")
}

/// What a definition that is gone did, and the one does not that came in its place for those who call it.
pub fn weakened_between(snapshot: &Snapshot, change: &Change, old: &str, new: &str) -> Option<String> {
    let is_known = |text: &Option<Arc<str>>, name: &str| {
        product::outline_naming(text, name).is_some_and(|outline| outline.items.iter().any(|item| item.name == name))
    };
    if is_known(&change.after, old) || is_known(&change.before, new) {
        return None;
    }
    let of = |text: &Option<Arc<str>>, name: &str| -> Vec<Definition> {
        let outline = product::outline_naming(text, name);
        let items = outline.iter().flat_map(|outline| outline.items.iter().map(move |item| (outline, item)));
        let own = items.filter(|(_, item)| item.name == name);
        own.filter_map(|(outline, item)| definition(text.as_ref()?, outline, item, name)).collect()
    };
    match (of(&change.before, old).as_slice(), of(&change.after, new).as_slice()) {
        ([before], [after]) if before.item.kind == after.item.kind => lost_of_pair(snapshot, before, after),
        _ => None,
    }
}

/// What the one lost, with what it stands among.
fn lost_of_pair(snapshot: &Snapshot, before: &Definition, after: &Definition) -> Option<String> {
    let lost = lost(snapshot, before, after).or_else(|| slips::lost_below(before, after));
    let lost = lost.or_else(|| around::other_around(before, after));
    lost.or_else(|| members::lost_member(snapshot, before, after))
}

/// What a rename is about in a text: what has the name itself, takes it as a parameter or says it as a key.
fn definitions(text: &Option<Arc<str>>, rename: &Rename, name: &str) -> Vec<Definition> {
    let Some(outline) = product::outline_naming(text, name) else { return Vec::new() };
    let text = text.as_deref().unwrap_or_default();
    let function = rename.within.as_deref().and_then(|within| within.rsplit('.').next());
    let is_it = |item: &&Item| match rename.kind {
        RenameKind::Symbol(_) => item.name == name,
        RenameKind::Parameter => {
            Some(item.name.as_str()) == function
                && item.signature.as_ref().is_some_and(|signature| signature.parameter(name).is_some())
        }
        RenameKind::Literal => is_said_in(&outline, item, text, name),
        _ => false,
    };
    let file = Arc::from(text);
    outline.items.iter().filter(is_it).filter_map(|item| definition(&file, &outline, item, name)).collect()
}

fn definition(file: &Arc<str>, outline: &Outline, item: &Item, name: &str) -> Option<Definition> {
    let path = outline.path_of(item);
    let around = path.rsplit_once('.').map_or("", |(around, _)| around).to_string();
    let code = file.get(item.span.clone())?.to_string();
    Some(Definition { item: item.clone(), around, code, file: file.clone(), name: name.to_string() })
}

/// What a definition that kept its name does not do any more since a commit, of those that a test names: a call that
/// is written another way shows as little of it as a rename.
pub fn weakened_beside(
    snapshot: &Snapshot,
    test: &FilePath,
    commit: &str,
    is_named: impl Fn(&str) -> bool,
) -> Option<String> {
    let changes = product::changes_of(snapshot, test, commit);
    let all = |text: fn(&Change) -> &Option<Arc<str>>| -> Vec<(FilePath, Definition)> {
        let of_change = |change| named_in(text(change), &is_named).map(|found| (change.path.clone(), found));
        changes.iter().flat_map(of_change).collect()
    };
    let (before, after) = (all(|change| &change.before), all(|change| &change.after));
    before.iter().find_map(|(path, was)| {
        let is_same = |other: &Definition| {
            (&other.around, &other.name, other.item.kind) == (&was.around, &was.name, was.item.kind)
        };
        let there: Vec<_> = after.iter().filter(|(_, is)| is_same(is)).collect();
        let namesakes = before.iter().filter(|(_, other)| is_same(other)).count();
        match there.as_slice() {
            [(_, is)] if namesakes == 1 => lost_in_place(snapshot, was, is),
            many if namesakes == many.len() => {
                let mut here = many.iter().filter(|(other, _)| other == path);
                here.next().filter(|_| here.next().is_none()).and_then(|(_, is)| lost_in_place(snapshot, was, is))
            }
            _ => None,
        }
    })
}

/// The functions and classes of a text that `is_named` tells, and what a class that it tells does when it is made.
fn named_in<'t>(
    text: &'t Option<Arc<str>>,
    is_named: &'t impl Fn(&str) -> bool,
) -> impl Iterator<Item = Definition> + 't {
    let outline = text.as_ref().map(Outline::of_text);
    let mut found = Vec::new();
    for (outline, text) in outline.iter().zip(text) {
        for item in outline.items.iter().filter(|item| item.kind != ItemKind::Variable) {
            let path = outline.path_of(item);
            let around = path.rsplit_once('.').map_or("", |(around, _)| around).to_string();
            let class = around.rsplit('.').next().unwrap_or_default();
            let is_made = is_run_by_class(&item.name) && is_named(class);
            if !is_made && !is_named(&item.name) {
                continue;
            }
            let Some(code) = text.get(item.span.clone()) else { continue };
            let name =
                item.name.strip_prefix("__a").filter(|_| is_made).map_or(item.name.clone(), |rest| format!("__{rest}"));
            let (item, file) = (item.clone(), text.clone());
            found.push(Definition { code: code.to_string(), around, item, file, name });
        }
    }
    found.into_iter()
}

/// Whether a method runs where an object of its class is made, entered or run through.
fn is_run_by_class(name: &str) -> bool {
    matches!(name, "__init__" | "__new__" | "__post_init__")
        || matches!(name, "__enter__" | "__exit__" | "__iter__" | "__aenter__" | "__aexit__" | "__aiter__")
}

/// What a function, or the head of a class, does not do any more under its own name. Its parameters may be others now,
/// so only what counts for itself is compared.
fn lost_in_place(snapshot: &Snapshot, before: &Definition, after: &Definition) -> Option<String> {
    if before.code == after.code {
        return None;
    }
    // `__aexit__` for `__exit__`
    if before.item.name != after.item.name {
        return lost(snapshot, before, after);
    }
    if let Some(lost) = lost_at_head(snapshot, before, after) {
        return Some(lost);
    }
    before.item.signature.as_ref()?;
    let (before, after) = &with_theirs(before, after);
    let names = |of: &Definition| -> Vec<String> {
        let signature = of.item.signature.iter().flat_map(|signature| &signature.parameters);
        signature.map(|parameter| parameter.name.clone()).collect()
    };
    let lost = lost_of_guards(before, after);
    let lost = lost.or_else(|| {
        let (was, is) = (checks(&before.code), checks(&after.code));
        (is < was).then_some("checks less than it did")
    });
    let lost = lost.or_else(|| is_default_turned(before, after).then_some("has another default")).map(String::from);
    lost.or_else(|| unused_parameter(before, after)).or_else(|| {
        (names(before) == names(after))
            .then(|| only_lost(before, after).or_else(|| lost_on_rewriting(before, after)))?
    })
}

/// Two definitions, each with the helpers that only its file has.
fn with_theirs(before: &Definition, after: &Definition) -> (Definition, Definition) {
    let whole = |of: &Definition, other: &Definition| {
        let code = with_helpers(&of.code, &of.file, &other.file);
        Definition { code, ..of.clone() }
    };
    (whole(before, after), whole(after, before))
}

/// How often code raises or asserts.
fn checks(code: &str) -> usize {
    of_word(code, "raise") + of_word(code, "assert")
}

/// What a definition is not any more by its decorators and its base classes.
fn lost_at_head(snapshot: &Snapshot, before: &Definition, after: &Definition) -> Option<String> {
    let is_class_of_product = |base: &str| {
        let last = base.rsplit('.').next().unwrap_or(base);
        snapshot.definitions(last).iter().any(|symbol| !symbol.path.is_test_code())
    };
    let mut gone = before.item.bases.iter().filter(|base| !after.item.bases.contains(base));
    if let Some(base) = gone.find(|base| is_class_of_product(base)) {
        return Some(format!("does not derive from `{base}` any more"));
    }
    before.item.decorators.iter().find_map(|was| {
        let is = after.item.decorators.iter().find(|is| head(is) == head(was))?;
        let (gone, _) = differences(&given(was), &given(is));
        let is_own = |token: &String| says_name(token, &before.name);
        let lost = gone.iter().find(|token| !is_own(token))?;
        Some(format!("is not given `{lost}` by `@{}` any more", head(was)))
    })
}

/// The name of a decorator.
fn head(decorator: &str) -> &str {
    decorator.split('(').next().unwrap_or_default().trim()
}

/// The names, texts and numbers that a decorator is given; paths and flags are names of their own.
fn given(decorator: &str) -> Vec<String> {
    let tokens = tokens(decorator.split_once('(').map_or("", |(_, list)| list));
    let is_told = |token: &&str| match string_body(token) {
        Some(text) => !text.starts_with(['/', '-', '<']),
        None => is_name(token) || token.starts_with(|c: char| c.is_ascii_digit()),
    };
    tokens.into_iter().filter(is_told).map(str::to_string).collect()
}

/// Whether a text is the name of what it stands at, in whatever way it is written.
fn says_name(token: &str, name: &str) -> bool {
    string_body(token).is_some_and(|text| words(text) == words(name))
}

/// Whether an item is the first function of the file that says a key.
fn is_said_in(outline: &Outline, item: &Item, text: &str, name: &str) -> bool {
    let says = |item: &&Item| {
        let code = text.get(item.span.clone()).unwrap_or_default();
        item.signature.is_some() && tokens(code).iter().any(|token| string_body(token) == Some(name))
    };
    outline.items.iter().find(says).is_some_and(|first| std::ptr::eq(first, item))
}

/// What the one does not do any more that the other did.
fn lost(snapshot: &Snapshot, before: &Definition, after: &Definition) -> Option<String> {
    let (alone, alone_now) = (before, after);
    let (before, after) = &with_theirs(before, after);
    let (was, is) = (before.code.as_str(), after.code.as_str());
    let lost = lost_of_guards(before, after);
    let lost = lost.or_else(|| is_default_turned(before, after).then_some("has another default"));
    let is_turned = || is_turned(was, is, &before.name, &after.name).then_some("has another number, operator or word");
    let lost = lost.or_else(is_turned).map(String::from).or_else(|| lost_at_head(snapshot, before, after));
    let lost = lost.or_else(|| unused_parameter(before, after));
    let lost = lost.or_else(|| members::lost_value(alone, alone_now));
    let lost = lost.or_else(|| rewritten(before, after)).or_else(|| asks_other(before, after));
    lost.or_else(|| slips::slipped(alone, alone_now, was, is))
}

/// What counts for itself, whatever else a definition looks like now.
fn lost_of_guards(before: &Definition, after: &Definition) -> Option<&'static str> {
    let (was, is) = (before.code.as_str(), after.code.as_str());
    let lost = GUARDS.iter().find(|(_, count)| count(is) < count(was)).map(|(what, _)| *what);
    let awaits = |code: &str| of_word(code, "await");
    let lost = lost.or_else(|| (is_async(is) && awaits(is) < awaits(was)).then_some("does not await what it did"));
    let lost = lost.or_else(|| (swallowed(is) > swallowed(was)).then_some("swallows what is raised"));
    let lost = lost.or_else(|| (caught(is) > caught(was)).then_some("catches whatever is raised"));
    lost.or_else(|| (told(is) > told(was)).then_some("tells a secret to the log"))
}

type Guard = (&'static str, fn(&str) -> usize);

/// What keeps something safe, and how often code has it.
const GUARDS: [Guard; 9] = [
    ("has a decorator less", decorators),
    ("holds nothing in a `with` block where it did", blocks),
    ("does not clean up in `finally` any more", |code| of_word(code, "finally")),
    ("does not go on after an error any more", |code| of_word(code, "continue")),
    ("does not call what keeps it safe any more", protectors),
    ("does not reckon with decimals any more", |code| of_word(code, "Decimal")),
    ("does not bound what it did", bounds),
    ("does not even out texts any more", |code| usize::from(evens_out(code))),
    ("does not keep a path in its folder any more", |code| usize::from(texts::keeps_in_folder(code))),
];

fn of_word(code: &str, word: &str) -> usize {
    tokens(code).into_iter().filter(|token| *token == word).count()
}

/// What is not async any more has nothing to await.
fn is_async(code: &str) -> bool {
    of_word(code, "async") > 0
}

/// Decorators, without those that say only what kind of member follows.
fn decorators(code: &str) -> usize {
    const KINDS: [&str; 14] = [
        "abstractmethod",
        "asynccontextmanager",
        "cached_property",
        "classmethod",
        "contextmanager",
        "deleter",
        "deprecated",
        "final",
        "getter",
        "overload",
        "override",
        "property",
        "setter",
        "staticmethod",
    ];
    let named = code.lines().filter_map(|line| line.trim_start().strip_prefix('@'));
    let last = |line: &str| {
        let name = line.split(['(', ' ', '#']).next().unwrap_or_default().trim_end();
        name.rsplit('.').next().unwrap_or_default().to_string()
    };
    named.filter(|line| !KINDS.contains(&last(line).as_str())).count()
}

/// `with` blocks; a file that is opened can be read without one, and what suppressed errors was no guard.
fn blocks(code: &str) -> usize {
    let tokens = tokens(code);
    let enters = |index: usize| {
        let head = tokens[index + 1..].iter().take_while(|token| !matches!(**token, "(" | ":"));
        !matches!(head.last(), None | Some(&("open" | "suppress")))
    };
    (0..tokens.len()).filter(|&index| tokens[index] == "with" && enters(index)).count()
}

/// Calls of what makes something safe, by the words of their names.
fn protectors(code: &str) -> usize {
    const WORDS: [&str; 30] = [
        "acquire",
        "atomic",
        "authenticate",
        "authorize",
        "check",
        "clean",
        "commit",
        "compare",
        "deepcopy",
        "digest",
        "encrypt",
        "ensure",
        "escape",
        "escaped",
        "flush",
        "hash",
        "lock",
        "permission",
        "protect",
        "quote",
        "redact",
        "require",
        "rollback",
        "safe",
        "sanitize",
        "sha256",
        "sha512",
        "sign",
        "validate",
        "verify",
    ];
    let tokens = spread(code);
    let calls = tokens.windows(2).enumerate().filter(|(index, pair)| {
        pair[1] == "(" && is_name(pair[0]) && (*index == 0 || !matches!(tokens[index - 1], "def" | "class"))
    });
    calls.filter(|(_, pair)| words(pair[0]).iter().any(|word| WORDS.contains(&word.as_str()))).count()
}

/// Whether code asks texts without their case or the spaces around them.
fn evens_out(code: &str) -> bool {
    let tokens = spread(code);
    let is_it = |name: &str| matches!(name, "lower" | "upper" | "casefold" | "title" | "strip" | "lstrip" | "rstrip");
    tokens.windows(2).any(|pair| pair[1] == "(" && is_it(pair[0]))
}

/// Calls of what keeps a number within bounds.
fn bounds(code: &str) -> usize {
    let tokens = tokens(code);
    tokens.windows(2).filter(|pair| pair[1] == "(" && matches!(pair[0], "min" | "max" | "clamp" | "abs")).count()
}

/// Handlers that catch what is no error as well, such as a cancellation.
fn caught(code: &str) -> usize {
    tokens(code).windows(2).filter(|pair| pair[0] == "except" && matches!(pair[1], ":" | "BaseException")).count()
}

/// Handlers that raise nothing.
fn swallowed(code: &str) -> usize {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = code.lines().filter(|line| !line.trim().is_empty()).collect();
    let raises = |line: &str| of_word(line, "raise") > 0;
    let swallows = |(index, line): (usize, &&str)| {
        let is_handler = line.trim_start().starts_with("except");
        let mut body = lines[index + 1..].iter().take_while(|inner| depth(inner) > depth(line));
        is_handler && !raises(line) && !body.any(|inner| raises(inner))
    };
    lines.iter().enumerate().filter(|found| swallows((found.0, found.1))).count()
}

/// Whether a parameter has another plain default: `True` for `False`, `[]` for `None`; a constant means what it is.
fn is_default_turned(before: &Definition, after: &Definition) -> bool {
    let defaults = |of: &Definition| -> Vec<(String, Option<String>)> {
        let parameters = of.item.signature.iter().flat_map(|signature| &signature.parameters);
        let default = |text: &String| constant(&of.file, text).unwrap_or_else(|| text.clone());
        parameters.map(|parameter| (parameter.name.clone(), parameter.default.as_ref().map(default))).collect()
    };
    let is_plain = |text: &str| {
        matches!(text, "True" | "False" | "None" | "[]" | "{}" | "set()")
            || text.starts_with(|c: char| c.is_ascii_digit())
    };
    let is_turned = |was: &Option<String>, is: &Option<String>| {
        was.as_ref().zip(is.as_ref()).is_some_and(|(was, is)| was != is && is_plain(was) && is_plain(is))
    };
    let (was, is) = (defaults(before), defaults(after));
    // What has another name stands at the same place.
    let at_place = |place: usize| {
        let found = is.get(place).filter(|_| was.len() == is.len());
        found.filter(|(name, _)| was.iter().all(|(other, _)| other != name))
    };
    was.iter().enumerate().any(|(place, (name, default))| {
        let found = is.iter().find(|(other, _)| other == name).or_else(|| at_place(place));
        found.is_some_and(|(_, now)| is_turned(default, now))
    })
}

/// What a constant of a file is, as it is written.
fn constant(file: &str, name: &str) -> Option<String> {
    let is_constant = is_name(name) && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let mut values = file.lines().filter_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix("= "));
    values.next().filter(|_| is_constant).map(|value| value.trim_end().to_string())
}

/// Whether a function is the same but for what went, for an operator that came, or for the order.
fn rewritten(before: &Definition, after: &Definition) -> Option<String> {
    let (was, is) = bodies(before, after)?;
    let (gone, came) = differences(&was, &is);
    let mut sorted = [was.clone(), is.clone()];
    sorted.iter_mut().for_each(|tokens| tokens.sort());
    if was != is && sorted[0] == sorted[1] {
        return Some("does the same in another order".to_string());
    }
    if let Some(lost) = only_lost(before, after).or_else(|| lost_on_rewriting(before, after)) {
        return Some(lost);
    }
    let [said, says] = [&was, &is].map(|body| body.iter().filter(|token| !is_structure(token)).collect::<Vec<_>>());
    let sorted = [&said, &says].map(|names| {
        let mut names = names.clone();
        names.sort();
        names
    });
    let is_filled_by_place = !before.code.contains("{0}") && !before.code.contains("=");
    if is_filled_by_place && filled(&before.code) != filled(&after.code) && said != says && sorted[0] == sorted[1] {
        return Some("fills its text in another order".to_string());
    }
    let turns = |token: &String| !is_name(token) && token.chars().any(|c| c.is_ascii_digit() || "+-*/%<>~".contains(c));
    let is_form = |token: &String| matches!(token.as_str(), "[" | "]" | "(" | ")" | ":");
    let is_turned = came.iter().any(|token| turns(token) || token == "not");
    let is_all = gone.is_empty() && came.iter().all(|token| turns(token) || token == "not" || is_form(token));
    (is_turned && is_all).then(|| format!("has `{}` besides", came.join(" ")))
}

/// What went from a function to which nothing came.
fn only_lost(before: &Definition, after: &Definition) -> Option<String> {
    let (was, is) = bodies(before, after)?;
    let (gone, came) = differences(&was, &is);
    let given = given_by_default(before, after);
    let is_sync = !is_async(&after.code);
    let is_form = |token: &str| given.contains(&token) || is_sync && matches!(token, "await" | "async");
    let mut lost = gone.iter().filter(|token| is_of_weight(token) && !is_form(token));
    let token = lost.next().filter(|_| came.is_empty())?;
    Some(format!("does not have `{token}` any more"))
}

/// What a function is given by the defaults of parameters that came and that it makes use of.
fn given_by_default<'d>(before: &Definition, after: &'d Definition) -> Vec<&'d str> {
    let parameters = |of: &'d Definition| of.item.signature.iter().flat_map(|signature| &signature.parameters);
    let is_new = |name: &str| before.item.signature.as_ref().is_none_or(|was| was.parameter(name).is_none());
    let is_used = |name: &str| spread(&after.code).iter().filter(|token| **token == name).count() > 1;
    parameters(after)
        .filter(|it| is_new(&it.name) && is_used(&it.name))
        .filter_map(|it| it.default.as_deref())
        .collect()
}

/// The parameter that a function still takes and makes no use of any more.
fn unused_parameter(before: &Definition, after: &Definition) -> Option<String> {
    let (was, is) = bodies(before, after)?;
    let parameters = |of: &Definition| -> Vec<String> {
        let signature = of.item.signature.iter().flat_map(|signature| &signature.parameters);
        signature.map(|parameter| parameter.name.clone()).collect()
    };
    let is_still_taken = parameters(after);
    let does_something =
        is.iter().any(|token| is_name(token) && !matches!(token.as_str(), "raise" | "pass" | "return"));
    let lost = |name: &String| is_still_taken.contains(name) && was.contains(name) && !is.contains(name);
    let name = parameters(before).into_iter().find(|name| does_something && lost(name))?;
    Some(format!("makes no use of `{name}` any more"))
}

/// What a function does not have any more that was written another way: nothing came but names of its own.
fn lost_on_rewriting(before: &Definition, after: &Definition) -> Option<String> {
    let (was, is) = bodies(before, after)?;
    let count = |all: &[String], token: &str| all.iter().filter(|other| *other == token).count();
    let helpers = [helper_names(&was), helper_names(&is)].concat();
    let own = [own_names(before, &was), own_names(after, &is), helpers].concat();
    let is_sync = !is_async(&after.code);
    let given = given_by_default(before, after);
    let is_form =
        |token: &str| is_structure(token) || given.contains(&token) || is_sync && matches!(token, "async" | "await");
    let is_free = |token: &&String| !own.contains(token) && !is_form(token);
    if is.iter().filter(is_free).any(|token| count(&is, token) > count(&was, token)) {
        return None;
    }
    // `if not n` asks what `if n == 0` does.
    let asked =
        |all: &[String]| all.windows(2).filter(|pair| matches!(&*pair[0], "==" | "!=") && pair[1] == "0").count();
    let is_asked = |token: &str| {
        let went = count(&was, token) - count(&is, token).min(count(&was, token));
        matches!(token, "==" | "!=") && count(&is, "if") >= count(&was, "if") && went <= asked(&was)
    };
    // `if a: if b:` asks what `if a and b:` does.
    let is_nested = |token: &str| token == "and" && count(&is, "if") > count(&was, "if");
    let is_free = |token: &&String| is_free(token) && !is_asked(token) && !is_nested(token);
    // A name of the two is what the new one was taken from: `pop` of `self.rows.pop()`.
    let is_gone = |token: &String| match is_name(token) && !matches!(token.as_str(), "and" | "or") {
        true => count(&is, token) == 0,
        false => count(&is, token) < count(&was, token) && (token.is_empty() || is_of_weight(token)),
    };
    let token = was.iter().filter(is_free).find(|token| is_gone(token))?;
    let token = if token.is_empty() { &after.name } else { token };
    Some(format!("does not have `{token}` any more"))
}

/// The names of the helpers in a body, and those that their parameters have.
fn helper_names(body: &[String]) -> Vec<String> {
    let starts = (0..body.len()).filter(|&index| body[index] == "def");
    let head = |start: usize| body[start..].iter().take_while(|token| *token != ")").filter(|token| is_name(token));
    starts.flat_map(head).cloned().collect()
}

/// The names that a function gives itself: its parameters and what it assigns, runs through or catches.
fn own_names(of: &Definition, body: &[String]) -> Vec<String> {
    let parameters = of.item.signature.iter().flat_map(|signature| &signature.parameters);
    let mut found: Vec<String> = parameters.map(|parameter| parameter.name.clone()).collect();
    let mut depth = 0;
    for (index, token) in body.iter().enumerate() {
        let next = body.get(index + 1).map(String::as_str);
        let before = index.checked_sub(1).map_or("", |index| body[index].as_str());
        match token.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ if !is_name(token) || before == "." => {}
            _ if next == Some("=") && depth == 0 || matches!(before, "for" | "as") || next == Some(":=") => {
                found.push(token.clone());
            }
            _ if matches!(next, Some("," | "in" | "=")) && depth == 0 && matches!(before, "," | ":" | "") => {
                found.push(token.clone());
            }
            _ => {}
        }
    }
    found
}

/// What says the same in many ways: brackets, branches and loops, and how collections are made. The first items have
/// names where they are unpacked.
fn is_structure(token: &str) -> bool {
    const WORDS: [&str; 38] = [
        "0", "1", "False", "None", "True", "add", "append", "as", "break", "cls", "dict", "elif", "else", "extend",
        "for", "format", "from", "get", "if", "in", "is", "items", "keys", "lambda", "len", "list", "not", "pass",
        "range", "return", "self", "set", "str", "tuple", "update", "values", "while", "yield",
    ];
    WORDS.contains(&token) || !token.is_empty() && token.chars().all(|c| "()[]{}:,.=;@\\".contains(c)) && token != "=="
}

/// What went and what came, token by token.
fn differences(was: &[String], is: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut gone, mut came) = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, was, is).iter().filter(|op| op.tag() != DiffTag::Equal) {
        gone.extend_from_slice(&was[op.old_range()]);
        came.extend_from_slice(&is[op.new_range()]);
    }
    (gone, came)
}

/// Whether code without the token does something else: brackets, empty branches and `self.` are form.
fn is_of_weight(token: &str) -> bool {
    const FORM: [&str; 6] = ["self", "cls", "return", "pass", "else", "None"];
    let is_operator = || token.chars().any(|c| "+-*/%<>~|&^".contains(c)) || matches!(token, "==" | "!=");
    !FORM.contains(&token) && (is_name(token) || token.starts_with(|c: char| c.is_ascii_digit()) || is_operator())
}

/// The tokens of two functions below their heads, the names of both as none. Where texts are filled in another way now,
/// how they were filled before is no matter.
fn bodies(before: &Definition, after: &Definition) -> Option<(Vec<String>, Vec<String>)> {
    let ((was, had), (is, has)) = (filled(&before.code), filled(&after.code));
    let is_filled = is > was || has > had;
    let names = [&*before.name, &*before.item.name, &*after.name, &*after.item.name];
    Some((body(before, &names, is_filled)?, body(after, &names, is_filled)?))
}

/// The tokens of a function below its head, own names as none; texts count where they are queries, logs and imports
/// never.
fn body(of: &Definition, names: &[&str], is_filled: bool) -> Option<Vec<String>> {
    of.item.signature.as_ref()?;
    let lines = of.code.lines().filter(|line| {
        let line = line.trim_start();
        !is_logged(line, &of.code) && !line.starts_with("import ") && !line.starts_with("from ")
    });
    let code = lines.collect::<Vec<_>>().join("\n");
    let tokens = if is_filled { spread_by(&code, without_form) } else { spread(&code) };
    let start = tokens.iter().position(|token| *token == "def")?;
    let mut depth = 0;
    let head = tokens[start..].iter().position(|token| {
        depth += i32::from(matches!(*token, "(" | "[" | "{")) - i32::from(matches!(*token, ")" | "]" | "}"));
        depth == 0 && *token == ":"
    })?;
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate().skip(start + head) {
        if is_filled && is_filling(&tokens, index) {
            continue;
        }
        match string_body(token) {
            Some(text) if is_query(text) => found.extend(text.split_whitespace().map(str::to_string)),
            Some(_) => {}
            None if names.contains(token) => found.push(String::new()),
            None => found.push(token.to_string()),
        }
    }
    Some(found)
}

/// Whether a text is of SQL.
fn is_query(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    ["select ", "update ", "delete ", "insert "].iter().any(|start| text.starts_with(start))
        && [" from ", " set ", " into ", " where "].iter().any(|word| text.contains(word))
}

/// Whether two definitions of the same length differ in a number, an operator or a word that Python knows: `True` for
/// `False`, `Exception` for `ValueError`.
fn is_turned(before: &str, after: &str, old: &str, new: &str) -> bool {
    let code = |text: &'_ str, own: &str| -> Vec<String> {
        let is_form = |token: &str| token.ends_with(['"', '\'']) || matches!(token, "async" | "await");
        let tokens = bare(text).into_iter().filter(|token| !is_form(token));
        tokens.map(|token| if token == own { String::new() } else { token.to_string() }).collect()
    };
    let (before, after) = (code(before, old), code(after, new));
    let is_meaning = |token: &str| !token.is_empty() && (!is_name(token) || is_pythons(token));
    // Of what is built in another way, only the length is the same by chance.
    let is_built = |token: &str| matches!(token, "(" | ")" | "[" | "]" | "{" | "}" | "," | ":" | "." | "=");
    before.len() == after.len()
        && before.iter().zip(&after).all(|(a, b)| a == b || !is_built(a) && !is_built(b))
        && before.iter().zip(&after).any(|(a, b)| a != b && is_meaning(a) && is_meaning(b))
}

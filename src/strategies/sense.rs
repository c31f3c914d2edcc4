//! Whether what took the place of a definition still checks what that one did, and means the same by its words.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnosis::half_done::left_behind;
use crate::diagnosis::helpers::with_helpers;
use crate::diagnosis::product;
use crate::diagnosis::weakened::{weakened, weakened_beside, weakened_between};
use crate::fix::{EvidenceKind, Fix, Place};
use crate::syntax::outline::{Item, ItemKind, Outline};
use crate::syntax::tokens::{is_name, string_body, tokens};
use crate::syntax::{Node, Source, ancestors, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::builtins::is_pythons;
use crate::workspace::history::{Change, Rename, RenameKind};

use super::Context;
use super::renames::is_said_elsewhere;

/// Whether the definition under the new name checks less than the one under the old name did, or was turned at a word
/// or an operator on the way: such a slip looks like nothing but a rename, also to who wrote the commit's message.
pub(super) fn is_weaker(ctx: &Context<'_>, rename: &Rename) -> bool {
    if weakened(ctx.snapshot, &ctx.site.path, rename).is_some() {
        return true;
    }
    if rename.kind == RenameKind::Parameter {
        return counts_otherwise(ctx, rename);
    }
    if !matches!(rename.kind, RenameKind::Symbol(_)) {
        return false;
    }
    // A plain field may have taken the place of a property that checked what it was set to.
    let (before, after) = both_of(ctx, rename);
    let most = |all: &[String]| all.iter().map(|code| checks_in(code)).max();
    if after.is_empty() {
        return false;
    }
    if is_another_kind((&before, &rename.old), (&after, &rename.new)) {
        return true;
    }
    let gives = |code: &String| gives_something(code);
    let is_mute = before.iter().any(gives) && after.iter().all(|code| code.contains("def ") && !gives(code));
    let is_less = most(&after) < most(&before) || is_mute;
    (!rename.is_same || before.len() != after.len()) && is_less
}

/// Whether a function has to be awaited since, or not any more, for which nobody waits: a coroutine is as good as true.
/// And whether a class has nothing of what it had.
fn is_another_kind((before, old): (&[String], &str), (after, new): (&[String], &str)) -> bool {
    let is_async = |all: &[String], name: &str| all.iter().any(|code| code.contains(&format!("async def {name}(")));
    let members = |all: &[String], name: &str| -> HashSet<String> {
        all.iter().flat_map(|code| members_of(code, name)).collect()
    };
    let (had, has) = (members(before, old), members(after, new));
    let is_emptied = !had.is_empty() && had.is_disjoint(&has);
    !before.is_empty() && (is_async(before, old) != is_async(after, new) || is_emptied)
}

/// Whether a repair writes another way what lost a check in the very commit that it follows: what the test calls, or
/// what has another name in it. Who adopts a value, passes what the default was, or follows what was taken away on
/// purpose has proofs of his own.
pub(super) fn follows_a_loss(ctx: &Context<'_>, fix: &Fix) -> bool {
    const OTHERS: [&str; 7] = [
        "constant-removed",
        "contained-text",
        "former-default",
        "import-removed",
        "raise-moved",
        "removed-name",
        "xfail-passed",
    ];
    if fix.strategy.starts_with("expected-") || OTHERS.contains(&fix.strategy) || is_annotation(ctx, fix) {
        return false;
    }
    let commits = fix.evidence.iter().filter_map(|fact| match &fact.place {
        Place::Commit { commit } if fact.kind == EvidenceKind::Git => Some(commit.as_str()),
        _ => None,
    });
    let text = |edit: &Edit| ctx.snapshot.text(&edit.path)?.get(edit.range.clone()).map(str::to_string);
    let old: Vec<String> = fix.edits.iter().filter_map(text).collect();
    let said: HashSet<&str> =
        tokens(ctx.source.slice(ctx.scope())).into_iter().filter(|token| is_name(token)).collect();
    let came: HashSet<&str> = fix.edits.iter().flat_map(|edit| tokens(&edit.text)).collect();
    let gone: HashSet<&str> = old.iter().flat_map(|text| tokens(text)).filter(|token| is_name(token)).collect();
    let is_named = |name: &str| said.contains(name) || gone.contains(name) || came.contains(name);
    commits.into_iter().any(|commit| {
        let of_commit = |rename: &Rename| rename.commit == commit && came.contains(rename.new.as_str());
        let renames = gone.iter().flat_map(|old| ctx.snapshot.history().renames_of(old)).filter(of_commit);
        weakened_beside(ctx.snapshot, &ctx.site.path, commit, is_named).is_some()
            || renames.into_iter().any(|rename| matches!(rename.kind, RenameKind::Symbol(_)) && is_weaker(ctx, &rename))
    })
}

/// Whether a fix changes annotations and their imports alone, which no test runs.
fn is_annotation(ctx: &Context<'_>, fix: &Fix) -> bool {
    let kinds = |edit: &Edit| -> Vec<&str> {
        let node = ctx.source.node_at(edit.range.clone()).filter(|_| edit.path == ctx.site.path);
        node.into_iter().flat_map(ancestors).map(|node| node.kind()).collect()
    };
    let around: Vec<Vec<&str>> = fix.edits.iter().map(kinds).collect();
    let is_import = |kinds: &Vec<&str>| kinds.iter().any(|kind| kind.starts_with("import_"));
    let is_type = |kinds: &Vec<&str>| kinds.contains(&"type");
    around.iter().any(is_type) && around.iter().all(|kinds| is_type(kinds) || is_import(kinds))
}

/// Whether what went to another file under its name checks less there, or asks another function of Python.
pub(super) fn is_weaker_there(ctx: &Context<'_>, rename: &Rename) -> bool {
    let (before, after) = both_of(ctx, rename);
    let (Some(before), Some(after)) = (before.first(), after.first()) else { return false };
    let asked = |code: &'_ str| -> HashSet<String> {
        let tokens = tokens(code);
        let calls = tokens.windows(2).filter(|pair| pair[1] == "(" && is_pythons(pair[0]));
        calls.map(|pair| pair[0].to_string()).collect()
    };
    let (was, is) = (asked(before), asked(after));
    checks_in(after) < checks_in(before)
        || !was.is_subset(&is) && !is.is_subset(&was)
        || weakened(ctx.snapshot, &ctx.site.path, rename).is_some()
}

/// Whether a function takes less under its new name: a mock of it does not see what is not passed any more.
pub(super) fn takes_less(ctx: &Context<'_>, rename: &Rename) -> bool {
    let most = |text: &Option<Arc<str>>, name: &str| {
        let outline = product::outline_naming(text, name)?;
        let own = outline.items.iter().filter(|item| item.name == name);
        own.filter_map(|item| Some(item.signature.as_ref()?.parameters.len())).max()
    };
    let changes = product::changes_of(ctx.snapshot, &ctx.site.path, &rename.commit);
    let before =
        changes.iter().filter(|it| *it.path_before() == rename.old_path).filter_map(|it| most(&it.before, &rename.old));
    let after = changes.iter().filter(|it| it.path == rename.path).filter_map(|it| most(&it.after, &rename.new));
    let is_symbol = matches!(rename.kind, RenameKind::Symbol(_));
    is_symbol && before.max().zip(after.max()).is_some_and(|(before, after)| after < before)
}

/// The definitions under the old name before the commit, and those under the new name after it.
fn both_of(ctx: &Context<'_>, rename: &Rename) -> (Vec<String>, Vec<String>) {
    let changes = product::changes_of(ctx.snapshot, &ctx.site.path, &rename.commit);
    let before = changes.iter().filter(|it| *it.path_before() == rename.old_path);
    let after = changes.iter().filter(|it| it.path == rename.path);
    let whole = |file: &Option<Arc<str>>, other: &Option<Arc<str>>, name: &str| -> Vec<String> {
        let (text, other) = (file.as_deref().unwrap_or_default(), other.as_deref().unwrap_or_default());
        let found = definitions(file, name, |_| true).into_iter();
        found.map(|code| with_helpers(&code, text, other)).collect()
    };
    let before = before.flat_map(|it| whole(&it.before, &it.after, &rename.old)).collect();
    (before, after.flat_map(|it| whole(&it.after, &it.before, &rename.new)).collect())
}

/// Whether a function of the product lost checks since the test was last touched.
pub(super) fn checks_less(ctx: &Context<'_>, path: &FilePath, name: &str) -> bool {
    product::changes(ctx.snapshot, &ctx.site.path).iter().filter(|change| change.path == *path).any(|change| {
        let most = |text| definitions(text, name, |_| true).iter().map(|code| checks_in(code)).max();
        most(&change.before).zip(most(&change.after)).is_some_and(|(before, after)| after < before)
    })
}

/// Whether a caller went from a definition with checks, which it lost or which is gone, to what checks less.
pub(super) fn caller_checks_less(ctx: &Context<'_>, before: &str, after: &str) -> bool {
    let names = |text: &'_ str| -> HashSet<String> {
        tokens(text).into_iter().filter(|token| is_name(token) && !is_pythons(token)).map(String::from).collect()
    };
    let most = |text: &Option<Arc<str>>, name: &str| {
        definitions(text, name, is_of_function).iter().map(|code| checks_in(code)).max()
    };
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    let lost = |name: &String| {
        let lost = changes.iter().filter_map(|change| {
            let had = most(&change.before, name)?;
            (most(&change.after, name).unwrap_or(0) < had).then_some(had)
        });
        lost.max()
    };
    let (olds, news) = (names(before), names(after));
    let renames = olds.iter().flat_map(|old| ctx.snapshot.history().renames_of(old));
    let keys = |text: &'_ str| -> Vec<String> {
        tokens(text).into_iter().filter_map(string_body).map(str::to_string).collect()
    };
    let (old_keys, new_keys) = (keys(before), keys(after));
    let of_keys = old_keys.iter().flat_map(|old| ctx.snapshot.history().renames_of(old));
    let renames = renames.filter(|rename| news.contains(&rename.new));
    let mut renames = renames.chain(of_keys.filter(|rename| new_keys.contains(&rename.new)));
    let is_half = |rename: &Rename| {
        let is_said = || rename.kind == RenameKind::Literal && is_said_elsewhere(ctx, &rename.old);
        let has_place = rename.kind == RenameKind::Literal || rename.within.is_none();
        is_said() || has_place && left_behind(ctx.snapshot, rename).is_some()
    };
    if renames.any(|rename| is_weaker(ctx, &rename) || is_half(&rename)) {
        return true;
    }
    let is_lost = |change: &Change| {
        let pairs = olds.difference(&news).flat_map(|old| news.difference(&olds).map(move |new| (old, new)));
        pairs.into_iter().any(|(old, new)| weakened_between(ctx.snapshot, change, old, new).is_some())
    };
    if changes.iter().any(is_lost) {
        return true;
    }
    let Some(had) = olds.iter().filter_map(lost).max() else { return false };
    let has = |name: &String| {
        let found = ctx.snapshot.definitions(name).into_iter().filter(|symbol| !symbol.path.is_test_code());
        found.filter_map(|symbol| most(&ctx.snapshot.text(&symbol.path), name)).max()
    };
    news.iter().filter_map(has).max().is_some_and(|has| has < had)
}

/// The code of what a file defines under the name.
fn definitions(text: &Option<Arc<str>>, name: &str, is_it: fn(&Item) -> bool) -> Vec<String> {
    let outline = product::outline_naming(text, name);
    let text = text.as_deref().unwrap_or_default();
    let items = outline.iter().flat_map(|outline| &outline.items);
    let items = items.filter(|item| item.name == name && is_it(item));
    items.filter_map(|item| text.get(item.span.clone())).map(String::from).collect()
}

fn is_of_function(item: &Item) -> bool {
    item.kind != ItemKind::Variable
}

/// What the class of that name has, but for what every class has.
fn members_of(code: &str, name: &str) -> Vec<String> {
    let outline = Outline::of(&Source::parse(code));
    let class = outline.items.iter().position(|item| item.kind == ItemKind::Class && item.name == name);
    let own = class.into_iter().flat_map(|class| outline.children(Some(class))).map(|(_, member)| member.name.clone());
    own.filter(|member| !member.starts_with("__")).collect()
}

/// Whether code gives a value back.
fn gives_something(code: &str) -> bool {
    let source = Source::parse(code);
    let gives = |node: Node<'_>| match node.kind() {
        "return_statement" => node.named_child_count() > 0,
        kind => kind == "yield" && node.is_named(),
    };
    descendants(source.root()).any(gives)
}

/// How often code raises, asserts, or hands on to what it inherits.
fn checks_in(code: &str) -> usize {
    tokens(code).iter().filter(|token| matches!(**token, "raise" | "assert" | "super")).count()
}

/// Whether the function reckons otherwise with the parameter under its new name: `retries + 1` became `attempts`.
fn counts_otherwise(ctx: &Context<'_>, rename: &Rename) -> bool {
    let takes = |parameter: &str, item: &Item| {
        item.signature.as_ref().is_some_and(|signature| signature.parameter(parameter).is_some())
    };
    let function = rename.within.as_deref().map(super::renames::last_part).unwrap_or_default();
    let reckons = |text: &Option<Arc<str>>, parameter: &str| {
        let outline = product::outline_naming(text, parameter)?;
        let item = outline.items.iter().find(|item| item.name == function && takes(parameter, item))?;
        Some(operators_at(text.as_deref()?.get(item.span.clone())?, parameter))
    };
    let changes = product::changes_of(ctx.snapshot, &ctx.site.path, &rename.commit);
    let mut changes = changes.iter().filter(|change| change.path == rename.path);
    changes.any(|change| {
        let pair = reckons(&change.before, &rename.old).zip(reckons(&change.after, &rename.new));
        pair.is_some_and(|(before, after)| before != after)
    })
}

/// The operators beside a name, sorted.
fn operators_at(code: &str, name: &str) -> Vec<String> {
    let tokens = tokens(code);
    let at = |index: usize| tokens.get(index).filter(|token| matches!(**token, "+" | "-" | "*" | "/" | "//" | "%"));
    let places = (1..tokens.len()).filter(|&index| tokens[index] == name);
    let mut found: Vec<String> =
        places.flat_map(|index| [at(index - 1), at(index + 1)]).flatten().map(|token| token.to_string()).collect();
    found.sort();
    found
}

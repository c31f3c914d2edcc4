//! A change of behaviour that its own commit speaks of: a changelog, the documentation or a docstring tells of the
//! code that changed, and the test uses that code. Nobody writes down a slip.

mod notes;
mod reach;
mod saying;

use std::collections::HashSet;

use crate::diagnosis::product::{self, Hunk};
use crate::fix::{Evidence, EvidenceKind};
use crate::syntax::descendants;
use crate::workspace::words::occurrences;

use super::missing_await::dropped;
use super::{Context, argument_order, calls};
use notes::Note;
use reach::{Reach, Spot};
use saying::Saying;

/// What is told of the change that a failing check met.
pub(super) struct Told {
    /// The changed code, and what is said of it.
    pub(super) evidence: Vec<Evidence>,
    /// Every commit that may be the one speaks of the very code, as the test uses it.
    pub(super) is_certain: bool,
    /// The words that the commit took away or brought.
    words: HashSet<String>,
    /// What it says of the code that the test uses, in small letters.
    said: String,
    /// What of it holds for this test.
    saying: Saying,
}

impl Told {
    /// Whether the commit holds the word.
    pub(super) fn speaks_of(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether what it says of a test like this one has the number or truth value; a digit alone stands everywhere.
    pub(super) fn says(&self, value: &str) -> bool {
        let value = value.trim_matches(['"', '\'']).to_lowercase();
        value.len() > 1 && self.saying.has(&value)
    }

    /// Whether what it says has the name of something that the code takes.
    pub(super) fn names(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        name.len() > 2 && self.words_said().any(|word| alike(word, &name) && word.len() > 2)
    }

    /// Whether what it says has each part of the difference between two values, on a condition that the test meets: who
    /// speaks of the function alone may speak of something else that it does.
    pub(super) fn tells_of(&self, old: &str, new: &str) -> bool {
        // Who says when there is nothing does not say that there is nothing here.
        new != "None" && (!is_of_a_crash(new) || is_of_a_crash(old)) && self.saying.tells_of(old, new)
    }

    fn words_said(&self) -> impl Iterator<Item = &str> {
        parts(&self.said)
    }

    /// Whether it says that there is nothing: `None`, an empty text, no entry.
    pub(super) fn speaks_of_nothing(&self) -> bool {
        let words: HashSet<&str> = self.said.split(|c: char| !c.is_alphanumeric()).collect();
        ["none", "null", "empty", "nothing"].iter().any(|word| words.contains(word))
    }
}

/// Whether a text is what a program answers when something broke in it: any slip makes it say so.
fn is_of_a_crash(text: &str) -> bool {
    let text = text.to_lowercase();
    ["internal error", "internal server error", "traceback", "unhandled"].iter().any(|sign| text.contains(sign))
}

/// Words of the signs between the words, and of how a text is laid out.
const SIGNS: [&str; 35] = [
    "quot",
    "dash",
    "hyphen",
    "space",
    "white",
    "comma",
    "colon",
    "dots",
    "period",
    "bracket",
    "brace",
    "paren",
    "slash",
    "backslash",
    "line",
    "newline",
    "blank",
    "indent",
    "separat",
    "delimit",
    "join",
    "strip",
    "trim",
    "escap",
    "symbol",
    "character",
    "punctuat",
    "format",
    "prefix",
    "suffix",
    "trailing",
    "leading",
    "round",
    "precision",
    "digit",
];

/// The words and names of a text, and what is between two signs.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// `quote` and `quoted`, `day` and `days`, and not `boil` and `boiling`.
fn alike(one: &str, other: &str) -> bool {
    (one.starts_with(other) || other.starts_with(one)) && one.len().abs_diff(other.len()) < 3
}

/// What the commits since the test was touched tell of the code that they changed and that the test uses; `None` where
/// one of them changed such code in silence, for it may be the one.
pub(super) fn told(ctx: &Context<'_>) -> Option<Told> {
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let notes: Vec<Note<'_>> = hunks.iter().flat_map(|hunk| notes::of(ctx.snapshot, hunk)).collect();
    if notes.is_empty() {
        return None;
    }
    let reach = Reach::of(ctx);
    let spots = |through_callers: bool| -> Vec<Spot<'_>> {
        reach::nearest(hunks.iter().filter_map(|hunk| reach.spot(ctx.snapshot, hunk, through_callers)).collect())
    };
    // Callers are searched for where the names alone do not settle it.
    let is_one_commit = hunks.iter().all(|hunk| hunk.commit == hunks[0].commit);
    let direct = if is_one_commit { spots(false) } else { Vec::new() };
    let (spots, tellings) = match tellings(&direct, &notes).filter(|told| told.iter().any(|telling| telling.is_certain))
    {
        Some(tellings) => (direct, tellings),
        None => {
            let spots = spots(true);
            let tellings = tellings(&spots, &notes)?;
            (spots, tellings)
        }
    };
    let is_certain = tellings.iter().all(|telling| telling.is_certain);
    let commit = spots.first()?.hunk.commit.as_str();
    let evidence = tellings.into_iter().next()?.evidence;
    let named = notes.iter().filter(|note| spots.iter().any(|spot| spot.is_named_by(note)));
    let said = named.map(|note| note.text.to_lowercase()).collect::<Vec<_>>().join("; ");
    let of_commit = |hunk: &&Hunk| hunk.commit == commit;
    let lines = hunks.iter().filter(of_commit).flat_map(|hunk| hunk.removed.iter().chain(&hunk.added));
    let words = lines.flat_map(|line| notes::words(line)).map(str::to_string).collect();
    let saying = Saying::of(&said, &saying::words_of(ctx.source.slice(ctx.scope())));
    Some(Told { evidence, is_certain, words, said, saying })
}

/// Whether the test uses the code that a hunk changes: it failed in there, names it, or names what calls it.
pub(super) fn uses(ctx: &Context<'_>, hunk: &Hunk) -> bool {
    let within = |line| notes::within(ctx.snapshot, &hunk.path, line);
    let fails_there = ctx.diagnosis.failure.frames.iter().any(|frame| {
        let is_its_file = ctx.snapshot.file_path(&frame.path) == hunk.path;
        is_its_file && !within(frame.line).is_empty() && within(frame.line) == within(hunk.line)
    });
    fails_there || Reach::of(ctx).spot(ctx.snapshot, hunk, true).is_some()
}

/// The functions and classes around a hunk, in small letters.
pub(super) fn names_around(ctx: &Context<'_>, hunk: &Hunk) -> Vec<String> {
    notes::within(ctx.snapshot, &hunk.path, hunk.line).iter().map(|name| name.to_lowercase()).collect()
}

/// The paragraphs that a document brings.
pub(super) fn paragraphs(ctx: &Context<'_>, document: &Hunk) -> Vec<String> {
    notes::of(ctx.snapshot, document).into_iter().map(|note| note.text).collect()
}

/// Whether `document` tells, in the commit that changed `code`, that `old` became `new` there: prose that names the code
/// or both words, for what a test like this one does.
pub(super) fn documents(ctx: &Context<'_>, document: &Hunk, code: &[&Hunk], old: &str, new: &str) -> bool {
    let says = |text: &str, word: &str| occurrences(text, word).next().is_some();
    let code: Vec<&&Hunk> = code.iter().filter(|hunk| hunk.commit == document.commit).collect();
    if document.is_python() || code.is_empty() || document.removed.iter().any(|line| says(line, new)) {
        return false;
    }
    let test = ctx.source.slice(ctx.scope());
    let is_other = |word: &&str| ![old, new].contains(word);
    let used: HashSet<String> = notes::words(test).filter(is_other).map(str::to_string).collect();
    let around: HashSet<String> =
        code.iter().flat_map(|hunk| notes::within(ctx.snapshot, &hunk.path, hunk.line)).collect();
    let names: HashSet<String> = around.union(&used).cloned().collect();
    notes::of(ctx.snapshot, document).iter().filter(|note| says(&note.text, new)).any(|note| {
        let is_named = note.names_one_of(&names, &used) || note.says_one_of(&around, &used);
        let says_both = says(&note.text, old) || document.removed.iter().any(|line| says(line, old));
        (is_named || says_both) && saying::fits(&note.text.to_lowercase(), &saying::words_of(test))
    })
}

/// What each commit that changed one of `spots` tells; `None` where one of them is silent.
fn tellings(spots: &[Spot<'_>], notes: &[Note<'_>]) -> Option<Vec<Telling>> {
    let mut commits: Vec<&str> = spots.iter().map(|spot| spot.hunk.commit.as_str()).collect();
    commits.dedup();
    commits.iter().map(|commit| telling(commit, spots, notes)).collect()
}

/// What one commit tells.
struct Telling {
    evidence: Vec<Evidence>,
    is_certain: bool,
}

/// A note of the commit that speaks of the code that it changed, else one that comes near it.
fn telling(commit: &str, spots: &[Spot<'_>], notes: &[Note<'_>]) -> Option<Telling> {
    let spots: Vec<&Spot<'_>> = spots.iter().filter(|spot| spot.hunk.commit == commit).collect();
    let notes: Vec<&Note<'_>> = notes.iter().filter(|note| note.hunk.commit == commit).collect();
    let said = |note: &Note<'_>| {
        let text = format!("says: {}", super::expected_value::short(&note.text));
        Evidence::at(EvidenceKind::Docs, &note.hunk.path, note.line, text)
    };
    let pairs = || spots.iter().flat_map(|spot| notes.iter().map(move |note| (*spot, *note)));
    if let Some((spot, note)) = pairs().find(|(spot, note)| spot.is_named_by(note)) {
        let Hunk { path, line, subject, .. } = spot.hunk;
        let changed = Evidence::commit(commit, format!("`{}` changed at {path}:{line} ({subject})", spot.title));
        return Some(Telling { evidence: vec![changed, said(note)], is_certain: true });
    }
    let (_, note) = pairs().find(|(spot, note)| spot.is_near(note))?;
    Some(Telling { evidence: vec![said(note)], is_certain: false })
}

/// Whether it is a call that has to change and no value: the test goes on without a coroutine that it should await,
/// still passes by name what a function takes no more, though it takes any keyword, or passes by places that are others
/// now.
pub(super) fn is_call_at_fault(ctx: &Context<'_>) -> bool {
    is_unawaited(ctx) || passes_a_lost_keyword(ctx) || argument_order::is_passed_as_before(ctx)
}

fn is_unawaited(ctx: &Context<'_>) -> bool {
    let test = &ctx.diagnosis.failure.nodeid;
    ctx.report.warnings.iter().any(|warning| dropped(warning).is_some() && warning.nodeids.contains(test))
}

fn passes_a_lost_keyword(ctx: &Context<'_>) -> bool {
    let recent: HashSet<String> =
        product::changes(ctx.snapshot, &ctx.site.path).into_iter().map(|change| change.commit).collect();
    let calls = descendants(ctx.scope()).filter(|node| node.kind() == "call");
    calls.filter_map(|call| Some((call.child_by_field_name("function")?, call))).any(|(function, call)| {
        let keywords: Vec<String> =
            calls::arguments(ctx.source, call).into_iter().filter_map(|argument| argument.keyword).collect();
        let name = crate::diagnosis::locate::last_name(function).map_or("", |name| ctx.source.slice(name));
        !keywords.is_empty() && loses(ctx, name, &recent, &keywords)
    })
}

/// Whether one of the commits took one of `keywords` from the function or class.
fn loses(ctx: &Context<'_>, name: &str, commits: &HashSet<String>, keywords: &[String]) -> bool {
    let defined = ctx.snapshot.definitions(name);
    defined.iter().filter(|symbol| !symbol.path.is_test_code()).any(|symbol| {
        let changes = ctx.snapshot.history().signature_changes(&symbol.path, name);
        let mut changes = changes.iter().filter(|change| commits.contains(&change.commit));
        changes.any(|change| {
            let is_lost = |keyword: &&String| {
                change.before.parameter(keyword).is_some() && change.after.parameter(keyword).is_none()
            };
            keywords.iter().any(|keyword| is_lost(&keyword))
        })
    })
}

#[cfg(test)]
mod tests;

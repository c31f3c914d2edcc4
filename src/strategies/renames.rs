//! One question behind many failures: a name is gone, which of the names that really exist took its
//! place? Answers come from Python's hint, from git, from the plugin and from spelling.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnosis::half_done::left_behind;
use crate::diagnosis::{Complaint, product};
use crate::fix::{Confidence, Evidence, EvidenceKind, Place, Tier};
use crate::syntax::tokens::{is_name, string_body, tokens};
use crate::text::FilePath;
use crate::workspace::builtins::is_pythons_method;
use crate::workspace::history::{Change, Rename, RenameKind};
use crate::workspace::notes::is_not_done;
use crate::workspace::opposites::{are_of_other_units, are_opposed};
use crate::workspace::similar_names::{Similar, is_other_version, similar, words};
use crate::workspace::symbols::{Symbol, SymbolKind};
use crate::workspace::usages::Usage;

use super::confidence::Odds;
use super::sense::is_weaker;
use super::two_things::were_two_things;
use super::{Context, told_replacement};

/// A name that is everywhere is looked for in so many statements.
const MOST_USAGES: usize = 400;

/// Up to so many letters another name is one letter away by chance: `mad` and `map`.
const MOST_OF_A_SHORT_NAME: usize = 5;

/// A name that exists where the missing one was looked for.
#[derive(Clone, Debug)]
pub(super) struct Existing {
    pub(super) name: String,
    /// Where it is defined, and what that shows.
    pub(super) evidence: Evidence,
}

impl Existing {
    /// A definition in the source.
    pub(super) fn defined(symbol: &Symbol, owner: &str) -> Self {
        let text = if owner.is_empty() {
            format!("`{}` is defined here", symbol.name)
        } else {
            format!("`{owner}` defines `{}`", symbol.name)
        };
        Self::at(&symbol.name, &symbol.path, symbol.line, text)
    }

    /// A place in the source.
    pub(super) fn at(name: &str, path: &FilePath, line: u32, text: impl Into<String>) -> Self {
        Self { name: name.to_string(), evidence: Evidence::at(EvidenceKind::Source, path, line, text) }
    }

    /// A name that was seen at run time or that pytest listed.
    pub(super) fn seen(name: &str, kind: EvidenceKind, text: impl Into<String>) -> Self {
        Self { name: name.to_string(), evidence: Evidence { kind, ..Evidence::hint(text) } }
    }
}

/// What is known of the place where the name is missing.
pub(super) struct Question<'a> {
    /// The name that is gone.
    pub(super) missing: &'a str,
    /// The names that are there.
    pub(super) existing: &'a [Existing],
    /// Whether there may be others than those.
    pub(super) open: bool,
    /// Which renames of git answer.
    pub(super) kinds: fn(RenameKind) -> bool,
    /// The class that lacks the name: what git says of another class is no answer.
    pub(super) class: Option<&'a str>,
}

/// A name that may have taken the place of the missing one.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) name: String,
    pub(super) evidence: Vec<Evidence>,
    pub(super) confidence: Confidence,
    /// Safe, unless the new name may be another thing that looks like the old one.
    pub(super) tier: Tier,
    /// Whether git shows no change of what is behind the name.
    pub(super) is_same: bool,
}

/// The methods that Python calls when it makes an object.
const MAKERS: [&str; 3] = ["__init__", "__new__", "__post_init__"];

/// The answers, best first; none of them is made up.
pub(super) fn answers(ctx: &Context<'_>, question: &Question<'_>) -> Vec<Answer> {
    let missing = question.missing;
    let renames = ctx.snapshot.history().renames_of(missing);
    let is_asked = |rename: &&Rename| (question.kinds)(rename.kind) && is_of_class(ctx, question.class, rename);
    let renames: Vec<&Rename> = renames.iter().filter(is_asked).filter(|rename| product::is_trusted(rename)).collect();
    let names: Vec<&str> = question.existing.iter().map(|existing| existing.name.as_str()).collect();
    let near = similar(missing, names.iter().copied().filter(|name| *name != missing));
    let told = told_replacement::by_deprecation(ctx, missing);
    let clues = Clues { ctx, question, renames, near, hint: hinted(ctx), told };
    let mut scored: Vec<(Answer, Odds)> =
        clues.candidates().into_iter().filter_map(|name| clues.weighed(name)).collect();
    scored.retain(|(answer, _)| !answer.evidence.is_empty());
    let mut answers = ranked(scored);
    answers.truncate(3);
    for answer in &mut answers {
        answer.evidence.extend(example(ctx, &answer.name));
    }
    answers
}

/// The answers with their rivals in mind, best first: one that is nearly as likely makes each of them less so.
fn ranked(mut scored: Vec<(Answer, Odds)>) -> Vec<Answer> {
    let best: Vec<f64> = scored.iter().map(|(answer, _)| answer.confidence.value()).collect();
    for (index, (answer, odds)) in scored.iter_mut().enumerate() {
        let own = best[index];
        let rivals = best.iter().enumerate().filter(|(other, value)| *other != index && **value > own - 0.05).count();
        answer.confidence = odds.rivals(rivals).confidence();
    }
    let mut answers: Vec<Answer> = scored.into_iter().map(|(answer, _)| answer).collect();
    answers.sort_by(|a, b| b.confidence.value().total_cmp(&a.confidence.value()));
    answers
}

/// What speaks for one name or another.
struct Clues<'a, 'c> {
    ctx: &'a Context<'c>,
    question: &'a Question<'a>,
    /// What git renamed the missing name to.
    renames: Vec<&'a Rename>,
    /// The names that are spelled like it.
    near: Vec<Similar<'a>>,
    /// What Python itself suggests.
    hint: Option<String>,
    /// What a deprecation gives as its successor.
    told: Option<(String, Evidence)>,
}

/// A name, with what is known of it.
struct Candidate<'a> {
    name: &'a str,
    existing: Option<&'a Existing>,
    rename: Option<&'a Rename>,
    /// Whether a deprecation names it.
    is_told: bool,
    /// Whether git shows no change of what is behind the name.
    is_same: bool,
}

impl Clues<'_, '_> {
    /// The names that something speaks for, the surest clue first.
    fn candidates(&self) -> Vec<&str> {
        let mut candidates: Vec<&str> = Vec::new();
        candidates.extend(self.renames.iter().map(|rename| last_part(&rename.new)));
        candidates.extend(self.told.as_ref().map(|(name, _)| name.as_str()));
        candidates.extend(self.hint.as_deref());
        candidates.extend(self.near.iter().take(3).map(|near| near.name));
        // What makes an object is called by the name of its class.
        candidates.retain(|name| *name != self.question.missing && !MAKERS.contains(name));
        let mut seen: HashSet<&str> = HashSet::new();
        candidates.retain(|name| seen.insert(*name));
        candidates
    }

    /// A name with all that speaks for it; `None` where it does not exist.
    fn weighed(&self, name: &str) -> Option<(Answer, Odds)> {
        let (ctx, question) = (self.ctx, self.question);
        let existing = question.existing.iter().find(|existing| existing.name == name);
        if existing.is_none() && !question.open && !question.existing.is_empty() {
            return None;
        }
        let rename = self.rename_to(name, existing);
        let told = self.told.as_ref().filter(|(new, _)| new == name).map(|(_, fact)| fact.clone());
        let is_told = told.is_some();
        let mut evidence: Vec<Evidence> = Vec::new();
        evidence.extend(rename.map(committed));
        evidence.extend(rename.and_then(callers_moved));
        evidence.extend(existing.map(|existing| existing.evidence.clone()));
        if self.hint.as_deref() == Some(name) {
            evidence.push(Evidence::hint(format!("Python itself suggests `{name}`")));
        }
        evidence.extend(told);
        let spelled = self.near.iter().find(|near| near.name == name).map_or(0.5, |near| near.score);
        let likeness = rename.map_or(if is_told { 1.0 } else { spelled }, |rename| rename.similarity.max(spelled));
        let odds = Odds::of(&evidence).likeness(likeness);
        let is_same = rename.is_none_or(|rename| rename.is_same && !is_of_callers_alone(ctx, rename));
        let candidate = Candidate { name, existing, rename, is_told, is_same };
        if self.is_chance(&candidate) {
            return None;
        }
        let tier = if self.is_half(&candidate) || self.is_other(&candidate) { Tier::Review } else { Tier::Safe };
        Some((Answer { name: name.to_string(), evidence, confidence: odds.confidence(), tier, is_same }, odds))
    }

    /// The rename that git shows: of the very definition that is there, else one of its file, else any. Another
    /// definition may have got the same name, and be what the message of the commit tells of.
    fn rename_to(&self, name: &str, existing: Option<&Existing>) -> Option<&Rename> {
        let place = existing.map(|existing| &existing.evidence.place);
        let distance = |rename: &&Rename| match place {
            Some(Place::File { path, line, .. }) if *path == rename.path => u8::from(*line != rename.line),
            _ => 2,
        };
        let found =
            self.renames.iter().copied().filter(|rename| last_part(&rename.new) == name).min_by_key(distance)?;
        match place {
            Some(Place::File { path, .. }) if self.is_of_another_file(found, path) => None,
            _ => Some(found),
        }
    }

    /// Whether a function or class of the module level was renamed in another file than the one that has the new name,
    /// which lost one of the old name as well.
    fn is_of_another_file(&self, rename: &Rename, path: &FilePath) -> bool {
        let changes = product::changes_of(self.ctx.snapshot, &self.ctx.site.path, &rename.commit);
        let had = |change: &Change| product::is_defined_in(&change.before, self.question.missing);
        matches!(rename.kind, RenameKind::Symbol(_))
            && rename.within.is_none()
            && *path != rename.path
            && changes.iter().any(|change| change.path == *path && had(change))
    }

    /// Whether the name may mean something else than the missing one did.
    fn is_other(&self, candidate: &Candidate<'_>) -> bool {
        let Clues { ctx, question, renames, .. } = self;
        let Candidate { name, existing, rename, is_told, is_same } = *candidate;
        let missing = question.missing;
        let is_said = is_told || rename.is_some_and(|rename| rename.is_said);
        let callers_moved = rename.map_or(0, |rename| rename.callers_moved);
        // One caller that moved along shows no meaning: several, and a body that still checks, do. What a function does
        // with a parameter is not always told from its body.
        let is_parameter = rename.is_some_and(|rename| rename.kind == RenameKind::Parameter);
        let fewest = if is_parameter { 1 } else { 2 };
        let is_changed = !is_same && !is_said && callers_moved < fewest || rename.is_some_and(|it| is_weaker(ctx, it));
        let is_opposed = (are_opposed(missing, name) && !is_said || are_of_other_units(missing, name))
            && !is_documented(ctx, missing, name);
        let is_other = rename.is_some_and(|rename| is_slip(missing, name) || is_still_used(ctx, rename))
            || rename.is_none() && (!renames.is_empty() && !is_told || is_removed(ctx, missing, name));
        is_other && !is_said && callers_moved == 0
            || is_opposed
            || is_changed
            || rename.is_none() && !is_told && is_guess(ctx, missing, existing)
            || were_two_things(ctx, missing, name)
            || rename.is_none() && !is_told && is_other_version(missing, name)
    }

    /// Whether a name of somebody else's code is only like the missing one: a library has many names, and each of its
    /// releases loses some.
    fn is_chance(&self, candidate: &Candidate<'_>) -> bool {
        let (missing, name) = (self.question.missing, candidate.name);
        let is_shown = candidate.rename.is_some() || candidate.is_told;
        let is_foreign = candidate.existing.is_some_and(|existing| self.is_foreign(existing));
        if is_shown || !is_foreign {
            return false;
        }
        let is_private = |name: &str| last_part(name).starts_with('_');
        let is_same = is_spelling(missing, name) || is_other_version(missing, name);
        // Python's own suggestion is likeness as well, for a slip of who wrote the test.
        let is_typo = name.len() > MOST_OF_A_SHORT_NAME && product::is_one_letter(missing, name);
        let is_hinted = self.hint.as_deref() == Some(name) && is_typo;
        is_private(name) && !is_private(missing) || !is_hinted && !is_same
    }

    /// Whether a name belongs to an installed package, to Python or to a plugin of pytest.
    fn is_foreign(&self, existing: &Existing) -> bool {
        let (snapshot, question) = (self.ctx.snapshot, self.question);
        let is_own = |class: &str| snapshot.definitions(class).iter().any(|symbol| symbol.path.is_inside());
        let path = |existing: &Existing| match &existing.evidence.place {
            Place::File { path, .. } => Some(path.is_inside() && !path.as_str().contains("site-packages/")),
            _ => None,
        };
        let is_beside_own = || question.existing.iter().filter_map(path).any(|is_inside| is_inside);
        match (path(existing), existing.evidence.kind) {
            (Some(is_inside), _) => !is_inside,
            (None, EvidenceKind::Runtime) => !question.class.map_or_else(is_beside_own, is_own),
            (None, _) => true,
        }
    }

    /// Whether the product still asks for the old name somewhere.
    fn is_half(&self, candidate: &Candidate<'_>) -> bool {
        let (ctx, missing) = (self.ctx, self.question.missing);
        let is_key =
            |rename: &Rename| matches!(rename.kind, RenameKind::Literal | RenameKind::Symbol(SymbolKind::Field));
        candidate.rename.is_some_and(|rename| {
            is_key(rename) && is_still_read(ctx, &rename.path, missing)
                || is_still_listed(ctx, rename)
                || left_behind(ctx.snapshot, rename).is_some()
        })
    }
}

/// Whether a rename is one in the class, or in a class that it inherits from; of a module, or of nobody known.
fn is_of_class(ctx: &Context<'_>, class: Option<&str>, rename: &Rename) -> bool {
    let (Some(class), Some(within), RenameKind::Symbol(_)) = (class, &rename.within, rename.kind) else { return true };
    let mut classes = ctx.snapshot.definitions(class);
    classes.retain(|symbol| symbol.kind == SymbolKind::Class && !symbol.path.is_test_code());
    let bases = |symbol: &Symbol| ctx.snapshot.bases(symbol);
    let within = last_part(within);
    classes.is_empty() || class == within || classes.iter().flat_map(bases).any(|base| last_part(&base) == within)
}

/// Whether a commit took a name away without a successor, and it was more than another word for `name`: what is left is
/// like it at best.
fn is_removed(ctx: &Context<'_>, missing: &str, name: &str) -> bool {
    let hands_on = |change: &Change| {
        let Some(outline) = product::outline_naming(&change.before, missing) else { return false };
        let before = change.before.as_deref().unwrap_or_default();
        let mut defined = outline.items.iter().filter(|item| item.name == missing);
        defined.any(|item| before.get(item.span.clone()).is_some_and(|text| tokens(text).contains(&name)))
    };
    !ctx.snapshot.history().removals_of(missing).is_empty()
        && !product::changes(ctx.snapshot, &ctx.site.path).iter().any(hands_on)
}

/// Whether the product still asks for a name that nothing in it defines any more: then it is half changed. What
/// Python's own objects are asked for says nothing.
fn is_still_used(ctx: &Context<'_>, rename: &Rename) -> bool {
    let name = rename.old.as_str();
    if !matches!(rename.kind, RenameKind::Symbol(_)) || is_pythons_method(name) {
        return false;
    }
    let is_product = |path: &FilePath| !path.is_test_code() && path.as_str().ends_with(".py");
    let is_defined = ctx.snapshot.definitions(name).iter().any(|symbol| is_product(&symbol.path));
    // `cart.total` asks for a member, `total(` for a function: a variable of that name asks for neither.
    let asks = |text: &str| {
        let tokens = tokens(text);
        let at = |index: usize| tokens.get(index).copied();
        let mut places = (0..tokens.len()).filter(|&index| tokens[index] == name);
        places.any(|index| {
            let before = index.checked_sub(1).and_then(at);
            let is_member = before == Some(".");
            let is_called = at(index + 1) == Some("(") && !is_member && before != Some("def");
            if rename.within.is_some() { is_member } else { is_called }
        })
    };
    let uses = |usage: &Usage| is_product(&usage.path) && asks(&usage.text);
    !is_defined && ctx.snapshot.usages(name, MOST_USAGES).iter().any(uses)
}

/// Whether the product still lists the name of a lost member for `getattr` and its like.
fn is_still_listed(ctx: &Context<'_>, rename: &Rename) -> bool {
    let name = rename.old.as_str();
    let is_product = |path: &FilePath| !path.is_test_code() && path.as_str().ends_with(".py");
    let is_member = matches!(rename.kind, RenameKind::Symbol(_)) && rename.within.is_some();
    if !is_member || ctx.snapshot.definitions(name).iter().any(|symbol| is_product(&symbol.path)) {
        return false;
    }
    let asks = |path: &FilePath| {
        let text = ctx.snapshot.text(path).unwrap_or_default();
        ["getattr(", "attrgetter(", "hasattr(", "methodcaller("].iter().any(|word| text.contains(word))
    };
    // `{"total": 1}` and `row["total"]` are of a mapping.
    let lists = |text: &str| {
        let tokens = tokens(text);
        let is_listed = |index: usize| {
            let before = |back: usize| index.checked_sub(back).and_then(|at| tokens.get(at).copied());
            let is_read =
                before(1) == Some("[") && before(2).is_some_and(|token| is_name(token) || ")]".contains(token));
            let is_key = before(1) == Some("(") && before(2) == Some("get");
            let is_entry = matches!(tokens.get(index + 1), Some(&("," | "]" | ")" | "}")));
            string_body(tokens[index]) == Some(name) && is_entry && !is_read && !is_key
        };
        (0..tokens.len()).any(is_listed)
    };
    let uses = ctx.snapshot.usages(name, MOST_USAGES);
    uses.iter().any(|usage| is_product(&usage.path) && lists(&usage.text) && asks(&usage.path))
}

/// Whether callers alone show the rename though a commit took a definition of the old name away: nothing like it came.
fn is_of_callers_alone(ctx: &Context<'_>, rename: &Rename) -> bool {
    let name = rename.old.as_str();
    let defines = |text: &Option<Arc<str>>| {
        product::outline_naming(text, name).is_some_and(|outline| outline.items.iter().any(|item| item.name == name))
    };
    let changes = || ctx.snapshot.history().changes(Some(&ctx.site.path));
    let is_python = |change: &Change| change.path.as_str().ends_with(".py");
    rename.kind == RenameKind::Usage
        && changes().iter().any(|it| is_python(it) && defines(&it.before) && !defines(&it.after))
}

/// Whether a document names the one as what took the place of the other.
fn is_documented(ctx: &Context<'_>, missing: &str, name: &str) -> bool {
    let notes = ctx.snapshot.notes_about(missing);
    let is_said = |new: &String| last_part(new) == name;
    notes.iter().any(|note| note.replacement.as_ref().is_some_and(is_said) && !is_not_done(&note.text))
}

/// Whether only the run shows the name that is there, and it is a guess that it is the lost one: another number of the
/// same kind, or what is left after the product changed.
fn is_guess(ctx: &Context<'_>, missing: &str, existing: Option<&Existing>) -> bool {
    let plain = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "");
    existing.filter(|existing| existing.evidence.kind == EvidenceKind::Runtime).is_some_and(|existing| {
        plain(&existing.name) == plain(missing) || !product::hunks(ctx.snapshot, &ctx.site.path).is_empty()
    })
}

/// Whether two names are one but for case, underscores or the letter of a plural.
fn is_spelling(missing: &str, name: &str) -> bool {
    let plain = |name: &str| last_part(name).replace('_', "").to_lowercase();
    let (missing, name) = (plain(missing), plain(name));
    missing == name || missing.strip_suffix('s') == Some(&name) || name.strip_suffix('s') == Some(&missing)
}

/// Whether one letter came, went or changed: a slip of the product looks like that. The letter of a plural is none.
fn is_slip(missing: &str, name: &str) -> bool {
    let is_plural = |one: &str, other: &str| one.strip_suffix('s') == Some(other);
    product::is_one_letter(missing, name) && !is_plural(missing, name) && !is_plural(name, missing)
}

/// Whether the file where a key got another name still reads it under the old one: then it is half changed.
pub(super) fn is_still_read(ctx: &Context<'_>, path: &FilePath, key: &str) -> bool {
    let reads = |text: &str| {
        let tokens = tokens(text);
        let is_key = |token: &str| string_body(token) == Some(key);
        let opens =
            |index: usize| tokens[index] == "[" || tokens[index] == "(" && index > 0 && tokens[index - 1] == "get";
        (1..tokens.len()).any(|index| is_key(tokens[index]) && opens(index - 1))
    };
    ctx.snapshot.usages(key, MOST_USAGES).iter().any(|usage| usage.path == *path && reads(&usage.text))
        || is_said_elsewhere(ctx, key)
}

/// Whether a file of settings, or code in another language, still says a key that is more than an everyday word.
pub(super) fn is_said_elsewhere(ctx: &Context<'_>, key: &str) -> bool {
    words(key).len() > 1 && !ctx.snapshot.others_naming(key).is_empty()
}

/// A test that uses the name and passes. It is told and not counted: the name may be another object's there.
fn example(ctx: &Context<'_>, name: &str) -> Option<Evidence> {
    let example = ctx.snapshot.examples(ctx.report, name, 1).pop()?;
    let text = format!("{} uses `{name}` and passes", example.nodeid);
    Some(Evidence::at(EvidenceKind::Example, &example.usage.path, example.usage.line, text))
}

fn committed(rename: &Rename) -> Evidence {
    let text = format!("`{}` became `{}` ({})", rename.old, rename.new, rename.subject);
    Evidence::commit(&rename.commit, text)
}

fn callers_moved(rename: &Rename) -> Option<Evidence> {
    let count = rename.callers_moved;
    let callers = if count == 1 { "one caller".to_string() } else { format!("{count} callers") };
    let text = format!("the same commit moved {callers} to `{}`", rename.new);
    (count > 0).then(|| Evidence { kind: EvidenceKind::Example, ..Evidence::commit(&rename.commit, text) })
}

/// `c` of `a.b.c`.
pub(super) fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The one name that CPython suggests, in the wordings of 3.10 to 3.15.
fn hinted(ctx: &Context<'_>) -> Option<String> {
    let hint = ctx.diagnosis.failure.hint.as_deref();
    let text = hint
        .filter(|hint| hint.contains("Did you mean"))
        .or_else(|| ctx.message().find("Did you mean").map(|at| &ctx.message()[at..]))?;
    let name = text.split('\'').nth(1)?.trim_start_matches('.');
    // A hint one level down names a path, not a name.
    let one_level = !name.contains('.') && !name.is_empty();
    let asked = !matches!(ctx.complaint(), Complaint::Other);
    (one_level && asked).then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use crate::fix::{EvidenceKind, Tier};
    use crate::fixture::Scene;
    use crate::workspace::Snapshot;

    /// What the best fix says of other tests, with this line of the log about the second test.
    fn examples(second: &str) -> Vec<String> {
        let scene = format!(
            "#- shop.py\nclass Cart:\n    def total(self):\n        return 0\n#- tests/test_cart.py\nfrom shop import Cart\n\n\
             def test_total():\n    assert Cart().totl() == 0\n\ndef test_other():\n    assert not Cart().total()\n\
             #- test_run.log\ncollected 2 items\n\ntests/test_cart.py::test_total FAILED\n\
             tests/test_cart.py::test_other {second}\n\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_total __________________________________\n\n\
             \x20   def test_total():\n>       assert Cart().totl() == 0\nE       AttributeError: 'Cart' object has no \
             attribute 'totl'\n\ntests/test_cart.py:4: AttributeError\n"
        );
        let healing = Scene::parse(&scene).heal();
        let evidence = &healing.fixes[0].fix().evidence;
        evidence.iter().filter(|fact| fact.kind == EvidenceKind::Example).map(|fact| fact.text.clone()).collect()
    }

    #[test]
    fn a_test_that_uses_the_new_name_and_passes_is_told() {
        assert_eq!(examples("PASSED"), ["tests/test_cart.py::test_other uses `total` and passes"]);
        assert_eq!(examples("FAILED"), Vec::<String>::new());
    }

    /// The tier of the best fix where `Cart` was `before` and is `after`, and the test asks for `call`.
    fn tier(before: &str, after: &str, more: &str, call: &str, error: &str) -> Tier {
        let scene = format!(
            "#- before: shop.py\n{before}\n#- shop.py\n{after}\n{more}\n#- tests/test_cart.py\nfrom shop import Cart\n\n\
             def test_total():\n    assert Cart().{call} == 3\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_total __________________________________\n\n\
             \x20   def test_total():\n>       assert Cart().{call} == 3\nE       {error}\n\n\
             tests/test_cart.py:4: {}\n",
            error.split(':').next().unwrap_or_default()
        );
        Scene::parse(&scene).heal().fixes[0].fix().tier
    }

    #[test]
    fn what_does_something_else_under_the_new_name_is_a_persons_to_accept() {
        let class = |name: &str, body: &str| format!("class Cart:\n    def {name}(self):\n        return {body}\n");
        let of = |new: &str, body: &str, more: &str| {
            let error = "AttributeError: 'Cart' object has no attribute 'price'";
            let before = class("price", "sum(self.lines)");
            let used = if more.is_empty() { "" } else { "\ndef pay(cart):\n    return round(cart.price(), 2)\n" };
            tier(&(before + used), &class(new, body), more, "price()", error)
        };
        assert_eq!(of("total_price", "sum(self.lines)", ""), Tier::Safe);
        assert_eq!(of("total_price", "sum(self.rows)", ""), Tier::Safe);
        assert_eq!(of("total_price", "sum(price for price in self.rows)", ""), Tier::Review);
        assert_eq!(of("total_price", "len(self.lines)", ""), Tier::Review);
        let own = |name: &str| {
            format!("class Cart:\n    def {name}(self):\n        price = len(self.lines)\n        return price\n")
        };
        let error = "AttributeError: 'Cart' object has no attribute 'price'";
        assert_eq!(tier(&own("price"), &own("total_price"), "", "price()", error), Tier::Safe);
        let caller = "\ndef pay(cart):\n    return round(cart.total_price(), 2)\n";
        assert_eq!(of("total_price", "max(self.lines)", caller), Tier::Review);
        assert_eq!(of("total_price", "sum(self.lines)", caller), Tier::Safe);
    }

    #[test]
    fn what_is_only_like_a_removed_name_is_a_persons_to_accept() {
        let rest = "class Cart:\n    def totals(self):\n        return [3]\n";
        let of = |body: &str| {
            let error = "AttributeError: 'Cart' object has no attribute 'total'. Did you mean: 'totals'?";
            tier(&format!("{rest}\n    def total(self):\n        return {body}\n"), rest, "", "total()", error)
        };
        assert_eq!(of("sum(self.rows)"), Tier::Review);
        assert_eq!(of("self.totals()"), Tier::Safe);
    }

    #[test]
    fn an_opposite_is_a_persons_to_accept() {
        let class = |name: &str| format!("class Cart:\n    def buy(self, {name}=True):\n        return call({name})\n");
        let of = |new: &str| {
            let error = "TypeError: Cart.buy() got an unexpected keyword argument 'verify'";
            tier(&class("verify"), &class(new), "", "buy(verify=True)", error)
        };
        assert_eq!(of("verified"), Tier::Safe);
        assert_eq!(of("no_verify"), Tier::Review);
    }

    /// The titles and tiers of what is proposed for a name that an installed package does not have, and the reason.
    fn of_installed(missing: &str) -> (Vec<(String, Tier)>, String) {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let packages = ".venv/lib/python3.12/site-packages";
        write(".venv/pyvenv.cfg", "home = /gone\n");
        let names = "class V1beta1Counter: ...\nclass V1CronJob: ...\ndef _append_internal(): ...\ndef trace(): ...\n";
        write(&format!("{packages}/kube/__init__.py"), names);
        write(&format!("{packages}/kube-2.1.dist-info/METADATA"), "Metadata-Version: 2.1\nName: kube\nVersion: 2.1\n");
        write("tests/test_kube.py", &format!("import kube\n\ndef test_it():\n    assert kube.{missing}()\n"));
        let log = format!(
            "=================================== FAILURES ===================================\n\
             ___________________________________ test_it ____________________________________\n\n\
             \x20   def test_it():\n>       assert kube.{missing}()\nE       AttributeError: module 'kube' has no \
             attribute '{missing}'\n\ntests/test_kube.py:4: AttributeError\n"
        );
        let healing =
            crate::heal::heal(&Snapshot::open(folder.path()), &crate::report::parse(log.as_bytes())).remove(0);
        let fixes = healing.fixes.iter().map(|guarded| (guarded.fix().title.clone(), guarded.fix().tier));
        (fixes.collect(), healing.diagnosis.reason)
    }

    #[test]
    fn a_name_of_a_library_follows_a_lost_one_by_spelling_alone() {
        let (fixes, _) = of_installed("V1beta1CronJob");
        assert_eq!(fixes, [("Rename `V1beta1CronJob` to `V1CronJob`".to_string(), Tier::Review)]);
        assert_eq!(of_installed("Trace").0.len(), 1);
        for missing in ["append", "append_internal", "trapz", "traced", "V1beta1Count"] {
            let (fixes, reason) = of_installed(missing);
            assert_eq!(fixes, [], "{missing}");
            let told = format!("kube 2.1, which is installed, has no `{missing}`: the test is for another version");
            assert!(reason.starts_with(&told), "{reason}");
        }
    }
}

//! Who should act: the test's author, the product's, or whoever keeps the machine; and since which commit.

use crate::report::Failure;
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::history::{Rename, RenameKind, UNCOMMITTED};
use crate::workspace::words::occurrences;

use super::complaint::{Complaint, Owner};
use super::doubt::doubt;
use super::golden;
use super::half_done::{left_behind, still_passed};
use super::product::{self, Hunk};
use super::recorded::recorded;
use super::removed::{Removed, still_used};
use super::suspect::suspect;
use super::undone::{Undone, undone};
use super::weakened::weakened;
use super::{Category, Site, Verdict};
use super::{chance, environment, library, machine, refusal, support};

/// A verdict with its reason and the commit that the evidence names.
pub struct Judgement {
    /// Who should act.
    pub verdict: Verdict,
    /// Why, as a sentence fragment.
    pub reason: String,
    /// The commit that broke the test.
    pub culprit: Option<String>,
    /// The function, class or name that the commit changed.
    pub symbol: Option<String>,
    /// Whether the product shows the fault itself: what the test's own commit did to it is undone, or a change left a
    /// coroutine that nobody awaits.
    pub is_fault_of_product: bool,
}

/// How a reason ends that leaves open what a change was.
pub const MEANT_OR_SLIP: &str = ": meant, or a slip";

impl Judgement {
    fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into(), culprit: None, symbol: None, is_fault_of_product: false }
    }

    fn of_commit(verdict: Verdict, commit: &str, reason: impl Into<String>) -> Self {
        Self { culprit: Some(commit.to_string()), ..Self::new(verdict, reason) }
    }

    /// A change explains the new value: the test is outdated, unless a slip at that place would explain it as well.
    fn of_change(failure: &Failure, hunk: &Hunk, hunks: &[Hunk], reason: String) -> Self {
        match doubt(failure, hunk, hunks) {
            Some(doubt) => {
                Self::of_commit(Verdict::Undecided, &hunk.commit, format!("{reason}; it also {doubt}{MEANT_OR_SLIP}"))
            }
            None => Self::of_commit(Verdict::OutdatedTest, &hunk.commit, reason),
        }
    }

    /// The product is again what it was before the test's own commit.
    fn of_undone(undone: Undone) -> Self {
        let by = undone.undone_by.as_ref().map(|(commit, subject)| format!(" by {}", named(commit, subject)));
        let reason = format!(
            "{} is again what it was before the commit that changed this test with it ({}, line {}), undone{}",
            undone.path,
            undone.made_by,
            undone.line,
            by.unwrap_or_default()
        );
        let judgement = Self::new(Verdict::LikelyProductRegression, reason);
        Self { culprit: undone.undone_by.map(|(commit, _)| commit), is_fault_of_product: true, ..judgement }
    }

    /// The product has a name no more: the test is outdated, where the commit shows that it was meant.
    fn of_removal(snapshot: &Snapshot, removed: &Removed<'_>) -> Self {
        let (name, path) = (removed.name, removed.path);
        let how = if removed.was_defined { "was removed from" } else { "went away from" };
        let what = format!("`{name}` {how} {path} in {}", named(removed.commit, removed.subject));
        let judgement = match (removed.is_meant(snapshot), still_used(snapshot, name)) {
            (true, None) => Self::of_commit(Verdict::OutdatedTest, removed.commit, what),
            (_, Some(place)) => {
                let reason = format!("{what}, and {place} still asks for it{MEANT_OR_SLIP}");
                Self::of_commit(Verdict::Undecided, removed.commit, reason)
            }
            (false, None) => {
                let reason = format!("{what}, which says nothing of it and puts nothing in its place{MEANT_OR_SLIP}");
                Self::of_commit(Verdict::Undecided, removed.commit, reason)
            }
        };
        judgement.about(name.to_string())
    }

    fn about(self, symbol: impl Into<Option<String>>) -> Self {
        Self { symbol: symbol.into(), ..self }
    }
}

/// Judges by what the failure says, then by what git and the source say of its subject.
pub fn judge(
    snapshot: &Snapshot,
    failure: &Failure,
    category: Category,
    complaint: &Complaint,
    site: Option<&Site>,
) -> Judgement {
    if let Some(reason) = environment::reason(snapshot, failure, category, complaint, site) {
        return Judgement::new(Verdict::Environment, reason);
    }
    let Some(site) = site else {
        return Judgement::new(Verdict::Undecided, nowhere(snapshot, failure));
    };
    let by_undoing = || undone(snapshot, site).map(Judgement::of_undone);
    let by_name = || renamed(snapshot, complaint).map(|rename| by_rename(snapshot, site, &rename));
    let by_removal = || removed(snapshot, complaint, site);
    let by_signature = || signature_changed(snapshot, complaint);
    let by_slip = || slipped(snapshot, complaint, site);
    let by_library =
        || library::lack(snapshot, failure, complaint, site).map(|lack| Judgement::new(Verdict::Undecided, lack));
    let told =
        by_undoing().or_else(by_name).or_else(by_slip).or_else(by_removal).or_else(by_signature).or_else(by_library);
    let judgement = told.unwrap_or_else(|| match category {
        Category::SyntaxError => Judgement::new(Verdict::OutdatedTest, "the test file does not parse"),
        Category::FixtureError => Judgement::new(Verdict::OutdatedTest, unoffered(snapshot, complaint, site)),
        Category::TimeoutError => Judgement::new(Verdict::Undecided, waited(snapshot, failure)),
        _ => by_product_change(snapshot, failure, site, complaint),
    });
    let judgement = match refusal::shown(snapshot, failure, site) {
        Some(what) if judgement.verdict != Verdict::OutdatedTest => {
            Judgement { reason: format!("{what}; {}", judgement.reason), ..judgement }
        }
        _ => judgement,
    };
    match recorded(failure).or_else(|| golden::read_from(snapshot, failure, site)) {
        Some(place) => Judgement { reason: format!("{}; {place}", judgement.reason), ..judgement },
        None => judgement,
    }
}

/// Why a failure has no place in the project.
fn nowhere(snapshot: &Snapshot, failure: &Failure) -> String {
    let file = failure.path.as_deref().unwrap_or_else(|| failure.nodeid.split("::").next().unwrap_or_default());
    let path = snapshot.file_path(file);
    if !snapshot.exists(&path) {
        format!("there is no readable {file} in this project; is the log that of another one?")
    } else if snapshot.text(&path).is_some() && failure.line.is_none() {
        format!("pytest names no line of {file}")
    } else if snapshot.text(&path).is_some() {
        "the line that failed is not in the file any more; run again".to_string()
    } else if is_in_another_encoding(snapshot, &path) {
        format!("{file} is not UTF-8 and is left alone; save it as UTF-8 to have it healed")
    } else {
        format!("{file} cannot be read, or is too large, and is left alone")
    }
}

/// Whether a file that gave no text is one in an encoding that is not read.
fn is_in_another_encoding(snapshot: &Snapshot, path: &FilePath) -> bool {
    const LARGEST: u64 = 16 << 20;
    let Some(path) = snapshot.absolute(path) else { return false };
    let is_small = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST);
    is_small && std::fs::read(path).is_ok_and(|bytes| std::str::from_utf8(&bytes).is_err())
}

/// What pytest does not find, or does not take.
fn unoffered(snapshot: &Snapshot, complaint: &Complaint, site: &Site) -> String {
    match complaint {
        Complaint::NoFixture { name } => {
            let near = snapshot.near_fixtures(&site.path, site.range.start, name);
            let elsewhere = near.into_iter().find(|near| !near.is_available).map(|near| near.reason);
            elsewhere.unwrap_or_else(|| format!("no conftest or plugin offers a fixture `{name}` here"))
        }
        Complaint::Parametrize { argument: Some(name) } => {
            format!("the test takes no `{name}`, which parametrize fills")
        }
        Complaint::Parametrize { argument: None } => "the rows of parametrize do not fit its names".to_string(),
        Complaint::UnknownMark { name } => format!("the mark `{name}` is registered nowhere"),
        Complaint::ScopeMismatch { fixture, scope, request } => {
            format!("`{fixture}` lives for one {scope}, and what asks for it for one {request}")
        }
        Complaint::AsyncFixture { test, fixture } if is_plain(snapshot, site) => {
            format!("`{test}` is not async, and nobody awaits `{fixture}` for it")
        }
        Complaint::AsyncFixture { fixture, .. } => format!("no plugin knows `{fixture}` as one that it has to await"),
        Complaint::NoParam => "the fixture reads `request.param`, and the test gives it none".to_string(),
        Complaint::MarkedFixture => "a mark stands on a fixture, where it never had an effect".to_string(),
        Complaint::FixtureCalled { name } => format!("the fixture `{name}` is called like a function"),
        _ => "the test asks pytest for what no conftest or plugin offers".to_string(),
    }
}

/// Whether the test at a site is not async.
fn is_plain(snapshot: &Snapshot, site: &Site) -> bool {
    let source = snapshot.source(&site.path);
    source.is_some_and(|source| {
        let function = source.function_at(site.range.start);
        function.is_some_and(|function| !source.slice(function).starts_with("async"))
    })
}

/// What ran when the time was up.
fn waited(snapshot: &Snapshot, failure: &Failure) -> String {
    let place = machine::place(snapshot, failure).filter(|place| !place.path.is_test_code());
    let at = place.map(|place| format!(": {place} was running")).unwrap_or_default();
    format!("the wait ended before what it waited for{at}")
}

/// The name that a definition or a caller may have lost.
fn lost_name(complaint: &Complaint) -> Option<&str> {
    match complaint {
        // Where `None` came for an object, nothing was renamed: a value was lost.
        Complaint::NoAttribute { owner: Owner::Instance(class), .. } if class == "NoneType" => None,
        Complaint::NoModule { .. }
        | Complaint::NoImport { .. }
        | Complaint::NoAttribute { .. }
        | Complaint::NoName { .. }
        | Complaint::UnexpectedKeyword { .. }
        | Complaint::NoKey { .. }
        | Complaint::NoFixture { .. } => complaint.subject(),
        _ => None,
    }
}

fn renamed(snapshot: &Snapshot, complaint: &Complaint) -> Option<Rename> {
    // A string is no name that could be imported.
    let is_string = |rename: &Rename| {
        rename.kind == RenameKind::Literal
            && matches!(complaint, Complaint::NoModule { .. } | Complaint::NoImport { .. } | Complaint::NoName { .. })
    };
    let renames = snapshot.history().renames_of(lost_name(complaint)?);
    renames.into_iter().find(|rename| product::is_trusted(rename) && !is_string(rename))
}

/// A name has another one now: the test is outdated, unless the product itself was left behind, or what has the new
/// name does less.
fn by_rename(snapshot: &Snapshot, site: &Site, rename: &Rename) -> Judgement {
    let moved = rename.old == rename.new;
    let what = if moved {
        format!("`{}` moved to {}", rename.old, rename.path)
    } else {
        format!("`{}` became `{}`", rename.old, rename.new)
    };
    let what = format!("{what} in {}", named(&rename.commit, &rename.subject));
    let (verdict, reason) = if let Some(place) = left_behind(snapshot, rename) {
        (Verdict::LikelyProductRegression, format!("{what}, and {place} still uses the old name"))
    } else if let Some(lost) = weakened(snapshot, &site.path, rename) {
        (Verdict::Undecided, format!("{what}; since then it {lost}{MEANT_OR_SLIP}"))
    } else {
        (Verdict::OutdatedTest, what)
    };
    Judgement::of_commit(verdict, &rename.commit, reason).about(rename.old.clone())
}

/// The field is there, misspelt by the product, and no document speaks of its new name.
fn slipped(snapshot: &Snapshot, complaint: &Complaint, site: &Site) -> Option<Judgement> {
    let rename = snapshot.history().renames_of(lost_name(complaint)?).into_iter().find(product::is_slip)?;
    let hunks = product::hunks(snapshot, &site.path);
    let told = hunks.iter().any(|hunk| !hunk.is_python() && hunk.added.iter().any(|line| line.contains(&rename.new)));
    let commit = named(&rename.commit, &rename.subject);
    let reason = format!(
        "`{}` became `{}` by one letter at {}:{} in {commit}",
        rename.old, rename.new, rename.path, rename.line
    );
    let judgement = Judgement::of_commit(Verdict::LikelyProductRegression, &rename.commit, reason);
    (!told).then(|| judgement.about(rename.old))
}

/// `a1b2c3d (Rename totals)`.
fn named(commit: &str, subject: &str) -> String {
    if commit == UNCOMMITTED {
        "an uncommitted change".to_string()
    } else if subject.is_empty() {
        commit.to_string()
    } else {
        format!("{commit} ({subject})")
    }
}

fn removed(snapshot: &Snapshot, complaint: &Complaint, site: &Site) -> Option<Judgement> {
    let name = lost_name(complaint)?;
    let module = match complaint {
        Complaint::NoModule { module } => Some(module.clone()),
        Complaint::NoImport { name, module } => Some(format!("{module}.{name}")),
        _ => None,
    };
    let gone = module.and_then(|module| Some((product::module_removal(snapshot, &site.path, &module)?, module)));
    if let Some((change, module)) = gone {
        let reason = format!("the module `{module}` was removed in {}", named(&change.commit, &change.subject));
        return Some(Judgement::of_commit(Verdict::OutdatedTest, &change.commit, reason).about(name.to_string()));
    }
    let of = |commit: &str, subject: &str, path: &FilePath, was_defined: bool| {
        let removed = Removed { name, commit, subject, was_defined, path, test: &site.path };
        Some(Judgement::of_removal(snapshot, &removed))
    };
    if let Some(change) = product::removal(snapshot, &site.path, name) {
        let was_defined = product::is_defined_in(&change.before, name);
        return of(&change.commit, &change.subject, &change.path, was_defined);
    }
    let removal = snapshot.history().removals_of(name).into_iter().find(|removal| !removal.path.is_test_code())?;
    of(&removal.commit, &removal.subject, &removal.path, true)
}

/// The function that refused its arguments takes others since a commit.
fn signature_changed(snapshot: &Snapshot, complaint: &Complaint) -> Option<Judgement> {
    let function = match complaint {
        Complaint::UnexpectedKeyword { function, .. }
        | Complaint::MissingArguments { function, .. }
        | Complaint::TooManyPositionals { function, .. }
        | Complaint::GivenTwice { function, .. } => function,
        _ => return None,
    };
    let made = [".__init__", ".__new__"].iter().find_map(|made| function.strip_suffix(made));
    let name = made.unwrap_or(function).rsplit('.').next()?;
    snapshot.definitions(name).iter().filter(|symbol| !symbol.path.is_test_code()).find_map(|symbol| {
        let change = snapshot.history().signature_changes(&symbol.path, name).into_iter().next()?;
        let what =
            format!("`{}` takes other arguments since {}", change.function, named(&change.commit, &change.subject));
        let keyword = complaint.subject().filter(|_| matches!(complaint, Complaint::UnexpectedKeyword { .. }));
        let (verdict, reason) = match keyword.and_then(|keyword| still_passed(snapshot, name, keyword)) {
            Some(place) => (Verdict::LikelyProductRegression, format!("{what}, and {place} still passes the old one")),
            None => (Verdict::OutdatedTest, what),
        };
        Some(Judgement::of_commit(verdict, &change.commit, reason).about(change.function.clone()))
    })
}

/// Changed lines of source up to which a change is called small.
const SMALL: usize = 4;

/// What the product did since the test was last touched decides: nothing; one small thing that nothing
/// speaks of; something that explains the new value; or more than can be told apart. A name that is missing
/// is not a value that went wrong: a small change elsewhere does not explain it.
fn by_product_change(snapshot: &Snapshot, failure: &Failure, site: &Site, complaint: &Complaint) -> Judgement {
    if !snapshot.history().is_available() {
        return Judgement::new(Verdict::Undecided, "no history to compare with");
    }
    let hunks = product::hunks(snapshot, &site.path);
    let source: Vec<&Hunk> = hunks.iter().filter(|hunk| hunk.is_python()).collect();
    let Some(suspect) = suspect(snapshot, failure, site, &source) else {
        let unchanged = "the product did not change since the test was last touched";
        if let Some(chance) = chance::of(snapshot, site) {
            return Judgement::new(chance.verdict(), format!("{unchanged}, and {}", chance.text()));
        }
        let certain = machine::certain(snapshot, failure).map(|certain| format!("{certain}; {unchanged}"));
        if let Some(reason) = certain {
            return Judgement::new(Verdict::Undecided, reason);
        }
        if let Some((fixture, change)) = support::changed_fixture(snapshot, site) {
            let commit = named(&change.commit, &change.subject);
            let reason = format!("the fixture `{fixture}` changed in {} in {commit}, which may be why", change.path);
            return Judgement::of_commit(Verdict::Undecided, &change.commit, reason);
        }
        let reason = match library::that_raised(snapshot, failure) {
            Some(library) => {
                format!("{unchanged}; {library} raised it, and may be another version than the test is for")
            }
            None if failure.exc_type.is_none() && failure.message.is_none() => {
                "the log does not show how it failed: run it again".to_string()
            }
            None => format!("{unchanged}: other tests, chance or this machine may be why; does it pass alone?"),
        };
        return Judgement::new(Verdict::Undecided, reason);
    };
    let first = suspect.hunk;
    let commit = named(&first.commit, &first.subject);
    if let Some(hunk) = source.iter().find(|hunk| explains(failure, hunk)) {
        let reason =
            format!("{}:{} brings the new value in {}", hunk.path, hunk.line, named(&hunk.commit, &hunk.subject));
        return Judgement::of_change(failure, hunk, &hunks, reason).about(suspect.symbol);
    }
    if let Some((hunk, name, annotation)) = source.iter().find_map(|hunk| redeclared(failure, hunk)) {
        let commit = named(&hunk.commit, &hunk.subject);
        let reason = format!("`{name}` is declared as `{annotation}` at {}:{} since {commit}", hunk.path, hunk.line);
        return Judgement::of_commit(Verdict::OutdatedTest, &hunk.commit, reason).about(suspect.symbol);
    }
    if let Some(hunk) = source.iter().find(|hunk| rewords(failure, hunk)) {
        let commit = named(&hunk.commit, &hunk.subject);
        let reason = format!("a text was reworded at {}:{} in {commit}", hunk.path, hunk.line);
        return Judgement::of_change(failure, hunk, &hunks, reason).about(suspect.symbol);
    }
    let missing = lost_name(complaint);
    // A local variable is none that a test could have asked for.
    let asked_for = missing.filter(|_| !matches!(complaint, Complaint::NoName { .. }));
    if let Some((hunk, name)) = asked_for.and_then(|name| Some((lost_in(name, &source)?, name))) {
        let commit = named(&hunk.commit, &hunk.subject);
        let reason = format!("`{name}` went out of {}:{} in {commit}{MEANT_OR_SLIP}", hunk.path, hunk.line);
        return Judgement::of_commit(Verdict::Undecided, &hunk.commit, reason).about(name.to_string());
    }
    let lines: usize = source.iter().map(|hunk| hunk.removed.len().max(hunk.added.len())).sum();
    let documented = hunks.len() > source.len();
    if lines <= SMALL && !documented && missing.is_none() {
        let reason = format!("{} changed in {commit}, and nothing says that it was meant", suspect.title());
        return Judgement::of_commit(Verdict::LikelyProductRegression, &first.commit, reason).about(suspect.symbol);
    }
    let reason = format!("{} changed in {commit}, which may be why", suspect.title());
    Judgement::of_commit(Verdict::Undecided, &first.commit, reason).about(suspect.symbol)
}

/// The hunk that takes the name away, where the changes together leave fewer of it than there were.
fn lost_in<'h>(name: &str, source: &[&'h Hunk]) -> Option<&'h Hunk> {
    let count = |lines: &[String]| lines.iter().map(|line| occurrences(line, name).count()).sum::<usize>();
    let lost = |hunk: &Hunk| count(&hunk.removed) > count(&hunk.added);
    let sum = |lines: fn(&Hunk) -> &[String]| source.iter().map(|hunk| count(lines(hunk))).sum::<usize>();
    let is_lost = sum(|hunk| &hunk.removed) > sum(|hunk| &hunk.added);
    source.iter().copied().find(|hunk| is_lost && lost(hunk))
}

/// Whether the hunk takes away a word that the test expects and brings one that it got. Numbers say
/// nothing: every slip has one.
fn explains(failure: &Failure, hunk: &Hunk) -> bool {
    let Some(sides) = &failure.introspection else { return false };
    let only = |text: &str, other: &str| -> Vec<String> {
        let other: Vec<&str> = words(other).collect();
        words(text).filter(|word| !other.contains(word)).map(str::to_string).collect()
    };
    let (left, right) = (only(&sides.left, &sides.right), only(&sides.right, &sides.left));
    left.iter().any(|l| right.iter().any(|r| hunk.replaces(l, r) || hunk.replaces(r, l)))
}

/// The field whose annotation the hunk changed together with its default, where the failure shows the field: nobody
/// writes another type down by a slip.
fn redeclared<'h>(failure: &Failure, hunk: &'h Hunk) -> Option<(&'h Hunk, &'h str, &'h str)> {
    let sides = failure.introspection.as_ref().filter(|sides| sides.op == "==")?;
    let shown = |name: &str| [format!("{name}="), format!("'{name}'"), format!("\"{name}\"")];
    let shows = |name: &str| shown(name).iter().any(|text| sides.left.contains(text) && sides.right.contains(text));
    hunk.added.iter().filter_map(|line| field(line)).find_map(|(name, annotation, default)| {
        let mut before = hunk.removed.iter().filter_map(|line| field(line)).filter(|(old, ..)| *old == name);
        let (_, old_annotation, old_default) = before.next()?;
        let is_other = old_annotation != annotation && old_default != default;
        (is_other && shows(name)).then_some((hunk, name, annotation))
    })
}

/// Whether texts were compared, and all that the hunk changes is what stands between the quotes of one line: more than
/// a letter or a number.
fn rewords(failure: &Failure, hunk: &Hunk) -> bool {
    let is_text = |side: &str| side.starts_with(['"', '\'']);
    let texts = failure.introspection.as_ref().is_some_and(|sides| is_text(&sides.left) && is_text(&sides.right));
    let ([old], [new]) = (hunk.removed.as_slice(), hunk.added.as_slice()) else { return false };
    let diff = ::similar::TextDiff::from_chars(old.as_str(), new.as_str());
    let (mut quote, mut changed) = (None, 0);
    for change in diff.iter_all_changes() {
        let c = change.value().chars().next().unwrap_or_default();
        match (change.tag(), quote) {
            (::similar::ChangeTag::Equal, None) if matches!(c, '"' | '\'') => quote = Some(c),
            (::similar::ChangeTag::Equal, Some(open)) if c == open => quote = None,
            (::similar::ChangeTag::Equal, _) => {}
            (_, None) => return false,
            (_, Some(open)) if c == open => return false,
            _ => changed += usize::from(!c.is_ascii_digit()),
        }
    }
    texts && changed > 2 && holes(old).eq(holes(new))
}

/// What stands between braces.
fn holes(line: &str) -> impl Iterator<Item = &str> {
    line.split('{').skip(1).map(|part| part.split('}').next().unwrap_or(part))
}

/// `meta`, `dict` and `field(…)` of `meta: dict = field(…)`.
fn field(line: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = line.trim().split_once(": ")?;
    let (annotation, default) = rest.split_once(" = ")?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some((name, annotation, default))
}

/// Words of three letters and more; what a lost value becomes is none.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let constant = |word: &str| matches!(word, "None" | "True" | "False");
    let word = move |word: &&str| word.chars().count() > 2 && word.chars().any(char::is_alphabetic) && !constant(word);
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Scene;

    #[track_caller]
    fn check(before: &str, after: &str, assertion: &str, printed: &str, expect: Verdict) {
        let scene = format!(
            "#- before: shop.py\n{before}#- shop.py\n{after}#- tests/test_shop.py\nfrom shop import total\n\n\
             def test_total():\n    {assertion}\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_total __________________________________\n\n\
             \x20   def test_total():\n>       {assertion}\nE       {printed}\n\ntests/test_shop.py:4: AssertionError\n"
        );
        let diagnosis = Scene::parse(&scene).heal().diagnosis;
        assert_eq!(diagnosis.verdict, expect, "{}", diagnosis.reason);
        assert!(!diagnosis.reason.is_empty());
    }

    #[test]
    fn one_small_change_that_nothing_speaks_of_is_a_regression() {
        let (before, after) = ("def total(a):\n    return a + 1\n", "def total(a):\n    return a - 1\n");
        check(before, after, "assert total(1) == 2", "assert 0 == 2", Verdict::LikelyProductRegression);
    }

    #[test]
    fn a_number_alone_explains_nothing() {
        let (before, after) = ("def total():\n    return 30\n", "def total():\n    return 31\n");
        check(before, after, "assert total() == 30", "assert 31 == 30", Verdict::LikelyProductRegression);
    }

    #[test]
    fn a_word_that_the_product_changed_is_meant() {
        let (before, after) = ("def total():\n    return \"running\"\n", "def total():\n    return \"active\"\n");
        let printed = "AssertionError: assert 'active' == 'running'";
        check(before, after, "assert total() == \"running\"", printed, Verdict::OutdatedTest);
    }

    #[test]
    fn a_value_that_was_lost_is_not_meant() {
        let (before, after) = ("def total():\n    return True\n", "def total():\n    return None\n");
        check(before, after, "assert total() is True", "assert None is True", Verdict::LikelyProductRegression);
        let (before, after) = ("def total():\n    return Cart()\n", "def total():\n    return None\n");
        let printed = "AttributeError: 'NoneType' object has no attribute 'items'";
        check(before, after, "assert total().items == []", printed, Verdict::LikelyProductRegression);
    }

    #[test]
    fn a_text_that_reads_otherwise_is_meant_and_a_letter_more_is_not() {
        let total = |text: &str| format!("def total(a, b):\n    return f\"{text}\"\n");
        let check_text = |before: &str, after: &str, expect| {
            let (was, is) =
                (before.replace("{a}", "1").replace("{b}", "2"), after.replace("{a}", "1").replace("{b}", "2"));
            let printed = format!("AssertionError: assert '{is}' == '{was}'");
            check(&total(before), &total(after), "assert total(1, 2) == wanted", &printed, expect);
        };
        check_text("({a} of {b})", ":{a}:{b}", Verdict::OutdatedTest);
        check_text("({a} of {b})", "({a} of {b})x", Verdict::LikelyProductRegression);
        check_text("({a} of {b})", "[{b} / {b}]", Verdict::LikelyProductRegression);
    }

    #[test]
    fn a_field_that_is_declared_otherwise_is_meant() {
        let class = |field: &str| format!("@dataclass\nclass Total:\n    {field}\n");
        let check_field = |before: &str, after: &str, expect| {
            let printed = "AssertionError: assert Total(tax={}) == Total(tax=None)";
            check(&class(before), &class(after), "assert total() == Total()", printed, expect);
        };
        let meant = "tax: dict = field(factory=dict)";
        check_field("tax: Optional[dict] = field(default=None)", meant, Verdict::OutdatedTest);
        let slip = "tax: Optional[dict] = field(factory=dict)";
        check_field("tax: Optional[dict] = field(default=None)", slip, Verdict::LikelyProductRegression);
    }

    #[test]
    fn a_misspelt_field_is_the_products_slip() {
        let (before, after) = ("def total():\n    return {'state': 1}\n", "def total():\n    return {'statee': 1}\n");
        check(before, after, "assert total()['state'] == 1", "KeyError: 'state'", Verdict::LikelyProductRegression);
    }

    #[test]
    fn a_large_change_is_not_judged() {
        let body = |n: usize| (0..20).map(|line| format!("    v{line} = {}\n", line * n)).collect::<String>();
        let text = |n| format!("def total():\n{}    return v3\n", body(n));
        check(&text(1), &text(2), "assert total() == 99", "assert 98 == 99", Verdict::Undecided);
    }

    #[test]
    fn a_file_in_another_encoding_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let reason = |bytes: &[u8]| {
            std::fs::write(folder.path().join("test_a.py"), bytes).unwrap();
            let failure = Failure { path: Some("test_a.py".to_string()), ..Failure::default() };
            nowhere(&Snapshot::open(folder.path()), &failure)
        };
        let told = "test_a.py is not UTF-8 and is left alone; save it as UTF-8 to have it healed";
        assert_eq!(reason(b"# -*- coding: latin-1 -*-\n# caf\xe9\n"), told);
        assert_eq!(reason("# café\n".as_bytes()), "pytest names no line of test_a.py");
    }
}

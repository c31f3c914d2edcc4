//! The strategies: each reads a diagnosis and a snapshot and proposes fixes with evidence, or nothing.

mod abstract_method;
mod argument_added;
mod argument_order;
mod argument_type;
mod arguments_gathered;
mod arguments_removed;
mod arguments_scattered;
mod async_entered;
mod async_fixture;
mod async_iteration;
mod async_mark;
mod async_removed;
mod attribute_moved;
mod attribute_rename;
mod call_parentheses;
mod callers;
mod callers_migrated;
mod calls;
mod carried;
mod checks;
mod comparison;
mod confidence;
mod configured_rename;
mod constant_grouped;
mod constant_removed;
mod constructors;
mod contained_text;
mod converted;
mod deprecated_name;
mod documented_rename;
mod double_rename;
mod entered;
mod event_loop;
mod expected_call;
mod expected_class;
mod expected_constant;
mod expected_exception;
mod expected_kind;
mod expected_lines;
mod expected_member;
mod expected_passage;
mod expected_sentinel;
mod expected_template;
mod expected_value;
mod expected_warning;
mod fakes;
mod file_moved;
mod fixture_call;
mod fixture_mark;
mod fixture_rename;
mod fixture_value;
mod former_default;
mod function_to_method;
mod given_items;
mod helper_default;
mod import_module;
mod import_name;
mod import_removed;
mod imports;
mod iterator_returned;
mod key_rename;
mod keyword_rename;
mod lesson;
mod library_upgrade;
mod literals;
mod mark_rename;
mod method_to_function;
mod missing_await;
mod missing_import;
mod mock_attribute;
mod mock_checks;
mod mock_entered;
mod mock_shape;
mod mocked_request;
mod module_named;
mod names;
mod nose_setup;
mod optional_dependency;
mod override_renamed;
pub mod pages;
mod parametrize_arity;
mod patch_follows;
mod patch_target;
mod patterns;
mod positional_to_keyword;
mod provenance;
mod quotes;
mod raise_moved;
mod recorded_call;
#[cfg(test)]
mod redteam;
mod reexport_removed;
mod removed_name;
mod renames;
mod replayed;
mod result_part;
mod result_wrapped;
mod reworded;
mod route_rename;
mod runs;
mod same_data;
mod schema_rename;
mod scope_mismatch;
mod sense;
mod setter;
mod shape_changed;
mod splatted;
mod stub_async;
mod stub_member;
mod stub_returns;
mod stub_signature;
mod syntax_repair;
mod the_rest;
mod timeout_raise;
mod told;
mod told_replacement;
mod two_things;
mod unittest_alias;
mod unpack_arity;
mod utc_now;
mod wait_condition;
mod well_known;
mod word_rename;
mod xfail_passed;

use std::ops::Range;
use std::sync::Arc;

use crate::diagnosis::verdict::MEANT_OR_SLIP;
use crate::diagnosis::{Category, Complaint, Diagnosis, Site, Verdict, diagnose};
use crate::fix::{Evidence, EvidenceKind, Fix, Place, Tier};
use crate::report::{Frame, Outcome, Report, TestOutcome};
use crate::syntax::{Node, Source};
use crate::text::{Edit, FilePath, apply};
use crate::workspace::Snapshot;
use crate::workspace::symbols::Symbol;

/// One way to heal one kind of failure.
pub struct Strategy {
    /// Its name in messages, histories and configuration: `attribute-rename`.
    pub id: &'static str,
    /// The categories it reads.
    pub categories: &'static [Category],
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// A scene (see `fixture.rs`) that it heals: its first test, its page in docs/strategies.md, and what
    /// `pytest-medic explain` prints.
    pub example: &'static str,
    /// Pushes its fixes; `None` says "not applicable" at any point.
    pub propose: fn(&Context<'_>, &mut Vec<Fix>) -> Option<()>,
}

/// What a strategy sees.
pub struct Context<'a> {
    /// The project.
    pub snapshot: &'a Snapshot,
    /// The run, with its other failures and passing tests.
    pub report: &'a Report,
    /// The failure, understood.
    pub diagnosis: &'a Diagnosis,
    /// Where it stands.
    pub site: &'a Site,
    /// The file it stands in, parsed.
    pub source: &'a Source,
}

impl Context<'_> {
    /// The message of the exception, `""` where there is none.
    pub fn message(&self) -> &str {
        self.diagnosis.failure.message.as_deref().unwrap_or_default()
    }

    /// Whether the product defines something of that name.
    pub(super) fn is_of_product(&self, name: &str) -> bool {
        self.snapshot.definitions(name).iter().any(|symbol| !symbol.path.is_test_code())
    }

    /// What was complained about.
    pub fn complaint(&self) -> &Complaint {
        &self.diagnosis.complaint
    }

    /// The text of the subject.
    pub fn subject(&self) -> &str {
        &self.source.text()[self.site.range.clone()]
    }

    /// The node of the subject.
    pub fn node(&self) -> Option<Node<'_>> {
        self.source.node_at(self.site.range.clone())
    }

    /// The failing statement.
    pub fn statement(&self) -> Option<Node<'_>> {
        self.source.statement_at(self.site.statement.start)
    }

    /// The test function, else the whole file.
    pub fn scope(&self) -> Node<'_> {
        self.source.function_at(self.site.range.start).unwrap_or_else(|| self.source.root())
    }

    /// The type of an expression of the test, else what it names.
    pub fn symbol_at(&self, expression: Range<usize>) -> Option<Symbol> {
        let (path, start) = (&self.site.path, expression.start);
        let text = &self.source.text()[expression.clone()];
        self.snapshot.type_of(path, expression).or_else(|| self.snapshot.resolve(path, start, text))
    }

    /// Whether the exception was raised by the failing line itself and not by what it called. Who is asked for a
    /// name that it lacks is not called: `__getattr__` of a module or an enum.
    pub fn raised_here(&self) -> bool {
        let frames = &self.diagnosis.failure.frames;
        let is_here = |frame: &Frame| self.snapshot.file_path(&frame.path) == self.site.path;
        match frames.iter().rposition(is_here) {
            Some(at) => frames[at + 1..].iter().all(|frame| self.is_lookup(frame)),
            None => frames.is_empty(),
        }
    }

    /// The file of a frame, where it is the product's own.
    pub fn product_file(&self, frame: &Frame) -> Option<(FilePath, Arc<Source>)> {
        let path = self.snapshot.file_path(&frame.path);
        let source = self.snapshot.source(&path).filter(|_| path.is_inside() && !path.is_test_code())?;
        Some((path, source))
    }

    fn is_lookup(&self, frame: &Frame) -> bool {
        let defined = || {
            let source = self.snapshot.source(&self.snapshot.file_path(&frame.path))?;
            let function = source.function_at(source.code_on_line(frame.line)?.start)?;
            Some(source.slice(function.child_by_field_name("name")?).to_string())
        };
        let missing = matches!(self.complaint(), Complaint::NoAttribute { .. } | Complaint::NoImport { .. });
        let name = frame.function.clone().filter(|_| missing).or_else(|| defined().filter(|_| missing));
        name.is_some_and(|name| matches!(name.as_str(), "__getattr__" | "__getattribute__"))
    }

    /// The name of the test.
    pub fn test_name(&self) -> &str {
        self.diagnosis.failure.nodeid.rsplit("::").next().unwrap_or_default()
    }

    /// An edit of the file that the failure stands in.
    pub fn replace(&self, range: Range<usize>, text: impl Into<String>) -> Edit {
        Edit::replace(&self.site.path, range, text)
    }
}

/// The last word on who should act, when the fixes are known: what explains a fix explains the failure,
/// and a test that the same run saw pass is flaky.
pub fn settle<'f>(report: &Report, diagnosis: &mut Diagnosis, fixes: impl IntoIterator<Item = &'f Fix>) {
    let passes = |outcome: &TestOutcome| matches!(outcome.outcome, Outcome::Passed | Outcome::Rerun);
    let nodeid = &diagnosis.failure.nodeid;
    if report.outcomes.iter().any(|outcome| outcome.nodeid == *nodeid && passes(outcome)) {
        diagnosis.verdict = Verdict::Flaky;
        diagnosis.reason = "the same run saw it pass".to_string();
        return;
    }
    if diagnosis.verdict != Verdict::Undecided {
        return;
    }
    let Some(best) = fixes.into_iter().next() else { return };
    let committed = best.evidence.iter().find(|fact| fact.kind == EvidenceKind::Git);
    if best.tier == Tier::Review && committed.is_none() {
        return;
    }
    let Some(fact) = committed.or(best.evidence.first()) else { return };
    // What is there under another name does not tell why the old one went.
    let is_explained = |fact: &Evidence| !matches!(fact.kind, EvidenceKind::Source | EvidenceKind::Runtime);
    let is_explained = || best.tier == Tier::Safe && best.evidence.iter().any(is_explained);
    if diagnosis.reason.ends_with(MEANT_OR_SLIP) && !is_explained() {
        return;
    }
    if is_for_a_person(best) {
        if diagnosis.reason.ends_with(MEANT_OR_SLIP) {
            return;
        }
        diagnosis.reason = format!("{}; a person knows whether that was meant", fact.text);
        if let Place::Commit { commit } = &fact.place {
            diagnosis.culprit = Some(commit.clone());
        }
        return;
    }
    diagnosis.verdict = Verdict::OutdatedTest;
    diagnosis.reason = fact.text.clone();
    if let Place::Commit { commit } = &fact.place {
        diagnosis.culprit = Some(commit.clone());
    }
}

/// Takes back what [`settle`] said by a definition alone, where each fix was tried in vain.
pub fn unsettle(snapshot: &Snapshot, diagnosis: &mut Diagnosis, fixes: &[&Fix]) {
    let is_proven = |fix: &Fix| fix.evidence.iter().any(|fact| fact.kind != EvidenceKind::Source);
    if diagnosis.verdict != Verdict::OutdatedTest || fixes.iter().any(|fix| is_proven(fix)) {
        return;
    }
    let before = diagnose(snapshot, &diagnosis.failure);
    if before.verdict == Verdict::Undecided {
        *diagnosis = before;
    }
}

/// Whether a fix does not tell who should act: it writes down what the run gave, on what does not make it certain; or it
/// goes by what the run saw alone.
fn is_for_a_person(fix: &Fix) -> bool {
    let by_word = [word_rename::STRATEGY.id, double_rename::STRATEGY.id].contains(&fix.strategy);
    let expects = fix.strategy.starts_with("expected-") || by_word;
    let is_seen = fix.evidence.iter().all(|fact| fact.kind == EvidenceKind::Runtime);
    expects && fix.tier == Tier::Review || is_seen
}

/// Whether a fix writes down what is expected of the product: a value, a text, an exception.
pub fn expects(fix: &Fix) -> bool {
    const OTHERS: [&str; 3] = [contained_text::STRATEGY.id, raise_moved::STRATEGY.id, result_wrapped::STRATEGY.id];
    fix.strategy.starts_with("expected-") || OTHERS.contains(&fix.strategy)
}

/// A suspicion that Python has itself: a coroutine that a change left without `await` does nothing.
pub fn suspect_coroutines(snapshot: &Snapshot, report: &Report, diagnosis: &mut Diagnosis) {
    if let Some((name, path, line)) = missing_await::left_by_product(snapshot, report, diagnosis) {
        diagnosis.is_fault_of_product = true;
        diagnosis.verdict = Verdict::LikelyProductRegression;
        diagnosis.reason = format!("Python warned that nobody awaits the coroutine `{name}` at {path}:{line}");
    }
}

/// A suspicion that a commit contradicts: what explains the new value by more than one place is no slip.
pub fn overrule(diagnosis: &mut Diagnosis, fixes: &[Fix]) {
    if diagnosis.verdict != Verdict::LikelyProductRegression {
        return;
    }
    let of_commit = |fix: &Fix| fix.evidence.iter().find(|fact| fact.kind == EvidenceKind::Git).cloned();
    let Some(fact) = fixes.iter().filter(|fix| fix.tier == Tier::Safe).find_map(of_commit) else { return };
    diagnosis.verdict = Verdict::OutdatedTest;
    diagnosis.reason = fact.text;
    if let Place::Commit { commit } = fact.place {
        diagnosis.culprit = Some(commit);
    }
}

/// All strategies.
pub static STRATEGIES: &[&Strategy] = &[
    &abstract_method::STRATEGY,
    &argument_added::STRATEGY,
    &argument_order::STRATEGY,
    &argument_type::STRATEGY,
    &arguments_gathered::STRATEGY,
    &arguments_removed::STRATEGY,
    &arguments_scattered::STRATEGY,
    &async_entered::STRATEGY,
    &async_fixture::STRATEGY,
    &async_iteration::STRATEGY,
    &async_mark::STRATEGY,
    &async_removed::STRATEGY,
    &attribute_moved::STRATEGY,
    &attribute_rename::STRATEGY,
    &call_parentheses::STRATEGY,
    &callers_migrated::STRATEGY,
    &configured_rename::STRATEGY,
    &constant_grouped::STRATEGY,
    &constant_removed::STRATEGY,
    &contained_text::STRATEGY,
    &deprecated_name::STRATEGY,
    &documented_rename::STRATEGY,
    &double_rename::STRATEGY,
    &entered::STRATEGY,
    &event_loop::STRATEGY,
    &expected_call::STRATEGY,
    &expected_class::STRATEGY,
    &expected_constant::STRATEGY,
    &expected_sentinel::STRATEGY,
    &expected_exception::STRATEGY,
    &expected_kind::STRATEGY,
    &expected_lines::STRATEGY,
    &expected_member::STRATEGY,
    &expected_passage::STRATEGY,
    &expected_template::STRATEGY,
    &expected_value::STRATEGY,
    &expected_warning::STRATEGY,
    &file_moved::STRATEGY,
    &fixture_call::STRATEGY,
    &fixture_mark::STRATEGY,
    &fixture_rename::STRATEGY,
    &fixture_value::STRATEGY,
    &former_default::STRATEGY,
    &helper_default::STRATEGY,
    &import_module::STRATEGY,
    &import_name::STRATEGY,
    &import_removed::STRATEGY,
    &iterator_returned::STRATEGY,
    &key_rename::STRATEGY,
    &keyword_rename::STRATEGY,
    &lesson::STRATEGY,
    &library_upgrade::STRATEGY,
    &mark_rename::STRATEGY,
    &method_to_function::STRATEGY,
    &function_to_method::STRATEGY,
    &missing_await::STRATEGY,
    &missing_import::STRATEGY,
    &mock_attribute::STRATEGY,
    &mock_entered::STRATEGY,
    &mock_shape::STRATEGY,
    &mocked_request::STRATEGY,
    &module_named::STRATEGY,
    &nose_setup::STRATEGY,
    &optional_dependency::STRATEGY,
    &override_renamed::STRATEGY,
    &parametrize_arity::STRATEGY,
    &patch_follows::STRATEGY,
    &patch_target::STRATEGY,
    &positional_to_keyword::STRATEGY,
    &raise_moved::STRATEGY,
    &recorded_call::STRATEGY,
    &reexport_removed::STRATEGY,
    &removed_name::STRATEGY,
    &result_part::STRATEGY,
    &result_wrapped::STRATEGY,
    &route_rename::STRATEGY,
    &schema_rename::STRATEGY,
    &scope_mismatch::STRATEGY,
    &setter::STRATEGY,
    &shape_changed::STRATEGY,
    &stub_async::STRATEGY,
    &stub_member::STRATEGY,
    &stub_returns::STRATEGY,
    &stub_signature::STRATEGY,
    &syntax_repair::STRATEGY,
    &timeout_raise::STRATEGY,
    &told_replacement::STRATEGY,
    &unittest_alias::STRATEGY,
    &unpack_arity::STRATEGY,
    &utc_now::STRATEGY,
    &wait_condition::STRATEGY,
    &word_rename::STRATEGY,
    &xfail_passed::STRATEGY,
];

/// The candidates of every strategy that reads this category, best first.
pub fn propose(snapshot: &Snapshot, report: &Report, diagnosis: &Diagnosis) -> Vec<Fix> {
    let Some(site) = &diagnosis.site else { return Vec::new() };
    let Some(source) = snapshot.source(&site.path) else { return Vec::new() };
    let context = Context { snapshot, report, diagnosis, site, source: &source };
    let mut fixes = Vec::new();
    for strategy in STRATEGIES.iter().filter(|strategy| strategy.categories.contains(&diagnosis.category)) {
        (strategy.propose)(&context, &mut fixes);
    }
    if reexport_removed::is_lost_by_mistake(&context) {
        return Vec::new();
    }
    if !missing_await::left(&context).is_empty() {
        fixes.retain(|fix| fix.strategy == missing_await::STRATEGY.id);
    }
    // What stands there now is something else.
    if fixes.iter().any(expects) && shape_changed::moved::is_read(&context) {
        fixes.retain(|fix| !expects(fix));
    }
    // What the test asks for was there and got lost: whoever follows the product loses it for good.
    if diagnosis.is_fault_of_product {
        fixes.iter_mut().for_each(|fix| fix.tier = Tier::Review);
    }
    for fix in fixes.iter_mut().filter(|fix| fix.tier == Tier::Safe) {
        if sense::follows_a_loss(&context, fix) {
            fix.tier = Tier::Review;
        }
    }
    // Who goes by the look of the callers' changes does not know better than who knows what changed, or what is passed.
    let doubted: Vec<Fix> = fixes.iter().filter(|fix| fix.tier == Tier::Review).cloned().collect();
    let passes = |fix: &Fix| fix.strategy == argument_added::STRATEGY.id;
    for fix in fixes.iter_mut().filter(|fix| fix.strategy == callers_migrated::STRATEGY.id) {
        let is_same = |other: &Fix| outcome(snapshot, &other.edits) == outcome(snapshot, &fix.edits);
        if doubted.iter().any(|other| other.edits == fix.edits || passes(other) && is_same(other)) {
            fix.tier = Tier::Review;
        }
    }
    fixes.sort_by(|a, b| b.confidence.value().total_cmp(&a.confidence.value()));
    fixes.dedup_by(|later, earlier| later.edits == earlier.edits);
    fixes
}

/// The files as edits leave them, however these are cut.
fn outcome(snapshot: &Snapshot, edits: &[Edit]) -> Option<Vec<(FilePath, String)>> {
    let mut paths: Vec<&FilePath> = edits.iter().map(|edit| &edit.path).collect();
    paths.sort();
    paths.dedup();
    let file = |path: &FilePath| {
        let own: Vec<Edit> = edits.iter().filter(|edit| edit.path == *path).cloned().collect();
        Some((path.clone(), apply(&snapshot.text(path)?, &own).ok()?))
    };
    paths.into_iter().map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;

    #[test]
    fn every_strategy_heals_its_example() {
        let fails = |strategy: &&&Strategy| std::panic::catch_unwind(|| check(strategy.example)).is_err();
        let failing: Vec<&str> = STRATEGIES.iter().filter(fails).map(|strategy| strategy.id).collect();
        assert!(failing.is_empty(), "the examples of {failing:?} fail: see above");
    }

    #[test]
    fn every_strategy_has_an_id_of_its_own() {
        let mut ids: Vec<&str> = STRATEGIES.iter().map(|strategy| strategy.id).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}

//! Who should act: the test's author, the product's, or whoever keeps the machine; and since which commit.

use crate::report::Failure;
use crate::workspace::Snapshot;
use crate::workspace::history::Rename;

use super::complaint::Complaint;
use super::{Category, Site, Verdict, product};

/// A verdict with its reason and the commit that the evidence names.
pub struct Judgement {
    /// Who should act.
    pub verdict: Verdict,
    /// Why, as a sentence fragment.
    pub reason: String,
    /// The commit that broke the test.
    pub culprit: Option<String>,
}

impl Judgement {
    fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into(), culprit: None }
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
    if let Some(judgement) = environment(failure, category, complaint) {
        return judgement;
    }
    if site.is_none() {
        return Judgement::new(Verdict::Undecided, "the line that failed is not in the file any more; run again");
    }
    let renamed = complaint.subject().and_then(|name| renamed(snapshot, complaint, name));
    if let Some(rename) = renamed {
        return outdated_by(&rename);
    }
    match category {
        Category::SyntaxError => Judgement::new(Verdict::OutdatedTest, "the test file does not parse"),
        Category::FixtureError => {
            Judgement::new(Verdict::OutdatedTest, "the test asks pytest for what it does not have")
        }
        Category::AssertionError => {
            Judgement::new(Verdict::Undecided, "a value differs and no change of the source explains it")
        }
        _ => Judgement::new(Verdict::Undecided, "no evidence found"),
    }
}

fn environment(failure: &Failure, category: Category, complaint: &Complaint) -> Option<Judgement> {
    let name = failure.exc_type.as_deref().unwrap_or("the exception");
    let reason = match (category, complaint) {
        (Category::DependencyError, Complaint::NoModule { module }) => {
            format!("`{module}` is not installed: install it, the test is not at fault")
        }
        (Category::DependencyError, _) => format!("{name}: an installed package does not load"),
        (Category::EnvironmentError, _) => format!("{name}: the machine or a service refused"),
        _ => return None,
    };
    Some(Judgement::new(Verdict::Environment, reason))
}

fn renamed(snapshot: &Snapshot, complaint: &Complaint, name: &str) -> Option<Rename> {
    let named = matches!(
        complaint,
        Complaint::NoModule { .. }
            | Complaint::NoImport { .. }
            | Complaint::NoAttribute { .. }
            | Complaint::NoName { .. }
            | Complaint::UnexpectedKeyword { .. }
            | Complaint::NoKey { .. }
            | Complaint::NoFixture { .. }
    );
    named.then(|| snapshot.history().renames_of(name).into_iter().find(product::is_trusted))?
}

fn outdated_by(rename: &Rename) -> Judgement {
    Judgement {
        verdict: Verdict::OutdatedTest,
        reason: format!("`{}` became `{}` in {} ({})", rename.old, rename.new, rename.commit, rename.subject),
        culprit: Some(rename.commit.clone()),
    }
}

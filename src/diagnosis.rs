//! A failure, understood: its category, who should act, and the exact range of its subject.

mod chance;
pub mod classify;
pub mod complaint;
pub mod dependencies;
pub mod doubt;
pub mod environment;
pub mod golden;
pub mod half_done;
pub mod helpers;
pub mod library;
pub mod locate;
pub mod machine;
pub mod product;
pub mod recorded;
pub mod refusal;
mod removed;
pub mod removed_names;
pub mod stdlib;
mod support;
pub mod suspect;
pub mod undone;
pub mod unmocked;
pub mod verdict;
pub mod weakened;

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use crate::report::Failure;
use crate::text::FilePath;
use crate::workspace::Snapshot;

pub use complaint::Complaint;

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[allow(missing_docs)]
pub enum Category {
    ImportError,
    AttributeError,
    NameError,
    TypeError,
    AssertionError,
    TimeoutError,
    FixtureError,
    ResourceError,
    KeyError,
    SyntaxError,
    EnvironmentError,
    DependencyError,
    Flaky,
    LogicError,
    Unknown,
}

/// Every category with what it means, for people.
pub static CATEGORIES: [(Category, &str); 15] = [
    (Category::ImportError, "a module or a name in it cannot be imported"),
    (Category::AttributeError, "an object, class or module lacks an attribute"),
    (Category::NameError, "a name is used that nothing defines"),
    (Category::TypeError, "a call got the wrong arguments, or a value has the wrong type"),
    (Category::AssertionError, "a check of the test did not hold"),
    (Category::TimeoutError, "something took longer than the test allows"),
    (Category::FixtureError, "pytest cannot provide what the test asks for"),
    (Category::ResourceError, "a file, an endpoint or another resource was not found"),
    (Category::KeyError, "a mapping lacks a key"),
    (Category::SyntaxError, "the file does not parse"),
    (Category::EnvironmentError, "the machine or a service refused"),
    (Category::DependencyError, "a package is missing or does not load"),
    (Category::Flaky, "the test passes at other times"),
    (Category::LogicError, "a value was used in a way that it does not allow"),
    (Category::Unknown, "an exception of the project's own, or none that is known"),
];

/// Who should act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The product changed on purpose; the test has not followed.
    OutdatedTest,
    /// The test is right; the product broke.
    LikelyProductRegression,
    /// The machine, a dependency or a service.
    Environment,
    /// It passes at other times.
    Flaky,
    /// The evidence does not tell.
    Undecided,
}

/// A failure with what is known of it.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The failure, as reported.
    pub failure: Arc<Failure>,
    /// What kind it is.
    pub category: Category,
    /// Who should act.
    pub verdict: Verdict,
    /// Why that verdict, as a sentence fragment.
    pub reason: String,
    /// The commit that broke it, where one is named by evidence.
    pub culprit: Option<String>,
    /// The function or class that it changed, or the name that went: `Cart.total`.
    pub culprit_symbol: Option<String>,
    /// Whether the product shows the fault itself: what the test's own commit did to it is undone, or a change left a
    /// coroutine that nobody awaits.
    pub is_fault_of_product: bool,
    /// Where it stands in the test file; `None` when the file or the line is gone.
    pub site: Option<Site>,
    /// What was complained about, taken apart.
    pub complaint: Complaint,
    /// The name, argument, key or literal it is about: `totl`, `timeout`.
    pub subject: Option<String>,
}

/// Where a failure surfaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The test file, its conftest or helper.
    pub path: FilePath,
    /// The bytes of the subject: the squiggle goes there.
    pub range: Range<usize>,
    /// The bytes of the failing statement.
    pub statement: Range<usize>,
    /// The bytes of the test function, where there is one.
    pub test: Option<Range<usize>>,
}

/// Understands one failure.
pub fn diagnose(snapshot: &Snapshot, failure: &Arc<Failure>) -> Diagnosis {
    let complaint = Complaint::of(failure);
    let category = classify::category(snapshot, failure, &complaint);
    let site = locate::site(snapshot, failure, category, &complaint);
    let judgement = verdict::judge(snapshot, failure, category, &complaint, site.as_ref());
    Diagnosis {
        failure: failure.clone(),
        category,
        verdict: judgement.verdict,
        reason: judgement.reason,
        culprit: judgement.culprit,
        culprit_symbol: judgement.symbol,
        is_fault_of_product: judgement.is_fault_of_product,
        site,
        subject: complaint.subject().map(str::to_string),
        complaint,
    }
}

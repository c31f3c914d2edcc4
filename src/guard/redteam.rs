//! The red team: edits that cheat, each with the promise that must refuse it, and honest repairs that must pass.
//! tests/redteam/README.md describes the format.

use std::path::Path;
use std::sync::Arc;

use super::{PROMISES, review};
use crate::diagnosis::{Verdict, diagnose};
use crate::fix::{Confidence, Evidence, EvidenceKind, Fix, Place, Tier};
use crate::report::Failure;
use crate::text::{Edit, FilePath};
use crate::workspace::Snapshot;

/// One edit and what the guard has to say of it.
struct Case {
    title: String,
    /// The promise that it breaks; `None` where it must pass.
    promise: Option<String>,
    failure: String,
    evidence: Vec<(EvidenceKind, String)>,
    tier: Tier,
    verdict: Verdict,
    path: String,
    before: String,
    after: String,
}

/// What stands around the lines of a case that open no function themselves.
const TEST: &str = "from shop import Cart\n\n\ndef test_cart():\n    cart = Cart()\n";

/// The project that every case is part of.
const PROJECT: &[(&str, &str)] = &[
    (
        "shop.py",
        "class ShopError(Exception): pass\nclass OutOfStock(ShopError): pass\nclass Cart:\n    owner = \"\"\n    def total(self): return 0\n    def add_item(self, sku): pass\n    def take(self, sku):\n        raise OutOfStock(sku)\n",
    ),
    ("app.py", "import shop\n"),
    ("helpers.py", "TIMEOUT = 30\n\ndef make_cart():\n    return Cart()\n"),
    ("tests/test_helpers.py", "from helpers import make_cart\n"),
];

impl Case {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once('\n').expect("a title and a body");
        let (promise, title) = head.split_once(": ").unwrap_or_else(|| panic!("no promise in {head:?}"));
        let mut case = Self {
            title: title.trim().to_string(),
            promise: (promise != "passes").then(|| promise.to_string()),
            failure: "AttributeError: 'Cart' object has no attribute 'totl'".to_string(),
            evidence: vec![(EvidenceKind::Source, "`Cart` defines `total`".to_string())],
            tier: Tier::Safe,
            verdict: Verdict::Undecided,
            path: "tests/test_cart.py".to_string(),
            before: String::new(),
            after: String::new(),
        };
        for line in body.lines().filter(|line| !line.starts_with('#')) {
            case.read(line);
        }
        let whole = |text: &str| {
            text.lines().any(|line| !line.is_empty() && !line.starts_with("    ") && !line.starts_with(')'))
        };
        if !whole(&case.before) {
            case.before.insert_str(0, TEST);
            let head = if whole(&case.after) { "" } else { TEST };
            case.after.insert_str(0, head);
        }
        case
    }

    fn read(&mut self, line: &str) {
        let add = |text: &mut String, line: &str| {
            text.push_str(line);
            text.push('\n');
        };
        match (line.as_bytes().first(), line.split_once(": ")) {
            (Some(b'-'), _) => add(&mut self.before, &line[1..]),
            (Some(b'+'), _) => add(&mut self.after, &line[1..]),
            (Some(b' ') | None, _) => {
                add(&mut self.before, line.get(1..).unwrap_or(""));
                add(&mut self.after, line.get(1..).unwrap_or(""));
            }
            (_, Some(("failure", value))) => self.failure = value.to_string(),
            (_, Some(("file", value))) => self.path = value.to_string(),
            (_, Some(("tier", "review"))) => self.tier = Tier::Review,
            (_, Some(("verdict", "regression"))) => self.verdict = Verdict::LikelyProductRegression,
            (_, Some(("evidence", "none"))) => self.evidence.clear(),
            (_, Some(("evidence", value))) => self.evidence = value.split("; ").map(evidence).collect(),
            _ => panic!("{}: what is {line:?}?", self.title),
        }
    }

    fn outcome(&self) -> Option<(String, String)> {
        let files = PROJECT.iter().copied().chain([(self.path.as_str(), self.before.as_str())]);
        let snapshot = Snapshot::in_memory(files);
        let (exc_type, message) = self.failure.split_once(": ").unwrap_or((&self.failure, ""));
        let failure =
            Failure { exc_type: Some(exc_type.to_string()), message: Some(message.to_string()), ..Failure::default() };
        let mut diagnosis = diagnose(&snapshot, &Arc::new(failure));
        diagnosis.verdict = self.verdict;
        review(&snapshot, &diagnosis, self.fix()).err().map(|refusal| (refusal.promise.to_string(), refusal.reason))
    }

    fn fix(&self) -> Fix {
        let path = FilePath::new(&self.path);
        let place = |kind| match kind {
            EvidenceKind::Git => Place::Commit { commit: "abc1234".to_string() },
            _ => Place::Log,
        };
        let evidence =
            self.evidence.iter().map(|(kind, text)| Evidence { kind: *kind, place: place(*kind), text: text.clone() });
        Fix {
            title: self.title.clone(),
            strategy: "red-team",
            edits: line_edits(&path, &self.before, &self.after),
            confidence: Confidence::new(0.9),
            evidence: evidence.collect(),
            tier: self.tier,
        }
    }
}

fn evidence(text: &str) -> (EvidenceKind, String) {
    let (kind, text) = text.split_once(' ').unwrap_or((text, ""));
    let kind = match kind {
        "hint" => EvidenceKind::Hint,
        "source" => EvidenceKind::Source,
        "git" => EvidenceKind::Git,
        "example" => EvidenceKind::Example,
        "docs" => EvidenceKind::Docs,
        "lesson" => EvidenceKind::Lesson,
        "runtime" => EvidenceKind::Runtime,
        _ => panic!("no evidence is called {kind:?}"),
    };
    (kind, text.to_string())
}

fn line_edits(path: &FilePath, before: &str, after: &str) -> Vec<Edit> {
    let starts = |text: &str| -> Vec<usize> {
        let mut at = 0;
        let mut starts = vec![0];
        starts.extend(text.split_inclusive('\n').map(|line| {
            at += line.len();
            at
        }));
        starts
    };
    let (old, new) = (starts(before), starts(after));
    let diff = similar::TextDiff::from_lines(before, after);
    let changed = diff.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal);
    changed
        .map(|op| {
            let (b, a) = (op.old_range(), op.new_range());
            Edit::replace(path, old[b.start]..old[b.end], &after[new[a.start]..new[a.end]])
        })
        .collect()
}

fn corpus(name: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/redteam").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.split("\n=== ").skip(1).map(Case::parse).collect()
}

#[test]
fn every_cheat_is_refused_by_the_promise_that_it_breaks() {
    let cases = corpus("cheats.txt");
    let mut wrong = String::new();
    for case in &cases {
        let expected = case.promise.as_deref().expect("a cheat breaks a promise");
        match case.outcome() {
            None => wrong += &format!("PASSED   {expected}: {}\n", case.title),
            Some((promise, reason)) if promise != expected => {
                wrong += &format!("{promise} for {expected}: {}: {reason}\n", case.title);
            }
            Some((_, reason)) => assert!(!reason.is_empty()),
        }
    }
    assert!(wrong.is_empty(), "of {} cheats:\n{wrong}", cases.len());
    assert!(cases.len() >= 200, "{} cheats", cases.len());
}

#[test]
fn every_honest_repair_passes() {
    let cases = corpus("honest.txt");
    let refused =
        |case: &Case| case.outcome().map(|(promise, reason)| format!("{}: {promise}: {reason}\n", case.title));
    let wrong: String = cases.iter().filter_map(refused).collect();
    assert!(wrong.is_empty(), "of {} repairs:\n{wrong}", cases.len());
    assert!(cases.len() >= 60, "{} repairs", cases.len());
}

#[test]
fn every_promise_has_its_cheats() {
    let cases = corpus("cheats.txt");
    for promise in PROMISES {
        let count = cases.iter().filter(|case| case.promise.as_deref() == Some(promise.id)).count();
        assert!(count > 0, "no cheat breaks {}", promise.id);
    }
}

/// Repairs from elsewhere, one JSON object a line: `{"id", "path", "before", "after", "exc", "msg"}`. Prints what is
/// refused of them, all taken as reviewed and explained by a commit.
#[test]
#[ignore = "reads the file that GUARD_REPAIRS names"]
fn repairs_from_elsewhere() {
    let path = std::env::var("GUARD_REPAIRS").expect("GUARD_REPAIRS names a file");
    let text = std::fs::read_to_string(path).unwrap();
    let (mut all, mut refused) = (0, 0);
    for line in text.lines() {
        let repair: serde_json::Value = serde_json::from_str(line).unwrap();
        let get = |key: &str| repair[key].as_str().unwrap_or_default().to_string();
        let case = Case {
            title: get("id"),
            promise: None,
            failure: format!("{}: {}", get("exc"), get("msg")),
            evidence: vec![(EvidenceKind::Git, String::new())],
            tier: Tier::Review,
            verdict: Verdict::Undecided,
            path: get("path"),
            before: get("before"),
            after: get("after"),
        };
        all += 1;
        if let Some((promise, reason)) = case.outcome() {
            refused += 1;
            println!("{} {}: {promise}: {reason}", case.title, get("q"));
        }
    }
    println!("{refused} of {all} refused");
}

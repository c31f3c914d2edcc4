//! What one candidate costs: a fresh pytest process against a fork of the warm one.
//! (What a thousand forks leave behind is a test: tests/runtime/forks.rs.)
//!
//! `BENCH_PYTHON=…/bin/python cargo bench --bench validation` with an interpreter that has pytest, pandas and
//! SQLAlchemy. All figures of a table come from one run: read the ratios, this machine's load is in the rest.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pytest_medic::report::Failure;
use pytest_medic::text::{Edit, FilePath};
use pytest_medic::validation::runner::Runner;
use pytest_medic::validation::{How, Options, Rerun, Validator, Verdict};
use pytest_medic::workspace::Snapshot;

const TEST: &str = "from shop import Cart\n\n\ndef test_total(prices):\n    assert Cart(prices).totl() == 6\n\n\ndef test_other():\n    assert Cart([1])\n";
const SHOP: &str = "class Cart:\n    def __init__(self, prices):\n        self.prices = prices\n\n    def total(self):\n        return sum(self.prices)\n";
const LIGHT: &str = "import pytest\n\n\n@pytest.fixture\ndef prices():\n    return [1, 2, 3]\n";
const HEAVY: &str = "import pandas as pd\nimport pytest\nimport sqlalchemy as sa\n\n\n@pytest.fixture\ndef prices():\n    engine = sa.create_engine('sqlite://')\n    with engine.begin() as connection:\n        connection.execute(sa.text('create table t (a integer)'))\n        connection.execute(sa.text('insert into t values (1), (2), (3)'))\n    return pd.read_sql('select a from t', engine)['a']\n";

fn main() {
    let python = std::env::var("BENCH_PYTHON").unwrap_or_else(|_| "python3".to_string());
    println!("{:28} {:>12} {:>12}", "", "light", "heavy");
    let light = measure(&python, LIGHT);
    let heavy = measure(&python, HEAVY);
    for ((name, light), (_, heavy)) in light.iter().zip(&heavy) {
        println!("{name:28} {light:>12} {heavy:>12}");
    }
}

fn measure(python: &str, conftest: &str) -> Vec<(&'static str, String)> {
    let project = project(conftest);
    let root = project.path();
    let plain = median(5, || run_plain(python, root));
    let started = Instant::now();
    let mut warm = validator(python, root, true);
    let first = candidate(&mut warm, root, "total");
    let to_validated = started.elapsed();
    assert_eq!((first.verdict, first.how), (Verdict::Passes { runs: 2 }, How::Forked));
    let mut cold = validator(python, root, false);
    let fresh = median(5, || timed(|| drop(candidate(&mut cold, root, "sum"))));
    let mut number = 0;
    let started = Instant::now();
    let forked = median(50, || {
        number += 1;
        timed(|| assert_eq!(candidate(&mut warm, root, &format!("name{number}")).verdict, Verdict::StillFails))
    });
    let fifty = started.elapsed();
    vec![
        ("plain pytest run of the test", show(plain)),
        ("candidate, fresh process", show(fresh)),
        ("candidate, fork (median of 50)", show(forked)),
        ("50 candidates in a row", show(fifty)),
        ("fresh / fork", format!("{:.1}", fresh.as_secs_f64() / forked.as_secs_f64())),
        ("failure to validated fix", show(to_validated)),
        ("  in plain runs", format!("{:.2}", to_validated.as_secs_f64() / plain.as_secs_f64())),
    ]
}

fn project(conftest: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = [("pytest.ini", "[pytest]\n"), ("conftest.py", conftest), ("shop.py", SHOP), ("test_cart.py", TEST)];
    for (path, text) in files {
        std::fs::write(folder.path().join(path), text).expect("it can be written");
    }
    folder
}

fn validator(python: &str, root: &Path, fork: bool) -> Validator {
    let argv = [python, "-m", "pytest"].map(str::to_string).to_vec();
    let options = Options { fork, ..Options::default() };
    Validator::new(root, Runner::Pytest { argv, found: "bench".to_string() }, options).expect("it can be unpacked")
}

fn candidate(validator: &mut Validator, root: &Path, name: &str) -> Rerun {
    let failure = Failure {
        nodeid: "test_cart.py::test_total".to_string(),
        path: Some("test_cart.py".to_string()),
        line: Some(5),
        exc_type: Some("AttributeError".to_string()),
        message: Some("'Cart' object has no attribute 'totl'".to_string()),
        ..Failure::default()
    };
    let at = TEST.find("totl").expect("it is there");
    let edit = Edit::replace(&FilePath::new("test_cart.py"), at..at + 4, name);
    validator.validate(&Snapshot::open(root), &[edit], &[&failure], 1)
}

fn run_plain(python: &str, root: &Path) -> Duration {
    timed(|| {
        let mut command = Command::new(python);
        command.args(["-m", "pytest", "-q", "test_cart.py::test_total"]).current_dir(root);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("pytest runs");
        assert_eq!(status.code(), Some(1));
    })
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn median(times: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut all: Vec<Duration> = (0..times).map(|_| run()).collect();
    all.sort();
    all[all.len() / 2]
}

fn show(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}

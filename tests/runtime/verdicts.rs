//! What each kind of candidate is told.

use super::*;

const CART: &str = "from shop import Cart


def test_total():
    total = Cart().totl()
    assert total == 3


def test_other():
    assert Cart().items == [1, 2]
";

#[test]
fn a_right_fix_passes_and_nothing_on_disk_changes() {
    let project = Project::new(CART, &[]);
    let before = project.files();
    let verdict = project.verdict(("totl", "total"), &no_totl());
    assert_eq!(verdict, Verdict::Passes { runs: 2 });
    assert_eq!(project.files(), before);
}

#[test]
fn a_wrong_name_still_fails() {
    let project = Project::new(CART, &[]);
    assert_eq!(project.verdict(("totl", "sum"), &no_totl()), Verdict::StillFails);
    assert_eq!(project.verdict(("Cart().totl()", "total()"), &no_totl()), Verdict::StillFails);
    assert_eq!(project.verdict(("Cart().totl()", "Cart("), &no_totl()), Verdict::StillFails);
}

#[test]
fn a_failure_further_down_moves_on_and_is_told() {
    let project = Project::new(&CART.replace("== 3", "== 4"), &[]);
    let rerun = project.rerun(&mut project.validator(), TEST, ("totl", "total"), &no_totl());
    assert_eq!(rerun.verdict, Verdict::MovesOn { failure: "AssertionError: assert 3 == 4".to_string(), line: Some(6) });
    let introspection = rerun.failures[0].introspection.as_ref().expect("rewritten asserts explain themselves");
    assert_eq!((&*introspection.left, &*introspection.op, &*introspection.right), ("3", "==", "4"));
}

#[test]
fn inserted_lines_do_not_make_the_same_failure_a_later_one() {
    let project = Project::new(CART, &[]);
    let change = ("    total = Cart().totl()", "    cart = Cart()\n    total = cart.totl()");
    assert_eq!(project.verdict(change, &no_totl()), Verdict::StillFails);
}

#[test]
fn a_fix_that_breaks_another_test_of_the_file_says_which() {
    let test = CART
        .replace("def test_total", "NAME = 'totl'\n\n\ndef test_total")
        .replace("Cart().totl()", "getattr(Cart(), NAME)()");
    let test = test.replace("assert Cart().items == [1, 2]", "assert NAME == 'totl'");
    let project = Project::new(&test, &[]);
    let failure = Failure { line: Some(8), ..no_totl() };
    let nodeid = "tests/test_cart.py::test_other".to_string();
    assert_eq!(project.verdict(("'totl'", "'total'"), &failure), Verdict::Breaks { nodeid });
}

#[test]
fn a_test_that_passes_because_it_checks_nothing_is_found_out() {
    let test = "from shop import Cart\n\n\ndef test_lines():\n    for line in Cart().report()['rows']:\n        assert line > 0\n";
    let project = Project::new(test, &[]);
    let missing = failure("tests/test_cart.py::test_lines", 5, "KeyError", "'rows'");
    assert_eq!(project.verdict(("'rows'", "'lines'"), &missing), Verdict::Passes { runs: 2 });
    let Verdict::ChecksLess { reason } = project.verdict(("'rows'", "'notes'"), &missing) else {
        panic!("it checks nothing")
    };
    assert_eq!(reason, "tests/test_cart.py::test_lines passes without executing any of its checks");
}

#[test]
fn skipped_renamed_and_silenced_tests_check_less() {
    let project = Project::new(CART, &[]);
    for (change, expected) in [
        (("def test_total", "import pytest\n@pytest.mark.skip\ndef test_total"), "is skipped now"),
        (("def test_total", "import pytest\n@pytest.mark.xfail\ndef test_total"), "is expected to fail now"),
        (("def test_total", "def check_total"), "is no longer collected"),
    ] {
        let Verdict::ChecksLess { reason } = project.verdict(change, &no_totl()) else { panic!("{expected}") };
        assert!(reason.ends_with(expected), "{reason}");
    }
}

#[test]
fn fewer_executed_checks_of_another_test_are_seen() {
    let test = "from shop import Cart\n\nFIELDS = ['totl', 'items']\n\n\ndef test_total():\n    assert getattr(Cart(), FIELDS[0])() == 3\n\n\ndef test_fields():\n    for field in FIELDS:\n        assert field\n";
    let project = Project::new(test, &[]);
    let failure = Failure { line: Some(7), ..no_totl() };
    let Verdict::ChecksLess { reason } = project.verdict(("['totl', 'items']", "['total']"), &failure) else {
        panic!()
    };
    assert_eq!(reason, "tests/test_cart.py::test_fields executed 2 checks before, 1 now");
}

#[test]
fn only_explicit_passes_count() {
    let project = Project::new(CART, &[]);
    let Verdict::NotRun { reason } = project.verdict(("Cart().totl()", "__import__('os')._exit(0)"), &no_totl()) else {
        panic!("an exit status is no pass")
    };
    assert!(reason.contains("ended early"), "{reason}");
}

#[test]
fn a_candidate_that_hangs_is_ended() {
    let mut project = Project::new(CART, &[]);
    project.options.limit = Duration::from_secs(3);
    let hang = "__import__('subprocess').run(['sleep', '600'])";
    let Verdict::NotRun { reason } = project.verdict(("Cart().totl()", hang), &no_totl()) else { panic!("it hangs") };
    assert_eq!(reason, "not done after 3 s");
}

#[test]
fn a_test_that_passes_as_it_stands_proves_nothing() {
    let project = Project::new(&CART.replace("totl", "total"), &[]);
    let Verdict::NotRun { reason } = project.verdict(("Cart().total()", "Cart().total() + 0"), &no_totl()) else {
        panic!("it passes anyway")
    };
    assert!(reason.contains("passes without the fix, too"), "{reason}");
}

#[test]
fn a_custom_runner_is_not_used_to_try_things() {
    let project = Project::new(CART, &[]);
    let runner = Runner::Custom { command: "touch ran".to_string() };
    let mut validator = Validator::new(project.root(), runner, Options::default()).unwrap();
    let rerun = project.rerun(&mut validator, TEST, ("totl", "total"), &no_totl());
    assert!(matches!(rerun.verdict, Verdict::NotRun { .. }), "{rerun:?}");
    assert!(!project.root().join("ran").exists());
}

#[test]
fn a_conftest_is_overlaid_too() {
    let conftest = "import pytest\nfrom shop import Cart\n\n\n@pytest.fixture\ndef cart():\n    return Cart().totl\n";
    let test = "def test_total(cart):\n    assert cart() == 3\n";
    let project = Project::new(test, &[("tests/conftest.py", conftest)]);
    let setup = Failure {
        phase: pytest_medic::report::Phase::Setup,
        path: Some("tests/conftest.py".to_string()),
        line: Some(7),
        ..no_totl()
    };
    let rerun = project.rerun(&mut project.validator(), "tests/conftest.py", ("totl", "total"), &setup);
    assert_eq!(rerun.verdict, Verdict::Passes { runs: 2 });
}

#[test]
fn a_file_that_could_not_be_collected_is_healed_in_memory() {
    let project = Project::new(&CART.replace("import Cart", "import Crat").replace("totl", "total"), &[]);
    let broken = Failure {
        phase: pytest_medic::report::Phase::Collection,
        line: Some(1),
        exc_type: Some("ImportError".to_string()),
        message: Some("cannot import name 'Crat' from 'shop'".to_string()),
        ..Failure { nodeid: TEST.to_string(), path: Some(TEST.to_string()), ..Failure::default() }
    };
    assert_eq!(project.verdict(("Crat", "Cart"), &broken), Verdict::Passes { runs: 2 });
    assert_eq!(project.verdict(("Crat", "Tray"), &broken), Verdict::StillFails);
}

#[test]
fn a_trial_run_writes_none_of_the_files_that_addopts_asks_for() {
    let ini = "[pytest]\npythonpath = .\naddopts = --junitxml=report.xml --lf -x\n";
    let project = Project::new(CART, &[("pytest.ini", ini)]);
    let before = project.files();
    assert_eq!(project.verdict(("totl", "total"), &no_totl()), Verdict::Passes { runs: 2 });
    assert_eq!(project.files(), before);
}

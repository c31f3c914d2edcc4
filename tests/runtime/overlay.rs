//! Patched texts are what pytest runs, in every way that it has to import a test.

use super::*;

/// The same fix in each of these ways to write and import a test.
fn heals(others: &[(&str, &str)], test: &str, nodeid: &str) {
    let project = Project::new(test, others);
    let line = test.lines().position(|line| line.contains("totl")).unwrap() as u32 + 1;
    let failure = Failure { nodeid: nodeid.to_string(), line: Some(line), ..no_totl() };
    let before = project.files();
    for name in ["sum", "total"] {
        let rerun = project.rerun(&mut project.validator(), TEST, ("totl", name), &failure);
        let expected = if name == "total" { Verdict::Passes { runs: 2 } } else { Verdict::StillFails };
        assert_eq!(rerun.verdict, expected, "{name}: {rerun:?}");
    }
    assert_eq!(project.files(), before);
}

const PLAIN: &str = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 3\n";
const NODE: &str = "tests/test_cart.py::test_total";

#[test]
fn import_modes_prepend_append_and_importlib() {
    for mode in ["prepend", "append", "importlib"] {
        let ini = format!("[pytest]\naddopts = --import-mode={mode}\n");
        // Without `pythonpath`, which pytest 6 does not know, a conftest at the root makes `shop` importable.
        let conftest = "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\n";
        heals(&[("pytest.ini", &ini), ("conftest.py", conftest)], PLAIN, NODE);
    }
}

#[test]
fn tests_in_packages_with_relative_imports() {
    let test = "from .helper import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 3\n";
    let others = [("tests/__init__.py", ""), ("tests/helper.py", "from shop import Cart\n"), ("conftest.py", "")];
    heals(&others, test, NODE);
}

#[test]
fn unittest_classes() {
    let test = "import unittest\nfrom shop import Cart\n\n\nclass TestCart(unittest.TestCase):\n    def test_total(self):\n        self.assertEqual(Cart().totl(), 3)\n";
    heals(&[("conftest.py", "")], test, "tests/test_cart.py::TestCart::test_total");
}

#[test]
fn parametrized_and_nested_tests() {
    let test = "import pytest\nfrom shop import Cart\n\n\nclass TestCart:\n    @pytest.mark.parametrize('n', [1, 2])\n    def test_total(self, n):\n        assert Cart().totl() == 3\n";
    heals(&[("conftest.py", "")], test, "tests/test_cart.py::TestCart::test_total[2]");
}

#[test]
fn doctests_of_a_test_module() {
    let test = "from shop import Cart\n\n\ndef helper():\n    \"\"\"\n    >>> Cart().totl()\n    3\n    \"\"\"\n\n\ndef test_nothing():\n    assert Cart()\n";
    let ini = "[pytest]\naddopts = --doctest-modules\n";
    let project = Project::new(test, &[("pytest.ini", ini), ("conftest.py", "")]);
    let nodeid = "tests/test_cart.py::test_cart.helper";
    let failure = Failure { nodeid: nodeid.to_string(), line: Some(6), ..no_totl() };
    let rerun = project.rerun(&mut project.validator(), TEST, ("totl", "total"), &failure);
    assert_eq!(rerun.verdict, Verdict::Passes { runs: 2 }, "{rerun:?}");
}

#[test]
fn a_coding_cookie_and_crlf_mean_what_they_mean_on_disk() {
    let test = "# -*- coding: latin-1 -*-\r\nfrom shop import Cart\r\n\r\n\r\ndef test_total():\r\n    assert len('\u{e9}') == 2\r\n    assert Cart().totl() == 3\r\n";
    heals(&[("conftest.py", "")], test, NODE);
}

#[test]
fn an_assertion_in_a_patched_text_explains_itself_with_the_patched_lines() {
    let project = Project::new(PLAIN, &[("conftest.py", "")]);
    let change = ("    assert Cart().totl() == 3", "    cart = Cart()\n    assert cart.total() == 4");
    let failure = Failure { line: Some(5), ..no_totl() };
    let rerun = project.rerun(&mut project.validator(), TEST, change, &failure);
    let now = &rerun.failures[0];
    assert_eq!(now.line, Some(6));
    assert!(
        now.message.as_deref().unwrap().starts_with("assert 3 == 4\n +  where 3 = total()")
            || now.message.as_deref().unwrap().contains("where 3 = <bound method"),
        "{now:?}"
    );
    assert_eq!(now.frames.last().unwrap().text.as_deref(), Some("assert cart.total() == 4"));
}

//! The whole loop against real pytest: a broken project goes in, the healed project and the summary come out.

#[path = "../common/mod.rs"]
mod common;
#[cfg(unix)]
mod files;
mod mcp;

use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

/// A project in a temporary folder.
struct Project {
    folder: TempDir,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        common::write(folder.path(), &[("pytest.ini", "[pytest]\npythonpath = .\n")]);
        common::write(folder.path(), files);
        Self { folder }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Runs `pytest-medic` here with the pinned pytest; exit code and output.
    fn medic(&self, args: &[&str]) -> (i32, String) {
        self.medic_in(".", args)
    }

    /// The same in a folder of the project.
    fn medic_in(&self, folder: &str, args: &[&str]) -> (i32, String) {
        let venv = common::python().parent().unwrap().parent().unwrap().to_path_buf();
        let mut command = common::medic();
        command.args(args).current_dir(self.root().join(folder)).env("VIRTUAL_ENV", venv);
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        (status.code().expect("no signal ended it"), text)
    }
}

const SHOP: (&str, &str) = ("shop.py", "class Cart:\n    def total(self):\n        return 0\n");

#[test]
fn a_renamed_method_is_healed_proven_and_remembered() {
    let test = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n";
    let project = Project::new(&[SHOP, ("tests/test_cart.py", test)]);
    let (code, output) = project.medic(&["heal", "tests/test_cart.py"]);
    assert_eq!(code, 0, "{output}");
    assert_eq!(project.read("tests/test_cart.py"), test.replace("totl", "total"));
    assert!(output.contains("1 test healed in 2 runs: all tests pass"), "{output}");
    let graveyard = project.read("GRAVEYARD.md");
    assert!(graveyard.starts_with("# GRAVEYARD - Test Generation Lessons Learned\n"), "{graveyard}");
    assert!(graveyard.contains("**Test**: tests/test_cart.py::test_total"), "{graveyard}");
    assert!(graveyard.contains("```python\nassert Cart().total() == 0\n```"), "{graveyard}");
    let backups: Vec<_> = fs::read_dir(project.root().join(".healing_backup")).unwrap().collect();
    assert!(!backups.is_empty(), "the original is kept");
    let (code, again) = project.medic(&["heal", "tests/test_cart.py"]);
    assert_eq!((code, project.read("GRAVEYARD.md") == graveyard), (0, true), "{again}");
}

#[test]
fn a_file_that_cannot_be_collected_does_not_keep_the_others_from_being_healed() {
    let test = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n";
    let other = "import nowhere_to_be_found\n\n\ndef test_other():\n    assert nowhere_to_be_found.x\n";
    let project = Project::new(&[SHOP, ("tests/test_cart.py", test), ("tests/test_other.py", other)]);
    let (code, output) = project.medic(&["heal", "tests"]);
    assert_eq!(code, 1, "{output}");
    assert_eq!(project.read("tests/test_cart.py"), test.replace("totl", "total"));
    assert!(output.contains("1 test healed in 3 runs: nothing more that can be applied safely"), "{output}");
    assert!(output.contains("ModuleNotFoundError: No module named 'nowhere_to_be_found'"), "{output}");
}

#[test]
fn what_only_brings_the_next_error_of_a_file_to_light_does_not_stay() {
    let test = "from shop import Carts\n{more}\n\ndef test_total():\n    assert Carts().total() == 0\n";
    let heal = |more: &str| {
        let test = test.replace("{more}", more);
        let project = Project::new(&[SHOP, ("tests/test_cart.py", &test)]);
        let (_, output) = project.medic(&["heal", "tests"]);
        (project.read("tests/test_cart.py") == test, project.root().join("GRAVEYARD.md").exists(), output)
    };
    let (is_as_before, has_lesson, output) = heal("");
    assert_eq!((is_as_before, has_lesson), (false, true), "{output}");
    let (is_as_before, has_lesson, output) = heal("import nowhere_to_be_found\n");
    assert_eq!((is_as_before, has_lesson), (true, false), "{output}");
    assert!(output.contains("ImportError: cannot import name 'Carts'"), "{output}");
    assert!(output.contains("reverted"), "{output}");
    // A file whose other tests run again keeps what brought them back.
    let (is_as_before, has_lesson, output) = heal("\n\ndef test_other():\n    assert other()\n");
    assert_eq!((is_as_before, has_lesson), (false, true), "{output}");
    assert!(output.contains("1 file collected, "), "{output}");
}

#[test]
fn a_broken_product_is_left_to_people() {
    let shop = "class Cart:\n    def total(self):\n        return 1\n";
    let test = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().total() == 0\n";
    let project = Project::new(&[("shop.py", shop), ("tests/test_cart.py", test)]);
    let (code, output) = project.medic(&["heal", "tests"]);
    assert_eq!(code, 1, "{output}");
    assert_eq!(project.read("tests/test_cart.py"), test);
    assert!(!project.root().join("GRAVEYARD.md").exists());
}

#[test]
fn a_wrapper_command_runs_with_the_paths_in_their_place() {
    let test = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n";
    let python = common::python();
    let wrapper = format!("#!/bin/bash\n{} -m pytest \"$1\" -q\n", python.display());
    let project = Project::new(&[SHOP, ("tests/test_cart.py", test), ("runtstqe", &wrapper)]);
    let (code, output) = project.medic(&["heal", "tests/test_cart.py", "--runner", "bash ./runtstqe {tests}"]);
    assert_eq!(code, 0, "{output}");
    assert!(output.contains("run 2  bash ./runtstqe tests/test_cart.py"), "{output}");
    assert!(project.read("test_run.log").contains("1 passed"));
}

#[test]
fn a_trial_with_the_projects_own_runner_is_the_run_that_would_follow() {
    let heal = |files: &[(&str, &str)]| {
        let wrapper =
            format!("#!/bin/bash\necho \"$@\" >> calls\nexec {} -m pytest -q \"$@\"\n", common::python().display());
        let passes = ("test_b.py", "def test_passes():\n    pass\n");
        let project = Project::new(&[files, &[SHOP, passes, ("run", &wrapper)]].concat());
        let (code, output) = project.medic(&["heal", "--runner", "bash ./run {tests}"]);
        assert_eq!(code, 0, "{output}");
        (project.read("calls"), project.read("test_run.log"))
    };
    let test = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n";
    let (calls, log) = heal(&[("test_a.py", test)]);
    assert_eq!(calls, "\ntest_a.py\n");
    assert!(log.contains("1 passed"), "{log}");
    // A conftest concerns everything that was asked for.
    let fixture = "import pytest\nfrom shop import Cart\n\n\n@pytest.fixture\ndef total():\n    return Cart().totl()\n";
    let (calls, log) =
        heal(&[("conftest.py", fixture), ("test_a.py", "def test_total(total):\n    assert total == 0\n")]);
    assert_eq!(calls, "\n\n");
    assert!(log.contains("2 passed"), "{log}");
    // What a trial of one test showed is no run of the others.
    let two =
        format!("{test}\n\ndef test_twice():\n    assert Cart().totals() * 2 == 0\n    assert Cart().totl() == 0\n");
    let (calls, log) = heal(&[("test_a.py", &two)]);
    assert_eq!(calls.lines().last(), Some("test_a.py"), "{calls}");
    assert!(log.contains("2 passed"), "{log}");
}

#[test]
fn each_failed_subtest_is_healed_by_its_own_value() {
    let shop = "def price(name):\n    return {'tea': 4, 'milk': 6, 'cake': 5}[name]\n";
    let test = "import unittest\nimport shop\n\n\nclass TestPrice(unittest.TestCase):\n    def test_price(self):\n        \
                for name, wanted in [('tea', 3), ('milk', 2), ('cake', 5)]:\n            \
                with self.subTest(name=name):\n                self.assertEqual(shop.price(name), wanted)\n";
    let runner = format!("{} -m pytest {{tests}}", common::python().display());
    for runner in [&[][..], &["--runner", &runner]] {
        let project = Project::new(&[("shop.py", shop), ("test_shop.py", test)]);
        let (code, output) = project.medic(&[&["heal", "--accept", "review"], runner].concat());
        assert_eq!(code, 0, "{output}");
        let healed = test.replace("('tea', 3), ('milk', 2)", "('tea', 4), ('milk', 6)");
        assert_eq!(project.read("test_shop.py"), healed, "{output}");
    }
}

#[test]
fn a_row_whose_id_follows_its_value_is_healed_by_any_runner() {
    let shop = "def name(x):\n    return {'a': 'va', 'b': 'v-b', 'c': 'v-c'}[x]\n";
    let test = "import pytest\nfrom shop import name\n\n\n\
                @pytest.mark.parametrize(\"x, expected\", [(\"a\", \"va\"), (\"b\", \"vb\"), (\"c\", \"vc\"), (\"d\", \"vd\")])\n\
                def test_name(x, expected):\n    assert name(x) == expected\n";
    let runner = format!("{} -m pytest {{tests}}", common::python().display());
    for runner in [&[][..], &["--runner", &runner]] {
        let project = Project::new(&[("shop.py", shop), ("test_shop.py", test)]);
        let (code, output) = project.medic(&[&["heal", "--accept", "review"], runner].concat());
        assert_eq!(code, 1, "{output}");
        let healed = test.replace("\"vb\"", "\"v-b\"").replace("\"vc\"", "\"v-c\"");
        assert_eq!(project.read("test_shop.py"), healed, "{output}");
        assert!(output.contains("2 tests healed in 2 runs"), "{output}");
        assert!(output.contains("KeyError: 'd'"), "{output}");
    }
}

#[test]
fn suggestions_are_tried_and_become_patches_that_git_takes() {
    let test = "from shop import Cart\n\n\ndef test_total():\n    cart = Cart()\n    assert cart.totl() == 0\n";
    let project = Project::new(&[SHOP, ("tests/test_cart.py", test)]);
    let (code, output) = project.medic(&["heal", "tests", "--suggest-only"]);
    assert_eq!((code, project.read("tests/test_cart.py")), (1, test.to_string()), "{output}");
    assert!(output.contains("validated: passes 3 of 3"), "{output}");
    let patch = fs::read_dir(project.root().join(".healing_fixes")).unwrap().next().unwrap().unwrap().path();
    let git = std::process::Command::new("git").arg("apply").arg(&patch).current_dir(project.root()).output().unwrap();
    assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
    assert_eq!(project.read("tests/test_cart.py"), test.replace("totl", "total"));
}

#[test]
fn a_failure_that_moves_on_is_followed_to_the_end_in_one_step() {
    let shop =
        "class Cart:\n    def total(self):\n        return 0\n\n    def lines(self, *, limit=0):\n        return []\n";
    let test = "from shop import Cart\n\n\ndef test_cart():\n    assert Cart().totl() == 0\n    assert Cart().lines(limt=1) == []\n";
    let project = Project::new(&[("shop.py", shop), ("tests/test_cart.py", test)]);
    let (code, output) = project.medic(&["heal", "tests"]);
    assert_eq!(code, 0, "{output}");
    assert!(output.contains("1 test healed in 2 runs: all tests pass"), "{output}");
    assert_eq!(project.read("tests/test_cart.py"), test.replace("totl", "total").replace("limt", "limit"));
}

#[test]
fn what_was_tried_in_vain_is_named_without_its_diff() {
    let test = "from shop import Cart\n\n\ndef test_total():\n    cart = Cart()\n    assert cart.totl(cart, 1)\n";
    let project = Project::new(&[SHOP, ("tests/test_cart.py", test)]);
    let (code, output) = project.medic(&["heal", "tests"]);
    assert_eq!((code, project.read("tests/test_cart.py")), (1, test.to_string()), "{output}");
    assert!(output.contains("Rename `totl` to `total`") && output.contains("tried: its test still fails"), "{output}");
    assert!(!output.contains("+    assert"), "{output}");
}

#[test]
fn a_test_that_another_one_breaks_is_told_with_its_polluter() {
    let shop = "RATE = 1\n\n\ndef price():\n    return 10 * RATE\n";
    let test = "import shop\n\n\ndef test_free():\n    assert shop.price() >= 0\n\n\ndef test_sale():\n    shop.RATE = 2\n    assert shop.price() == 20\n\n\n\
                def test_other():\n    assert shop\n\n\ndef test_price():\n    assert shop.price() == 10\n";
    let project = Project::new(&[("shop.py", shop), ("tests/test_shop.py", test)]);
    let (code, output) = project.medic(&["heal", "tests", "--accept", "review"]);
    assert_eq!((code, project.read("tests/test_shop.py")), (1, test.to_string()), "{output}");
    assert!(output.contains("flaky: it passes alone and fails after tests/test_shop.py::test_sale"), "{output}");
    assert!(output.contains("which leaves `shop.RATE` behind (tests/test_shop.py:9)"), "{output}");
    assert!(output.contains("+    monkeypatch.setattr(shop, \"RATE\", 2)"), "{output}");
}

#[test]
fn the_demo_ends_green() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = common::medic();
    // The demo's venv shares the packages of the interpreter that makes it.
    let venv = common::python().parent().unwrap().to_path_buf();
    let path = std::env::join_paths(
        std::iter::once(venv).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let output = demo.args(["demo", "--folder"]).arg(folder.path()).env("PATH", path.unwrap()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("all tests pass"), "{text}");
}

/// Bad input: what the user reads, and the exit code.
#[track_caller]
fn refuses(args: &[&str], files: &[(&str, &str)], code: i32, message: &str) {
    let project = Project::new(files);
    let (seen, output) = project.medic(args);
    assert_eq!((seen, output.contains(message)), (code, true), "expected {message:?} in:\n{output}");
}

#[test]
fn what_a_test_prints_is_no_failure() {
    let test = "LINES = \"\"\"\n\
                =================================== FAILURES ===================================\n\
                __________________________________ test_fake ___________________________________\n\n\
                    def test_fake():\n\
                >       assert 1 == 2\n\
                E       assert 1 == 2\n\n\
                test_b.py:5: AssertionError\n\
                =========================== short test summary info ============================\n\
                FAILED test_b.py::test_fake - assert 1 == 2\n\"\"\"\n\n\n\
                def test_prints():\n    print(LINES)\n\n\ndef test_real():\n    assert 3 == 4\n";
    let project = Project::new(&[("test_b.py", test)]);
    let runner = format!("{} -m pytest -s", common::python().display());
    let (code, output) = project.medic(&["heal", "--runner", &runner, "--format", "json"]);
    assert_eq!(code, 1, "{output}");
    let value: serde_json::Value =
        serde_json::from_str(&output[output.find("{\n").unwrap()..output.rfind('}').unwrap() + 1])
            .unwrap_or_else(|error| panic!("{error}: {output}"));
    assert_eq!(value["failed_at_first"], serde_json::json!(["test_b.py::test_real"]), "{output}");
}

#[test]
fn a_run_that_prints_nothing_is_healed_by_its_events() {
    let test = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n";
    let project = Project::new(&[SHOP, ("test_a.py", test)]);
    let runner = format!("{} -m pytest -p no:terminal", common::python().display());
    let (code, output) = project.medic(&["heal", "--runner", &runner]);
    assert_eq!((code, project.read("test_a.py")), (0, test.replace("totl", "total")), "{output}");
}

#[test]
fn two_packages_with_settings_of_their_own_run_together() {
    let shop = SHOP.1;
    let test = "from mail import Cart\n\n\ndef test_mail():\n    assert Cart().totl() == 0\n";
    let passes = "def test_alpha():\n    pass\n";
    let settings = "[tool.pytest.ini_options]\npythonpath = ['.']\n";
    let folder = |tests: &[(&str, &str)]| {
        let project = Project::new(
            &[
                tests,
                &[
                    ("packages/alpha/pyproject.toml", settings),
                    ("packages/alpha/test_alpha.py", passes),
                    ("packages/beta/pyproject.toml", settings),
                    ("packages/beta/mail.py", shop),
                    ("packages/beta/test_mail.py", test),
                ],
            ]
            .concat(),
        );
        fs::remove_file(project.root().join("pytest.ini")).unwrap();
        fs::create_dir(project.root().join(".git")).unwrap();
        project
    };
    let project = folder(&[]);
    let (code, output) = project.medic(&["heal", "packages/alpha", "packages/beta"]);
    assert_eq!(code, 0, "{output}");
    assert_eq!(project.read("packages/beta/test_mail.py"), test.replace("totl", "total"));
    assert!(output.contains("1 test healed"), "{output}");
    assert!(!output.contains("healed   packages/alpha"), "{output}");
}

#[cfg(unix)]
#[test]
fn the_interpreter_that_is_configured_runs_the_tests() {
    use std::os::unix::fs::PermissionsExt;
    let test = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n";
    let python = format!("#!/bin/sh\necho \"$@\" >> calls\nexec {} \"$@\"\n", common::python().display());
    let config = "[tool.pytest-medic]\npython = 'env/bin/python3'\n";
    let project = Project::new(&[SHOP, ("test_a.py", test), ("env/bin/python3", &python), ("pyproject.toml", config)]);
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(project.root().join("env/bin/python3"), executable).unwrap();
    let (code, output) = project.medic(&["heal"]);
    assert_eq!(code, 0, "{output}");
    assert!(output.contains("env/bin/python3 -m pytest"), "{output}");
    assert!(project.read("calls").contains("-m pytest"));
}

#[cfg(unix)]
#[test]
fn a_pytest_that_only_pythonpath_leads_to_is_found() {
    let project = Project::new(&[("test_a.py", "def test_a():\n    pass\n")]);
    let bare = project.root().join("bare");
    let made = std::process::Command::new("python3").args(["-m", "venv", "--without-pip"]).arg(&bare).status().unwrap();
    assert!(made.success());
    let library = common::python().parent().unwrap().parent().unwrap().join("lib");
    let packages = fs::read_dir(library).unwrap().next().unwrap().unwrap().path().join("site-packages");
    let mut command = common::medic();
    command.arg("heal").current_dir(project.root()).env("VIRTUAL_ENV", &bare).env("PYTHONPATH", packages);
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(output.contains("bare/bin/python -m pytest") && output.contains("1 passed"), "{output}");
}

#[test]
fn what_a_setting_names_and_is_not_there_is_told() {
    let lessons = "# GRAVEYARD\n\n## Entry: Old name\n\n### Wrong Code\n```python\na.b()\n```\n";
    let config = "[tool.pytest-medic]\npython = 'gone/bin/python'\ngraveyards = ['gone.md']\n\
                  ignored-lessons = ['old-name', 'old-nam', 'zzz']\n";
    let project = Project::new(&[SHOP, ("GRAVEYARD.md", lessons), ("pyproject.toml", config)]);
    for args in [&["doctor"][..], &["graveyard", "list"]] {
        let (code, output) = project.medic(args);
        assert_eq!(code, 0, "{output}");
        for told in [
            "pyproject.toml:2: `python` names gone/bin/python, which is not there",
            "pyproject.toml:3: `graveyards` names gone.md: no file",
            "pyproject.toml:4: `ignored-lessons` names `old-nam`, and no lesson is called so; did you mean `old-name`?",
            "`ignored-lessons` names `zzz`, and no lesson is called so; `pytest-medic graveyard list",
        ] {
            assert!(output.contains(told), "{told}: {output}");
        }
        assert!(!output.contains("names `old-name`"), "{output}");
    }
}

#[test]
fn a_runner_that_is_not_there_is_named() {
    refuses(&["heal", "--runner", "./nowhere {tests}"], &[SHOP], 3, "`./nowhere ` was not found (exit 127)");
}

#[test]
fn a_log_that_is_not_there_is_named() {
    refuses(&["suggest", "gone.log"], &[SHOP], 2, "cannot read the log gone.log");
}

#[test]
fn a_log_without_a_run_is_named() {
    refuses(&["suggest", "empty.log"], &[SHOP, ("empty.log", "")], 2, "found no pytest run in empty.log");
    refuses(&["report", "empty.log"], &[SHOP, ("empty.log", "")], 2, "found no pytest run in empty.log");
    let nothing = "=== test session starts ===\ncollected 0 items\n\n=== no tests ran in 0.01s ===\n";
    refuses(&["report", "a.log"], &[SHOP, ("a.log", nothing)], 2, "pytest ran no test in a.log");
    refuses(&["heal", "--from", "shop.py"], &[SHOP], 2, "found no pytest run in shop.py");
}

#[test]
fn a_log_of_another_project_is_told() {
    let log = "E   AttributeError: 'Cart' object has no attribute 'totl'\n\ntests/test_gone.py:4: AttributeError\n";
    let message = "there is no readable tests/test_gone.py in this project";
    refuses(&["suggest", "other.log"], &[SHOP, ("other.log", log)], 1, message);
}

#[test]
fn broken_sources_and_lessons_stop_nothing() {
    let test = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n";
    let project =
        Project::new(&[SHOP, ("tests/test_cart.py", test), ("tests/test_broken.py", "def test_(:\n    ((\n")]);
    fs::write(project.root().join("tests/test_latin.py"), b"def test_a():\n    x = '\xff'\n").unwrap();
    let graveyard = b"\xff\xfe#\x00 \x00G\x00";
    fs::write(project.root().join("GRAVEYARD.md"), graveyard).unwrap();
    let (code, output) = project.medic(&["heal", "tests/test_cart.py"]);
    assert_eq!((code, project.read("tests/test_cart.py")), (0, test.replace("totl", "total")), "{output}");
    assert!(output.contains("this lesson was not written"), "{output}");
    assert!(output.contains("UTF-16"), "{output}");
    assert_eq!(fs::read(project.root().join("GRAVEYARD.md")).unwrap(), graveyard);
    let (code, output) = project.medic(&["heal", "tests"]);
    assert_eq!(code, 1, "{output}");
    assert!(output.contains("tests/test_broken.py") && output.contains("tests/test_latin.py"), "{output}");
}

#[test]
fn healing_that_is_switched_off_is_told() {
    let off = ("pyproject.toml", "[tool.pytest-medic]\nenabled = false\n");
    refuses(&["heal"], &[SHOP, off], 2, "healing is switched off by `enabled = false`");
}

#[test]
fn a_confidence_beyond_one_is_refused() {
    refuses(&["heal", "--confidence", "7"], &[SHOP], 2, "--confidence 7 is not between 0 and 1");
}

#[test]
fn paths_without_tests_are_told() {
    refuses(&["heal", "shop.py"], &[SHOP], 3, "ran no test");
}

#[test]
fn a_runner_killed_by_a_signal_is_told() {
    refuses(&["heal", "--runner", "kill -9 $$ #"], &[SHOP], 3, "was ended by signal 9");
}

/// Two packages in one repository, each with the settings of its own tests or both with those of the repository.
#[test]
fn a_package_of_a_monorepo_is_healed_from_above_and_from_below() {
    let test = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n";
    let own = "[tool.pytest.ini_options]\npythonpath = [\".\"]\n";
    for (from, settings, test_settings) in
        [(".", "", own), ("packages/one", "[pytest]\npythonpath = packages/one\n", "[project]\nname = \"one\"\n")]
    {
        let project = Project::new(&[
            ("packages/one/shop.py", SHOP.1),
            ("packages/one/tests/test_cart.py", test),
            ("packages/one/pyproject.toml", test_settings),
            ("pytest.ini", settings),
        ]);
        if settings.is_empty() {
            fs::remove_file(project.root().join("pytest.ini")).unwrap();
        }
        let tests = if from == "." { "packages/one/tests" } else { "tests" };
        let (code, output) = project.medic_in(from, &["heal", tests]);
        assert_eq!(code, 0, "{output}");
        assert_eq!(project.read("packages/one/tests/test_cart.py"), test.replace("totl", "total"));
    }
}

#[test]
fn a_rejected_fix_is_not_proposed_again() {
    let test = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n";
    let project = Project::new(&[SHOP, ("tests/test_cart.py", test)]);
    let (_, output) = project.medic(&["heal", "--suggest-only"]);
    assert!(output.contains("1 failure, a patch for 1"), "{output}");
    let review =
        common::medic().arg("review").current_dir(project.root()).stdin(answers(&project, "reject\n")).output();
    assert!(review.unwrap().status.success());
    let (_, output) = project.medic(&["heal", "--suggest-only"]);
    assert!(output.contains("1 failure, a patch for 0") && output.contains(", rejected before)"), "{output}");
    let (_, output) = project.medic(&["suggest", "test_run.log", "--validate"]);
    assert!(output.contains(", rejected before)"), "{output}");
}

/// What a person types.
fn answers(project: &Project, text: &str) -> fs::File {
    fs::write(project.root().join("answers"), text).unwrap();
    fs::File::open(project.root().join("answers")).unwrap()
}

//! What is written where: never through a link out of the project.

use std::fs;
use std::os::unix::fs::symlink;

use crate::{Project, SHOP};

const TEST: &str = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n";

/// A folder that holds `project/` and, beside it, `victim` and the folder `outside`.
struct Place {
    project: Project,
    beside: tempfile::TempDir,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let beside = tempfile::tempdir().unwrap();
        fs::write(beside.path().join("victim"), "mine\n").unwrap();
        fs::create_dir(beside.path().join("outside")).unwrap();
        Self { project: Project::new(&[&[SHOP], files].concat()), beside }
    }

    /// Makes `link` in the project name `target` beside it.
    fn link(self, link: &str, target: &str) -> Self {
        symlink(self.beside.path().join(target), self.project.root().join(link)).unwrap();
        self
    }

    #[track_caller]
    fn assert_untouched(&self) {
        assert_eq!(fs::read_to_string(self.beside.path().join("victim")).unwrap(), "mine\n");
        assert_eq!(fs::read_dir(self.beside.path().join("outside")).unwrap().count(), 0);
    }
}

#[test]
fn a_log_that_is_a_link_out_of_the_project_is_refused() {
    let place = Place::new(&[("tests/test_cart.py", TEST)]).link("test_run.log", "victim");
    let (code, output) = place.project.medic(&["heal", "tests"]);
    assert!(code == 2 && output.contains("test_run.log is a link to "), "{code} {output}");
    place.assert_untouched();
    // What a person names is meant.
    let named = place.beside.path().join("run.log");
    let (code, output) = place.project.medic(&["heal", "tests", "--log", named.to_str().unwrap()]);
    assert!(code == 0 && fs::read_to_string(named).unwrap().contains("1 passed"), "{code} {output}");
}

#[test]
fn a_lesson_does_not_go_through_a_link_out_of_the_project() {
    let place = Place::new(&[("tests/test_cart.py", TEST)]).link("GRAVEYARD.md", "victim");
    let (code, output) = place.project.medic(&["heal", "tests"]);
    assert!(code == 0 && output.contains("GRAVEYARD.md is a link to "), "{code} {output}");
    assert!(output.contains("## Entry: "), "the lesson is printed: {output}");
    place.assert_untouched();
}

#[test]
fn originals_and_patches_do_not_go_through_a_link_out_of_the_project() {
    for (folder, how) in [(".healing_backup", "heal"), (".healing_fixes", "heal --suggest-only")] {
        let place = Place::new(&[("tests/test_cart.py", TEST)]).link(folder, "outside");
        let args: Vec<&str> = how.split(' ').chain(["tests"]).collect();
        let (code, output) = place.project.medic(&args);
        assert!(code != 0 && output.contains(&format!("{folder} is a link to ")), "{code} {output}");
        assert_eq!(place.project.read("tests/test_cart.py"), TEST);
        place.assert_untouched();
    }
}

#[test]
fn metrics_stay_in_the_project_unless_a_person_names_a_place() {
    let place = Place::new(&[("run.log", "=== 1 passed in 0.01s ===\n")]).link("monitoring", "outside");
    let (code, output) = place.project.medic(&["metrics", "run.log"]);
    assert!(code == 2 && output.contains("monitoring is a link to "), "{code} {output}");
    place.assert_untouched();
    let named = place.beside.path().join("medic.prom");
    let (code, output) = place.project.medic(&["metrics", "run.log", "--output", named.to_str().unwrap()]);
    assert!(code == 0 && named.exists(), "{code} {output}");
}

/// A runner that does `in_run_two` before its second run.
fn runner(in_run_two: &str) -> String {
    let python = crate::common::python();
    let counted = "echo x >> runs; test $(wc -l < runs) = 2";
    format!("if {counted}; then {in_run_two}; fi; {} -m pytest {{tests}}", python.display())
}

#[test]
fn what_somebody_writes_into_a_test_during_a_run_is_not_lost() {
    let mine = "\n\ndef test_mine():\n    assert False\n";
    let types = r"printf '\n\ndef test_mine():\n    assert False\n' >> tests/test_cart.py";
    let breaks = format!("{types}; printf 'class Cart:\\n    def total(self):\\n        return 7\\n' > shop.py");
    for (what, command) in [("types", types), ("breaks", &breaks)] {
        let place = Place::new(&[("tests/test_cart.py", TEST)]);
        let (code, output) = place.project.medic(&["heal", "tests", "--runner", &runner(command)]);
        let test = place.project.read("tests/test_cart.py");
        assert!(code == 1 && test.ends_with(mine), "{what}: {code} {output}");
        assert_eq!(test.contains(".total()"), output.contains("healed   tests"), "{what}: {test}\n{output}");
    }
}

#[test]
fn a_test_that_is_a_link_is_left_out_and_the_others_are_healed() {
    let place = Place::new(&[("tests/test_aaa.py", TEST), ("data/case.py", TEST)]);
    fs::write(place.beside.path().join("test_out.py"), TEST).unwrap();
    symlink("../data/case.py", place.project.root().join("tests/test_case.py")).unwrap();
    let place = place.link("tests/test_out.py", "test_out.py");
    let (code, output) = place.project.medic(&["heal", "tests"]);
    assert_eq!(code, 1, "{output}");
    assert_eq!(place.project.read("tests/test_aaa.py"), TEST.replace("totl", "total"));
    assert_eq!(place.project.read("data/case.py"), TEST);
    assert_eq!(fs::read_to_string(place.beside.path().join("test_out.py")).unwrap(), TEST);
    for told in ["tests/test_out.py is a link to ", "tests/test_case.py leads through a link to data/case.py"] {
        assert!(output.contains(told), "{output}");
    }
}

#[test]
fn a_read_only_test_is_left_and_named_and_the_others_are_healed() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new(&[SHOP, ("tests/test_kept.py", TEST), ("tests/test_other.py", TEST)]);
    let kept = project.root().join("tests/test_kept.py");
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o444)).unwrap();
    let (code, output) = project.medic(&["heal", "tests"]);
    assert_eq!(code, 1, "{output}");
    assert_eq!(project.read("tests/test_kept.py"), TEST);
    assert_eq!(project.read("tests/test_other.py"), TEST.replace("totl", "total"));
    assert!(output.contains("tests/test_kept.py is read-only; make it writable"), "{output}");
}

//! The warm fork server: what it does as a fresh process would, when it steps back, and what it leaves behind.

use super::*;
use pytest_medic::validation::How;

const CART: &str = "from shop import Cart


def test_total():
    total = Cart().totl()
    assert total == 3
";

fn rerun(project: &Project, validator: &mut Validator, change: (&str, &str)) -> Rerun {
    project.rerun(validator, TEST, change, &no_totl())
}

fn fresh(rerun: &Rerun) -> &str {
    match &rerun.how {
        How::Fresh(reason) => reason,
        how => panic!("{how:?}"),
    }
}

#[test]
fn candidates_run_in_forks_of_one_process() {
    let project = Project::new(CART, &[]);
    let mut validator = project.validator();
    for name in ["sum", "count", "totals"] {
        let rerun = rerun(&project, &mut validator, ("totl", name));
        assert_eq!((rerun.verdict, rerun.how), (Verdict::StillFails, How::Forked));
    }
    let rerun = rerun(&project, &mut validator, ("totl", "total"));
    assert_eq!((rerun.verdict, rerun.how), (Verdict::Passes { runs: 2 }, How::Forked));
}

#[test]
fn a_source_that_changes_is_loaded_anew() {
    let project = Project::new(CART, &[]);
    let mut validator = project.validator();
    assert_eq!(rerun(&project, &mut validator, ("totl", "sum")).verdict, Verdict::StillFails);
    common::write(project.root(), &[("shop.py", &SHOP.replace("def total", "def sum"))]);
    let rerun = rerun(&project, &mut validator, ("totl", "sum"));
    assert_eq!((rerun.verdict, rerun.how), (Verdict::Passes { runs: 2 }, How::Forked));
}

#[test]
fn unsaved_documents_count_and_are_loaded_anew_when_they_change() {
    let project = Project::new(CART, &[]);
    let mut validator = project.validator();
    let shop = FilePath::new("shop.py");
    for (renamed, expected) in [("sum", Verdict::Passes { runs: 2 }), ("count", Verdict::StillFails)] {
        let text = SHOP.replace("def total", &format!("def {renamed}"));
        let snapshot = Snapshot::open(project.root()).with_text(&shop, text);
        let at = CART.find("totl").unwrap();
        let edit = Edit::replace(&FilePath::new(TEST), at..at + 4, "sum");
        let rerun = validator.validate(&snapshot, &[edit], &[&no_totl()], 1);
        assert_eq!((rerun.verdict, rerun.how), (expected, How::Forked));
    }
}

#[test]
fn a_candidate_for_a_loaded_file_runs_fresh() {
    let conftest = "import pytest\nfrom shop import Cart\n\n\n@pytest.fixture\ndef total():\n    return Cart().totl\n";
    let test = "def test_total(total):\n    assert total() == 3\n";
    let project = Project::new(test, &[("tests/conftest.py", conftest), ("tests/helper.py", "")]);
    let rerun = project.rerun(&mut project.validator(), "tests/conftest.py", ("totl", "total"), &no_totl());
    assert!(fresh(&rerun).contains("a whole folder is run"), "{rerun:?}");
}

#[test]
fn threads_processes_and_connections_of_a_conftest_are_reasons_to_run_fresh() {
    for (conftest, reason) in [
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True, name='pump').start()\n",
            "threads: pump",
        ),
        ("import subprocess\nsubprocess.Popen(['sleep', '2'])\n", "started a process"),
        ("import socket\nPORT = socket.create_server(('127.0.0.1', 0))\n", "opened a connection"),
    ] {
        let project = Project::new(CART, &[("tests/conftest.py", conftest)]);
        let rerun = rerun(&project, &mut project.validator(), ("totl", "total"));
        assert!(fresh(&rerun).contains(reason), "{rerun:?}");
        assert_eq!(rerun.verdict, Verdict::Passes { runs: 2 }, "{reason}");
    }
}

#[test]
fn an_event_loop_a_pool_and_session_fixtures_survive_the_fork() {
    let conftest = "import asyncio, atexit, pytest, logging
LOOP = asyncio.new_event_loop()
atexit.register(lambda: open('parent.txt', 'a').write('p'))
@pytest.fixture(scope='session')
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp('made')
    yield folder
    (folder / 'torn').write_text('down')
";
    let test = "import asyncio, logging, multiprocessing, os, subprocess, sys, tempfile
from shop import Cart
from conftest import LOOP
async def three():
    await asyncio.sleep(0.01)
    return 3
def double(x):
    return 2 * x
def test_total(made, tmp_path, capfd, caplog):
    os.system('echo hi')
    logging.warning('w')
    assert capfd.readouterr().out == 'hi\\n' and caplog.text
    assert LOOP.run_until_complete(three()) == 3
    with multiprocessing.get_context('fork').Pool(2) as pool:
        assert pool.map(double, [1, 2]) == [2, 4]
    assert subprocess.check_output([sys.executable, '-c', 'print(1)']) == b'1\\n'
    tempfile.mkdtemp()
    assert Cart().totl() == 3
";
    let project = Project::new(test, &[("tests/conftest.py", conftest)]);
    let line = test.lines().position(|line| line.contains("totl")).unwrap() as u32 + 1;
    let failure = Failure { line: Some(line), ..no_totl() };
    let rerun = project.rerun(&mut project.validator(), TEST, ("totl", "total"), &failure);
    assert_eq!((rerun.verdict, rerun.how), (Verdict::Passes { runs: 2 }, How::Forked));
    assert!(!project.root().join("parent.txt").exists(), "the handlers of the parent are the parent's");
}

#[test]
fn hostile_candidates_do_not_end_the_server() {
    let mut project = Project::new(CART, &[]);
    project.options.limit = Duration::from_secs(3);
    let mut validator = project.validator();
    assert_eq!(rerun(&project, &mut validator, ("totl", "sum")).how, How::Forked);
    for candidate in [
        "__import__('time').sleep(600)",
        "__import__('os').kill(__import__('os').getpid(), 11)",
        "__import__('os')._exit(0)",
        "(lambda f: f(f))(lambda f: f(f))",
        "print('x' * 2_000_000) or Cart().sum()",
        "input()",
        "__import__('subprocess').Popen(['sleep', '611'], start_new_session=True) and Cart().sum()",
    ] {
        let rerun = rerun(&project, &mut validator, ("Cart().totl()", candidate));
        assert!(!matches!(rerun.verdict, Verdict::Passes { .. }), "{candidate}: {rerun:?}");
        assert_eq!(rerun.how, How::Forked, "{candidate}");
    }
    assert!(!processes().iter().any(|line| line.contains("sleep\x00611")), "a daemon stayed");
    assert_eq!(rerun(&project, &mut validator, ("totl", "total")).verdict, Verdict::Passes { runs: 2 });
}

#[test]
fn xdist_and_reruns_asked_for_by_the_project_do_not_touch_the_verdict() {
    // The options are there only where the plugins are; the ones that pytest itself has must be quiet.
    let ini = "[pytest]\npythonpath = .\naddopts = --maxfail=1 --durations=3 --junitxml=report.xml --basetemp=kept\n";
    let project = Project::new(CART, &[("pytest.ini", ini), ("kept/mine.txt", "mine")]);
    let before = project.files();
    let rerun = rerun(&project, &mut project.validator(), ("totl", "total"));
    assert_eq!((rerun.verdict, rerun.how), (Verdict::Passes { runs: 2 }, How::Forked));
    assert_eq!(project.files(), before);
}

#[test]
fn a_dropped_validator_leaves_no_process_and_no_folder() {
    let project = Project::new(CART, &[]);
    let mut validator = project.validator();
    let marker = project.root().to_string_lossy().into_owned();
    assert_eq!(rerun(&project, &mut validator, ("totl", "sum")).how, How::Forked);
    let servers = || processes_in(&marker).len();
    assert!(servers() >= 1);
    drop(validator);
    assert_eq!(servers(), 0);
}

/// `cargo test --test runtime thousand -- --ignored --nocapture`, about a minute on a quiet machine.
#[test]
#[ignore = "long"]
fn a_thousand_forks_leave_nothing_behind() {
    let project = Project::new(CART, &[]);
    let mut validator = project.validator();
    let marker = project.root().to_string_lossy().into_owned();
    let candidate = |validator: &mut Validator, name: &str| {
        assert_eq!(rerun(&project, validator, ("totl", name)).how, How::Forked);
    };
    // Some first ones fill caches of Python's and of ours.
    (0..20).for_each(|number| candidate(&mut validator, &format!("first{number}")));
    let before = Left::by(&marker);
    (0..1000).for_each(|number| candidate(&mut validator, &format!("name{number}")));
    let after = Left::by(&marker);
    println!("before {before:?}\nafter  {after:?}");
    assert_eq!(
        (after.processes, after.children, after.open_files, after.temporary),
        (before.processes, 0, before.open_files, before.temporary)
    );
    assert!(after.resident < before.resident + 2_000, "the server grew by a page or more with each fork");
    drop(validator);
    assert_eq!(processes_in(&marker).len(), 0);
}

/// What is there on account of the validator of one project.
#[derive(Debug)]
struct Left {
    processes: usize,
    /// Of the server, zombies among them.
    children: usize,
    /// Of the server.
    open_files: usize,
    /// In the private folders of this process' validators.
    temporary: usize,
    /// KiB of the server.
    resident: u64,
}

impl Left {
    fn by(marker: &str) -> Self {
        let servers = processes_in(marker);
        let status = |process: &String| std::fs::read_to_string(format!("{process}/status")).unwrap_or_default();
        let resident = |process: &String| {
            let kib = status(process)
                .lines()
                .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
            kib.unwrap_or(0)
        };
        let children = |process: &String| {
            let id = process.rsplit('/').next().unwrap_or_default();
            let children = std::fs::read_to_string(format!("{process}/task/{id}/children")).unwrap_or_default();
            children.split_whitespace().count()
        };
        let files = |path: String| std::fs::read_dir(path).map_or(0, Iterator::count);
        let job = |process: &String| {
            let environment = std::fs::read(format!("{process}/environ")).unwrap_or_default();
            let environment = String::from_utf8_lossy(&environment).into_owned();
            environment.split('\0').find_map(|set| set.strip_prefix("PYTEST_MEDIC_JOB=").map(str::to_string))
        };
        let folders = servers.iter().filter_map(job).filter_map(|job| Some(Path::new(&job).parent()?.to_path_buf()));
        Self {
            processes: servers.len(),
            children: servers.iter().map(children).sum(),
            open_files: servers.iter().map(|process| files(format!("{process}/fd"))).sum(),
            temporary: folders.map(|folder| below(&folder)).sum(),
            resident: servers.iter().map(resident).sum(),
        }
    }
}

/// How many files and folders there are below a folder.
fn below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| 1 + below(&entry.path())).sum()
}

/// The command lines of all processes.
fn processes() -> Vec<String> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok()).collect()
}

/// The processes that work in `folder`.
fn processes_in(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let works_there = |path: &std::path::PathBuf| {
        std::fs::read_link(path.join("cwd")).is_ok_and(|cwd| cwd.to_string_lossy().starts_with(folder))
    };
    entries.map(|entry| entry.path()).filter(works_there).map(|path| path.to_string_lossy().into_owned()).collect()
}

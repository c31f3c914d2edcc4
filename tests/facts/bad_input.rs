//! Workspaces in a bad state: every question ends with an answer, and what can be read is found.

use std::path::Path;

use pytest_medic::text::FilePath;
use pytest_medic::workspace::{Config, Snapshot};

use super::common::write;

const SHOP: (&str, &str) = ("shop.py", "class Cart:\n    def total(self): ...\n");

/// Asks everything that a healer asks of a workspace.
fn ask_all(snapshot: &Snapshot, name: &str) {
    for symbol in snapshot.definitions(name) {
        snapshot.members(&symbol);
        snapshot.bases(&symbol);
    }
    for path in snapshot.python_files() {
        let Some(text) = snapshot.text(&path) else { continue };
        snapshot.fixtures_at(&path, text.len() / 2);
        snapshot.near_fixtures(&path, 0, name);
        snapshot.fixture_requests(&path, text.len() / 2);
        snapshot.type_of(&path, 0..text.len().min(5));
        if let Some(dotted) = snapshot.dotted_name(&path) {
            snapshot.module_members(&dotted);
        }
    }
    snapshot.usages(name, 10);
    snapshot.notes_about(name);
    let history = snapshot.history();
    history.renames_of(name);
    history.removals_of(name);
    history.migrations_of(name);
    history.changes(None);
}

fn finds_the_cart(root: &Path) -> bool {
    let snapshot = Snapshot::open(root);
    ask_all(&snapshot, "Cart");
    ask_all(&snapshot, "total");
    snapshot.definitions("total").iter().any(|symbol| symbol.qualified == "shop.Cart.total")
}

#[test]
fn files_that_cannot_be_read_are_passed_over() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let root = folder.path();
    write(root, &[SHOP, ("a_folder.py/inside.txt", "Cart total"), ("conftest.py", "from gone import *\n")]);
    std::fs::write(root.join("latin.py"), b"# caf\xe9\nclass Cart:\n    total = 1\n").expect("a file can be written");
    std::fs::write(root.join("zeros.py"), [0_u8; 4096]).expect("a file can be written");
    std::fs::write(root.join("torn.py"), "class Cart:\n    def total(self:\n  x = (((\n'''")
        .expect("a file can be written");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(root.join("nowhere.py"), root.join("dangling.py")).expect("a link can be made");
        std::os::unix::fs::symlink(root, root.join("circle")).expect("a link can be made");
        let fifo = std::process::Command::new("mkfifo").arg(root.join("fifo.py")).status();
        assert!(fifo.is_ok_and(|status| status.success()), "mkfifo is there");
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(root.join("closed.py"), SHOP.1).expect("a file can be written");
        std::fs::set_permissions(root.join("closed.py"), PermissionsExt::from_mode(0o000)).expect("it is ours");
    }
    assert!(finds_the_cart(root));
}

#[test]
fn circles_of_imports_bases_fixtures_and_plugins_end() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write(
        folder.path(),
        &[
            SHOP,
            ("a.py", "from b import *\nfrom b import Loop as Loop\nclass Cart(Loop): ...\nx = y\n"),
            ("b.py", "from a import *\nfrom a import Cart as Loop\ny = x\nfrom c import Knot\n"),
            ("c.py", "from c import Knot\nimport c\nKnot = c.Knot\nclass Self(Self, c.Self): ...\n"),
            (
                "conftest.py",
                "import pytest\npytest_plugins = ['conftest', 'plugin']\n@pytest.fixture\ndef total(total): return total\n",
            ),
            ("plugin.py", "from conftest import *\npytest_plugins = 'conftest'\n"),
            (
                "test_a.py",
                "from a import Cart, x\ndef test(total):\n    y = x\n    z = Cart().total\n    total.total\n",
            ),
        ],
    );
    assert!(finds_the_cart(folder.path()));
    let snapshot = Snapshot::open(folder.path());
    assert_eq!(snapshot.resolve(&FilePath::new("test_a.py"), 0, "x.y.z"), None);
}

#[test]
fn a_generated_module_of_five_megabytes_is_one_file_of_many() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut table = String::from("class Cart:\n    def total(self): ...\nTABLE = {\n");
    for n in 0..120_000 {
        table += &format!("    'key_{n}': ({n}, 'value {n}', [{n}]),\n");
    }
    table += "}\n";
    assert!(table.len() > 5_000_000, "{} bytes only", table.len());
    let line = format!("DATA = [{}]\n", "0,".repeat(500_000));
    write(
        folder.path(),
        &[
            SHOP,
            ("generated.py", &table),
            ("one_line.py", &line),
            ("test_a.py", "import generated\ndef test():\n    c = generated.Cart()\n    c.total()\n"),
        ],
    );
    assert!(finds_the_cart(folder.path()));
    let snapshot = Snapshot::open(folder.path());
    let test = FilePath::new("test_a.py");
    let at = snapshot.text(&test).expect("it was written").find("c.total").expect("it is there");
    let class = snapshot.type_of(&test, at..at + 1).map(|symbol| symbol.qualified);
    assert_eq!(class.as_deref(), Some("generated.Cart"));
}

#[test]
fn nested_code_that_no_person_writes_does_not_overflow() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let deep = |open: &str, close: &str| format!("x = {}1{}\n", open.repeat(5_000), close.repeat(5_000));
    let attributes = format!("def test(total):\n    total{}\n", ".total".repeat(5_000));
    write(
        folder.path(),
        &[
            SHOP,
            ("test_brackets.py", &deep("(", ")")),
            ("test_lists.py", &deep("[", "]")),
            ("test_calls.py", &deep("total(", ")")),
            ("test_not.py", &deep("not ", "")),
            ("test_attributes.py", &attributes),
        ],
    );
    assert!(finds_the_cart(folder.path()));
}

#[test]
fn an_environment_that_is_gone_leaves_the_project() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let root = folder.path();
    write(root, &[SHOP, (".venv/pyvenv.cfg", "home = /gone\n"), ("venv/readme.txt", "")]);
    #[cfg(unix)]
    {
        std::fs::create_dir_all(root.join(".venv/bin")).expect("a folder can be made");
        std::os::unix::fs::symlink("/gone/python3", root.join(".venv/bin/python")).expect("a link can be made");
    }
    assert!(finds_the_cart(root));
    let gone = Config { python: Some("/gone/bin/python".to_string()), ..Config::default() };
    let snapshot = Snapshot::open(root).with_config(gone);
    ask_all(&snapshot, "total");
    assert!(!snapshot.definitions("total").is_empty());
    assert!(snapshot.files_of("requests_gone").is_empty() && snapshot.notes_of("requests_gone", "get").is_empty());
}

#[test]
fn a_git_folder_that_is_broken_is_no_history() {
    let breaks: [(&str, &str); 4] = [
        (".git/HEAD", "ref: refs/heads/gone\n"),
        (".git/HEAD", "nonsense"),
        (".git/index", "nonsense"),
        (".git/config", "[[["),
    ];
    for (path, text) in breaks {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        write(folder.path(), &[SHOP]);
        let git = |arguments: &[&str]| {
            let user = ["-c", "user.name=t", "-c", "user.email=t@t"];
            let output =
                std::process::Command::new("git").args(user).args(arguments).current_dir(folder.path()).output();
            assert!(output.is_ok_and(|output| output.status.success()), "git {arguments:?}");
        };
        git(&["init", "-q"]);
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "first"]);
        std::fs::write(folder.path().join(path), text).expect("a file can be written");
        assert!(finds_the_cart(folder.path()), "{path} is {text:?}");
        std::fs::remove_dir_all(folder.path().join(".git/objects")).expect("git made it");
        assert!(finds_the_cart(folder.path()), "no objects, and {path} is {text:?}");
    }
}

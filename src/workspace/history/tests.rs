//! What pairs up, what disappeared and what was rewritten, told from texts before and after.

use super::*;
use crate::workspace::symbols::SymbolKind;

/// One commit: `(path, before, after)`; `None` where the file is not there.
fn history(files: &[(&str, Option<&str>, Option<&str>)]) -> History {
    let after = files.iter().filter_map(|(path, _, after)| Some((*path, (*after)?)));
    let snapshot = Snapshot::in_memory(after);
    let before = files.iter().filter_map(|(path, before, _)| Some((FilePath::new(path), Arc::from((*before)?))));
    History::of_one_commit(before, &snapshot)
}

#[track_caller]
fn check(files: &[(&str, Option<&str>, Option<&str>)], old: &str, expected: &[(&str, RenameKind)]) {
    let found = history(files).renames_of(old);
    let seen: Vec<_> = found.iter().map(|rename| (rename.new.as_str(), rename.kind)).collect();
    assert_eq!(seen, expected, "{found:#?}");
}

const CART: &str = "class Cart:\n    def total(self, tax=0):\n        amount = sum(item.price for item in self.items)\n        return amount * (1 + tax)\n    def clear(self):\n        self.items = []\n";

#[test]
fn a_method_is_followed_to_its_new_name() {
    let after = CART.replace("total", "sum_up");
    let kind = RenameKind::Symbol(SymbolKind::Method);
    check(&[("cart.py", Some(CART), Some(&after))], "total", &[("sum_up", kind)]);
}

#[test]
fn a_removed_method_beside_an_unlike_new_one_is_no_rename() {
    let after = "class Cart:\n    def clear(self):\n        self.items = []\n    async def notify(self, user, *, urgent):\n        await self.bus.send(user, 'changed', urgent=urgent)\n";
    check(&[("cart.py", Some(CART), Some(after))], "total", &[]);
    let removals = history(&[("cart.py", Some(CART), Some(after))]).removals_of("total");
    assert_eq!((removals.len(), removals[0].line, removals[0].within.as_deref()), (1, 2, Some("Cart")));
}

#[test]
fn members_of_a_renamed_class_are_not_renamed() {
    let after = CART.replace("Cart", "Basket");
    let files = [("cart.py", Some(CART), Some(after.as_str()))];
    check(&files, "Cart", &[("Basket", RenameKind::Symbol(SymbolKind::Class))]);
    check(&files, "total", &[]);
}

#[test]
fn callers_that_moved_strengthen_a_rename() {
    let after = "def fetch(key): ...\n";
    let files = [
        ("a.py", Some("def get(key): ...\n"), Some(after)),
        ("b.py", Some("x = get(1)\ny = get(2)\n"), Some("x = fetch(1)\ny = fetch(2)\n")),
    ];
    let found = history(&files).renames_of("get");
    assert_eq!((found[0].new.as_str(), found[0].callers_moved), ("fetch", 2));
    let alone = history(&files[..1]).renames_of("get");
    assert!(alone[0].similarity < found[0].similarity);
}

#[test]
fn a_moved_function_is_found_in_the_file_that_took_it() {
    let body = "def helper(a, b):\n    result = a * b + 17\n    return result\n";
    let found = history(&[("old.py", Some(body), Some("x = 1\n")), ("new.py", None, Some(body))]).renames_of("helper");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].new.as_str(), found[0].path.as_str(), found[0].old_path.as_str()),
        ("helper", "new.py", "old.py")
    );
}

#[test]
fn parameters_are_paired_by_place_default_and_name() {
    let before = "def connect(host, timeout=5, retries=3):\n    return timeout\n";
    let after = "def connect(host, timeout_s=5, retries=3):\n    return timeout_s\n";
    let files = [("net.py", Some(before), Some(after))];
    check(&files, "timeout", &[("timeout_s", RenameKind::Parameter)]);
    assert_eq!(history(&files).renames_of("timeout")[0].within.as_deref(), Some("connect"));
    let changes = history(&files).signature_changes(&FilePath::new("net.py"), "connect");
    assert_eq!(changes[0].after.to_string(), "(host, timeout_s=5, retries=3)");
}

#[test]
fn a_dropped_parameter_is_a_removal() {
    let before = "def connect(host, verbose=False):\n    return host\n";
    let files = [("net.py", Some(before), Some("def connect(host):\n    return host\n"))];
    check(&files, "verbose", &[]);
    assert_eq!(history(&files).removals_of("verbose")[0].within.as_deref(), Some("connect"));
}

#[test]
fn modules_and_packages_are_followed() {
    let body = "def helper(a, b):\n    result = a * b + 17\n    return result\n";
    let files = [("src/shop/old.py", Some(body), None), ("src/shop/new.py", None, Some(body))];
    check(&files, "shop.old", &[("shop.new", RenameKind::Module)]);
    let files = [("src/shop/old/a.py", Some(body), None), ("src/shop/new/a.py", None, Some(body))];
    check(&files, "shop.old.a", &[("shop.new.a", RenameKind::Module)]);
    check(&files, "shop.old", &[("shop.new", RenameKind::Module)]);
    check(&files, "shop", &[]);
}

#[test]
fn keys_that_are_strings_are_followed() {
    let before = "def row(u):\n    return {'name': u.n, 'id': u.i}\n";
    let after = "def row(u):\n    return {'full_name': u.n, 'id': u.i}\n";
    check(&[("row.py", Some(before), Some(after))], "name", &[("full_name", RenameKind::Literal)]);
}

#[test]
fn a_name_of_another_package_is_known_by_its_callers() {
    let before = "import lib\nx = lib.old_call(1)\ny = lib.old_call(2)\n";
    let after = "import lib\nx = lib.new_call(1)\ny = lib.new_call(2)\n";
    check(&[("use.py", Some(before), Some(after))], "old_call", &[("new_call", RenameKind::Usage)]);
}

#[test]
fn migrations_show_whole_statements() {
    let before = "def f(c):\n    return c.get(\n        1, True)\n";
    let after = "def f(c):\n    return c.fetch(1, strict=True)\n";
    let found = history(&[("use.py", Some(before), Some(after))]).migrations_of("get");
    assert_eq!(found[0].before, "return c.get(\n        1, True)");
    assert_eq!(found[0].after, "return c.fetch(1, strict=True)");
}

#[test]
fn replaced_values_and_messages_name_their_place() {
    let before = "LIMIT = 30\ndef f(x):\n    raise ValueError(f'bad value {x} given')\n";
    let after = "LIMIT = 60\ndef f(x):\n    raise TypeError(f'wrong value {x} given')\n";
    let history = history(&[("m.py", Some(before), Some(after))]);
    let found = history.literal_changes("30");
    assert_eq!((found[0].new.as_str(), found[0].line), ("60", 1));
    assert!(history.literal_changes("31").is_empty());
    let raises = history.raise_changes("ValueError");
    assert_eq!((raises[0].after.exception.as_str(), raises[0].within.as_str()), ("TypeError", "f"));
    assert_eq!(history.raise_changes("bad value 7 given").len(), 1);
}

#[test]
fn nothing_changed_is_no_history() {
    assert!(!History::default().is_available());
    assert!(history(&[("m.py", Some("x = 1\n"), Some("x = 1\n"))]).renames_of("x").is_empty());
}

mod on_disk {
    use super::*;
    use std::process::Command;

    fn git(folder: &Path, arguments: &[&str]) {
        let user = ["-c", "user.name=t", "-c", "user.email=t@t"];
        let status = Command::new("git").args(user).args(arguments).current_dir(folder).output().unwrap();
        assert!(status.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&status.stderr));
    }

    fn repository(first: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q"]);
        write(folder.path(), first);
        commit(folder.path(), "before");
        folder
    }

    fn write(folder: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    fn commit(folder: &Path, subject: &str) {
        git(folder, &["add", "-A"]);
        git(folder, &["commit", "-q", "-m", subject]);
    }

    #[test]
    fn a_commit_is_named_by_hash_and_subject() {
        let folder = repository(&[("src/cart.py", CART), ("tests/test_cart.py", "def test(): Cart().total()\n")]);
        write(folder.path(), &[("src/cart.py", &CART.replace("total", "total_price"))]);
        commit(folder.path(), "rename total");
        write(folder.path(), &[("other.py", "x = 1\n")]);
        commit(folder.path(), "later");
        let history = History::open(Some(folder.path()));
        let found = history.renames_of("total");
        assert_eq!((found[0].new.as_str(), found[0].subject.as_str()), ("total_price", "rename total"));
        assert_eq!(found[0].path.as_str(), "src/cart.py");
        let changes = history.changes(Some(&FilePath::new("tests/test_cart.py")));
        assert_eq!(changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["other.py", "src/cart.py"]);
    }

    #[test]
    fn a_test_that_nobody_committed_is_no_caller_that_moved() {
        let test = "def test_a():\n    assert Cart().total() == 0\n";
        let folder = repository(&[("cart.py", CART), ("tests/test_a.py", test), ("use.py", "x = Cart().total()\n")]);
        let to = |text: &str| text.replace("total", "priced");
        write(folder.path(), &[("cart.py", &to(CART)), ("tests/test_a.py", &to(test))]);
        let found = |folder: &tempfile::TempDir| History::open(Some(folder.path())).renames_of("total").remove(0);
        let product_alone = found(&folder);
        assert_eq!((product_alone.new.as_str(), product_alone.callers_moved), ("priced", 0));
        assert!(
            History::open(Some(folder.path())).migrations_of("total").iter().all(|it| it.path.as_str() == "cart.py")
        );
        write(folder.path(), &[("use.py", "x = Cart().priced()\n")]);
        assert_eq!(found(&folder).callers_moved, 1);
    }

    #[test]
    fn uncommitted_changes_are_the_newest_commit() {
        let folder = repository(&[("a/cart.py", CART), ("gone.py", "def f():\n    return 1234\n")]);
        write(
            folder.path(),
            &[("a/cart.py", &CART.replace("total", "priced")), ("came.py", "def f():\n    return 1234\n")],
        );
        std::fs::remove_file(folder.path().join("gone.py")).unwrap();
        let history = History::open(Some(folder.path()));
        let found = history.renames_of("total");
        assert_eq!((found[0].new.as_str(), found[0].commit.as_str()), ("priced", "uncommitted"));
        assert_eq!(history.renames_of("gone")[0].new, "came");
    }

    #[test]
    fn a_folder_below_the_top_sees_its_own_files() {
        let folder = repository(&[("sub/cart.py", CART), ("elsewhere.py", "x = 1\n")]);
        write(folder.path(), &[("sub/cart.py", &CART.replace("total", "priced"))]);
        commit(folder.path(), "rename");
        let history = History::open(Some(&folder.path().join("sub")));
        assert_eq!(history.renames_of("total")[0].path.as_str(), "cart.py");
    }

    #[test]
    fn hostile_configuration_is_not_run() {
        let folder = repository(&[("cart.py", CART), (".gitattributes", "*.py filter=evil diff=evil\n")]);
        let evil = format!("touch {}", folder.path().join("RAN").display());
        for key in [
            "filter.evil.clean",
            "filter.evil.smudge",
            "diff.evil.textconv",
            "diff.external",
            "core.fsmonitor",
            "core.pager",
            "gpg.program",
        ] {
            git(folder.path(), &["config", key, &evil]);
        }
        git(folder.path(), &["config", "log.showSignature", "true"]);
        write(folder.path(), &[("cart.py", &CART.replace("total", "priced"))]);
        let history = History::open(Some(folder.path()));
        assert_eq!(history.renames_of("total")[0].new, "priced");
        history.changes(None);
        assert!(!folder.path().join("RAN").exists());
    }

    #[test]
    fn broken_empty_and_absent_repositories_have_no_history() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!History::open(Some(folder.path())).is_available());
        std::fs::write(folder.path().join(".git"), "gitdir: /nowhere\n").unwrap();
        assert!(History::open(Some(folder.path())).renames_of("x").is_empty());
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q"]);
        write(folder.path(), &[("a.py", "x = 1\n")]);
        assert!(History::open(Some(folder.path())).renames_of("x").is_empty());
    }

    #[test]
    fn a_shallow_clone_knows_its_commit_and_what_is_not_committed() {
        let origin = repository(&[("cart.py", CART)]);
        write(origin.path(), &[("cart.py", &CART.replace("total", "priced"))]);
        commit(origin.path(), "rename total");
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}", origin.path().display());
        git(folder.path(), &["clone", "-q", "--depth", "1", &url, "clone"]);
        let clone = folder.path().join("clone");
        assert!(History::open(Some(&clone)).renames_of("total").is_empty());
        write(&clone, &[("cart.py", &CART.replace("total", "summed"))]);
        assert_eq!(History::open(Some(&clone)).renames_of("priced")[0].new, "summed");
    }

    #[test]
    fn a_package_that_only_moved_is_followed() {
        let folder = repository(&[("src/shop/old/__init__.py", ""), ("src/shop/old/cart.py", CART)]);
        std::fs::rename(folder.path().join("src/shop/old"), folder.path().join("src/shop/_new")).unwrap();
        commit(folder.path(), "move");
        let history = History::open(Some(folder.path()));
        for (old, new) in [("shop.old", "shop._new"), ("shop.old.cart", "shop._new.cart")] {
            let found = history.renames_of(old);
            assert_eq!(found.iter().map(|rename| rename.new.as_str()).collect::<Vec<_>>(), [new]);
        }
    }

    #[test]
    fn a_test_that_nobody_committed_says_nothing_of_values() {
        let test = "def test_status():\n    assert status() == \"the cart is open\"\n";
        let folder = repository(&[
            ("cart.py", "def status():\n    return \"the cart is open\"\n"),
            ("tests/test_cart.py", test),
        ]);
        write(folder.path(), &[("tests/test_cart.py", &test.replace("open", "closed"))]);
        assert!(History::open(Some(folder.path())).literal_changes("the cart is open").is_empty());
        write(folder.path(), &[("cart.py", "def status():\n    return \"the cart is closed\"\n")]);
        assert_eq!(History::open(Some(folder.path())).literal_changes("the cart is open")[0].path.as_str(), "cart.py");
    }

    #[test]
    fn work_trees_and_submodules_have_their_own_history() {
        let origin = repository(&[("cart.py", CART)]);
        write(origin.path(), &[("cart.py", &CART.replace("total", "priced"))]);
        commit(origin.path(), "rename total");
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        git(origin.path(), &["worktree", "add", "-q", &tree.to_string_lossy()]);
        assert_eq!(History::open(Some(&tree)).renames_of("total")[0].new, "priced");
        write(&tree, &[("cart.py", &CART.replace("total", "summed"))]);
        assert_eq!(History::open(Some(&tree)).renames_of("priced")[0].commit, "uncommitted");
        assert!(History::open(Some(origin.path())).renames_of("priced").is_empty());

        let outer = repository(&[("test_cart.py", "def test(): total()\n")]);
        let url = origin.path().to_string_lossy();
        git(outer.path(), &["-c", "protocol.file.allow=always", "submodule", "add", "-q", &url, "sub"]);
        commit(outer.path(), "add it");
        assert_eq!(History::open(Some(&outer.path().join("sub"))).renames_of("total")[0].new, "priced");
        assert!(History::open(Some(outer.path())).renames_of("total").is_empty());
    }
}

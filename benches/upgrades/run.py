"""Heals tests that upgrades of libraries, pytest and Python broke. See README.md."""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
ENV = {
    **os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c", "PYTHONDONTWRITEBYTECODE": "1",
}


def git(root, *args):
    subprocess.run(["git", *args], cwd=root, env=ENV, check=True, stdout=subprocess.DEVNULL)


def passing(root, python, module):
    """The tests of the module that pass."""
    command = [python, "-m", "pytest", "-p", "no:cacheprovider", "-v", f"tests/{module.name}"]
    printed = subprocess.run(command, cwd=root, env=ENV, capture_output=True, text=True).stdout
    return set(re.findall(r"^(tests/\S+(?:\[.*?\])?) PASSED", printed, re.MULTILINE))


def play(module, args):
    """How many tests the module has, how many pass as they are, and how many once they are healed."""
    total = len(re.findall(r"^\s*(?:async )?def test_", module.read_text(), re.MULTILINE))
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "tests").mkdir()
        shutil.copy(module, root / "tests")
        git(root, "init", "-q", "-b", "main")
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", "Tests")
        before = passing(root, args.python, module)
        runner = f"{args.python} -m pytest -p no:cacheprovider"
        command = [os.path.abspath(args.medic), "heal", "--accept", args.accept, "--runner", runner, f"tests/{module.name}"]
        subprocess.run(command, cwd=root, env=ENV, capture_output=True, timeout=600)
        after = passing(root, args.python, module)
    lost = before - after
    return total, len(before), len(after), lost


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("medic", help="the program")
    parser.add_argument("--python", required=True, help="a Python with what requirements.txt names")
    parser.add_argument("--accept", choices=["safe", "review"], default="safe")
    parser.add_argument("--only", default="", help="a part of the names of the modules to play: `unread`, `numpy`")
    args = parser.parse_args()
    modules = sorted(module for module in (HERE / "old").glob("test_*.py") if args.only in module.name)
    rows = [(module.stem.removeprefix("test_"), *play(module, args)) for module in modules]
    for name, total, before, after, lost in rows:
        print(f"{name:18} {total:3} tests, {before:3} pass, {after:3} once healed{'  LOST ' + ' '.join(sorted(lost)) if lost else ''}")
    total, before, after = (sum(row[at] for row in rows) for at in (1, 2, 3))
    print(f"{total - before} of {total} tests are broken; {after - before} of them ({100 * (after - before) // (total - before)} %) pass once healed")


if __name__ == "__main__":
    main()

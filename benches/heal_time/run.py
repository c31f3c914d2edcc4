"""Times the heal of a broken test module against one plain pytest run of it. See README.md."""

import argparse
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

DEMO = pathlib.Path(__file__).parents[2] / "src" / "cli" / "demo"
ENV = {
    **os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c", "PYTHONDONTWRITEBYTECODE": "1",
}


def git(root, *args):
    subprocess.run(["git", *args], cwd=root, env=ENV, check=True, stdout=subprocess.DEVNULL)


def demo(root):
    """The project of `pytest-medic demo` as a repository of two commits; its broken modules."""
    shutil.copytree(DEMO / "before", root)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "A small shop")
    (root / "shop" / "money.py").unlink()
    shutil.copytree(DEMO / "after", root, dirs_exist_ok=True)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Say what totals and counts are of; prices have a module of their own")
    return [(root, f"tests/{module.name}") for module in sorted((root / "tests").glob("test_*.py"))]


def seconds(command, root, timeout):
    start = time.perf_counter()
    done = subprocess.run(command, cwd=root, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=timeout)
    return time.perf_counter() - start, done.returncode


def play(root, module, args):
    pytest = args.pytest.replace("{folder}", str(root))
    plain = statistics.median(seconds([*shlex.split(pytest), module], root, args.timeout)[0] for _ in range(args.repeat))
    times, code = [], None
    for _ in range(args.repeat):
        # Each heal begins with the module as it is committed and with nothing learned.
        git(root, "reset", "-q", "--hard")
        git(root, "clean", "-q", "-d", "-f", "-x", "-e", ".venv")
        taken, code = seconds([args.medic, "heal", *args.heal, "--runner", f"{pytest} {{tests}}", module], root, args.timeout)
        times.append(taken)
    git(root, "reset", "-q", "--hard")
    return plain, statistics.median(times), code == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("medic", help="the program")
    parser.add_argument("cases", nargs="*", metavar="FOLDER:MODULE", help="a repository with a broken test module; the demo without any")
    parser.add_argument("--pytest", default=f"{sys.executable} -m pytest", help="how pytest is called; {folder} is the case's folder")
    parser.add_argument("--repeat", type=int, default=3, help="how often each is timed; the median counts")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("--heal", type=shlex.split, default=[], help="more arguments of heal, such as '--accept review'")
    args = parser.parse_intermixed_args()
    args.medic = str(pathlib.Path(args.medic).resolve())
    with tempfile.TemporaryDirectory(prefix="heal-time-") as scratch:
        cases = [(pathlib.Path(folder), module) for folder, _, module in (case.rpartition(":") for case in args.cases)]
        rows = [(root, module, *play(root, module, args)) for root, module in cases or demo(pathlib.Path(scratch) / "demo")]
    print("| module | plain run (s) | heal (s) | ratio | healed |\n|---|---|---|---|---|")
    for root, module, plain, heal, healed in rows:
        print(f"| {root.name}/{module} | {plain:.2f} | {heal:.2f} | {heal / plain:.1f} | {'yes' if healed else 'no'} |")
    of_healed = [heal / plain for _, _, plain, heal, healed in rows if healed]
    if of_healed:
        print(f"\nmedian over {len(of_healed)} healed modules: {statistics.median(of_healed):.1f} plain runs")


if __name__ == "__main__":
    main()

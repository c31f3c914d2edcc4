"""Breaks products under correct tests and counts what a healer does about it. See README.md."""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

from mutants import mutants

HERE = pathlib.Path(__file__).parent
ENV = {
    **os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c", "PYTHONDONTWRITEBYTECODE": "1",
}
IGNORED = ".pytest_cache/\n__pycache__/\n*.log\n.healing*\nmonitoring/\n"


def cases(count, seed):
    """`count` mutants, evenly over the projects, the same for the same seed."""
    by_project = []
    for project in sorted((HERE / "projects").iterdir()):
        for product in sorted(project.glob("*.py")):
            if not product.name.startswith("test_"):
                found = [(project, product.name, *mutant) for mutant in mutants(product.read_text())]
                random.Random(f"{seed} {project.name}").shuffle(found)
                by_project.append(found)
    while by_project and count:
        for found in list(by_project):
            if not found:
                by_project.remove(found)
            elif count:
                count -= 1
                yield found.pop()


def git(root, *args):
    subprocess.run(["git", *args], cwd=root, env=ENV, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def run_within(command, root, seconds):
    """Runs the command; one that takes too long is asked to end, so that it ends its own children: a mutant may never end."""
    with subprocess.Popen(command, cwd=root, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            out, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.terminate()
            try:
                process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, errors)


def play(case, args):
    project, product, what, line, broken = case
    root = pathlib.Path(tempfile.mkdtemp(prefix="regression-"))
    try:
        for file in project.glob("*.py"):
            target = root / ("tests" if file.name.startswith("test_") else "src") / file.name
            target.parent.mkdir(exist_ok=True)
            shutil.copy(file, target)
        (root / "pytest.ini").write_text("[pytest]\npythonpath = src\ntestpaths = tests\n")
        (root / ".gitignore").write_text(IGNORED)
        git(root, "init", "-q", "-b", "main")
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", "A first version")
        (root / "src" / product).write_text(broken)
        git(root, "commit", "-q", "-am", f"Tidy {product}")
        command = [args.medic, "heal", "--format", "json", "--runner", f"{args.python} -m pytest -p no:cacheprovider {{tests}}", "tests"]
        done = run_within(command, root, args.timeout)
        status = subprocess.run(["git", "status", "--porcelain"], cwd=root, env=ENV, capture_output=True, text=True, check=True)
        edited = [row[3:] for row in status.stdout.splitlines() if not row.endswith("GRAVEYARD.md")]
        try:
            result = json.loads(done.stdout)
        except ValueError:
            return {"name": name(case), "error": f"exit {done.returncode}: {done.stderr.strip()[-300:]}"}
        failed = result.get("failed_at_first", [])
        verdicts = [failure["verdict"] for failure in result.get("failures", [])]
        reasons = [failure.get("reason") for failure in result.get("failures", [])]
        return {"name": name(case), "killed": bool(failed), "edited": edited, "applied": result.get("applied", []), "verdicts": verdicts,
                "reasons": reasons, "offered": sum(len(failure.get("fixes", [])) for failure in result.get("failures", []))}
    except subprocess.TimeoutExpired:
        return {"name": name(case), "error": "time out"}
    finally:
        shutil.rmtree(root, ignore_errors=True)


def name(case):
    project, product, what, line, _ = case
    return f"{project.name}/{product}:{line} {what}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("medic", type=os.path.abspath, help="the pytest-medic to measure")
    parser.add_argument("--python", default=sys.executable, help="a Python that has pytest")
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--timeout", type=float, default=180)
    parser.add_argument("--out", help="write each result as a JSON line")
    args = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda case: play(case, args), cases(args.count, args.seed)))
    if args.out:
        pathlib.Path(args.out).write_text("".join(json.dumps(result) + "\n" for result in results))
    errors = [result for result in results if "error" in result]
    killed = [result for result in results if result.get("killed")]
    applied = [result for result in killed if result["applied"] or result["edited"]]
    right = [result for result in killed if "likely-product-regression" in result["verdicts"]]
    verdicts = collections.Counter(verdict for result in killed for verdict in set(result["verdicts"]))
    for result in errors:
        print(f"error    {result['name']}: {result['error']}")
    for result in applied:
        print(f"APPLIED  {result['name']}: {[fix['fix']['title'] for fix in result['applied']]} {result['edited']}")
    for result in killed:
        if result not in right:
            print(f"missed   {result['name']}: {sorted(set(result['verdicts']))} {next(iter(result['reasons']), '')}")
    share = 100 * len(right) / max(1, len(killed))
    print(f"{len(results)} mutants, {len(killed)} killed, {len(errors)} errors; applied in {len(applied)}; "
          f"likely product regression in {len(right)} ({share:.0f} %); verdicts {dict(verdicts)}")
    return 1 if applied or errors else 0


if __name__ == "__main__":
    sys.exit(main())

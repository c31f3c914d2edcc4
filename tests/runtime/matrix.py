#!/usr/bin/env python3
"""Runs the tests of the runtime (tests/runtime) against several releases of pytest.

    python3 tests/runtime/matrix.py [PYTEST_VERSION ...]

Makes one venv per release under target/matrix with this interpreter, or with those that MATRIX_PYTHONS names
(`MATRIX_PYTHONS="python3.9 python3.13"`). What cannot be installed is skipped and said so.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

RELEASES = ["6.2.5", "7.4.4", "8.4.2", "9.0.1", "9.2.0"]
ROOT = Path(__file__).resolve().parents[2]


def main(releases):
    pythons = os.environ.get("MATRIX_PYTHONS", sys.executable).split()
    results = [(name, run(name, python, release)) for python in pythons for release in releases
               for name in [f"pytest {release} on {Path(python).name} {version(python)}"]]
    for name, result in results:
        print(f"{name:45} {result}")
    return any(result.startswith("FAILED") for _, result in results)


def version(python):
    if shutil.which(python) is None:
        return "(not installed)"
    return subprocess.check_output([python, "-c", "import platform; print(platform.python_version())"], text=True).strip()


def run(name, python, release):
    if shutil.which(python) is None:
        return "skipped: no such interpreter here"
    venv = ROOT / "target" / "matrix" / f"{Path(python).name}-{version(python)}-{release}"
    inside = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (venv / "complete").exists():
        shutil.rmtree(venv, ignore_errors=True)
        made = subprocess.run([python, "-m", "venv", str(venv)]).returncode == 0
        pip = [str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"pytest=={release}"]
        if not made or subprocess.run(pip).returncode != 0:
            return "skipped: cannot be installed here"
        (venv / "complete").touch()
    done = subprocess.run(
        ["cargo", "test", "--quiet", "--test", "runtime"],
        cwd=ROOT,
        env={**os.environ, "PYTEST_MEDIC_TEST_PYTHON": str(inside)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    summary = [line for line in done.stdout.splitlines() if line.startswith("test result:")]
    failed = [line.strip() for line in done.stdout.splitlines() if line.startswith("    ") and "::" in line and "at " not in line]
    if done.returncode == 0 and summary:
        return summary[-1]
    print(f"--- {name}\n{done.stdout[-6000:]}")
    return "FAILED " + " ".join(sorted(set(failed)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or RELEASES))

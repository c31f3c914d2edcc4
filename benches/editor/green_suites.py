#!/usr/bin/env python3
"""Counts what pytest-medic says about test suites that are green: it must be nothing.

    python3 benches/editor/green_suites.py [--server target/release/pytest-medic] [--limit 600] FOLDER[=PYTHON]...

Each folder is a project's checkout, PYTHON the command that runs its tests (default python3; `env
PYTHONPATH=src …/python` works, too). pytest runs with
`-v`; tests that fail on this machine are left out of a second run, so that the log is green. The server gets
that log and every test file, opened; all its diagnostics and hints are counted and printed. Ends with 1 where
there is one. Nothing is written into the folders but what their own tests write.
"""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from lsp import Server

TEST = re.compile(r"(test_.*|.*_test|conftest)\.py")
FAILED = re.compile(rb"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.M)
COUNTS = re.compile(rb"(\d+) passed")
WHOLE = {"start": {"line": 0, "character": 0}, "end": {"line": 100_000, "character": 0}}


def run(folder, python, log, limit):
    """Runs the suite until it is green, and says how many tests passed."""
    left_out = []
    for _ in range(4):
        command = [*shlex.split(python), "-m", "pytest", "-v", "-rfE", "-p", "no:cacheprovider", *left_out]
        try:
            ended = subprocess.run(command, cwd=folder, capture_output=True, timeout=limit, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return f"its tests take more than {limit:.0f} s"
        output = ended.stdout
        if ended.returncode == 4 and not left_out:  # options of plugins that are not installed
            left_out = ["-o", "addopts="]
            continue
        failed = sorted({test.decode() for test in FAILED.findall(output)})
        if not failed:
            log.write_bytes(output)
            passed = COUNTS.findall(output)
            return int(passed[-1]) if passed and ended.returncode == 0 else f"pytest did not run: {ended.stderr[-200:].decode(errors='replace')}"
        left_out += [f"--deselect={test}" if "::" in test else f"--ignore={test}" for test in failed]
    return f"{len(failed)} tests fail again and again"


def test_files(folder):
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=folder, capture_output=True, text=True).stdout.splitlines()
    names = listed or [str(path.relative_to(folder)) for path in folder.rglob("*.py")]
    return [folder / name for name in names if TEST.fullmatch(pathlib.PurePath(name).name)]


def said(program, folder, log):
    """Everything that the server says about the test files of a folder."""
    files, told = test_files(folder), []
    with tempfile.TemporaryDirectory() as cache:
        with Server([program, "server"], folder, env={"XDG_CACHE_HOME": cache}) as server:
            server.initialize()
            for file in files:
                server.open(file, file.read_text("utf-8", errors="replace"))
            read = {"command": "pytest-medic.readLog", "arguments": [{"path": str(log), "uri": folder.as_uri()}]}
            _, answer = server.call("workspace/executeCommand", read)
            server.settle()
            latest = {}
            for _, message in server.heard():
                if message["method"] == "textDocument/publishDiagnostics":
                    latest[message["params"]["uri"]] = message["params"]["diagnostics"]
            told += [(uri, one["message"]) for uri, some in latest.items() for one in some]
            for file in files:
                document = {"uri": file.as_uri()}
                _, hints = server.call("textDocument/inlayHint", {"textDocument": document, "range": WHOLE})
                told += [(file.as_uri(), hint["label"]) for hint in hints["result"] or []]
            _, results = server.call("pytest-medic/results", {})
            server.shutdown()
    return len(files), answer["result"], len(results["result"]["tests"]), told


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="target/release/pytest-medic")
    parser.add_argument("--limit", type=float, default=600, help="seconds that one suite may take")
    parser.add_argument("folders", nargs="+", metavar="FOLDER[=PYTHON]")
    args = parser.parse_args()
    program, noisy = str(pathlib.Path(args.server).resolve()), False
    print("| project | tests passed | files open | tests known | said |\n| --- | --- | --- | --- | --- |")
    for entry in args.folders:
        folder, _, python = entry.partition("=")
        folder = pathlib.Path(folder).resolve()
        with tempfile.TemporaryDirectory() as scratch:
            log = pathlib.Path(scratch) / "green.log"
            passed = run(folder, python or "python3", log, args.limit)
            if isinstance(passed, str):
                print(f"| {folder.name} | {passed} | | | |", flush=True)
                continue
            files, _, known, told = said(program, folder, log)
        print(f"| {folder.name} | {passed} | {files} | {known} | {len(told)} |", flush=True)
        for uri, message in told[:20]:
            print(f"  {uri}: {message}")
        noisy |= bool(told)
    sys.exit(noisy)


main()

#!/usr/bin/env python3
"""What other language servers need on the same files: time to ready, first and later answers, memory.

    python -m venv /tmp/peers && /tmp/peers/bin/pip install pytest-language-server ruff ty
    python benches/facts_peers.py --rounds 3 \\
        --peer "pytest-language-server=/tmp/peers/bin/pytest-language-server" \\
        --peer "ruff=/tmp/peers/bin/ruff server" --peer "ty=/tmp/peers/bin/ty server"

The workspaces (1,000 and 10,000 files) are those of `cargo bench --bench facts`, written by it; its rows, what
pytest-medic's own facts cost, are printed in the same run. A server is asked what it can answer: where the fixture
or the class of a test is defined, else the diagnostics of that test's file. Standard library only; memory and
processor time come from /proc. `pytest-medic server` (--medic) is measured like the others.
"""

import argparse
import json
import os
import queue
import shlex
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

LATER = 40
PATIENCE_S = 120


class Server:
    """A language server on stdio: requests go out, their answers are waited for."""

    def __init__(self, command, root):
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.answers = queue.Queue()
        self.number = 0
        self.peak = 0
        threading.Thread(target=self.read, daemon=True).start()
        threading.Thread(target=self.watch, daemon=True).start()

    def read(self):
        stream = self.process.stdout
        while line := stream.readline():
            length = 0
            while line.strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
                line = stream.readline()
            message = json.loads(stream.read(length))
            if "method" in message and "id" in message:
                # What a client is asked: settings, progress, registrations.
                items = message.get("params", {}).get("items", []) if message["method"] == "workspace/configuration" else None
                self.send({"id": message["id"], "result": [None for _ in items] if items is not None else None})
            elif "id" in message:
                self.answers.put(message)

    def watch(self):
        while self.process.poll() is None:
            self.peak = max(self.peak, resident_mb(self.process.pid))
            time.sleep(0.02)

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        try:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def ask(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while True:
            answer = self.answers.get(timeout=PATIENCE_S)
            if answer["id"] == self.number:
                return answer.get("result")

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def end(self):
        self.ask("shutdown", None)
        self.tell("exit", None)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def resident_mb(pid):
    try:
        with open(f"/proc/{pid}/status") as file:
            return next((int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def processor_s(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def probe(root, test):
    """The test's document, the place of its fixture and of its class."""
    text = test.read_text()
    lines = text.split("\n")

    def place(needle, offset):
        line = next(number for number, line in enumerate(lines) if needle in line)
        return {"line": line, "character": lines[line].index(needle) + offset}

    uri = test.as_uri()
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    definition = lines[next(n for n, line in enumerate(lines) if line.startswith("def test_"))]
    fixture = definition[definition.index("(") + 1 : definition.index(")")]
    return document, [place(f"({fixture})", 1), place("= Service", 2)]


def question(server, capabilities, document, places):
    """One question that the server can answer; whether it did."""
    where = {"textDocument": {"uri": document["uri"]}}
    if capabilities.get("definitionProvider"):
        return any(server.ask("textDocument/definition", {**where, "position": place}) for place in places)
    if capabilities.get("diagnosticProvider"):
        return server.ask("textDocument/diagnostic", where) is not None
    return server.ask("textDocument/codeAction", {**where, "range": {"start": places[0], "end": places[0]}, "context": {"diagnostics": []}}) is not None


def measure(command, root):
    tests = sorted(root.glob("package_*/test_module_*.py"))
    step = max(1, len(tests) // (LATER + 1))
    probes = [probe(root, test) for test in tests[:: step][: LATER + 1]]
    server = Server(command, root)
    folder = {"uri": root.as_uri(), "name": root.name}
    capabilities = server.ask(
        "initialize",
        {
            "processId": os.getpid(),
            "rootUri": folder["uri"],
            "workspaceFolders": [folder],
            "capabilities": {"textDocument": {"diagnostic": {}, "definition": {}}, "workspace": {"workspaceFolders": True, "configuration": True}},
        },
    )["capabilities"]
    ready = time.monotonic() - server.started
    server.tell("initialized", {})
    for document, _ in probes:
        server.tell("textDocument/didOpen", {"textDocument": document})
    while not question(server, capabilities, *probes[0]):
        if time.monotonic() - server.started > PATIENCE_S:
            break
        time.sleep(0.02)
    first = time.monotonic() - server.started
    later = []
    for document, places in probes[1:]:
        start = time.monotonic()
        question(server, capabilities, document, places)
        later.append(time.monotonic() - start)
    processor = processor_s(server.process.pid)
    server.end()
    asked = next((name for name in ("definitionProvider", "diagnosticProvider") if capabilities.get(name)), "codeAction")
    return {"ready": ready, "first": first, "later": statistics.median(later), "worst": max(later), "resident": server.peak, "processor": processor, "asked": asked}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--medic", help="the pytest-medic program, measured as a server too")
    parser.add_argument("--facts", default="cargo bench --quiet --bench facts --", help="how the bench of facts is run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int, nargs="+", default=[1000, 10000])
    arguments = parser.parse_args()
    peers = dict(peer.split("=", 1) for peer in arguments.peer)
    if arguments.medic:
        peers["pytest-medic server"] = f"{arguments.medic} server"
    for count in arguments.files:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            facts = shlex.split(arguments.facts)
            subprocess.run([*facts, "write", str(root), str(count)], check=True)
            print(f"{count} files, load {os.getloadavg()[0]:.1f}\npytest-medic's facts:", flush=True)
            subprocess.run([*facts, str(root)], check=True)
            for name, command in peers.items():
                rounds = [measure(shlex.split(command), root) for _ in range(arguments.rounds)]
                best = {key: min(found[key] for found in rounds) for key in rounds[0]}
                print(
                    f"{name:24} initialize {best['ready'] * 1000:7.1f} ms  first answer {best['first'] * 1000:8.1f} ms  "
                    f"later {best['later'] * 1000:6.2f} ms (p50), {best['worst'] * 1000:7.2f} (worst)  resident {best['resident']:6.1f} MB  "
                    f"processor {best['processor']:.2f} s  by {best['asked']}",
                    flush=True,
                )


if __name__ == "__main__":
    main()

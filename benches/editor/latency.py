#!/usr/bin/env python3
"""How fast pytest-medic answers while someone types, beside other Python language servers, in one run.

    python3 benches/editor/latency.py [--rounds 3] [--workspace FOLDER --file PATH] [NAME=COMMAND]...

Without a workspace one is made: a test file of 2,000 lines with 20 failures in its log. Each NAME=COMMAND is a server
(`ruff='ruff server'`); without any: target/release/pytest-medic and those of ruff, ty and pytest-language-server that
are on PATH. Servers take turns round by round, each in a fresh process; diagnostics are pulled where a server offers
that. The CPU rows are the ones to trust on a busy machine. Linux (/proc) and the standard library only.
"""

import argparse
import pathlib
import shlex
import shutil
import statistics
import tempfile
import time

from lsp import Gone, Server, published

EDITS, BURST, REQUESTS = 60, 100, 100
PEERS = {"ruff": "ruff server", "ty": "ty server", "pytest-language-server": "pytest-language-server"}
ROWS = {
    "initialize": "spawn to `initialize` answered, ms",
    "open": "didOpen to diagnostics, ms",
    "ready_cpu": "CPU until idle, ms",
    "ready_rss": "memory when idle, MiB",
    "key": "key to diagnostics p50, ms",
    "key_p99": "key to diagnostics p99, ms",
    "key_cpu": "CPU per key, ms",
    "hover": "hover p50, ms",
    "action": "code action p50, ms",
    "burst": f"{BURST} keys and a hover, ms",
    "burst_cpu": "CPU per key of the burst, ms",
    "shutdown": "shutdown to the end, ms",
}
BLOCK = '''
def test_total_{n:03}():
    cart = Cart()
    cart.add({n}, 2)
    cart.add({n} + 1, 3)
    assert cart.count() == 2
    assert cart.{name}() == {n} * 2 + ({n} + 1) * 3


'''


def made(root):
    """A project with a long test file, and the log of its failures."""
    (root / "tests").mkdir()
    (root / "shop.py").write_text(
        "class Cart:\n    def __init__(self):\n        self.lines = []\n\n    def add(self, price, count):\n"
        "        self.lines.append((price, count))\n\n    def count(self):\n        return len(self.lines)\n\n"
        "    def net_total(self):\n        return sum(price * count for price, count in self.lines)\n"
    )
    text, failures, summary = "from shop import Cart\n", "", ""
    for n in range(250):
        fails = n % 12 == 5
        text += BLOCK.format(n=n, name="total" if fails else "net_total").lstrip("\n")
        if fails:
            line = text.count("\n") - 2
            failures += (
                f"________ test_total_{n:03} ________\n\n>       assert cart.total() == {n} * 2 + ({n} + 1) * 3\n"
                "E       AttributeError: 'Cart' object has no attribute 'total'\n\n"
                f"tests/test_many.py:{line}: AttributeError\n"
            )
            summary += f"FAILED tests/test_many.py::test_total_{n:03} - AttributeError: 'Cart' object has no attribute\n"
    (root / "tests/test_many.py").write_text(text)
    (root / "test_run.log").write_text(
        f"===== test session starts =====\ncollected 250 items\n\n===== FAILURES =====\n{failures}"
        f"===== short test summary info =====\n{summary}===== 21 failed, 229 passed in 1.00s =====\n"
    )
    return "tests/test_many.py"


class Typing:
    """A document that someone types into, at the end of a comment line of its own."""

    def __init__(self, path):
        self.path, self.uri, self.version = path, path.as_uri(), 1
        self.text = path.read_text("utf-8") + "\n# typed here \n"
        self.line, self.column = self.text.count("\n") - 1, len("# typed here ")

    def key(self):
        """The `didChange` of one more letter."""
        at = {"line": self.line, "character": self.column}
        self.version, self.column = self.version + 1, self.column + 1
        change = {"range": {"start": at, "end": at}, "text": "x"}
        head, tail = self.text[:-1], self.text[-1:]
        self.text = head + "x" + tail
        document = {"uri": self.uri, "version": self.version}
        return {"textDocument": document, "contentChanges": [change if self.incremental else {"text": self.text}]}


def measure(command, root, path):
    """One round: every row of one server."""
    seen = {}
    with tempfile.TemporaryDirectory() as cache, Server(command, root, env={"XDG_CACHE_HOME": cache}) as server:
        seen["initialize"] = server.initialize()
        sync = server.capabilities.get("textDocumentSync")
        typing = Typing(path)
        typing.incremental = (sync.get("change") if isinstance(sync, dict) else sync) == 2
        pulls = bool(server.capabilities.get("diagnosticProvider"))
        document = {"textDocument": {"uri": typing.uri}}

        def shown(sent, limit=10):
            """The seconds until the diagnostics of the latest text are there, and they."""
            if pulls:
                at, answer = server.wait(pull)
                return at - sent, (answer.get("result") or {}).get("items", [])
            found = server.hear(published(typing.uri, typing.version), limit)
            return (found[0] - sent, found[1]["params"]["diagnostics"]) if found else (None, [])

        pull = server.request("textDocument/diagnostic", document)
        sent = server.open(path, typing.text)
        if pulls:
            server.send(pull)
        seen["open"], _ = shown(sent)
        server.settle(limit=60)
        seen["ready_cpu"], seen["ready_rss"] = server.cpu_ms() / 1000, server.rss_mib() / 1000
        before, keys, diagnostics = server.cpu_ms(), [], []
        for _ in range(EDITS):
            list(server.heard())
            pull = server.request("textDocument/diagnostic", document)
            change = server.notification("textDocument/didChange", typing.key())
            took, diagnostics = shown(server.send(change, *([pull] if pulls else [])))
            if took is None:
                break  # this server says nothing about an edit that changes nothing
            keys.append(took)
        server.settle(0.3, 10)
        if keys:
            seen["key_cpu"] = (server.cpu_ms() - before) / EDITS / 1000
            seen["key"], seen["key_p99"] = statistics.median(keys), sorted(keys)[int(len(keys) * 0.99)]
        places = [diagnostic["range"] for diagnostic in diagnostics] or [
            {"start": {"line": n, "character": 6}, "end": {"line": n, "character": 6}} for n in range(0, typing.line, 40)
        ]
        spots = [places[n % len(places)] for n in range(REQUESTS)]
        if server.capabilities.get("hoverProvider"):
            asked = [server.call("textDocument/hover", {**document, "position": spot["start"]})[0] for spot in spots]
            seen["hover"] = statistics.median(asked)
        if server.capabilities.get("codeActionProvider"):
            near = lambda spot: [diagnostic for diagnostic in diagnostics if diagnostic["range"] == spot]
            ask = lambda spot: {**document, "range": spot, "context": {"diagnostics": near(spot)}}
            seen["action"] = statistics.median(server.call("textDocument/codeAction", ask(spot))[0] for spot in spots)
        before = server.cpu_ms()
        burst = [server.notification("textDocument/didChange", typing.key()) for _ in range(BURST)]
        hover = server.request("textDocument/hover", {**document, "position": spots[0]["start"]})
        sent = server.send(*burst, hover)
        seen["burst"] = server.wait(hover)[0] - sent
        server.settle(0.5, 20)
        seen["burst_cpu"] = (server.cpu_ms() - before) / BURST / 1000
        seen["shutdown"] = server.shutdown()
    return {row: value * 1000 for row, value in seen.items() if value is not None}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workspace", type=pathlib.Path)
    parser.add_argument("--file")
    parser.add_argument("servers", nargs="*", metavar="NAME=COMMAND")
    args = parser.parse_args()
    servers = dict(server.split("=", 1) for server in args.servers)
    if not servers:
        servers = {"pytest-medic": str(pathlib.Path("target/release/pytest-medic").resolve()) + " server"}
        servers |= {name: command for name, command in PEERS.items() if shutil.which(shlex.split(command)[0])}
    with tempfile.TemporaryDirectory() as folder:
        root = args.workspace.resolve() if args.workspace else pathlib.Path(folder).resolve()
        path = root / (args.file if args.workspace else made(root))
        rounds = {name: [] for name in servers}
        for _ in range(args.rounds):
            for name, command in servers.items():
                try:
                    rounds[name].append(measure(shlex.split(command), root, path))
                except Gone as error:
                    print(f"{name}: {error}")
                time.sleep(0.5)
        title = f"{path.name}, {len(path.read_text('utf-8').splitlines())} lines"
    print(f"| {title} | " + " | ".join(servers) + " |")
    print("| --- |" + " --- |" * len(servers))
    for row, title in ROWS.items():
        cells = []
        for name in servers:
            values = [seen[row] for seen in rounds[name] if row in seen]
            cells.append(f"{statistics.median(values):.1f}" if values else "")
        print(f"| {title} | " + " | ".join(cells) + " |")


main()

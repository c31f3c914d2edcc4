#!/usr/bin/env python3
"""Times what a person waits for in an editor, against the real server process.

    python3 benches/squiggle.py [PYTEST-MEDIC] [ROUNDS]      default: target/release/pytest-medic 10

Prints the median and the worst of: start of the process to the answer of `initialize`; a log of about 1 MB
renamed into place to the diagnostic of its one failure. Standard library only; the machine's noise is in it.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from queue import Queue

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "target/release/pytest-medic"
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 10
TEST = "from shop import Cart\n\n\ndef test_total():\n    assert Cart().totl() == 0\n"
PASSING = "".join(f"tests/test_many.py::test_{n:06} PASSED {'[ 50%]':>40}\n" for n in range(12_500))
LOG = f"""============================= test session starts ==============================
rootdir: ROOT
collected 12501 items

{PASSING}tests/test_cart.py::test_total FAILED
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       assert Cart().totl() == 0
E       AttributeError: 'Cart' object has no attribute 'totl'

tests/test_cart.py:5: AttributeError
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_total - AttributeError: 'Cart' object has no ...
======================== 1 failed, 12500 passed in 9.99s =======================
"""


class Server:
    """The server and the messages that it sends, each with the moment of its arrival."""

    def __init__(self, root):
        self.root, self.started = root, time.perf_counter()
        self.process = subprocess.Popen([PROGRAM, "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.messages = Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        stream = self.process.stdout
        while header := stream.readline():
            length = int(header.split(b":")[1])
            stream.readline()
            body = stream.read(length)
            self.messages.put((time.perf_counter(), json.loads(body)))

    def send(self, method, params=None, id=None):
        message = {"jsonrpc": "2.0", "method": method, "params": params or {}}
        body = json.dumps(message if id is None else {**message, "id": id}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def wait(self, wanted):
        while True:
            at, message = self.messages.get(timeout=60)
            if wanted(message):
                return at


def round_trip(root):
    (root / "tests").mkdir()
    (root / "shop.py").write_text("class Cart:\n    def total(self):\n        return 0\n")
    (root / "tests/test_cart.py").write_text(TEST)
    server, uri = Server(root), root.as_uri()
    folders = [{"uri": uri, "name": "shop"}]
    server.send("initialize", {"processId": None, "capabilities": {}, "rootUri": uri, "workspaceFolders": folders}, 1)
    answered = server.wait(lambda message: message.get("id") == 1) - server.started
    server.send("initialized")
    time.sleep(0.5)  # the watcher has to stand before the log comes
    fresh = root / "fresh.log"
    fresh.write_text(LOG.replace("ROOT", str(root)))
    written = time.perf_counter()
    fresh.rename(root / "test_run.log")
    shown = server.wait(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["diagnostics"])
    server.send("shutdown", id=2)
    server.wait(lambda message: message.get("id") == 2)
    server.send("exit")
    server.process.wait(10)
    return answered, shown - written


def main():
    rounds = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(round_trip(pathlib.Path(folder).resolve()))
    names = ("start to `initialize` answered", f"log of {len(LOG) / 1e6:.1f} MB to squiggle")
    for name, times in zip(names, zip(*rounds)):
        print(f"{name}: median {1000 * statistics.median(times):.1f} ms, worst {1000 * max(times):.1f} ms")


main()

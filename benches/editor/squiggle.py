#!/usr/bin/env python3
"""Times what a person waits for in an editor, against the real server process.

    python3 benches/editor/squiggle.py [PYTEST-MEDIC] [ROUNDS]      default: target/release/pytest-medic 10

Prints the median and the worst of: start of the process to the answer of `initialize`; a log of about 1 MB
renamed into place to the diagnostic of its one failure, and what that costs; `shutdown` to the end of the process. Standard library only; the machine's noise is in it.
"""

import pathlib
import statistics
import sys
import tempfile
import time

from lsp import Server

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


def round_trip(root):
    (root / "tests").mkdir()
    (root / "shop.py").write_text("class Cart:\n    def total(self):\n        return 0\n")
    (root / "tests/test_cart.py").write_text(TEST)
    with Server([PROGRAM, "server"], root, env={"XDG_CACHE_HOME": str(root / "cache")}) as server:
        answered = server.initialize()
        time.sleep(0.5)  # the watcher has to stand before the log comes
        fresh = root / "fresh.log"
        fresh.write_text(LOG.replace("ROOT", str(root)))
        before, written = server.cpu_ms(), time.perf_counter()
        fresh.rename(root / "test_run.log")
        shown, _ = server.hear(
            lambda m: m["method"] == "textDocument/publishDiagnostics" and m["params"]["diagnostics"]
        )
        spent = (server.cpu_ms() - before) / 1000
        return answered, shown - written, spent, server.shutdown()


def main():
    rounds = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(round_trip(pathlib.Path(folder).resolve()))
    names = ("start to `initialize` answered", f"log of {len(LOG) / 1e6:.1f} MB to squiggle", "CPU of that", "shutdown to the end")
    for name, times in zip(names, zip(*rounds)):
        print(f"{name}: median {1000 * statistics.median(times):.1f} ms, worst {1000 * max(times):.1f} ms")


main()

#!/usr/bin/env python3
"""How right `pytest-medic report` reads logs whose truth is known, field by field.

    benches/logs/score.py CORPUS [--medic CMD] [--match TEXT] [--details]

CORPUS holds `index.json` with one entry per log: `log`, `truth` (JSON lines that a plugin wrote from the exception
objects), `env`, `args`, `visible` (failures the log shows at all), `line_missing` (whose place it lacks), `cwd`. A field counts where the log carries it: the line unless `line_missing` or a
style that prints another one, type and message only if they stand in the text. What a log shows of a failure but
does not carry must be null or what is printed; it is not counted here.

found     failures of the truth that are in the report        true   reported ones that are in the truth
phase     of those found                                      place  exact path and line
type      exception type                                      head   first line of the message      message   all of it
"""
import argparse
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
NOISE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
FIELDS = ["found", "true", "phase", "place", "type", "head", "message"]


def clean(text):
    text = re.sub(r"0x[0-9a-fA-F]{6,}", "0x0", NOISE.sub("", ANSI.sub("", text.replace("\r\n", "\n"))))
    return re.sub("[\ud800-\udfff\ufffd]", "?", text)


def message_lines(text, exc_type):
    """A message without what differs by rights: white space at line ends, the hint that CPython adds."""
    lines = [re.sub(r"\. Did you [^?]*\?$", "", line.rstrip()) for line in clean(text or "").split("\n")]
    if exc_type and exc_type != "AssertionError" or not lines[0].startswith("assert "):
        lines[0] = re.sub(r"^(?:[\w.<>]+\.)?%s: ?" % re.escape(exc_type or "\0"), "", lines[0])
    while lines and not lines[-1]:
        lines.pop()
    return [line.strip() for line in lines] or [""]


class Log:
    """The text of a log, asked what it carries of a failure."""

    def __init__(self, folder, entry):
        self.entry = entry
        text = (folder / entry["log"]).read_bytes().decode("utf-8", "replace")
        self.lines = clean(text).split("\n")
        self.style = next((a[5:] for a in entry.get("args", []) if a.startswith("--tb=")), "auto")
        self.is_torn = str(entry.get("derived") or "").startswith(("cut", "headless"))

    def about(self, failure):
        """The lines that may tell of this failure: all of a whole log, its own block and summary line of a torn one."""
        if self.style == "no" or self.style == "line" and failure["phase"] != "call":
            return [line for line in self.lines if failure["nodeid"] in line]
        if not self.is_torn:
            return self.lines
        word = {"setup": "ERROR at setup of ", "teardown": "ERROR at teardown of ", "collection": "ERROR collecting "}
        title = "_ " + word.get(failure["phase"], "") + (failure.get("domain") or failure["nodeid"]) + " _"
        block, inside = [], False
        for line in self.lines:
            if re.match(r"_+ .* _+$|=+ .* =+$", line):
                inside = title in line
            if inside or failure["nodeid"] in line:
                block.append(line)
        return block

    def carries(self, failure, index):
        lines, exc_type = self.about(failure), failure.get("exc_type")
        wanted = message_lines(failure.get("message"), exc_type)
        head = wanted[0]
        named = [": ".join(filter(None, [exc_type, head]))]
        if exc_type == "AssertionError" and head.startswith("assert "):
            named.append("E   " + head), named.append(": " + head), named.append("- " + head)
        has_type = bool(exc_type) and any(name in line and self.ends(line, name, head) for name in named for line in lines)
        has_head = has_type if not head else any(head in line for line in lines)
        place = failure["line"] is not None and index not in self.entry.get("line_missing", [])
        if self.is_torn and place:
            place = any(re.search(r"(:|line )%d\b" % failure["line"], line) for line in lines)
        if self.style == "line":
            place = place and failure["phase"] == "call" and failure.get("deepest", [])[:2] == [failure["path"], failure["line"]]
        place = place and self.style != "no" and not failure["path"].startswith("<")  # `<string>:2` is no file
        noted = any(link.get("notes") for link in failure.get("chain") or [])  # the text does not show where notes begin
        whole = has_head and bool(exc_type) and not noted and self.holds(lines, wanted)
        return {"place": place, "type": has_type, "head": has_head and bool(exc_type), "message": whole}

    @staticmethod
    def ends(line, name, head):
        """A type without a message must end its line: `path:3: KeyError`, `E   KeyError`."""
        return bool(head) or line.rstrip().endswith(name)

    def holds(self, lines, wanted):
        wanted, reach = [line for line in wanted if line], 6 if self.entry.get("derived") == "interleaved" else 4
        for start, line in enumerate(lines):
            if wanted and wanted[0] in line:
                at = start
                for want in wanted[1:]:
                    at = next((n for n in range(at + 1, min(at + reach, len(lines))) if want in lines[n]), None)
                    if at is None:
                        break
                else:
                    return True
        return not wanted


def same_path(given, wanted, entry):
    given, wanted = (given or "").replace("\\", "/"), (wanted or "").replace("\\", "/")
    if given == wanted:
        return True
    root, cwd = ((entry.get(key) or "").replace("\\", "/") for key in ("rootdir", "cwd"))
    flat = lambda base, path: str(Path(path if path.startswith("/") or ":" in path[:3] else base + "/" + path))  # noqa: E731
    resolved = lambda path: re.sub(r"[^/]+/\.\./", "", re.sub(r"[^/]+/\.\./", "", flat(cwd, path)))  # noqa: E731
    return bool(given) and {flat(root, wanted), flat("/home/dev/proj", wanted), flat(cwd, wanted)} & {
        flat(root, given), resolved(given)} != set()


def same_test(given, wanted, entry):
    given_file, _, given_test = given.partition("::")
    file, _, test = wanted.partition("::")
    return given_test == test and same_path(given_file, file, entry)


def pair(wanted, given, entry):
    """Which reported failure is which true one: by everything, then without the line, then without the phase."""
    tests = [lambda g, w: g["phase"] == w["phase"] and g["line"] == w["line"], lambda g, w: g["phase"] == w["phase"], lambda g, w: True]
    pairs, free = {}, list(range(len(given)))
    for test in tests:
        for at, want in enumerate(wanted):
            hit = next((n for n in free if at not in pairs and same_test(given[n]["nodeid"], want["nodeid"], entry) and test(given[n], want)), None)
            if hit is not None:
                pairs[at] = hit
                free.remove(hit)
    return pairs, free


def score(folder, entry, medic):
    truth = [json.loads(line) for line in (folder / entry["truth"]).read_text(encoding="utf-8").split("\n") if line]
    sessions = [item for item in truth if item["kind"] == "session"]
    entry.setdefault("rootdir", sessions[-1].get("rootdir") if sessions else None)
    failures = [item for item in truth if item["kind"] == "failure"]
    first, last = entry.get("last_session_failures") or (0, len(failures))
    visible = [at for at in entry.get("visible", range(len(failures))) if first <= at < last]
    wanted = [failures[at] for at in visible]
    output = subprocess.run([*medic, str(folder / entry["log"])], capture_output=True, timeout=60).stdout
    given = json.loads(output)["failures"]
    log, tally, errors = Log(folder, entry), defaultdict(lambda: [0, 0]), []

    def note(field, right, failure, seen=""):
        tally[field][0] += right
        tally[field][1] += 1
        if not right:
            errors.append(f"{field}: {failure['phase']} {failure['nodeid']} {seen}")

    pairs, surplus = pair(wanted, given, entry)
    for at, failure in enumerate(wanted):
        told = given[pairs[at]] if at in pairs else None
        note("found", told is not None, failure)
        if told is None:
            continue
        note("true", True, failure)
        carried, exc_type = log.carries(failure, visible[at]), failure.get("exc_type")
        if log.style != "no" and not log.is_torn:
            note("phase", told["phase"] == failure["phase"], failure, told["phase"])
        if carried["place"]:
            right = told["line"] in (failure["line"],) and same_path(told["path"], failure["path"], entry)
            note("place", right, failure, f"{told['path']}:{told['line']} is {failure['path']}:{failure['line']}")
        if carried["type"]:
            note("type", told["exc_type"] == exc_type, failure, f"{told['exc_type']} is {exc_type}")
        seen, want = message_lines(told["message"], exc_type), message_lines(failure.get("message"), exc_type)
        if carried["head"]:
            note("head", told["message"] is not None and seen[0] == want[0], failure, f"{seen[0]!r} is {want[0]!r}")
        if carried["message"]:
            note("message", told["message"] is not None and seen == want, failure, f"{seen!r} is {want!r}"[:300])
    for at in surplus:
        note("true", False, given[at])
    return log.style, tally, errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--medic", default="target/release/pytest-medic report --format json")
    parser.add_argument("--match", default="")
    parser.add_argument("--details", action="store_true")
    options = parser.parse_args()
    groups = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    logs = defaultdict(int)
    for entry in json.loads((options.corpus / "index.json").read_text()):
        if options.match not in entry["log"]:
            continue
        style, tally, errors = score(options.corpus, entry, options.medic.split())
        for group in ["all", f"--tb={style}", f"{entry['env']}", f"as {entry['derived']}" if entry.get("derived") else "as printed"]:
            logs[group] += 1
            for field, (right, total) in tally.items():
                groups[group][field][0] += right
                groups[group][field][1] += total
        if options.details and errors:
            print(f"## {entry['log']}", *errors, sep="\n   ")
    print(f"{'':20}{'logs':>6}" + "".join(f"{field:>16}" for field in FIELDS))
    for group in sorted(groups, key=lambda name: (name != "all", name)):
        cells = [f"{right}/{total} {100 * right / total:5.1f}" if total else "-" for right, total in (groups[group][f] for f in FIELDS)]
        print(f"{group:20}{logs[group]:6}" + "".join(f"{cell:>16}" for cell in cells))


if __name__ == "__main__":
    sys.exit(main())

"""Prints how sure the fixes of `suggest --format json` were against how often they were right. See README.md."""

import argparse
import collections
import json
import pathlib
import sys


def lines_of(diff):
    """The lines that a unified diff takes away and brings, without their indent."""
    gone, came = [], []
    for line in diff.splitlines():
        if line.startswith("-") and not line.startswith("---"):
            gone.append(line[1:].strip())
        elif line.startswith("+") and not line.startswith("+++"):
            came.append(line[1:].strip())
    return [line for line in gone if line], [line for line in came if line]


def alike(line):
    """A line without what only style decides: quotes, indent, a last comma."""
    return line.strip().replace("'", '"').rstrip(",")


def is_right(fix, repaired):
    """Whether the developer's own repair has every line that the fix brings, and not more of those that it takes away."""
    gone, came = lines_of(fix["diff"])
    gone, came = [alike(line) for line in gone], [alike(line) for line in came]
    lines = collections.Counter(alike(line) for line in repaired.splitlines())
    return all(lines[line] for line in came) and all(lines[line] == 0 or line in came or lines[line] < 2 for line in gone)


def fixes(results, repaired, agreeing):
    """(fix, right, whether it is the best for its failure, whether it passed its trials), each diff of a case once."""
    for path in sorted(results.glob("*.json")):
        other = repaired / path.stem
        if not other.is_file():
            continue
        text, seen, run = other.read_text(errors="replace"), set(), json.loads(path.read_text())
        for applied in run.get("applied", []):
            fix = dict(applied["fix"], diff=applied["diff"])
            seen.add(fix["diff"])
            yield fix, path.stem in agreeing or is_right(fix, text), True, True
        for failure in run.get("failures", []):
            for rank, fix in enumerate(failure.get("fixes", [])):
                if fix["diff"] not in seen:
                    seen.add(fix["diff"])
                    yield fix, is_right(fix, text), rank == 0, False


def table(title, groups):
    print(f"{title:28} fixes  shown  right")
    for name, group in sorted(groups.items()):
        shown = sum(fix["confidence"] for fix, _ in group) / len(group)
        right = sum(right for _, right in group) / len(group)
        print(f"  {name:26} {len(group):5}  {shown:5.2f}  {right:5.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=pathlib.Path, help="a folder of <case>.json")
    parser.add_argument("repaired", type=pathlib.Path, help="a folder with the developer's repaired module of each <case>")
    parser.add_argument("--bins", default="0,0.5,0.7,0.8,0.9,0.95,1", help="the thresholds between rows")
    parser.add_argument("--agreeing", type=pathlib.Path, help="JSON lines with id and differential: modules that agree with the oracle")
    parser.add_argument("--tried", action="store_true", help="only fixes that passed their trials and were applied")
    parser.add_argument("--best", action="store_true", help="only the first fix of each failure")
    args = parser.parse_args()
    edges = [float(edge) for edge in args.bins.split(",")]
    bins, strategies, tiers, kinds = (collections.defaultdict(list) for _ in range(4))
    rows = [json.loads(line) for line in args.agreeing.read_text().splitlines()] if args.agreeing else []
    agreeing = {row["id"] for row in rows if row.get("differential")}
    for fix, right, best, tried in fixes(args.results, args.repaired, agreeing):
        if args.best and not best or args.tried and not tried:
            continue
        low = max(edge for edge in edges if edge <= fix["confidence"])
        bins[f"from {low:.2f}"].append((fix, right))
        strategies[fix["strategy"]].append((fix, right))
        tiers[fix["tier"]].append((fix, right))
        kinds["+".join(sorted({fact["kind"] for fact in fix["evidence"]}))].append((fix, right))
    for title, groups in [("confidence", bins), ("tier", tiers), ("strategy", strategies), ("evidence", kinds)]:
        table(title, groups)
    everything = [pair for group in bins.values() for pair in group]
    if everything:
        brier = sum((fix["confidence"] - right) ** 2 for fix, right in everything) / len(everything)
        print(f"Brier score {brier:.3f} of {len(everything)} fixes")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Counts verdicts, named commits and calibration in the JSON that `suggest` and `heal` print. See README.md."""

import argparse
import collections
import json
import pathlib
import sys


def failures(path):
    try:
        return json.loads(path.read_text()).get("failures", [])
    except ValueError:
        return None


def commit_named(failure):
    """Whether a commit is named: by the verdict, or by what speaks for a fix."""
    if failure.get("culprit"):
        return True
    facts = (fact for fix in failure.get("fixes", []) for fact in fix.get("evidence", []))
    return any(fact.get("place", {}).get("commit") for fact in facts)


def symbol_named(failure):
    """Whether the function, class or name that broke it is named, by the verdict or as the failure's subject."""
    return bool(failure.get("culprit_symbol") or failure.get("subject"))


def explained(case):
    """Whether the change of the source holds some of what the developer wrote into the test."""
    return case["edit"].get("cover_source", 0) > 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=pathlib.Path, help="a folder of <case>.json")
    parser.add_argument("--cases", type=pathlib.Path, help="the cases as JSON lines; counts those that the source explains apart")
    parser.add_argument("--list", action="store_true", help="name each case without a commit")
    args = parser.parse_args()
    cases = {}
    if args.cases:
        cases = {case["id"]: case for case in map(json.loads, args.cases.read_text().splitlines())}
    verdicts, offered = collections.Counter(), collections.Counter()
    named, unnamed, broken = [], [], []
    for path in sorted(args.results.glob("*.json")):
        found = failures(path)
        if found is None:
            broken.append(path.stem)
            continue
        for failure in found:
            verdicts[failure["verdict"]] += 1
            offered["a fix" if failure.get("fixes") else "no fix"] += 1
            offered["a commit"] += commit_named(failure)
            offered["a symbol"] += symbol_named(failure)
            if not failure.get("reason"):
                offered["no reason"] += 1
        (named if any(map(commit_named, found)) else unnamed).append(path.stem)
    total = max(1, sum(verdicts.values()))
    print(f"{len(named) + len(unnamed)} runs, {total} failures; unreadable: {len(broken)}")
    for verdict, count in verdicts.most_common():
        print(f"  {verdict:28} {count:5}  {100 * count / total:3.0f} %")
    print(f"  {dict(offered)}")
    share = lambda some, rest: f"{len(some)} of {len(some) + len(rest)} ({100 * len(some) / max(1, len(some) + len(rest)):.0f} %)"
    print(f"a commit is named in {share(named, unnamed)}")
    if cases:
        those = lambda ids: [i for i in ids if i in cases and explained(cases[i])]
        print(f"where the source explains the repair: {share(those(named), those(unnamed))}")
    if args.list:
        for case in unnamed + broken:
            print(f"  without: {case}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

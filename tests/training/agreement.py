"""How far two labellers of the same replies agree: `python -m tests.training.agreement en`."""

import json
import sys
from collections import Counter
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "training" / "labelled"


def kappa(pairs, distance=lambda a, b: a != b):
    """Cohen's kappa: 1 minus observed distance over the distance two labellers with these habits have by chance."""
    ours, theirs = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    seen = sum(distance(a, b) for a, b in pairs) / len(pairs)
    chance = sum(n * m * distance(a, b) for a, n in ours.items() for b, m in theirs.items()) / len(pairs) ** 2
    return 1 - seen / chance if chance else None


def weighted_kappa(pairs):
    """The same for levels in an order: a distance of two counts four times a distance of one."""
    return kappa(pairs, lambda a, b: (a - b) ** 2)


def twice(language):
    """First and second labels of every reply that has both."""
    first, second = {}, {}
    for path in sorted(FOLDER.glob(f"*/*.{language}.jsonl")):
        labels = second if path.parent.name == "second" else first
        labels.update((reply["id"], reply) for reply in map(json.loads, path.read_text("utf-8").splitlines()))
    return [(first[name], second[name]) for name in first if name in second]


def rows(both):
    """Name, how often the first and the second labeller gave it (a level: both, of those where one did), kappa."""
    for act in sorted({act for pair in both for reply in pair for act in reply["acts"]}):
        pairs = [(act in a["acts"], act in b["acts"]) for a, b in both]
        yield act, f"{sum(a for a, _ in pairs)} / {sum(b for _, b in pairs)}", kappa(pairs)
    for name in sorted({name for pair in both for reply in pair for name in reply["levels"]}):
        pairs = [(a["levels"].get(name), b["levels"].get(name)) for a, b in both]
        given = sum(pair != (None, None) for pair in pairs)
        pairs = [pair for pair in pairs if None not in pair]
        if pairs:
            yield name + ", level", f"{len(pairs)} of {given}", weighted_kappa(pairs)


if __name__ == "__main__":
    found = twice(sys.argv[1])
    print(f"{len(found)} replies\n\n| | times | kappa |\n|---|---|---|")
    for name, times, value in rows(found):
        print(f"| {name} | {times} | {'–' if value is None else f'{value:.2f}'} |")

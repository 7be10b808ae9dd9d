"""The weights of the automatic measures, from the development set: `python -m tests.training.fit` prints them.

A line of least squares for each dimension, kept small (ridge); `cross` leaves out one scenario after the other, so
that it shows how far the weights carry.
"""

import json
import sys

from tests.training.agreement import FOLDER, weighted_kappa
from training.language.model import DIMENSIONS
from training.matching import read
from training.rubric.features import NAMES, features

SHRINK = 4.0


def replies(split="dev"):
    for path in sorted((FOLDER / split).glob("*.jsonl")):
        lang = path.name.split(".")[1]
        for line in path.read_text("utf-8").splitlines():
            reply = json.loads(line)
            yield reply, features(reply["text"], lang, reply["said"], read).values


def solve(rows, right):
    """Gaussian elimination with pivots."""
    size = len(rows)
    table = [[*row, value] for row, value in zip(rows, right, strict=True)]
    for at in range(size):
        best = max(range(at, size), key=lambda i: abs(table[i][at]))
        table[at], table[best] = table[best], table[at]
        for i in range(size):
            if i != at and table[i][at]:
                factor = table[i][at] / table[at][at]
                table[i] = [a - factor * b for a, b in zip(table[i], table[at], strict=True)]
    return [table[i][size] / table[i][i] for i in range(size)]


def fit(samples):
    """(constant, weights) for (values, level) pairs."""
    rows = [[1.0, *(values.get(name, 0.0) for name in NAMES)] for values, _level in samples]
    levels = [level for _values, level in samples]
    size = len(NAMES) + 1
    normal = [[sum(row[i] * row[j] for row in rows) for j in range(size)] for i in range(size)]
    for i in range(1, size):
        normal[i][i] += SHRINK
    found = solve(normal, [sum(row[i] * level for row, level in zip(rows, levels, strict=True)) for i in range(size)])
    return found[0], dict(zip(NAMES, found[1:], strict=True))


def value(line, values):
    return line[0] + sum(line[1][name] * amount for name, amount in values.items())


def samples(dim, some):
    return [(v, r["levels"][dim]) for r, v in some if r["levels"].get(dim) is not None]


def cross(some):
    for dim in DIMENSIONS:
        pairs = []
        for left_out in sorted({reply["scenario"] for reply, _values in some}):
            known = samples(dim, [one for one in some if one[0]["scenario"] != left_out])
            if known:
                line = fit(known)
                tried = samples(dim, [one for one in some if one[0]["scenario"] == left_out])
                pairs += [(min(4, max(0, round(value(line, v)))), level) for v, level in tried]
        if pairs:
            yield dim, len(pairs), weighted_kappa(pairs)


if __name__ == "__main__":
    every = list(replies())
    if "cross" in sys.argv:
        for dim, count, kappa in cross(every):
            print(f"{dim:12} {count:4} {kappa:.2f}")
    else:
        trust = {dim: kappa for dim, _count, kappa in cross(every)}
        for dim in DIMENSIONS:
            known = samples(dim, every)
            if known:
                constant, weights = fit(known)
                shown = {name: round(weight, 2) for name, weight in weights.items() if abs(weight) >= 0.05}
                print(
                    f"{dim}: {{trust: {trust[dim]:.2f}, constant: {constant:.2f}, weights: {json.dumps(shown)}}}".replace(
                        '"', ""
                    )
                )

"""How good the reader and the automatic measures are on labelled replies: `python -m tests.training.measure dev`.

Prints numbers alone, no reply and no label of one, so that a set that is held out stays unseen.
"""

import json
import sys
from collections import Counter
from types import SimpleNamespace

from tests.training.agreement import FOLDER, weighted_kappa
from training.matching import read
from training.rubric import core
from training.rubric.failing import SURE
from training.rubric.features import features
from training.rubric.scoring import confidence, value

ENOUGH = 0.7  # kappa
LANGS = ("en", "fa")


def replies(split, lang):
    """Every labelled reply of a language, with what is found in it."""
    found = []
    for path in sorted((FOLDER / split).glob(f"*.{lang}.jsonl")):
        for reply in map(json.loads, path.read_text("utf-8").splitlines()):
            seen = features(reply["text"], lang, reply["said"], read)
            acts, labelled = set(seen.places), set(reply["acts"])
            levels = {dim: level for dim, level in reply["levels"].items() if level is not None}
            found.append(SimpleNamespace(seen=seen, acts=acts, labelled=labelled, levels=levels))
    return found


def share(part, whole):
    return part / whole if whole else 0.0


def act_rows(some):
    """Act, times labelled, precision, recall; the last row is all of them."""
    right, wrong, missed = Counter(), Counter(), Counter()
    for one in some:
        right.update(one.acts & one.labelled)
        wrong.update(one.acts - one.labelled)
        missed.update(one.labelled - one.acts)
    for act in sorted({*right, *wrong, *missed}):
        yield act, right[act] + missed[act], *rates(right[act], wrong[act], missed[act])
    yield "**all**", sum((right + missed).values()), *rates(*(sum(c.values()) for c in (right, wrong, missed)))


def rates(right, wrong, missed):
    return share(right, right + wrong), share(right, right + missed)


def confusions(some):
    """(missed, found instead in the same reply): how often; a miss with nothing wrong beside it counts as “nothing”."""
    pairs = Counter()
    for one in some:
        instead = one.acts - one.labelled or {"nothing"}
        pairs.update((act, other) for act in one.labelled - one.acts for other in instead)
    return pairs


def level_rows(some):
    """Dimension, replies, weighted kappa, share whose level can be told apart by confidence with enough kappa."""
    for name, dim in core().dimensions.items():
        judged = [one for one in some if name in one.levels and dim.measure]
        if judged:
            pairs = [(round(value(dim, one.seen)), one.levels[name]) for one in judged]
            sure = sorted(zip([-confidence(dim, one.seen) for one in judged], pairs, strict=True))
            yield name, len(pairs), weighted_kappa(pairs), covered([pair for _sure, pair in sure])


def covered(pairs):
    """The largest share, surest first, that agrees enough."""
    enough = (n for n in range(len(pairs), 9, -1) if (weighted_kappa(pairs[:n]) or 0) >= ENOUGH)
    return next(enough, 0) / len(pairs)


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    for value_ in set(values):
        same = [place for place, i in enumerate(order) if values[i] == value_]
        for place in same:
            found[order[place]] = sum(same) / len(same)
    return found


def spearman(some):
    """Of the weighted totals, over the dimensions that the labeller judged."""
    pairs = []
    for one in some:
        dims = [dim for name, dim in core().dimensions.items() if name in one.levels and dim.measure]
        weight = sum(dim.weight for dim in dims)
        ours = sum(dim.weight * value(dim, one.seen) for dim in dims) / weight
        pairs.append((ours, sum(dim.weight * one.levels[dim.name] for dim in dims) / weight))
    first, second = (ranks(list(column)) for column in zip(*pairs, strict=True))
    mean = sum(first) / len(first)
    cross = sum((a - mean) * (b - mean) for a, b in zip(first, second, strict=True))
    spread = (sum((a - mean) ** 2 for a in first) * sum((b - mean) ** 2 for b in second)) ** 0.5
    return cross / spread


def fails(some):
    """(wrong, replies without fault, found, replies with one) of the automatic fails by insult and overpromise."""
    named = [({"insult", "overpromise"} & one.acts and one.seen.confidence >= SURE, one) for one in some]
    faulty = [{"insult", "overpromise"} & one.labelled for _found, one in named]
    wrong = sum(bool(found) and not fault for (found, _one), fault in zip(named, faulty, strict=True))
    caught = sum(bool(found) and bool(fault) for (found, _one), fault in zip(named, faulty, strict=True))
    return wrong, sum(not fault for fault in faulty), caught, sum(map(bool, faulty))


def report(split):
    sets = {lang: replies(split, lang) for lang in LANGS}
    for lang, some in sets.items():
        print(f"\n### {lang}, {len(some)} replies: acts\n\n| act | labelled | precision | recall |\n|---|---|---|---|")
        for act, times, precision, recall in act_rows(some):
            print(f"| {act} | {times} | {precision:.2f} | {recall:.2f} |")
        print(f"\n### {lang}: confusions\n\n| labelled and missed | found instead | replies |\n|---|---|---|")
        for (act, other), times in confusions(some).most_common(20):
            print(f"| {act} | {other} | {times} |")
    for lang, some in (*sets.items(), ("both", [one for each in sets.values() for one in each])):
        print(f"\n### {lang}: levels\n\n| dimension | replies | weighted kappa | coverage at 0.7 |\n|---|---|---|---|")
        for name, times, kappa, part in level_rows(some):
            print(f"| {name} | {times} | {kappa:.2f} | {part:.2f} |")
        wrong, clean, caught, faulty = fails(some)
        print(f"\nSpearman of totals {spearman(some):.2f}. ", end="")
        print(f"False auto-fails {wrong} of {clean} ({share(wrong, clean):.1%}); caught {caught} of {faulty}.")


if __name__ == "__main__":
    report(sys.argv[1])

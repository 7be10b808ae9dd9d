"""The labelled replies keep the agreement of their README, in every language that is there."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "training" / "labelled"
SPLIT = {
    "dev": {"late-parcel", "refund-fairness", "unclear-email", "loyal-leaving", "saying-no", "outage"},
    "held_out": {
        "stranded-passengers",
        "privacy-request",
        "forty-minutes",
        "public-complaint",
        "broken-promise",
        "abusive-caller",
    },
}
ACTS = set(
    """greeting introduce thanks empathy apology ask_open ask_closed verify paraphrase ownership next_step promise_time
overpromise offer alternative refuse reason private handoff blame dismiss insult template boundary warning closing""".split()
)
DIMENSIONS = set(
    "greeting empathy listening clarity ownership resolution expectation negotiation compliance timing tone".split()
)
FIELDS = {"id", "scenario", "state", "said", "text", "hard", "acts", "levels"}
HARD = {None, "sarcasm", "negated", "template", "colloquial", "mixed"}
PARTS = [(split, language) for split in SPLIT for language in ("fa", "en")]


def replies(split, language):
    """All replies of one part; a part that has not been written yet is skipped."""
    files = sorted((FOLDER / split).glob(f"*.{language}.jsonl"))
    if not files:
        pytest.skip(f"{split} has no {language} yet")
    assert {path.name.split(".")[0] for path in files} == SPLIT[split]
    return [
        (path.name.split(".")[0], json.loads(line)) for path in files for line in path.read_text("utf-8").splitlines()
    ]


def grams(text):
    """The word 4-grams of a reply, without marks and half-spaces."""
    words = "".join(c if c.isalnum() else " " for c in text.lower().replace("\u200c", " ")).split()
    return {tuple(words[i : i + 4]) for i in range(len(words) - 3)}


def overlapping(texts):
    """Pairs of texts of which the shorter shares half its 4-grams with the other, or is the same words."""
    seen, sizes, shared = defaultdict(list), [], Counter()
    for at, text in enumerate(texts):
        mine = grams(text) or {text.strip()}
        for gram in mine:
            shared.update((other, at) for other in seen[gram])
            seen[gram].append(at)
        sizes.append(len(mine))
    return [(a, b) for (a, b), n in shared.items() if n * 2 >= min(sizes[a], sizes[b])]


@pytest.mark.parametrize("split, language", PARTS)
def test_every_line_keeps_the_format(split, language):
    found = replies(split, language)
    assert Counter(scenario for scenario, _ in found) == dict.fromkeys(SPLIT[split], 50)
    assert len({reply["id"] for _, reply in found}) == len(found)
    for scenario, reply in found:
        where = reply["id"]
        assert set(reply) == FIELDS and reply["scenario"] == scenario, where
        assert where.startswith(f"{scenario}.{language}."), where
        assert all(isinstance(reply[name], str) and reply[name].strip() for name in ("state", "said", "text")), where
        assert reply["hard"] in HARD, where
        assert set(reply["acts"]) <= ACTS and len(set(reply["acts"])) == len(reply["acts"]), where
        assert set(reply["levels"]) <= DIMENSIONS and reply["levels"].get("timing") is None, where
        assert all(level is None or level in range(5) for level in reply["levels"].values()), where


@pytest.mark.parametrize("split, language", PARTS)
def test_every_act_and_level_occurs_and_a_third_is_hard(split, language):
    found = [reply for _, reply in replies(split, language)]
    acts = Counter(act for reply in found for act in reply["acts"])
    assert {act: acts[act] for act in ACTS if acts[act] < 12} == {}
    levels = Counter(level for reply in found for level in reply["levels"].values() if level is not None)
    assert all(levels[level] >= 0.05 * levels.total() for level in range(5)), levels
    hard = Counter(reply["scenario"] for reply in found if reply["hard"])
    assert all(15 <= hard[scenario] <= 30 for scenario in SPLIT[split]), hard


@pytest.mark.parametrize("language", ["fa", "en"])
def test_no_two_replies_share_half_their_words(language):
    lines = [
        line
        for split in SPLIT
        for path in sorted((FOLDER / split).glob(f"*.{language}.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    texts = [json.loads(line) for line in lines]
    pairs = overlapping([reply["text"] for reply in texts])
    assert [(texts[a]["id"], texts[b]["id"]) for a, b in pairs] == []


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_second_labels_are_of_replies_that_exist(language):
    known = {json.loads(line)["id"] for split in SPLIT for path in (FOLDER / split).glob(f"*.{language}.jsonl")
             for line in path.read_text("utf-8").splitlines()}  # fmt: skip
    seen = Counter()
    for path in (FOLDER / "second").glob(f"*.{language}.jsonl"):
        for reply in map(json.loads, path.read_text("utf-8").splitlines()):
            assert set(reply) == {"id", "acts", "levels"} and reply["id"].startswith(path.name[:-5]), reply["id"]
            assert set(reply["acts"]) <= ACTS and len(set(reply["acts"])) == len(reply["acts"]), reply["id"]
            assert set(reply["levels"]) <= DIMENSIONS, reply["id"]
            assert all(level is None or level in range(5) for level in reply["levels"].values()), reply["id"]
            seen[reply["id"]] += 1
    assert set(seen) <= known and set(seen.values()) <= {1}


def test_the_overlap_sees_a_copy_with_another_ending():
    copy = "We are sorry that the parcel is late today."
    assert overlapping([copy, "A quite different reply of six words.", "We are sorry that the parcel was lost."]) == [
        (0, 2)
    ]
    assert overlapping(["No.", "no way", "No."]) == [(0, 2)]
    assert overlapping([copy, "We are sorry that you waited for so long without any word."]) == []

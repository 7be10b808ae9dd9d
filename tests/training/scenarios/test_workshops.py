"""The three bundled workshops: they play the bundled scenarios as these are, and say everything in both languages."""

from pathlib import Path

import pytest

from tools.workshops import with_scenarios
from training.language.source import read as read_yaml
from training.notebook import read_workshop

TRAINING = Path(__file__).parents[3] / "training"
FILES = sorted((TRAINING / "workshops").glob("*.ipynb"))


def is_persian(text):
    return sum("\u0600" <= letter <= "\u06ff" for letter in text) > len(text) / 2


def test_there_are_three():
    assert [path.stem for path in FILES] == ["complaints-and-anger", "first-week", "saying-no-fairly"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_workshop_plays_the_scenarios_of_today(path):
    content = path.read_bytes()
    assert with_scenarios(content) == content, "run: python -m tools.workshops"
    workshop = read_workshop(content)
    assert workshop.meta["id"] == path.stem and len(workshop.scenarios) == 3
    played = [cell.argument for cell in workshop.cells if cell.kind == "start"]
    assert played == list(workshop.scenarios), "every scenario stands before its role-play"
    for cell in workshop.cells:
        if cell.kind == "scenario":
            assert cell.meta["locked"] and cell.meta["visible_to"] == "trainer"
        elif cell.kind == "expect":
            gate = read_yaml(cell.body)[0]
            ends = {ending.name for ending in workshop.scenarios[gate["after"]].endings}
            assert {name for one in gate["all"] for name in one.get("ending", [])} <= ends


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_theory_and_quizzes_are_there_in_both_languages(path):
    cells = read_workshop(path.read_bytes()).cells
    for cell in cells:
        if cell.type in ("theory", "reflection"):
            persian, english = cell.source.split("\n\n---\n\n")
            assert is_persian(persian) and not is_persian(english), cell.id
        elif cell.kind == "quiz":
            quiz = read_yaml(cell.body)[0]
            ids = [option["id"] for option in quiz["options"]]
            right = quiz.get("key") or [option["id"] for option in quiz["options"] if option.get("key")]
            assert set(right) <= set(ids) and (len(right) == 1 or quiz["kind"] != "single"), cell.id
            for text in (quiz["ask"], *quiz["options"], *quiz.get("why", {}).values()):
                assert is_persian(text["fa"]) and not is_persian(text["en"]), (cell.id, text)
            assert set(quiz.get("why", {})) <= set(ids)
    assert sum(cell.kind == "quiz" for cell in cells) >= 4

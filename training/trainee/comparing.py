"""Two runs of one scenario side by side: where they part, the customer's mood in each, what the rubric says of both."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from ..practice import Practice
from ..tables import PracticeRun
from .card import Card, card_of
from .sheet import WIDTH, Cell, Curve, Sheet, curve, sheet_of

STEP, HIGH, LOW = 64, 26, 66  # of the tree, in its own units


@dataclass(frozen=True)
class Side:
    """One of the two."""

    row: PracticeRun
    sheet: Sheet
    card: Card | None


@dataclass(frozen=True)
class Course:
    """One meter in both runs. ``parting`` is where the curves part."""

    name: str
    label: str
    first: Curve
    second: Curve
    ends: tuple[int, int]
    parting: float


@dataclass(frozen=True)
class Comparison:
    """The whole page; ``shared`` cells are the same in both."""

    first: Side
    second: Side
    shared: tuple[Cell, ...]
    pairs: tuple[tuple[Cell | None, Cell | None], ...]
    courses: tuple[Course, ...]
    levels: tuple[tuple[str, int | None, int | None], ...]

    @property
    def trunk(self) -> tuple[int, ...]:
        """Where the first run's cells stand in the tree."""
        return tuple(STEP * number for number in range(len(self.first.sheet.cells)))

    @property
    def limb(self) -> tuple[int, ...]:
        """Where the cells stand which only the second run has."""
        return tuple(STEP * number for number in range(len(self.shared), len(self.second.sheet.cells)))


def compared(first: Practice, second: Practice) -> Comparison:
    """The comparison of two runs; the older one comes first."""
    one, two = (_side(practice) for practice in sorted((first, second), key=lambda practice: practice.id))
    shared = _shared(one.sheet.cells, two.sheet.cells)
    rest = zip_longest(one.sheet.cells[shared:], two.sheet.cells[shared:])
    return Comparison(
        first=one,
        second=two,
        shared=one.sheet.cells[:shared],
        pairs=tuple(rest),
        courses=tuple(_courses(one.sheet, two.sheet, shared)),
        levels=_levels(one.card, two.card),
    )


def _side(practice: Practice) -> Side:
    return Side(practice.row, sheet_of(practice.run), card_of(practice.run) if practice.run.turns else None)


def _shared(first: tuple[Cell, ...], second: tuple[Cell, ...]) -> int:
    count = 0
    for one, two in zip(first, second, strict=False):
        if (one.kind, one.text, one.lines) != (two.kind, two.text, two.lines):
            break
        count += 1
    return count


def _courses(first: Sheet, second: Sheet, shared: int) -> list[Course]:
    slots = max(len(first.cells), len(second.cells))
    parting = round(max(0, shared - 1) * WIDTH / max(1, slots - 1), 1)
    found = []
    for place, gauge in enumerate(first.cells[-1].gauges):
        ends = (gauge.value, second.cells[-1].gauges[place].value)
        curves = curve(first, gauge.name, slots), curve(second, gauge.name, slots)
        found.append(Course(gauge.name, gauge.label, *curves, ends, parting))
    return found


def _levels(first: Card | None, second: Card | None) -> tuple[tuple[str, int | None, int | None], ...]:
    if first is None or second is None:
        return ()
    both = zip(first.criteria, second.criteria, strict=True)
    return tuple(
        (one.title, one.level, two.level) for one, two in both if one.level is not None or two.level is not None
    )

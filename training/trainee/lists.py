"""The first page of a trainee: what to go on with, what there is to practise, what is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from helpdesk.api.i18n import gettext
from helpdesk.api.work import UnitOfWork

from .. import practice
from ..releases import SCENARIO, WORKSHOP, releases
from ..tables import Answer, PracticeRun, Release
from . import words

COUNTED = ("quiz", "roleplay", "reflection")  # types of cells in which something is done
SHOWN = 100  # newest runs that lists are made of


@dataclass(frozen=True)
class Topic:
    """A scenario in a list, with one's own runs of it."""

    name: str
    title: str
    customer: str
    facts: tuple[str, ...]
    icon: str
    runs: int
    best: int | None  # per cent
    order: tuple[int, str]  # easy before hard


@dataclass(frozen=True)
class Past:
    """One of one's own runs in a list."""

    row: PracticeRun
    title: str
    percent: int
    fork: int | None  # the turn from which it went another way


@dataclass(frozen=True)
class Course:
    """A workshop in a list; ``done`` of ``cells`` that count were answered or played."""

    name: str
    title: str
    facts: tuple[str, ...]
    done: int
    cells: int


@dataclass(frozen=True)
class Home:
    """The whole page."""

    courses: list[Course]
    begun: list[Past]
    done: list[Past]
    topics: list[Topic]


def home(uow: UnitOfWork) -> Home:
    """What the page shows; four queries."""
    scenarios = releases(uow, SCENARIO)
    rows = told(practice.mine(uow, SHOWN))
    titles = {row.name: words.in_words(row.title) for row in scenarios}
    runs = [past(row, titles) for row in rows]
    by_name: dict[str, list[PracticeRun]] = {}
    for row in rows:
        by_name.setdefault(row.scenario, []).append(row)
    topics = [topic(row, by_name.get(row.name, [])) for row in scenarios]
    topics.sort(key=lambda one: one.order)
    courses = [_course(row, done) for row, done in _progress(uow, rows)]
    return Home(
        courses, [run for run in runs if not run.row.ended_at], [run for run in runs if run.row.ended_at], topics
    )


def _progress(uow: UnitOfWork, rows: Iterable[PracticeRun]) -> list[tuple[Release, set[str]]]:
    """Every workshop with the cells of it that were answered rightly or played."""
    query = select(Answer.workshop, Answer.cell).where(Answer.user_id == uow.actor.user_id, Answer.points >= 1)
    found = uow.session.execute(query)
    cells: dict[str, set[str]] = {}
    for workshop, cell in (*found, *((row.workshop, row.cell) for row in rows if row.ended_at)):
        cells.setdefault(workshop, set()).add(cell)
    return [(row, cells.get(row.hash, set())) for row in releases(uow, WORKSHOP)]


def _course(row: Release, done: set[str]) -> Course:
    counted = {id_ for id_, kind in row.about.get("cells", []) if kind in COUNTED}
    return Course(row.name, words.in_words(row.title), facts(row.about), len(done & counted), len(counted))


def told(rows: Iterable[PracticeRun], here: int = 0) -> list[PracticeRun]:
    """The runs in which anything was written, and the one that is looked at."""
    return [row for row in rows if row.turns or row.id == here]


def past(row: PracticeRun, titles: Mapping[str, str]) -> Past:
    """A run as lists show it."""
    return Past(row, titles.get(row.scenario, row.scenario), round(100 * row.score), row.forked_turn)


def topic(row: Release, runs: list[PracticeRun]) -> Topic:
    """A scenario as lists show it."""
    done = [round(100 * run.score) for run in runs if run.ended_at]
    about = row.about
    return Topic(
        name=row.name,
        title=words.in_words(row.title),
        customer=words.in_words(about.get("name", {})),
        facts=facts(about),
        icon=words.CHANNELS.get(about.get("channel", ""), ("", "chat"))[1],
        runs=len(runs),
        best=max(done, default=None),
        order=(about.get("level", 1), row.name),
    )


def facts(about: Mapping[str, Any]) -> tuple[str, ...]:
    """Channel, level and length in words."""
    channel, level, minutes = (about.get(name) for name in ("channel", "level", "minutes"))
    found = [gettext(words.CHANNELS[channel][0])] if channel in words.CHANNELS else []
    found += [gettext(words.LEVELS[level])] if level in words.LEVELS else []
    found += [gettext("%(number)s minutes", number=minutes)] if minutes else []
    return tuple(found)

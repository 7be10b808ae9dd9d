"""A workshop as its trainee goes through it: lessons, questions, role-plays, gates and reflections, with what was done.

The notebook of a release has the keys of questions and whole scenarios; nothing of these is in the values built here
before it was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup
from sqlalchemy import select

from helpdesk.api import tables
from helpdesk.api.errors import Invalid, NotFound, _
from helpdesk.api.i18n import current
from helpdesk.api.text import plain
from helpdesk.api.work import UnitOfWork

from .. import practice
from ..language.source import read as read_yaml
from ..notebook import Cell, Workshop, read_workshop
from ..releases import WORKSHOP, newest
from ..tables import Answer, PracticeRun, Release
from . import words
from .lists import SHOWN

RULE = "\n\n---\n\n"  # between the Persian and the English of a lesson
LONGEST = 4000  # characters of a reflection
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Option:
    """One choice of a question; ``why`` is said of what was chosen."""

    id: str
    text: str
    chosen: bool = False
    right: bool = False
    why: str = ""


@dataclass(frozen=True)
class Part:
    """One cell for its trainee. ``done`` is 0 to 1, None for what is not counted; ``answered`` with what was given."""

    id: str
    kind: str
    html: Markup = Markup("")
    ask: str = ""
    form: str = ""  # of a question: single, multi, order
    options: tuple[Option, ...] = ()
    answered: bool = False
    text: str = ""
    title: str = ""
    run: PracticeRun | None = None
    done: float | None = None


@lru_cache(maxsize=32)
def _opened(content: str) -> Workshop:
    return read_workshop(content.encode())


def shown(uow: UnitOfWork, name: str) -> tuple[Release, list[Part]]:
    """The newest version of a workshop with what the actor did in it; four queries."""
    row = newest(uow, WORKSHOP, name)
    workshop = _opened(row.content)
    given = select(Answer).where(Answer.user_id == uow.actor.user_id, Answer.workshop == row.hash)
    answers = {answer.cell: answer for answer in uow.session.scalars(given)}
    runs: dict[str, PracticeRun] = {}
    for run in practice.mine(uow, SHOWN):
        if run.workshop == row.hash:
            runs.setdefault(run.cell, run)
    parts = [
        _part(row, cell, workshop, answers.get(cell.id), runs.get(cell.id), uow.actor.user_id)
        for cell in _own(workshop)
    ]
    return row, [part for part in parts if part is not None]


def _own(workshop: Workshop) -> Iterable[Cell]:
    return [cell for cell in workshop.cells if cell.meta.get("visible_to") != "trainer"]


def _part(
    row: Release, cell: Cell, workshop: Workshop, answer: Answer | None, run: PracticeRun | None, user: int | None
) -> Part | None:
    if cell.type == "theory":
        return Part(cell.id, "theory", html=lesson(cell.source))
    if cell.type == "reflection":
        text = answer.given[0] if answer else ""
        return Part(
            cell.id, "reflection", html=lesson(cell.source), text=text, answered=bool(answer), done=float(bool(answer))
        )
    if cell.kind == "quiz":
        part = question(read_yaml(cell.body)[0], cell.id, answer.given if answer else None, f"{row.hash}:{user}")
        return replace(part, done=answer.points if answer else 0.0)
    if cell.kind == "start":
        title = words.in_words(workshop.scenarios[cell.argument].title)
        return Part(cell.id, "roleplay", title=title, run=run, done=float(bool(run and run.ended_at)))
    return None


def lesson(source: str) -> Markup:
    """A lesson in the reader's language as HTML; nothing but what markdown makes of plain text gets through."""
    persian, rule, english = source.partition(RULE)
    text = english if rule and current.get().language != "fa" else persian
    return Markup(nh3.clean(_markdown.render(text), link_rel="noopener nofollow"))


def question(quiz: Mapping[str, Any], id_: str, given: list[str] | None, seed: str) -> Part:
    """A question; of one that was answered also which choices were right, and why."""
    form, key = quiz["kind"], _key(quiz)
    order = list(quiz["options"])
    if form == "order":
        order = _shuffled(order, f"{seed}:{id_}")
        if given:
            order.sort(key=lambda option: given.index(option["id"]) if option["id"] in given else len(given))
    why = quiz.get("why", {})
    options = []
    for place, option in enumerate(order):
        chosen = bool(given) and option["id"] in (given or ())
        right = chosen and (key[place : place + 1] == [option["id"]] if form == "order" else option["id"] in key)
        told = words.in_words(why[option["id"]]) if chosen and option["id"] in why else ""
        options.append(Option(option["id"], words.in_words(option), chosen, right, told))
    return Part(
        id_, "quiz", ask=words.in_words(quiz["ask"]), form=form, options=tuple(options), answered=given is not None
    )


def _key(quiz: Mapping[str, Any]) -> list[str]:
    return list(quiz.get("key") or [option["id"] for option in quiz["options"] if option.get("key")])


def _shuffled(options: list[dict[str, Any]], seed: str) -> list[dict[str, Any]]:
    shuffled = list(options)
    Random(seed).shuffle(shuffled)
    return shuffled if shuffled != options or len(options) < 2 else shuffled[::-1]


def points(quiz: Mapping[str, Any], given: list[str]) -> float:
    """The share of the points: all or nothing, but of an order the share of right places."""
    key = _key(quiz)
    if quiz["kind"] == "order":
        return sum(one == two for one, two in zip(key, given, strict=False)) / max(1, len(key))
    return float(set(key) == set(given))


def answer(uow: UnitOfWork, name: str, cell_id: str, form: Mapping[str, Any]) -> None:
    """Keep what somebody answered; a later answer takes its place. ``form`` is a MultiDict."""
    row = newest(uow, WORKSHOP, name)
    cell = next((cell for cell in _own(_opened(row.content)) if cell.id == cell_id), None)
    if cell is None or not (cell.kind == "quiz" or cell.type == "reflection"):
        raise NotFound()
    if cell.kind == "quiz":
        quiz = read_yaml(cell.body)[0]
        given = _given(quiz, form)
        share = points(quiz, given)
    else:
        text = plain(form.get("text", "")).strip()
        if not text or len(text) > LONGEST:
            raise Invalid(_("Please write between one and %(most)s characters."), most=LONGEST)
        given, share = [text], 1.0
    keys = {"user_id": uow.actor.user_id, "workshop": row.hash, "cell": cell.id}
    tables.put(uow, Answer, keys, given=given, points=share, at=uow.clock())


def _given(quiz: Mapping[str, Any], form: Any) -> list[str]:
    ids = [option["id"] for option in quiz["options"]]
    if quiz["kind"] != "order":
        given = [id_ for id_ in ids if id_ in form.getlist("option")]
        if not given or (quiz["kind"] == "single" and len(given) > 1):
            raise Invalid(_("Please choose an answer."))
        return given
    places = {id_: form.get(f"place-{id_}", "") for id_ in ids}
    if sorted(places.values()) != sorted(str(number) for number in range(1, len(ids) + 1)):
        raise Invalid(_("Please give each line a place of its own."))
    return sorted(ids, key=lambda id_: int(places[id_]))


def begin(uow: UnitOfWork, name: str, cell_id: str, lang: str) -> int:
    """A run of the scenario that a cell of the workshop plays; its id."""
    row = newest(uow, WORKSHOP, name)
    workshop = _opened(row.content)
    cell = next((cell for cell in _own(workshop) if cell.id == cell_id and cell.kind == "start"), None)
    if cell is None:
        raise NotFound()
    seed = cell.options.get("seed", "")
    scenario = workshop.scenarios[cell.argument]
    number = int(seed) if seed.isascii() and seed.isdecimal() else None
    return practice.begin(uow, scenario.hash, lang, seed=number, workshop=row.hash, cell=cell.id).id

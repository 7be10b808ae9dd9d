"""Runs that the desk keeps: begun, continued, forked, read back. Moments are only ever added.

The engine decides before anything is written; then one commit adds the moment and names the version it was decided on.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from helpdesk.api import tables
from helpdesk.api.errors import Conflict, Invalid, NotFound, Unavailable, _
from helpdesk.api.tickets import Result, Step, apply
from helpdesk.api.work import UnitOfWork

from .engine import Event, Run, Turn, dump, fold, load, start, step, tick
from .engine import fork as forked
from .engine.events import Replied, Waited
from .language.model import LANGS
from .matching import Reader, read
from .permissions import PRACTISE, REVIEW
from .playing import phrasing
from .releases import scenario_of
from .tables import PracticeMoment, PracticeRun

SEEDS = 10**6
TOO_FAST = _("This goes faster than a conversation can. Please wait a moment.")
REPLIES, BEGUN = 20, 20  # a minute, of one run and of one person


@dataclass(frozen=True)
class Practice:
    """A run of somebody's: its row, where the conversation stands, and the ``version`` that whoever adds a moment
    names.
    """

    row: PracticeRun
    run: Run
    version: int

    @property
    def id(self) -> int:
        """Its key."""
        return self.row.id


def begin(
    uow: UnitOfWork, hash_: str, lang: str, *, seed: int | None = None, workshop: str = "", cell: str = ""
) -> Practice:
    """A new run of a released scenario by whoever acts."""
    scenario = scenario_of(uow, hash_)
    if lang not in LANGS:
        raise Invalid(_("Please choose Persian or English."))
    if uow.actor.user_id is None:
        raise Invalid(_("Only a person can practise."))
    _slowly(uow)
    run = start(scenario, lang, secrets.randbelow(SEEDS) if seed is None else seed % SEEDS, phrase=phrasing(uow))
    return get(uow, _insert(uow, run, {"workshop": workshop, "cell": cell, "forked_from": None, "forked_turn": None}))


def get(uow: UnitOfWork, run_id: int) -> Practice:
    """One's own run, or with the permission to review anybody's; NotFound alike for unknown and foreign ids."""
    uow.actor.must(PRACTISE)
    row = uow.session.get(PracticeRun, run_id, populate_existing=True) if 0 < run_id < 2**63 else None
    if row is None or (row.user_id != uow.actor.user_id and not uow.actor.may(REVIEW)):
        raise NotFound()
    rows = uow.session.scalars(
        select(PracticeMoment).where(PracticeMoment.run_id == run_id).order_by(PracticeMoment.number)
    )
    recorded = [load(event) for moment in rows for event in moment.events]
    return Practice(row, fold(scenario_of(uow, row.hash), recorded), row.version)


def reply(
    uow: UnitOfWork,
    run_id: int,
    version: int,
    text: str = "",
    *,
    choice: int = 0,
    actions: Sequence[str] = (),
    reader: Reader = read,
    besides: Sequence[Step] = (),
) -> Practice:
    """One turn of one's own run, at this moment. Conflict when somebody added one since ``version`` was read.

    ``besides`` happens in the same commit.
    """
    practice = own(uow, run_id)
    turn = Turn(text, _second(uow, practice), tuple(actions), choice)
    recent = [event for event in practice.run.events if isinstance(event, Replied) and turn.at - event.at < 60]
    if len(recent) >= REPLIES:
        raise Unavailable(TOO_FAST, after=10)
    run, new = step(practice.run, turn, reader, phrasing(uow))
    return _add(uow, practice, version, run, new, besides)


def wait(uow: UnitOfWork, run_id: int) -> Practice:
    """Let time pass until this moment: timers that are due fire, else nothing is written."""
    practice = own(uow, run_id)
    run, new = tick(practice.run, _second(uow, practice), phrase=phrasing(uow))
    if not new:
        return practice
    try:
        return _add(uow, practice, practice.version, run, new)
    except Conflict:  # another page saw it first
        return get(uow, run_id)


def fork(uow: UnitOfWork, run_id: int, turn: int) -> Practice:
    """A new run of one's own that stands where this one stood before reply number ``turn``; the old one stays."""
    practice = get(uow, run_id)
    _slowly(uow)
    more = {"workshop": practice.row.workshop, "cell": practice.row.cell, "forked_from": run_id, "forked_turn": turn}
    return get(uow, _insert(uow, forked(practice.run, turn), more))


def mine(uow: UnitOfWork, limit: int = 50, before: int | None = None) -> list[PracticeRun]:
    """One's own runs, the newest first; ``before`` is the id of the last one seen."""
    uow.actor.must(PRACTISE)
    query = select(PracticeRun).where(PracticeRun.user_id == uow.actor.user_id)
    if before:
        query = query.where(PracticeRun.id < before)
    return list(uow.session.scalars(query.order_by(PracticeRun.id.desc()).limit(limit)))


def _slowly(uow: UnitOfWork) -> None:
    """Unavailable for somebody who begins more conversations than anybody can have."""
    query = select(func.count()).select_from(PracticeMoment).join(PracticeRun, PracticeRun.id == PracticeMoment.run_id)
    lately = PracticeMoment.at > uow.clock() - timedelta(minutes=1)
    query = query.where(PracticeMoment.number == 1, lately, PracticeRun.user_id == uow.actor.user_id)
    if (uow.session.scalar(query) or 0) >= BEGUN:
        raise Unavailable(TOO_FAST, after=60)


def own(uow: UnitOfWork, run_id: int) -> Practice:
    """One's own run, to go on with; NotFound for unknown and foreign ids alike."""
    practice = get(uow, run_id)
    if practice.row.user_id != uow.actor.user_id:
        raise NotFound()
    return practice


def _second(uow: UnitOfWork, practice: Practice) -> float:
    return max(practice.run.now, (uow.clock() - practice.row.started_at).total_seconds())


def _insert(uow: UnitOfWork, run: Run, more: dict[str, Any]) -> int:
    now, moments = uow.clock(), _moments(run.events)
    attempts = select(func.count()).where(
        PracticeRun.user_id == uow.actor.user_id, PracticeRun.hash == run.scenario.hash
    )
    row = {
        "hash": run.scenario.hash,
        "scenario": run.scenario.id,
        "user_id": uow.actor.user_id,
        "lang": run.lang,
        "seed": run.seed,
        "attempt": (uow.session.scalar(attempts) or 0) + 1,
        "version": len(moments),
        "started_at": now - timedelta(seconds=run.now),
    }
    first = Step(tables.insert, PracticeRun, **row, **more, **_columns(uow, run))
    rest = [
        Step(tables.insert, PracticeMoment, run_id=Result(0), number=number, at=now, events=_stored(moment))
        for number, moment in enumerate(moments, 1)
    ]
    run_id: int = apply(uow, [first, *rest])[0]
    return run_id


def _add(
    uow: UnitOfWork, practice: Practice, version: int, run: Run, new: Sequence[Event], besides: Sequence[Step] = ()
) -> Practice:
    same = (PracticeRun.id == practice.id, PracticeRun.version == version)
    moment = {"run_id": practice.id, "number": version + 1, "at": uow.clock(), "events": _stored(new)}
    apply(
        uow,
        [
            Step(tables.claim, PracticeRun, *same, version=version + 1, **_columns(uow, run)),
            Step(tables.insert, PracticeMoment, **moment),
            *besides,
        ],
    )
    row = uow.session.get_one(PracticeRun, practice.id, populate_existing=True)
    return Practice(row, run, version + 1)


def _columns(uow: UnitOfWork, run: Run) -> dict[str, Any]:
    ended = uow.clock() if run.end else None
    return {"updated_at": uow.clock(), "ended_at": ended, "end": run.end, "score": run.score, "turns": run.turns}


def _moments(recorded: Sequence[Event]) -> list[list[Event]]:
    """The events of each moment, the start first."""
    moments: list[list[Event]] = []
    for event in recorded:
        if not moments or isinstance(event, Replied | Waited):
            moments.append([])
        moments[-1].append(event)
    return moments


def _stored(moment: Sequence[Event]) -> list[dict[str, Any]]:
    return [dump(event) for event in moment]

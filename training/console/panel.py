"""What stands beside a practice ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpdesk.api import tickets
from helpdesk.api.errors import NotFound
from helpdesk.api.work import UnitOfWork

from ..releases import scenario_of
from ..tables import PracticeRun
from . import play
from .channel import Practice


def load(uow: UnitOfWork, ticket_id: int) -> Mapping[str, Any] | None:
    """The scenario's title and brief, and how the run ended; None for real tickets, without asking anything more."""
    if tickets.get(uow, ticket_id).channel != Practice.name:
        return None
    console = play.of_ticket(uow, ticket_id)
    row = uow.session.get(PracticeRun, console.run_id) if console else None
    if row is None:
        return {"title": "", "brief": "", "end": ""}
    try:
        scenario = scenario_of(uow, row.hash)
    except NotFound:
        return {"title": row.scenario, "brief": "", "end": row.end}
    ending = next((one.title for one in scenario.endings if one.name == row.end), {})
    return {
        "title": scenario.title.get(row.lang, row.scenario),
        "brief": scenario.brief.get(row.lang, ""),
        "end": ending.get(row.lang, row.end),
        "score": round(100 * row.score),
    }

"""The display on the wall: numbers and counters, nobody's name; it hears over a socket that the line changed."""

from __future__ import annotations

from typing import Any

from flask import render_template

from helpdesk.api import live, waiting
from helpdesk.api.i18n import date
from helpdesk.api.web import PublicPages
from helpdesk.api.work import UnitOfWork

from . import visits
from .public import account_of, language

FRESH = 12  # seconds for which a call stands out on the display
NEXT = 8  # numbers the display shows besides
wall = PublicPages("frontdesk_wall", __name__, limit="600 per minute")


def _follow(uow: UnitOfWork, visit: live.Visit, auth: dict[str, Any]) -> dict[str, Any]:
    """Every page of this account hears that its line changed."""
    visit.rooms.add(f"account-{visit.account_id}")
    return {}


SOCKETS = live.PublicSockets(path="/frontdesk/socket.io", channel="frontdesk", connect=_follow, events={})


def tell(uow: UnitOfWork, account_id: int) -> None:
    """Let the display and the phones of an account ask for the line."""
    live.emit_public(uow, "frontdesk", "changed", {}, [f"account-{account_id}"])


@wall.get("/<key>/wall")
def board(uow, key: str):
    """The display: numbers and counters, nobody's name."""
    with language():
        return _board(uow, key, "frontdesk/wall.html")


@wall.get("/<key>/wall/now")
def board_now(uow, key: str):
    """What is on it, for the page that asks again."""
    with language():
        return _board(uow, key, "frontdesk/board.html")


def _board(uow, key: str, template: str) -> str:
    account, uow = account_of(uow, key), uow.acting(visits.ACTOR)
    at_counters, line = visits.called(uow, account.id), visits.there(uow, account.id)
    told, now = waiting.estimate(uow, visits.KIND.name, account.queue_id), uow.clock()
    first = at_counters[0] if at_counters else None
    facts: dict[str, Any] = {
        "account": account,
        "first": first,
        "fresh": bool(first and first.last_call_at and (now - first.last_call_at).total_seconds() < FRESH),
        "others": at_counters[1:5],
        "line": line[:NEXT],
        "told": told,
        "more": max(0, len(line) - NEXT),
    }
    return render_template(template, **facts, today=date(now), key=key)

"""When an account takes chats: its business hours, and how long an answer took lately."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import and_, case, func, select

from helpdesk.api import sla
from helpdesk.api.accounts import Account
from helpdesk.api.i18n import gettext, named
from helpdesk.api.work import UnitOfWork

from .tables import Item, Visitor

LOOKED, LEAST, LATELY = 100, 5, timedelta(days=14)  # visitors; fewer say nothing


def choices(uow: UnitOfWork) -> list[tuple[str, str]]:
    """(key, label) of the calendars an account may follow."""
    return [
        ("", gettext("None: open while somebody is there")),
        *((key, named(label)) for key, label in sla.calendars(uow)),
    ]


def of(uow: UnitOfWork, account: Account) -> sla.Opening:
    """How the account's hours stand now; an account without a calendar, or with one that is gone, is always open."""
    key = str(account.settings.get("calendar") or "")
    return (sla.opening(uow, key) if key else None) or sla.Opening(True)


def is_known(uow: UnitOfWork, account: Account) -> bool:
    """False when the account's calendar is gone."""
    key = str(account.settings.get("calendar") or "")
    return not key or sla.opening(uow, key) is not None


def answers_in(uow: UnitOfWork, account: Account) -> int | None:
    """Seconds until half of those who wrote lately had an answer by a person, within the business hours; who has none
    yet counts with the time so far. None while too few wrote.
    """
    spans = _first_answers(uow, account)
    if len(spans) < LEAST:
        return None
    worked = sla.worked(uow, str(account.settings.get("calendar") or ""), spans)
    return round(median(each.total_seconds() for each in worked))


def _first_answers(uow: UnitOfWork, account: Account) -> list[tuple[datetime, datetime]]:
    """(first word, first answer or now) of the visitors of late."""
    now = uow.clock()
    recent = Visitor.created_at > now - LATELY
    lately = select(Visitor.id).where(Visitor.account_id == account.id, recent, Visitor.phase != "new")
    theirs = Item.key.like("v:%")
    ours = and_(Item.key.like("o:%"), Item.data["from"].as_string() == "agent")
    query = (
        select(func.min(case((theirs, Item.at))), func.min(case((ours, Item.at))))
        .where(Item.visitor_id.in_(lately.order_by(Visitor.id.desc()).limit(LOOKED)), Item.kind == "message")
        .group_by(Item.visitor_id)
    )
    return [(asked, answered or now) for asked, answered in uow.session.execute(query) if asked]

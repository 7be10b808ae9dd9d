"""Saved views: lists by conditions that somebody put together, of their own or for everybody."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from ..database.rows import by_id
from ..errors import Invalid, NotFound, _
from ..journal.unit_of_work import UnitOfWork
from ..rules.conditions import Filter, Scope
from ..text import by_name, plain
from .models import SavedView, Ticket
from .simulated import REAL
from .ticket_lists import Page, keyset_page
from .visibility import visible

LONGEST = 60  # characters of a name
MOST = 100  # views of one person, and as many for everybody


def known(uow: UnitOfWork) -> list[SavedView]:
    """The views a person may open: their own and those of everybody, by name."""
    uow.actor.must("tickets.read")
    return by_name(uow.session.scalars(select(SavedView).where(_open_to(uow))))


def get(uow: UnitOfWork, view_id: int) -> SavedView:
    """A view; NotFound alike for an unknown one and for somebody else's own."""
    uow.actor.must("tickets.read")
    view = by_id(uow.session, SavedView, view_id)
    if view is None or view.owner_id not in (None, uow.actor.user_id):
        raise NotFound()
    return view


def create(uow: UnitOfWork, name: str, conditions: Any, shared: bool = False) -> SavedView:
    """Save a filter (``rules.conditions``) under a name; for everybody only by whoever changes the desk's settings."""
    uow.actor.must("settings" if shared else "tickets.read")
    name = plain(name).strip()[:LONGEST]
    if not name:
        raise Invalid(_("Please give the view a name."), {"name": _("Please give the view a name.")})
    if not any((conditions or {}).values()):
        raise Invalid(_("Please choose at least one condition."))
    uow.runtime.conditions.read(conditions)
    with uow.writing() as session:
        if len(known(uow)) >= 2 * MOST:
            raise Invalid(_("There are too many saved views. Please delete some first."))
        view = SavedView(name=name, conditions=conditions, owner_id=None if shared else uow.actor.user_id)
        session.add(view)
    return view


def delete(uow: UnitOfWork, view_id: int) -> None:
    """Delete one's own view, or one of everybody by whoever changes the desk's settings."""
    with uow.writing() as session:
        view = get(uow, view_id)
        if view.owner_id is None:
            uow.actor.must("settings")
        session.delete(view)


def page(uow: UnitOfWork, view_id: int, after: str | None = None, limit: int = 50) -> Page:
    """A page of the tickets of a view that the actor sees, newest first."""
    where = filter_of(uow, get(uow, view_id)).where(Scope(uow.actor.user_id, uow.clock()))
    seen = and_(visible(uow.actor), Ticket.merged_into_id.is_(None), REAL, where)
    return keyset_page(uow, seen, after, limit)


def filter_of(uow: UnitOfWork, view: SavedView) -> Filter:
    """The filter of a view; Invalid when a condition's plugin is off."""
    return uow.runtime.conditions.read(view.conditions)


def _open_to(uow: UnitOfWork) -> ColumnElement[bool]:
    return or_(SavedView.owner_id.is_(None), SavedView.owner_id == uow.actor.user_id)


def follow(uow: UnitOfWork, condition: str, old: Any, new: Any) -> int:
    """What a condition of saved views compared with has another value now; returns how many views were changed."""
    changed = 0
    with uow.writing() as session:
        for view in session.scalars(select(SavedView).order_by(SavedView.id).with_for_update()):
            conditions = {
                group: [_followed(part, condition, old, new) for part in parts]
                for group, parts in view.conditions.items()
            }
            if conditions != view.conditions:
                view.conditions, changed = conditions, changed + 1
    return changed


def _followed(part: Any, condition: str, old: Any, new: Any) -> Any:
    if part.get("condition") != condition:
        return part
    value = part.get("value")
    if isinstance(value, list):
        return part | {"value": list(dict.fromkeys(new if each == old else each for each in value))}
    return part | {"value": new if value == old else value}

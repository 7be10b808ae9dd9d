"""Drafts live on the server: what somebody is writing survives a reload, another device, a refusal."""

from __future__ import annotations

from sqlalchemy import delete, select

from .database import upsert
from .errors import Invalid, _
from .models import Draft
from .rights import visible_ticket

MODES = ("reply", "note")


def save(desk, ticket_id: int, mode: str, text: str) -> None:
    """Keep a draft; an empty one is forgotten."""
    visible_ticket(desk, ticket_id, "tickets.write")
    if mode not in MODES:
        raise Invalid(_("A draft is a reply or a note."))
    key = {"user_id": desk.actor.user_id, "ticket_id": ticket_id, "mode": mode}
    with desk.writing() as session:
        if text.strip():
            upsert(session, Draft, key, {"text": text[:200_000], "updated_at": desk.clock()})
        else:
            session.execute(delete(Draft).filter_by(**key))


def load(desk, ticket_id: int) -> dict[str, str]:
    """{"reply": text, "note": text} of whoever acts now."""
    query = select(Draft.mode, Draft.text).where(Draft.user_id == desk.actor.user_id, Draft.ticket_id == ticket_id)
    return {"reply": "", "note": "", **dict(desk.session.execute(query).all())}


def ticket_ids(desk, ids: list[int]) -> set[int]:
    """Which of these tickets the acting user has a draft on."""
    query = select(Draft.ticket_id).where(Draft.user_id == desk.actor.user_id, Draft.ticket_id.in_(ids))
    return set(desk.session.scalars(query))

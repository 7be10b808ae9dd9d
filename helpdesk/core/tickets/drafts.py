"""Drafts live on the server: what somebody is writing survives a reload, another device, a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, bindparam, delete, select, update

from helpdesk.core.channels.address_types import File
from helpdesk.core.database.rows import upsert
from helpdesk.core.errors import Invalid, _
from helpdesk.core.journal.unit_of_work import UnitOfWork

from . import draft_files
from .message_models import Delivery, Message
from .models import Draft, DraftFile, OpeningDraft, Ticket
from .visibility import visible_ticket

MODES = ("reply", "note")
OPENING = {
    "account": 20,
    "queue": 20,
    "to": 254,
    "subject": 300,
    "text": 200_000,
}  # what begins a ticket; characters of each
MOST = 500  # drafts of one person that lists mark


def save(uow: UnitOfWork, ticket_id: int, mode: str, text: str, how: dict[str, Any] | None = None) -> None:
    """Keep a draft; an empty one without files and without a template is forgotten. ``how`` is what was chosen for it:
    {account, visibility, template}.
    """
    visible_ticket(uow, ticket_id, "tickets.write")
    if mode not in MODES:
        raise Invalid(_("A draft is a reply or a note."))
    key = {"user_id": uow.actor.user_id, "ticket_id": ticket_id, "mode": mode}
    with uow.writing() as session:
        if text.strip() or (how or {}).get("template") or draft_files.listed(uow, ticket_id, mode):
            upsert(session, Draft, key, {"text": text[:200_000], "how": how or {}, "updated_at": uow.clock()})
        else:
            session.execute(delete(Draft).filter_by(**key))


FILE = (DraftFile.id, DraftFile.name, DraftFile.type, DraftFile.size)
SAME = and_(DraftFile.user_id == Draft.user_id, DraftFile.ticket_id == Draft.ticket_id, DraftFile.mode == Draft.mode)
OWN_QUERY = (
    select(Draft.mode, Draft.text, Draft.how, *FILE)
    .outerjoin(DraftFile, SAME)
    .where(Draft.user_id == bindparam("user"), Draft.ticket_id == bindparam("ticket"))
    .order_by(DraftFile.id)
)


def load(uow: UnitOfWork, ticket_id: int) -> dict[str, Any]:
    """What whoever acts now is writing: {"reply": text, "note": text, "how": of the reply, "files": {"reply": rows of
    id, name, type and size, "note": …}}.
    """
    found: dict[str, Any] = {"reply": "", "note": "", "how": {}, "files": {"reply": [], "note": []}}
    for row in uow.session.connection().execute(OWN_QUERY, {"user": uow.actor.user_id, "ticket": ticket_id}):
        found[row.mode] = row.text
        if row.mode == "reply":
            found["how"] = row.how
        if row.id is not None:
            found["files"][row.mode].append(row)
    return found


def drop(uow: UnitOfWork, ticket_id: int, mode: str, files: list[File]) -> None:
    """A draft was sent with these files; files that came to it meanwhile stay. Inside ``writing``."""
    where = (Draft.user_id == uow.actor.user_id, Draft.ticket_id == ticket_id, Draft.mode == mode)
    if draft_files.sent(uow, ticket_id, mode, files):
        uow.session.execute(update(Draft).where(*where).values(text=""))
    else:
        uow.session.execute(delete(Draft).where(*where))


DRAFTED_TICKETS_QUERY = (
    select(Draft.ticket_id)
    .where(Draft.user_id == bindparam("user"))
    .distinct()
    .order_by(Draft.ticket_id.desc())
    .limit(MOST)
)


def drafted_tickets(uow: UnitOfWork) -> list[int]:
    """The tickets on which the acting user has a draft, newest first, at most ``MOST``."""
    return list(uow.session.connection().scalars(DRAFTED_TICKETS_QUERY, {"user": uow.actor.user_id}))


# What begins a ticket has no ticket yet ---------------------------------------------------------------------------


def save_opening(uow: UnitOfWork, given: dict[str, str]) -> None:
    """Keep what somebody is writing to begin a ticket, by the names of ``OPENING``; without words it is forgotten."""
    uow.actor.must("tickets.write")
    kept = {name: str(given.get(name) or "")[:longest] for name, longest in OPENING.items()}
    with uow.writing():
        if any(kept[name].strip() for name in ("to", "subject", "text")):
            _keep_opening(uow, uow.actor.user_id or 0, kept)
        else:
            forget_opening(uow)


def opening(uow: UnitOfWork) -> dict[str, str]:
    """What whoever acts now was writing to begin a ticket, every name of ``OPENING`` there."""
    row = uow.session.get(OpeningDraft, uow.actor.user_id, populate_existing=True) if uow.actor.user_id else None
    return {**dict.fromkeys(OPENING, ""), **(row.given if row else {})}


def forget_opening(uow: UnitOfWork, files: Sequence[File] = ()) -> None:
    """It has been sent, with these files. Inside ``writing``."""
    draft_files.sent(uow, None, "opening", list(files))
    uow.session.execute(delete(OpeningDraft).where(OpeningDraft.user_id == uow.actor.user_id))


def is_opening(message: Message) -> bool:
    """True for a withdrawn first message whose words are an opening's draft again: nothing else was said on its
    ticket.
    """
    return message.withdrawn and bool((message.details or {}).get("opened")) and message.ticket.status == "closed"


def begin_again(uow: UnitOfWork, ticket: Ticket, message: Message) -> str:
    """A withdrawn first message as its writer's draft, above what they began to write since; its text. Inside
    ``writing``.
    """
    begun = uow.session.get(OpeningDraft, message.user_id) if message.user_id else None
    text = "\n\n".join(part for part in (message.text, begun.given.get("text", "") if begun else "") if part)
    to = uow.session.scalars(select(Delivery.to).where(Delivery.message_id == message.id)).one()[0]["value"]
    if message.user_id:
        kept = {
            "account": str(ticket.account_id),
            "queue": str(ticket.queue_id),
            "to": to,
            "subject": ticket.subject,
            "text": text,
        }
        _keep_opening(uow, message.user_id, kept)
        draft_files.give_back(uow, None, "opening", message)
    return text


def _keep_opening(uow: UnitOfWork, user_id: int, given: dict[str, str]) -> None:
    upsert(uow.session, OpeningDraft, {"user_id": user_id}, {"given": given, "updated_at": uow.clock()})

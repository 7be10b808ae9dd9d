"""What every message gets when it is written, edited or deleted: its files and its entry in search."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.database.rows import add_many
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import excerpt, joined, normalise, plain
from helpdesk.core.tickets.message_models import Attachment, Message, MessageText
from helpdesk.core.tickets.models import Ticket

VERSIONS = 20  # earlier wordings of a message that are kept


def attach(uow: UnitOfWork, message_id: int, files: list[File]) -> None:
    """Give a message its files; bytes that are no blobs yet become blobs."""
    rows = [
        {
            "message_id": message_id,
            "name": plain(f.name)[:255],
            "type": f.type[:120],
            "size": f.size or len(f.content),
            "sha256": f.sha256 or ("" if f.ref else uow.blobs.put(f.content)),
            "state": "waiting" if f.ref and not f.sha256 else "ready",
            "ref": f.ref,
            "cid": f.cid[:255],
            "inline": f.inline,
        }
        for f in files
    ]
    add_many(uow.session, Attachment, rows)


def index(uow: UnitOfWork, message_id: int, subject: str, author: Address | None, text: str) -> None:
    """Enter a message into search: its words with subject and author, both forms of writing."""
    who = f"{author.name} {author.value}" if author else ""
    whole = "\n".join((subject, who, text))
    add_many(
        uow.session, MessageText, [{"message_id": message_id, "spaced": normalise(whole), "joined": joined(whole)}]
    )


def reword(uow: UnitOfWork, message: Message, text: str, html: str, at: datetime) -> None:
    """Put other words in the place of a message's; the earlier ones are kept with it, and search finds the new ones.
    Inside ``writing``.
    """
    earlier = {"text": message.text, "html": message.html, "at": (message.edited_at or message.at).isoformat()}
    message.details = {**message.details, "earlier": [*message.details.get("earlier", []), earlier][-VERSIONS:]}
    message.edited_at = at
    put_words(uow, message, text, html)


def put_words(uow: UnitOfWork, message: Message, text: str, html: str = "") -> None:
    """Let a message say this from now on; search finds it by these words. Inside ``writing``."""
    message.text, message.html = plain(text), plain(html)
    ticket = uow.session.get_one(Ticket, message.ticket_id)
    if ticket.last_message_id == message.id:
        ticket.preview = excerpt(message.text, 200)
    uow.session.execute(delete(MessageText).where(MessageText.message_id == message.id))
    index(uow, message.id, ticket.subject, Address("", message.address, message.author), message.text)


def mark_deleted(uow: UnitOfWork, message: Message, at: datetime) -> None:
    """Mark a message as deleted: its words stay with the desk, but search finds them no more. Inside ``writing``."""
    message.deleted_at = at
    uow.session.execute(delete(MessageText).where(MessageText.message_id == message.id))

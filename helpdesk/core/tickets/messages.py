"""What every message gets when it is written: its files and its entry in search."""

from __future__ import annotations

from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.database.rows import add_many
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import joined, normalise, plain
from helpdesk.core.tickets.message_models import Attachment, MessageText


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

"""What the desk knows of a message before it is filed: that it came before, or the album it is a part of."""

from __future__ import annotations

import hashlib

from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.database.rows import insert_if_new
from helpdesk.core.events.messages import MessageEdited
from helpdesk.core.intake.models import SeenMessage
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import plain
from helpdesk.core.tickets import external_ids, media, messages
from helpdesk.core.tickets.message_models import Message

FILES = 50  # files of one album; what comes after them is a message of its own


def first_seen(uow: UnitOfWork, account_id: int, raw_message_id: int, inbound: Inbound) -> int | None:
    """The raw message that brought the same id and body before, if one did (law 3)."""
    if not inbound.external_id:
        return None
    identity = hashlib.sha256(f"{inbound.external_id}\n{inbound.fingerprint}".encode("utf-8", "replace")).hexdigest()
    if insert_if_new(uow.session, SeenMessage, account_id=account_id, identity=identity, raw_message_id=raw_message_id):
        return None
    first = uow.session.get_one(SeenMessage, (account_id, identity)).raw_message_id
    return first if first != raw_message_id else None


def album_id(inbound: Inbound) -> str:
    """The id by which the message of an album is found again; "" for what is in none."""
    return f"album {inbound.album}" if inbound.album else ""


def join_album(uow: UnitOfWork, account_id: int, inbound: Inbound) -> bool:
    """Put a part of an album with the message that its first part became; False when there is none it may join. Inside
    ``writing``.
    """
    known = album_id(inbound)
    message_id = external_ids.message_of(uow, account_id, [known]) if known else None
    if message_id is None:
        return False
    message = uow.session.get_one(Message, message_id, populate_existing=True, with_for_update=True)
    theirs = message.kind == "in" and message.address == inbound.sender.value[:254] and not message.deleted_at
    if not theirs or len(message.files) + len(inbound.files) > FILES:
        return False
    external_ids.keep(uow, account_id, message_id, [inbound.external_id, *inbound.external_ids])
    messages.attach(uow, message_id, inbound.files)
    media.fetch_later(uow, account_id, message_id, inbound.files)
    if inbound.text:
        messages.put_words(uow, message, "\n".join(filter(None, (message.text, plain(inbound.text)))))
    uow.record(MessageEdited(ticket_id=message.ticket_id, message_id=message_id))
    return True

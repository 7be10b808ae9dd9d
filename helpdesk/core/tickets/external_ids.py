"""The ids by which the other side knows our messages: several a message, unique in an account, found again by
whatever names them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select, union_all

from helpdesk.core.database.rows import insert_many_if_new
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .message_models import Message, MessageExternalId
from .models import Reference

LONGEST = 255  # characters of an id
MANY = 20  # ids of one message
NAMED = (
    MessageExternalId.account_id == bindparam("account"),
    MessageExternalId.external_id.in_(bindparam("ids", expanding=True)),
)
MESSAGE_QUERY = select(MessageExternalId.external_id, MessageExternalId.message_id).where(*NAMED)
TICKET_QUERY = union_all(
    select(MessageExternalId.external_id, Message.ticket_id)
    .join(Message, Message.id == MessageExternalId.message_id)
    .where(*NAMED),
    select(Reference.external_id, Reference.ticket_id).where(
        Reference.account_id == bindparam("account"), Reference.external_id.in_(bindparam("ids", expanding=True))
    ),
)


def keep(uow: UnitOfWork, account_id: int, message_id: int, ids: Iterable[str]) -> None:
    """Enter ids of a message; one that another message has already stays with that one. Inside ``writing``."""
    rows = [{"account_id": account_id, "external_id": known, "message_id": message_id} for known in clean(ids)[:MANY]]
    insert_many_if_new(uow.session, MessageExternalId, rows)


def mention(uow: UnitOfWork, account_id: int, ticket_id: int, ids: Iterable[str]) -> None:
    """Enter ids that a message of this ticket refers to, so that siblings meet though their parent never came.
    Inside ``writing``.
    """
    rows = [{"account_id": account_id, "external_id": known, "ticket_id": ticket_id} for known in clean(ids)]
    insert_many_if_new(uow.session, Reference, rows)


def message_of(uow: UnitOfWork, account_id: int, ids: Iterable[str]) -> int | None:
    """The message that is known by one of these ids, the last of them first; None when no one is."""
    return _last_known(uow, MESSAGE_QUERY, account_id, clean(ids))


def ticket_of(uow: UnitOfWork, account_id: int, ids: Iterable[str]) -> int | None:
    """The ticket whose message has, or refers to, one of these ids, the last of them first; None when there is none."""
    return _last_known(uow, TICKET_QUERY, account_id, clean(ids))


def clean(ids: Iterable[str]) -> list[str]:
    """Ids as the tables keep them: none empty, none twice, in their order."""
    return list(dict.fromkeys(known[:LONGEST] for known in ids if known))


def _last_known(uow: UnitOfWork, query: Any, account_id: int, ids: list[str]) -> int | None:
    if not ids:
        return None
    known: dict[str, int] = {}
    for external_id, found in uow.session.connection().execute(query, {"account": account_id, "ids": ids}):
        known.setdefault(external_id, found)
    return next((known[i] for i in reversed(ids) if i in known), None)

"""Tickets and their messages."""

from __future__ import annotations

from flask import Response

from helpdesk.api.downloads import handed
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import NotFound, Overtaken, _
from helpdesk.core.outbox import by_hand, new_ticket, own_reactions, replies, sent_changes, ways_out
from helpdesk.core.tickets import addressees, merge, search, ticket_lists, tickets, timeline
from helpdesk.core.tickets.message_models import Attachment, Message
from helpdesk.core.tickets.visibility import visible_ticket
from helpdesk.web import current_user, runtime, uow
from helpdesk.web.formatting import clean

from . import requests, schemas, serializers
from .api import endpoint

TICKETS, FOUND, MESSAGES = (schemas.page_of(item) for item in (schemas.Listed, schemas.Found, schemas.Message))
BYTES = {"type": "string", "format": "binary"}


@endpoint("GET", "/tickets", _("Tickets by their fields or words, newest first"), TICKETS, query=requests.TicketQuery)
def listed(query: dict) -> dict:
    """All tickets that the caller may see, by status, queue, assignee (an id, ``me`` or ``none``) and words."""
    facts = {"status": query["status"], "queue": query["queue"], "assignee": _assignee(query["assignee"])}
    if query["q"]:
        where = ticket_lists.having(uow(), **facts)
        return _page(search.find(uow(), query["q"], query["cursor"], query["limit"], where=where))
    return _page(ticket_lists.listed(uow(), **facts, after=query["cursor"], limit=query["limit"]))


def _page(found: ticket_lists.Page) -> dict:
    return {"items": serializers.tickets(uow(), found.items), "next": found.next}


def _one(ticket_id: int) -> dict:
    return serializers.tickets(uow(), ticket_lists.rows(uow(), [ticket_id]))[0]


def _assignee(text: str | None) -> int | None:
    if text is None:
        return None
    return {"me": current_user().id, "none": 0}.get(text) if text in ("me", "none") else int(text)


@endpoint("POST", "/tickets", _("Write to somebody first"), schemas.Ticket, status=201, body=requests.NewTicket)
def begin(given: dict) -> dict:
    """A new ticket with its first message, queued at once. What the customer answers joins it."""
    given |= {"account_id": given.pop("account"), "queue_id": given.pop("queue"), "html": clean(given["html"])}
    return _one(new_ticket.open_ticket(uow(), **given).ticket_id)


@endpoint("GET", "/search", _("Tickets with a message that holds these words"), FOUND, query=requests.SearchQuery)
def find(query: dict) -> dict:
    """Newest message first, each with the first words of it."""
    return _page(search.find(uow(), query["q"], query["cursor"], query["limit"]))


@endpoint("GET", "/tickets/<int:ticket_id>", _("A ticket"), schemas.Ticket)
def one(ticket_id: int) -> dict:
    """The ticket with this number."""
    visible_ticket(uow(), ticket_id)
    return _one(ticket_id)


@endpoint("PATCH", "/tickets/<int:ticket_id>", _("Change a ticket"), schemas.Ticket, body=requests.TicketChange)
def change(given: dict, ticket_id: int) -> dict:
    """Any of status, priority, queue, assignee (null is nobody) and tags, in one commit."""
    renamed = {"queue": "queue_id", "assignee": "assignee_id"}
    tickets.change(uow(), ticket_id, **{renamed.get(name, name): value for name, value in given.items()})
    return _one(ticket_id)


@endpoint(
    "GET",
    "/tickets/<int:ticket_id>/messages",
    _("The messages of a ticket, oldest first"),
    MESSAGES,
    query=requests.MessageQuery,
)
def messages(query: dict, ticket_id: int) -> dict:
    """The messages to and from the customer; notes among colleagues only with ``notes=1``."""
    after = serializers.begins_after(query["cursor"]) or 0
    items, last = timeline.messages(uow(), ticket_id, query["notes"] == "1", after, query["limit"])
    return serializers.page([serializers.message(item) for item in items], last)


@endpoint(
    "POST",
    "/tickets/<int:ticket_id>/replies",
    _("Answer the customer"),
    schemas.Message,
    status=201,
    body=requests.NewReply,
)
def reply(given: dict, ticket_id: int) -> dict:
    """Queued at once, for now or for ``send_at``; ``to`` and ``cc`` are whom to write to instead of whom the composer
    would.

    With ``seen``, what the customer or a colleague wrote since answers 409: ``newest`` is the id of the last, ``newer``
    what was said. The same again with that id as ``seen`` sends anyway, unless yet another message came.
    """
    given["html"] = clean(given["html"])  # may take a while, so before anything is asked of the database
    ticket = visible_ticket(uow(), ticket_id)
    account = ways_out.chosen(uow(), ticket, given.pop("account", None))
    for name in {"to", "cc"} & given.keys():
        given[name] = addressees.typed(uow(), ticket, account, given[name])
    given |= {"account_id": account.id, "text": given.pop("text")}
    try:
        return serializers.said(replies.reply(uow(), ticket_id, **given))
    except Overtaken as overtaken:
        newer = timeline.messages(uow(), ticket_id, after=given["seen"])[0]
        overtaken.more = {**overtaken.more, "newer": [serializers.message(item) for item in newer]}
        raise


@endpoint(
    "POST",
    "/deliveries/<int:delivery_id>/outcomes",
    _("Report an attempt by hand"),
    schemas.Delivery,
    status=201,
    body=requests.NewOutcome,
)
def outcome(given: dict, delivery_id: int) -> dict:
    """What came of a call or a visit: ``reached`` ends the delivery, the others plan the next try until the plan is
    over.
    """
    return serializers.delivery(by_hand.outcome(uow(), delivery_id, **given))


@endpoint(
    "POST",
    "/tickets/<int:ticket_id>/notes",
    _("Write a note for colleagues"),
    schemas.Message,
    status=201,
    body=requests.NewNote,
)
def note(given: dict, ticket_id: int) -> dict:
    """No customer ever sees it."""
    return serializers.said(replies.note(uow(), ticket_id, given["text"]))


@endpoint(
    "POST", "/tickets/<int:ticket_id>/merge", _("Put a ticket into another"), schemas.Merge, body=requests.NewMerge
)
def merge_into(given: dict, ticket_id: int) -> dict:
    """The messages move, this ticket closes and points to the other."""
    return serializers.merge(merge.merge(uow(), ticket_id, given["target"]))


@endpoint("DELETE", "/merges/<int:merge_id>", _("Take a merge back"), schemas.Merge)
def unmerge(merge_id: int) -> dict:
    """The messages that moved return."""
    return serializers.merge(merge.unmerge(uow(), merge_id))


@endpoint(
    "PATCH", "/messages/<int:message_id>", _("Change a message that was sent"), schemas.Message, body=requests.NewNote
)
def reword(given: dict, message_id: int) -> dict:
    """Where the channel can: the other side sees the new words in place of the old ones."""
    return serializers.said(sent_changes.edit(uow(), message_id, given["text"]))


@endpoint(
    "PUT", "/messages/<int:message_id>/reaction", _("React to a customer's message"), schemas.Message,
    body=requests.NewReaction,
)  # fmt: skip
def react(given: dict, message_id: int) -> dict:
    """In place of the desk's earlier one, where the channel can."""
    return serializers.said(own_reactions.react(uow(), message_id, given["emoji"]))


@endpoint("DELETE", "/messages/<int:message_id>", _("Take back a message that was sent"), schemas.Message)
def delete_sent(message_id: int) -> dict:
    """Where the channel can: the other side sees it no more; it stays here, marked."""
    return serializers.said(sent_changes.delete(uow(), message_id))


@endpoint("GET", "/attachments/<int:attachment_id>", _("Download a file"), BYTES, kind="application/octet-stream")
def attachment(attachment_id: int) -> Response:
    """The bytes of a file of a message, only ever to be saved."""
    row = by_id(uow().session, Attachment, attachment_id)
    if row is None or row.state != "ready":
        raise NotFound()
    visible_ticket(uow(), uow().session.get(Message, row.message_id).ticket_id)
    path = runtime().blobs.path(row.sha256)
    if not path.exists():
        raise NotFound()
    return handed(path, row.name)

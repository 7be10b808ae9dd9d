"""What goes wrong in every week: a refused answer, an unknown sender, a message that cannot be read."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from helpdesk.core.errors import _
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.outbox.results import unreached
from helpdesk.core.text import excerpt
from helpdesk.core.tickets.message_models import Attempt, Message, MessageExternalId
from helpdesk.core.tickets.models import Ticket

OUTSIDE = "customer.example"
UNREADABLE = _("This is not a message in any form the desk knows.")
NOT_YET = "451 4.3.0 Please try again later"
NOT_THERE = "550 5.1.1 There is nobody of this name here"


def enter(week: Any, tickets: list[Ticket], messages: dict[int, list[Message]]) -> None:
    """One answer that is refused, one from an unknown sender, and one message that cannot be read."""
    newest = [messages[ticket.id] for ticket in reversed(tickets)]
    _undelivered(
        week, next(said[-1] for said in newest if said[-1].kind == "out" and said[0].ticket.status == "waiting")
    )
    _unknown_sender(
        week,
        next(
            said[-1] for said in newest if said[-1].kind == "in" and said[0].ticket.status == "open" and len(said) == 1
        ),
    )
    raw = bytes(range(256)) * 4
    week.session.add(
        RawMessage(
            account_id=week.account.id,
            external_id="demo-unreadable",
            raw=raw,
            size=len(raw),
            at=week.uow.clock() - timedelta(hours=5),
            state="quarantined",
            attempts=1,
            reason=UNREADABLE,
        )
    )
    week.session.flush()


def _undelivered(week: Any, message: Message) -> None:
    """The customer's own server refuses the answer for good: the agents see it on the ticket."""
    ticket, delivery = message.ticket, message.delivery
    delivery.state, delivery.reason, delivery.sent_at, delivery.tries = "failed", NOT_THERE, None, 3
    first = delivery.attempts[0]
    first.outcome, first.detail = "later", NOT_YET
    at = first.at + timedelta(minutes=3)
    delivery.attempts += [
        Attempt(at=first.at + timedelta(minutes=1), outcome="later", detail=NOT_YET),
        Attempt(at=at, outcome="failed", detail=NOT_THERE),
    ]
    details = {"failed": delivery.id, "reason": NOT_THERE, "missed": []}
    note = Message(ticket=ticket, kind="note", at=at, text=str(unreached(NOT_THERE, [])), details=details)
    week.session.add(note)
    week.session.flush()
    week.index([(note, ticket.subject)])
    ticket.status, ticket.updated_at, ticket.last_message_id = "open", at, note.id
    week.events = [event for event in week.events if event["data"].get("delivery") != delivery.id]
    week.tell(at, "delivery.failed", "desk", ticket, message, delivery=delivery.id)


def _unknown_sender(week: Any, first: Message) -> None:
    """Somebody who takes no part in the conversation answers it: shown, but not believed yet."""
    ticket = first.ticket
    persian = ticket.customer.language == "fa"
    name = "همسر مشتری" if persian else "A neighbour"
    text = (
        "سلام، من از طرف ایشان می‌نویسم؛ لطفاً جواب را برای من هم بفرستید."
        if persian
        else "Hello, I am writing on their behalf; please send the answer to me as well."
    )
    message = Message(
        ticket=ticket,
        kind="in",
        at=min(first.at + timedelta(minutes=25), week.uow.clock()),
        author=name,
        address=f"someone.else@{OUTSIDE}",
        text=text,
        account_id=week.account.id,
        external_ids=[MessageExternalId(account_id=week.account.id, external_id=f"{secrets.token_hex(8)}@{OUTSIDE}")],
        unverified=True,
        details={"authentic": None},
    )
    week.session.add(message)
    week.session.flush()
    week.index([(message, ticket.subject)])
    ticket.last_message_id = ticket.last_inbound_id = message.id
    ticket.updated_at, ticket.preview, ticket.unread = message.at, excerpt(text, 200), ticket.unread + 1
    week.tell(message.at, "message.unverified", "desk", ticket, message)

"""Of several recipients of one delivery: who has it, who never will, and who is still to be reached.

``Delivery.outcomes`` is {address: {"state": "sent" | "failed", "reason": as ``dump_message`` writes it}}; it stays
empty while all share one fate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import bindparam, select

from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Outcome
from helpdesk.core.errors import dump_message
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Ticket

SENT = {"state": "sent"}


def settle(delivery: Delivery, outcomes: Iterable[Outcome]) -> None:
    """After a try that reached somebody: ``outcomes`` are the others; who was only delayed is settled another time."""
    others = {outcome.address.value: outcome for outcome in outcomes}
    if others or delivery.outcomes:
        news = {value: _state(others.get(value)) for value in left(delivery)}
        delivery.outcomes = {**delivery.outcomes, **{value: state for value, state in news.items() if state}}


def give_up(delivery: Delivery, reason: str) -> None:
    """Nobody else will be reached; says nothing where nobody was."""
    if has(delivery, "sent"):
        delivery.outcomes = {
            **delivery.outcomes,
            **{value: {"state": "failed", "reason": reason} for value in left(delivery)},
        }


def bounced(delivery: Delivery, outcome: Outcome) -> None:
    """A report says that one recipient did not get it after all."""
    everybody = _values(delivery)
    if outcome.address.value in everybody:
        delivery.outcomes = {
            **dict.fromkeys(everybody, SENT),
            **delivery.outcomes,
            outcome.address.value: _state(outcome),
        }


def begin_again(delivery: Delivery) -> None:
    """For another round of tries: whoever has it does not get it twice."""
    delivery.outcomes = dict.fromkeys(has(delivery, "sent"), SENT)


def left(delivery: Delivery) -> list[str]:
    """The addresses still to be reached."""
    return [value for value in _values(delivery) if value not in delivery.outcomes]


def has(delivery: Delivery, state: str) -> list[str]:
    """The addresses that are settled in this way."""
    return [value for value, outcome in delivery.outcomes.items() if outcome["state"] == state]


def includes(delivery: Delivery, person: Address) -> bool:
    """True when the delivery went to this address."""
    return any((kept["kind"], kept["value"]) == (person.kind, person.value) for kept in [*delivery.to, *delivery.cc])


def _values(delivery: Delivery) -> list[str]:
    return [person["value"] for person in [*delivery.to, *delivery.cc]]


def _state(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return SENT
    return {"state": "failed", "reason": dump_message(outcome.text)} if outcome.state == "failed" else None


UNDELIVERED_QUERY = (
    select(Message.ticket_id)
    .join(Delivery, Delivery.message_id == Message.id)
    .join(Ticket, Ticket.id == Message.ticket_id)
    .where(
        Message.ticket_id.in_(bindparam("ids", expanding=True)),
        Message.id > Ticket.last_inbound_id,
        Delivery.state.in_(("failed", "bounced", "uncertain")),
    )
    .distinct()
)


def undelivered(uow: UnitOfWork, ticket_ids: Collection[int]) -> set[int]:
    """Those of these tickets on which something that was sent since the customer last wrote did not reach them."""
    return set(uow.session.connection().scalars(UNDELIVERED_QUERY, {"ids": list(ticket_ids)}))

"""The planned week as rows, written directly: hundreds of tickets with their messages, deliveries and journal in a
few seconds.
"""

from __future__ import annotations

import random
import secrets
from datetime import timedelta

from sqlalchemy import insert

from helpdesk.core.accounts.models import Account
from helpdesk.core.journal.models import Event
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Customer, Identity, User
from helpdesk.core.sla.models import Clock
from helpdesk.core.sla.order import by_target
from helpdesk.core.text import excerpt, joined, normalise
from helpdesk.core.tickets import tokens
from helpdesk.core.tickets.message_models import Attachment, Attempt, Delivery, Message, MessageExternalId, MessageText
from helpdesk.core.tickets.models import Participant, Ticket

from . import files, mishaps
from .mishaps import OUTSIDE
from .plans import Plan, Said


class Week:
    """Everything that is known while the rows are made. ``agents`` answers who works on a story in a language."""

    def __init__(self, uow: UnitOfWork, account: Account, kind: str, queues: dict, agents, chance: random.Random):
        self.uow, self.session, self.chance = uow, uow.session, chance
        self.account, self.kind, self.queues, self.agents = account, kind, queues, agents
        self.identities: dict[str, Identity] = {}
        self.events: list[dict] = []

    def write(self, plans: list[Plan]) -> int:
        """All rows of the plans; returns how many tickets there are."""
        tickets = [self._ticket(plan) for plan in plans]
        self.session.flush()
        self.session.add_all(
            self._clock(plan, ticket) for plan, ticket in zip(plans, tickets, strict=True) if plan.waits
        )
        messages = self._messages(list(zip(plans, tickets, strict=True)))
        self._deliveries(messages)
        self._last_words(tickets, messages)
        for plan, ticket in zip(plans, tickets, strict=True):
            self._tell_story(plan, ticket, messages[ticket.id])
        mishaps.enter(self, tickets, messages)
        self.session.execute(insert(Event), sorted(self.events, key=lambda event: event["at"]))
        return len(tickets)

    # Customers and tickets

    def _identity(self, plan: Plan) -> Identity:
        name, _title, local = plan.voices.customers[plan.customer]
        if local not in self.identities:
            customer = Customer(name=name, language=plan.language, created_at=plan.said[0].at)
            identity = Identity(
                customer=customer, kind=self.kind, address=f"{local}@{OUTSIDE}", verified_at=plan.said[0].at
            )
            self.session.add_all([customer, identity])
            self.identities[local] = identity
        return self.identities[local]

    def _ticket(self, plan: Plan) -> Ticket:
        ticket = Ticket(
            subject=plan.subject,
            status=plan.status,
            active=plan.status in ("open", "pending", "waiting"),
            priority=plan.story.priority,
            queue=self.queues[plan.story.queue],
            customer=self._identity(plan).customer,
            account=self.account,
            channel=self.account.channel,
            tags=list(plan.story.tags) if len(plan.said) > 1 else [],
            assignee=self._assignee(plan),
            created_at=plan.said[0].at,
            updated_at=plan.solved_at or plan.said[-1].at,
            preview=excerpt(plan.said[-1].text, 200),
        )
        if plan.waits:
            asked = next(said for said in reversed(plan.said) if said.who == "c")
            ticket.target_at = by_target(asked.at + timedelta(minutes=ticket.queue.target_minutes))
            ticket.unread = int(plan.kind == "fresh" or self.chance.random() < 0.5)
        self.session.add(ticket)
        return ticket

    def _clock(self, plan: Plan, ticket: Ticket) -> Clock:
        """The clock of the answer that is owed; one that is over is broken."""
        asked = next(said for said in reversed(plan.said) if said.who == "c")
        name = "next_answer" if any(said.who == "a" for said in plan.said) else "first_answer"
        over = ticket.target_at <= self.uow.clock()
        times = {"breached_at": ticket.target_at} if over else {"due_at": ticket.target_at}
        return Clock(
            ticket_id=ticket.id,
            name=name,
            state="running",
            started_at=asked.at,
            running_since=asked.at,
            goal=ticket.queue.target_minutes * 60,
            target_at=ticket.target_at,
            **times,
        )

    def _assignee(self, plan: Plan) -> User | None:
        untouched = plan.kind == "fresh" and self.chance.random() < 0.6
        return None if untouched else self.agents(plan.story, plan.language)

    # Messages

    def _messages(self, pairs: list[tuple[Plan, Ticket]]) -> dict[int, list[Message]]:
        """The messages of each ticket; their ids follow the clock over all tickets."""
        ordered = sorted(
            ((said, plan, ticket) for plan, ticket in pairs for said in plan.said), key=lambda item: item[0].at
        )
        found: dict[int, list[Message]] = {}
        for said, plan, ticket in ordered:
            found.setdefault(ticket.id, []).append(self._message(said, plan, ticket))
        self.session.flush()
        for plan, ticket in pairs:
            self._attach(plan, found[ticket.id][0])
            self._add_participants(plan, ticket)
        self.index([(message, ticket.subject) for _plan, ticket in pairs for message in found[ticket.id]])
        return found

    def _message(self, said: Said, plan: Plan, ticket: Ticket) -> Message:
        identity, agent = self._identity(plan), self.agents(plan.story, plan.language)
        inbound = said.who == "c"
        message = Message(
            ticket=ticket,
            kind={"c": "in", "a": "out", "n": "note"}[said.who],
            at=said.at,
            text=said.text,
            author=ticket.customer.name if inbound else agent.name,
            address=identity.address if inbound else "",
            user_id=None if inbound else agent.id,
            customer_id=ticket.customer_id if inbound else None,
            account_id=None if said.who == "n" else self.account.id,
            visibility="internal" if said.who == "n" else "private",
            external_ids=self._external_ids(said, ticket, identity),
            details={"authentic": True} if inbound else {},
        )
        self.session.add(message)
        return message

    def _external_ids(self, said: Said, ticket: Ticket, identity: Identity) -> list[MessageExternalId]:
        unique = secrets.token_hex(8)
        ours = (
            f"{tokens.sign(self.uow.secret, ticket.id, identity.id)}.{unique}@{self.account.address.rpartition('@')[2]}"
        )
        known = {"a": [ours], "c": [f"{unique}@{OUTSIDE}"]}.get(said.who, [])
        return [MessageExternalId(account_id=self.account.id, external_id=external_id) for external_id in known]

    def _attach(self, plan: Plan, message: Message) -> None:
        if plan.story.file:
            kind, content = files.content(plan.story.file)
            digest = self.uow.blobs.put(content)
            self.session.add(
                Attachment(message_id=message.id, name=plan.story.file, type=kind, size=len(content), sha256=digest)
            )

    def _add_participants(self, plan: Plan, ticket: Ticket) -> None:
        address = self._identity(plan).address
        self.session.add(Participant(ticket_id=ticket.id, kind=self.kind, address=address, name=ticket.customer.name))

    def index(self, messages: list[tuple[Message, str]]) -> None:
        """Let search find these messages, each with its ticket's subject."""
        wholes = [
            (message.id, f"{subject}\n{message.author} {message.address}\n{message.text}")
            for message, subject in messages
        ]
        rows = [{"message_id": number, "spaced": normalise(whole), "joined": joined(whole)} for number, whole in wholes]
        self.session.execute(insert(MessageText), rows)

    def _deliveries(self, messages: dict[int, list[Message]]) -> None:
        for message in (message for said in messages.values() for message in said if message.kind == "out"):
            sent = message.at + timedelta(seconds=self.chance.randrange(11, 15))
            address = next(said.address for said in messages[message.ticket_id] if said.kind == "in")
            message.delivery = Delivery(
                account_id=self.account.id,
                to=[{"kind": self.kind, "value": address, "name": message.ticket.customer.name}],
                subject=message.ticket.subject,
                state="sent",
                due_at=message.at,
                tries=1,
                external_id=message.external_id,
                created_at=message.at,
                sent_at=sent,
                attempts=[Attempt(at=sent, outcome="sent", detail="250 2.0.0 Delivered")],
            )

    def _last_words(self, tickets: list[Ticket], messages: dict[int, list[Message]]) -> None:
        for ticket in tickets:
            said = messages[ticket.id]
            ticket.last_message_id = said[-1].id
            ticket.last_inbound_id = max(message.id for message in said if message.kind == "in")
        self.session.flush()

    # The journal

    def tell(self, at, kind: str, actor: str, ticket: Ticket, message: Message | None = None, **data) -> None:
        """A line of the journal."""
        # "silent": what is history is answered by nobody, machines included.
        number = message.id if message else None
        self.events.append(
            {
                "at": at,
                "kind": kind,
                "actor": actor,
                "ticket_id": ticket.id,
                "message_id": number,
                "data": {"silent": True, **data},
            }
        )

    def _tell_story(self, plan: Plan, ticket: Ticket, said: list[Message]) -> None:
        customer, agent = f"customer:{ticket.customer_id}", f"user:{self.agents(plan.story, plan.language).id}"
        facts = {"status": "open", "priority": "normal", "queue": ticket.queue_id, "assignee": None, "tags": []}
        self.tell(said[0].at, "ticket.opened", customer, ticket, said[0], after=facts)
        if ticket.assignee_id:
            taken = {**facts, "assignee": ticket.assignee_id, "priority": ticket.priority, "tags": ticket.tags}
            self.tell(said[0].at + timedelta(minutes=2), "ticket.changed", agent, ticket, before=facts, after=taken)
            facts = taken
        for message in said[1:]:
            kind = {"in": "message.received", "out": "reply.queued", "note": "note.added"}[message.kind]
            self.tell(message.at, kind, customer if message.kind == "in" else agent, ticket, message)
            if message.delivery:
                self.tell(
                    message.delivery.sent_at, "delivery.sent", "desk", ticket, message, delivery=message.delivery.id
                )
        if plan.solved_at:
            self.tell(
                plan.solved_at, "ticket.changed", agent, ticket, before=facts, after={**facts, "status": "solved"}
            )

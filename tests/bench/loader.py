"""A desk with as many tickets as wanted, its rows written straight into the tables."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Table, insert

from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.accounts import accounts
from helpdesk.core.database.base import NEVER, Base
from helpdesk.core.database.columns import ACTIVE  # fmt: skip
from helpdesk.core.journal.models import Event  # fmt: skip
from helpdesk.core.people import teams, users
from helpdesk.core.people.models import Customer, Identity  # fmt: skip
from helpdesk.core.runtime import Runtime
from helpdesk.core.text import joined, normalise
from helpdesk.core.tickets.message_models import (  # fmt: skip
    Attachment,
    Delivery,
    Message,
    MessageExternalId,
    MessageText,
)
from helpdesk.core.tickets.models import Participant, Ticket  # fmt: skip
from helpdesk.ops import migrate

QUEUES = 20
MEASURED = 50_000  # open tickets of the first queue, half of all where there are fewer
LONG = 60  # tickets of the first queue with ``TURNS`` messages
TURNS = 20
PORTION = 5_000  # rows written at once
RARE, COMMON, ELSEWHERE = "zarinkelk", "parcel", "invoice"
BEGAN = datetime(2026, 1, 1, 8, tzinfo=UTC)

ENGLISH = """order raw message address refund delivery morning shop number received broken please answer colour size account
payment card courier Tehran office warehouse waiting question thanks return exchange help product website password""".split()
PERSIAN = """سفارش بسته آدرس بازگشت ارسال صبح فروشگاه شماره دریافت شکسته لطفاً پاسخ رنگ اندازه حساب پرداخت کارت پیک تهران دفتر
انبار منتظر پرسش سپاس تعویض کمک محصول می‌خواهم نمی‌رسد کتاب‌ها بزرگ‌تر""".split()


@dataclass(frozen=True)
class Loaded:
    """What a loaded desk has: who asks, and the tickets with ``TURNS`` messages."""

    folder: Path
    agent: int
    persian: int
    long: list[int]
    tickets: int
    secret: str


def house_of(folder: Path, **environment: str) -> Runtime:
    """A house on this folder, its database up to date."""
    folder.mkdir(parents=True, exist_ok=True)
    runtime = build_runtime(
        from_environment({"HELPDESK_DATA_DIR": str(folder), "HELPDESK_PLUGINS": "email", **environment})
    )
    migrate.upgrade(runtime)
    return runtime


def load(folder: Path, tickets: int) -> Loaded:
    """Write a desk of this many tickets: 20 queues, a fifth open, and 50,000 open ones in the queue that is
    measured.
    """
    runtime = house_of(folder)
    with runtime.uow() as uow:
        people = [
            users.add(uow, f"agent{n}@desk.example", f"Agent {n}", "agent", language="fa" if n % 2 else "en").id
            for n in range(10)
        ]
        front, rest = teams.add_team(uow, "Front", people[:5]), teams.add_team(uow, "Rest", people[5:])
        for number in range(1, QUEUES + 1):
            teams.add_queue(uow, f"Queue {number}", [front.id if number <= 2 else rest.id])
        settings = {"address": "support@desk.example", "smtp_host": "127.0.0.1"}
        account = accounts.create(uow, "email", "support", settings, 1).id
    writer = Writer(runtime, tickets, people, account)
    writer.write()
    runtime.parser.close()
    runtime.engine.dispose()
    return Loaded(folder, people[0], people[1], writer.long, tickets, runtime.config.secret_key)


class Writer:
    """Makes the rows, always the same ones, and writes them a portion at a time."""

    def __init__(self, runtime: Runtime, tickets: int, people: list[int], account: int):
        self.runtime, self.tickets, self.people, self.account = runtime, tickets, people, account
        self.random = random.Random(1405)
        self.measured = min(MEASURED, tickets // 2)
        self.bodies = [self._body(n) for n in range(2000)]
        self.customers = max(20, tickets // 5)
        self.messages = 0
        self.long: list[int] = []
        self.rows: dict[Table, list[dict]] = {}

    def write(self) -> None:
        """Everything."""
        for number in range(1, self.customers + 1):
            self._customer(number)
            self._flush(PORTION)
        self._flush()
        for number in range(1, self.tickets + 1):
            self._ticket(number)
            self._flush(PORTION)
        self._flush()

    def _flush(self, least: int = 1) -> None:
        if max(map(len, self.rows.values()), default=0) < least:
            return
        with self.runtime.uow() as uow, uow.writing() as session:
            for table in Base.metadata.sorted_tables:
                if table in self.rows:
                    session.connection().execute(insert(table), self.rows[table])
        self.rows.clear()

    def _add(self, model: type, **values) -> None:
        self.rows.setdefault(model.__table__, []).append(values)

    def _body(self, number: int) -> tuple[str, str, str]:
        words = PERSIAN if number % 2 else ENGLISH
        text = " ".join(self.random.choice(words) for _word in range(self.random.randint(12, 50)))
        text += f" {COMMON} سفارش." if number % 4 < 2 else "."
        return text, normalise(text), joined(text)

    def _customer(self, number: int) -> None:
        name = f"مینا {number}" if number % 2 else f"Mina {number}"
        self._add(Customer, id=number, name=name, language="fa" if number % 2 else "en", created_at=BEGAN)
        self._add(Identity, customer_id=number, kind="email", address=f"c{number}@customer.example")

    def _ticket(self, number: int) -> None:
        hot = number * self.measured // self.tickets != (number - 1) * self.measured // self.tickets
        queue = 1 if hot else 1 + number % QUEUES
        status = ACTIVE[number % 3] if hot or number % 5 == 0 else ("solved", "closed")[number % 2]
        at = BEGAN + timedelta(seconds=number * 10)
        customer, text = 1 + number % self.customers, self.bodies[number % 2000][0]
        first = self.messages + 1
        turns = TURNS if hot and len(self.long) < LONG and number > self.tickets // 2 else 1
        if turns > 1:
            self.long.append(number)
        for turn in range(turns):
            self._message(number, queue, turn, customer, at + timedelta(minutes=turn))
        assignee = self.people[number % 5 if queue <= 2 else 5 + number % 5] if number % 3 == 0 else None
        self._add(
            Ticket, id=number, subject=text[:60], status=status, active=status in ACTIVE, priority=("normal", "normal", "high", "low")[number % 4],
            queue_id=queue, assignee_id=assignee, customer_id=customer, account_id=self.account, channel="email",
            tags=["vip", "ارسال"][: number % 3], target_at=NEVER if number % 7 == 0 else at + timedelta(days=200, minutes=number % 997),
            created_at=at, updated_at=at + timedelta(minutes=turns), preview=text[:160],
            last_message_id=self.messages, last_inbound_id=first, unread=number % 3 == 1,
        )  # fmt: skip
        self._add(Participant, ticket_id=number, kind="email", address=f"c{customer}@customer.example", name="")
        self._add(
            Event,
            at=at,
            kind="ticket.opened",
            actor="desk",
            ticket_id=number,
            message_id=first,
            data={"after": {"status": "open"}},
        )

    def _message(self, ticket: int, queue: int, turn: int, customer: int, at: datetime) -> None:
        self.messages += 1
        number, answers = self.messages, turn % 2 == 1
        text, spaced, closed = self.bodies[number % 2000]
        extra = RARE if number % max(50, self.tickets // 20) == 7 else ""
        extra += f" {ELSEWHERE}" if queue > 2 else ""
        external = f"<m{number}@{'desk' if answers else 'customer'}.example>"
        self._add(
            Message, id=number, ticket_id=ticket, kind="out" if answers else "in", at=at, user_id=self.people[0] if answers else None,
            customer_id=None if answers else customer, author="Agent 0" if answers else f"Mina {customer}",
            address="" if answers else f"c{customer}@customer.example", text=f"{text} {extra}", quoted=f"> {text}" if turn else "",
            html=f"<p dir=\"auto\">{text}</p>" if turn % 4 == 2 else "", account_id=self.account, details={"authentic": True},
        )  # fmt: skip
        self._add(
            MessageText, message_id=number, spaced=f"{spaced} {extra} {number}", joined=f"{closed} {extra} {number}"
        )
        self._add(MessageExternalId, account_id=self.account, external_id=external, message_id=number)
        if answers:
            to = [{"kind": "email", "value": f"c{customer}@customer.example", "name": ""}]
            self._add(
                Delivery, message_id=number, account_id=self.account, to=to, cc=[], subject="Re", state="sent", due_at=at, tries=1,
                external_id=external, created_at=at, sent_at=at,
            )  # fmt: skip
            self._add(
                Event,
                at=at,
                kind="ticket.changed",
                actor=f"user:{self.people[0]}",
                ticket_id=ticket,
                message_id=None,
                data=CHANGED,
            )
        if turn % 8 == 4:
            self._add(
                Attachment,
                message_id=number,
                name="رسید.pdf",
                type="application/pdf",
                size=50_000,
                sha256="0" * 64,
                cid="",
                inline=False,
            )


CHANGED = {"before": {"status": "open", "assignee": None}, "after": {"status": "waiting", "assignee": 1}}

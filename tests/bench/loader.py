"""A desk with as many tickets as wanted, its rows made by the database itself (SQLite), always the same ones.

Indexes and triggers are put aside meanwhile and made anew afterwards, so that a million tickets take minutes.
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, insert, literal_column, select, text

from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.accounts import accounts
from helpdesk.core.journal.models import Event
from helpdesk.core.people import teams, users
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.runtime import Runtime
from helpdesk.core.text import joined, normalise
from helpdesk.core.tickets import counters
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message, MessageExternalId, MessageText
from helpdesk.core.tickets.models import Participant, Ticket
from helpdesk.ops import migrate

FRONT = 2  # queues of the team that most pages are measured for
WIDE = 50  # queues of the other team
PEOPLE = 200
FRONT_PEOPLE = 10
HOT = 25_000  # open tickets of the first queue, a quarter of all where there are fewer
OPEN = 60_000  # further ones of the other queues, at least 1,000 in each, half of all where there are fewer
LONG = 60  # tickets of the first queue with ``TURNS`` messages
TURNS = 20
RARE, COMMON, ELSEWHERE = "zarinkelk", "parcel", "invoice"
BEGAN = datetime(2026, 1, 1, 8, tzinfo=UTC)
BODIES = 2000

ENGLISH = """order raw message address refund delivery morning shop number received broken please answer colour size account
payment card courier Tehran office warehouse waiting question thanks return exchange help product website password""".split()
PERSIAN = """سفارش بسته آدرس بازگشت ارسال صبح فروشگاه شماره دریافت شکسته لطفاً پاسخ رنگ اندازه حساب پرداخت کارت پیک تهران دفتر
انبار منتظر پرسش سپاس تعویض کمک محصول می‌خواهم نمی‌رسد کتاب‌ها بزرگ‌تر""".split()


@dataclass(frozen=True)
class Loaded:
    """What a loaded desk has: who asks (two with ``FRONT`` queues, one with ``WIDE``), and the tickets with ``TURNS``
    messages.
    """

    folder: Path
    agent: int
    persian: int
    wide: int
    long: list[int]
    elsewhere: list[int]
    tickets: int
    secret: str


def runtime_of(folder: Path, **environment: str) -> Runtime:
    """A runtime on this folder, its database up to date."""
    folder.mkdir(parents=True, exist_ok=True)
    runtime = build_runtime(
        from_environment({"HELPDESK_DATA_DIR": str(folder), "HELPDESK_PLUGINS": "email", **environment})
    )
    migrate.upgrade(runtime)
    return runtime


def load(folder: Path, tickets: int) -> Loaded:
    """Write a desk of this many tickets: ``HOT`` open ones in the first queue, which is measured, and ``OPEN`` more."""
    runtime = runtime_of(folder)
    with runtime.uow() as uow:
        people = [
            users.add(uow, f"agent{n}@desk.example", f"Agent {n}", "agent", language="fa" if n % 2 else "en").id
            for n in range(PEOPLE)
        ]
        front, wide = (
            teams.add_team(uow, "Front", people[:FRONT_PEOPLE]),
            teams.add_team(uow, "Wide", people[FRONT_PEOPLE:]),
        )
        for number in range(1, FRONT + WIDE + 1):
            teams.add_queue(uow, f"Queue {number}", [front.id if number <= FRONT else wide.id])
        settings = {"address": "support@desk.example", "smtp_host": "127.0.0.1"}
        account = accounts.create(uow, "email", "support", settings, 1).id
    plan = Plan(tickets, people, account)
    with runtime.engine.connect() as connection, _laid_aside(connection):
        plan.write(connection)
    with runtime.uow() as uow:
        counters.mend(uow)
    runtime.parser.close()
    runtime.engine.dispose()
    return Loaded(
        folder, *people[:2], people[FRONT_PEOPLE], plan.long, plan.elsewhere, tickets, runtime.config.secret_key
    )


@contextmanager
def _laid_aside(connection: Connection):
    """Without indexes, triggers and waiting for the disk; the words for search are gathered at the end."""
    raw = connection.connection.dbapi_connection
    made = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    aside = raw.execute(made).fetchall()
    for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
        raw.execute(f"PRAGMA {pragma}")
    for kind, name, _sql in aside:
        raw.execute(f'DROP {kind} "{name}"')
    yield
    for _kind, _name, sql in sorted(aside):
        raw.execute(sql)
    raw.execute("INSERT INTO message_fts(message_fts) VALUES ('rebuild')")
    raw.execute("PRAGMA optimize")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Plan:
    """Which ticket is what: ``n`` numbers them from 1, and each fact is arithmetic on it, in Python and SQL alike."""

    def __init__(self, tickets: int, people: list[int], account: int):
        self.tickets, self.people, self.account = tickets, people, account
        self.hot = min(HOT, tickets // 4)
        self.open = min(OPEN, tickets // 2)
        self.step = tickets // self.hot
        apart = max(1, self.hot // 2 // LONG)  # hot tickets between two long ones, all in the newer half
        self.from_ = self.step * (self.hot - apart * min(LONG, self.hot // 2))
        self.every = self.step * apart
        self.count = min(LONG, self.hot // 2)
        self.long = [self.from_ + self.every * place for place in range(self.count)]

    @property
    def elsewhere(self) -> list[int]:
        """Some new tickets of the other team's queues."""
        newest = range(self.tickets, max(0, self.tickets - 20 * LONG), -1)
        return [n for n in newest if self.queue_of(n) > FRONT][:LONG]

    def queue_of(self, n: int) -> int:
        """The queue of a ticket."""
        return 1 if n % self.step == 0 and n // self.step <= self.hot else FRONT + n % (FRONT + WIDE - 1)

    def write(self, connection: Connection) -> None:
        """Everything."""
        self._numbers(connection)
        self._people(connection)
        self._messages(connection)
        self._tickets(connection)
        connection.commit()

    def _numbers(self, connection: Connection) -> None:
        """Temporary tables: the tickets with what is decided of each, the long ones' turns, and the bodies."""
        shuffled = random.Random(1405)
        bodies = [_body(n, shuffled) for n in range(BODIES)]
        connection.exec_driver_sql("CREATE TEMP TABLE body (k INTEGER PRIMARY KEY, text, spaced, joined)")
        connection.exec_driver_sql("INSERT INTO body VALUES (?, ?, ?, ?)", [(k, *b) for k, b in enumerate(bodies)])
        connection.exec_driver_sql("CREATE TEMP TABLE person (k INTEGER PRIMARY KEY, id)")
        connection.exec_driver_sql("INSERT INTO person VALUES (?, ?)", list(enumerate(self.people)))
        longer = f"n >= {self.from_} AND (n - {self.from_}) % {self.every} = 0 AND n < {self.from_ + self.every * self.count}"
        before = f"max(0, min({self.count}, (n - 1 - {self.from_}) / {self.every} + (n > {self.from_})))"
        spread = f"n * {self.open} / {self.tickets} != (n - 1) * {self.open} / {self.tickets}"
        connection.exec_driver_sql(
            f"""CREATE TEMP TABLE planned AS
            WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {self.tickets}),
            told AS (SELECT n, n % {self.step} = 0 AND n / {self.step} <= {self.hot} AS hot, {longer} AS long,
                n + {TURNS - 1} * {before} AS first FROM counted)
            SELECT n, hot, first, CASE WHEN long THEN {TURNS} ELSE 1 END AS turns,
                CASE WHEN hot THEN 1 ELSE {FRONT} + n % {FRONT + WIDE - 1} END AS queue, hot OR {spread} AS open,
                1 + n % {self.customers} AS customer, unixepoch('{BEGAN:%Y-%m-%d %H:%M:%S}') + n * 10 AS at
            FROM told"""
        )
        connection.exec_driver_sql(
            f"""CREATE TEMP TABLE said AS
            WITH RECURSIVE turn(t) AS (SELECT 0 UNION ALL SELECT t + 1 FROM turn WHERE t < {TURNS - 1})
            SELECT first + t AS id, n, t, t % 2 = 1 AS ours, queue, customer, at + t * 60 AS at,
                CASE WHEN (first + t) % {max(50, self.tickets // 20)} = 7 THEN ' {RARE}' ELSE '' END
                || CASE WHEN queue > {FRONT} THEN ' {ELSEWHERE}' ELSE '' END AS extra
            FROM planned JOIN turn ON t < turns ORDER BY first, t"""
        )

    @property
    def customers(self) -> int:
        """How many write."""
        return max(20, self.tickets // 5)

    def _people(self, connection: Connection) -> None:
        first = f"(SELECT n FROM planned LIMIT {self.customers})"
        persian = "CASE WHEN n % 2 THEN '{}' ELSE '{}' END"
        _fill(
            connection, Customer, first, id="n", name=persian.format("مینا ", "Mina ") + " || n",
            language=persian.format("fa", "en"),
        )  # fmt: skip
        _fill(connection, Identity, first, customer_id="n", kind="'email'", address="'c' || n || '@customer.example'")

    def _messages(self, connection: Connection) -> None:
        said = f"said JOIN body ON k = id % {BODIES}"
        to = """'[{"kind": "email", "value": "c' || customer || '@customer.example", "name": ""}]'"""
        at, external = _moment("at"), "'<m' || id || CASE WHEN ours THEN '@desk.example>' ELSE '@customer.example>' END"
        _fill(
            connection, Message, said, id="id", ticket_id="n", kind="CASE WHEN ours THEN 'out' ELSE 'in' END", at=at,
            user_id=f"CASE WHEN ours THEN {self.people[0]} END", customer_id="CASE WHEN ours THEN NULL ELSE customer END",
            author="CASE WHEN ours THEN 'Agent 0' ELSE 'Mina ' || customer END", account_id=str(self.account),
            address="CASE WHEN ours THEN '' ELSE 'c' || customer || '@customer.example' END", text="text || extra",
            quoted="CASE WHEN t THEN '> ' || text ELSE '' END", details="""'{"authentic": true}'""",
            html="""CASE WHEN t % 4 = 2 THEN '<p dir="auto">' || text || '</p>' ELSE '' END""",
        )  # fmt: skip
        numbered = "{} || extra || ' ' || id"
        _fill(
            connection, MessageText, said, message_id="id", spaced=numbered.format("spaced"),
            joined=numbered.format("joined"),
        )  # fmt: skip
        _fill(
            connection, MessageExternalId, "said", account_id=str(self.account), external_id=external, message_id="id"
        )
        _fill(
            connection, Delivery, "said WHERE ours", message_id="id", account_id=str(self.account), to=to, cc="'[]'",
            subject="'Re'", state="'sent'", due_at=at, tries="1", external_id=external, created_at=at, sent_at=at,
        )  # fmt: skip
        _fill(
            connection, Attachment, "said WHERE t % 8 = 4", message_id="id", name="'رسید.pdf'", size="50000",
            type="'application/pdf'", sha256=f"'{'0' * 64}'",
        )  # fmt: skip
        _fill(
            connection, Event, "said WHERE ours", at=at, kind="'ticket.changed'", ticket_id="n",
            actor=f"'user:{self.people[0]}'",
            data="""'{"before": {"status": "open", "assignee": null}, "after": {"status": "waiting", "assignee": 1}}'""",
        )  # fmt: skip

    def _tickets(self, connection: Connection) -> None:
        planned = f"""planned JOIN body b ON b.k = first % {BODIES} JOIN person p ON p.k = CASE WHEN queue <= {FRONT}
            THEN n % {FRONT_PEOPLE} ELSE {FRONT_PEOPLE} + n % {PEOPLE - FRONT_PEOPLE} END"""
        _fill(
            connection, Ticket, planned, id="n", subject="substr(text, 1, 60)", active="open", queue_id="queue",
            status="CASE WHEN open THEN CASE n % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'pending' ELSE 'waiting' END"
            " WHEN n % 2 THEN 'closed' ELSE 'solved' END",
            priority="CASE n % 4 WHEN 2 THEN 'high' WHEN 3 THEN 'low' ELSE 'normal' END",
            assignee_id="CASE WHEN n % 3 = 0 THEN p.id END", customer_id="customer", account_id=str(self.account),
            channel="'email'", tags="""CASE n % 3 WHEN 1 THEN '["vip"]' WHEN 2 THEN '["vip", "ارسال"]' ELSE '[]' END""",
            target_at=f"CASE WHEN n % 7 = 0 THEN '9999-01-01 00:00:00.000000' ELSE {_moment('at + 17280000 + n % 997 * 60')} END",
            created_at=_moment("at"), updated_at=_moment("at + turns * 60"), preview="substr(text, 1, 160)",
            last_message_id="first + turns - 1", last_inbound_id="first", unread="n % 3 = 1",
        )  # fmt: skip
        _fill(
            connection, Participant, "planned", ticket_id="n", kind="'email'",
            address="'c' || customer || '@customer.example'",
        )  # fmt: skip
        _fill(
            connection, Event, "planned", at=_moment("at"), kind="'ticket.opened'", actor="'desk'", ticket_id="n",
            message_id="first", data="""'{"after": {"status": "open"}}'""",
        )  # fmt: skip


def _moment(seconds: str) -> str:
    """A moment as the desk stores it, of seconds since 1970."""
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', {seconds}, 'unixepoch')"


def _fill(connection: Connection, model: type, source: str, **columns: str) -> None:
    """Insert into a table what these expressions give of each row of ``source``; the other columns as by default."""
    given = select(*(literal_column(sql) for sql in columns.values())).select_from(text(source))
    connection.execute(insert(model).from_select(list(columns), given))


def _body(number: int, shuffled: random.Random) -> tuple[str, str, str]:
    words = PERSIAN if number % 2 else ENGLISH
    said = " ".join(shuffled.choice(words) for _word in range(shuffled.randint(12, 50)))
    said += f" {COMMON} سفارش." if number % 4 < 2 else "."
    return said, normalise(said), joined(said)

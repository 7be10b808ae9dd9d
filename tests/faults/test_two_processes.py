"""Two worker processes on one database, SQLite and PostgreSQL: every mail one message, in order, every answer sent
once (TRUST D15).
"""

import os
import signal
import time
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from sqlalchemy import update

from helpdesk.core.channels.types import RawMessage
from helpdesk.core.database.leases import LEASE, worker_name
from helpdesk.core.intake import intake
from helpdesk.core.intake.models import RawMessage as Stored

pytestmark = pytest.mark.clock

ACCOUNTS = 4
UNDER_WAY = "SELECT id, lease_until FROM raw_message WHERE state = 'new'"


def mail(account: str, thread: int, number: int) -> bytes:
    """The number-th mail of a customer's thread; each answers the one before."""
    message = EmailMessage()
    message["From"], message["To"] = f"c{thread}@customer.example", f"{account}@desk.example"
    message["Subject"], message["Message-ID"] = f"Thread {thread}", f"<{thread}.{number}@customer.example>"
    if number:
        message["In-Reply-To"] = f"<{thread}.{number - 1}@customer.example>"
    message.set_content(f"ledger-{thread * 100 + number}")
    return bytes(message)


@pytest.fixture
def boxes(either):
    """{name: id} of the accounts."""
    with either.runtime.uow() as uow:
        return {"support": either.account} | {
            name: either.add_account(uow, name) for name in [f"box{n}" for n in range(1, ACCOUNTS)]
        }


@pytest.fixture
def feed(either, boxes):
    """feed(threads) brings three mails of each thread, each in a commit of its own, as two doors would."""
    names, ids = list(boxes), list(boxes.values())

    def bring(threads, pause=0.0):
        with either.runtime.uow() as uow:
            for thread in threads:
                which = thread % ACCOUNTS
                for number in range(3):
                    raw = mail(names[which], thread, number)
                    intake.accept(uow, ids[which], RawMessage(f"{thread}.{number}", raw, datetime.now(UTC)))
                    time.sleep(pause)

    return bring


def conversations(desk) -> dict[int, list[str]]:
    """What is on each ticket, in the order in which it was filed."""
    found = {}
    for ticket, text in desk.rows("SELECT ticket_id, text FROM message WHERE kind = 'in' ORDER BY id"):
        found.setdefault(ticket, []).append(text.strip())
    return found


def expected(threads) -> list[list[str]]:
    return [[f"ledger-{thread * 100 + number}" for number in range(3)] for thread in threads]


def all_sent(desk, deliveries: int) -> bool:
    return desk.rows("SELECT count(*) FROM delivery WHERE state = 'sent'")[0][0] == deliveries


def put_in_hand(desk, boxes, worker: str, thread: int) -> list[str]:
    """Begin a thread in each of these accounts with a mail that a worker has in hand: until it lets go, what comes to
    the account is its alone. Who wakes first would otherwise take all there is, of every account.
    """
    with desk.runtime.uow() as uow:
        for number, (name, account) in enumerate(boxes, thread):
            with uow.writing() as session:
                received = RawMessage(f"{number}.0", mail(name, number, 0), datetime.now(UTC))
                row = update(Stored).where(Stored.id == intake.accept(uow, account, received))
                session.execute(row.values(worker=worker, lease_until=uow.clock() + LEASE))
    return [[f"ledger-{number * 100}"] for number in range(thread, thread + len(boxes))]


def let_go(desk) -> None:
    desk.change("UPDATE raw_message SET lease_until = NULL WHERE state = 'new'")
    desk.until(desk.drained)


def two_workers(desk, boxes) -> tuple[list[str], list[str]]:
    """The names of two that have begun: each has renewed the lease on a mail, or let go of it, as only it does. And
    the tickets of these mails.
    """
    desk.start()
    workers = [worker_name(process.pid) for process in (desk.process, desk.another())]
    tickets = [
        put_in_hand(desk, [box], worker, 70 + n) for n, (box, worker) in enumerate(zip(boxes, workers, strict=False))
    ]
    leases = desk.rows(UNDER_WAY)
    desk.until(lambda: not set(leases) & set(desk.rows(UNDER_WAY)))
    let_go(desk)
    return workers, sum(tickets, [])


def test_two_workers_share_a_backlog_and_what_comes_meanwhile(either, boxes, feed, world):
    threads, accounts = range(1, 25), list(boxes.items())
    workers, tickets = two_workers(either, accounts)
    tickets += put_in_hand(either, accounts[:2], workers[0], 50) + put_in_hand(either, accounts[2:], workers[1], 60)
    feed(threads[:8])
    feed(threads[8:], pause=0.05)
    either.until(lambda: len(either.rows(UNDER_WAY)) == ACCOUNTS)
    let_go(either)
    tickets += expected(threads)
    assert sorted(conversations(either).values()) == sorted(tickets)
    either.until(lambda: all_sent(either, len(tickets)))
    ids = [message_id for message_id, _ in world.received]
    assert len(ids) == len(set(ids)) == len(tickets), "one first word for each ticket, sent once"
    assert either.rows("SELECT max(tries), max(attempts) FROM delivery, raw_message") == [(1, 1)]
    shares = either.rows("SELECT DISTINCT worker FROM raw_message")
    assert {worker for (worker,) in shares} == set(workers), "both had their share"


def test_what_a_killed_worker_held_is_the_others_within_seconds(either, feed, world):
    """The other one frees what a dead process of its machine had claimed, without waiting for the lease to run out."""
    threads = range(1, 13)
    either.start()
    killed = either.another(fail_point="ingest.written:2")
    for thread in threads:
        feed([thread], pause=0.1)
        if killed.poll() is not None:
            break
    feed(range(thread + 1, threads[-1] + 1))
    if killed.poll() is None:
        os.killpg(killed.pid, signal.SIGKILL)
    either.until(either.drained, 15)
    assert sorted(conversations(either).values()) == sorted(expected(threads))
    either.until(lambda: all_sent(either, len(threads)), 20)
    assert len({message_id for message_id, _ in world.received}) == len(threads)

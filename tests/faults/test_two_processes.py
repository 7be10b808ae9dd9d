"""Two worker processes on one database, SQLite and PostgreSQL: every mail one message, in order, every answer sent
once (TRUST D15).
"""

import os
import signal
import time
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from helpdesk.core.channels.types import RawMessage
from helpdesk.core.intake import intake

pytestmark = pytest.mark.clock

ACCOUNTS = 4


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
def feed(either):
    """feed(threads) brings three mails of each thread, each in a commit of its own, as two doors would."""
    with either.runtime.uow() as uow:
        names = ["support", *(f"box{n}" for n in range(1, ACCOUNTS))]
        ids = [either.account, *(either.add_account(uow, name) for name in names[1:])]

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


def test_two_workers_share_a_backlog_and_what_comes_meanwhile(either, feed, world):
    threads = range(1, 25)
    feed(threads[:8])
    either.start()
    either.another()
    feed(threads[8:], pause=0.05)
    either.until(either.drained)
    assert sorted(conversations(either).values()) == sorted(expected(threads))
    either.until(lambda: all_sent(either, len(threads)))
    ids = [message_id for message_id, _ in world.received]
    assert len(ids) == len(set(ids)) == len(threads), "one first word for each ticket, sent once"
    assert either.rows("SELECT max(tries), max(attempts) FROM delivery, raw_message") == [(1, 1)]
    assert len(either.rows("SELECT DISTINCT worker FROM raw_message")) == 2, "both had their share"


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

"""Each account sends in a lane of its own: who is slow, hangs or breaks delays nobody else, and nothing is sent twice."""

import sqlite3
import threading
import time

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from helpdesk.core.accounts import accounts
from helpdesk.core.channels.outbound import Sent
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.outbox import outbox, replies
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.core.tickets.models import Ticket
from helpdesk.runtime import outbox_lanes
from helpdesk.runtime.worker import Worker
from helpdesk.testing import Letters, front_desk, letter, small_runtime

QUEUED = 100
LONG = 30.0  # seconds after which a test gives up


class Posted(Letters):
    """Letters that say by which account they left; what ``waits`` holds for an account is done before each leaves."""

    name = "posted"
    gone: list[tuple[str, str]] = []
    waits: dict = {}

    def send(self, outbound):
        self.waits.get(self.account.name, lambda: None)()
        self.gone.append((self.account.name, outbound.text))
        return Sent(detail="posted")


class Post:
    """A desk with one ticket for each account, and its worker."""

    def __init__(self, runtime):
        self.runtime, self.tickets = runtime, {}
        self.worker = Worker(runtime, runtime.notifier)
        with runtime.uow() as uow:
            self.account("front", front_desk(uow, "posted"))

    def account(self, name, account_id=None):
        """An account with a ticket that came in by it."""
        with self.runtime.uow() as uow:
            account_id = account_id or accounts.create(uow, "posted", name, {}, 1).id
            intake.accept(uow, account_id, letter("Hello", sender=name))
            raw_worker.drain(uow)
            self.tickets[name] = uow.session.query(Ticket.id).order_by(Ticket.id.desc()).first()[0]

    def answer(self, name, *texts):
        with self.runtime.uow() as uow:
            for text in texts:
                replies.reply(uow, self.tickets[name], text)

    def left(self, name):
        return [text for account, text in list(Posted.gone) if account == name]

    def states(self):
        with self.runtime.uow() as uow:
            return [(row.state, row.tries) for row in uow.session.query(Delivery).order_by(Delivery.id)]


@pytest.fixture
def post(tmp_path):
    Posted.gone.clear()
    Posted.waits.clear()
    runtime = small_runtime(tmp_path, Posted)
    post = Post(runtime)
    yield post
    Posted.waits.clear()  # what is in hand ends soon, and in this test
    post.worker.stop(LONG)
    runtime.engine.dispose()


def eventually(condition):
    until = time.monotonic() + LONG
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


def test_a_reply_of_a_fast_account_does_not_wait_for_a_slow_one(post):
    """One takes a second for each of a hundred; the other's reply leaves while at most one more of these does."""
    post.account("slow")
    post.answer("slow", *map(str, range(QUEUED)))
    Posted.waits["slow"] = lambda: time.sleep(1.0)
    post.worker.start()
    assert eventually(lambda: post.left("slow"))
    before = len(post.left("slow"))
    post.answer("front", "At once")
    assert eventually(lambda: post.left("front"))
    assert len(post.left("slow")) - before <= 1
    assert sum(state == "queued" for state, _tries in post.states()) > QUEUED / 2


def test_accounts_that_hang_hold_neither_the_others_nor_the_database(post):
    """More providers hang than the desk has connections to its database."""
    hanging, everybody = threading.Event(), [f"hangs {number}" for number in range(20)]
    for name in everybody:
        post.account(name)
        post.answer(name, "Never")
        Posted.waits[name] = lambda: hanging.wait(LONG)
    try:
        post.worker.start()
        assert eventually(lambda: len(post.worker.outbox.lanes) == len(everybody))
        assert eventually(lambda: post.runtime.engine.pool.checkedout() == 0)
        post.answer("front", "At once", "And again")
        assert eventually(lambda: post.left("front") == ["At once", "And again"])
    finally:
        hanging.set()
    assert eventually(lambda: len(Posted.gone) == len(everybody) + 2)


def test_when_all_lanes_are_taken_they_change_hands(post, monkeypatch):
    """One lane, three accounts with three batches each: nobody has a second turn before everybody had a first."""
    monkeypatch.setattr(outbox_lanes, "AT_ONCE", 1)
    names = ["front", "second", "third"]
    for name in names:
        if name != "front":
            post.account(name)
        post.answer(name, *map(str, range(30)))
    post.worker.start()
    assert eventually(lambda: len(Posted.gone) == 90)
    turns = [account for number, (account, _text) in enumerate(Posted.gone) if number % 10 == 0]
    assert [sorted(turns[start : start + 3]) for start in (1, 4)] == [names] * 2, (
        "after the first, who found nobody waiting"
    )
    assert [post.left(name) for name in names] == [[str(number) for number in range(30)]] * 3


@pytest.mark.clock
def test_a_lane_that_breaks_off_takes_its_own_claims_back_and_nobody_elses(post, monkeypatch):
    """The database was away for one account; what another has in hand meanwhile is not sent a second time."""
    monkeypatch.setattr(outbox_lanes, "AGAIN", 0.05)
    hanging, broken = threading.Event(), []
    post.account("hangs")

    def break_once():
        if not broken:
            broken.append(True)
            raise OperationalError("", {}, sqlite3.OperationalError("database is locked"))

    Posted.waits |= {"hangs": lambda: hanging.wait(LONG), "front": break_once}
    post.answer("hangs", "In hand", "Claimed with it")
    post.worker.start()
    assert eventually(lambda: post.worker.outbox.lanes)
    post.answer("front", "One", "Two")
    try:
        assert eventually(lambda: sorted(post.left("front")) == ["One", "Two"])
    finally:
        hanging.set()
    assert eventually(lambda: all(state == "sent" for state, _tries in post.states()))
    assert sorted(Posted.gone) == [
        ("front", "One"),
        ("front", "Two"),
        ("hangs", "Claimed with it"),
        ("hangs", "In hand"),
    ]


def test_who_waits_for_the_one_writers_place_holds_no_connection(post):
    """Else so many that wait would hold all connections, and who has the place would wait for one of these."""
    lock, pool = post.runtime.engine.write_lock, post.runtime.engine.pool

    def read_and_write():
        with post.runtime.uow() as uow:
            outbox.due_accounts(uow)
            with uow.writing():
                pass

    waiting = [threading.Thread(target=read_and_write) for _number in range(20)]
    with lock:
        for thread in waiting:
            thread.start()
        assert eventually(lambda: lock.wanted == len(waiting))
        assert pool.checkedout() == 0
    for thread in waiting:
        thread.join(LONG)


def test_an_idle_account_costs_neither_a_lane_nor_a_query(post):
    looks = []

    @event.listens_for(post.runtime.engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_more):
        looks.append(statement)

    def asked():
        looks.clear()
        with post.runtime.uow() as uow:
            assert outbox.due_accounts(uow) == []
        return len(looks)

    few = asked()
    for number in range(10):
        post.account(f"idle {number}")
    assert asked() == few
    post.worker.outbox([None])
    assert post.worker.outbox.lanes == {}


def test_a_claim_is_a_search_in_an_index(post):
    """However many deliveries there are: those of the account that are due come in their order."""
    plans = []

    @event.listens_for(post.runtime.engine, "before_cursor_execute")
    def explain(connection, _cursor, statement, parameters, *_more):
        if "FROM delivery" in statement and statement.startswith("SELECT"):
            raw = connection.connection.dbapi_connection
            plans.append(" | ".join(row[3] for row in raw.execute("EXPLAIN QUERY PLAN " + statement, parameters)))

    post.answer("front", "One")
    plans.clear()
    with post.runtime.uow() as uow:
        assert outbox.due_accounts(uow) == [1]
        assert len(outbox._claim(uow, 10, 1)) == 1
    assert len(plans) == 3 and all("ix_delivery_todo (account_id=? AND due_at<?)" in plan for plan in plans), plans
    assert not any("TEMP B-TREE" in plan for plan in plans), plans

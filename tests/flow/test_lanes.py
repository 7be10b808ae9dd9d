"""Small messages of interactive channels pass bulk mail; what belongs to one conversation stays in its order."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from helpdesk.core.accounts import accounts
from helpdesk.core.intake import claims, intake, raw_worker, turns
from helpdesk.core.intake.models import SMALL, RawMessage
from helpdesk.core.intake.parser_pool import NICE, ParserPool
from helpdesk.core.journal.unit_of_work import WRITING
from helpdesk.testing import Letters, letter

from .test_quarantine import CHILD

LARGE = "x" * SMALL


class Chats(Letters):
    """Letters whose writers wait for the answer."""

    name = "chats"
    interactive = True


@pytest.fixture
def chats(flow):
    """The id of an account people chat with, beside the letters' own."""
    flow.runtime.channels["chats"] = Chats
    return accounts.create(flow.uow, "chats", "chats", {}, flow.queue).id


def said(flow, chats, text, conversation=""):
    intake.accept(flow.uow, chats, replace(letter(text, sender=conversation or "mina"), conversation=conversation))


def texts(flow):
    flow.session.expire_all()
    return [message.text if len(message.text) < 100 else "large" for message in flow.messages()]


def bulk(flow):
    return raw_worker.drain(flow.uow, lane=claims.BULK)


def test_a_chat_passes_whatever_letters_wait(flow, chats):
    intake.accept_many(flow.uow, flow.account, [letter(f"Letter {number}") for number in range(60)])
    said(flow, chats, "Anybody there?")
    assert raw_worker.work_fast(flow.uow) == 1
    assert texts(flow) == ["Anybody there?"]
    assert raw_worker.work_fast(flow.uow) == 0, "letters are none of its business"


def test_letters_never_wait_for_a_chat_and_take_none(flow, chats):
    said(flow, chats, "Anybody there?")
    intake.accept(flow.uow, flow.account, letter("A letter"))
    assert bulk(flow) == 1
    assert texts(flow) == ["A letter"]


def test_an_archive_is_bulk_whatever_channel_it_is_of(flow, chats):
    intake.accept_many(flow.uow, chats, [letter("Last year")], imported=True)
    assert raw_worker.work_fast(flow.uow) == 0 and bulk(flow) == 1


def test_a_small_message_waits_for_a_large_one_of_its_conversation_alone(flow, chats):
    said(flow, chats, LARGE, "mina")
    said(flow, chats, "Did you get it?", "mina")
    said(flow, chats, "Hello", "omid")
    assert raw_worker.work_fast(flow.uow) == 1
    assert texts(flow) == ["Hello"]
    assert bulk(flow) == 1 and raw_worker.work_fast(flow.uow) == 1
    assert texts(flow) == ["Hello", "large", "Did you get it?"]


def test_a_large_message_waits_for_a_small_one_of_its_conversation_alone(flow, chats):
    said(flow, chats, "Look at this", "mina")
    said(flow, chats, LARGE, "mina")
    said(flow, chats, LARGE, "omid")
    assert bulk(flow) == 1
    assert raw_worker.work_fast(flow.uow) == 1 and bulk(flow) == 1
    assert texts(flow) == ["large", "Look at this", "large"]


def test_without_a_conversation_the_account_is_one(flow, chats):
    said(flow, chats, LARGE)
    said(flow, chats, "Did you get it?")
    assert raw_worker.work_fast(flow.uow) == 0
    assert bulk(flow) == 1 and raw_worker.work_fast(flow.uow) == 1


@pytest.mark.clock
def test_another_process_may_work_on_another_conversation_of_the_account(flow, chats):
    """What it holds keeps its conversation in order and nobody else's waiting."""
    for text, who in (("One", "mina"), ("Two", "mina"), ("Hello", "omid")):
        said(flow, chats, text, who)
    first = claims.claim(flow.uow, 1, lane=claims.FAST)
    elsewhere = {"worker": "elsewhere:1:1", "lease_until": flow.uow.clock() + timedelta(seconds=30)}
    flow.session.query(RawMessage).filter_by(id=first[0].id).update(elsewhere)
    flow.session.commit()
    assert raw_worker.work_fast(flow.uow) == 1
    assert texts(flow) == ["Hello"]


def test_each_lane_takes_back_its_own_claims(flow, chats):
    said(flow, chats, "Anybody there?")
    intake.accept(flow.uow, flow.account, letter("A letter"))
    for lane in (claims.FAST, claims.BULK):
        assert len(claims.claim(flow.uow, 9, lane=lane)) == 1
    claims.release_own_leases(flow.uow, claims.BULK)
    assert raw_worker.work_fast(flow.uow) == 0 and bulk(flow) == 1
    claims.release_own_leases(flow.uow, claims.FAST)
    assert raw_worker.work_fast(flow.uow) == 1


def test_who_is_woken(flow, chats):
    woken = []
    flow.runtime.wake = woken.append
    said(flow, chats, "Anybody there?")
    said(flow, chats, LARGE)
    intake.accept(flow.uow, flow.account, letter("A letter"))
    assert [what for what in woken if what != "journal"] == ["interactive", "raw_messages", "raw_messages"]


@pytest.mark.parametrize("runtime", ["sqlite"], indirect=True)
def test_a_child_is_reserved_that_bulk_never_uses(flow):
    """All others are taken, and stand back behind it; without an interactive account there is none."""

    class Quick(Letters):
        interactive = True

    flow.runtime.channels["letters"] = Quick
    pool = flow.runtime.parser = ParserPool({}, command=CHILD, size=2)
    try:
        assert accounts.any_interactive(flow.uow)
        pool.reserve(True)
        (reserved,) = [child.process.pid for child in pool._reserved]
        pool.warm()
        usual = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, reserved) == usual
        assert [os.getpriority(os.PRIO_PROCESS, child.process.pid) for child in pool._free] == [usual + NICE]
        assert all(pool._places.acquire(timeout=1) for _place in range(2))
        intake.accept(flow.uow, flow.account, letter("Anybody there?"))
        assert raw_worker.work_fast(flow.uow) == 1 and texts(flow) == ["Anybody there?"]
        pool.shrink(idle=-1)
        assert [child.process.pid for child in pool._reserved] == [reserved], "it stays warm"
        accounts.update(flow.uow, flow.account, enabled=False)
        pool.reserve(accounts.any_interactive(flow.uow))
        assert pool._reserved == []
    finally:
        pool.close()


@pytest.mark.parametrize("runtime", ["sqlite"], indirect=True)
def test_a_chat_is_found_in_an_index_of_its_own(flow, chats):
    plans = []

    @event.listens_for(flow.runtime.engine, "before_cursor_execute")
    def explain(connection, _cursor, statement, parameters, *_more):
        if "raw_message.size <=" in statement and statement.startswith("SELECT"):
            raw = connection.connection.dbapi_connection
            plans.append(" | ".join(row[3] for row in raw.execute("EXPLAIN QUERY PLAN " + statement, parameters)))

    said(flow, chats, "Anybody there?")
    assert len(claims.claim(flow.uow, 9, lane=claims.FAST)) == 1
    assert len(plans) == 2
    assert all(
        "ix_raw_message_interactive" in part for plan in plans for part in plan.split(" | ") if "raw_message" in part
    ), plans


def test_who_decides_for_many_lets_others_run(flow, monkeypatch):
    """Once in each stretch of ``HOLD`` seconds, here after every one."""
    given = []
    monkeypatch.setattr(turns, "HOLD", 0.0)
    monkeypatch.setattr(turns, "give_turn", lambda _rest, since: given.append(since))
    flow.arrive(*[letter(f"Letter {number}") for number in range(5)])
    assert len(given) == 5


@pytest.fixture
def rests(flow, monkeypatch):
    """Whether a write was open, at each moment at which others were let go first; a step is one message long."""
    monkeypatch.setattr(turns, "HOLD", 0.0)
    found = []
    flow.runtime.pause_bulk = lambda: found.append(WRITING.get())
    return found


def test_bulk_work_lets_others_go_first_between_two_steps(flow, rests):
    """While it stores, before it claims, while plugins decide and between two writes; never with the lock in hand."""
    intake.accept_many(flow.uow, flow.account, [letter(f"Letter {number}") for number in range(5)], imported=True)
    assert len(rests) == 5
    assert bulk(flow) == 5
    assert len(rests) >= 5 + 1 + 5 + 4 and not any(rests)


def test_a_chat_stands_back_behind_nobody(flow, chats, rests):
    for number in range(5):
        said(flow, chats, f"Hello {number}", f"person{number}")
    assert raw_worker.work_fast(flow.uow) == 5 and rests == []

"""What cannot be read is kept, with a reason, and never holds up what comes after it (check D13, D14)."""

import json
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpdesk.core.channels.types import RawMessage as Received
from helpdesk.core.errors import Forbidden, NotFound, Unavailable
from helpdesk.core.intake import attempts, claims, intake, quarantine, raw_worker
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.intake.parser_pool import ParserPool
from helpdesk.core.journal.models import Event
from helpdesk.testing import Letters, letter
from helpdesk.testing.sizes import size

AT = datetime(2026, 10, 15, 9, tzinfo=UTC)
CHILD = [sys.executable, str(Path(__file__).with_name("poisoned.py"))]


@pytest.fixture
def poisoned(flow):
    """The same desk with real children that can be hurt."""
    flow.runtime.parser = ParserPool({}, command=CHILD, size=2)
    yield flow
    flow.runtime.parser.close()


def raw(name, content):
    return Received(name, content, AT)


def raw_message(flow, external_id):
    flow.session.expire_all()
    return flow.session.query(RawMessage).filter_by(external_id=external_id).one()


def test_what_is_no_letter_goes_to_quarantine_with_its_bytes_and_a_reason(flow):
    flow.arrive(raw("bad", b"\xff\xfe nonsense"), letter("A good one"))
    bad = raw_message(flow, "bad")
    assert (bad.state, bad.reason) == ("quarantined", "This is not a letter.")
    assert quarantine.raw(flow.uow, bad.id) == b"\xff\xfe nonsense"
    assert [m.text for m in flow.messages()] == ["A good one"]
    assert "raw_message.quarantined" in [e.kind for e in flow.session.query(Event)]


@pytest.mark.parametrize("runtime", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"hang", "longer"),
        (b"eat", "memory"),
        (b"die", "ended"),
        (b"fail", "ZeroDivisionError"),
        (b"lie", "understood"),
    ],
)
def test_poison_is_tried_three_times_and_the_others_pass(poisoned, content, reason):
    flow = poisoned
    if content == b"hang":
        flow.runtime.parser.deadline = flow.runtime.parser.slowly = 1.5
    others = [letter(f"Letter {number}") for number in range(size(8, 499))]
    intake.accept_many(flow.uow, flow.account, [raw("poison", content), *others])
    began = time.monotonic()
    for _sweep in range(4):
        raw_worker.drain(flow.uow)
        raw_worker.work_slowly(flow.uow)
    assert time.monotonic() - began < 60
    assert [m.text for m in flow.messages()] == [f"Letter {number}" for number in range(len(others))]
    bad = raw_message(flow, "poison")
    assert (bad.state, bad.attempts) == ("quarantined", 3)
    assert reason in bad.reason


@pytest.mark.parametrize("runtime", ["sqlite"], indirect=True)
def test_what_took_too_long_once_is_read_beside_the_others_with_more_time(poisoned):
    """It holds up nobody a second time, is in no quarantine while it may still be read, and is not lost."""
    flow, pool = poisoned, poisoned.runtime.parser
    pool.deadline, pool.slowly = 1.0, 30.0
    intake.accept_many(flow.uow, flow.account, [raw("slow", b"slow"), letter("After it")])
    raw_worker.drain(flow.uow)
    assert [m.text for m in flow.messages()] == ["After it"]
    slow = raw_message(flow, "slow")
    assert (slow.state, slow.attempts, slow.worker) == ("new", 1, attempts.SLOW_LANE) and "longer" in slow.reason
    for _place in range(2):
        assert pool._places.acquire(timeout=1), "a place of its own"
    flow.session.rollback()
    reading = [claims.claim(flow.uow, 50)] + [pool._places.release() for _place in range(2)]
    assert reading[0] == [], "others leave it alone"
    assert raw_worker.work_slowly(flow.uow) == 1 and raw_worker.work_slowly(flow.uow) == 0
    assert (
        raw_message(flow, "slow").state == "nothing"
        and not flow.session.query(RawMessage).filter_by(state="quarantined").count()
    )


@pytest.mark.clock
def test_retry_gives_it_another_chance(flow):
    flow.arrive(raw("bad", b"nonsense"))
    bad = raw_message(flow, "bad")
    good = json.loads(letter("Mended").raw)
    flow.session.query(RawMessage).filter_by(id=bad.id).update({"raw": json.dumps(good).encode()})
    flow.session.commit()
    quarantine.retry(flow.uow, bad.id)
    raw_worker.drain(flow.uow)
    assert raw_message(flow, "bad").state == "done"
    assert [m.text for m in flow.messages()] == ["Mended"]


def test_discarded_is_out_of_sight_and_still_there(flow):
    flow.arrive(raw("bad", b"nonsense"))
    bad = raw_message(flow, "bad")
    quarantine.discard(flow.uow, bad.id)
    assert quarantine.items(flow.uow) == []
    assert raw_message(flow, "bad").raw == b"nonsense"
    with pytest.raises(NotFound):
        quarantine.retry(flow.uow, bad.id)


def test_only_an_admin_may_look(flow):
    flow.arrive(raw("bad", b"nonsense"))
    bad = raw_message(flow, "bad")
    for act in (
        quarantine.items,
        lambda d: quarantine.raw(d, bad.id),
        lambda d: quarantine.retry(d, bad.id),
        lambda d: quarantine.discard(d, bad.id),
    ):
        with pytest.raises(Forbidden):
            act(flow.as_agent)


def test_a_raw_message_that_took_its_worker_along_three_times_is_buried(flow):
    intake.accept(flow.uow, flow.account, letter("Killer"))
    flow.session.query(RawMessage).update({"attempts": 3, "worker": "elsewhere:1:1"})
    flow.session.commit()
    assert attempts.quarantine_crashing(flow.uow) == 1
    assert flow.session.query(RawMessage).one().state == "quarantined"


def test_a_large_raw_message_is_a_blob(flow):
    big = "ب" * 100_000
    flow.arrive(letter(big))
    row = flow.session.query(RawMessage).one()
    assert row.raw is None
    assert len(row.blob) == 64
    assert flow.messages()[0].text == big


def test_a_raw_message_whose_bytes_are_gone_holds_up_nobody(flow):
    """Its file was lost, as after a restore without the blobs; it used to stop all that came after it, for ever."""
    intake.accept(flow.uow, flow.account, letter("b" * 100_000, external_id="lost"))
    lost = flow.session.query(RawMessage).one()
    flow.runtime.blobs.path(lost.blob).unlink()
    for _try in range(4):
        flow.arrive(letter("Another one"))
    assert [m.text for m in flow.messages()] == ["Another one"] * 4
    flow.session.expire_all()
    assert (lost.state, lost.attempts) == ("quarantined", 3)
    assert "cannot be read from the disk" in lost.reason
    with pytest.raises(NotFound, match="FileNotFoundError"):
        quarantine.raw(flow.uow, lost.id)


class Killed(BaseException):
    """The worker is gone, with all that it had in hand."""


class Deadly(Letters):
    """A letter that says so kills whoever reads it."""

    def parse(self, raw_message):
        if b"murder" in raw_message.raw:
            raise Killed
        return super().parse(raw_message)


def test_who_was_in_hand_together_with_a_killer_is_not_blamed(flow):
    """What was claimed with it three times used to go to quarantine with it: up to a hundred good mails."""
    flow.runtime.channels["letters"] = Deadly
    texts = ["one", "two", "murder", "three", "four"]
    intake.accept_many(flow.uow, flow.account, [letter(text) for text in texts])
    for _life in range(4):
        with suppress(Killed):
            raw_worker.drain(flow.uow)
        attempts.quarantine_crashing(flow.uow)
    flow.session.expire_all()
    assert [row.state for row in flow.session.query(RawMessage).order_by(RawMessage.id)] == [
        "done",
        "done",
        "quarantined",
        "done",
        "done",
    ]
    assert [m.text for m in flow.messages()] == ["one", "two", "three", "four"]


@pytest.mark.parametrize("runtime", ["sqlite"], indirect=True)
def test_a_reader_that_was_killed_while_it_waited_is_nobodys_fault(poisoned):
    """The system short of memory kills it; the next mail used to be blamed."""
    pool = poisoned.runtime.parser
    poisoned.write("one")
    for child in pool._free:
        child.process.kill()
        child.process.wait()
    poisoned.write("two")
    assert [row.attempts for row in poisoned.session.query(RawMessage)] == [1, 1]


def test_readers_that_cannot_be_started_are_nobodys_fault(flow):
    """Half an installation: all mail used to go to quarantine."""
    flow.runtime.parser = ParserPool({}, command=["false"])
    intake.accept(flow.uow, flow.account, letter("Hello"))
    for _try in range(4):
        with pytest.raises(Unavailable):
            raw_worker.drain(flow.uow)
    assert [(row.state, row.attempts) for row in flow.session.query(RawMessage)] == [("new", 0)]


def test_two_workers_share_nothing(flow):
    """What one claimed, another process leaves alone, and so the whole account, to keep its order."""
    for number in range(3):
        intake.accept(flow.uow, flow.account, letter(f"Letter {number}"))
    claimed = claims.claim(flow.uow, 1)
    flow.session.query(RawMessage).filter(RawMessage.id.in_([c.id for c in claimed])).update(
        {"worker": "elsewhere:1:1"}
    )
    flow.session.commit()
    assert raw_worker.work(flow.uow) == 0

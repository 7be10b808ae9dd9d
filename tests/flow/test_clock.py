"""The clock of the machine jumps a day ahead or an hour back: nothing is skipped, doubled or stormed (TRUST D09)."""

from datetime import timedelta

import pytest

from helpdesk.core.database import leases
from helpdesk.core.database.base import utcnow
from helpdesk.core.errors import TryAgain
from helpdesk.core.intake import attempts, intake, raw_worker
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.journal.models import Event
from helpdesk.core.outbox import outbox, replies
from helpdesk.core.runtime import Runtime
from helpdesk.runtime.worker import LEASED
from helpdesk.testing import Letters, letter

pytestmark = pytest.mark.clock


@pytest.fixture
def jump(flow, monkeypatch):
    """jump(hours=-1) sets the clock of the whole desk."""
    plain = Runtime.uow_on

    def set_clock(**time):
        def clock():
            return utcnow() + timedelta(**time)

        def uow_on(self, *given, **named):
            uow = plain(self, *given, **named)
            uow.clock = clock
            return uow

        monkeypatch.setattr(Runtime, "uow_on", uow_on)
        flow.uow.clock = flow.as_agent.clock = clock

    return set_clock


def words(flow) -> list[str]:
    return [message.text for message in flow.messages() if message.kind == "in"]


def posted() -> list[tuple[str, bool]]:
    return [(sent.to[0].value, sent.automatic) for sent in Letters.posted]


@pytest.mark.parametrize("time", [{"days": 1}, {"hours": -1}], ids=["a day ahead", "an hour back"])
def test_the_clock_jumps_in_the_middle_of_everything(flow, jump, time):
    """A raw message is in hand, one waits, an answer was refused for now, the journal is half read, and then the
    clock jumps.
    """
    flow.tell()
    flow.write("one", sender="mina")
    flow.tell()
    replies.reply(flow.as_agent, 1, "An answer")
    Letters.fails.append(TryAgain("busy"))
    flow.send()
    intake.accept(flow.uow, flow.account, letter("two", sender="babak"))
    batch = raw_worker.start(flow.uow)
    intake.accept(flow.uow, flow.account, letter("three", sender="sara"))

    jump(**time)
    raw_worker.finish(flow.uow, batch)
    attempts.quarantine_crashing(flow.uow)
    flow.arrive(letter("four", sender="omid"))
    assert words(flow) == ["one", "two", "three", "four"]
    for _round in range(3):
        flow.tell()
        flow.send()
    assert {name for name, automatic in posted() if automatic} >= {"babak", "sara", "omid"}, (
        "whoever came after the jump hears at once"
    )

    jump(hours=26)  # later still, whatever happened before
    for _round in range(3):
        flow.tell()
        flow.send()
    firsts = [(name, True) for name in ("mina", "babak", "sara", "omid")]
    assert sorted(posted()) == sorted([*firsts, ("mina", False)]), "none twice, none left out"
    assert [row.kind for row in flow.session.query(Event) if row.kind == "delivery.failed"] == []
    assert flow.write("five").ticket_id == 5


def sweep(flow):
    """What the worker does every few seconds."""
    leases.clamp_after_clock_change(flow.uow, *LEASED)
    outbox.clamp_after_clock_change(flow.uow)
    flow.send()


def test_a_wait_to_change_ones_mind_ends_although_the_clock_goes_back(flow, jump):
    """It used to end when the clock had come back to where it was: an hour late."""
    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Soon", undo=10)
    jump(hours=-1)
    sweep(flow)
    assert Letters.posted == [], "it is still ten seconds"
    jump(hours=-1, seconds=5)
    sweep(flow)
    assert Letters.posted == []
    jump(hours=-1, seconds=11)
    sweep(flow)
    assert len(Letters.posted) == 1


def test_the_next_try_is_not_an_hour_late_after_the_clock_went_back(flow, jump):
    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Once more")
    Letters.fails.append(TryAgain("busy"))
    flow.send()
    jump(hours=-1)
    sweep(flow)
    assert Letters.posted == []
    jump(hours=-1, seconds=90)
    sweep(flow)
    assert len(Letters.posted) == 1


def test_a_time_that_somebody_chose_stays_when_the_clock_goes_back(flow, jump):
    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Good morning", send_at=utcnow() + timedelta(minutes=5))
    jump(hours=-1)
    sweep(flow)
    jump(minutes=4)
    sweep(flow)
    assert Letters.posted == []
    jump(minutes=6)
    sweep(flow)
    assert len(Letters.posted) == 1


def test_what_a_worker_elsewhere_held_is_free_in_time_although_the_clock_went_back(flow, jump):
    """Nobody here can see that it died; its account would have stood still for an hour."""
    intake.accept(flow.uow, flow.account, letter("Hello"))
    raw_worker.start(flow.uow)
    flow.session.query(RawMessage).update({"worker": "elsewhere:1:1"})
    flow.session.commit()
    jump(hours=-1)
    sweep(flow)
    jump(hours=-1, seconds=50)
    assert raw_worker.drain(flow.uow) == 0
    jump(hours=-1, seconds=61)
    assert raw_worker.drain(flow.uow) == 1
    assert words(flow) == ["Hello"]

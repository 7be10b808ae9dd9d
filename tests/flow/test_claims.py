"""Who works on what: an account's mail is in one hand at a time, and what another has finished is left alone (law 2,
TRUST D15).
"""

import threading
import time
from datetime import timedelta

import pytest

from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.database import leases
from helpdesk.core.events.intake import AccountChanged
from helpdesk.core.intake import claims, intake, raw_worker
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.journal.models import Event
from helpdesk.core.outbox import outbox, replies
from helpdesk.core.people import identities
from helpdesk.core.people.models import Customer
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.testing import Letters, letter
from helpdesk.testing.sizes import size

WRITES = size(25, 250)  # of each of four writers
PLACES = {leases: "worker_name", claims: "worker_name", outbox: "worker_name"}


@pytest.fixture
def be(monkeypatch):
    """be("one") makes this thread the worker of that name."""
    mine = threading.local()
    for module, name in PLACES.items():
        monkeypatch.setattr(module, name, lambda: getattr(mine, "name", "host:0:first"))
    return lambda name: setattr(mine, "name", f"host:0:{name}")


def elsewhere(flow, be, name, act):
    """Another worker, in a thread with a session of its own; gives the thread and what it found."""
    found = []

    def run():
        be(name)
        with flow.runtime.uow() as uow:
            found.append(act(uow))

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def attempts(flow):
    flow.session.expire_all()
    return [(p.state, p.attempts) for p in flow.session.query(RawMessage).order_by(RawMessage.id)]


@pytest.mark.parametrize("runtime", ["postgresql"], indirect=True)
def test_two_that_claim_at_once_do_not_share_an_account(flow, be):
    """The second must not take what comes after the first's batch while that is not committed: answers would come
    before questions.
    """
    for number in range(4):
        intake.accept(flow.uow, flow.account, letter(f"Letter {number}"))
    with flow.uow.writing():
        mine = claims.claim(flow.uow, 2)
        thread, theirs = elsewhere(flow, be, "second", lambda uow: claims.claim(uow, 2))
        thread.join(0.5)
        assert thread.is_alive(), "it waits for the first to commit"
    thread.join()
    assert (len(mine), theirs) == (2, [[]])


@pytest.mark.clock
def test_what_another_finished_meanwhile_is_not_written_again(flow, be):
    """Our lease ran out: the machine slept, or its clock jumped."""
    intake.accept(flow.uow, flow.account, letter("Hello"))
    batch = raw_worker.start(flow.uow)
    flow.session.query(RawMessage).update({"lease_until": flow.uow.clock() - timedelta(seconds=1)})
    flow.session.commit()
    thread, _found = elsewhere(flow, be, "second", raw_worker.drain)
    thread.join()
    raw_worker.finish(flow.uow, batch)
    assert attempts(flow) == [("done", 2)]
    assert len(flow.messages()) == 1


@pytest.mark.clock
def test_a_living_worker_keeps_what_it_holds(flow, be):
    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Hello!")
    intake.accept(flow.uow, flow.account, letter("More"))
    raw_worker.start(flow.uow)
    outbox._claim(flow.uow, 10)
    now = flow.uow.clock()
    flow.uow.clock = lambda: now + leases.LEASE - timedelta(seconds=1)
    leases.renew(flow.uow, RawMessage, Delivery)
    flow.session.expire_all()
    for row in (flow.session.query(RawMessage).filter_by(state="new").one(), flow.session.query(Delivery).one()):
        assert row.lease_until > now + leases.LEASE


def test_who_lost_the_database_takes_its_claims_back_uncounted(flow):
    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Hello!")
    intake.accept(flow.uow, flow.account, letter("More"))
    for _time in range(5):
        raw_worker.start(flow.uow)
        outbox._claim(flow.uow, 10)
        claims.release_own_leases(flow.uow)
        outbox.release_own_leases(flow.uow)
    assert attempts(flow)[-1] == ("new", 0)
    assert raw_worker.drain(flow.uow) == 1
    flow.send()
    assert len(Letters.posted) == 1


def test_two_who_meet_a_customer_at_once_make_one(flow, be):
    """On PostgreSQL the second waits for the first and takes theirs; no customer without an address is left over."""
    with flow.uow.writing():
        first = identities.identity_of(flow.uow, Address("postal", "new"))

        def meet(uow):
            with uow.writing():
                return identities.identity_of(uow, Address("postal", "new"))

        thread, found = elsewhere(flow, be, "second", meet)
        thread.join(0.3)
    thread.join()
    assert found == [first]
    assert flow.session.query(Customer).count() == 1


def test_the_journals_numbers_are_in_the_order_of_commits(flow, be):
    """A reader that goes on from the last number it saw never passes over one that was committed later (law 4)."""
    done, before = threading.Event(), flow.session.query(Event).count()
    flow.session.rollback()

    def tell(uow):
        for number in range(WRITES):
            with uow.writing():
                uow.record(AccountChanged(account=number, enabled=True))

    writers = [elsewhere(flow, be, f"writer {n}", tell)[0] for n in range(4)]

    def watch(uow):
        seen, last = 0, 0
        while True:
            ending = done.is_set()
            uow.session.rollback()
            rows = list(uow.session.query(Event.seq).filter(Event.seq > last).order_by(Event.seq))
            seen, last = seen + len(rows), rows[-1].seq if rows else last
            if ending and not rows:
                return seen
            time.sleep(0.001)  # without a sleep the writers never run

    readers = [elsewhere(flow, be, f"reader {n}", watch) for n in range(2)]
    for writer in writers:
        writer.join()
    done.set()
    for reader, _found in readers:
        reader.join()
    assert [found for _reader, found in readers] == [[before + 4 * WRITES]] * 2


HOSTILE = "a\0b\ud800c\u2028\x1b[0m\u202e" + "x" * 400


def test_anything_a_channel_hands_over_can_be_stored(flow):
    """NUL, half a surrogate pair, much too long: PostgreSQL is stricter than SQLite (TRUST B07)."""
    people = [Address("postal", HOSTILE, HOSTILE)]
    flow.write(
        HOSTILE, sender=HOSTILE, name=HOSTILE, subject=HOSTILE, external_id=HOSTILE, references=[HOSTILE, "#" + HOSTILE], tokens=[HOSTILE],
        to=people, cc=people, reply_to=people, quoted=HOSTILE, html=HOSTILE, remarks=[HOSTILE], thread=HOSTILE, language="fa",
        files=[File(HOSTILE, HOSTILE, b"x", cid=HOSTILE)], details={HOSTILE: [HOSTILE, {"x": HOSTILE}]},
    )  # fmt: skip
    flow.write(
        "#99999999999999999999", subject="#999999999999 #۹۹۹۹۹۹۹۹۹۹۹۹", references=[f"r{n}" for n in range(70_000)]
    )
    assert [p.reason for p in flow.session.query(RawMessage)] == ["", ""]
    assert attempts(flow) == [("done", 1)] * 2
    assert flow.messages()[0].text.startswith("ab")


def test_reading_ahead_leaves_the_session_to_its_owner(flow, monkeypatch):
    """While children read one batch the desk goes on writing: what the readers need of the account they were given
    before.
    """
    begun = []

    class Later:
        def submit(self, act, *given):
            begun.append(lambda: act(*given))

    monkeypatch.setattr(raw_worker, "PARSE_THREADS", Later())
    intake.accept(flow.uow, flow.account, letter("Hello"))
    batch = raw_worker.start(flow.uow)
    flow.session.connection()
    flow.session.rollback()
    flow.session.close()  # from here on the account's row can be asked for nothing
    for read in begun:
        read()
    assert [event.text for item in batch.items for event in item.events] == ["Hello"]

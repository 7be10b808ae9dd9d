"""Who works on what: an account's mail is in one hand at a time, and what another has finished is left alone (law 2, TRUST D15)."""

import threading
import time
from datetime import timedelta

import pytest

from helpdesk.core import customers, intake, leases, outbox, processing, replies
from helpdesk.core.channels import Address, File
from helpdesk.core.events.intake import AccountChanged
from helpdesk.core.models import Customer, Delivery, Event, Parcel
from helpdesk.testing import Letters, letter
from helpdesk.testing.sizes import size

pytestmark = pytest.mark.clock

WRITES = size(25, 250)  # of each of four writers
PLACES = {leases: "worker_name", processing: "worker_name", outbox: "worker_name"}


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
        with flow.house.desk() as desk:
            found.append(act(desk))

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def attempts(flow):
    flow.session.expire_all()
    return [(p.state, p.attempts) for p in flow.session.query(Parcel).order_by(Parcel.id)]


@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
def test_two_that_claim_at_once_do_not_share_an_account(flow, be):
    """The second must not take what comes after the first's batch while that is not committed: answers would come before questions."""
    for number in range(4):
        intake.accept(flow.desk, flow.account, letter(f"Letter {number}"))
    with flow.desk.writing():
        mine = processing._claim(flow.desk, 2)
        thread, theirs = elsewhere(flow, be, "second", lambda desk: processing._claim(desk, 2))
        thread.join(0.5)
        assert thread.is_alive(), "it waits for the first to commit"
    thread.join()
    assert (len(mine), theirs) == (2, [[]])


def test_what_another_finished_meanwhile_is_not_written_again(flow, be):
    """Our lease ran out: the machine slept, or its clock jumped."""
    intake.accept(flow.desk, flow.account, letter("Hello"))
    batch = processing.start(flow.desk)
    flow.session.query(Parcel).update({"lease_until": flow.desk.clock() - timedelta(seconds=1)})
    flow.session.commit()
    thread, _found = elsewhere(flow, be, "second", processing.drain)
    thread.join()
    processing.finish(flow.desk, batch)
    assert attempts(flow) == [("done", 2)]
    assert len(flow.messages()) == 1


def test_a_living_worker_keeps_what_it_holds(flow, be):
    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Hello!")
    intake.accept(flow.desk, flow.account, letter("More"))
    processing.start(flow.desk)
    outbox._claim(flow.desk, 10)
    now = flow.desk.clock()
    flow.desk.clock = lambda: now + leases.LEASE - timedelta(seconds=1)
    leases.renew(flow.desk)
    flow.session.expire_all()
    for row in (flow.session.query(Parcel).filter_by(state="new").one(), flow.session.query(Delivery).one()):
        assert row.lease_until > now + leases.LEASE


def test_who_lost_the_database_takes_its_claims_back_uncounted(flow):
    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Hello!")
    intake.accept(flow.desk, flow.account, letter("More"))
    for _time in range(5):
        processing.start(flow.desk)
        outbox._claim(flow.desk, 10)
        processing.take_back(flow.desk)
        outbox.take_back(flow.desk)
    assert attempts(flow)[-1] == ("new", 0)
    assert processing.drain(flow.desk) == 1
    flow.send()
    assert len(Letters.posted) == 1


def test_two_who_meet_a_customer_at_once_make_one(flow, be):
    """On PostgreSQL the second waits for the first and takes theirs; no customer without an address is left over."""
    with flow.desk.writing():
        first = customers.identity_of(flow.desk, Address("postal", "new"))

        def meet(desk):
            with desk.writing():
                return customers.identity_of(desk, Address("postal", "new"))

        thread, found = elsewhere(flow, be, "second", meet)
        thread.join(0.3)
    thread.join()
    assert found == [first]
    assert flow.session.query(Customer).count() == 1


def test_the_journals_numbers_are_in_the_order_of_commits(flow, be):
    """A reader that goes on from the last number it saw never passes over one that was committed later (law 4)."""
    done, before = threading.Event(), flow.session.query(Event).count()
    flow.session.rollback()

    def tell(desk):
        for number in range(WRITES):
            with desk.writing():
                desk.record(AccountChanged(account=number, enabled=True))

    writers = [elsewhere(flow, be, f"writer {n}", tell)[0] for n in range(4)]

    def watch(desk):
        seen, last = 0, 0
        while True:
            ending = done.is_set()
            desk.session.rollback()
            rows = list(desk.session.query(Event.seq).filter(Event.seq > last).order_by(Event.seq))
            seen, last = seen + len(rows), rows[-1].seq if rows else last
            if ending and not rows:
                return seen
            time.sleep(0.001)  # one that never rests keeps the writers from running at all

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
    flow.write("#99999999999999999999", subject="#999999999999 #۹۹۹۹۹۹۹۹۹۹۹۹", references=[f"r{n}" for n in range(70_000)])
    assert [p.reason for p in flow.session.query(Parcel)] == ["", ""]
    assert attempts(flow) == [("done", 1)] * 2
    assert flow.messages()[0].text.startswith("ab")


def test_reading_ahead_leaves_the_session_to_its_owner(flow, monkeypatch):
    """While children read one batch the desk goes on writing: what the readers need of the account they were given before."""
    begun = []

    class Later:
        def submit(self, act, *given):
            begun.append(lambda: act(*given))

    monkeypatch.setattr(processing, "READERS", Later())
    intake.accept(flow.desk, flow.account, letter("Hello"))
    batch = processing.start(flow.desk)
    flow.session.connection()
    flow.session.rollback()
    flow.session.close()  # from here on the account's row can be asked for nothing
    for read in begun:
        read()
    assert [event.text for item in batch.items for event in item.events] == ["Hello"]

"""From mail to target to warning to breach, with queues' own minutes and with policies."""

from datetime import timedelta

import pytest

from helpdesk.core.outbox import replies
from helpdesk.core.sla.order import target_of
from helpdesk.core.tickets import tickets
from plugins.sla import store
from plugins.sla.recompute import RECOMPUTE
from plugins.sla.rules import ALWAYS

OFFICE = {
    "id": 1,
    "name": "Office",
    "zone": "Asia/Tehran",
    "week": [[[540, 1020]]] * 3 + [[[540, 780]], [], [[540, 1020]], [[540, 1020]]],
    "countries": ["IR"],
}


def policy(**given):
    return {"id": 1, "name": "Everybody", "calendar": ALWAYS, "goals": {}, "warn": 0} | given


def test_a_letter_gets_the_minutes_of_its_queue_round_the_clock(desk):
    desk.letter()
    assert target_of(desk.ticket().target_at) is None, "pending until the plugin has heard of it"
    assert {c.state for c in desk.clocks().values()} == {"pending"}
    desk.tell()
    clock = desk.clocks()["first_answer"]
    assert (clock.state, clock.goal, clock.target_at) == ("running", 86400, clock.started_at + timedelta(days=1))
    assert target_of(desk.ticket().target_at) == clock.target_at
    (event,) = desk.events("sla.target_set")
    assert event.data["target"] == clock.target_at.isoformat()
    desk.tell()
    assert len(desk.events("sla.target_set")) == 1, "told again, nothing is set again"


def test_a_warning_then_a_breach_once_each(desk):
    store.save(desk.uow, 0, [], [policy(goals={"first_answer": 60}, warn=15)])
    desk.letter()
    desk.tell()
    desk.wait(minutes=44)
    assert not desk.events("sla.warning", "sla.breached")
    desk.wait(minutes=2)
    desk.wait(minutes=1)
    assert [e.data["clock"] for e in desk.events("sla.warning")] == ["first_answer"]
    desk.wait(minutes=20)
    desk.wait(minutes=20)
    (breach,) = desk.events("sla.breached")
    assert desk.clocks()["first_answer"].breached_at == breach_at(breach)
    replies.reply(desk.as_agent, 1, "Here.")
    (met,) = desk.events("sla.met")
    assert met.data == {"clock": "first_answer", "late": True}


def breach_at(event):
    from datetime import datetime

    return datetime.fromisoformat(event.data["target"])


def test_an_answer_meets_it_and_the_customers_next_word_starts_the_next(desk):
    desk.letter(references=["thread"])
    desk.tell()
    desk.wait(hours=1)
    replies.reply(desk.as_agent, 1, "Soon.", status="open")
    assert desk.clocks()["first_answer"].state == "met"
    desk.letter("And now?", references=["thread"])
    desk.tell()
    clock = desk.clocks("running")["next_answer"]
    assert clock.target_at == desk.now + timedelta(days=1) == target_of(desk.ticket().target_at)
    desk.wait(hours=3)
    desk.letter("Well?", references=["thread"])
    desk.tell()
    assert desk.clocks("running")["next_answer"].target_at == clock.target_at, "asking again does not lengthen it"


def test_waiting_for_the_customer_pauses_the_solution(desk):
    store.save(desk.uow, 0, [], [policy(goals={"solution": 600})])
    desk.letter(references=["thread"])
    desk.tell()
    desk.wait(minutes=100)
    replies.reply(desk.as_agent, 1, "Which size?")
    desk.tell()
    clock = desk.clocks()["solution"]
    assert (clock.state, clock.target_at, clock.due_at) == ("paused", None, None)
    desk.wait(days=2)
    desk.letter("Large", references=["thread"])
    desk.tell()
    assert desk.clocks()["solution"].target_at == desk.now + timedelta(minutes=500)


def test_a_withdrawn_answer_brings_the_clocks_back(desk):
    desk.letter()
    desk.tell()
    before = desk.clocks()["first_answer"].target_at
    message = replies.reply(desk.as_agent, 1, "Oops", undo=10)
    assert desk.clocks()["first_answer"].state == "met"
    replies.undo(desk.as_agent, message.id)
    clock = desk.clocks()["first_answer"]
    assert (clock.state, clock.target_at, clock.ended_at) == ("running", before, None)
    assert target_of(desk.ticket().target_at) == before
    desk.wait(days=2)
    assert len(desk.events("sla.breached")) == 1


@pytest.mark.parametrize("status", ["solved", "closed"])
def test_who_is_done_is_owed_nothing(desk, status):
    desk.letter()
    desk.tell()
    tickets.change(desk.as_agent, 1, status=status)
    assert {n: c.state for n, c in desk.clocks().items()} == {"first_answer": "cancelled", "solution": "met"}
    desk.wait(days=30)
    assert not desk.events("sla.breached")


def test_the_first_policy_that_fits_decides(desk):
    rows = [
        policy(id=1, name="Urgent", goals={"first_answer": 30}, priorities=["urgent"]),
        policy(id=2, name="Orders", goals={"first_answer": 240}, queues=[desk.queue], tags=["vip"]),
        policy(id=3, name="Rest", goals={"first_answer": 480}),
    ]
    store.save(desk.uow, 0, [], rows)
    desk.letter()
    desk.tell()
    assert desk.clocks()["first_answer"].goal == 480 * 60
    tickets.change(desk.as_agent, 1, tags=["vip"])
    desk.tell()
    assert desk.clocks()["first_answer"].goal == 240 * 60
    tickets.change(desk.as_agent, 1, priority="urgent")
    desk.tell()
    assert desk.clocks()["first_answer"].goal == 30 * 60


def test_what_was_used_stays_used_when_the_calendar_changes(desk):
    store.save(desk.uow, 0, [OFFICE], [policy(calendar=1, goals={"first_answer": 600})])
    desk.letter()  # Saturday 9:30, so 7.5 hours are left today
    desk.tell()
    monday = desk.clocks()["first_answer"].target_at
    assert monday == desk.now + timedelta(hours=7.5 + 16 + 2.5)
    desk.wait(hours=2)
    store.save(desk.uow, 1, [], [policy(calendar=ALWAYS, goals={"first_answer": 600})])
    desk.wait(minutes=30)
    from helpdesk.core.jobs import queue as jobs

    jobs.add(desk.uow, RECOMPUTE)
    desk.run_jobs()
    clock = desk.clocks()["first_answer"]
    assert (clock.used, clock.target_at) == (7200, desk.now + timedelta(hours=7.5))


def test_with_the_plugin_off_no_clock_starts(desk):
    desk.runtime.clocks.clear()
    desk.letter()
    assert not desk.clocks() and target_of(desk.ticket().target_at) is None
    replies.reply(desk.as_agent, 1, "Here.")
    assert desk.ticket().status == "waiting"

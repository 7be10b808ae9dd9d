"""What happens to a ticket whose time was missed, and what the operator's figures say of it."""

from helpdesk.core.outbox import replies
from helpdesk.core.people import teams
from helpdesk.core.tickets import tickets
from plugins.sla import escalation, store
from plugins.sla.rules import ALWAYS

LATE = {"priority": "high", "tag": "late"}


def rules(**late):
    return [{"id": 1, "name": "All", "calendar": ALWAYS, "goals": {"first_answer": 60}, "escalation": late}]


def missed(desk, **late):
    store.save(desk.uow, 0, [], rules(**late))
    desk.letter()
    desk.tell()
    desk.wait(minutes=61)
    desk.tell()


def test_a_missed_target_raises_the_priority_moves_and_tags_in_one_change(desk):
    other = teams.add_queue(desk.uow, "Seniors", [1], target_minutes=60)
    missed(desk, **LATE, queue=other.id)
    ticket = desk.ticket()
    assert (ticket.priority, ticket.queue_id, ticket.tags) == ("high", other.id, ["late"])
    (change,) = desk.events("ticket.changed")
    assert change.data["after"]["priority"] == "high"
    desk.tell()
    assert len(desk.events("ticket.changed")) == 1


def test_a_priority_is_never_lowered(desk):
    store.save(desk.uow, 0, [], rules(**LATE))
    desk.letter()
    desk.tell()
    tickets.change(desk.as_agent, 1, priority="urgent")
    desk.tell()
    desk.wait(minutes=61)
    desk.tell()
    assert (desk.ticket().priority, desk.ticket().tags) == ("urgent", ["late"])


def test_without_an_escalation_the_ticket_stays_as_it_is(desk):
    missed(desk)
    assert desk.ticket().priority == "normal" and not desk.events("ticket.changed")


def test_one_that_cannot_be_done_is_told_to_the_admin_and_nothing_else_stops(desk):
    store.save(desk.uow, 0, [], rules(queue=999, tag="late"))
    desk.letter()
    desk.tell()
    desk.wait(minutes=61)
    escalation.escalate(desk.uow, 1, "first_answer")
    assert (desk.ticket().queue_id, desk.ticket().tags or []) == (desk.queue, [])
    ((_where, sentence),) = desk.runtime.hooks.plugins["sla"].faults
    assert sentence.startswith("What follows a missed time could not be done on #1")


def test_an_answer_that_came_too_late_escalates_too(desk):
    """The desk may hear of a missed target only with the answer."""
    store.save(desk.uow, 0, [], rules(tag="late"))
    desk.letter()
    desk.tell()
    desk.now = desk.clocks()["first_answer"].target_at.replace(year=desk.now.year + 1)
    replies.reply(desk.as_agent, 1, "Here.")
    desk.tell()
    assert desk.ticket().tags == ["late"]


def test_the_figures_count_clocks_past_their_target(desk):
    (metric,) = [m for (plugin, _name), m in desk.runtime.metrics.items() if plugin == "sla"]
    assert metric.read(desk.uow) == {("first_answer",): 0, ("next_answer",): 0, ("solution",): 0}
    missed(desk)
    assert metric.read(desk.uow)[("first_answer",)] == 1
    replies.reply(desk.as_agent, 1, "Here.")
    assert metric.read(desk.uow)[("first_answer",)] == 0

"""A macro answers and acts in one commit, and everything it did is undone by one step."""

import pytest

from helpdesk.api.errors import Conflict, Forbidden, Invalid, NotFound, Overtaken
from helpdesk.core.journal.models import Event
from helpdesk.core.tickets import tickets
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Draft, Ticket
from plugins.replies import macros, store

from .conftest import given

ALL = [
    {"action": "status", "value": "pending"},
    {"action": "priority", "value": "high"},
    {"action": "assign", "value": "me"},
    {"action": "add_tags", "value": ["late | دیر"]},
    {"action": "snooze", "value": 1440},
    {"action": "note", "value": "Order {{order.number}} is late."},
]


def saved(desk, **more):
    negar = desk.as_("negar")
    return store.get(negar, store.add(negar, given(**more)))


def state(desk, ticket_id=None):
    desk.uow.session.rollback()
    ticket = desk.uow.session.get(Ticket, ticket_id or desk.ticket_id, populate_existing=True)
    names = ("status", "priority", "assignee_id", "queue_id", "tags", "snoozed_until", "target_at", "active")
    return {name: getattr(ticket, name) for name in names}


def said(desk, kind):
    query = desk.uow.session.query(Message).filter_by(ticket_id=desk.ticket_id, kind=kind, withdrawn=False)
    return [message.text for message in query.order_by(Message.id)]


def kinds(desk):
    desk.uow.session.rollback()
    return [event.kind for event in desk.uow.session.query(Event).order_by(Event.seq)]


def test_it_answers_and_acts_in_one_commit_and_all_of_it_is_taken_back(desk):
    row, before, sara = saved(desk, actions=ALL), state(desk), desk.as_("sara")
    done = macros.apply(sara, row, desk.ticket_id)
    now = state(desk)
    assert (now["status"], now["priority"], now["assignee_id"]) == ("pending", "high", desk.people["sara"].id)
    assert now["tags"] == ["late | دیر"] and now["snoozed_until"] and not now["active"]
    assert said(desk, "out") == ["Dear Mina, sorry."] and said(desk, "note") == ["Order 48213 is late."]
    assert desk.uow.session.query(Delivery).one().state == "queued"
    assert store.get(desk.as_("sara"), row.id).uses == 1
    back, text = macros.undo(desk.as_("sara"), done.key)
    assert text == "Dear Mina, sorry." and back.message_id == done.message_id
    assert state(desk) == before and said(desk, "out") == said(desk, "note") == []
    assert desk.uow.session.query(Draft).one().text == "Dear Mina, sorry."
    assert store.get(desk.as_("sara"), row.id).uses == 0
    assert kinds(desk)[-1] == "replies.undone" and "replies.applied" in kinds(desk)


def test_nothing_is_done_when_one_step_is_refused(desk):
    actions = [{"action": "note", "value": "Read me"}, {"action": "assign", "value": 999}]
    row, before, events = saved(desk, actions=actions), state(desk), kinds(desk)
    with pytest.raises(Invalid):
        macros.apply(desk.as_("sara"), row, desk.ticket_id)
    assert state(desk) == before and said(desk, "note") == said(desk, "out") == [] and kinds(desk) == events
    assert store.get(desk.as_("sara"), row.id).uses == 0


def test_a_macro_without_text_only_acts(desk):
    row, before = saved(desk, en="", actions=[{"action": "status", "value": "solved"}]), state(desk)
    done = macros.apply(desk.as_("sara"), row, desk.ticket_id)
    assert state(desk)["status"] == "solved" and done.message_id is None and said(desk, "out") == []
    macros.undo(desk.as_("sara"), done.key)
    assert state(desk) == before


def test_what_a_colleague_changed_since_stays(desk):
    row = saved(
        desk, en="", actions=[{"action": "priority", "value": "high"}, {"action": "add_tags", "value": ["late"]}]
    )
    done = macros.apply(desk.as_("sara"), row, desk.ticket_id)
    tickets.change(desk.as_("negar"), desk.ticket_id, priority="urgent")
    macros.undo(desk.as_("sara"), done.key)
    assert (state(desk)["priority"], state(desk)["tags"]) == ("urgent", [])


def test_it_gives_a_ticket_away_and_brings_it_back(desk):
    actions = [{"action": "queue", "value": desk.back_queue}, {"action": "note", "value": "For you"}]
    row, before = saved(desk, actions=actions), state(desk)
    done = macros.apply(desk.as_("sara"), row, desk.ticket_id)
    assert state(desk)["queue_id"] == desk.back_queue
    macros.undo(desk.as_("sara"), done.key)
    assert state(desk) == before


def test_it_is_refused_on_tickets_that_are_not_ones_own_and_to_queues_that_take_none(desk):
    row = saved(desk, en="", actions=[{"action": "status", "value": "solved"}])
    with pytest.raises(NotFound):
        macros.apply(desk.as_("nima"), row, desk.ticket_id)
    closed = saved(desk, en="", actions=[{"action": "queue", "value": 1}])
    moved = desk.ticket_id
    tickets.change(desk.as_("ada"), moved, queue_id=desk.back_queue)
    with pytest.raises(NotFound):
        macros.apply(desk.as_("nima"), closed, moved)
    assert state(desk)["queue_id"] == desk.back_queue


@pytest.mark.clock
def test_what_the_customer_wrote_meanwhile_is_heeded(desk):
    row, sara = saved(desk, actions=[{"action": "status", "value": "solved"}]), desk.as_("sara")
    seen = desk.uow.session.query(Ticket).one().last_message_id
    with desk.uow.writing() as session:
        session.add(Message(ticket_id=desk.ticket_id, kind="in", at=sara.clock(), author="Mina", text="Wait!"))
    with pytest.raises(Overtaken) as overtaken:
        macros.apply(sara, row, desk.ticket_id, seen=seen)
    assert state(desk)["status"] == "open"
    macros.apply(desk.as_("sara"), row, desk.ticket_id, seen=overtaken.value.newest)
    assert state(desk)["status"] == "solved"


@pytest.mark.clock
def test_the_key_fits_its_owner_alone_and_not_for_long(desk):
    row = saved(desk, actions=[{"action": "priority", "value": "low"}])
    done = macros.apply(desk.as_("sara"), row, desk.ticket_id)
    with pytest.raises(Forbidden):
        macros.undo(desk.as_("negar"), done.key)
    with pytest.raises(NotFound):
        macros.undo(desk.as_("sara"), done.key[:-3] + "xxx")
    late = desk.as_("sara")
    late.clock = lambda: desk.uow.clock() + macros.timedelta(minutes=2)
    with pytest.raises(NotFound):
        macros.undo(late, done.key)


def test_an_answer_that_has_left_is_not_taken_back_nor_anything_else(desk):
    row = saved(desk, actions=[{"action": "priority", "value": "low"}])
    done = macros.apply(desk.as_("sara"), row, desk.ticket_id)
    with desk.uow.writing() as session:
        session.query(Delivery).one().state = "sent"
    with pytest.raises(Conflict, match="too late"):
        macros.undo(desk.as_("sara"), done.key)
    assert state(desk)["priority"] == "low"


def test_its_files_go_with_the_answer(desk):
    negar = desk.as_("negar")
    files = store.stored(negar, [store.File("guide.pdf", "application/pdf", b"%PDF")])
    row = store.get(negar, store.add(negar, given(actions=[{"action": "priority", "value": "low"}]), files))
    done = macros.apply(desk.as_("sara"), row, desk.ticket_id)
    message = desk.uow.session.get(Message, done.message_id)
    assert [(file.name, desk.uow.blobs.get(file.sha256)) for file in message.files] == [("guide.pdf", b"%PDF")]

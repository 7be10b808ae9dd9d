"""The line: in order, one offer after the other, nothing lost, and one of two is first."""

import threading
from datetime import timedelta

import pytest

from helpdesk.core.errors import Conflict, Forbidden, Invalid, NotFound
from helpdesk.core.people import teams
from helpdesk.core.tickets import tickets
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.waiting import availability, entries, line, states
from helpdesk.core.waiting.models import WaitingEntry


def accept(desk, user, entry):
    return line.accept(desk.small.as_(user), entry.id)


def offered_to(desk, entry):
    return entries.get(desk.uow, entry.id).offered_to


def test_joining_again_returns_the_same_entry_until_it_is_over(desk):
    ticket = desk.small.plain_ticket(desk.account)
    first = desk.joins(ticket=ticket, data={"visitor": "v1"})
    assert (first.state, first.label, first.queue_id, first.data) == (
        "waiting",
        "Mina",
        desk.queue.id,
        {"visitor": "v1"},
    )
    assert desk.joins(ticket=ticket) == first
    assert desk.joins("ring", ticket).id != first.id
    line.leave(desk.uow, first.id)
    assert desk.joins(ticket=ticket).id > first.id
    assert len(desk.told("joined")) == 3
    assert [one.state for one in entries.of_ticket(desk.uow, ticket.id)] == ["waiting", "waiting", "abandoned"]


def test_the_longest_waiting_rings_at_the_longest_idle_at_once(desk):
    sara, nima = desk.agent("Sara"), desk.agent("Nima")
    first, second, third = desk.joins(), desk.joins(), desk.joins()
    assert [offered_to(desk, one) for one in (first, second, third)] == [sara.id, nima.id, None]
    taken = accept(desk, sara, first)
    assert (taken.state, taken.taken_by, taken.offered_to) == ("taken", sara.id, None)
    assert desk.small.session.get(Ticket, first.ticket_id, populate_existing=True).assignee_id == sara.id
    assert offered_to(desk, third) == sara.id, "she has room for two"
    assert desk.told("taken")[0]["user"] == sara.id
    accept(desk, nima, second)
    accept(desk, sara, third)
    assert offered_to(desk, desk.joins()) == nima.id, "Sara is full"


def test_what_nobody_answers_goes_on_to_the_next_and_comes_back(desk):
    sara, nima = desk.agent("Sara"), desk.agent("Nima")
    entry = desk.joins()
    assert offered_to(desk, entry) == sara.id
    desk.later(21, sara, nima)
    assert offered_to(desk, entry) == nima.id
    line.decline(desk.small.as_(nima), entry.id)
    assert offered_to(desk, entry) is None, "both let it pass a moment ago"
    desk.later(31, sara, nima)
    assert offered_to(desk, entry) == sara.id
    assert [(one["user"], one["why"]) for one in desk.told("passed")] == [(sara.id, "missed"), (nima.id, "declined")]
    line.decline(desk.small.as_(nima), entry.id)
    assert offered_to(desk, entry) == sara.id, "it is not his any more"


def test_who_misses_several_in_a_row_is_set_to_away(desk):
    desk.settings(missed=2)
    sara = desk.agent()
    entry = desk.joins()
    desk.later(21, sara)
    assert offered_to(desk, entry) is None
    desk.later(31, sara)
    assert offered_to(desk, entry) == sara.id
    desk.later(21, sara)
    found = availability.of(desk.uow, sara.id)
    assert (found.state, found.reason, offered_to(desk, entry)) == ("away", "missed", None)
    desk.later(31, sara)
    states.choose(desk.small.as_(sara), "available")
    assert offered_to(desk, entry) == sara.id


def test_nobody_rings_at_the_busy_the_away_and_the_absent(desk):
    people = [desk.agent(name) for name in ("Busy", "Away", "Off", "Gone")]
    for user, state in zip(people, ("busy", "away", "offline"), strict=False):
        states.choose(desk.small.as_(user), state, "lunch")
    desk.later(61, *people[:3])
    desk.small.user("Elsewhere", queues=[desk.small.queue()])
    entry = desk.joins()
    assert entry.state == "waiting"
    assert {one.name: one.state for one in availability.everybody(desk.uow, desk.queue.id)} == {
        "Busy": "busy",
        "Away": "away",
        "Off": "offline",
        "Gone": "offline",
    }
    states.seen(desk.uow, [people[3].id])
    assert offered_to(desk, entry) == people[3].id, "who comes is offered what waits"


def test_an_offer_goes_on_when_its_person_goes(desk):
    sara, nima = desk.agent("Sara"), desk.agent("Nima")
    entry = desk.joins()
    states.choose(desk.small.as_(sara), "away", "lunch")
    assert offered_to(desk, entry) == nima.id
    desk.settings(ring_seconds=300)
    desk.later(61)
    assert entries.get(desk.uow, entry.id).state == "waiting", "his console was closed"


def test_a_call_wants_the_whole_attention(desk):
    sara = desk.agent()
    call = desk.joins("ring")
    accept(desk, sara, call)
    talk = desk.joins()
    assert offered_to(desk, talk) is None
    line.end(desk.small.as_(sara), call.id, "reached")
    assert offered_to(desk, talk) == sara.id
    assert desk.told("ended")[0]["outcome"] == "reached"


def test_nobody_is_offered_it_before_its_moment(desk):
    sara = desk.agent()
    entry = desk.joins(not_before=desk.small.now + timedelta(minutes=10))
    assert entry.state == "waiting"
    desk.later(590, sara)
    assert offered_to(desk, entry) is None
    desk.later(11, sara)
    assert offered_to(desk, entry) == sara.id
    accept(desk, sara, entry)
    assert desk.told("taken")[0]["waited"] < 5


def test_a_kind_that_does_not_ring_waits_until_somebody_takes_it(desk):
    sara = desk.agent()
    entry = desk.joins("still")
    assert entry.state == "waiting"
    assert accept(desk, sara, entry).taken_by == sara.id
    assert accept(desk, sara, entry).taken_by == sara.id, "again changes nothing"


def test_without_asking_everybody_with_room_is_assigned_what_waits(desk):
    desk.settings(auto_assign=True)
    waiting = [desk.joins() for _one in range(3)]
    sara = desk.agent()
    assert [entries.get(desk.uow, one.id).taken_by for one in waiting] == [sara.id, sara.id, None]


def test_of_two_who_accept_one_is_first(desk):
    sara, nima = desk.agent("Sara"), desk.agent("Nima")
    entry, results = desk.joins(), []
    now = desk.small.now

    def try_(actor):
        with desk.small.runtime.uow() as uow:
            uow.clock = lambda: now
            try:
                results.append(line.accept(uow.acting(actor), entry.id).taken_by)
            except Conflict as late:
                results.append(str(late))

    threads = [threading.Thread(target=try_, args=(desk.small.as_(user).actor,)) for user in (sara, nima)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = next(result for result in results if isinstance(result, int))
    name = {sara.id: "Sara", nima.id: "Nima"}[first]
    assert sorted(map(str, results)) == sorted([str(first), f"{name} was first."])
    line.end(desk.uow, entry.id)
    with pytest.raises(Conflict, match="have left"):
        accept(desk, sara, entry)


def test_handing_over_to_a_colleague_rings_there_and_to_a_queue_waits_in_its_place(desk):
    sara, nima = desk.agent("Sara"), desk.agent("Nima")
    other = desk.small.queue("Repairs")
    zoha = desk.agent("Zoha", queues=[other])
    entry = accept(desk, sara, desk.joins())
    as_sara = desk.small.as_(sara)
    with pytest.raises(Invalid):
        line.give(as_sara, entry.id)
    with pytest.raises(Invalid):
        line.give(as_sara, entry.id, user_id=zoha.id)
    with pytest.raises(Conflict, match="Sara serves them"):
        line.give(desk.small.as_(nima), entry.id, user_id=nima.id)
    given = line.give(as_sara, entry.id, user_id=nima.id, note="Knows the glaze")
    assert (given.offered_to, given.joined_at) == (nima.id, entry.joined_at)
    assert desk.small.session.query(Message).filter_by(kind="note").one().text == "Knows the glaze"
    line.decline(desk.small.as_(nima), entry.id)
    assert offered_to(desk, entry) == sara.id, "it comes back to who gave it"
    line.give(as_sara, entry.id, user_id=nima.id)
    accept(desk, nima, entry)
    teams.change_queue(desk.uow, other.id, handover=True)
    given = line.give(desk.small.as_(nima), entry.id, queue_id=other.id)
    assert (given.queue_id, given.offered_to) == (other.id, zoha.id)
    states.choose(desk.small.as_(sara), "away")
    with pytest.raises(Conflict, match="Sara is not available"):
        line.give(desk.uow, desk.joins().id, user_id=sara.id)


def test_rights_are_those_of_the_ticket(desk):
    stranger = desk.small.user("Stranger", queues=[desk.small.queue()])
    entry = desk.joins()
    as_stranger = desk.small.as_(stranger)
    for act in (line.accept, line.decline, line.leave, line.end, entries.get):
        with pytest.raises(NotFound):
            act(as_stranger, entry.id)
    with pytest.raises(NotFound):
        line.give(as_stranger, entry.id, queue_id=desk.queue.id)
    with pytest.raises(NotFound):
        line.join(as_stranger, "talk", entry.ticket_id)
    with pytest.raises(Forbidden):
        line.accept(desk.uow, entry.id)
    with pytest.raises(NotFound):
        desk.joins("unheard of")
    assert entries.line(as_stranger) == [] and [one.id for one in entries.line(desk.uow)] == [entry.id]


def test_the_line_is_in_order_and_by_kind_and_queue(desk):
    other = desk.small.account(desk.small.queue())
    found = [desk.joins(), desk.joins("ring"), desk.joins(ticket=desk.small.plain_ticket(other))]
    assert [one.id for one in entries.line(desk.uow)] == [one.id for one in found]
    assert [one.id for one in entries.line(desk.uow, kind="talk", queue_id=other.queue_id)] == [found[2].id]
    supervisor = desk.small.user("Boss", role="supervisor", queues=[desk.queue])
    assert len(entries.line(desk.small.as_(supervisor))) == 2


def test_what_was_merged_or_assigned_by_hand_is_followed(desk):
    sara, nima = desk.agent("Sara"), desk.agent("Nima")
    entry, target = accept(desk, sara, desk.joins()), desk.small.plain_ticket(desk.account)
    assert line.follow(desk.uow, entry.id, user_id=nima.id).taken_by == nima.id
    assert line.follow(desk.uow, entry.id, target.id).ticket_id == target.id
    second = desk.joins()
    assert line.follow(desk.uow, second.id, target.id).outcome == "merged"


def test_leaving_a_ticket_deletes_no_history(desk):
    sara = desk.agent()
    entry = accept(desk, sara, desk.joins())
    over = line.leave(desk.uow, entry.id)
    assert (over.state, over.outcome) == ("ended", "left")
    assert line.leave(desk.uow, entry.id) == over
    tickets.change(desk.uow, entry.ticket_id, status="solved")
    assert desk.small.session.query(WaitingEntry).count() == 1

"""Availability: what people choose, their limits, and that their consoles are open."""

from datetime import timedelta

import pytest

from helpdesk.core.errors import Forbidden, Invalid, NotFound
from helpdesk.core.waiting import availability, entries, offers, states
from helpdesk.core.waiting.models import UserAvailability, WaitingEntry


def told(desk):
    return [(event.data["before"], event.data["after"]) for event in desk.small.events("user.availability")]


def test_who_never_chose_is_available_as_long_as_a_console_is_open(desk):
    sara = desk.small.user("Sara", queues=[desk.queue])
    assert availability.of(desk.uow, sara.id).state == "offline"
    states.seen(desk.uow, [sara.id])
    found = availability.of(desk.uow, sara.id)
    assert (found.state, found.online, found.capacity, found.load["talk"]) == (
        "available",
        True,
        {"talk": 2, "ring": 1, "still": 1},
        0,
    )
    desk.later(59)
    assert availability.of(desk.uow, sara.id).online
    desk.later(2)
    assert availability.of(desk.uow, sara.id).state == "offline"
    assert told(desk) == [("offline", "available"), ("available", "offline")]
    with pytest.raises(NotFound):
        availability.of(desk.uow, 999)


def test_a_console_that_stays_open_is_written_down_now_and_then_and_told_once(desk):
    sara = desk.agent()
    row = desk.small.session.get(UserAvailability, sara.id)
    first = row.seen_at
    states.seen(desk.uow, [sara.id])
    desk.small.session.refresh(row)
    assert row.seen_at == first
    desk.later(21, sara)
    desk.small.session.refresh(row)
    assert row.seen_at > first and len(told(desk)) == 1


def test_a_choice_outlives_the_console(desk):
    sara = desk.agent()
    states.choose(desk.small.as_(sara), "away", "lunch")
    desk.later(100)
    states.seen(desk.uow, [sara.id])
    found = availability.of(desk.uow, sara.id)
    assert (found.state, found.reason) == ("away", "lunch")
    assert states.choose(desk.small.as_(sara), "available", "lunch").reason == ""
    with pytest.raises(Invalid):
        states.choose(desk.small.as_(sara), "asleep")


def test_a_limit_of_ones_own_goes_before_the_settings_and_keeps_what_is_in_hand(desk):
    sara = desk.agent()
    as_sara = desk.small.as_(sara)
    assert states.limit(as_sara, "talk", 0).capacity["talk"] == 0
    entry = desk.joins()
    assert entry.state == "waiting"
    assert states.limit(as_sara, "talk", None).capacity["talk"] == 2
    assert entries.get(desk.uow, entry.id).offered_to == sara.id
    for wrong in (-1, 21):
        with pytest.raises(Invalid):
            states.limit(as_sara, "talk", wrong)
    with pytest.raises(NotFound):
        states.limit(as_sara, "unheard of", 1)
    desk.settings(most_talk=7)
    assert availability.of(desk.uow, sara.id).capacity["talk"] == 7


def test_only_supervisors_choose_for_others_and_only_for_theirs(desk):
    sara, boss = desk.agent("Sara"), desk.agent("Boss", role="supervisor")
    stranger = desk.small.user("Stranger", queues=[desk.small.queue()])
    assert states.choose(desk.small.as_(boss), "busy", user_id=sara.id).chosen == "busy"
    with pytest.raises(Forbidden):
        states.choose(desk.small.as_(sara), "busy", user_id=boss.id)
    with pytest.raises(NotFound):
        states.choose(desk.small.as_(boss), "busy", user_id=stranger.id)
    with pytest.raises(Forbidden):
        states.choose(desk.uow, "busy")
    with pytest.raises(Forbidden):
        states.choose(desk.small.as_(desk.small.user("Trainer", role="trainer")), "busy")


def test_reasons_are_those_of_the_desk_and_ones_own(desk):
    desk.settings(reasons="Paperwork\n\n  Prayer \nPaperwork")
    found = [(one.name, one.label) for one in availability.reasons(desk.uow)]
    assert found[0] == ("lunch", "Lunch") and found[-2:] == [("Paperwork", "Paperwork"), ("Prayer", "Prayer")]


def test_free_for_names_who_could_be_offered_one_the_longest_idle_first(desk):
    sara, nima, zoha = desk.agent("Sara"), desk.agent("Nima"), desk.agent("Zoha")
    states.choose(desk.small.as_(zoha), "away")
    free = availability.free_for(desk.uow, "talk", desk.queue.id)
    assert [one.user_id for one in free] == [sara.id, nima.id]
    desk.joins()
    assert [one.user_id for one in availability.free_for(desk.uow, "talk", desk.queue.id)] == [nima.id]
    with pytest.raises(NotFound):
        availability.everybody(desk.small.as_(sara), 999)


def test_what_a_dead_process_left_is_taken_up_by_the_sweep(desk):
    """A row is the truth: an entry that nobody offered, and an offer whose process is gone."""
    sara = desk.agent()
    ticket = desk.small.plain_ticket(desk.account)
    with desk.uow.writing() as session:
        session.add(WaitingEntry(kind="talk", ticket_id=ticket.id, joined_at=desk.small.now))
    assert offers.note_due(desk.uow) == 0, "it is offered in the same look"
    (entry,) = entries.line(desk.uow)
    assert entry.offered_to == sara.id
    with desk.small.runtime.uow() as other:
        for later in (timedelta(0), timedelta(seconds=31)):
            other.clock = lambda after=later: entry.offered_until + after
            states.seen(other, [sara.id])
            offers.note_due(other)
        assert entries.get(other, entry.id).offered_until > entry.offered_until


def test_an_act_that_fails_half_way_leaves_nothing(desk):
    desk.agent()
    ticket = desk.small.plain_ticket(desk.account)
    with pytest.raises(RuntimeError), desk.uow.writing():
        desk.joins(ticket=ticket)
        raise RuntimeError("the process ends here")
    assert entries.line(desk.uow) == [] and desk.told("joined") == desk.told("offered") == []

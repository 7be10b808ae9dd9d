"""Places and what is known for their estimate."""

from helpdesk.core.waiting import entries, line, places, states


def served(desk, user, seconds, times=6):
    """So many were served by somebody for so long each."""
    for _time in range(times):
        entry = line.accept(desk.small.as_(user), desk.joins().id)
        desk.later(seconds, user)
        line.end(desk.uow, entry.id)


def test_a_place_counts_who_is_ahead_and_says_nothing_before_enough_is_known(desk):
    first, second = desk.joins(), desk.joins()
    assert [places.place(desk.uow, one.id).position for one in (first, second)] == [1, 2]
    assert places.estimate(desk.uow, "talk", desk.queue.id) == places.Place(3)
    assert desk.joins("ring").id in places.places(desk.uow, "ring", desk.queue.id), "each kind has its own places"
    line.leave(desk.uow, first.id)
    assert places.place(desk.uow, second.id).position == 1
    assert places.place(desk.uow, first.id) == places.Place(0)


def test_the_estimate_follows_recent_services_and_who_is_there(desk):
    sara = desk.agent()
    served(desk, sara, 100)
    assert places.estimate(desk.uow, "talk", desk.queue.id).seconds == 0, "she is free"
    for _one in range(2):
        line.accept(desk.small.as_(sara), desk.joins().id)
    desk.later(40, sara)
    entry = desk.joins()
    place = places.place(desk.uow, entry.id)
    assert place.position == 1 and 55 <= place.low <= place.seconds <= place.high <= 65
    assert places.estimate(desk.uow, "talk", desk.queue.id).position == 2
    states.choose(desk.small.as_(sara), "away")
    assert places.place(desk.uow, entry.id) == places.Place(1), "nobody is there"


def test_a_queue_that_shares_its_people_shares_the_line(desk):
    sara = desk.agent()
    other = desk.small.queue()
    desk.small.user("Nima", queues=[desk.queue, other])
    states.choose(desk.small.as_(sara), "busy")
    theirs = desk.joins(ticket=desk.small.plain_ticket(desk.small.account(other)))
    assert places.place(desk.uow, desk.joins().id).position == 2
    assert places.place(desk.uow, theirs.id).position == 1
    assert entries.count_waiting(desk.uow) == {desk.queue.id: 1, other.id: 1}


def test_ringing_between_two_services_counts(desk):
    sara = desk.agent()
    entry = line.accept(desk.small.as_(sara), desk.joins().id)
    for _time in range(7):
        waits = desk.joins()
        desk.later(100, sara)
        line.end(desk.uow, entry.id)
        desk.later(20, sara)
        entry = line.accept(desk.small.as_(sara), waits.id)
    first, second = desk.joins(), desk.joins()
    line.end(desk.uow, line.accept(desk.small.as_(sara), first.id).id)
    line.accept(desk.small.as_(sara), second.id)
    told = places.place(desk.uow, desk.joins().id)
    assert told.seconds is not None and 110 <= told.seconds <= 130

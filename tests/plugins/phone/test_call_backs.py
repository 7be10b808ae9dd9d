"""Call-backs: from the wish to its end, the seats of a slot, limits, the clock, the customer's own page, REST."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from helpdesk.api import messages, sla, slots, tables, waiting
from helpdesk.api.errors import Conflict, Invalid
from helpdesk.api.i18n import LOCALES, reading
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.web.ticket.message_text import text_of
from plugins.phone import call_backs, keeping, limits, plugin, promise, requests
from plugins.phone.channel import Phone
from plugins.phone.contract import MINA, PhoneContract

from .conftest import BOTH, HOURS, SATURDAY, Contract, arrive


def wish(uow, line, phone="0912 123 4567", ticket=None, source="page", **more):
    return requests.ask(uow, line, {"phone": phone, **more}, place="198.51.100.7", ticket_id=ticket, source=source)


def delivery(uow):
    return uow.session.query(Delivery).order_by(Delivery.id.desc()).first()


def heard(uow, row):
    """What ``on_event`` does after the message of a call-back changed."""
    promise.follow(uow, call_backs.of_message(uow, row.message_id))
    return call_backs.get(uow, row.key)


# Slots ----------------------------------------------------------------------------------------------------------------


def test_slots_are_the_hours_without_holidays_in_equal_parts():
    settings = Phone.Settings().load({**PhoneContract.settings, **HOURS, "slot_minutes": "60", "days_ahead": 7})
    found = slots.bookable(settings, SATURDAY)
    assert [len([s for s in found if s.at.date() == (SATURDAY + timedelta(days=d)).date()]) for d in range(8)] == [
        7, 8, 8, 8, 8, 0, 0, 8,
    ]  # fmt: skip
    assert found[0].at == SATURDAY + timedelta(hours=1), "what begins within a quarter of an hour is too late"
    nowruz = datetime(2026, 3, 21, 5, 0, tzinfo=UTC)
    assert not [s for s in slots.bookable(settings | {"holidays": "IR"}, nowruz) if s.at.date() == nowruz.date()]
    assert slots.opening(settings, SATURDAY + timedelta(hours=10)) == SATURDAY + timedelta(days=1)
    assert slots.opening(settings | {"hours": "fri 9:00-9:30"}, SATURDAY) == SATURDAY + timedelta(days=6)


def test_the_database_keeps_the_capacity_of_a_slot(uow, line):
    at = SATURDAY + timedelta(hours=2)
    taken = [wish(uow, line, f"0912123456{n}", slot=at.isoformat()) for n in (1, 2)]
    assert sorted(row.seat for row in taken) == [0, 1]
    with pytest.raises(Conflict):
        wish(uow, line, "09121234563", slot=at.isoformat())
    with pytest.raises(Conflict):
        wish(uow, line, "09121234563", slot=(at + timedelta(minutes=7)).isoformat())
    call_backs.settle(uow, taken[0].key, "cancelled")
    assert wish(uow, line, "09121234563", slot=at.isoformat()).seat == 0
    late = wish(uow, line, "09121234564", slot=(at + timedelta(hours=1)).isoformat())
    with pytest.raises(Conflict):
        call_backs.move(uow, line, late.key, at)
    assert call_backs.get(uow, late.key).slot_at == at + timedelta(hours=1), "who cannot move keeps what they have"


# From the wish to its end -----------------------------------------------------------------------------------------------


@BOTH
def test_a_wish_is_one_ticket_with_a_message_by_hand_a_clock_and_a_place_in_the_line(uow, line):
    at = SATURDAY + timedelta(hours=2)
    row = wish(uow, line, "۰۹۱۲ ۱۲۳ ۴۵۶۷", name="مینا", words="لطفاً درباره‌ی سفارش", slot=at.isoformat())
    assert (row.number, row.state, row.ticket_id) == (MINA, "asked", None)
    arrive(uow)
    row = call_backs.get(uow, row.key)
    ticket = uow.session.query(Ticket).one()
    asked, ours = uow.session.query(Message).order_by(Message.id)
    assert (asked.kind, asked.form, ours.kind, ours.form, ticket.status) == ("in", "call", "out", "call", "open")
    assert (delivery(uow).state, delivery(uow).due_at, delivery(uow).to[0]["value"]) == ("waiting_for_person", at, MINA)
    assert "28 February 2026, 11:00" in ours.text
    with reading(LOCALES["fa"]):
        shown = text_of({"kind": "out", "form": "call", "details": ours.details, "text": ours.text})
    assert "۹ اسفند ۱۴۰۴، ساعت ۱۱:۰۰" in shown and "لطفاً درباره" in shown, "for every reader"
    (clock,) = [clock for clock in sla.of_ticket(uow, ticket.id) if clock.name == "call_back"]
    assert clock.target_at == row.promised_at == at + timedelta(minutes=30)
    (entry,) = waiting.of_ticket(uow, ticket.id)
    assert (entry.kind, entry.not_before, entry.id) == ("phone", at, row.entry_id)


def test_who_is_reached_ends_it_and_who_is_not_stands_in_line_again(uow, line):
    row = wish(uow, line)
    arrive(uow)
    row = call_backs.get(uow, row.key)
    assert row.promised_at == SATURDAY + timedelta(minutes=60), "nothing is known of the wait yet"
    first = row.entry_id
    messages.outcome(uow, delivery(uow).id, "busy")
    row = heard(uow, row)
    assert row.state == "waiting" and row.entry_id != first
    assert waiting.get(uow, row.entry_id).not_before == delivery(uow).due_at > SATURDAY
    heard(uow, row)
    assert len(waiting.of_ticket(uow, row.ticket_id)) == 2, "hearing of it twice changes nothing"
    agreed = SATURDAY + timedelta(hours=5)
    messages.outcome(uow, delivery(uow).id, "promised_again", "after lunch", agreed)
    row = heard(uow, row)
    assert waiting.get(uow, row.entry_id).not_before == agreed < row.promised_at
    messages.outcome(uow, delivery(uow).id, "reached")
    row = heard(uow, row)
    assert row.state == "done" and not waiting.get(uow, row.entry_id).open
    (clock,) = [c for c in sla.of_ticket(uow, row.ticket_id, all_=True) if c.name == "call_back"]
    assert clock.state == "met"


@BOTH
def test_the_customer_moves_and_cancels_whatever_was_tried(uow, line):
    at = SATURDAY + timedelta(hours=2)
    row = wish(uow, line, slot=at.isoformat())
    arrive(uow)
    messages.outcome(uow, delivery(uow).id, "no_answer")
    later = at + timedelta(hours=3)
    row = call_backs.move(uow, line, row.key, later)
    promise.moved(uow, row)
    row = call_backs.get(uow, row.key)
    ours = uow.session.query(Message).where(Message.kind == "out").one()
    assert "14:00" in ours.text and ours.details["told"]
    assert delivery(uow).due_at == later and waiting.get(uow, row.entry_id).not_before == later
    assert sla.of_ticket(uow, row.ticket_id)[0].target_at == later + timedelta(minutes=30)
    promise.call_off(uow, row)
    row = call_backs.get(uow, row.key)
    uow.session.expire_all()
    assert (row.state, row.seat, delivery(uow).state) == ("cancelled", None, "withdrawn")
    assert not waiting.get(uow, row.entry_id).open and uow.session.query(Ticket).one().status == "open"
    with pytest.raises(Conflict):
        call_backs.move(uow, line, row.key, at)


def test_a_call_from_inside_a_ticket_stays_on_it(uow, line):
    Contract().take(uow, line.id, Contract().message("Where is it?", "m1", []))
    ticket = uow.session.query(Ticket).one().id
    row = wish(uow, line, ticket=ticket, source="agent", words="The refund")
    assert (row.ticket_id, row.state) == (ticket, "waiting") and uow.session.query(Ticket).count() == 1


def test_a_wish_that_was_broken_off_comes_in_by_the_job(uow, line):
    row = wish(uow, line)
    tables.update(
        uow, call_backs.CallBack, call_backs.CallBack.key == row.key, created_at=SATURDAY - timedelta(hours=1)
    )
    keeping.keep(uow, None)
    arrive(uow)
    keeping.keep(uow, None)
    arrive(uow)
    assert uow.session.query(Ticket).count() == 1 and call_backs.get(uow, row.key).state == "waiting"


# Abuse and privacy ------------------------------------------------------------------------------------------------------


def test_a_number_is_called_so_often_an_hour_and_an_address_asks_so_often(uow, line):
    for _each in range(limits.PER_NUMBER):
        promise.call_off(uow, wish(uow, line))
    with pytest.raises(Invalid):
        wish(uow, line, "0098 912 123 4567")
    for number in range(limits.PER_PLACE - limits.PER_NUMBER - 1):
        wish(uow, line, f"091211111{number:02}")
    with pytest.raises(Invalid):
        wish(uow, line, "09122222222")
    uow.clock = lambda: SATURDAY + timedelta(hours=1)
    assert wish(uow, line)
    uow.clock = lambda: SATURDAY + timedelta(days=4)
    assert limits.forget(uow) and not uow.session.query(limits.Asked).count()


@BOTH
def test_what_is_kept_of_a_customer_is_told_and_erased(uow, line):
    wish(uow, line, words="secret words")
    arrive(uow)
    customer = uow.session.query(Ticket).one().customer_id
    assert "secret words" in str(plugin.export_customer(customer, uow))
    plugin.erase_customer(customer, uow)
    assert not plugin.export_customer(customer, uow)


# At once ----------------------------------------------------------------------------------------------------------------


@BOTH
def test_of_many_who_ask_at_once_one_has_the_number_and_as_many_as_fit_the_slot(runtime_at, line):
    at = (SATURDAY + timedelta(hours=2)).isoformat()
    asked = [("09121234567", "")] * 4 + [(f"0912000000{n}", at) for n in range(4)]
    barrier = Barrier(len(asked))

    def ask(given):
        with runtime_at.uow() as uow:
            barrier.wait(10)
            try:
                return requests.ask(uow, line, {"phone": given[0], "slot": given[1]}, source="page").slot_at
            except (Conflict, Invalid) as problem:
                return type(problem).__name__

    with ThreadPoolExecutor(len(asked)) as pool:
        found = list(pool.map(ask, asked))
    assert sorted(map(str, found[:4])) == ["Invalid", "Invalid", "Invalid", "None"]
    assert sorted(map(str, found[4:])) == [at.replace("T", " ")] * 2 + ["Conflict"] * 2

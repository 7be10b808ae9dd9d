"""Appointments: booked by link, by a colleague or a program, checked in at the kiosk on the same ticket; and limits."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from helpdesk.api import tickets
from helpdesk.api.errors import Conflict, Invalid
from helpdesk.core.people import api_tokens
from helpdesk.core.tickets.models import Ticket
from plugins.frontdesk import appointments, limits, visits
from plugins.frontdesk.tables import Appointment

NOW = datetime(2026, 2, 28, 5, 30, tzinfo=UTC)  # Saturday, 9:00 in Tehran
TOPIC = "Return something | بازگرداندن کالا"


@pytest.fixture
def at(runtime):
    """at(minutes) lets every unit of work be so much later than ``NOW``."""
    plain, moved = runtime.uow_on, [timedelta()]

    def made(*given, **named):
        uow = plain(*given, **named)
        uow.clock = lambda: NOW + moved[0]
        return uow

    runtime.uow_on = made
    return lambda minutes: moved.__setitem__(0, timedelta(minutes=minutes))


@pytest.fixture
def ticket(at, runtime, account, work):
    """The ticket of somebody who was here before."""
    with runtime.uow() as uow:
        visits.take_number(uow.acting(visits.ACTOR), account, TOPIC, "fa")
    work()
    with runtime.uow() as uow:
        own = uow.acting(visits.ACTOR)
        visit = visits.there(uow, account.id)[0]
        visits.leave(own, visit)
        return visit.ticket_id


def booked(runtime):
    with runtime.uow() as uow:
        return uow.session.query(Appointment).order_by(Appointment.id.desc()).first()


def test_a_time_is_booked_by_link_and_the_number_comes_on_the_same_ticket(
    client, runtime, account, ticket, at, work, as_
):
    with runtime.uow() as uow:
        link = urlsplit(appointments.link_for(uow, ticket)).path
        free = appointments.days(uow.acting(visits.ACTOR), account)[0]["slots"]
    page = client.get(f"{link}?lang=en").text
    assert "When would you like to come?" in page and f'value="{free[3]["at"]}"' in page
    assert client.post(link, data={"slot": "2026-02-28"}).status_code == 422
    assert client.post(f"{link}?lang=en", data={"slot": free[3]["at"]}).status_code == 302
    row = booked(runtime)
    assert row.code in client.get(link).text
    assert client.post(link, data={"slot": free[4]["at"]}).status_code == 409, "one at a time"
    url = f"/p/frontdesk/{account.public_key}/kiosk"
    assert client.post(f"{url}/appointment", data={"code": row.code}).status_code == 422, "too early"
    at((row.slot_at - NOW).total_seconds() / 60 - 20)
    client.post(url, data={"topic": TOPIC, "phone": ""})
    work()
    assert client.post(f"{url}/appointment", data={"code": "1"}).status_code == 422
    code = row.code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert client.post(f"{url}/appointment", data={"code": code}).status_code == 302
    assert client.post(f"{url}/appointment", data={"code": code}).status_code == 422, "once"
    agent = as_("agent")
    first, second = visits.there(agent, account.id)
    assert (first.ticket_id, first.number) == (ticket, second.number + 1), "before who came without one"
    visit = visits.call_next(agent, account.id, "2")
    assert visit.ticket_id == ticket and booked(runtime).state == "arrived"
    visits.finish(agent, visit.id, "solved")
    assert tickets.get(agent, ticket).status == "solved" and agent.session.query(Ticket).count() == 2


def test_a_slot_has_so_many_places_and_what_is_missed_or_cancelled_is_free(runtime, account, ticket, at, work):
    with runtime.uow() as uow:
        own = uow.acting(visits.ACTOR)
        ids = [ticket]
        for _each in range(2):
            visits.take_number(own, account, TOPIC, "fa")
        work()
        uow.session.rollback()
        ids += [visit.ticket_id for visit in visits.there(own, account.id)]
        slot = NOW + timedelta(hours=2)
        rows = [appointments.book(own, account, one, slot) for one in ids[:2]]
        with pytest.raises(Conflict):
            appointments.book(own, account, ids[2], slot)
        with pytest.raises(Conflict):
            appointments.book(own, account, ids[2], slot + timedelta(minutes=7))
        code = rows[1].code
        appointments.cancel(own, rows[0])
        assert appointments.book(own, account, ids[2], slot).seat == 0
        at(4 * 60)
    with runtime.uow() as uow:
        appointments.note_missed(uow.acting(visits.ACTOR), None)
        assert {row.state for row in uow.session.query(Appointment)} == {"missed", "cancelled"}
        with pytest.raises(Invalid):
            appointments.check_in(uow.acting(visits.ACTOR), account, code, "fa")


def test_programs_see_the_line_call_finish_and_book(client, runtime, account, ticket, people, work, as_):
    with runtime.uow() as uow:
        visits.take_number(uow.acting(visits.ACTOR), account, TOPIC, "fa")
        bearer = {"Authorization": f"Bearer {api_tokens.add_token(uow, people['agent'].id)}"}
    work()
    base = "/api/v1/frontdesk"
    (line,) = client.get(f"{base}/lines", headers=bearer).get_json()
    assert [one["number"] for one in line["waiting"]] == [2] and line["called"] == []
    called = client.post(f"{base}/next", headers=bearer, json={"account": account.id, "counter": "3"}).get_json()
    assert (called["number"], called["counter"], called["state"]) == (2, "3", "called")
    assert client.post(f"{base}/next", headers=bearer, json={"account": 99, "counter": "3"}).status_code == 404
    url = f"{base}/visits/{called['id']}/outcome"
    assert client.post(url, headers=bearer, json={"outcome": "lost"}).status_code == 422
    assert client.post(url, headers=bearer, json={"outcome": "solved", "note": "Done"}).get_json()["state"] == "served"
    slot = (NOW + timedelta(hours=2)).isoformat()
    made = client.post(f"{base}/appointments", headers=bearer, json={"ticket": ticket, "slot": slot})
    assert made.status_code == 201 and made.get_json()["code"]
    assert client.get(f"{base}/appointments/{made.get_json()['id']}", headers=bearer).get_json()["state"] == "booked"
    agent = as_("agent")
    assert agent.actor.user_id and appointments.of_ticket(agent, ticket).state == "booked"


def test_one_address_cannot_fill_the_line_slowly_and_the_kiosk_can(client, runtime, account, at):
    url, here = f"/p/frontdesk/{account.public_key}/kiosk", {"REMOTE_ADDR": "198.51.100.9"}
    given = {"topic": TOPIC, "phone": ""}
    told = [client.post(url, data=given, environ_base=here).status_code for _each in range(limits.NUMBERS + 1)]
    assert told == [302] * limits.NUMBERS + [409]
    with runtime.uow() as uow:
        device = limits.device_of(uow, account.id)
        assert not limits.is_kiosk(uow, account.id + 1, device)
    assert client.post(f"{url}?device=forged", data=given, environ_base=here).status_code == 409
    answer = client.post(f"{url}?device={device}", data=given, environ_base=here)
    assert answer.status_code == 302 and f"device={device}" in answer.headers["Location"]
    at(61)
    assert client.post(url, data=given, environ_base=here).status_code == 302


def test_codes_are_not_guessed(client, runtime, account, ticket):
    with runtime.uow() as uow:
        device = limits.device_of(uow, account.id)
    url = f"/p/frontdesk/{account.public_key}/kiosk/appointment"
    told = [client.post(url, data={"code": str(number)}).status_code for number in range(limits.NUMBERS + 1)]
    assert told == [422] * limits.NUMBERS + [409]
    assert client.post(f"{url}?device={device}", data={"code": "1"}).status_code == 422, "a kiosk goes on"


def test_an_appointment_goes_with_a_ticket_that_is_merged(client, runtime, account, ticket, at, work, as_):
    agent = as_("agent")
    appointments.book(agent, account, ticket, NOW + timedelta(hours=2))
    link = urlsplit(appointments.link_for(agent, ticket)).path
    visits.take_number(agent.acting(visits.ACTOR), account, TOPIC, "fa")
    work()
    agent.session.rollback()
    other = visits.there(agent, account.id)[0].ticket_id
    tickets.merge(agent, ticket, other)
    work()
    agent.session.rollback()
    row = appointments.of_ticket(agent, other)
    assert row is not None and row.code in client.get(link).text
    assert client.post(link, data={"slot": (NOW + timedelta(hours=3)).isoformat()}).status_code == 409, "one at a time"
    assert client.post(link, data={"act": "cancel"}).status_code == 302 and booked(runtime).state == "cancelled"


def test_where_both_merged_tickets_have_an_appointment_each_counts(runtime, account, ticket, at, work, as_):
    agent = as_("agent")
    visits.take_number(agent.acting(visits.ACTOR), account, TOPIC, "fa")
    work()
    agent.session.rollback()
    other = visits.there(agent, account.id)[0].ticket_id
    codes = {appointments.book(agent, account, one, NOW + timedelta(hours=2)).code for one in (ticket, other)}
    tickets.merge(agent, ticket, other)
    work()
    agent.session.rollback()
    assert {row.code for row in agent.session.query(Appointment) if row.state == "booked"} == codes

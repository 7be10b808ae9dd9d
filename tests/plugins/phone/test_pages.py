"""The customer's pages in both languages, and the same by REST: booking, a full slot, moving, cancelling, limits."""

import re
from datetime import timedelta

import pytest

from helpdesk.core.tickets.models import Ticket
from plugins.phone import call_backs, requests
from plugins.phone.call_backs import CallBack

from .conftest import SATURDAY, Contract, arrive

AT = SATURDAY + timedelta(hours=2)
FA, EN = {"Accept-Language": "fa"}, {"Accept-Language": "en"}


def row(uow):
    uow.session.rollback()
    uow.session.expire_all()
    return uow.session.query(CallBack).order_by(CallBack.created_at.desc()).first()


def test_a_customer_books_in_persian_moves_and_cancels_without_a_script(client, line, uow):
    url = f"/p/phone/{line.public_key}/"
    page = client.get(url, headers=FA)
    assert page.status_code == 200 and 'dir="rtl"' in page.text and "شنبه ۹ اسفند" in page.text and "۱۱:۰۰" in page.text
    wish = {"when": "slot", "slot": AT.isoformat(), "phone": "۰۹۱۲ ۱۲۳ ۴۵۶۷", "name": "مینا", "words": "سفارش"}
    booked = client.post(url, data=wish, headers=FA)
    assert booked.status_code == 302
    mine = booked.location.removeprefix(uow.runtime.config.url)
    assert "شنبه ۹ اسفند، \u2068۱۱:۰۰" in client.get(mine).text
    arrive(uow)
    assert uow.session.query(Ticket).one().customer.name == "مینا"
    later = AT + timedelta(hours=1)
    assert client.get(mine).status_code == 200 and row(uow).slot_at == AT, "looking changes nothing"
    assert client.post(mine, data={"act": "move", "slot": later.isoformat()}).status_code == 302
    assert row(uow).slot_at == later and "۱۲:۰۰" in client.get(mine).text
    assert client.post(mine, data={"act": "soon"}).status_code == 302 and row(uow).slot_at is None
    assert client.post(mine, data={"act": "cancel"}).status_code == 302 and row(uow).state == "cancelled"
    assert "تماس لغو شد" in client.get(mine).text
    assert client.post(mine, data={"act": "move", "slot": later.isoformat()}).status_code == 409


def test_what_does_not_fit_is_said_and_what_was_typed_stays(client, line, uow):
    url = f"/p/phone/{line.public_key}/"
    for given, status in (
        ({"when": "soon", "phone": "12"}, 422),
        ({"when": "slot", "phone": "09121234567"}, 422),
        ({"when": "slot", "slot": "soon", "phone": "09121234567"}, 422),
        ({"when": "slot", "slot": SATURDAY.isoformat(), "phone": "09121234567"}, 409),
    ):
        answer = client.post(url, data={"words": "kept words", **given}, headers=EN)
        assert answer.status_code == status and 'role="alert"' in answer.text and "kept words" in answer.text
    assert row(uow) is None
    assert client.get("/p/phone/nobody/").status_code == 404
    assert client.get("/p/phone/mine/forged").status_code == 404 == client.get("/p/phone/ask/forged").status_code


def test_times_are_those_of_the_customer(client, line):
    page = client.get(f"/p/phone/{line.public_key}/?zone=Europe/London&lang=en").text
    assert "Saturday 28 February" in page and "07:30" in page and "Europe/London" in page
    assert "Asia/Tehran" in client.get(f"/p/phone/{line.public_key}/?zone=No/Where").text


def test_a_link_in_a_mail_asks_on_the_same_ticket(client, line, uow):
    Contract().take(uow, line.id, Contract().message("Where is it?", "m1", []))
    ticket = uow.session.query(Ticket).one().id
    link = requests.link_for(uow, ticket).removeprefix(uow.runtime.config.url)
    assert client.get(link).status_code == 200
    assert client.post(link, data={"when": "soon", "phone": "0912 765 4321"}).status_code == 302
    assert row(uow).ticket_id == ticket and uow.session.query(Ticket).count() == 1


def test_programs_ask_by_rest(client, line, uow, agent):
    asked = client.post("/api/v1/callbacks", json={"phone": "0912 123 4567", "asap": True}, headers=agent.bearer)
    assert asked.status_code == 201 and asked.json["state"] == "asked" and asked.json["phone"] == "+989121234567"
    arrive(uow)
    one = client.get(f"/api/v1/callbacks/{asked.json['id']}", headers=agent.bearer).json
    assert one["state"] == "waiting" and one["ticket"] == uow.session.query(Ticket).one().id
    free = client.get("/api/v1/callbacks/slots", headers=agent.bearer).json
    body = {"phone": "0912 123 4567", "slot": free[0]["slot"], "ticket": one["ticket"]}
    assert client.post("/api/v1/callbacks", json=body, headers=agent.bearer).json["ticket"] == one["ticket"]
    for wrong, status in (
        ({"phone": "0912 123 4567"}, 422),
        ({"phone": "1", "asap": True}, 422),
        ({"phone": "0912 123 4567", "asap": True, "ticket": 999}, 404),
        ({"phone": "0912 123 4567", "asap": True, "slot": free[0]["slot"]}, 422),
    ):
        assert client.post("/api/v1/callbacks", json=wrong, headers=agent.bearer).status_code == status
    assert client.post("/api/v1/callbacks", json=body).status_code == 401
    assert "/api/v1/callbacks" in client.get("/api/v1/openapi.json").json["paths"]


@pytest.mark.parametrize("act", ["cancel", "move"])
def test_a_link_of_another_purpose_opens_nothing(act, client, line, uow):
    Contract().take(uow, line.id, Contract().message("Where is it?", "m1", []))
    key = re.sub(r".*/", "", requests.link_for(uow, uow.session.query(Ticket).one().id))
    assert client.post(f"/p/phone/mine/{key}", data={"act": act}).status_code == 404
    assert not call_backs.opened(uow)

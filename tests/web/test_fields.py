"""Custom fields on pages and in the API: defined in the settings, filled in beside the conversation, told live."""

import re

import pytest

from helpdesk.core.fields import fields
from helpdesk.core.people.models import Customer

TOPIC = {"label_en": "Topic", "label_fa": "موضوع", "name": "topic", "of": "ticket", "kind": "choice"}


@pytest.fixture
def ticket(arrives, signed_in):
    admin = signed_in("admin")
    options = "order = Order | سفارش\nother = Something else | چیز دیگر"
    send = lambda **form: admin.post("/settings/fields", data={"csrf_token": admin.csrf, **form})  # noqa: E731
    assert send(**TOPIC, options=options).status_code == 302
    asked = {"shown_field": "topic", "shown_values": "order"}
    for name, kind, more in (("order_no", "number", asked), ("day", "date", {}), ("gift", "yes_no", {})):
        assert send(label_en=name.title(), name=name, of="ticket", kind=kind, **more).status_code == 302
    assert send(label_en="City", label_fa="شهر", name="city", of="customer", kind="text").status_code == 302
    assert send(**TOPIC, options=options).status_code == 422, "the name is taken"
    page = admin.get("/settings/fields").text
    assert "Only with “Topic”: Order" in page and admin.get("/settings/fields/topic").status_code == 200
    return arrives("Where is my order?")


def test_an_agent_fills_fields_in_beside_the_conversation(ticket, signed_in, runtime):
    agent = signed_in("agent")
    assert 'id="fields-ticket"' in agent.get(f"/tickets/{ticket}").text
    form = agent.get(f"/tickets/{ticket}/fields?edit=1").text
    assert 'data-shown-if="field-topic"' in form and "field-when" in form
    said = {"csrf_token": agent.csrf, "field-topic": "order", "field-order_no": "۱۲", "field-day": "2026-03-21"}
    saved = agent.post(f"/tickets/{ticket}/fields", data=said)
    assert saved.status_code == 200 and "Order" in saved.text and "field-values" in saved.text
    wrong = agent.post(f"/tickets/{ticket}/fields", data={**said, "field-order_no": "many"})
    assert wrong.status_code == 422 and "Please write a number." in wrong.text and 'value="many"' in wrong.text
    agent.post(f"/tickets/{ticket}/fields", data={**said, "field-topic": "other"})
    with runtime.uow() as uow:
        held = fields.values(uow, "ticket", ticket)
    assert held == {"topic": "other", "order_no": 12, "day": "2026-03-21"}, "what is not asked for stays"
    assert "filled in fields of the ticket" in re.sub("<[^>]+>", "", agent.get(f"/tickets/{ticket}").text)
    assert signed_in("stranger").get(f"/tickets/{ticket}/fields").status_code == 404


def test_a_customer_has_fields_on_the_card_and_the_page(ticket, signed_in, runtime):
    with runtime.uow() as uow:
        customer = uow.session.query(Customer).one().id
    agent = signed_in("agent")
    agent.post(f"/customers/{customer}/fields", data={"csrf_token": agent.csrf, "field-city": "Yazd"})
    for page in (f"/customers/{customer}", f"/tickets/{ticket}"):
        assert '<bdi dir="auto">Yazd</bdi>' in agent.get(page).text


def test_a_retired_field_is_asked_for_no_more_and_a_deleted_one_is_gone(ticket, signed_in, runtime):
    admin = signed_in("admin")
    with runtime.uow() as uow:
        fields.set_values(uow, "ticket", ticket, {"gift": True})
    gift = {"csrf_token": admin.csrf, "label_en": "Gift", "of": "ticket", "kind": "yes_no"}
    assert admin.post("/settings/fields/gift", data={**gift, "retired": "1"}).status_code == 302
    page = admin.get(f"/tickets/{ticket}/fields")
    assert "Gift" in page.text and "field-gift" not in admin.get(f"/tickets/{ticket}/fields?edit=1").text
    assert admin.post("/settings/fields/topic/remove", data={"csrf_token": admin.csrf}).status_code == 409
    assert admin.post("/settings/fields/gift/remove", data={"csrf_token": admin.csrf}).status_code == 302
    assert "Gift" not in admin.get(f"/tickets/{ticket}/fields").text

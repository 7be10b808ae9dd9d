"""Custom fields: defined, asked for, checked, written; exported, erased and merged with their customer."""

import pytest

from helpdesk.api import customers, fields
from helpdesk.api.errors import Conflict, Forbidden, Invalid, NotFound
from helpdesk.api.fields import Field, Option, ShownIf
from helpdesk.core.channels.address_types import Address
from helpdesk.core.fields.checking import cleaned
from helpdesk.core.jobs import runner
from helpdesk.core.people.identities import identity_of
from helpdesk.core.tickets.models import Ticket

EN = {"en": "Label"}
TOPIC = Field(name="topic", kind="choice", label=EN, options=(Option("order"), Option("other")), required=True)
ORDER = Field(name="order_no", kind="number", label=EN, required=True, shown_if=ShownIf("topic", ("order",)))
GIFT = Field(name="gift", kind="yes_no", label=EN, shown_if=ShownIf("order_no"))
CARD = Field(name="card", label=EN, shown_if=ShownIf("gift", ("yes",)))
CITY = Field(name="city", of="customer", label={"en": "City", "fa": "شهر"})


@pytest.fixture
def defined(shop):
    for each in (TOPIC, ORDER, GIFT, CARD, CITY):
        fields.save(shop.uow, each)
    shop.customer_id = shop.uow.session.get(Ticket, shop.ticket_id).customer_id
    return shop


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("text", "  one\n line ", "one line"),
        ("long_text", " two\nlines ", "two\nlines"),
        ("number", "۱۲٬۰۰۰", 12000),
        ("number", "-2.5", -2.5),
        ("choice", "a", "a"),
        ("choices", ["b", "a", "b"], ["a", "b"]),
        ("date", "2026-3-21", "2026-03-21"),
        ("date", "۱۴۰۵/۰۱/۰۱", "2026-03-21"),
        ("yes_no", "no", False),
        ("yes_no", True, True),
        ("consent", "1", True),
        ("consent", False, None),
        ("phone", "۰۹۱۲ ۱۲۳ ۴۵۶۷", "+989121234567"),
        ("email", " mina@shop.example ", "mina@shop.example"),
        ("text", "", None),
        ("choices", [], None),
    ],
)
def test_a_value_is_stored_in_the_form_of_its_kind(kind, typed, stored):
    assert cleaned(Field(name="x", kind=kind, options=(Option("a"), Option("b"))), typed) == stored


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("text", "x" * 501),
        ("text", {"a": 1}),
        ("long_text", "x" * 20_001),
        ("number", "many"),
        ("number", "nan"),
        ("number", "1e300"),
        ("number", True),
        ("choice", "c"),
        ("choice", ["a"]),
        ("choices", ["a", "c"]),
        ("choices", ["a"] * 1000),
        ("date", "2026-02-30"),
        ("date", "1405/13/01"),
        ("date", "soon"),
        ("yes_no", "perhaps"),
        ("phone", "12"),
        ("email", "mina"),
        ("email", "a@b.example, c@d.example"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(kind, typed):
    with pytest.raises(Invalid) as refused:
        cleaned(Field(name="x", kind=kind, options=(Option("a"), Option("b"))), typed)
    assert refused.value.sentence


def test_conditions_say_which_fields_are_asked_and_the_rest_is_left_out():
    form = [TOPIC, ORDER, GIFT, CARD]
    names = lambda given: [each.name for each in fields.asked(form, given)]  # noqa: E731
    assert names({}) == ["topic"]
    assert names({"topic": "order"}) == ["topic", "order_no"]
    assert names({"topic": "order", "order_no": 5, "gift": True}) == ["topic", "order_no", "gift", "card"]
    assert names({"topic": "other", "order_no": 5, "gift": True}) == ["topic"], "what is not asked asks for nothing"
    assert fields.check(form, {"topic": "other", "order_no": "x", "card": "y"}) == {"topic": "other"}
    with pytest.raises(Invalid) as refused:
        fields.check(form, {"topic": "order", "stranger": 1})
    assert set(refused.value.fields) == {"order_no", "stranger"}


def test_a_definition_is_checked_and_its_kind_and_owner_stay(defined):
    for wrong, place in (
        (Field(name="Bad name", label=EN), "name"),
        (Field(name="x", label={}), "label"),
        (Field(name="x", kind="colour", label=EN), "kind"),
        (Field(name="x", of="queue", label=EN), "of"),
        (Field(name="x", kind="choice", label=EN), "options"),
        (Field(name="x", label=EN, shown_if=ShownIf("nobody")), "shown_if"),
        (Field(name="gift", kind="yes_no", label=EN, shown_if=ShownIf("card")), "shown_if"),
        (Field(name="city", of="ticket", label=EN), "of"),
    ):
        with pytest.raises(Invalid) as refused:
            fields.save(defined.uow, wrong)
        assert set(refused.value.fields) == {place}
    fields.set_values(defined.uow, "ticket", defined.ticket_id, {"gift": "yes"})
    with pytest.raises(Invalid):
        fields.save(defined.uow, Field(name="gift", kind="text", label=EN))
    with pytest.raises(Conflict):
        fields.remove(defined.uow, "topic")
    with pytest.raises(Forbidden):
        fields.save(defined.as_agent, TOPIC)


def test_values_are_written_by_name_told_in_the_journal_and_kept_when_a_field_retires(defined):
    ticket = defined.ticket_id
    assert fields.set_values(defined.as_agent, "ticket", ticket, {"topic": "order", "order_no": "12"}) == {
        "topic": "order",
        "order_no": 12,
    }
    fields.set_values(defined.as_agent, "ticket", ticket, {"order_no": "12"})
    assert [event.data for event in defined.events("ticket.fields")] == [{"fields": ["order_no", "topic"]}]
    with pytest.raises(Invalid) as refused:
        fields.set_values(defined.as_agent, "ticket", ticket, {"order_no": "x", "city": "Yazd", "topic": None})
    assert set(refused.value.fields) == {"order_no", "city", "topic"}
    fields.set_values(defined.as_agent, "customer", defined.customer_id, {"city": "Yazd"})
    assert fields.values(defined.as_agent, "customer", defined.customer_id) == {"city": "Yazd"}
    fields.save(defined.uow, Field(**{**vars(CITY), "retired": True}))
    assert "city" not in {each.name for each in fields.all(defined.uow)}
    assert fields.values(defined.as_agent, "customer", defined.customer_id) == {"city": "Yazd"}
    with pytest.raises(NotFound):
        fields.values(defined.as_agent, "ticket", ticket + 1)


def test_values_are_exported_merged_and_erased_with_their_customer(defined):
    fields.set_values(defined.uow, "ticket", defined.ticket_id, {"topic": "other"})
    fields.set_values(defined.uow, "customer", defined.customer_id, {"city": "Yazd"})
    exported = customers.export(defined.uow, defined.customer_id)
    assert exported["fields"] == {"city": "Yazd"} and exported["tickets"][0]["fields"] == {"topic": "other"}
    with defined.uow.writing():
        other = identity_of(defined.uow, Address("postal", "elsewhere")).customer_id
    customers.merge(defined.uow, defined.customer_id, other)
    assert fields.values(defined.uow, "customer", other) == {"city": "Yazd"}
    customers.erase(defined.uow, other)
    while (job := runner.claim(defined.uow)) is not None:
        runner.run(defined.uow, job)
    defined.uow.session.rollback()
    assert (
        fields.values(defined.uow, "customer", other) == fields.values(defined.uow, "ticket", defined.ticket_id) == {}
    )

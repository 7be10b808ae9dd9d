"""Telephone numbers on their way through the desk: one person however a provider or an agent writes the number."""

import json
from datetime import UTC, datetime

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.core.channels.accepts import Accepts
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Outcome, Report
from helpdesk.core.channels.json import to_json
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.errors import Conflict, Invalid
from helpdesk.core.outbox import new_ticket
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.settings import registry
from helpdesk.core.tickets import customers
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.testing import Letters


class Texts(Letters):
    """A channel of telephone numbers."""

    name, label, address = "texts", "Texts", "phone"
    accepts = Accepts(first=True)


@pytest.fixture
def texts(flow):
    flow.runtime.channels["texts"] = Texts
    flow.account = accounts.create(flow.uow, "texts", "Texts", {"address": "021 8877 6655"}, flow.queue).id
    return flow


def addresses(flow):
    return {(i.kind, i.address) for i in flow.session.query(Identity)}


def test_one_person_however_a_provider_writes_their_number(texts):
    for number in ("0912 123 4567", "00989121234567", "+989121234567"):
        texts.write("Hello", sender=Address("phone", number, "Mina"))
    assert addresses(texts) == {("phone", "+989121234567")}
    assert {message.address for message in texts.messages()} == {"+989121234567"}
    assert texts.session.query(Customer).count() == 1


@pytest.mark.parametrize("sender", ["30007732", "MCI", "@mina"])
def test_what_a_provider_gives_that_is_no_number_stays_as_it_is(texts, sender):
    assert texts.write("Your code", sender=Address("phone", sender)).address == sender
    assert addresses(texts) == {("phone", sender)}


def test_the_desks_own_number_is_nobody_however_it_is_written(texts):
    texts.write("Hello", sender=Address("phone", "+98 21 88776655"))
    assert addresses(texts) == set()


def test_an_agent_writes_to_a_number(texts):
    message = new_ticket.open_ticket(texts.as_agent, texts.account, "۰۹۱۲ ۱۲۳ ۴۵۶۷", "", "Hello")
    delivery = texts.session.query(Delivery).filter_by(message_id=message.id).one()
    assert [person["value"] for person in delivery.to] == ["+989121234567"]
    with pytest.raises(Invalid, match="not a telephone number"):
        new_ticket.open_ticket(texts.as_agent, texts.account, "0912 123", "", "Hello")
    with pytest.raises(Invalid, match="desk itself"):
        new_ticket.open_ticket(texts.as_agent, texts.account, "+98 21 8877 6655", "", "Hello")


def test_a_failure_report_finds_its_recipient(texts):
    new_ticket.open_ticket(texts.as_agent, texts.account, "0912 123 4567", "", "Hello")
    texts.send()
    reference = texts.deliveries()[-1].external_id
    failed = Report([Outcome(Address("phone", "00989121234567"), "failed", "5.1.1")], references=[reference])
    texts.arrive(event(failed))
    assert texts.session.query(Identity).one().bounced == "5.1.1"


def event(said):
    return RawMessage("report-1", json.dumps(to_json([said])).encode(), datetime(2026, 11, 1, tzinfo=UTC))


def test_a_number_on_a_card_has_one_form_and_finds_its_customer(texts):
    customer = texts.write("Hello", sender=Address("phone", "0912 123 4567", "Mina")).customer_id
    customers.add_identity(texts.as_agent, customer, "phone", "021 8877 6600 داخلی 12")
    assert ("phone", "+982188776600;ext=12") in addresses(texts)
    other = texts.write("Hi", sender=Address("phone", "0912 765 4321", "Kian")).customer_id
    with pytest.raises(Conflict):
        customers.add_identity(texts.as_agent, other, "phone", "+98 912 123 4567")
    with pytest.raises(Invalid) as refused:
        customers.add_identity(texts.as_agent, other, "phone", "0912 123 45")
    assert "telephone number" in refused.value.fields["address"]
    for typed in ("۰۹۱۲۱۲۳۴۵۶۷", "+98 912 123 4567", "021 8877 6600"):
        assert [found.id for found in customers.by_phone(texts.as_agent, typed)] == [customer]
    assert customers.by_phone(texts.as_agent, "Mina") == []


def test_a_number_can_be_written_down_for_a_channel_that_knows_it_besides(flow):
    class Handles(Letters):
        name, address, other_addresses = "handles", "handle", ("phone",)

    flow.runtime.channels["handles"] = Handles
    customer = flow.write("Hello").customer_id
    customers.add_identity(flow.as_agent, customer, "phone", "0912 123 4567")
    assert ("phone", "+989121234567") in addresses(flow)


def test_the_country_is_a_setting_of_the_desk(texts):
    registry.write(texts.uow, "phones", {"region": "gb"})
    texts.write("Hello", sender=Address("phone", "020 7946 0000"))
    assert addresses(texts) == {("phone", "+442079460000")}
    with pytest.raises(Invalid) as refused:
        registry.write(texts.uow, "phones", {"region": "Atlantis"})
    assert "two letters" in refused.value.fields["region"]

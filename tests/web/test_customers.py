"""The customer's page: who sees it, what it shows, and its two forms."""

import re

import pytest

from helpdesk.core.channels.accepts import Accepts
from helpdesk.core.channels.types import Channel
from helpdesk.core.people.models import Customer, Identity, User


@pytest.fixture
def customer(arrives, runtime):
    ticket = arrives("Where is my order?", name="Mina Rastegar", address="mina@customer.example")
    with runtime.uow() as uow:
        return uow.session.query(Customer).filter_by(name="Mina Rastegar").one().id, ticket


def test_it_shows_name_addresses_and_tickets(customer, signed_in):
    customer_id, ticket = customer
    page = signed_in("agent").get(f"/customers/{customer_id}").text
    assert "Mina Rastegar" in page
    assert "mina@customer.example" in page
    assert f'href="/tickets/{ticket}"' in page


def test_an_address_has_the_icon_of_the_channel_that_answers_it(customer, signed_in, runtime):
    """Not of one that only hears of such addresses, or takes them without answering, whichever came first."""
    email = runtime.channels.pop("email")
    silent = {"name": "first", "icon": "form", "address": "email", "accepts": Accepts(replies=False)}
    knows = {"name": "second", "icon": "plug", "address": "other", "other_addresses": ("email",)}
    runtime.channels.update(
        first=type("First", (Channel,), silent), second=type("Second", (Channel,), knows), email=email
    )
    page = signed_in("agent").get(f"/customers/{customer[0]}").text
    listed = page[page.index('class="identity"') :]
    assert f"#i-{email.icon}" in listed[: listed.index("<bdi")]


def test_nobody_without_a_ticket_of_theirs_sees_a_customer(customer, signed_in):
    customer_id, _ticket = customer
    for role in ("stranger", "trainer"):
        client = signed_in(role)
        assert client.get(f"/customers/{customer_id}").status_code in (403, 404)
        for form in ("name", "addresses"):
            answer = client.post(
                f"/customers/{customer_id}/{form}",
                data={"csrf_token": client.csrf, "name": "Taken", "address": "x@y.example", "kind": "email"},
            )
            assert answer.status_code in (403, 404)
    assert signed_in("agent").get("/customers/999").status_code == 404


def test_renaming(customer, signed_in, runtime):
    customer_id, _ticket = customer
    client = signed_in("agent")
    answer = client.post(f"/customers/{customer_id}/name", data={"csrf_token": client.csrf, "name": "مینا رستگار"})
    assert answer.status_code == 302
    with runtime.uow() as uow:
        assert uow.session.get(Customer, customer_id).name == "مینا رستگار"
    refused = client.post(f"/customers/{customer_id}/name", data={"csrf_token": client.csrf, "name": "  "})
    assert refused.status_code == 422
    assert "Please give it a name." in refused.text


def test_another_address(customer, signed_in, runtime, arrives):
    customer_id, _ticket = customer
    arrives("Me too", name="Somebody", address="taken@customer.example")
    client = signed_in("agent")
    url = f"/customers/{customer_id}/addresses"
    assert (
        client.post(
            url, data={"csrf_token": client.csrf, "kind": "email", "address": "New@Customer.Example"}
        ).status_code
        == 302
    )
    with runtime.uow() as uow:
        assert uow.session.query(Identity).filter_by(address="new@customer.example").one().customer_id == customer_id
    taken = client.post(url, data={"csrf_token": client.csrf, "kind": "email", "address": "taken@customer.example"})
    assert taken.status_code == 409
    assert "Another customer has this address already." in taken.text


@pytest.mark.parametrize(
    ("kind", "address", "said"),
    [
        ("email", "", "Write it like name@example.com."),
        ("email", "mina", "Write it like name@example.com."),
        ("email", '"><svg/onload=alert(1)>', "Write it like name@example.com."),
        ("email", "a@b.example\r\nBcc: c@d.example", "Write it like name@example.com."),
        ("pigeon", "a@b.example", "This desk cannot reach anybody that way."),
    ],
)
def test_an_address_nobody_could_be_reached_by_is_refused(customer, signed_in, runtime, kind, address, said):
    customer_id, _ticket = customer
    client = signed_in("agent")
    refused = client.post(
        f"/customers/{customer_id}/addresses", data={"csrf_token": client.csrf, "kind": kind, "address": address}
    )
    assert refused.status_code == 422 and said in refused.text
    with runtime.uow() as uow:
        assert uow.session.query(Identity).filter_by(customer_id=customer_id).count() == 1


class Texts(Channel):
    """A channel of telephone numbers."""

    name, label, address = "texts", "Texts", "phone"


def test_a_telephone_number_is_read_as_people_write_it(customer, signed_in, runtime, people):
    customer_id, _ticket = customer
    runtime.channels["texts"] = Texts
    client = signed_in("agent")
    url = f"/customers/{customer_id}"
    for number in ("۰۰۹۸۹۱۲۱۲۳۴۵۶۷", "+98 21 8877 6655 ext. 12", "+44 20 7946 0000"):
        given = {"csrf_token": client.csrf, "kind": "phone", "address": number}
        assert client.post(f"{url}/addresses", data=given).status_code == 302
    page = client.get(url).text
    for number in ("0912 123 4567", "021 8877 6655 ext. 12", "+44 20 7946 0000"):
        assert re.search(rf'<bdi [^>]*dir="ltr"[^>]*>{re.escape(number)}</bdi>', page)
    refused = client.post(f"{url}/addresses", data={"csrf_token": client.csrf, "kind": "phone", "address": "0912 12"})
    assert refused.status_code == 422 and "This is not a telephone number" in refused.text
    with runtime.uow() as uow:
        uow.session.get(User, people["agent"].id).language = "fa"
        uow.session.commit()
    assert "021 8877 6655 داخلی 12</bdi>" in client.get(url).text


@pytest.mark.parametrize("query", ["0912 123 4567", "٠٩١٢١٢٣٤٥٦٧", "%2B989121234567"])
def test_the_palette_finds_a_customer_by_telephone_number(customer, signed_in, runtime, query):
    customer_id, _ticket = customer
    with runtime.uow() as uow, uow.writing():
        uow.session.add(Identity(customer_id=customer_id, kind="phone", address="+989121234567"))
    found = signed_in("agent").get(f"/palette?q={query}").json
    assert [each["label"] for each in found["customers"]] == ["Mina Rastegar"]
    assert signed_in("stranger").get(f"/palette?q={query}").json["customers"] == []


def test_two_records_of_one_person_are_merged_by_who_sees_both(customer, signed_in, runtime, arrives):
    customer_id, _ticket = customer
    other = arrives("Me too", name="Somebody", address="taken@customer.example")
    given = {"kind": "email", "address": "taken@customer.example"}
    agent, admin = signed_in("agent"), signed_in("admin")
    refused = agent.post(f"/customers/{customer_id}/addresses", data={"csrf_token": agent.csrf, **given})
    assert "Somebody" in refused.text and "Merge the two" not in refused.text
    taken = admin.post(f"/customers/{customer_id}/addresses", data={"csrf_token": admin.csrf, **given})
    url = re.search(rf'action="(/customers/{customer_id}/merge/\d+)"', taken.text)[1]
    answer = admin.post(url, data={"csrf_token": admin.csrf}, follow_redirects=True)
    assert "mina@customer.example" in answer.text and "taken@customer.example" in answer.text
    assert f'href="/tickets/{other}"' in answer.text
    assert admin.get(f"/customers/{customer_id}").status_code == 404

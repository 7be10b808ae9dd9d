"""Who asks for a call proves nothing; wishes that cannot be filed harm no others; a crash leaves whole steps."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from helpdesk.api import sla, tables, tickets, waiting
from helpdesk.api._calls import writes
from helpdesk.api.errors import Invalid
from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.people.identities import find_identity
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from plugins.phone import call_backs, calls, keeping, limits, promise, requests
from plugins.phone.call_backs import CallBack
from plugins.phone.contract import MINA, PhoneContract, event

from .conftest import SATURDAY, Contract, arrive


class Killed(BaseException):
    """As when the process dies here."""


@writes
def killed(*_given, **_named):
    raise Killed


def wish(uow, line, phone="0912 123 4567", ticket=None, source="page", **more):
    return requests.ask(uow, line, {"phone": phone, **more}, place="198.51.100.7", ticket_id=ticket, source=source)


def broken_off(uow, key):
    tables.update(uow, CallBack, CallBack.key == key, created_at=SATURDAY - timedelta(hours=1))


@pytest.fixture
def by_mail(uow, line):
    """A ticket of another account whose customer has no telephone number."""
    other = accounts.create(uow, "phone", "other", PhoneContract.settings, 1).id
    Contract().take(uow, other, Contract().message("Where is it?", "m1", []))
    with uow.writing() as session:
        session.execute(delete(Identity))
    return uow.session.query(Ticket).one().id


def test_a_number_that_somebody_typed_is_no_proof(uow, line):
    Contract().take(uow, line.id, event("missed"))
    theirs = uow.session.query(Ticket).one()
    owner, called = theirs.customer_id, theirs.id
    wish(uow, line, name="Somebody Else", words="Please change the address.")
    arrive(uow)
    new = uow.session.query(Ticket).where(Ticket.id != called).one()
    assert new.customer_id != owner and uow.session.get(Customer, owner).name == MINA
    (asked,) = uow.session.query(Message).where(Message.kind == "in", Message.ticket_id == new.id)
    assert asked.details["authentic"] is None


def test_a_typed_number_is_never_verified_and_names_nobody(uow, line):
    wish(uow, line, name="Somebody Else")
    arrive(uow)
    assert not any(identity.verified_at for identity in uow.session.query(Identity))
    owner = find_identity(uow.session, "phone", MINA)
    assert owner is None or owner.name == MINA


def test_a_customer_of_mail_is_called_back_at_the_number_they_type(uow, line, by_mail):
    row = wish(uow, line, ticket=by_mail, source="mail")
    assert (row.state, row.ticket_id) == ("waiting", by_mail)


def test_a_wish_on_a_ticket_that_was_merged_follows_it(uow, line):
    for name in ("m1", "m2"):
        Contract().take(uow, line.id, Contract().message("Where is it?", name, []))
    source, target = (ticket.id for ticket in uow.session.query(Ticket).order_by(Ticket.id))
    tickets.merge(uow, source, target)
    assert wish(uow, line, ticket=source, source="mail").ticket_id == target


def test_a_wish_that_cannot_be_filed_is_over_and_frees_its_seat(uow, line, by_mail):
    at = (SATURDAY + timedelta(hours=2)).isoformat()
    with uow.writing() as session:
        session.execute(update(Account).values(enabled=False))
    with pytest.raises(Invalid):
        wish(uow, line, ticket=by_mail, source="mail", slot=at)
    row = uow.session.query(CallBack).one()
    assert (row.state, row.seat) == ("failed", None)


@pytest.mark.parametrize("ticket", [False, True], ids=["asked", "on a ticket"])
def test_one_bad_wish_stops_no_others_and_nothing_else(ticket, uow, line, by_mail):
    other = next(account for account in requests.lines(uow) if account.id != line.id)
    first, second = wish(uow, other, "09121234561").key, wish(uow, line, "09121234562").key
    Contract().drain(uow)
    for key in (first, second):
        broken_off(uow, key)
    if ticket:
        tables.update(uow, CallBack, CallBack.key == first, ticket_id=by_mail)
    with uow.writing() as session:
        session.execute(update(Account).where(Account.id == other.id).values(enabled=False))
    uow.clock = lambda: SATURDAY + timedelta(days=4)
    keeping.keep(uow, None)
    promise.file_asked(uow)
    assert [call_backs.get(uow, key).state for key in (first, second)] == ["failed", "waiting"]
    assert not uow.session.query(limits.Asked).count()


@pytest.mark.parametrize("step", [(tables, "claim"), (sla, "start"), (waiting, "join")], ids=lambda s: s[1])
def test_a_wish_is_filed_whole_or_not_at_all(step, uow, line, monkeypatch, by_mail):
    row = wish(uow, line)
    Contract().drain(uow)
    with monkeypatch.context() as patched:
        patched.setattr(*step, killed)
        with pytest.raises(Killed):
            promise.file_asked(uow)
    for _again in range(2):
        arrive(uow)
    assert call_backs.get(uow, row.key).entry_id
    assert uow.session.query(Message).where(Message.kind == "out").count() == 1
    promise.file(uow, call_backs.get(uow, row.key), by_mail)
    assert uow.session.query(Message).where(Message.kind == "out").count() == 1, "one that is filed stays"


def test_the_end_of_a_call_back_is_whole_or_comes_again(uow, line, monkeypatch):
    wish(uow, line)
    arrive(uow)
    row = uow.session.query(CallBack).one()
    key, entry = row.key, row.entry_id
    with monkeypatch.context() as patched:
        patched.setattr(waiting, "end", killed)
        with pytest.raises(Killed):
            promise.call_off(uow, row)
    promise.follow(uow, call_backs.get(uow, key))
    assert call_backs.get(uow, key).state == "cancelled" and not waiting.get(uow, entry).open
    assert not sla.of_ticket(uow, call_backs.get(uow, key).ticket_id)


def test_a_number_that_will_be_called_is_not_promised_a_second_call(uow, line):
    row = wish(uow, line)
    with pytest.raises(Invalid):
        wish(uow, line, "0098 912 123 4567")
    assert wish(uow, line, source="agent") and wish(uow, line, "0912 123 4568")
    for other in uow.session.query(CallBack).where(CallBack.number == row.number).all():
        promise.call_off(uow, other)
    assert wish(uow, line)


def test_addresses_of_one_household_count_as_one(client, line, monkeypatch):
    monkeypatch.setattr(limits, "PER_PLACE", 1)
    given = {"when": "soon", "phone": "09121234561"}
    url, here = f"/p/phone/{line.public_key}/", {"REMOTE_ADDR": "2001:db8:1:1::1"}
    assert client.post(url, data=given, environ_base=here).status_code == 302
    given["phone"], here["REMOTE_ADDR"] = "09121234562", "2001:db8:1:1::2"
    assert client.post(url, data=given, environ_base=here).status_code == 422
    here["REMOTE_ADDR"] = "2001:db8:1:2::1"
    assert client.post(url, data=given, environ_base=here).status_code == 302


def test_what_was_asked_on_a_ticket_goes_with_its_customer(uow, line, by_mail):
    wish(uow, line, ticket=by_mail, source="mail", words="secret words")
    customer = uow.session.get(Ticket, by_mail).customer_id
    assert "secret words" in str(keeping.export(uow, customer))
    keeping.erase(uow, customer)
    assert not uow.session.query(CallBack).count()


def test_a_card_that_only_claims_a_number_has_not_the_calls_of_its_owner(uow, line):
    Contract().take(uow, line.id, event("missed"))
    calls.follow_filed(uow)
    wish(uow, line)
    arrive(uow)
    (claiming,) = uow.session.query(Identity.customer_id).where(Identity.claim > 0).one()
    assert "missed" not in str(keeping.export(uow, claiming)) and "call_back" in str(keeping.export(uow, claiming))
    keeping.erase(uow, claiming)
    assert uow.session.query(calls.Call).count() == 1 and not uow.session.query(CallBack).count()

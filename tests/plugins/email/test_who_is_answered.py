"""Real mail through the whole corridor: whose it is, and whom an answer and an acknowledgement go to (FAULTS section
1).
"""

from datetime import UTC, datetime
from itertools import count

import pytest

from helpdesk.core.channels.types import RawMessage
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets import addressees
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing import ReadHere, front_desk, small_runtime

AT = datetime(2026, 10, 15, 9, tzinfo=UTC)


_numbers = count(1)
TRUSTED = "Authentication-Results: mx.desk.example; dmarc=pass header.from=desk.example\n"


@pytest.fixture
def uow(tmp_path):
    runtime = small_runtime(tmp_path, plugins="email")
    runtime.parser = ReadHere(runtime)
    with runtime.uow() as uow:
        front_desk(
            uow,
            "email",
            address="support@desk.example",
            aliases="help@desk.example, Sales <sales@desk.example>",
            trusted_servers="mx.desk.example",
        )
        yield uow
    runtime.engine.dispose()


def arrives(uow, header: str) -> Message:
    """A mail with these header fields; its message."""
    number = next(_numbers)
    raw = f"{header}Message-ID: <{number}@elsewhere.example>\nSubject: Hello\n\nHello number {number}\n".encode()
    raw_message = intake.accept(uow, 1, RawMessage(f"mail {number}", raw, AT))
    raw_worker.drain(uow)
    uow.session.expire_all()
    return uow.session.query(Message).filter_by(raw_message_id=raw_message).one()


def answered(uow, message):
    found = addressees.of(uow, uow.session.get(Ticket, message.ticket_id), message.account)
    return [person.value for person in found.to], [person.value for person in found.cc]


@pytest.mark.parametrize(
    "ours",
    [
        "help@desk.example",
        "Sales <SALES+x@desk.example>",
        "support@desk.example",
        "SUPPORT@Desk.Example",
        "support+t1-1-aaaaaaaaaaaaaaaa@desk.example",
        "Support <support+anything@desk.example>",
    ],
)
def test_every_way_of_writing_our_address_is_ours(uow, ours):
    message = arrives(
        uow, f"From: Mina <mina@customer.example>\nReply-To: {ours}\nTo: {ours}\nCc: {ours}, kian@customer.example\n"
    )
    assert answered(uow, message) == (["mina@customer.example"], ["kian@customer.example"])
    message = arrives(uow, f"From: {ours}\nTo: {ours}\n")
    assert answered(uow, message) == ([], [])
    assert not uow.session.query(Identity).filter(Identity.address.contains("support")).count()


def test_an_address_that_only_looks_like_ours_is_a_persons(uow):
    for theirs in ("support@desk.example.evil.example", "supporter@desk.example", "support@other.example"):
        assert answered(uow, arrives(uow, f"From: {theirs}\nTo: support@desk.example\n")) == ([theirs], [])


def test_a_form_that_sends_as_the_desk_brings_people(uow):
    messages = [
        arrives(
            uow,
            f"{TRUSTED}From: Our form <support@desk.example>\nReply-To: {who} "
            f"<{who.lower()}@customer.example>\nTo: support@desk.example\n",
        )
        for who in ("Mina", "Kian")
    ]
    assert [answered(uow, message)[0] for message in messages] == [["mina@customer.example"], ["kian@customer.example"]]
    assert len({message.customer_id for message in messages}) == 2
    assert [message.details["authentic"] for message in messages] == [None, None], "the server vouched for the form"


def test_all_addresses_of_a_reply_to_are_answered(uow):
    message = arrives(
        uow,
        "From: mina@customer.example\nReply-To: Office <office@customer.example>, home@customer.example\nTo: "
        "support@desk.example\n",
    )
    assert answered(uow, message) == (["office@customer.example", "home@customer.example"], [])


@pytest.mark.parametrize("sender", ["Only Name", "<>", '"Only Name"'])
def test_whoever_has_no_address_is_a_customer_of_their_own(uow, sender):
    first, second = (arrives(uow, f"From: {sender}\nTo: support@desk.example\n") for _ in range(2))
    assert first.customer_id != second.customer_id and answered(uow, first) == ([], [])


def test_a_sender_written_as_one_encoded_word_is_known(uow):
    message = arrives(uow, "From: =?utf-8?B?2LnZhNuMIDxhbGlAY3VzdG9tZXIuZXhhbXBsZT4=?=\nTo: support@desk.example\n")
    assert (message.address, uow.session.get(Customer, message.customer_id).name) == ("ali@customer.example", "علی")


def test_a_robot_that_answers_us_chooses_nobody(uow):
    first = arrives(uow, "From: mina@customer.example\nTo: support@desk.example\n")
    robot = arrives(
        uow,
        "From: no-reply@customer.example\nAuto-Submitted: auto-replied\nIn-Reply-To: "
        f"<{first.external_id}>\nTo: support@desk.example\n",
    )
    assert robot.ticket_id == first.ticket_id and robot.automatic == "reply"
    assert answered(uow, first) == (["mina@customer.example"], [])

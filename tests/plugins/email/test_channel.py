"""E-mail as a channel: what every channel must pass, its settings, and what it adds to a parsed mail."""

from datetime import UTC, datetime

import pytest
from marshmallow import ValidationError

from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.channels.outbound import Outbound
from helpdesk.core.channels.types import AccountView, RawMessage
from helpdesk.core.errors import Invalid, Malformed
from plugins.email.channel import Email
from plugins.email.compose import came_back, compose
from plugins.email.contract import PLAIN, EmailContract
from plugins.email.placeholders import missing, oversize

AT = datetime(2026, 10, 15, 9, tzinfo=UTC)


@pytest.mark.clock
class TestEmail(EmailContract):
    """What every channel must pass."""


def channel(**settings) -> Email:
    return Email(AccountView(1, "support", {"address": "support@desk.example", **settings}, "support@desk.example"))


def parsed(raw: bytes, **settings) -> Inbound:
    return channel(**settings).parse(RawMessage("x", raw, AT))


def test_settings_have_good_beginnings():
    loaded = Email.Settings().load({"address": "support@desk.example"})
    assert loaded["listen"] and loaded["imap_port"] == 993 and loaded["imap_security"] == "tls"
    assert loaded["smtp_port"] == 587 and loaded["smtp_security"] == "starttls" and loaded["imap_from"] == "all"


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "nobody"},
        {"smtp_port": 0},
        {"smtp_port": "http"},
        {"imap_security": "maybe"},
        {"imap_from": "yesterday"},
        {"timeout": 0},
        {"unknown": 1},
    ],
)
def test_settings_that_cannot_be(wrong):
    with pytest.raises(ValidationError) as caught:
        Email.Settings().load({"address": "support@desk.example", **wrong})
    assert list(caught.value.messages) == list(wrong)


def test_every_setting_can_be_shown_in_a_form():
    for field in Email.Settings().fields.values():
        assert field.metadata["label"] and field.metadata["group"]


def test_what_stands_in_for_a_message_is_told_to_people():
    beginning = parsed(oversize(PLAIN, 70_000_000))
    assert beginning.subject == "Order 12" and "larger than" in beginning.remarks[0]
    with pytest.raises(Malformed, match="INBOX/Ä.*12"):
        parsed(missing("INBOX/Ä", 12))
    assert parsed(PLAIN).remarks == []


def test_our_own_mail_coming_back_is_a_loop():
    view = AccountView(1, "support", {}, "support@desk.example")
    ours = compose(Outbound("m@desk.example", [Address("email", "ali@example.com")], text="x", at=AT), view)
    assert parsed(b"Return-Path: <x@y>\r\nReceived: from z\r\n" + ours).automatic == "loop"
    assert not came_back(ours.replace(b"support@", b"sales@"), view)
    assert not came_back(b"Subject: x\r\n\r\n" + ours, view), "a mail that only quotes ours is none"
    assert not came_back(b"Subject: x\r\nContent-Type: message/rfc822\n\n" + ours, view)
    assert not came_back(b"", view)


def test_only_trusted_servers_vouch_for_a_sender():
    raw = (
        b"Authentication-Results: mx.desk.example; dmarc=pass header.from=example.com; dkim=pass header.d=example.com; spf=pass smtp.mailfrom=ali@example.com\r\n"
        + PLAIN
    )
    assert parsed(raw, trusted_servers="other.example, mx.desk.example").authentic is True
    assert parsed(raw, trusted_servers="other.example").authentic is None
    assert parsed(raw).authentic is None


def test_what_comes_through_our_own_mailing_list_is_people_s_mail():
    list_lines = (
        b"List-ID: Support <support.desk.example>\r\nPrecedence: list\r\nX-Original-From: Ali <ali@example.com>\r\n"
    )
    message = parsed(list_lines + PLAIN)
    assert (message.automatic, message.sender.value) == ("", "ali@example.com")
    assert parsed(list_lines.replace(b"<support", b"<sales") + PLAIN).automatic == "bulk"
    assert parsed(b"Auto-Submitted: auto-replied\r\n" + list_lines + PLAIN).automatic == "reply"


def test_a_list_that_puts_itself_in_the_senders_place_says_who_wrote():
    """The desk sees the person in the Reply-To: tests/flow/test_answered.py."""
    rewritten = PLAIN.replace(
        b"From: Ali <ali@example.com>",
        b"From: 'Ali' via Support <support@desk.example>\r\nReply-To: Ali <ali@example.com>",
    )
    message = parsed(b"List-ID: <support.desk.example>\r\n" + rewritten)
    assert [(person.value, person.name) for person in message.reply_to] == [("ali@example.com", "Ali")]
    assert message.automatic == ""


def test_both_ways_of_writing_a_domain_are_one_address():
    wide, narrow = "ali@مثال.ایران", "Ali@XN--MGBH0FB.xn--mgba3a4f16a"
    assert {parsed(f"From: {address}\r\n\r\nx".encode()).sender.value for address in (wide, narrow)} == {wide}
    assert parsed(b"From: a@xn--999999b.example\r\n\r\nx").sender.value == "a@xn--999999b.example", (
        "what is none stays as it is"
    )
    view = AccountView(1, "support", {}, "support@مثال.ایران")
    ours = compose(Outbound("m@xn--mgbh0fb.example", [Address("email", "b@x.example")], text="x", at=AT), view)
    assert came_back(ours, view)


# Whom somebody writes to -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "address", "name"),
    [
        (" Mina@Customer.Example ", "mina@customer.example", ""),
        ("<mina@customer.example>", "mina@customer.example", ""),
        ("مینا رستگار\u200cپور <mina@customer.example>", "mina@customer.example", "مینا رستگار\u200cپور"),
    ],
)
def test_an_address_as_people_type_it(typed, address, name):
    assert Email.recipient(typed) == Address("email", address, name)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "mina",
        "mina rastegar@customer.example",
        "mina@customer@home.example",
        "mina@customer.example, kian@customer.example",
    ]
    + [
        "mina@customer.example\nBcc: kian@customer.example",
        "mina@customer.example\u2028x",
        "mi\u202ena@customer.example",
        "mina@",
    ],
)
def test_no_other_address_is_guessed_from_what_somebody_typed(typed):
    """A slip of the hand must not send a customer's words to somebody else."""
    with pytest.raises(Invalid):
        Email.recipient(typed)

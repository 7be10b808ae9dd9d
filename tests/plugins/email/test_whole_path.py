"""From a mailbox to a ticket, an answer by SMTP, and the customer's answer to that: all parts real, the desk's own
workers.
"""

import email
import email.policy
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import servers
from aiosmtpd.controller import Controller

from helpdesk.core.actor import DESK
from helpdesk.core.outbox import replies
from helpdesk.core.people.models import Customer
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.runtime.worker import Worker
from helpdesk.testing import front_desk, small_runtime

FIRST = """From: =?utf-8?B?2LPYp9ix2Kc=?= <sara@example.com>
To: support@desk.example
Message-ID: <first@example.com>
Subject: سفارش
Content-Type: text/plain; charset=utf-8

سلام، سفارشم نرسیده است.
""".replace("\n", "\r\n").encode()


class Sink:
    """A mail server that keeps what it gets."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A desk at work, its mailbox at ``imap`` and the mail server ``sink`` it sends by."""
    monkeypatch.setenv("HELPDESK_SMTP_PORT", str(servers.free_port()))
    (tmp_path / "pymap").mkdir()
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=servers.free_port())
    controller.start()
    with servers.pymap(tmp_path / "pymap") as imap:
        runtime = small_runtime(tmp_path / "desk", plugins="email")
        with runtime.uow() as uow:
            front_desk(
                uow,
                "email",
                address="support@desk.example",
                display_name="پشتیبانی",
                smtp_host="127.0.0.1",
                smtp_port=controller.port,
                smtp_security="none",
                imap_host="127.0.0.1",
                imap_port=imap,
                imap_security="none",
                imap_user=servers.USER,
                imap_password=servers.PASSWORD,
                timeout=5,
            )
        worker = Worker(runtime, runtime.notifier)
        worker.start()
        yield SimpleNamespace(runtime=runtime, imap=imap, sink=sink)
        worker.stop()
        controller.stop()
        runtime.engine.dispose()


@contextmanager
def soon(seconds: float = 20):
    """Gives a function that says whether to go on waiting."""
    until = time.monotonic() + seconds

    def waiting(done: bool) -> bool:
        assert time.monotonic() < until, "it did not happen"
        if not done:
            time.sleep(0.05)
        return not done

    yield waiting


def messages(runtime) -> list:
    with runtime.uow() as uow:
        return uow.session.query(Message).filter_by(kind="in").order_by(Message.id).all()


def test_a_conversation_in_persian(world):
    with servers.signed_in(world.imap) as program, soon() as waiting:
        program.append("INBOX", None, None, FIRST)
        while waiting(len(messages(world.runtime)) == 1):
            pass
        with world.runtime.uow(DESK) as uow:
            ticket = uow.session.query(Ticket).one()
            assert uow.session.get(Customer, ticket.customer_id).language == "fa"
            replies.reply(uow, ticket.id, "فردا به دست شما می‌رسد.")
        while waiting(any("فردا" in str(mail.get_body(("plain",)).get_content()) for mail in world.sink.mails)):
            pass
        answer = next(mail for mail in world.sink.mails if "فردا" in mail.get_body(("plain",)).get_content())
        assert answer["subject"] == "Re: سفارش" and answer["in-reply-to"] == "<first@example.com>"
        assert answer["to"].addresses[0].addr_spec == "sara@example.com"
        assert (
            'dir="rtl"' in answer.get_body(("html",)).get_content()
            and "سفارشم نرسیده است" in answer.get_body(("plain",)).get_content()
        )

        back = (
            f"From: sara@example.com\r\nTo: {answer['reply-to']}\r\nMessage-ID: <second@example.com>\r\nSubject: "
            "thanks\r\n\r\nThank you\r\n"
        )
        program.append("INBOX", None, None, back.encode())
        while waiting(len(messages(world.runtime)) == 2):
            pass
        assert len({message.ticket_id for message in messages(world.runtime)}) == 1, "the plus-address joins the ticket"

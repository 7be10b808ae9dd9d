"""The proofs of the e-mail channel: mails as they really arrive, and a mail server that does as the contract asks."""

from __future__ import annotations

import asyncio
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller

from helpdesk.testing import ChannelContract, fixture
from helpdesk.testing.processes import free_port

from .channel import Email

PLAIN = b"From: Ali <ali@example.com>\r\nTo: support@desk.example\r\nMessage-ID: <1@example.com>\r\nSubject: Order 12\r\n\r\nWhere is it?\r\n"
PERSIAN = """From: =?utf-8?B?2LPYp9ix2Kc=?= <sara@example.com>
To: support@desk.example
Message-ID: <2@example.com>
Subject: سفارش
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p dir="rtl">سلام، می‌خواهم <b>سفارش</b> را پس بدهم.</p>
--b
Content-Type: image/png; name="a.png"
Content-Transfer-Encoding: base64
Content-Disposition: attachment

iVBORw0KGgo=
--b--
""".replace("\n", "\r\n").encode()
BOUNCE = b"""From: MAILER-DAEMON@mx.example.com
To: support@desk.example
Subject: Undelivered
Message-ID: <3@mx.example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; gone@example.com
Action: failed
Status: 5.1.1
--b
Content-Type: message/rfc822

Message-ID: <sent@desk.example>
Subject: hello

--b--
""".replace(b"\n", b"\r\n")


class MailServer:
    """An SMTP server that does as the contract asks and keeps what it took."""

    settings = {"smtp_host": "127.0.0.1", "smtp_security": "none", "timeout": 1}
    after = 0.0
    loses = True

    def __init__(self):
        self.taken, self.edited, self.deleted, self.signals, self.fail = [], [], [], [], ""

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.fail == "slow":
            await asyncio.sleep(1.5)
        envelope.mail_from = address
        return "421 4.7.0 Busy, come again" if self.fail == "busy" else "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.fail == "down":
            server.transport.abort()
        elif self.fail in ("", "lost"):
            mail = message_from_bytes(envelope.content, policy=default)
            self.taken.append({"id": mail["Message-ID"], "text": mail.get_body(("plain",)).get_content()})
            if self.fail:
                server.transport.abort()
        return "250 OK"


class EmailContract(ChannelContract):
    """What every channel must keep, for e-mail."""

    channel = Email
    settings = {"address": "support@desk.example", "smtp_password": "canary-s", "imap_password": "canary-i"}
    samples = [PLAIN, PERSIAN, BOUNCE]

    @fixture
    def provider(self):
        provider = MailServer()
        controller = Controller(provider, hostname="127.0.0.1", port=free_port())
        controller.start()
        provider.settings = {**provider.settings, "smtp_port": controller.port}
        yield provider
        controller.stop()

    def test_polling_brings_what_is_new_and_goes_on_from_its_cursor(self, provider):
        self.leave_out("polling, which tests/plugins/email/test_imap.py proves against real servers")

    def message(self, text, external_id, references):
        answers = f"In-Reply-To: <{references[0]}>\r\n" if references else ""
        head = f"From: Ali <ali@example.com>\r\nTo: support@desk.example\r\nMessage-ID: <{external_id}@example.com>\r\n{answers}"
        return f"{head}Subject: Order 12\r\n\r\n{text}\r\n".encode()

    def reported(self, external_id, state):
        action = {"failed": (b"failed", b"5.1.1"), "delivered": (b"delivered", b"2.0.0")}.get(state)
        if action is None:
            return None
        raw = BOUNCE.replace(b"Action: failed", b"Action: " + action[0]).replace(
            b"Status: 5.1.1", b"Status: " + action[1]
        )
        return raw.replace(b"<sent@desk.example>", f"<{external_id}>".encode())

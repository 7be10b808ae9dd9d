"""Sending, against a real SMTP server that does as it is told: refuses, hangs up, drips, wants a password or TLS."""

import email
import re
import socket
import ssl
import threading
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest
import servers
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.channels.outbound import Outbound
from helpdesk.core.channels.types import AccountView
from helpdesk.core.errors import Misconfigured, Refused, TryAgain, Undeliverable
from plugins.email.channel import Email

AT = datetime(2026, 10, 15, 9, tzinfo=UTC)


class Script:
    """A server's behaviour: answers by recipient, an answer to DATA, and what it got."""

    def __init__(self, recipients=None, data="250 OK", sender="250 OK"):
        self.recipients, self.data, self.sender, self.mails = recipients or {}, data, sender, []

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.sender

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.recipients.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        if self.data == "drop":
            server.transport.abort()
        return self.data


@contextmanager
def serving(script, kind=Controller, **options):
    controller = kind(script, hostname="127.0.0.1", port=servers.free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def channel(port: int, **settings) -> Email:
    base = {
        "address": "support@desk.example",
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "none",
        "timeout": 5,
    }
    return Email(AccountView(1, "support", {**base, **settings}, "support@desk.example"))


def mail(*to: str, **changes) -> Outbound:
    people = [Address("email", address) for address in to or ["ali@example.com"]]
    return Outbound(
        **{
            "external_id": "m.1@desk.example",
            "to": people,
            "subject": "سلام",
            "text": ".\nسلام\n..",
            "at": AT,
            **changes,
        }
    )


@pytest.mark.clock
def test_a_mail_arrives_as_it_was_composed():
    script = Script()
    with serving(script) as port:
        assert channel(port).send(mail("ali@example.com", cc=[Address("email", "sara@example.com")])).detail == ""
    (envelope,) = script.mails
    assert envelope.mail_from == "support@desk.example" and envelope.rcpt_tos == ["ali@example.com", "sara@example.com"]
    assert b"Message-ID: <m.1@desk.example>" in envelope.content
    assert re.search(rb"\r\n\r\n.*", envelope.content) and b"\r\n..\r\n" not in envelope.content


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("450 4.2.0 Greylisted", TryAgain),
        ("452 4.2.2 Mailbox full", TryAgain),
        ("421 4.3.2 Going down", TryAgain),
        ("550 5.1.1 No such user", Undeliverable),
        ("553 5.1.3 Bad address", Undeliverable),
    ],
)
def test_a_refused_recipient(answer, error):
    with serving(Script({"ali@example.com": answer})) as port, pytest.raises(error) as caught:
        channel(port).send(mail())
    assert answer.split(" ", 1)[1] in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 4.3.0 Later", TryAgain),
        ("421 4.3.2 Going down", TryAgain),
        ("554 5.7.1 Spam", Refused),
        ("552 5.3.4 Too big", Refused),
    ],
)
def test_a_refused_message(answer, error):
    with serving(Script(data=answer)) as port, pytest.raises(error, match="4|5"):
        channel(port).send(mail())


@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 5.7.1 Not yours", Refused), ("530 5.7.0 Sign in", Misconfigured), ("451 4.7.1 Later", TryAgain)],
)
def test_a_refused_sender(answer, error):
    with serving(Script(sender=answer)) as port, pytest.raises(error):
        channel(port).send(mail())


def test_some_recipients_refused_is_sent_and_said():
    script = Script({"gone@example.com": "550 5.1.1 No such user"})
    with serving(script) as port:
        sent = channel(port).send(mail("ali@example.com", "gone@example.com"))
    assert "%" in sent.detail and "gone@example.com" in sent.detail % sent.values and "550" in sent.detail % sent.values
    assert script.mails[0].rcpt_tos == ["ali@example.com"]


def test_all_refused_but_one_only_for_now_is_tried_again():
    with (
        serving(Script({"a@example.com": "550 5.1.1 No", "b@example.com": "450 4.2.0 Later"})) as port,
        pytest.raises(TryAgain),
    ):
        channel(port).send(mail("a@example.com", "b@example.com"))


def test_a_drop_after_the_data_is_tried_again_with_the_same_id():
    script = Script(data="drop")
    with serving(script) as port:
        for _ in range(2):
            with pytest.raises(TryAgain):
                channel(port).send(mail())
    ids = {re.search(rb"Message-ID: (\S+)", envelope.content)[1] for envelope in script.mails}
    assert len(script.mails) == 2 and ids == {b"<m.1@desk.example>"}


def test_a_drop_while_saying_goodbye_is_no_failure():
    class Rude(SMTP):
        async def smtp_QUIT(self, arg):
            self.transport.abort()

    class RudeController(Controller):
        def factory(self):
            return Rude(self.handler)

    with serving(script := Script(), RudeController) as port:
        channel(port).send(mail())
    assert len(script.mails) == 1


def test_nobody_answers():
    with pytest.raises(TryAgain, match="does not answer"):
        channel(servers.free_port()).send(mail())


def test_no_such_host():
    with pytest.raises(Misconfigured, match="no-such-host.invalid|broke off"):
        channel(25, smtp_host="no-such-host.invalid").send(mail())


def test_no_server_set():
    with pytest.raises(Misconfigured, match="No SMTP server"):
        channel(25, smtp_host="").send(mail())


@contextmanager
def dripping(first: bytes):
    """A server that says one byte now and then, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip():
        peer, _ = listener.accept()
        with peer:
            try:
                peer.sendall(first)
                while not stop.wait(0.1):
                    peer.sendall(b"2")
            except OSError:
                pass

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        listener.close()
        thread.join()


@pytest.mark.parametrize("first", [b"", b"220 hello\r\n"])
def test_a_server_that_drips_is_given_up(first):
    began = time.monotonic()
    with dripping(first) as port, pytest.raises(TryAgain):
        channel(port, timeout=0.3).send(mail())
    assert time.monotonic() - began < 5


def test_a_server_that_never_answers_is_given_up():
    with closing(socket.create_server(("127.0.0.1", 0))) as silent, pytest.raises(TryAgain):
        channel(silent.getsockname()[1], timeout=0.3).send(mail())


@pytest.mark.parametrize(
    ("greeting", "error"),
    [(b"554 5.7.1 Blocked\r\n", Misconfigured), (b"421 4.7.0 Too many\r\n", TryAgain), (b"* OK IMAP\r\n", TryAgain)],
)
def test_a_server_that_does_not_want_us(greeting, error):
    with dripping(greeting) as port, pytest.raises(error):
        channel(port, timeout=0.3).send(mail())


def sign_in(server, session, envelope, mechanism, data):
    if data.login == b"busy":
        return AuthResult(success=False, handled=False, message="454 4.7.0 Later")
    return AuthResult(success=(data.login, data.password) == (b"ali", b"right"), handled=False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_signing_in():
    script = Script()
    with serving(script, authenticator=sign_in, auth_require_tls=False, auth_required=True) as port:
        channel(port, smtp_user="ali", smtp_password="right").send(mail())
        with pytest.raises(Misconfigured, match="user name or password") as caught:
            channel(port, smtp_user="ali", smtp_password="canary-7f3").send(mail())
        assert "canary-7f3" not in str(caught.value)
        with pytest.raises(Misconfigured, match="wants a user name"):
            channel(port).send(mail())
        with pytest.raises(TryAgain):
            channel(port, smtp_user="busy", smtp_password="x").send(mail())
    assert len(script.mails) == 1


def test_the_test_button():
    with serving(Script(), authenticator=sign_in, auth_require_tls=False) as port:
        assert [step.ok for step in channel(port, smtp_user="ali", smtp_password="right").check()] == [True, True]
        fetching, sending = channel(port, smtp_user="ali", smtp_password="wrong").check()
        assert fetching.ok and not sending.ok and "user name or password" in sending.sentence
    assert "does not answer" in list(channel(servers.free_port()).check())[1].sentence
    assert "own listener" in next(iter(channel(25, smtp_host="").check())).sentence


class Encrypted(Controller):
    """TLS from the first byte, without the trial connection that aiosmtpd makes in the clear."""

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, host=self.hostname, port=self.port, ssl=self.tls)

    def __init__(self, handler, tls, **options):
        self.tls = tls
        super().__init__(handler, **options)

    def _trigger_server(self):
        with socket.create_connection((self.hostname, self.port)) as plain:
            trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
            with trusting.wrap_socket(plain) as wrapped:
                wrapped.recv(1)


def test_starttls_and_tls_with_a_certificate_that_is_trusted(certificate, monkeypatch):
    file, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving(script := Script(), tls_context=context, require_starttls=True) as port:
        channel(port, smtp_host="localhost", smtp_security="starttls").send(mail())
    with serving(script, Encrypted, tls=context) as port:
        channel(port, smtp_host="localhost", smtp_security="tls").send(mail())
    assert len(script.mails) == 2


def test_certificates_that_are_not_trusted(certificate, monkeypatch):
    file, context = certificate
    with serving(script := Script(), tls_context=context) as port:
        with pytest.raises(Misconfigured, match="certificate of localhost"):
            channel(port, smtp_host="localhost", smtp_security="starttls").send(mail())
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        with pytest.raises(Misconfigured, match="certificate of 127.0.0.1"):
            channel(port, smtp_security="starttls").send(mail())
    assert not script.mails


def test_encryption_that_is_not_offered_is_never_left_out():
    with serving(script := Script()) as port:
        with pytest.raises(Misconfigured, match="no encryption"):
            channel(port, smtp_security="starttls").send(mail())
        with pytest.raises(Misconfigured, match="does not speak TLS"):
            channel(port, smtp_security="tls").send(mail())
    assert not script.mails


def test_addresses_in_other_letters():
    with serving(script := Script(), enable_SMTPUTF8=True) as port:
        channel(port).send(mail("علی@example.com", "ali@مثال.ایران"))
    assert script.mails[0].rcpt_tos == ["علی@example.com", "ali@xn--mgbh0fb.xn--mgba3a4f16a"]
    assert "To: <علی@example.com>".encode() in script.mails[0].content
    with serving(Script(), enable_SMTPUTF8=False) as port, pytest.raises(Undeliverable, match="letters"):
        channel(port).send(mail("علی@example.com"))


def test_what_is_no_address_reaches_no_server():
    with serving(script := Script()) as port, pytest.raises(Undeliverable, match="is not an e-mail address"):
        channel(port).send(mail("a@b.c>\r\nRCPT TO:<evil@example.com"))
    assert not script.mails


def test_a_large_mail_is_byte_for_byte():
    content = bytes(range(256)) * 8000
    with serving(script := Script(), data_size_limit=50_000_000) as port:
        channel(port).send(mail(files=[File("a.bin", content=content)]))
    part = [p for p in email.message_from_bytes(script.mails[0].content).walk() if p.get_filename()][0]
    assert part.get_payload(decode=True) == content

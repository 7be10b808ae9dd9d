"""The desk's own mail server: takes mail by SMTP (RFC 5321) and LMTP (RFC 2033) on one port, for all accounts that want
it.

It answers 250 only when the desk has stored the mail, and it knows nobody but the accounts' addresses and their
plus-addresses.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from uuid import uuid4

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from helpdesk.api.channels import AccountView, RawMessage
from helpdesk.api.errors import Misconfigured, _

from .compose import own_address
from .domains import one_form

LARGEST = 50_000_000  # bytes, where an account says nothing else; beyond it the answer is 552 (RFC 5321 §4.2.3)
TOO_LARGE = "552 5.3.4 This message is larger than the %d MB this desk takes; please send large files some other way"
LIBRARY = (
    "552 Error",
    "500 Line too long",
)  # how aiosmtpd begins what it says itself of a message or a line that is too large
LINE = 1_000_000  # bytes in a line; the standard's 998 would refuse much real HTML mail
PORT = "HELPDESK_SMTP_PORT"
IDENT = "ESMTP LMTP"  # how the greeting ends
GREETING = 2.0  # seconds to wait for it

Accounts = Callable[[], list[AccountView]]
Take = Callable[[int, RawMessage], None]

log = logging.getLogger("hamdel.email")
logging.getLogger("mail.log").setLevel(logging.ERROR)  # it would write down addresses and bodies


def listen(accounts: Accounts, take: Take) -> Callable[[], None]:
    """Start the server on 127.0.0.1 and return what stops it; Misconfigured when the port cannot be had."""
    text = os.environ.get(PORT, "2525")
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) < 65536:
        raise Misconfigured(_("%(name)s must be a port number; it is “%(value)s”."), name=PORT, value=text)
    controller = ListenerThread(MailHandler(accounts, take), hostname="127.0.0.1", port=int(text))
    try:
        socket.create_server(
            ("127.0.0.1", int(text))
        ).close()  # says at once what the controller says after five seconds
        controller.start()
    except OSError as error:
        raise Misconfigured(
            _("Port %(port)s for incoming mail is taken. Please stop what uses it or set %(name)s to another port."),
            port=text,
            name=PORT,
        ) from error
    return controller.stop


def check(_uow=None) -> Misconfigured | None:
    """Whether another program has the port where mail is handed over; where nothing answers, no desk runs here."""
    text = os.environ.get(PORT, "2525")
    try:
        with socket.create_connection(("127.0.0.1", int(text)), timeout=GREETING) as peer:
            ours = f" hamdel {IDENT}".encode() in peer.recv(1024)
    except (OSError, ValueError):
        return None
    sentence = _("Port %(port)s for incoming mail is taken. Please stop what uses it or set %(name)s to another port.")
    return None if ours else Misconfigured(sentence, port=text, name=PORT)


class Protocol(SMTP):
    """SMTP that answers LHLO as well."""

    line_length_limit = LINE
    lmtp = False

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, arg: str) -> None:
        """The greeting of LMTP, after which DATA is answered once for each recipient."""
        self.lmtp = True
        await super().smtp_EHLO(arg)

    async def smtp_EHLO(self, hostname: str) -> None:
        """The greeting of SMTP."""
        self.lmtp = False
        await super().smtp_EHLO(hostname)

    async def push(self, status: str) -> None:
        """Say it; what is said of a whole message is said to each recipient by LMTP, and of its size in a sentence."""
        if status.startswith(LIBRARY):
            sentence = TOO_LARGE % (self.data_size_limit // 1_000_000) if status.startswith("552") else status
            status = "\r\n".join([sentence] * max(1, self.lmtp and len(self.envelope.rcpt_tos)))
        await super().push(status)


class ListenerThread(Controller):
    """aiosmtpd's thread with its event loop, serving our protocol."""

    def factory(self) -> Protocol:
        """One protocol object for each connection."""
        options = {"enable_SMTPUTF8": True, "decode_data": False, "hostname": "hamdel", "ident": IDENT}
        return Protocol(self.handler, data_size_limit=self.handler.largest(), **options)


class MailHandler:
    """What aiosmtpd asks while a mail comes in."""

    def __init__(self, accounts: Accounts, take: Take):
        self.accounts, self.take = accounts, take

    async def handle_RCPT(
        self, server: Protocol, session: Session, envelope: Envelope, address: str, options: list
    ) -> str:
        """Only addresses of ours (RFC 5321 §3.3)."""
        try:
            known = self._account_of(address)
        except Exception:
            log.exception("accounts could not be read")
            return "451 4.3.0 The desk cannot take mail right now"
        if known is None:
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Protocol, session: Session, envelope: Envelope) -> str:
        """Store the mail once for each account; by LMTP each recipient hears what became of theirs (RFC 2033 §4.2)."""
        answers = {}
        try:
            for account, recipients in self._by_account(envelope.rcpt_tos):
                fits = len(envelope.original_content) <= _limit(account)
                answer = (
                    self._stored(account.id, server.lmtp, session, envelope, recipients)
                    if fits
                    else TOO_LARGE % (_limit(account) // 1_000_000)
                )
                answers |= dict.fromkeys(recipients, answer)
        except Exception:
            log.exception("accounts could not be read")
        each = [answers.get(address, "451 4.3.0 The desk cannot take mail right now") for address in envelope.rcpt_tos]
        return (
            "\r\n".join(each) if server.lmtp else max(each, key=lambda answer: "254".index(answer[0]))
        )  # "later" saves what "never" would lose

    def largest(self) -> int:
        """The most bytes any account takes; who may take how much is decided when it is known for whom a message is."""
        try:
            return max((_limit(account) for account in self.accounts()), default=LARGEST)
        except Exception:
            log.exception("accounts could not be read")
            return LARGEST

    async def handle_exception(self, error: Exception) -> str:
        """Nothing of a fault goes over the wire; the sender tries again later."""
        log.error("listener", exc_info=error)
        return "451 4.3.0 The desk cannot take mail right now"

    def _stored(self, account_id: int, lmtp: bool, session: Session, envelope: Envelope, recipients: list[str]) -> str:
        external_id = uuid4().hex
        raw = _stamp(external_id, lmtp, session, envelope, recipients) + envelope.original_content
        try:
            self.take(account_id, RawMessage(external_id, raw, datetime.now(UTC)))
        except Exception:
            log.exception("mail for account %s was not stored", account_id)
            return "451 4.3.0 The desk cannot store mail right now"
        return f"250 2.0.0 Stored as {external_id}"

    def _by_account(self, recipients: Iterable[str]) -> Iterable[tuple[AccountView, list[str]]]:
        found: dict[int, tuple[AccountView, list[str]]] = {}
        for address in dict.fromkeys(recipients):
            account = self._account_of(address)
            if account:
                found.setdefault(account.id, (account, []))[1].append(address)
        return found.values()

    def _account_of(self, address: str) -> AccountView | None:
        """The account with this address or, without what follows a plus sign, with this one."""
        local, _at, domain = one_form(address).rpartition("@")
        wanted = {f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}"}
        ours = (account for account in self.accounts() if account.settings.get("listen", True))
        return next((account for account in ours if one_form(own_address(account)) in wanted), None)


def _limit(account: AccountView) -> int:
    """The most bytes this account takes."""
    return int(account.settings.get("largest_megabytes") or 0) * 1_000_000 or LARGEST


def _stamp(external_id: str, lmtp: bool, session: Session, envelope: Envelope, recipients: list[str]) -> bytes:
    """The header lines a final delivery puts on top (RFC 5321 §4.4): where it came from, for whom, and when."""
    peer = session.peer[0] if isinstance(session.peer, tuple) else "local"
    how = ("UTF8" if envelope.smtp_utf8 else "") + ("LMTP" if lmtp else "SMTP" if envelope.smtp_utf8 else "ESMTP")
    rows = [
        f"Return-Path: <{_safe(envelope.mail_from)}>",
        *(f"Delivered-To: {_safe(address)}" for address in recipients),
        f"Received: from {_safe(session.host_name) or 'unknown'} ([{_safe(peer)}]) by hamdel with {how}",
        f" id {external_id}; {format_datetime(datetime.now(UTC))}",
    ]
    return "".join(f"{row}\r\n" for row in rows).encode("utf-8", "surrogateescape")


def _safe(text: str | None) -> str:
    """What a client said, as one word in a header of ours."""
    return "".join(c for c in text or "" if c > "\x7f" or "!" <= c <= "~" and c not in "()<>")[:320]

"""E-mail as a channel: comes in by the desk's own listener or from an IMAP mailbox, goes out by SMTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from marshmallow import Schema, fields, validate

from helpdesk.api.channels import (
    Accepts,
    AccountView,
    Address,
    Attachments,
    Channel,
    Inbound,
    Outbound,
    Preset,
    RawMessage,
    Report,
    Secret,
    Sent,
    Step,
    tried,
)
from helpdesk.api.errors import Invalid, Misconfigured, _

from . import address_fields as fields_of
from . import mime, smtp
from .addresses import people
from .compose import came_back, compose, own_address
from .domains import one_form
from .encode_headers import ADDRESS, spec
from .placeholders import TOO_LARGE, is_beginning
from .presets import PRESETS

SECURITY = validate.OneOf(("none", "starttls", "tls"), labels=(_("Not encrypted"), "STARTTLS", "TLS"))
BEGIN = validate.OneOf(("all", "new"), labels=(_("What is in the mailbox already"), _("Only what comes from now on")))
PORT = validate.Range(1, 65535)
SMTP, IMAP = (tuple(f"{way}_{what}" for what in ("host", "port", "security")) for way in ("smtp", "imap"))
BY_OAUTH = ("oauth_token_url", *SMTP, *IMAP)  # the access token goes to the servers
NO_IMAP = _("Nothing is fetched by IMAP; mail comes in only by the desk's own listener.")
NO_SMTP = _("There is no SMTP server to send by yet.")


def _meta(group: str, label: str, help: str = "", placeholder: str = "", ltr: bool = False) -> dict:
    return {"group": group, "label": label, "help": help, "placeholder": placeholder, "ltr": ltr}


class Email(Channel):
    """One mail address of the desk."""

    name = "email"
    label = _("E-mail")
    icon = "letter"
    address = "email"
    accepts = Accepts(html=True, attachments=Attachments(), subject=True, first=True)

    class Settings(Schema):
        """Address, the ways in, the way out."""

        ADDRESS, SENDING, FETCHING, OAUTH, MORE = (
            _("Address"),
            _("Sending"),
            _("Fetching"),
            _("Signing in by OAuth"),
            _("More"),
        )

        address = fields.Email(
            required=True, metadata=_meta(ADDRESS, _("E-mail address"), placeholder="support@example.com")
        )
        display_name = fields.String(
            load_default="", metadata=_meta(ADDRESS, _("Name customers see"), _("Empty: the account's name."))
        )
        aliases = fields.String(
            load_default="",
            metadata=_meta(
                ADDRESS,
                _("Other addresses that lead here"),
                _("Separated by commas. No answer is ever sent to them."),
                "help@example.com",
                ltr=True,
            ),
        )
        listen = fields.Boolean(
            load_default=True,
            metadata=_meta(
                ADDRESS,
                _("Take mail handed to the desk"),
                _("A mail server on this machine hands it over by SMTP or LMTP."),
            ),
        )
        plus_addresses = fields.Boolean(
            load_default=True,
            metadata=_meta(
                ADDRESS,
                _("Answers come to plus-addresses"),
                _("Switch this off if name+anything@… does not reach you."),
            ),
        )
        smtp_host = fields.String(
            load_default="", metadata=_meta(SENDING, _("SMTP server"), placeholder="smtp.example.com")
        )
        smtp_port = fields.Integer(load_default=587, validate=PORT, metadata=_meta(SENDING, _("Port")))
        smtp_security = fields.String(
            load_default="starttls", validate=SECURITY, metadata=_meta(SENDING, _("Security"))
        )
        smtp_user = fields.String(load_default="", metadata=_meta(SENDING, _("User name"), ltr=True))
        smtp_password = Secret(sent_to=SMTP, load_default="", metadata=_meta(SENDING, _("Password")))
        imap_host = fields.String(
            load_default="",
            metadata=_meta(FETCHING, _("IMAP server"), _("Empty: nothing is fetched."), "imap.example.com"),
        )
        imap_port = fields.Integer(load_default=993, validate=PORT, metadata=_meta(FETCHING, _("Port")))
        imap_security = fields.String(load_default="tls", validate=SECURITY, metadata=_meta(FETCHING, _("Security")))
        imap_user = fields.String(load_default="", metadata=_meta(FETCHING, _("User name"), ltr=True))
        imap_password = Secret(sent_to=IMAP, load_default="", metadata=_meta(FETCHING, _("Password")))
        imap_folders = fields.String(
            load_default="INBOX", metadata=_meta(FETCHING, _("Folders"), _("Several are separated by commas."))
        )
        imap_from = fields.String(load_default="all", validate=BEGIN, metadata=_meta(FETCHING, _("Begin with")))
        oauth_token_url = fields.String(
            load_default="",
            validate=validate.Regexp(r"$|https://[^\s/]+\S*$", error="Not a valid URL."),
            metadata=_meta(
                OAUTH,
                _("Token address"),
                _("Empty: the passwords above are used."),
                "https://login.example.com/token",
                ltr=True,
            ),
        )
        oauth_client_id = fields.String(load_default="", metadata=_meta(OAUTH, _("Client id"), ltr=True))
        oauth_client_secret = Secret(sent_to=BY_OAUTH, load_default="", metadata=_meta(OAUTH, _("Client secret")))
        oauth_refresh_token = Secret(
            sent_to=BY_OAUTH,
            load_default="",
            metadata=_meta(OAUTH, _("Refresh token"), _("Empty: the desk signs in as an application of its own.")),
        )
        oauth_scope = fields.String(
            load_default="", metadata=_meta(OAUTH, _("Scope"), _("Only where the provider asks for one."), ltr=True)
        )
        trusted_servers = fields.String(
            load_default="",
            metadata=_meta(
                MORE,
                _("Trusted receiving servers"),
                _("Names in Authentication-Results that you trust, separated by commas."),
                "mx.example.com",
            ),
        )
        rewrites_headers = fields.Boolean(
            load_default=False,
            metadata=_meta(
                MORE,
                _("The provider rewrites Message-ID and Reply-To"),
                _("Then each message ends with a small mark by which answers find their ticket."),
            ),
        )
        largest_megabytes = fields.Integer(
            load_default=50, validate=validate.Range(1, 200), metadata=_meta(MORE, _("Largest message in megabytes"))
        )
        timeout = fields.Integer(
            load_default=30, validate=validate.Range(1, 300), metadata=_meta(MORE, _("Seconds to wait for a server"))
        )

    @classmethod
    def presets(cls) -> list[Preset]:
        """The servers of known providers."""
        return PRESETS

    def __init__(self, account: AccountView):
        super().__init__(account)
        self.settings = account.settings
        self.closed = threading.Event()

    @cached_property
    def reader(self):
        """Reads the account's IMAP mailbox, where it has one."""
        from .imap import Reader  # children that parse fetch nothing

        return Reader(self.account) if self.settings.get("imap_host") else None

    def poll(self, cursor: dict, wait: float) -> tuple[list[RawMessage], dict]:
        """New mail of the IMAP mailbox; an account without one has none, ever."""
        if self.reader:
            return self.reader.poll(cursor, wait)
        self.closed.wait(wait)
        return [], cursor

    @classmethod
    def listen(
        cls, accounts: Callable[[], list[AccountView]], take: Callable[[int, RawMessage], None]
    ) -> Callable[[], None]:
        """The desk's own mail server."""
        from . import listener  # children that parse need no mail server

        return listener.listen(accounts, take)

    def parse(self, raw_message: RawMessage) -> Inbound | Report | None:
        """Understand the raw mail."""
        beginning = is_beginning(raw_message.raw)
        trusted = [name.strip() for name in self.settings.get("trusted_servers", "").split(",") if name.strip()]
        parsed = mime.parse(raw_message.raw, trusted)
        if isinstance(parsed, Inbound):
            if beginning:
                parsed.remarks.insert(0, TOO_LARGE)
                parsed.partial = True
            if came_back(raw_message.raw, self.account):
                parsed.automatic = "loop"
            elif parsed.automatic == "bulk":
                self._through_our_list(parsed)
        return parsed

    def _through_our_list(self, parsed: Inbound) -> None:
        """Our own address may be a mailing list: what comes through it is people's mail (the desk itself sees who
        stands behind our name).
        """
        own = one_form(own_address(self.account))
        if f"<{own.replace('@', '.')}>" not in one_form(parsed.details.get("list", "")):
            return
        parsed.automatic = ""

    def send(self, outbound: Outbound) -> Sent:
        """Compose the mail and hand it to the SMTP server."""
        if not self.settings.get("smtp_host"):
            raise Misconfigured(_("No SMTP server is set for this account, so nothing can be sent."))
        recipients = {
            spec(person.spelling or person.value): person
            for person in [*outbound.to, *outbound.cc]
            if person.value not in outbound.settled
        }
        return smtp.deliver(self.account, spec(own_address(self.account)), recipients, compose(outbound, self.account))

    @classmethod
    def recipient(cls, typed: str, account: AccountView | None = None) -> Address:
        """``name@example.com``, alone or behind a name as mail programs copy it; nothing is guessed, since a reply
        goes there.
        """
        found, whole = people([typed]), typed.strip()
        bare = whole.rpartition("<")[2].removesuffix(">") if whole.endswith(">") else whole
        if not ADDRESS.fullmatch(bare) or [person.value for person in found] != [one_form(bare)]:
            raise Invalid(_("Please check the e-mail address."), {"to": _("Write it like name@example.com.")})
        return found[0]

    @classmethod
    def bare(cls, value: str) -> str:
        """The address in one form, without what stands behind a plus (RFC 5233)."""
        local, at, domain = one_form(value.strip()).rpartition("@")
        return f"{local.partition('+')[0]}{at}{domain}"

    @classmethod
    def addresses(cls, address: str, settings: Mapping[str, Any]) -> list[str]:
        """The account's own, and the others that its settings name."""
        return [address, *(person.value for person in people([str(settings.get("aliases", ""))]))]

    @classmethod
    def source(cls, value: str) -> str:
        """The domain."""
        return one_form(value).rpartition("@")[2]

    @classmethod
    def glance(cls, raw: bytes) -> tuple[str, str]:
        """The fields From and Subject, decoded."""
        head, _body = fields_of.split(raw)
        return head.line("from")[:200], head.line("subject")[:300]

    def check(self) -> Iterator[Step]:
        """Sign in wherever a server is set, each by itself; what is not set is no fault."""
        yield tried(_("Fetch by IMAP"), self._fetching)
        yield tried(_("Send by SMTP"), self._sending)

    def _fetching(self) -> str:
        if not self.reader:
            return NO_IMAP
        self.reader.check()
        return _("Fetching works.")

    def _sending(self) -> str:
        if not self.settings.get("smtp_host"):
            return NO_SMTP
        smtp.check(self.account)
        return _("Sending works.")

    def close(self) -> None:
        """Hang up; a ``poll`` that waits returns."""
        self.closed.set()
        if self.reader:
            self.reader.close()

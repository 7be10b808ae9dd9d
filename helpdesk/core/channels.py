"""The normal form that every channel speaks: what comes in, what goes out, and the class a channel subclasses.

Raw bytes come in as a ``Parcel``; ``parse`` turns a parcel into an ``Inbound`` message, a delivery ``Report`` or nothing;
``send`` takes an ``Outbound``. All times are timezone-aware UTC. Nothing here knows any particular channel.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema, fields

from .errors import Invalid, _
from .text import plain


@dataclass(frozen=True)
class Parcel:
    """Raw bytes as they arrived. ``external_id`` is unique within the account (law 3)."""

    external_id: str
    raw: bytes
    at: datetime


@dataclass(frozen=True)
class Address:
    """Somebody on a channel: ``kind`` is ``Channel.address`` ("email", "phone", …), ``value`` already normalised."""

    kind: str
    value: str
    name: str = ""


@dataclass
class File:
    """An attachment. A channel fills ``content``; after storing, ``content`` is empty and ``sha256`` names the blob.

    ``cid`` is the content id by which an HTML body shows it; ``inline`` is true when a body really does.
    """

    name: str
    type: str = "application/octet-stream"
    content: bytes = b""
    sha256: str = ""
    size: int = 0
    cid: str = ""
    inline: bool = False


@dataclass
class Inbound:
    """One message from a customer, understood.

    ``text`` is what the person wrote now; ``quoted`` the history and signature below it, kept but folded.
    ``html`` is sanitised already (or empty); its own pictures are ``cid:`` references, remote ones are
    ``<img data-remote="https://…">`` without ``src``. ``references`` are the other messages' external ids, oldest first.
    ``tokens`` are strings that look like our signed token, unverified. ``automatic`` is "" for a person, else
    "reply" (out of office and the like), "bulk" (lists, newsletters) or "loop". ``authentic`` is True or False when a
    trusted server vouched for or against the sender, else None. ``fingerprint`` is a hash of the body alone (law 3).
    ``remarks`` are sentences on parts that could not be read; ``partial`` is true when not all that was sent could be taken in,
    which the sender is told. ``details`` is small, plain JSON for the curious reader.
    """

    sender: Address
    text: str = ""
    quoted: str = ""
    html: str = ""
    subject: str = ""
    at: datetime | None = None
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    reply_to: list[Address] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    thread: str = ""
    external_id: str = ""
    references: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    automatic: str = ""
    authentic: bool | None = None
    language: str = ""
    fingerprint: str = ""
    remarks: list[str] = field(default_factory=list)
    partial: bool = False
    details: dict[str, Any] = field(default_factory=dict)


@dataclass
class Outcome:
    """What became of one recipient: ``state`` is "failed", "delayed" or "delivered"; ``status`` as in RFC 3463 ("5.1.1")."""

    address: Address
    state: str
    status: str = ""
    text: str = ""


@dataclass
class Report:
    """A machine's word about something we sent: ``references`` are the external ids of what it speaks of."""

    outcomes: list[Outcome]
    references: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    text: str = ""
    at: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass
class Outbound:
    """One message on its way out. ``external_id`` is fixed before the first try and the same at every retry.

    ``token`` is the signed thread token for the first recipient. ``history`` are earlier messages to quote below,
    newest first, as (who, at, text). ``settled`` are the addresses that are not to be written to: an earlier try reached
    them, or they never will be reached. ``automatic`` is true for what no person wrote. ``read(file)`` gives a file's bytes.
    """

    external_id: str
    to: list[Address]
    subject: str = ""
    text: str = ""
    html: str = ""
    cc: list[Address] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    sender_name: str = ""
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    thread: str = ""
    token: str = ""
    settled: list[str] = field(default_factory=list)
    language: str = "en"
    automatic: bool = False
    history: list[tuple[str, datetime, str]] = field(default_factory=list)
    at: datetime | None = None
    read: Callable[[File], bytes] = lambda file: file.content


@dataclass(frozen=True)
class Sent:
    """The other side took it. ``external_id`` is its own id where it gives one; ``detail`` one line for the log.

    A detail may be a sentence of yours, as in an error; ``values`` then fill its ``%(name)s`` places. ``outcomes`` are the
    recipients it was not taken for, "failed" or "delayed"; those delayed are tried again without the others.
    """

    external_id: str = ""
    detail: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class Accepts:
    """What a channel can carry. ``max_chars`` 0 means no limit; ``window`` is hours after the customer's last word, 0 for ever.

    ``first``: the desk may write first, since answers bring back the token or the external id of what they answer.
    """

    html: bool = False
    attachments: bool = False
    subject: bool = False
    replies: bool = True
    max_chars: int = 0
    window: int = 0
    first: bool = False


@dataclass(frozen=True)
class AccountView:
    """What a channel may know of the account it works for. ``settings`` has its secrets in the clear: never log it.

    ``keep(name, secret)`` stores a secret which the other side exchanged for the one in ``settings``, such as a refreshed token.
    """

    id: int
    name: str
    settings: Mapping[str, Any]
    address: str = ""
    keep: Callable[[str, str], None] = field(default=lambda name, secret: None, repr=False, compare=False)


@dataclass(frozen=True)
class Webhook:
    """An HTTP request of the outside world, before anybody believed it."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class Secret(fields.String):
    """A setting that is stored encrypted and never shown again. ``$env:NAME`` and ``$file:PATH`` are looked up when used."""


class Channel:
    """Base class of a channel: subclass it, write ``send``, ``parse`` and one of ``receive``, ``poll``, ``listen``.

    An object lives for one account. Only errors of ``core.errors.ChannelError`` may leave it.
    """

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    icon: ClassVar[str] = "letter"
    address: ClassVar[str] = ""
    accepts: ClassVar[Accepts] = Accepts()
    simulated: ClassVar[bool] = False

    class Settings(Schema):
        """The account's settings; a form is rendered from it (``metadata``: label, help, group, placeholder)."""

    def __init__(self, account: AccountView):
        self.account = account

    def receive(self, webhook: Webhook) -> Iterable[Parcel]:
        """Turn a pushed request into parcels; verify its signature first, else raise Refused."""
        raise NotImplementedError

    def poll(self, cursor: dict, wait: float) -> tuple[list[Parcel], dict]:
        """Return at most about 50 new parcels, oldest first, and the cursor to keep once they are stored.

        ``cursor`` is {} the first time and plain JSON after. With nothing new it may wait up to ``wait`` seconds for news.
        """
        raise NotImplementedError

    @classmethod
    def listen(cls, accounts: Callable[[], list[AccountView]], take: Callable[[int, Parcel], None]) -> Callable[[], None]:
        """Start a server for all accounts of this channel and return the function that stops it.

        ``accounts()`` gives the accounts as they are now; ``take(account_id, parcel)`` returns after the commit.
        """
        raise NotImplementedError

    def parse(self, parcel: Parcel) -> Inbound | Report | None:
        """Understand a parcel; runs in a child process with limits. May raise only Malformed."""
        raise NotImplementedError

    def send(self, outbound: Outbound) -> Sent:
        """Hand a message over. May raise Refused, TryAgain, Undeliverable or Misconfigured."""
        raise NotImplementedError

    @classmethod
    def recipient(cls, typed: str) -> Address:
        """An address as somebody typed it, in the form in which ``parse`` gives a sender's. Raises Invalid when it is none."""
        value = typed.strip().lower()
        if not value.isprintable() or not 0 < len(plain(value)) == len(value) <= 254:
            raise Invalid(_("Please check the address."), {"to": _("Please check the address.")})
        return Address(cls.address, value)

    @classmethod
    def bare(cls, value: str) -> str:
        """An address without what may be added to it on the way: two that are alike bare reach the same account of ours."""
        return value.strip().lower()

    @classmethod
    def source(cls, value: str) -> str:
        """What many addresses of one origin have in common, such as a domain; here the address itself."""
        return value

    def check(self) -> str:
        """The "Test" button: return a sentence on what worked, or raise Misconfigured."""
        raise NotImplementedError

    @classmethod
    def has(cls, method: str) -> bool:
        """True when the channel wrote this method itself."""
        own, base = getattr(cls, method), getattr(Channel, method)
        return getattr(own, "__func__", own) is not getattr(base, "__func__", base)


# What crosses the pipe from a parsing child: plain JSON, never pickle.


def to_json(parsed: Inbound | Report | None) -> dict | None:
    """Plain JSON of what a channel understood; file contents as base64 unless they are blobs already."""
    if parsed is None:
        return None
    data = asdict(parsed)
    data["is"] = type(parsed).__name__
    if parsed.at:
        data["at"] = parsed.at.isoformat()
    for file in data.get("files", ()):
        file["content"] = base64.b64encode(file["content"]).decode()
    return data


def from_json(data: dict | None) -> Inbound | Report | None:
    """The inverse of ``to_json``."""
    if data is None:
        return None
    data = dict(data)
    kind = data.pop("is")
    data["at"] = datetime.fromisoformat(data["at"]) if data.get("at") else None
    if kind == "Report":
        data["outcomes"] = [Outcome(**{**o, "address": Address(**o["address"])}) for o in data["outcomes"]]
        return Report(**data)
    data["sender"] = Address(**data["sender"])
    for key in ("to", "cc", "reply_to"):
        data[key] = [Address(**a) for a in data[key]]
    data["files"] = [File(**{**f, "content": base64.b64decode(f["content"])}) for f in data["files"]]
    return Inbound(**data)

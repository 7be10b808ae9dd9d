"""What a channel may understand raw bytes to say: a message, an edit, a deletion, a reaction, a report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from helpdesk.core.errors import Malformed, _

from .address_types import Address, File


@dataclass
class Inbound:
    """One message from a customer, understood.

    ``text`` is what the person wrote now; ``quoted`` the history and signature below it, kept but folded.
    ``html`` is sanitised already (or empty); its own pictures are ``cid:`` references, remote ones are
    ``<img data-remote="https://…">`` without ``src``. ``references`` are the other messages' external ids, oldest
    first. ``tokens`` are strings that look like our signed token, unverified. ``automatic`` is "" for a person, else
    "reply" (out of office and the like), "bulk" (lists, newsletters) or "loop". ``authentic`` is True or False when a
    trusted server vouched for or against the sender, else None. ``fingerprint`` is a hash of the body alone (law 3).
    ``form`` and ``visibility`` are those of ``Message``; ``external_ids`` are further ids by which the other side knows
    this message, ``identities`` further addresses of its sender. ``remarks`` are sentences on parts that could not be
    read; ``partial`` is true when not all that was sent could be taken in, which the sender is told. ``details`` is
    small, plain JSON for the curious reader. ``typed`` says that the sender's address is only what somebody typed, as
    in a form: they get a card of their own, never that of whoever has the address. ``album`` is a key, unique in the
    account, of messages by one sender that are one to whoever reads them, such as pictures sent together: the later
    ones join the first.
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
    external_ids: list[str] = field(default_factory=list)
    identities: list[Address] = field(default_factory=list)
    form: str = "text"
    visibility: str = "private"
    references: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    automatic: str = ""
    authentic: bool | None = None
    language: str = ""
    fingerprint: str = ""
    remarks: list[str] = field(default_factory=list)
    partial: bool = False
    details: dict[str, Any] = field(default_factory=dict)
    typed: bool = False
    album: str = ""


@dataclass
class Outcome:
    """What became of one recipient (of all of them when ``address.value`` is ""): ``state`` is "failed", "delayed",
    "delivered" or "read"; ``status`` as in RFC 3463.
    """

    address: Address
    state: str
    status: str = ""
    text: str = ""


@dataclass
class Report:
    """A provider's report on something we sent: ``references`` are the external ids of what it refers to.

    ``external_ids`` are further ids by which the other side knows that message from now on. ``otherwise`` is the same
    as a message, from a channel that knows the report by its words only: it is filed, quietly, when nothing we sent is
    found.
    """

    outcomes: list[Outcome]
    references: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    text: str = ""
    at: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)
    external_ids: list[str] = field(default_factory=list)
    otherwise: Inbound | None = None


@dataclass
class Edited:
    """The sender changed a message: ``external_id`` names it, ``text`` and ``html`` are what it says now."""

    external_id: str
    text: str = ""
    html: str = ""
    sender: Address | None = None
    thread: str = ""
    at: datetime | None = None


@dataclass
class Deleted:
    """The sender took a message back; its words stay with the desk, marked."""

    external_id: str
    sender: Address | None = None
    thread: str = ""
    at: datetime | None = None


@dataclass
class Reaction:
    """Somebody's reaction to a message, in place of any they gave it before; ``emoji`` "" takes it back."""

    external_id: str
    sender: Address
    emoji: str = ""
    thread: str = ""
    at: datetime | None = None


ChannelEvent = Inbound | Edited | Deleted | Reaction | Report
Parsed = list[ChannelEvent] | ChannelEvent | None
MANY = 200  # events of one raw message


def as_list(parsed: Parsed) -> list[ChannelEvent]:
    """What ``parse`` gave, as the list it stands for; Malformed when it is longer than ``MANY``."""
    events = list(parsed) if isinstance(parsed, list | tuple) else [parsed] if parsed is not None else []
    if len(events) > MANY:
        raise Malformed(_("It says more than %(many)s things at once."), many=str(MANY))
    return events

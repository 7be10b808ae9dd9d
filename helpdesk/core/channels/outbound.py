"""What a channel is given to send, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .address_types import Address, File
from .channel_events import Outcome


@dataclass(frozen=True)
class Template:
    """A text the provider knows and lets through a closed window. Its ``text`` has places {{1}}, {{2}}, … for
    values.
    """

    name: str
    language: str = ""
    text: str = ""


@dataclass
class Outbound:
    """One message on its way out. ``external_id`` is fixed before the first try and the same at every retry.

    ``recipient`` is the first of ``to``; ``thread`` the conversation's key as ``parse`` gave it; ``template`` {name,
    language, values} or {}. ``external_ids`` are all ids by which the other side knows this message: for ``edit`` and
    ``delete``. ``token`` is the signed thread token for the first recipient. ``history`` are earlier messages to quote
    below, newest first, as (who, at, text). ``settled`` are the addresses that are not to be written to: an earlier try
    reached them, or they never will be reached. ``automatic`` is true for what no person wrote. ``buttons`` are the
    quick replies below it. ``read(file)`` gives a file's bytes.
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
    recipient: Address | None = None
    visibility: str = "private"
    template: dict[str, Any] = field(default_factory=dict)
    external_ids: list[str] = field(default_factory=list)
    token: str = ""
    settled: list[str] = field(default_factory=list)
    language: str = "en"
    automatic: bool = False
    history: list[tuple[str, datetime, str]] = field(default_factory=list)
    at: datetime | None = None
    buttons: list[str] = field(default_factory=list)
    read: Callable[[File], bytes] = lambda file: file.content


@dataclass(frozen=True)
class Sent:
    """The other side took it. ``external_ids`` are its own ids, where it gives any: whatever names one later is about
    this message.

    A provider whose ids repeat from chat to chat needs them qualified, as in "chat:message". ``detail`` is one line for
    the log; it may be a sentence of yours, as in an error; ``values`` then fill its ``%(name)s`` places. ``outcomes``
    are the recipients it was not taken for, "failed" or "delayed"; those delayed are tried again without the others.
    ``thread`` is the conversation it went into, as ``parse`` will give it: where no ticket has it yet, what comes back
    there joins this one.
    """

    external_ids: tuple[str, ...] = ()
    detail: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    thread: str = ""

"""The class a channel subclasses, and what it is given: the whole of its contract with the desk.

Raw bytes come in as a ``RawMessage``; ``parse`` says what they mean (``channel_events``); ``send`` takes an
``Outbound``. All times are timezone-aware UTC. Nothing here knows any particular channel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema, fields

from helpdesk.core import validation_messages
from helpdesk.core.channels.accepts import Accepts
from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.channels.channel_events import Parsed
from helpdesk.core.channels.outbound import Outbound, Sent, Template
from helpdesk.core.errors import Invalid, _
from helpdesk.core.text import plain

from .checks import Step

validation_messages.replace_messages()


@dataclass(frozen=True)
class RawMessage:
    """Raw bytes as they arrived. ``external_id`` is unique within the account (law 3).

    ``conversation`` may name, cheaply and before parsing, the conversation it belongs to.
    """

    external_id: str
    raw: bytes
    at: datetime
    conversation: str = ""


@dataclass(frozen=True)
class Signal:
    """Something that is true for a moment: ``kind`` is one of ``core.live.SIGNALS``. Never stored; whoever looks at the
    conversation sees it.
    """

    kind: str
    thread: str = ""
    sender: Address | None = None


@dataclass(frozen=True)
class Answer:
    """What a webhook is answered: a provider's challenge, for one."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Received:
    """What a webhook brought, once its signature was right. ``answer`` None stands for a plain 200."""

    raw_messages: list[RawMessage] = field(default_factory=list)
    answer: Answer | None = None
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True)
class Preset:
    """Good settings for a known provider, to begin with."""

    name: str
    label: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AccountView:
    """What a channel may know of the account it works for. ``settings`` has its secrets in the clear: never log it.
    ``interactive`` is that of its channel.

    ``keep(name, secret)`` stores a secret which the other side exchanged for the one in ``settings``, such as a
    refreshed token.
    """

    id: int
    name: str
    settings: Mapping[str, Any]
    address: str = ""
    queue_id: int | None = None
    interactive: bool = False
    keep: Callable[[str, str], None] = field(default=lambda name, secret: None, repr=False, compare=False)


@dataclass(frozen=True)
class Webhook:
    """An HTTP request of the outside world, before anybody believed it. Names of ``headers`` are looked up in any
    case.
    """

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class Secret(fields.String):
    """A setting that is stored encrypted and never shown again. ``$env:NAME`` and ``$file:PATH`` are looked up when
    used.

    ``sent_to`` names the settings that say where it is sent (server, port, address): when one of them changes it has to
    be entered again. None stands for all texts of the schema.
    """

    def __init__(self, *, sent_to: tuple[str, ...] | None = None, **given: Any):
        super().__init__(**given)
        self.sent_to = sent_to


class Channel:
    """Base class of a channel: subclass it, write ``send``, ``parse`` and one of ``receive``, ``poll``, ``listen``.

    An object lives for one account. Only errors of ``core.errors.ChannelError`` may leave it. ``address`` is the kind
    of address a sender has, ``other_addresses`` are further kinds it knows. ``interactive``: people wait for its
    answers, so small messages go first. What is ``simulated`` is kept out of every figure. ``handed_over``: its raw
    messages come from code of its plugin (``api.intake.take``), so it has none of the three ways in.
    ``acknowledged`` False: its people see for themselves that they were heard. ``knows_repeats`` False: its provider
    gives a message twice that is sent twice, whatever its id, so what may have been taken is not sent again by itself:
    a person decides. ``plugin`` is the name of the plugin
    that brings it; the desk sets it.
    """

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    icon: ClassVar[str] = "letter"
    color: ClassVar[str] = ""
    address: ClassVar[str] = ""
    other_addresses: ClassVar[tuple[str, ...]] = ()
    accepts: ClassVar[Accepts] = Accepts()
    interactive: ClassVar[bool] = False
    simulated: ClassVar[bool] = False
    plugin: ClassVar[str] = ""
    handed_over: ClassVar[bool] = False
    acknowledged: ClassVar[bool] = True
    knows_repeats: bool = True
    by_hand_waits: ClassVar[tuple[int, ...]] = (15 * 60, 2 * 3600, 24 * 3600)  # seconds before each further try by hand

    class Settings(Schema):
        """The account's settings; a form is rendered from it (``metadata``: label, help, group, placeholder)."""

    def __init__(self, account: AccountView):
        self.account = account

    @classmethod
    def kinds(cls) -> tuple[str, ...]:
        """Every kind of address it knows, the sender's own first."""
        return (cls.address, *cls.other_addresses)

    @classmethod
    def presets(cls) -> list[Preset]:
        """Settings of providers many people have."""
        return []

    # In --------------------------------------------------------------------------------------------------------

    def receive(self, webhook: Webhook) -> Received:
        """Turn a pushed request into raw messages; verify its signature first, else raise Refused."""
        raise NotImplementedError

    def poll(self, cursor: dict[str, Any], wait: float) -> tuple[list[RawMessage], dict[str, Any]]:
        """Return at most about 50 new raw messages, oldest first, and the cursor to keep once they are stored.

        ``cursor`` is {} the first time and plain JSON after. With nothing new it may wait up to ``wait`` seconds for
        news.
        """
        raise NotImplementedError

    @classmethod
    def listen(
        cls, accounts: Callable[[], list[AccountView]], take: Callable[[int, RawMessage], None]
    ) -> Callable[[], None]:
        """Start a server for all accounts of this channel and return the function that stops it.

        ``accounts()`` gives the accounts as they are now; ``take(account_id, raw_message)`` returns after the commit.
        """
        raise NotImplementedError

    def parse(self, raw_message: RawMessage) -> Parsed:
        """Say what a raw message means, in order; runs in a child process with limits and without secrets. May raise
        only Malformed.
        """
        raise NotImplementedError

    def fetch(self, file: File, write: Callable[[bytes], None]) -> None:
        """Download the file that ``parse`` named by ``file.ref``, giving its bytes to ``write`` in pieces. Raises as
        ``send`` does.
        """
        raise NotImplementedError

    # Out -------------------------------------------------------------------------------------------------------

    def send(self, outbound: Outbound) -> Sent:
        """Hand a message over. May raise Refused, TryAgain, Uncertain, Undeliverable or Misconfigured."""
        raise NotImplementedError

    def edit(self, outbound: Outbound) -> None:
        """Change a message that was sent: ``external_ids`` name it, the text is the new one. Raises as ``send``
        does.
        """
        raise NotImplementedError

    def delete(self, outbound: Outbound) -> None:
        """Take back a message that was sent. Raises as ``send`` does."""
        raise NotImplementedError

    def signal(self, kind: str, thread: str) -> None:
        """Show the other side a signal of ``core.live.SIGNALS`` on the desk's behalf; what fails is forgotten."""
        raise NotImplementedError

    def templates(self) -> list[Template]:
        """The templates the provider has for this account."""
        return []

    @classmethod
    def recipient(cls, typed: str, account: AccountView | None = None) -> Address:
        """An address as somebody typed it, in the form in which ``parse`` gives a sender's. Raises Invalid when it
        is none.
        """
        value = typed.strip().lower()
        if not value.isprintable() or not 0 < len(plain(value)) == len(value) <= 254:
            raise Invalid(_("Please check the address."), {"to": _("Please check the address.")})
        return Address(cls.address, value)

    @classmethod
    def bare(cls, value: str) -> str:
        """An address without what may be added to it on the way: two that are alike bare reach the same account of
        ours.
        """
        return value.strip().lower()

    @classmethod
    def addresses(cls, address: str, settings: Mapping[str, Any]) -> list[str]:
        """Every address that leads to an account with this one and these settings (its secrets sealed): none of them
        is a person's.
        """
        return [address]

    @classmethod
    def source(cls, value: str) -> str:
        """What many addresses of one origin have in common, such as a domain; here the address itself."""
        return value

    @classmethod
    def glance(cls, raw: bytes) -> tuple[str, str]:
        """Who a raw message seems to be from and what about, from its first bytes, for whoever looks at one that
        cannot be read.
        """
        return "", ""

    # The account -----------------------------------------------------------------------------------------------

    def check(self) -> Iterable[Step]:
        """The "Test" button: yield a step for each thing that is tried (``checks.tried`` goes on after a failure);
        raise Misconfigured to end it.
        """
        raise NotImplementedError

    def preview(self, raw: bytes) -> list[Step]:
        """What these settings make of a pasted sample: a step for each thing that is found in it, with a ``label``. Has
        no secrets; may raise Malformed.
        """
        raise NotImplementedError

    def activate(self, url: str) -> None:
        """Tell the provider to push to ``url``; called when an account is added, switched on or changed. Raises as
        ``send`` does.
        """

    def deactivate(self) -> None:
        """Tell the provider to push no more; called when an account is switched off."""

    def react(self, outbound: Outbound, emoji: str) -> None:
        """Set one of ``Accepts.own_reactions`` at a customer's message, "" to take it back. ``to`` is its sender,
        ``external_ids`` and ``thread`` are the message's own. Raises as ``send`` does.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Hang up; a ``poll`` that waits returns. May be called from another thread."""

    @classmethod
    def has(cls, method: str) -> bool:
        """True when the channel wrote this method itself."""
        own, base = getattr(cls, method), getattr(Channel, method)
        return getattr(own, "__func__", own) is not getattr(base, "__func__", base)

"""What the core needs of what stands above it: the runtime, its hooks, its parser and its secrets, as protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from helpdesk.core.actor import Actor
from helpdesk.core.channels.channel_events import ChannelEvent
from helpdesk.core.channels.types import AccountView, Channel, RawMessage
from helpdesk.core.errors import HelpdeskError
from helpdesk.core.events.registry import EventTypes
from helpdesk.core.live import LiveHub
from helpdesk.core.permissions import Permissions
from helpdesk.core.rules.actions import Actions
from helpdesk.core.rules.conditions import Conditions
from helpdesk.core.storage.reserve import Reserve
from helpdesk.core.variables import Variables

T = TypeVar("T")
Unread = tuple[str, AccountView, RawMessage]  # the channel's name comes first


class HookCaller(Protocol):
    """The four ways of calling plugins (``helpdesk.hooks.loader.Hooks``)."""

    @property
    def plugins(self) -> Mapping[str, Any]:
        """All plugins by name."""

    def gather(self, hook: str, **given: Any) -> list[tuple[str, Any]]:
        """(plugin, item) of everything a ``register_*`` hook returns."""

    def pipe(self, hook: str, value: T, **given: Any) -> T:
        """The value after every ``filter_*``."""

    def ask(self, hook: str, **given: Any) -> Any:
        """The first answer that is not None."""

    def announce(self, hook: str, **given: Any) -> list[tuple[str, Any]]:
        """(plugin, result) of those that returned something."""

    def listeners(self, hook: str) -> list[str]:
        """The names of the plugins that have this hook."""

    def call_plugin(self, name: str, hook: str, **given: Any) -> Any:
        """Call one plugin's hook."""

    def guarded(self, name: str, what: str, function: Callable[[], Any]) -> Any:
        """Call what a plugin registered; None when it failed or the plugin is off."""

    def fault(self, plugin: Any, hook: str, text: str) -> None:
        """Keep a fault against a plugin."""


class SecretKeeper(Protocol):
    """Seals and opens secrets (``helpdesk.security.secret_box``)."""

    def seal(self, value: str) -> str:
        """What may be stored."""

    def open(self, stored: str) -> str:
        """The secret itself."""

    def refers(self, stored: str) -> bool:
        """True when it only says where the secret is."""

    def points_elsewhere(self, value: str) -> bool:
        """True when a value only says where the secret is."""


class Kinds(Protocol):
    """Kinds of jobs that were declared at start-up (``core.jobs.kinds.JobKinds``)."""

    def __iter__(self) -> Iterator[str]:
        """Their names."""

    def named(self, name: str) -> Any:
        """The kind of this name; NotFound when nobody declares it."""


class Parser(Protocol):
    """Understands hostile bytes in child processes (``core.intake.parser_pool.ParserPool``)."""

    def warm(self, fast: bool = ...) -> None:
        """Have a child ready; Unavailable when none can be started."""

    def parse_many(self, jobs: list[Unread]) -> list[list[ChannelEvent] | HelpdeskError]:
        """What these raw messages say, in their order; an error stands in the place of what it concerns."""

    def parse_slowly(self, jobs: list[Unread]) -> list[list[ChannelEvent] | HelpdeskError]:
        """The same for one that took too long among others."""

    def parse_fast(self, jobs: list[Unread]) -> list[list[ChannelEvent] | HelpdeskError]:
        """The same for small messages of interactive channels, by a child reserved for them."""

    def clean(self, html: str) -> str:
        """HTML made safe."""

    def picture(self, content: bytes) -> bytes:
        """A picture made anew, small and square; Malformed for what is none."""

    def shrink(self) -> None:
        """End children that have nothing to do."""

    def close(self) -> None:
        """End every child."""


class Configuration(Protocol):
    """What the core reads of the configuration (``helpdesk.config.Config``)."""

    @property
    def data_dir(self) -> Path:
        """The folder with everything the desk keeps on disk."""

    @property
    def secret_key(self) -> str:
        """The key of signatures."""

    @property
    def older_keys(self) -> tuple[Any, ...]:
        """Keys that were in use (``helpdesk.key_ring.OldKey``), the newest first."""

    @property
    def url(self) -> str:
        """How people reach the desk from outside."""


class RuntimeOwner(Protocol):
    """What a unit of work needs of the process it belongs to (``core.runtime.Runtime``)."""

    engine: Engine
    channels: dict[str, type[Channel]]
    events: EventTypes
    permissions: Permissions
    variables: Variables
    parser: Parser
    conditions: Conditions
    actions: Actions

    @property
    def config(self) -> Configuration:
        """The configuration of this process."""

    @property
    def older_secrets(self) -> tuple[bytes, ...]:
        """Keys whose signatures are still accepted, the oldest first."""

    @property
    def reserve(self) -> Reserve:
        """Room for what must be written on a full disk."""

    @property
    def hooks(self) -> HookCaller:
        """The plugins."""

    @property
    def jobs(self) -> Kinds:
        """The kinds of jobs."""

    @property
    def clocks(self) -> Mapping[str, Any]:
        """The kinds of clocks."""

    @property
    def business_hours(self) -> Mapping[str, Any]:
        """Who keeps calendars of business hours."""

    @property
    def waiting_kinds(self) -> Mapping[str, Any]:
        """The kinds of waiting people."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The groups of settings."""

    @property
    def secret_box(self) -> SecretKeeper:
        """Seals secrets."""

    @property
    def wake(self) -> Callable[[str], None]:
        """Notifies those who wait for a name."""

    @property
    def live(self) -> LiveHub:
        """The open pages."""

    @property
    def pause_bulk(self) -> Callable[[], None]:
        """Lets all others go first, between two steps of bulk work."""

    def uow(self, actor: Actor = ...) -> AbstractContextManager[Any]:
        """A unit of work with a session of its own."""

    def uow_on(self, session: Session, actor: Actor = ...) -> Any:
        """A unit of work on a session that somebody else owns."""

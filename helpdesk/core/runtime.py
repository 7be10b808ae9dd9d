"""What one process of the desk owns for as long as it lives: engine, hooks, channels, files, keys. It hands out
units of work.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from weakref import ReferenceType, ref

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from helpdesk.core import tables  # noqa: F401  (the metadata is whole once there is a runtime)
from helpdesk.core.channels.types import Channel
from helpdesk.core.database.base import utcnow
from helpdesk.core.events.core import core_events
from helpdesk.core.events.registry import EventTypes
from helpdesk.core.jobs.kinds import JobKinds
from helpdesk.core.journal.protocols import Configuration, HookCaller, Parser, SecretKeeper
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.rules.actions import Actions
from helpdesk.core.rules.conditions import Conditions
from helpdesk.core.settings.registry import SettingsGroups
from helpdesk.core.sla.kinds import ClockKinds
from helpdesk.core.sla.opening import BusinessHoursKinds
from helpdesk.core.storage.blobs import Blobs
from helpdesk.core.storage.reserve import Reserve
from helpdesk.core.waiting.kinds import WaitingKinds

from .actor import DESK, Actor
from .live import EveryProcess
from .observed import Observed
from .permissions import Permissions, core_permissions
from .variables import Variables

_running: list[ReferenceType[Runtime]] = []


def running() -> Runtime:
    """The runtime of this process: the one built last."""
    runtime = _running[-1]() if _running else None
    if runtime is None:
        raise RuntimeError("no desk was built in this process")
    return runtime


@dataclass
class Runtime:
    """Built once by ``helpdesk.app``. ``parser`` understands raw messages in child processes; ``wake`` notifies
    waiting threads by name; ``pause_bulk`` is called between two steps of bulk work and lets everything else run first.
    """

    config: Configuration
    engine: Engine
    hooks: HookCaller
    blobs: Blobs
    secret_box: SecretKeeper
    parser: Parser
    channels: dict[str, type[Channel]] = field(default_factory=dict)
    events: EventTypes = field(default_factory=core_events)
    jobs: JobKinds = field(default_factory=JobKinds)
    clocks: ClockKinds = field(default_factory=ClockKinds)
    waiting_kinds: WaitingKinds = field(default_factory=WaitingKinds)
    business_hours: BusinessHoursKinds = field(default_factory=BusinessHoursKinds)
    permissions: Permissions = field(default_factory=core_permissions)
    settings: SettingsGroups = field(default_factory=SettingsGroups)
    variables: Variables = field(default_factory=Variables)
    live: EveryProcess = field(default_factory=EveryProcess)
    conditions: Conditions = field(default_factory=Conditions)
    actions: Actions = field(default_factory=Actions)
    checks: Observed = field(default_factory=Observed)
    metrics: Observed = field(default_factory=Observed)
    wake: Callable[[str], None] = lambda what: None
    pause_bulk: Callable[[], None] = lambda: time.sleep(0.001)

    def __post_init__(self) -> None:
        _running[:] = [ref(self)]

    @property
    def data_dir(self) -> Path:
        """The folder with everything this desk keeps on disk."""
        return self.config.data_dir

    @property
    def secret(self) -> bytes:
        """The key of signatures."""
        return self.config.secret_key.encode()

    @property
    def older_secrets(self) -> tuple[bytes, ...]:
        """Keys whose signatures are still accepted, the oldest first."""
        now = utcnow()
        return tuple(old.key.encode() for old in reversed(self.config.older_keys) if old.until > now)

    @property
    def reserve(self) -> Reserve:
        """Room for what must be written on a full disk."""
        return Reserve(self.data_dir / "reserve")

    def uow_on(self, session: Session, actor: Actor = DESK) -> UnitOfWork:
        """A unit of work on a session that somebody else owns."""
        return UnitOfWork(session, self.hooks, self.blobs, self.secret, self, actor=actor)

    @contextmanager
    def uow(self, actor: Actor = DESK) -> Iterator[UnitOfWork]:
        """A unit of work with a session of its own, closed afterwards."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield self.uow_on(session, actor)

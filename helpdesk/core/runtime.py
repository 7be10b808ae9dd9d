"""What one process of the desk owns for as long as it lives: engine, hooks, channels, files, keys. It hands out Desks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import ReferenceType, ref

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from .blobs import Blobs
from .channels import Channel
from .desk import Desk
from .events.core import core_events
from .events.registry import EventTypes
from .jobs.kinds import JobKinds
from .live import LiveHub, NoPages
from .permissions import Permissions, core_permissions
from .rights import DESK, Actor
from .settings.registry import SettingsGroups


_running: list[ReferenceType[House]] = []


def running() -> House:
    """What the process owns: the one built last."""
    house = _running[-1]() if _running else None
    if house is None:
        raise RuntimeError("no desk was built in this process")
    return house


@dataclass
class House:
    """Built once by ``helpdesk.app``. ``parser`` understands parcels in child processes; ``wake`` tells sleepers what is new."""

    config: Any
    engine: Engine
    hooks: Any
    blobs: Blobs
    vault: Any
    channels: dict[str, type[Channel]] = field(default_factory=dict)
    events: EventTypes = field(default_factory=core_events)
    jobs: JobKinds = field(default_factory=JobKinds)
    permissions: Permissions = field(default_factory=core_permissions)
    settings: SettingsGroups = field(default_factory=SettingsGroups)
    live: LiveHub = field(default_factory=NoPages)
    parser: Any = None
    wake: Callable[[str], None] = lambda what: None

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

    def desk_on(self, session: Session, actor: Actor = DESK) -> Desk:
        """A Desk on a session that somebody else owns."""
        return Desk(session, self.hooks, self.blobs, self.secret, self, actor=actor)

    @contextmanager
    def desk(self, actor: Actor = DESK):
        """A Desk with a session of its own, closed afterwards."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield self.desk_on(session, actor)

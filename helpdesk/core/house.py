"""What one process of the desk owns for as long as it lives: engine, hooks, channels, files, keys. It hands out Desks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from .blobs import Blobs
from .channels import Channel
from .desk import Desk
from .events.core import core_events
from .events.registry import EventTypes
from .jobs.kinds import JobKinds
from .permissions import Permissions, core_permissions
from .rights import DESK, Actor


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
    settings: dict[str, Any] = field(default_factory=dict)
    parser: Any = None
    wake: Callable[[str], None] = lambda what: None

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

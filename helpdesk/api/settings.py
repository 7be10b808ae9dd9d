"""Settings of a plugin: declare a group (``register_settings``), read it with types, write it checked, secrets
sealed. ``seal`` and ``reveal`` are for secrets in tables of a plugin's own, in columns made by ``tables.sealed``.
"""

from typing import Any

from helpdesk.core.channels.types import Secret
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.settings import demo, registry
from helpdesk.core.settings.registry import SettingsGroup, read, shown

from ._calls import writes

write = writes(registry.write)


def is_demo(runtime: Any) -> bool:
    """True in a desk that was made with ``--demo``: what plays its customers is there in such a desk alone."""
    return demo.is_demo(runtime.data_dir)


def seal(uow: UnitOfWork, secret: str) -> str:
    """A secret as it may be stored."""
    return uow.runtime.secret_box.seal(secret)


def reveal(uow: UnitOfWork, stored: str) -> str:
    """The secret itself, ``$env:`` and ``$file:`` looked up; Misconfigured when it cannot be opened. Never show it."""
    return uow.runtime.secret_box.open(stored)


__all__ = ["Secret", "SettingsGroup", "is_demo", "read", "reveal", "seal", "shown", "write"]

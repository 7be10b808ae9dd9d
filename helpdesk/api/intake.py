"""Intake: hand over what came in, from the web process or from a plugin's own code; it is stored before anything
reads it (law 1).
"""

from __future__ import annotations

from helpdesk.core.channels.types import RawMessage
from helpdesk.core.intake import intake as core
from helpdesk.core.journal.unit_of_work import UnitOfWork

from ._calls import writes


@writes
def take(uow: UnitOfWork, account_id: int, raw_message: RawMessage) -> int:
    """Store raw bytes for an account and return their id once that is committed; the same external id is stored
    once.
    """
    return core.accept(uow, account_id, raw_message)


__all__ = ["RawMessage", "take"]

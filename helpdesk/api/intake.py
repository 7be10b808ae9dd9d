"""Intake: hand over what came in, from the web process or from a plugin's own code; it is stored before anything reads it (law 1)."""

from __future__ import annotations

from ..core import intake as core
from ..core.channels import Parcel
from ..core.desk import Desk
from ._calls import writes


@writes
def take(uow: Desk, account_id: int, parcel: Parcel) -> int:
    """Store raw bytes for an account and return their id once that is committed; the same external id is stored once."""
    return core.accept(uow, account_id, parcel)


__all__ = ["Parcel", "take"]

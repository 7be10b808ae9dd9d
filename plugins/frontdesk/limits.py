"""How many numbers an address takes: the kiosk proves itself by the link it was opened with, others get few."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from helpdesk.api import tables
from helpdesk.api.errors import Conflict, HelpdeskError, _
from helpdesk.api.web import open_link, signed_link
from helpdesk.api.work import UnitOfWork

from .tables import Taken

DEVICE = "frontdesk.device"  # the purpose of the link that opens a kiosk
VALID = timedelta(days=730)
NUMBERS = 6  # an hour, of an address that is no kiosk
TOO_MANY = _("Many numbers were taken from here. Please ask somebody, or use the kiosk.")


def device_of(uow: UnitOfWork, account_id: int) -> str:
    """What the address of a kiosk proves itself with."""
    return signed_link(uow, "/p/frontdesk/device", DEVICE, VALID, account=account_id).rsplit("/", 1)[1]


def is_kiosk(uow: UnitOfWork, account_id: int, device: str) -> bool:
    """True for the kiosk that a colleague opened."""
    try:
        return bool(device) and open_link(uow, device[:500], DEVICE)["account"] == account_id
    except HelpdeskError:
        return False


def count(uow: UnitOfWork, account_id: int, place: str, device: str) -> None:
    """Count one number; Conflict when this address had too many in this hour."""
    if is_kiosk(uow, account_id, device):
        return
    hashed = hashlib.sha256(f"{account_id} {place}".encode()).hexdigest()
    hour = uow.clock().replace(minute=0, second=0, microsecond=0)
    if not any(tables.insert_new(uow, Taken, key=hashed, hour=hour, place=one) for one in range(NUMBERS)):
        raise Conflict(TOO_MANY)


def forget(uow: UnitOfWork) -> int:
    """Delete the counts of days ago; returns how many rows."""
    return tables.delete(uow, Taken, Taken.hour < uow.clock() - timedelta(days=2))

"""Telling a provider where to push what comes in, and when to stop."""

from __future__ import annotations

from helpdesk.core.errors import HelpdeskError
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .accounts import channel, channel_type
from .health import note_health
from .models import Account


def follow(uow: UnitOfWork, account: Account) -> bool:
    """Activate an account that is on, deactivate one that is off; False when the provider refused, which its health
    then says.
    """
    kind = channel_type(uow, account.channel)
    if not kind.has("activate" if account.enabled else "deactivate"):
        return True
    speaking = channel(uow, account)
    uow.session.rollback()
    try:
        if account.enabled:
            speaking.activate(push_url(uow, account))
        else:
            speaking.deactivate()
    except HelpdeskError as error:
        note_health(uow, account.id, error=error)
        return False
    finally:
        speaking.close()
    if account.enabled:
        note_health(uow, account.id)
    return True


def push_url(uow: UnitOfWork, account: Account) -> str:
    """Where the provider pushes: it names the account by its public key, which tells nothing and cannot be guessed."""
    return f"{uow.runtime.config.url}/in/{account.public_key}"

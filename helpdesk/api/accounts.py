"""Accounts: the addresses of the desk, one on one channel each, for a plugin's own code. Whoever acts is not asked, so
show them to nobody who may not know them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from helpdesk.core.accounts import accounts as core
from helpdesk.core.accounts import models, simulated_account
from helpdesk.core.accounts.activation import follow
from helpdesk.core.channels.types import Channel
from helpdesk.core.errors import NotFound
from helpdesk.core.journal.unit_of_work import UnitOfWork

from ._calls import writes


@dataclass(frozen=True)
class Account:
    """An address of the desk on one channel. Public addresses name it by ``public_key``; ``settings`` come without the
    secret ones.
    """

    id: int
    name: str
    channel: str
    public_key: str
    address: str
    queue_id: int
    active: bool
    settings: dict[str, Any]


def get(uow: UnitOfWork, account_id: int) -> Account:
    """The account, whether it is on or off; NotFound when there is none."""
    return _account(uow, core.get(uow, account_id))


def by_key(uow: UnitOfWork, public_key: str) -> Account:
    """The account a public address names; NotFound when there is none."""
    row = uow.session.scalar(select(models.Account).where(models.Account.public_key == public_key))
    if not public_key or row is None:
        raise NotFound()
    return _account(uow, row)


def of_channel(uow: UnitOfWork, channel: str) -> list[Account]:
    """The accounts of a channel, by name."""
    query = select(models.Account).where(models.Account.channel == channel).order_by(models.Account.name)
    return [_account(uow, row) for row in uow.session.scalars(query)]


@writes
def ensure_simulated(uow: UnitOfWork, channel: str, name: str, seen_by: str) -> Account:
    """The account of the plugin's own simulated channel, made with a queue and a team of this name when there is none.
    Everybody with the permission ``seen_by`` is in the team. Needs the right to settings, which the plugin has.
    """
    return _account(uow, simulated_account.ensure(uow, channel, name, seen_by))


@writes
def activate(uow: UnitOfWork, account_id: int) -> bool:
    """Tell an account's provider where to push, as switching it on does; False when the provider refused, which the
    account's health then says.
    """
    uow.actor.must("settings")
    return follow(uow, core.get(uow, account_id))


def channel(uow: UnitOfWork, account_id: int) -> Channel:
    """The channel object of an account with its secrets, for the plugin of that channel: never show what it holds."""
    return core.channel(uow, core.get(uow, account_id))


def _account(uow: UnitOfWork, row: models.Account) -> Account:
    known = row.channel in uow.runtime.channels  # only a channel that is there says which settings are secret
    settings = dict(core.view(uow, row, secrets=False).settings) if known else {}
    return Account(
        id=row.id,
        name=row.name,
        channel=row.channel,
        public_key=row.public_key,
        address=row.address,
        queue_id=row.queue_id,
        active=row.enabled,
        settings=settings,
    )


__all__ = ["Account", "activate", "by_key", "channel", "ensure_simulated", "get", "of_channel"]

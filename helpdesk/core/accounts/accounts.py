"""Accounts: one address of ours on one channel; adding, changing and testing them, and what a channel may know."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import select

from helpdesk.core import names
from helpdesk.core.channels.checks import Step, timed
from helpdesk.core.channels.kept_secrets import KEPT, refuse_moved
from helpdesk.core.channels.types import AccountView, Channel
from helpdesk.core.database.rows import by_id, insert_if_new
from helpdesk.core.errors import Conflict, HelpdeskError, Invalid, NotFound, _
from helpdesk.core.events.intake import AccountAdded, AccountChanged
from helpdesk.core.journal.protocols import RuntimeOwner
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Queue

from .models import Account
from .settings import checked, opened, refuse_references, sealed, secret_names

LONGEST_SAMPLE = 100_000  # characters


def create(
    uow: UnitOfWork, channel: str, name: str, settings: dict[str, Any], queue_id: int, address: str = ""
) -> Account:
    """A new account; Invalid names the settings that do not fit."""
    uow.actor.must("settings")
    kind = channel_type(uow, channel)
    refuse_references(uow, kind, settings)
    stored = sealed(uow, kind, checked(kind, settings))
    name = names.given(name)
    address = str(address or settings.get("address") or "").lower()[:254]
    with uow.writing():
        _check_queue(uow, queue_id)
        if not insert_if_new(
            uow.session, Account, channel=channel, name=name, settings=stored, queue_id=queue_id, address=address
        ):
            raise Conflict(_("There is one named %(name)s already."), name=name)
        account = uow.session.scalars(select(Account).where(Account.name == name)).one()
        uow.record(AccountAdded(account=account.id))
    uow.runtime.wake("accounts")
    return account


def update(
    uow: UnitOfWork,
    account_id: int,
    *,
    settings: dict[str, Any] | None = None,
    enabled: Any = None,
    queue_id: Any = None,
    name: Any = None,
) -> Account:
    """Change an account. A secret that is missing, empty or shown as kept stays what it was."""
    uow.actor.must("settings")
    with uow.writing():
        account = get(uow, account_id)
        if settings is not None:
            _change_settings(uow, account, settings)
        if enabled is not None:
            account.enabled = enabled
        if queue_id is not None:
            _check_queue(uow, queue_id)
            account.queue_id = queue_id
        if name is not None:
            account.name = _free_name(uow, account, names.given(name))
        uow.record(AccountChanged(account=account.id, enabled=account.enabled))
    uow.runtime.wake("accounts")
    return account


def _change_settings(uow: UnitOfWork, account: Account, settings: dict[str, Any]) -> None:
    kind = channel_type(uow, account.channel)
    kept = {n: account.settings[n] for n in secret_names(kind) if n in account.settings}
    given = {n: v for n, v in settings.items() if not (n in kept and v in (None, "", KEPT))}
    refuse_references(uow, kind, given)
    unchanged = {n: uow.runtime.secret_box.open(v) for n, v in kept.items() if n not in given}
    loaded = checked(kind, {**unchanged, **given})
    refuse_moved(kind.Settings, account.settings, loaded, {n for n in unchanged if unchanged[n]})
    account.settings = {**sealed(uow, kind, loaded), **{n: kept[n] for n in unchanged}}
    account.address = str(settings.get("address") or account.address).lower()[:254]
    account.health = {}


def get(uow: UnitOfWork, account_id: int) -> Account:
    """The account, or NotFound."""
    account = by_id(uow.session, Account, account_id)
    if account is None:
        raise NotFound()
    return account


def pushed_to(uow: UnitOfWork, name: str) -> Account:
    """The account that a provider names by its public key, or by its id; NotFound for none."""
    if name.isascii() and name.isdigit():
        return get(uow, int(name))
    account = uow.session.scalar(select(Account).where(Account.public_key == name)) if name else None
    if account is None:
        raise NotFound()
    return account


def channel_type(uow: UnitOfWork, name: str) -> type[Channel]:
    """The channel class of this name; Invalid when no plugin that is on brings it."""
    if name not in uow.runtime.channels:
        raise Invalid(_("No plugin that is switched on brings the channel %(name)s."), name=name)
    return uow.runtime.channels[name]


def any_interactive(uow: UnitOfWork) -> bool:
    """True when an account of an interactive channel is on."""
    quick = [name for name, kind in uow.runtime.channels.items() if kind.interactive]
    query = select(Account.id).where(Account.enabled, Account.channel.in_(quick)).limit(1)
    return bool(quick) and uow.session.scalar(query) is not None


def view(uow: UnitOfWork, account: Account, secrets: bool = True) -> AccountView:
    """What a channel may know; without ``secrets`` for hooks and parsing children."""
    kind = uow.runtime.channels.get(account.channel, Channel)
    hidden = secret_names(kind)
    settings = {n: v for n, v in account.settings.items() if n not in hidden}
    shown = AccountView(account.id, account.name, settings, account.address, account.queue_id, kind.interactive)
    if not secrets:
        return shown
    opened = {n: uow.runtime.secret_box.open(account.settings[n]) for n in hidden if account.settings.get(n)}
    return replace(shown, settings=settings | opened, keep=partial(_keep, uow.runtime, account.id, opened))


def receiving_view(uow: UnitOfWork, account: Account) -> AccountView:
    """What a listener needs; without secrets when one cannot be opened, so that messages are taken in all the same."""
    try:
        return view(uow, account)
    except HelpdeskError:
        return view(uow, account, secrets=False)


def _keep(runtime: RuntimeOwner, account_id: int, known: dict[str, str], name: str, secret: str) -> None:
    """Store ``secret`` for the one in ``known``, unless there is another by now or the setting only tells where it
    is.
    """
    before = known[name]
    with runtime.uow() as uow, uow.writing():
        account = get(uow, account_id)
        stored = account.settings[name]
        if not runtime.secret_box.refers(stored) and runtime.secret_box.open(stored) == before:
            account.settings = {**account.settings, name: runtime.secret_box.seal(secret)}
    runtime.wake("accounts")


def channel(uow: UnitOfWork, account: Account) -> Channel:
    """The channel object of an account, secrets and all."""
    return channel_type(uow, account.channel)(view(uow, account))


def check(uow: UnitOfWork, channel_name: str, settings: dict[str, Any], account_id: int | None = None) -> list[Step]:
    """The "Test" button: try these settings as they stand in the form, with kept secrets of the account; nothing is
    saved.

    Invalid names the settings that do not fit.
    """
    uow.actor.must("settings")
    kind = channel_type(uow, channel_name)
    refuse_references(uow, kind, {n: v for n, v in settings.items() if v != KEPT})
    account = get(uow, account_id) if account_id else None
    theirs = opened(uow, kind, account, settings) if account else {}
    loaded = checked(kind, {**settings, **theirs})
    if account:
        refuse_moved(kind.Settings, account.settings, loaded, theirs)
    given = AccountView(
        account_id or 0, account.name if account else "", loaded, str(settings.get("address") or "").lower()
    )
    trying = kind(given)
    try:
        return list(timed(trying.check))
    finally:
        trying.close()


def preview(uow: UnitOfWork, channel_name: str, settings: dict[str, Any], sample: str) -> list[Step]:
    """What settings as they stand in the form make of a pasted sample; nothing is saved, and secrets are not needed."""
    uow.actor.must("settings")
    kind = channel_type(uow, channel_name)
    if not kind.has("preview"):
        raise NotFound()
    if len(sample) > LONGEST_SAMPLE:
        raise Invalid(_("A sample has at most %(most)s characters."), most=LONGEST_SAMPLE)
    stand_ins = dict.fromkeys(secret_names(kind), "no secret")
    trying = kind(AccountView(0, "", checked(kind, {**settings, **stand_ins})))
    try:
        return trying.preview(sample.encode("utf-8", "replace"))
    finally:
        trying.close()


def _free_name(uow: UnitOfWork, account: Account, name: str) -> str:
    if uow.session.scalar(select(Account.id).where(Account.name == name, Account.id != account.id)):
        raise Conflict(_("There is one named %(name)s already."), name=name)
    return name


def _check_queue(uow: UnitOfWork, queue_id: int) -> None:
    if by_id(uow.session, Queue, queue_id) is None:
        raise Invalid(_("Please choose a queue."), {"queue": _("Please choose a queue.")})

"""Accounts: one address of ours on one channel, its settings with secrets sealed, and how it does."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from marshmallow import ValidationError
from sqlalchemy import select

from helpdesk.core import names
from helpdesk.core.channels.checks import Step, timed
from helpdesk.core.channels.kept_secrets import refuse_moved
from helpdesk.core.channels.types import AccountView, Channel, Secret
from helpdesk.core.database.rows import by_id, insert_if_new
from helpdesk.core.errors import Conflict, HelpdeskError, Invalid, NotFound, _, dump_message
from helpdesk.core.events.intake import AccountAdded, AccountChanged, AccountFailing, AccountWell
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.memo import memo
from helpdesk.core.people.models import Queue
from helpdesk.core.validation_messages import as_stored

from .models import Account

KEPT = "••••••••"  # what a form shows for a secret that is there


def create(
    uow: UnitOfWork, channel: str, name: str, settings: dict[str, Any], queue_id: int, address: str = ""
) -> Account:
    """A new account; Invalid names the settings that do not fit."""
    uow.actor.must("settings")
    kind = channel_type(uow, channel)
    _refuse_references(uow, kind, settings)
    stored = _sealed(uow, kind, _checked(kind, settings))
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
            kind = channel_type(uow, account.channel)
            kept = {n: account.settings[n] for n in secret_names(kind) if n in account.settings}
            given = {n: v for n, v in settings.items() if not (n in kept and v in (None, "", KEPT))}
            _refuse_references(uow, kind, given)
            opened = {n: uow.runtime.secret_box.open(v) for n, v in kept.items() if n not in given}
            checked = _checked(kind, {**opened, **given})
            refuse_moved(kind.Settings, account.settings, checked, {n for n in opened if opened[n]})
            account.settings = {**_sealed(uow, kind, checked), **{n: kept[n] for n in opened}}
            account.address = str(settings.get("address") or account.address).lower()[:254]
            account.health = {}
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
    if not secrets:
        return AccountView(account.id, account.name, settings, account.address, account.queue_id)
    opened = {n: uow.runtime.secret_box.open(account.settings[n]) for n in hidden if account.settings.get(n)}
    keep = partial(_keep, uow.runtime, account.id, opened)
    return AccountView(account.id, account.name, settings | opened, account.address, account.queue_id, keep)


def receiving_view(uow: UnitOfWork, account: Account) -> AccountView:
    """What a listener needs; without secrets when one cannot be opened, so that messages are taken in all the same."""
    try:
        return view(uow, account)
    except HelpdeskError:
        return view(uow, account, secrets=False)


def note_secrets(uow: UnitOfWork) -> None:
    """Write down which enabled accounts have a secret that cannot be opened, and which no longer do."""
    for account in uow.session.scalars(select(Account).where(Account.enabled)).all():
        fault = _secret_fault(uow, account)
        if fault != account.health.get("secret_error", ""):
            with uow.writing():
                kept = {k: v for k, v in account.health.items() if k != "secret_error"}
                account.health = {**kept, "secret_error": fault} if fault else kept
                uow.record(_health(account.fault)(account=account.id))


def _secret_fault(uow: UnitOfWork, account: Account) -> str:
    try:
        view(uow, account)
    except HelpdeskError as error:
        return dump_message(error)
    return ""


def _keep(runtime: Any, account_id: int, known: dict[str, str], name: str, secret: str) -> None:
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


def shown_settings(uow: UnitOfWork, account: Account) -> dict[str, Any]:
    """The settings for a form: a secret shows only that it is there. {} while the channel's plugin is off."""
    if account.channel not in uow.runtime.channels:
        return {}
    hidden = secret_names(uow.runtime.channels[account.channel])
    return {n: (KEPT if v else "") if n in hidden else v for n, v in account.settings.items()}


def check(uow: UnitOfWork, channel_name: str, settings: dict[str, Any], account_id: int | None = None) -> list[Step]:
    """The "Test" button: try these settings as they stand in the form, with kept secrets of the account; nothing is
    saved.

    Invalid names the settings that do not fit.
    """
    uow.actor.must("settings")
    kind = channel_type(uow, channel_name)
    _refuse_references(uow, kind, {n: v for n, v in settings.items() if v != KEPT})
    account = get(uow, account_id) if account_id else None
    opened = _opened(uow, kind, account, settings) if account else {}
    checked = _checked(kind, {**settings, **opened})
    if account:
        refuse_moved(kind.Settings, account.settings, checked, opened)
    given = AccountView(
        account_id or 0, account.name if account else "", checked, str(settings.get("address") or "").lower()
    )
    trying = kind(given)
    try:
        return list(timed(trying.check))
    finally:
        trying.close()


def _opened(uow: UnitOfWork, kind: type[Channel], account: Account, settings: dict[str, Any]) -> dict[str, Any]:
    """The account's secrets that a form leaves as they are."""
    kept = {
        n: account.settings[n]
        for n in secret_names(kind)
        if account.settings.get(n) and settings.get(n) in (None, "", KEPT)
    }
    return {n: uow.runtime.secret_box.open(v) for n, v in kept.items()}


@memo
def secret_names(kind: type[Channel]) -> set[str]:
    """The names of a channel's secret settings."""
    return {name for name, field in kind.Settings().fields.items() if isinstance(field, Secret)}


def note_health(uow: UnitOfWork, account_id: int, *, error: HelpdeskError | str = "", **facts: Any) -> None:
    """Write down how an account does: ``ok_at`` moves, or ``error`` and ``error_at`` say since when it does not."""
    with uow.writing():
        account = get(uow, account_id)
        now = uow.clock().isoformat()
        before = bool(account.health.get("error"))
        if error:
            health = {**account.health, "error": dump_message(error), "error_at": account.health.get("error_at") or now}
        else:
            health = {**{k: v for k, v in account.health.items() if not k.startswith("error")}, "ok_at": now}
        account.health = {**health, **facts}
        if bool(error) != before:
            uow.record(_health(error)(account=account_id))


def note_sending(uow: UnitOfWork, account: Account, error: str = "") -> None:
    """Write down that an account cannot send (``error`` as ``dump_message`` writes it) or can again; only a change
    is written. Inside ``writing``.
    """
    if bool(error) == ("send_error" in account.health):
        return
    kept = {k: v for k, v in account.health.items() if not k.startswith("send_error")}
    account.health = {**kept, "send_error": error, "send_error_at": uow.clock().isoformat()} if error else kept
    uow.record(_health(error)(account=account.id))


def _health(error: object) -> type[AccountFailing | AccountWell]:
    return AccountFailing if error else AccountWell


def _refuse_references(uow: UnitOfWork, kind: type[Channel], settings: dict[str, Any]) -> None:
    """A person may not name a file or variable of the server: with a server of their own they would read it."""
    if uow.actor.user_id is None:
        return
    asked = [n for n in secret_names(kind) if uow.runtime.secret_box.points_elsewhere(str(settings.get(n) or ""))]
    if asked:
        raise Invalid(
            _("Some settings do not fit."),
            dict.fromkeys(asked, _("A file or variable of the server can be named on the command line only.")),
        )


def _free_name(uow: UnitOfWork, account: Account, name: str) -> str:
    if uow.session.scalar(select(Account.id).where(Account.name == name, Account.id != account.id)):
        raise Conflict(_("There is one named %(name)s already."), name=name)
    return name


def _check_queue(uow: UnitOfWork, queue_id: int) -> None:
    if by_id(uow.session, Queue, queue_id) is None:
        raise Invalid(_("Please choose a queue."), {"queue": _("Please choose a queue.")})


def _checked(kind: type[Channel], settings: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded = kind.Settings().load(settings)
    except ValidationError as error:
        raise Invalid(
            _("Some settings do not fit."), {name: as_stored(texts) for name, texts in error.messages_dict.items()}
        ) from None
    return cast(dict[str, Any], kind.Settings().dump(loaded))


def _sealed(uow: UnitOfWork, kind: type[Channel], settings: dict[str, Any]) -> dict[str, Any]:
    hidden = secret_names(kind)
    return {n: uow.runtime.secret_box.seal(v) if n in hidden and v else v for n, v in settings.items()}

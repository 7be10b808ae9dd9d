"""Accounts: one address of ours on one channel, its settings with secrets sealed, and how it does."""

from __future__ import annotations

from functools import cache, partial

from marshmallow import ValidationError
from sqlalchemy import select

from . import names
from .channels import AccountView, Channel, Secret
from .complaints import in_our_words
from .database import by_id, insert_if_new
from .errors import Conflict, HelpdeskError, Invalid, NotFound, _, told
from .events.intake import AccountAdded, AccountChanged, AccountFailing, AccountWell
from .models import Account, Queue

KEPT = "••••••••"  # what a form shows for a secret that is there


def create(desk, channel: str, name: str, settings: dict, queue_id: int, address: str = "") -> Account:
    """A new account; Invalid names the settings that do not fit."""
    desk.actor.must("settings")
    kind = channel_type(desk, channel)
    _refuse_references(desk, kind, settings)
    stored = _sealed(desk, kind, _checked(kind, settings))
    name = names.given(name)
    address = str(address or settings.get("address") or "").lower()[:254]
    with desk.writing():
        _check_queue(desk, queue_id)
        if not insert_if_new(desk.session, Account, channel=channel, name=name, settings=stored, queue_id=queue_id, address=address):
            raise Conflict(_("There is one named %(name)s already."), name=name)
        account = desk.session.scalar(select(Account).where(Account.name == name))
        desk.record(AccountAdded(account=account.id))
    desk.house.wake("accounts")
    return account


def update(desk, account_id: int, *, settings: dict | None = None, enabled=None, queue_id=None, name=None) -> Account:
    """Change an account. A secret that is missing, empty or shown as kept stays what it was."""
    desk.actor.must("settings")
    with desk.writing():
        account = get(desk, account_id)
        if settings is not None:
            kind = channel_type(desk, account.channel)
            kept = {n: account.settings[n] for n in secret_names(kind) if n in account.settings}
            given = {n: v for n, v in settings.items() if not (n in kept and v in (None, "", KEPT))}
            _refuse_references(desk, kind, given)
            opened = {n: desk.house.vault.open(v) for n, v in kept.items() if n not in given}
            checked = _checked(kind, {**opened, **given})
            account.settings = {**_sealed(desk, kind, checked), **{n: kept[n] for n in opened}}
            account.address = str(settings.get("address") or account.address).lower()[:254]
            account.health = {}
        if enabled is not None:
            account.enabled = enabled
        if queue_id is not None:
            _check_queue(desk, queue_id)
            account.queue_id = queue_id
        if name is not None:
            account.name = _free_name(desk, account, names.given(name))
        desk.record(AccountChanged(account=account.id, enabled=account.enabled))
    desk.house.wake("accounts")
    return account


def get(desk, account_id: int) -> Account:
    """The account, or NotFound."""
    account = by_id(desk.session, Account, account_id)
    if account is None:
        raise NotFound()
    return account


def channel_type(desk, name: str) -> type[Channel]:
    """The channel class of this name; Invalid when no plugin that is on brings it."""
    if name not in desk.house.channels:
        raise Invalid(_("No plugin that is switched on brings the channel %(name)s."), name=name)
    return desk.house.channels[name]


def view(desk, account: Account, secrets: bool = True) -> AccountView:
    """What a channel may know; without ``secrets`` for hooks and parsing children."""
    kind = desk.house.channels.get(account.channel, Channel)
    hidden = secret_names(kind)
    settings = {n: v for n, v in account.settings.items() if n not in hidden}
    if not secrets:
        return AccountView(account.id, account.name, settings, account.address)
    opened = {n: desk.house.vault.open(account.settings[n]) for n in hidden if account.settings.get(n)}
    return AccountView(account.id, account.name, settings | opened, account.address, partial(_keep, desk.house, account.id, opened))


def receiving_view(desk, account: Account) -> AccountView:
    """What a listener needs; without secrets when one cannot be opened, so that messages are taken in all the same."""
    try:
        return view(desk, account)
    except HelpdeskError:
        return view(desk, account, secrets=False)


def note_secrets(desk) -> None:
    """Write down which enabled accounts have a secret that cannot be opened, and which no longer do."""
    for account in desk.session.scalars(select(Account).where(Account.enabled)).all():
        fault = _secret_fault(desk, account)
        if fault != account.health.get("secret_error", ""):
            with desk.writing():
                kept = {k: v for k, v in account.health.items() if k != "secret_error"}
                account.health = {**kept, "secret_error": fault} if fault else kept
                desk.record(_health(account.fault)(account=account.id))


def _secret_fault(desk, account: Account) -> str:
    try:
        view(desk, account)
    except HelpdeskError as error:
        return told(error)
    return ""


def _keep(house, account_id: int, known: dict[str, str], name: str, secret: str) -> None:
    """Store ``secret`` for the one in ``known``, unless there is another by now or the setting only tells where it is."""
    before = known[name]
    with house.desk() as desk, desk.writing():
        account = get(desk, account_id)
        stored = account.settings[name]
        if not house.vault.refers(stored) and house.vault.open(stored) == before:
            account.settings = {**account.settings, name: house.vault.seal(secret)}
    house.wake("accounts")


def channel(desk, account: Account) -> Channel:
    """The channel object of an account, secrets and all."""
    return channel_type(desk, account.channel)(view(desk, account))


def shown_settings(desk, account: Account) -> dict:
    """The settings for a form: a secret shows only that it is there. {} while the channel's plugin is off."""
    if account.channel not in desk.house.channels:
        return {}
    hidden = secret_names(desk.house.channels[account.channel])
    return {n: (KEPT if v else "") if n in hidden else v for n, v in account.settings.items()}


def check(desk, account_id: int) -> list[tuple[HelpdeskError, bool]]:
    """The "Test" button: what was tried, in order, as a sentence and whether it worked; nothing is tried after the first that did not."""
    desk.actor.must("settings")
    trying, steps = channel(desk, get(desk, account_id)), []
    try:
        for step in trying.check():
            steps.append((HelpdeskError(step.sentence, **step.values), True))
    except HelpdeskError as error:
        steps.append((error, False))
    finally:
        trying.close()
    return steps


@cache
def secret_names(kind: type[Channel]) -> set[str]:
    """The names of a channel's secret settings."""
    return {name for name, field in kind.Settings().fields.items() if isinstance(field, Secret)}


def note_health(desk, account_id: int, *, error: HelpdeskError | str = "", **facts) -> None:
    """Write down how an account does: ``ok_at`` moves, or ``error`` and ``error_at`` say since when it does not."""
    with desk.writing():
        account = get(desk, account_id)
        now = desk.clock().isoformat()
        before = bool(account.health.get("error"))
        if error:
            health = {**account.health, "error": told(error), "error_at": account.health.get("error_at") or now}
        else:
            health = {**{k: v for k, v in account.health.items() if not k.startswith("error")}, "ok_at": now}
        account.health = {**health, **facts}
        if bool(error) != before:
            desk.record(_health(error)(account=account_id))


def note_sending(desk, account: Account, error: str = "") -> None:
    """Write down that an account cannot send (``error`` as told) or can again; only a change is written. Inside ``writing``."""
    if bool(error) == ("send_error" in account.health):
        return
    kept = {k: v for k, v in account.health.items() if not k.startswith("send_error")}
    account.health = {**kept, "send_error": error, "send_error_at": desk.clock().isoformat()} if error else kept
    desk.record(_health(error)(account=account.id))


def _health(error: object) -> type[AccountFailing | AccountWell]:
    return AccountFailing if error else AccountWell


def _refuse_references(desk, kind: type[Channel], settings: dict) -> None:
    """A person may not name a file or variable of the server: with a server of their own they would read it."""
    if desk.actor.user_id is None:
        return
    asked = [n for n in secret_names(kind) if desk.house.vault.points_elsewhere(str(settings.get(n) or ""))]
    if asked:
        raise Invalid(_("Some settings do not fit."), dict.fromkeys(asked, _("A file or variable of the server can be named on the command line only.")))


def _free_name(desk, account: Account, name: str) -> str:
    if desk.session.scalar(select(Account.id).where(Account.name == name, Account.id != account.id)):
        raise Conflict(_("There is one named %(name)s already."), name=name)
    return name


def _check_queue(desk, queue_id: int) -> None:
    if by_id(desk.session, Queue, queue_id) is None:
        raise Invalid(_("Please choose a queue."), {"queue": _("Please choose a queue.")})


def _checked(kind: type[Channel], settings: dict) -> dict:
    try:
        loaded = kind.Settings().load(settings)
    except ValidationError as error:
        raise Invalid(_("Some settings do not fit."), {name: _complaint(texts) for name, texts in error.messages.items()}) from None
    return kind.Settings().dump(loaded)


def _complaint(texts: object) -> str:
    """The first thing marshmallow has to say of a setting."""
    return in_our_words(str(texts[0] if isinstance(texts, list) else texts))


def _sealed(desk, kind: type[Channel], settings: dict) -> dict:
    hidden = secret_names(kind)
    return {n: desk.house.vault.seal(v) if n in hidden and v else v for n, v in settings.items()}

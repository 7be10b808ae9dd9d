"""How accounts do: whether they fetch, send and have secrets that can be opened, each change an event."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from helpdesk.core.errors import HelpdeskError, dump_message
from helpdesk.core.events.intake import AccountFailing, AccountWell
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .accounts import get, view
from .models import Account


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


def _health(error: object) -> type[AccountFailing | AccountWell]:
    return AccountFailing if error else AccountWell

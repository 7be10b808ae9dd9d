"""What happens to accounts, to what comes in by them, and to the desk itself."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.core.errors import _

from .registry import DomainEvent


@dataclass(frozen=True, kw_only=True)
class _OfAccount(DomainEvent):
    account: int


@dataclass(frozen=True, kw_only=True)
class AccountAdded(_OfAccount, kind="account.added", label=_("Account added"), icon="plug"):
    """A new account."""


@dataclass(frozen=True, kw_only=True)
class AccountChanged(_OfAccount, kind="account.changed", label=_("Account changed"), icon="plug"):
    """Its settings, name or queue were changed, or it was switched on or off."""

    enabled: bool


@dataclass(frozen=True, kw_only=True)
class AccountFailing(_OfAccount, kind="account.failing", label=_("Account failing"), icon="alert"):
    """It cannot fetch or send."""


@dataclass(frozen=True, kw_only=True)
class AccountWell(_OfAccount, kind="account.well", label=_("Account working again"), icon="plug"):
    """It works again."""


@dataclass(frozen=True, kw_only=True)
class _OfRawMessage(DomainEvent):
    raw_message: int


@dataclass(frozen=True, kw_only=True)
class RawMessageQuarantined(
    _OfRawMessage, kind="raw_message.quarantined", label=_("Put into quarantine"), icon="alert"
):
    """It could not be read."""

    account: int


@dataclass(frozen=True, kw_only=True)
class RawMessageRead(_OfRawMessage, kind="raw_message.read", label=_("Looked at in quarantine")):
    """Somebody looked at its bytes."""


@dataclass(frozen=True, kw_only=True)
class RawMessageRetried(_OfRawMessage, kind="raw_message.retried", label=_("Queued again from quarantine")):
    """It is read once more."""


@dataclass(frozen=True, kw_only=True)
class RawMessageDiscarded(_OfRawMessage, kind="raw_message.discarded", label=_("Discarded from quarantine")):
    """It is set aside; its bytes stay."""


@dataclass(frozen=True, kw_only=True)
class RawMessageRestored(_OfRawMessage, kind="raw_message.restored", label=_("Put back into quarantine")):
    """It was discarded by mistake."""


@dataclass(frozen=True, kw_only=True)
class SettingsChanged(DomainEvent, kind="settings.changed", label=_("Settings changed"), icon="gear"):
    """Settings of a plugin were changed: ``group`` and the names of its fields, never their values."""

    group: str
    changed: list[str]


@dataclass(frozen=True, kw_only=True)
class DeskRestored(DomainEvent, kind="desk.restored", label=_("Desk restored from a backup")):
    """``backup`` is the moment the backup was made, in ISO 8601. Sending is paused."""

    backup: str


@dataclass(frozen=True, kw_only=True)
class DeskResumed(DomainEvent, kind="desk.resumed", label=_("Sending resumed")):
    """A restored desk sends again."""


KINDS = (
    AccountAdded,
    AccountChanged,
    AccountFailing,
    AccountWell,
    RawMessageQuarantined,
    RawMessageRead,
    RawMessageRetried,
    RawMessageDiscarded,
    RawMessageRestored,
    SettingsChanged,
    DeskRestored,
    DeskResumed,
)

"""What happens to people who wait to be served at once, and to the availability of those who serve them."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.core.errors import _

from .registry import DomainEvent, UserId


@dataclass(frozen=True, kw_only=True)
class _OfEntry(DomainEvent):
    entry: int
    line: str  # the kind of waiting


@dataclass(frozen=True, kw_only=True)
class WaitingJoined(_OfEntry, kind="waiting.joined", label=_("Joined the line"), icon="clock"):
    """Somebody waits to be served at once."""


@dataclass(frozen=True, kw_only=True)
class WaitingOffered(_OfEntry, kind="waiting.offered", label=_("Offered from the line"), icon="clock"):
    """It rings at somebody until a moment, in ISO 8601."""

    user: UserId
    until: str


@dataclass(frozen=True, kw_only=True)
class WaitingPassed(_OfEntry, kind="waiting.passed", label=_("Offer not taken"), icon="clock"):
    """Somebody was offered it and did not take it: ``why`` is declined, missed, away, first (a colleague was), given
    (to another) or over (they left, or it was ended).
    """

    user: UserId
    why: str


@dataclass(frozen=True, kw_only=True)
class WaitingTaken(
    _OfEntry,
    kind="waiting.taken",
    label=_("Taken from the line"),
    icon="check",
    timeline=_("%(user)s took this from the line"),
):
    """Somebody serves them now, after ``waited`` seconds."""

    user: UserId
    waited: int


@dataclass(frozen=True, kw_only=True)
class WaitingGiven(
    _OfEntry,
    kind="waiting.given",
    label=_("Handed over in the line"),
    icon="merge",
    timeline=_("%(who)s handed this over to others in the line"),
):
    """Handed over to a person, or to a queue."""

    giver: UserId | None
    user: UserId | None
    queue: int | None


@dataclass(frozen=True, kw_only=True)
class WaitingLeft(
    _OfEntry, kind="waiting.left", label=_("Left the line"), icon="clock", timeline=_("The customer left the line")
):
    """They left before anybody served them, after ``waited`` seconds."""

    waited: int


@dataclass(frozen=True, kw_only=True)
class WaitingEnded(_OfEntry, kind="waiting.ended", label=_("Served"), icon="check"):
    """It is over: ``user`` served them for so many ``seconds``, None when nobody had taken it."""

    user: UserId | None
    seconds: int
    outcome: str


@dataclass(frozen=True, kw_only=True)
class UserAvailabilityChanged(DomainEvent, kind="user.availability", label=_("Availability changed"), icon="user"):
    """Somebody is available, busy, away or offline; ``before`` what they were."""

    user: UserId
    before: str
    after: str
    reason: str = ""


KINDS = (
    WaitingJoined,
    WaitingOffered,
    WaitingPassed,
    WaitingTaken,
    WaitingGiven,
    WaitingLeft,
    WaitingEnded,
    UserAvailabilityChanged,
)

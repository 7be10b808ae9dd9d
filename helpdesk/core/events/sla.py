"""What happens to the clocks of tickets."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.core.errors import _

from .registry import DomainEvent


@dataclass(frozen=True, kw_only=True)
class SlaTargetSet(DomainEvent, kind="sla.target_set", label=_("Target set"), icon="timer"):
    """Targets of a ticket's clocks were set or changed; ``target`` is its nearest running one in ISO 8601, None when
    none runs.
    """

    clocks: list[str]
    target: str | None


@dataclass(frozen=True, kw_only=True)
class _OfClock(DomainEvent):
    clock: str
    target: str


@dataclass(frozen=True, kw_only=True)
class SlaWarning(_OfClock, kind="sla.warning", label=_("Target is near"), icon="timer"):
    """A clock has little time left; recorded once for a target."""


@dataclass(frozen=True, kw_only=True)
class SlaBreached(
    _OfClock,
    kind="sla.breached",
    label=_("Target missed"),
    icon="alert",
    timeline=_("The time by which the customer was to hear from us is over"),
):
    """A clock went past its target; recorded once for a target."""


@dataclass(frozen=True, kw_only=True)
class SlaMet(DomainEvent, kind="sla.met", label=_("Clock stopped"), icon="check"):
    """What a clock measured is done; ``late`` when it was after the target."""

    clock: str
    late: bool = False


KINDS = (SlaTargetSet, SlaWarning, SlaBreached, SlaMet)

"""What becomes of messages on their way out."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.core.errors import _

from .registry import DomainEvent
from .tickets import TicketFacts


@dataclass(frozen=True, kw_only=True)
class _Delivery(DomainEvent):
    delivery: int
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class DeliverySent(_Delivery, kind="delivery.sent", label=_("Message sent"), icon="send"):
    """The channel took it."""


@dataclass(frozen=True, kw_only=True)
class DeliveryDelayed(_Delivery, kind="delivery.delayed", label=_("Message delayed"), icon="clock"):
    """The first try did not work, or a report says it takes longer (``status`` is the report's code)."""


@dataclass(frozen=True, kw_only=True)
class DeliveryConfirmed(_Delivery, kind="delivery.confirmed", label=_("Message delivered")):
    """A report says that it arrived."""


@dataclass(frozen=True, kw_only=True)
class DeliveryRead(_Delivery, kind="delivery.read", label=_("Message read")):
    """A report says that it was read."""


@dataclass(frozen=True, kw_only=True)
class DeliveryBounced(
    _Delivery, kind="delivery.bounced", label=_("Message bounced"), icon="alert", timeline=_("A message came back")
):
    """A report says that it never will arrive."""


@dataclass(frozen=True, kw_only=True)
class DeliveryFailed(_Delivery, kind="delivery.failed", label=_("Message failed"), icon="alert"):
    """It could not be sent; a note on the ticket says why."""

    before: TicketFacts
    after: TicketFacts


@dataclass(frozen=True, kw_only=True)
class DeliveryUncertain(_Delivery, kind="delivery.uncertain", label=_("Message uncertain"), icon="alert"):
    """The other side may have taken it and did not say so; a note on the ticket says why, and a person decides."""

    before: TicketFacts
    after: TicketFacts


@dataclass(frozen=True, kw_only=True)
class DeliveryTried(_Delivery, kind="delivery.tried", label=_("Tried by hand"), icon="phone"):
    """A person tried to carry a message out; ``outcome`` is the code of what came of it."""

    outcome: str


@dataclass(frozen=True, kw_only=True)
class DeliveryRetried(_Delivery, kind="delivery.retried", label=_("Message queued again"), icon="send"):
    """Somebody sends a message once more that failed or is uncertain."""


KINDS = (
    DeliverySent,
    DeliveryDelayed,
    DeliveryConfirmed,
    DeliveryRead,
    DeliveryBounced,
    DeliveryFailed,
    DeliveryUncertain,
    DeliveryTried,
    DeliveryRetried,
)

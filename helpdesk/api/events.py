"""Events: declare a kind of your own (``register_events``), record it with ``record``, hear of the desk's in ``on_event``."""

from ..core.desk import Desk
from ..core.events.core import KINDS
from ..core.events.deliveries import DeliveryBounced, DeliveryConfirmed, DeliveryDelayed, DeliveryFailed, DeliveryRetried, DeliverySent
from ..core.events.intake import (
    AccountAdded,
    AccountChanged,
    AccountFailing,
    AccountWell,
    DeskRestored,
    DeskResumed,
    ParcelDiscarded,
    ParcelQuarantined,
    ParcelRead,
    ParcelRetried,
    SettingsChanged,
)
from ..core.events.people import (
    CustomerChanged,
    QueueAdded,
    QueueChanged,
    TeamAdded,
    TeamChanged,
    UserAdded,
    UserChanged,
    UserPassword,
    UserSession,
    UserSessions,
    UserToken,
    UserTokenDropped,
)
from ..core.events.registry import DomainEvent, TicketId, UnknownEvent, UserId
from ..core.events.tickets import (
    MessageAccepted,
    MessageQuiet,
    MessageReceived,
    MessageUnverified,
    NoteAdded,
    ReplyAutomatic,
    ReplyQueued,
    ReplyWithdrawn,
    ReplyWithheld,
    TicketChanged,
    TicketMerged,
    TicketOpened,
    TicketRead,
    TicketUnmerged,
)
from ._calls import writes


@writes
def record(uow: Desk, event: DomainEvent) -> None:
    """Write an event into the journal, in a commit of its own or as a step of ``tickets.apply``."""
    with uow.writing():
        uow.record(event)


__all__ = ["DomainEvent", "TicketId", "UnknownEvent", "UserId", "record", *sorted(kind.__name__ for kind in KINDS)]

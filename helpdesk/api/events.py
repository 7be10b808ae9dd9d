"""Events: declare a kind of your own (``register_events``), record it with ``uow.record(event)``, hear of the desk's in ``on_event``."""

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

__all__ = sorted(name for name in dir() if not name.startswith("__"))

"""Events: declare a kind of your own (``register_events``), record it with ``record``, receive the desk's in
``on_event``.
"""

from helpdesk.core.events.deliveries import (
    DeliveryBounced,
    DeliveryConfirmed,
    DeliveryDelayed,
    DeliveryFailed,
    DeliveryRead,
    DeliveryRetried,
    DeliverySent,
    DeliveryTried,
)
from helpdesk.core.events.intake import (
    AccountAdded,
    AccountChanged,
    AccountFailing,
    AccountWell,
    DeskRestored,
    DeskResumed,
    RawMessageDiscarded,
    RawMessageQuarantined,
    RawMessageRead,
    RawMessageRestored,
    RawMessageRetried,
    SettingsChanged,
)
from helpdesk.core.events.messages import (
    FileAwaited,
    FileFailed,
    FileReady,
    MessageDeleted,
    MessageEdited,
    MessageReacted,
    MessageUnknown,
)
from helpdesk.core.events.people import (
    CustomerChanged,
    CustomerErased,
    CustomersMerged,
    QueueAdded,
    QueueChanged,
    RoleChanged,
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
from helpdesk.core.events.registry import DomainEvent, TicketId, UnknownEvent, UserId
from helpdesk.core.events.sla import SlaBreached, SlaMet, SlaTargetSet, SlaWarning
from helpdesk.core.events.tickets import (
    MessageAccepted,
    MessageAutomatic,
    MessageReceived,
    MessageUnverified,
    NoteAdded,
    NoteWithdrawn,
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
from helpdesk.core.journal.unit_of_work import UnitOfWork

from ._calls import writes


@writes
def record(uow: UnitOfWork, event: DomainEvent) -> None:
    """Write an event into the journal, in a commit of its own or as a step of ``tickets.apply``."""
    with uow.writing():
        uow.record(event)


__all__ = [
    "AccountAdded",
    "AccountChanged",
    "AccountFailing",
    "AccountWell",
    "CustomerChanged",
    "CustomerErased",
    "CustomersMerged",
    "DeliveryBounced",
    "DeliveryConfirmed",
    "DeliveryDelayed",
    "DeliveryFailed",
    "DeliveryRead",
    "DeliveryRetried",
    "DeliverySent",
    "DeliveryTried",
    "DeskRestored",
    "DeskResumed",
    "DomainEvent",
    "FileAwaited",
    "FileFailed",
    "FileReady",
    "MessageAccepted",
    "MessageAutomatic",
    "MessageDeleted",
    "MessageEdited",
    "MessageReacted",
    "MessageReceived",
    "MessageUnknown",
    "MessageUnverified",
    "NoteAdded",
    "NoteWithdrawn",
    "QueueAdded",
    "QueueChanged",
    "RawMessageDiscarded",
    "RawMessageQuarantined",
    "RawMessageRead",
    "RawMessageRestored",
    "RawMessageRetried",
    "ReplyAutomatic",
    "ReplyQueued",
    "ReplyWithdrawn",
    "ReplyWithheld",
    "SettingsChanged",
    "SlaBreached",
    "SlaMet",
    "SlaTargetSet",
    "SlaWarning",
    "RoleChanged",
    "TeamAdded",
    "TeamChanged",
    "TicketChanged",
    "TicketId",
    "TicketMerged",
    "TicketOpened",
    "TicketRead",
    "TicketUnmerged",
    "UnknownEvent",
    "UserAdded",
    "UserChanged",
    "UserId",
    "UserPassword",
    "UserSession",
    "UserSessions",
    "UserToken",
    "UserTokenDropped",
    "record",
]

"""Every table of the core, as plain declarative classes. Rows are the truth; nothing else remembers anything."""

from ..base import Base
from ..jobs.models import Job
from ..permissions import ROLES
from .columns import ACTIVE, PRIORITIES, STATUSES
from .intake import Account, Arrival, ConversationThread, Parcel, Reference, WaitingEvent
from .messages import FORMS, VISIBILITIES, Attachment, Attempt, AutomaticSend, Delivery, Message, MessageExternalId, MessageText
from .people import EndedSession, Fault, Queue, QueueTeam, Setting, Team, TeamMember, Token, User
from .tickets import Cursor, Customer, Draft, DraftFile, Event, Identity, Merge, OpeningDraft, Participant, Ticket

__all__ = [
    "ACTIVE",
    "Account",
    "Arrival",
    "Attachment",
    "Attempt",
    "AutomaticSend",
    "Base",
    "ConversationThread",
    "Cursor",
    "Customer",
    "Delivery",
    "Draft",
    "DraftFile",
    "EndedSession",
    "Event",
    "FORMS",
    "Fault",
    "Identity",
    "Job",
    "Merge",
    "Message",
    "MessageExternalId",
    "MessageText",
    "OpeningDraft",
    "PRIORITIES",
    "Parcel",
    "Participant",
    "Queue",
    "QueueTeam",
    "ROLES",
    "Reference",
    "STATUSES",
    "Setting",
    "Team",
    "TeamMember",
    "Ticket",
    "Token",
    "User",
    "VISIBILITIES",
    "WaitingEvent",
]

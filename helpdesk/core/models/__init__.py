"""Every table of the core, as plain declarative classes. Rows are the truth; nothing else remembers anything."""

from ..base import Base
from ..jobs.models import Job
from .columns import ACTIVE, PRIORITIES, ROLES, STATUSES
from .intake import Account, Arrival, OpenThread, Parcel, Reference
from .messages import Attachment, Attempt, AutomaticSend, Delivery, Message, MessageText
from .people import EndedSession, Fault, Queue, QueueTeam, Setting, Team, TeamMember, Token, User
from .tickets import Cursor, Customer, Draft, Event, Identity, Merge, OpeningDraft, Participant, Ticket

__all__ = [
    "ACTIVE",
    "Account",
    "Arrival",
    "Attachment",
    "Attempt",
    "AutomaticSend",
    "Base",
    "Cursor",
    "Customer",
    "Delivery",
    "Draft",
    "EndedSession",
    "Event",
    "Fault",
    "Identity",
    "Job",
    "Merge",
    "Message",
    "MessageText",
    "OpenThread",
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
]

"""The types of a channel: what it declares, what it hands over and what it is given."""

from helpdesk.core.channels.accepts import Accepts, Attachments, Buttons
from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.channels.channel_events import Deleted, Edited, Inbound, Outcome, Parsed, Reaction, Report
from helpdesk.core.channels.checks import Step, tried
from helpdesk.core.channels.outbound import Outbound, Sent, Template
from helpdesk.core.channels.types import (
    AccountView,
    Answer,
    Channel,
    Preset,
    RawMessage,
    Received,
    Secret,
    Signal,
    Webhook,
)
from helpdesk.core.tickets.tokens import SHAPE as TOKEN_SHAPE

__all__ = [
    "TOKEN_SHAPE",
    "Accepts",
    "AccountView",
    "Address",
    "Answer",
    "Attachments",
    "Buttons",
    "Channel",
    "Deleted",
    "Edited",
    "File",
    "Inbound",
    "Outbound",
    "Outcome",
    "Parsed",
    "Preset",
    "RawMessage",
    "Reaction",
    "Received",
    "Report",
    "Secret",
    "Sent",
    "Signal",
    "Step",
    "Template",
    "Webhook",
    "tried",
]

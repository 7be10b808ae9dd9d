"""The types of a channel: what it declares, what it hands over and what it is given."""

from helpdesk.core.channels.accepts import Accepts
from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.channels.channel_events import Inbound, Outcome, Report
from helpdesk.core.channels.checks import Step, tried
from helpdesk.core.channels.outbound import Outbound, Sent
from helpdesk.core.channels.types import AccountView, Channel, RawMessage, Secret, Webhook
from helpdesk.core.tickets.tokens import SHAPE as TOKEN_SHAPE

__all__ = [
    "TOKEN_SHAPE",
    "Accepts",
    "AccountView",
    "Address",
    "Channel",
    "Step",
    "File",
    "Inbound",
    "Outbound",
    "Outcome",
    "RawMessage",
    "Report",
    "Secret",
    "Sent",
    "Webhook",
    "tried",
]

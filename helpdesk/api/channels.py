"""The types of a channel: what it declares, what it hands over and what it is given."""

from ..core.channels import (
    Accepts,
    AccountView,
    Address,
    Channel,
    File,
    Inbound,
    Outbound,
    Outcome,
    Parcel,
    Report,
    Secret,
    Sent,
    Webhook,
)
from ..core.tokens import SHAPE as TOKEN_SHAPE

__all__ = [
    "TOKEN_SHAPE",
    "Accepts",
    "AccountView",
    "Address",
    "Channel",
    "File",
    "Inbound",
    "Outbound",
    "Outcome",
    "Parcel",
    "Report",
    "Secret",
    "Sent",
    "Webhook",
]

"""Everything of ours a plugin may import. Nothing else is public; another major version of ``API`` breaks plugins."""

from ..core.accepts import Accepts, Attachments
from ..core.address_types import Address, File
from ..core.blobs import Blobs
from ..core.channel_events import Deleted, Edited, Inbound, Outcome, Parsed, Reaction, Report
from ..core.channels import AccountView, Answer, Channel, Parcel, Preset, Received, Secret, Signal, Step, Webhook
from ..core.errors import (
    ChannelError,
    Conflict,
    Forbidden,
    HelpdeskError,
    Invalid,
    Malformed,
    Misconfigured,
    NotFound,
    Refused,
    TryAgain,
    Unavailable,
    Undeliverable,
    _,
)
from ..core.hookspecs import hookimpl
from ..core.outbound import Outbound, Sent, Template
from ..core.text import digits, excerpt, joined, normalise, phone, plain
from ..core.tokens import SHAPE as TOKEN_SHAPE
from ..language import Reader, date, datetime_, gettext, isolate, ngettext, reading, say
from ..plugins import API

__all__ = sorted(name for name in dir() if not name.startswith("__"))

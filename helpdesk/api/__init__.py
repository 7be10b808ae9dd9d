"""Everything of ours a plugin may import. Nothing else is public; another major version of ``API`` breaks plugins."""

from helpdesk.core.channels.accepts import Accepts, Attachments
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
from helpdesk.core.errors import (
    ChannelError,
    Conflict,
    Forbidden,
    HelpdeskError,
    Invalid,
    Malformed,
    Misconfigured,
    NotFound,
    Overtaken,
    Refused,
    TryAgain,
    Unavailable,
    Undeliverable,
    _,
)
from helpdesk.core.storage.blobs import Blobs
from helpdesk.core.text import digits, excerpt, joined, normalise, phone, plain
from helpdesk.core.tickets.tokens import SHAPE as TOKEN_SHAPE
from helpdesk.hooks.loader import API
from helpdesk.hooks.specs import hookimpl
from helpdesk.i18n import Reader, date, datetime_, gettext, isolate, ngettext, reading, render_message

__all__ = sorted(name for name in dir() if not name.startswith("__"))

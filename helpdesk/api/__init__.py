"""Everything of ours a plugin may import. Nothing else is public; another major version of ``API`` breaks plugins."""

from ..core.blobs import Blobs
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
from ..core.text import digits, excerpt, joined, normalise, phone, plain
from ..core.tokens import SHAPE as TOKEN_SHAPE
from ..language import Reader, date, datetime_, gettext, isolate, ngettext, reading, say
from ..plugins import API

__all__ = sorted(name for name in dir() if not name.startswith("__"))

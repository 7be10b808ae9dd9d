"""The social plugin: what it brings to the desk."""

from __future__ import annotations

from helpdesk.api import hookimpl
from helpdesk.api.channels import Channel
from helpdesk.api.errors import _

from .mastodon import Mastodon
from .messenger import Instagram, Messenger
from .telegram import Telegram
from .whatsapp import WhatsApp

API = "1"
DESCRIPTION = _("Messengers and social networks: Telegram, Bale, WhatsApp, Messenger, Instagram and Mastodon.")


@hookimpl
def register_channels() -> list[type[Channel]]:
    """One a provider."""
    return [Telegram, WhatsApp, Messenger, Instagram, Mastodon]

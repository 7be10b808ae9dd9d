"""The social plugin: what it brings to the desk."""

from __future__ import annotations

from helpdesk.api import hookimpl
from helpdesk.api.channels import Channel
from helpdesk.api.errors import _
from helpdesk.api.jobs import JobKind
from helpdesk.api.rules import Action
from helpdesk.api.web import ComposerTool, DeskPages

from . import many, pages
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


@hookimpl
def register_actions() -> list[Action]:
    """One answer to all selected tickets."""
    return [many.ACTION]


@hookimpl
def register_jobs() -> list[JobKind]:
    """What sends it."""
    return [many.JOB]


@hookimpl
def register_pages() -> list[DeskPages]:
    """What the composer asks, and the sheet of one answer to many."""
    return [pages.pages]


@hookimpl
def register_composer_tools() -> list[ComposerTool]:
    """No button: a script that warns before personal data go where everybody reads them."""
    return [ComposerTool(name="public", title=_("Public answers"), script="social.js", style="social.css", modes=())]

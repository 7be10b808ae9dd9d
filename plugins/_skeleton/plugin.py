"""The skeleton plugin: what it brings to the desk."""

from __future__ import annotations

from helpdesk.api import hookimpl
from helpdesk.api.channels import Channel
from helpdesk.api.errors import _

from .channel import Skeleton

API = "1"
DESCRIPTION = _("Messages of a service that speaks signed JSON over HTTP.")


@hookimpl
def register_channels() -> list[type[Channel]]:
    """One channel."""
    return [Skeleton]

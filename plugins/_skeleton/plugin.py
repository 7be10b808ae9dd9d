"""The skeleton plugin: what it brings to the desk."""

from __future__ import annotations

from helpdesk.api import Channel, _, hookimpl

from .channel import Skeleton

API = "1"
DESCRIPTION = _("Messages of a service that speaks signed JSON over HTTP.")


@hookimpl
def register_channels() -> list[type[Channel]]:
    """One channel."""
    return [Skeleton]

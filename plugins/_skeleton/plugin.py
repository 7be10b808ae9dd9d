"""The skeleton plugin: what it brings to the desk."""

from __future__ import annotations

from helpdesk.api import Channel, hookimpl

from .channel import Skeleton

API = "1"


@hookimpl
def register_channels() -> list[type[Channel]]:
    """One channel."""
    return [Skeleton]

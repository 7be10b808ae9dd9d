"""Rating slips of paper, typed in by a machine: a channel whose messages are JSON, and what the plugin does to messages
of every channel.
"""

from __future__ import annotations

import json
from dataclasses import replace

from marshmallow import Schema, fields
from sqlalchemy import select

from helpdesk.api.channels import Accepts, Address, Channel, Inbound, Outbound, Sent
from helpdesk.api.errors import Malformed
from helpdesk.api.i18n import _

from .tables import Rating

MARK = "★"


class Slips(Channel):
    """{"id", "from", "text"}."""

    name = "slips"
    label = _("Rating slips")
    icon = "form"
    address = "slip"
    accepts = Accepts(max_chars=500)

    class Settings(Schema):
        """Where the box hangs."""

        place = fields.String(load_default="", metadata={"label": _("Place of the box")})

    def parse(self, raw) -> Inbound:
        """The slip as a message."""
        try:
            slip = json.loads(raw.raw)
            return Inbound(
                Address("slip", str(slip["from"])[:200]),
                text=str(slip["text"])[:500],
                external_id=str(slip["id"])[:200],
                thread=str(slip["from"])[:200],
            )
        except (ValueError, KeyError, TypeError):
            raise Malformed(_("This is no rating slip.")) from None

    def send(self, outbound: Outbound) -> Sent:
        """It is pinned beside the box."""
        return Sent(detail="pinned")


def without_mark(inbound: Inbound) -> Inbound | None:
    """A message without the star that marks slips."""
    return replace(inbound, text=inbound.text.replace(MARK, "").strip()) if MARK in inbound.text else None


def with_mark(outbound: Outbound) -> Outbound | None:
    """An answer to a slip begins with a star."""
    return replace(outbound, text=f"{MARK} {outbound.text}") if outbound.to and outbound.to[0].kind == "slip" else None


def rated_before(inbound: Inbound, session) -> int | None:
    """The ticket that a slip names by the number of its rating."""
    number = inbound.text.partition("#")[2].split(" ", 1)[0]
    return (
        session.scalar(select(Rating.ticket_id).where(Rating.id == int(number)))
        if inbound.sender.kind == "slip" and number.isdecimal()
        else None
    )

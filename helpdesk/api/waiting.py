"""The line of people who wait to be served at once, over all channels: declare kinds (``register_waiting_kinds``), let
customers join, and read their place with its estimate.

Public code (visitors, webhooks) calls this inside ``work(plugin_actor("…"))``. The desk offers entries to people, and
their consoles ring.
"""

from __future__ import annotations

from helpdesk.core.waiting import line as acts
from helpdesk.core.waiting.entries import Entry, get, line, of_ticket
from helpdesk.core.waiting.kinds import WaitingKind
from helpdesk.core.waiting.places import Place, estimate, place, places

from ._calls import writes

join = writes(acts.join)
accept = writes(acts.accept)
decline = writes(acts.decline)
give = writes(acts.give)
leave = writes(acts.leave)
end = writes(acts.end)
follow = writes(acts.follow)

__all__ = [
    "Entry",
    "Place",
    "WaitingKind",
    "accept",
    "decline",
    "end",
    "estimate",
    "follow",
    "get",
    "give",
    "join",
    "leave",
    "line",
    "of_ticket",
    "place",
    "places",
]

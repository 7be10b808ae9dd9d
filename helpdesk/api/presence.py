"""Presence: who is available to serve people who wait, why others are not, and how much each has in hand."""

from __future__ import annotations

from helpdesk.core.waiting import states
from helpdesk.core.waiting.availability import Availability, Reason, everybody, free_for, of, reasons
from helpdesk.core.waiting.models import STATES

from ._calls import writes

set = writes(states.choose)
set_capacity = writes(states.limit)

__all__ = ["STATES", "Availability", "Reason", "everybody", "free_for", "of", "reasons", "set", "set_capacity"]

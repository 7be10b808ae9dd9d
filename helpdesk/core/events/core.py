"""All kinds of the core together."""

from . import deliveries, intake, people, tickets
from .registry import EventTypes

KINDS = (*tickets.KINDS, *deliveries.KINDS, *people.KINDS, *intake.KINDS)


def core_events() -> EventTypes:
    """A registry that knows the core's kinds."""
    return EventTypes().register("core", KINDS)

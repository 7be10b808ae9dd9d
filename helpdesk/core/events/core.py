"""All kinds of the core together."""

from . import deliveries, intake, messages, people, sla, tickets, waiting
from .registry import EventTypes

KINDS = (*tickets.KINDS, *messages.KINDS, *deliveries.KINDS, *people.KINDS, *intake.KINDS, *sla.KINDS, *waiting.KINDS)


def core_events() -> EventTypes:
    """A registry that knows the core's kinds."""
    return EventTypes().register("core", KINDS)

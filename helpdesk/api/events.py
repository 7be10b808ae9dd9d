"""Events: declare a kind of your own (``register_events``), record it with ``record``, hear of the desk's in
``on_event``.
"""

from helpdesk.core.events.core import KINDS
from helpdesk.core.events.registry import DomainEvent, TicketId, UnknownEvent, UserId
from helpdesk.core.journal.unit_of_work import UnitOfWork

from ._calls import writes


@writes
def record(uow: UnitOfWork, event: DomainEvent) -> None:
    """Write an event into the journal, in a commit of its own or as a step of ``tickets.apply``."""
    with uow.writing():
        uow.record(event)


__all__ = ["DomainEvent", "TicketId", "UnknownEvent", "UserId", "record", *sorted(kind.__name__ for kind in KINDS)]

"""Units of work: what pages, jobs and subscribers are given as ``uow``, and what everybody else asks for with
``work``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from helpdesk.core.actor import Actor
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.runtime import running

UnitOfWork = UnitOfWork


@contextmanager
def work(actor: Actor) -> Iterator[UnitOfWork]:
    """A unit of work of this process's desk for an actor, for code that is given none: commands, services, threads of a
    plugin's own.

    ``uow.session`` reads; writing is done by the functions of ``helpdesk.api``.
    """
    with running().uow(actor) as uow:
        yield uow


def plugin_actor(name: str) -> Actor:
    """The actor of a plugin that acts by itself: it may do what the desk may, and the journal says who it was."""
    return Actor(f"plugin:{name}")


__all__ = ["Actor", "UnitOfWork", "plugin_actor", "work"]

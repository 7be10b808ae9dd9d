"""What can be done as a job: kinds, declared by the core and by plugins with ``register_jobs``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpdesk.core.errors import Invalid, NotFound, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.registry import Registry

from .schedule import Schedule

CATCH_UP = ("once", "skip", "all")


@dataclass(frozen=True)
class JobKind:
    """One kind of job. ``run(uow, job)`` does the work; it may be called again for the same job, so it must be
    repeatable.

    ``name`` is "plugin.what" for a plugin's. With a ``schedule`` the desk keeps one job of this kind going;
    ``catch_up`` says what happens after downtime: one run for all missed moments ("once"), none for those that are over
    ("skip"), or one for each ("all"). ``tries`` is how often one job is begun at most.
    """

    name: str
    run: Callable[[UnitOfWork, Any], None]
    label: str = ""
    schedule: Schedule | None = None
    catch_up: str = "once"
    tries: int = 8

    def __post_init__(self) -> None:
        if self.catch_up not in CATCH_UP:
            raise Invalid(_("A job catches up “once”, “skip” or “all”, not “%(given)s”."), given=self.catch_up)


class JobKinds(Registry[JobKind]):
    """All kinds of one runtime by name."""

    FOREIGN = _("The job %(name)s must have a name that begins with “%(owner)s.”, as its plugin.")
    TAKEN = _("There are two jobs named %(name)s.")

    @staticmethod
    def belongs(name: str, owner: str) -> bool:
        """True when the name begins with the owner's, the core's too: jobs outlive who declared them."""
        return name.startswith(f"{owner}.")

    def named(self, name: str) -> JobKind:
        """The kind of this name; NotFound when no plugin that is on has it."""
        if name not in self:
            raise NotFound(_("No plugin that is on knows the job %(name)s."), name=name)
        return self[name]

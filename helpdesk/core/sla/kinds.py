"""The kinds of clocks: what starts, pauses and ends each, declared by plugins with ``register_clocks``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.core.errors import Invalid, _
from helpdesk.core.registry import Registry

MOMENTS = ("opened", "asked", "answered", "waiting", "resumed", "solved", "reopened")
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class ClockKind:
    """A clock that tickets have. Each field but the first two and the last holds names of ``MOMENTS``.

    opened: a customer's first message; asked: a further one; answered: a person's public answer; waiting: we wait for
    the customer; resumed: we do no longer; solved: solved or closed; reopened: neither any more. ``meets`` ends it as
    met, ``cancels`` as cancelled. It does not start while the ticket's clock named ``unless`` is under way. Without
    ``starts`` only its plugin starts it.
    """

    name: str
    label: str
    starts: frozenset[str] = frozenset()
    pauses: frozenset[str] = frozenset()
    resumes: frozenset[str] = frozenset()
    meets: frozenset[str] = frozenset()
    cancels: frozenset[str] = frozenset()
    unless: str = ""

    def __post_init__(self) -> None:
        named = self.starts | self.pauses | self.resumes | self.meets | self.cancels
        if not NAME.fullmatch(self.name) or not named <= set(MOMENTS):
            raise Invalid(_("The clock %(name)s is declared wrongly."), name=self.name)


class ClockKinds(Registry[ClockKind]):
    """All kinds of one runtime by name; without any no clock ever starts."""

    TAKEN = _("There are two clocks named %(name)s.")

    @staticmethod
    def belongs(name: str, owner: str) -> bool:
        """True: clocks go by short names of their own."""
        return True

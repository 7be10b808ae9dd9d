"""The kinds of waiting people, declared with ``register_waiting_kinds``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.core.errors import Invalid, _
from helpdesk.core.registry import Registry

NAME = re.compile(r"[a-z][a-z0-9_]{0,19}(\.[a-z0-9_]{1,19})?")
MOST = 20  # of one kind that somebody can be given at once


@dataclass(frozen=True)
class WaitingKind:
    """A kind of people who wait to be served at once.

    ``icon`` is a symbol of the desk's sprite. With ``ring`` they are offered to whoever is free; without it they wait
    until somebody takes them. ``capacity`` is how many of them one person serves at once, unless the settings or the
    person's own limit say otherwise. ``alone``: who has one is offered nothing else meanwhile. ``page`` is the address
    that accepting one opens, with ``{entry}`` and ``{ticket}`` in it, the ticket's own when it is empty.
    """

    name: str
    label: str
    icon: str = "clock"
    ring: bool = True
    capacity: int = 1
    alone: bool = False
    page: str = ""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or not self.label or not 0 <= self.capacity <= MOST:
            raise Invalid(_("The kind of waiting people %(name)s is declared wrongly."), name=self.name)

    def address(self, entry_id: int, ticket_id: int) -> str:
        """What accepting an entry opens."""
        return self.page.format(entry=entry_id, ticket=ticket_id) if self.page else f"/tickets/{ticket_id}"


class WaitingKinds(Registry[WaitingKind]):
    """All kinds of one runtime by name."""

    FOREIGN = _("The kind of waiting people %(name)s must have the name of its plugin, %(owner)s.")
    TAKEN = _("There are two kinds of waiting people named %(name)s.")

    @staticmethod
    def belongs(name: str, owner: str) -> bool:
        """True for the plugin's name, and for "plugin.what"."""
        return owner == "core" or name.split(".", 1)[0] == owner

"""Who acts, and what each role may do; every write function asks ``Actor.must``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from helpdesk.core.errors import Forbidden
from helpdesk.core.permissions import ROLES, core_permissions

RIGHTS: dict[str, frozenset[str]] = {role: core_permissions().of(role) for role in ROLES}  # what the core declares


class Placed(Protocol):
    """What says who may see a ticket: its queue and its assignee."""

    queue_id: Any
    assignee_id: Any


@dataclass(frozen=True)
class Actor:
    """Who acts now: a signed-in user, or the desk itself (``user_id`` None), which may do everything.

    ``scopes`` limit a program that acts for a user to these permissions of the user; None does not.
    """

    name: str = "desk"
    user_id: int | None = None
    role: str = ""
    queues: frozenset[int] = field(default_factory=frozenset)
    permissions: frozenset[str] | None = None  # None: what the core gives the role
    scopes: frozenset[str] | None = None

    def may(self, right: str) -> bool:
        """True when the role has this right and the scopes, if there are any, include it."""
        if self.scopes is not None and right not in self.scopes:
            return False
        return self.user_id is None or right in (
            RIGHTS.get(self.role, ()) if self.permissions is None else self.permissions
        )

    def must(self, right: str) -> None:
        """Raise Forbidden unless the actor has this right."""
        if not self.may(right):
            raise Forbidden()

    def manages(self, user_id: int | None) -> bool:
        """True for one's own account and with the right to settings.

        Never for a token with scopes, which could make one without.
        """
        return self.scopes is None and (self.user_id == user_id or self.may("settings"))

    def must_manage(self, user_id: int | None) -> None:
        """Raise Forbidden unless the actor manages this account."""
        if not self.manages(user_id):
            raise Forbidden()

    def serves(self, queue_id: int) -> bool:
        """True when this queue is theirs."""
        return self.user_id is None or queue_id in self.queues

    def sees(self, ticket: Placed) -> bool:
        """True when this ticket is in a queue of theirs or assigned to them."""
        if not self.may("tickets.read"):
            return False
        return self.may("all queues") or ticket.queue_id in self.queues or ticket.assignee_id == self.user_id


DESK = Actor()

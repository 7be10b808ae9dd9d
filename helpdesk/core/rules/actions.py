"""The registry of actions: what a rule, a macro or a selection can do to a ticket, as steps of one commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields

from helpdesk.core.errors import Invalid, _
from helpdesk.core.registry import Registry

MOST = 20  # actions of one rule


@dataclass(frozen=True)
class Action:
    """One action. ``value`` is the marshmallow field of what it is given; ``name`` is "plugin.what" for a plugin's.

    ``steps(ticket_id, value)`` returns the steps of ``helpdesk.api.tickets.apply`` that carry it out. ``page`` is the
    address of a page of the plugin's that is shown for the selected ``tickets`` (ids with commas between them) instead
    of a form for the value: it asks and carries out by itself.
    """

    name: str
    label: str
    value: fields.Field[Any]
    steps: Callable[[int, Any], Sequence[Any]]
    page: str = ""


class Actions(Registry[Action]):
    """All actions of one runtime by name."""

    FOREIGN = _("The action %(name)s must have a name that begins with “%(owner)s.”, as its plugin.")
    TAKEN = _("There are two actions named %(name)s.")

    def steps(self, data: Any, ticket_id: int) -> list[Any]:
        """The steps of plain JSON [{"action": name, "value": value}] for a ticket; Invalid for what is unknown or
        does not fit.
        """
        if not isinstance(data, list) or len(data) > MOST:
            raise Invalid(_("These are not actions, or more than %(most)s."), most=MOST)
        return [step for part in data for step in self._steps(part, ticket_id)]

    def _steps(self, part: Any, ticket_id: int) -> Sequence[Any]:
        name = part.get("action") if isinstance(part, dict) else None
        action = self.get(name) if isinstance(name, str) else None
        if action is None:
            raise Invalid(_("There is no action named %(name)s."), name=str(name)[:100])
        try:
            return action.steps(ticket_id, action.value.deserialize(part.get("value")))
        except ValidationError:
            raise Invalid(_("The value of the action %(name)s does not fit."), name=action.name) from None

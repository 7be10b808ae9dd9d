"""The registry of variables: what a text that was written beforehand may say of a ticket, each by an English and a
Persian name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .errors import Conflict, _


@dataclass(frozen=True)
class Variable:
    """One variable. ``names`` are what places call it, "order.number" and «سفارش.شماره»; ``label`` is a message of the
    catalogue.

    ``value(uow, ticket_id)`` is asked while the customer is the reader, so dates and digits are written their way; ""
    when it is not known.
    """

    names: tuple[str, ...]
    label: str
    value: Callable[[Any, int], str]


class Variables(dict[str, Variable]):
    """All variables of one runtime by each of their names; iterated by ``listed`` they come once."""

    def register(self, owner: str, variables: Iterable[Variable]) -> Variables:
        """Add those of a plugin; Conflict when a name is taken."""
        for variable in variables:
            for name in variable.names:
                if name in self:
                    raise Conflict(
                        _("The plugin %(owner)s brings a variable named %(name)s, which is there already."),
                        owner=owner,
                        name=name,
                    )
                self[name] = variable
        return self

    def listed(self) -> list[Variable]:
        """Each once, in the order they were declared."""
        return list(dict.fromkeys(self.values()))

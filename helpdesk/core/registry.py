"""The base of all registries: what the core and plugins declare at start-up, by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self, TypeVar

from .errors import Conflict, Invalid

T = TypeVar("T")


class Registry(dict[str, T]):
    """Declared items of one kind by name.

    A subclass sets the sentences, and may override ``belongs`` and ``check_item``.
    """

    NAME: ClassVar[str] = "name"  # the attribute of an item that holds its name
    FOREIGN: ClassVar[str]  # sentences, with %(name)s and %(owner)s
    TAKEN: ClassVar[str]

    def register(self, owner: str, items: Iterable[T]) -> Self:
        """Add items of the core ("core") or of a plugin. Invalid for a name that is not the owner's, Conflict for one
        that is taken.
        """
        for item in items:
            name: str = getattr(item, self.NAME)
            if not self.belongs(name, owner):
                raise Invalid(self.FOREIGN, name=name, owner=owner)
            if name in self:
                raise Conflict(self.TAKEN, name=name)
            self.check_item(item)
            self[name] = item
        return self

    @staticmethod
    def belongs(name: str, owner: str) -> bool:
        """True when this owner may declare the name: a plugin's begin with its own."""
        return owner == "core" or name.startswith(f"{owner}.")

    def check_item(self, item: T) -> None:
        """Raise Invalid when an item is declared wrongly."""

"""The registry of conditions: each says which tickets fulfil it as a ``where`` for lists and a ``test`` for one change;
the two agree.

A filter is plain JSON: {"all": [...], "any": [...]} of {"condition": name, "value": value, "not": true}; all of "all"
and one of "any".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields
from sqlalchemy import ColumnElement, and_, not_, or_, true

from helpdesk.core.errors import Invalid, _
from helpdesk.core.registry import Registry

MOST = 50  # conditions of one filter


@dataclass(frozen=True)
class Scope:
    """For whom and when a filter is asked: ``me`` is the user's id, or None."""

    me: int | None
    now: datetime


@dataclass(frozen=True)
class Condition:
    """One condition. ``value`` is the marshmallow field of what it compares with; ``name`` is "plugin.what" for a
    plugin's.

    ``where(value, scope)`` is SQL over the table of tickets. ``test(value, facts, scope)`` says the same of one
    ticket's facts; without it lists refresh every 30 seconds. ``changes_at(value, facts, scope)`` is when time alone
    will change the answer next, None for never. ``of`` makes it a family, whose name ends in ".*": ``of("x")`` is its
    condition of that name.
    """

    name: str
    label: str
    value: fields.Field[Any]
    where: Callable[[Any, Scope], ColumnElement[bool]]
    test: Callable[[Any, Mapping[str, Any], Scope], bool] | None = None
    changes_at: Callable[[Any, Mapping[str, Any], Scope], datetime | None] | None = None
    of: Callable[[str], Condition] | None = None


@dataclass(frozen=True)
class Asked:
    """A condition with the value a filter gives it."""

    condition: Condition
    value: Any
    negated: bool

    def where(self, scope: Scope) -> ColumnElement[bool]:
        """As SQL."""
        found = self.condition.where(self.value, scope)
        return not_(found) if self.negated else found

    def test(self, facts: Mapping[str, Any], scope: Scope) -> bool | None:
        """Of one ticket; None when only the database can say."""
        if self.condition.test is None:
            return None
        return self.condition.test(self.value, facts, scope) != self.negated


@dataclass(frozen=True)
class Filter:
    """A filter that was checked: every condition known, every value fitting."""

    every: tuple[Asked, ...]
    some: tuple[Asked, ...]

    def where(self, scope: Scope) -> ColumnElement[bool]:
        """As SQL over the table of tickets."""
        parts = [asked.where(scope) for asked in self.every]
        parts += [or_(*(asked.where(scope) for asked in self.some))] if self.some else []
        return and_(true(), *parts)

    def test(self, facts: Mapping[str, Any], scope: Scope) -> bool | None:
        """Of one ticket's facts; None when only the database can say."""
        every = [asked.test(facts, scope) for asked in self.every]
        some = [asked.test(facts, scope) for asked in self.some]
        if False in every or (some and not any(said is not False for said in some)):
            return False
        if None in every or (some and True not in some):
            return None
        return True

    def changes_at(self, facts: Mapping[str, Any], scope: Scope) -> datetime | None:
        """When time alone may change the answer next."""
        asked = [a for a in (*self.every, *self.some) if a.condition.changes_at]
        moments = [a.condition.changes_at(a.value, facts, scope) for a in asked if a.condition.changes_at]
        return min((at for at in moments if at and at > scope.now), default=None)

    @property
    def follows_changes(self) -> bool:
        """True when changes alone say all that there is to know: nothing needs the database, nothing the clock."""
        return all(a.condition.test and not a.condition.changes_at for a in (*self.every, *self.some))

    @property
    def names(self) -> set[str]:
        """The conditions it asks."""
        return {asked.condition.name for asked in (*self.every, *self.some)}

    @property
    def depends_on_me(self) -> bool:
        """True when its answer differs from person to person."""
        return any(
            a.value == "me" or (isinstance(a.value, list) and "me" in a.value) for a in (*self.every, *self.some)
        )


class Conditions(Registry[Condition]):
    """All conditions of one runtime by name."""

    FOREIGN = _("The condition %(name)s must have a name that begins with “%(owner)s.”, as its plugin.")
    TAKEN = _("There are two conditions named %(name)s.")

    def find(self, name: str) -> Condition | None:
        """The condition of this name, also of a family; None when there is none."""
        family, _dot, one = name.partition(".")
        known = self.get(name) or self.get(f"{family}.*")
        if known is None or known.of is None:
            return known
        return known.of(one) if one and one != "*" else None

    def read(self, data: Any) -> Filter:
        """A filter from plain JSON; Invalid with a sentence for what is unknown, does not fit or is too much."""
        groups = data if isinstance(data, dict) else {}
        if (
            not isinstance(data, dict)
            or set(groups) - {"all", "any"}
            or not all(isinstance(group, list) for group in groups.values())
        ):
            raise Invalid(_("A filter has the lists “all” and “any”."))
        if sum(map(len, groups.values())) > MOST:
            raise Invalid(_("A filter has at most %(most)s conditions."), most=MOST)
        return Filter(tuple(map(self._asked, groups.get("all", ()))), tuple(map(self._asked, groups.get("any", ()))))

    def _asked(self, part: Any) -> Asked:
        name = part.get("condition") if isinstance(part, dict) else None
        condition = self.find(name) if isinstance(name, str) else None
        if condition is None:
            raise Invalid(_("There is no condition named %(name)s."), name=str(name)[:100])
        try:
            value = condition.value.deserialize(part.get("value"))
        except ValidationError:
            raise Invalid(_("The value of the condition %(name)s does not fit."), name=condition.name) from None
        return Asked(condition, value, part.get("not") is True)

"""The registry of event kinds: declared as dataclasses, stored as plain JSON, read again also when their plugin is
gone.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin, get_type_hints, is_typeddict

from helpdesk.core.errors import Invalid, _
from helpdesk.core.memo import memo
from helpdesk.core.registry import Registry

TicketId = Annotated[int, "TicketId"]  # the timeline shows it as the ticket's number
UserId = Annotated[int, "UserId"]  # the timeline shows it as the user's name
PLAIN = (int, bool, float, str, type(None))


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """Base of all events. A kind is declared by subclassing: ``class Shipped(DomainEvent, kind="shop.shipped",
    label=_("Order shipped"))``.

    Fields hold ids and the desk's own values only, never a customer's words, name or address. ``timeline`` is the
    sentence a ticket's timeline shows, with places for ``%(who)s`` (who acted) and the fields; "" keeps the kind out of
    the timeline. ``words`` are what it says for values of fields that are codes.
    """

    kind: ClassVar[str] = ""
    label: ClassVar[str] = ""
    icon: ClassVar[str] = "info"
    timeline: ClassVar[str] = ""
    words: ClassVar[Mapping[str, str]] = MappingProxyType({})

    ticket_id: int | None = None
    message_id: int | None = None

    def __init_subclass__(
        cls,
        kind: str = "",
        label: str = "",
        icon: str = "info",
        timeline: str = "",
        words: Mapping[str, str] = MappingProxyType({}),
        **options: Any,
    ):
        super().__init_subclass__(**options)
        cls.kind, cls.label, cls.icon, cls.timeline, cls.words = kind, label, icon, timeline, words

    def dump(self) -> dict[str, Any]:
        """The fields as plain JSON, without the two ids the journal has columns for and without what is at its
        default.
        """
        return {f.name: value for f in _own_fields(type(self)) if (value := getattr(self, f.name)) != f.default}


@dataclass(frozen=True, kw_only=True)
class UnknownEvent(DomainEvent):
    """An event whose kind no plugin that is on declares, or whose fields have changed since; ``data`` is what was
    stored.
    """

    data: dict[str, Any] = field(default_factory=dict)

    def dump(self) -> dict[str, Any]:
        """What was stored."""
        return self.data


class EventTypes(Registry[type[DomainEvent]]):
    """All kinds of one runtime by name."""

    NAME = "kind"
    FOREIGN = _("The event %(name)s must have a name that begins with “%(owner)s.”, as its plugin.")
    TAKEN = _("There are two events named %(name)s.")

    def check_item(self, item: type[DomainEvent]) -> None:
        """Raise Invalid for a kind without a label, or with a field that is no plain value."""
        if not item.label:
            raise Invalid(_("The event %(name)s has no label."), name=item.kind)
        for name, hint in field_types(item).items():
            _check_type(item.kind, name, hint)

    def check(self, event: DomainEvent) -> None:
        """Raise Invalid unless this event may be recorded."""
        if self.get(event.kind) is not type(event):
            raise Invalid(_("The event %(name)s is not registered."), name=event.kind or type(event).__name__)

    def load(self, kind: str, ticket_id: int | None, message_id: int | None, data: dict[str, Any]) -> DomainEvent:
        """An event as it was recorded; what is not known any more becomes an UnknownEvent."""
        known = self.get(kind)
        if known is not None:
            names = {f.name for f in _own_fields(known)}
            try:
                return known(
                    ticket_id=ticket_id,
                    message_id=message_id,
                    **{name: value for name, value in data.items() if name in names},
                )
            except TypeError:
                pass
        return UnknownEvent(ticket_id=ticket_id, message_id=message_id, data=data)

    def on_timeline(self) -> list[str]:
        """The kinds a ticket's timeline shows."""
        return [kind.kind for kind in self.values() if kind.timeline]


@memo
def field_types(kind: type[DomainEvent]) -> dict[str, Any]:
    """{field: type} of a kind's own fields."""
    hints = get_type_hints(kind, include_extras=True)
    return {f.name: hints[f.name] for f in _own_fields(kind)}


def users_in(kind: type[DomainEvent] | None, data: dict[str, Any]) -> set[int]:
    """The users that the fields of a stored event name."""
    types_ = field_types(kind) if kind else {}
    return {data[name] for name, hint in types_.items() if data.get(name) and UserId in (hint, *get_args(hint))}


@memo
def _own_fields(kind: type[DomainEvent]) -> Any:
    return [f for f in fields(kind) if f.name not in ("ticket_id", "message_id")]


def _check_type(kind: str, name: str, hint: Any) -> None:
    """Ids, numbers, short values and lists or dictionaries of them: what plain JSON can carry."""
    if get_origin(hint) in (Union, types.UnionType, list, dict):
        for part in get_args(hint):
            _check_type(kind, name, part)
    elif not (getattr(hint, "__origin__", hint) in PLAIN or is_typeddict(hint)):
        raise Invalid(_("The field %(field)s of the event %(name)s is not a plain value."), field=name, name=kind)

"""The sentences of a conversation's grey lines: who did what to the ticket."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

from markupsafe import Markup, escape

from helpdesk.core.events.registry import DomainEvent, TicketId, UserId, field_types
from helpdesk.core.text import digits
from helpdesk.i18n import current, datetime_
from helpdesk.i18n import gettext as _
from helpdesk.i18n.names import named
from helpdesk.web import runtime
from helpdesk.web.queue.navigation import own_queues

UNKNOWN = {
    "": lambda: _("Something came about a message that this desk does not know"),
    "edited": lambda: _("A message that this desk does not know was changed"),
    "deleted": lambda: _("A message that this desk does not know was deleted"),
    "reaction": lambda: _("A reaction came to a message that this desk does not know"),
    "report": lambda: _("A delivery report came about a message that this desk does not know"),
}


@dataclass
class EventLine:
    """A line: its sentence, its icon, and the merge it can take back."""

    text: Markup
    icon: str
    merge: int = 0


def number(ticket_id: int) -> str:
    """A ticket's number as this reader writes it, without marks between thousands."""
    return digits(str(ticket_id), current.get().digits)


def tell(item: dict) -> EventLine | None:
    """The line of an event item of ``core.tickets.timeline``, or None for one that says nothing to people."""
    data, who = item["data"], _name(item["actor_name"] or _("The desk"))
    if item["kind"] == "ticket.changed":
        return _changed(data.get("before") or {}, data.get("after") or {}, who, item)
    if item["kind"] == "message.unknown":
        return EventLine(_line(UNKNOWN[item["data"].get("what", "")]()), "info")
    if item["kind"] == "ticket.merged":
        return replace(_general(item, who), merge=data["merge"])
    return _general(item, who)


def _general(item: dict, who: Markup) -> EventLine | None:
    """The line as the kind itself says it."""
    kind = runtime().events.get(item["kind"])
    return (
        EventLine(_line(_(kind.timeline), who=who, **_values(kind, item)), kind.icon)
        if kind and kind.timeline
        else None
    )


def _values(kind: type[DomainEvent], item: dict) -> dict[str, Markup]:
    """The fields of an event as its sentence shows them: users by name, tickets by number, all isolated."""
    shown = {}
    for name, hint in field_types(kind).items():
        value = item["data"].get(name, "")
        if UserId in (hint, *get_args(hint)):
            shown[name] = _name(item["names"].get(value, ""))
        else:
            text = f"#{number(value)}" if hint == TicketId else digits(str(value), current.get().digits)
            text = _(kind.words[value]) if isinstance(value, str) and value in kind.words else text
            shown[name] = Markup("<bdi>{}</bdi>").format(text)
    return shown


def _line(sentence: str, **values) -> Markup:
    return escape(sentence) % values


def _name(name: str) -> Markup:
    return Markup("<b><bdi>{}</bdi></b>").format(name)


def _changed(before: dict, after: dict, who: Markup, item: dict) -> EventLine | None:
    changed = [name for name in LINES if name in after and after[name] != before.get(name)]
    if len(changed) > 1 and not after.get("snoozed_until"):
        changed = [name for name in changed if name != "snoozed_until"]  # what is resolved does not "come back"
    lines = [(LINES[name](after[name], item), name, after[name]) for name in changed]
    if not lines:
        return None
    sentence = Markup(_(", ")).join(text for text, *_rest in lines)
    return EventLine(_line(_("%(who)s %(did)s"), who=who, did=sentence), _icon(*lines[0][1:]))


def _icon(name: str, value) -> str:
    return {
        "status": f"st-{value}",
        "assignee": "user" if value else "user-off",
        "queue": "route",
        "priority": "flag",
        "tags": "tag",
        "snoozed_until": "snooze",
    }[name]


def _status(value: str, item: dict) -> Markup:
    return escape(
        {
            "open": _("opened the ticket again"),
            "pending": _("set the ticket to pending"),
            "waiting": _("set the ticket to waiting for the customer"),
            "solved": _("resolved the ticket"),
            "closed": _("closed the ticket"),
        }[value]
    )


def _assignee(value: int | None, item: dict) -> Markup:
    if value is None:
        return escape(_("unassigned the ticket"))
    name = item["names"].get(value, "")
    return (
        escape(_("took the ticket"))
        if name == item["actor_name"]
        else _line(_("assigned the ticket to %(name)s"), name=_name(name))
    )


def _queue(value: int, item: dict) -> Markup:
    known = {queue.id: named(queue.name) for queue in own_queues()}
    if value in known:
        return _line(_("moved the ticket to %(name)s"), name=_name(known[value]))
    return escape(_("moved the ticket to another queue"))


def _priority(value: str, item: dict) -> Markup:
    return escape(
        {
            "low": _("set the priority to low"),
            "normal": _("set the priority to normal"),
            "high": _("set the priority to high"),
            "urgent": _("set the priority to urgent"),
        }[value]
    )


def _snoozed(value: str | None, item: dict) -> Markup:
    if value is None:
        return escape(_("brought the ticket back"))
    return _line(_("snoozed the ticket until %(when)s"), when=_name(datetime_(datetime.fromisoformat(value))))


def _tags(value: list, item: dict) -> Markup:
    if not value:
        return escape(_("removed the tags"))
    return _line(
        _("set the tags to %(tags)s"),
        tags=Markup(" ").join(Markup('<bdi class="tag">{}</bdi>').format(named(tag)) for tag in value),
    )


LINES = {
    "status": _status,
    "assignee": _assignee,
    "queue": _queue,
    "priority": _priority,
    "tags": _tags,
    "snoozed_until": _snoozed,
}

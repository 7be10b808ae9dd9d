"""The sentences of a conversation's grey lines: who did what to the ticket."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from helpdesk.core import views
from helpdesk.core.text import digits
from helpdesk.language import current
from helpdesk.language import gettext as _
from helpdesk.web import desk

STATUSES = {
    "open": lambda who: _("%(who)s opened the ticket again", who=who),
    "pending": lambda who: _("%(who)s set the ticket to pending", who=who),
    "waiting": lambda who: _("%(who)s set the ticket to waiting for the customer", who=who),
    "solved": lambda who: _("%(who)s resolved the ticket", who=who),
    "closed": lambda who: _("%(who)s closed the ticket", who=who),
}
PRIORITIES = {
    "low": lambda who: _("%(who)s set the priority to low", who=who),
    "normal": lambda who: _("%(who)s set the priority to normal", who=who),
    "high": lambda who: _("%(who)s set the priority to high", who=who),
    "urgent": lambda who: _("%(who)s set the priority to urgent", who=who),
}


@dataclass
class Told:
    """A line: its sentence, its icon, and the merge it can take back."""

    text: Markup
    icon: str
    merge: int = 0


def number(ticket_id: int) -> str:
    """A ticket's number as this reader writes it, without marks between thousands."""
    return digits(str(ticket_id), current.get().digits)


def tell(item: dict) -> Told | None:
    """The line of an event item of ``core.thread``, or None for one that says nothing to people."""
    data, who = item["data"], _name(item["actor_name"] or _("The desk"))
    if item["kind"] == "ticket.changed":
        return _changed(data.get("before") or {}, data.get("after") or {}, who, item["names"])
    if item["kind"] in ("ticket.merged", "ticket.unmerged"):
        return _merged(item["kind"], data, who)
    if item["kind"] == "message.accepted":
        return Told(_("%(who)s accepted the new voice", who=who), "shield")
    if item["kind"] == "delivery.bounced":
        return Told(_("A message came back"), "alert")
    return None


def _name(name: str) -> Markup:
    return Markup("<b><bdi>{}</bdi></b>").format(name)


def _changed(before: dict, after: dict, who: Markup, names: dict) -> Told | None:
    changed = [name for name in after if after[name] != before.get(name)]
    lines = [LINES[name](after[name], who, names) for name in LINES if name in changed]
    return Told(Markup(_(", ")).join(text for text, _icon in lines), lines[0][1]) if lines else None


def _status(value: str, who, names) -> tuple[str, str]:
    return STATUSES[value](who), f"st-{value}"


def _assignee(value: int | None, who, names) -> tuple[str, str]:
    if value is None:
        return _("%(who)s put the ticket back without an owner", who=who), "user-off"
    return _("%(who)s assigned the ticket to %(name)s", who=who, name=_name(names.get(value, ""))), "user"


def _queue(value: int, who, names) -> tuple[str, str]:
    known = {queue.id: queue.name for queue in views.queues(desk())}
    if value in known:
        return _("%(who)s moved the ticket to %(name)s", who=who, name=_name(known[value])), "route"
    return _("%(who)s moved the ticket to another queue", who=who), "route"


def _priority(value: str, who, names) -> tuple[str, str]:
    return PRIORITIES[value](who), "flag"


def _tags(value: list, who, names) -> tuple[str, str]:
    if not value:
        return _("%(who)s removed the tags", who=who), "tag"
    shown = Markup(" ").join(Markup('<bdi class="tag">{}</bdi>').format(tag) for tag in value)
    return _("%(who)s set the tags to %(tags)s", who=who, tags=shown), "tag"


LINES = {"status": _status, "assignee": _assignee, "queue": _queue, "priority": _priority, "tags": _tags}


def _merged(kind: str, data: dict, who: Markup) -> Told:
    values = {"who": who, "source": escape(f"#{number(data['source'])}"), "target": escape(f"#{number(data['target'])}")}
    if kind == "ticket.merged":
        return Told(_("%(who)s merged %(source)s into %(target)s", **values), "merge", data["merge"])
    return Told(_("%(who)s took the merge of %(source)s and %(target)s back", **values), "merge")

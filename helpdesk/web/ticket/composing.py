"""How the next reply goes out: by which account and to whom, for whose eyes, as which template, and what its channel
carries of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from helpdesk.core.channels.accepts import Accepts, refuse_files
from helpdesk.core.channels.address_types import File
from helpdesk.core.errors import Invalid, TooMuch
from helpdesk.core.outbox import ways_out
from helpdesk.core.outbox.ways_out import WayOut
from helpdesk.core.tickets.models import Ticket
from helpdesk.i18n import datetime_, file_size, gettext, ngettext, render_message
from helpdesk.i18n.time_left import time_left
from helpdesk.web import uow
from helpdesk.web.forms.ticket_form import ITEMS, number_of

from .responses import file_limits

VISIBILITIES = ("private", "public")
LONGEST = {"name": 200, "language": 20, "text": 4_000}  # characters of a chosen template
VALUE = 1_000  # characters of a value of it
BUTTON = 200  # characters of a quick reply that are read


@dataclass
class Composing:
    """What the composer shows: the way, who can read the reply, the template, and why it could not go out."""

    way: WayOut
    visibility: str = "private"
    template: dict[str, Any] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def accepts(self) -> Accepts:
        """What the channel carries."""
        return self.way.accepts

    @property
    def has_templates(self) -> bool:
        """True when its provider may know templates."""
        return bool(self.way.channel and self.way.channel.has("templates"))

    @property
    def most_files(self) -> int:
        """How many files the message may have."""
        return most_files(self.accepts)

    @property
    def window(self) -> str:
        """Until when its window is open, and what may be sent after; "" without one."""
        if not (self.way.is_open and self.way.until):
            return ""
        when = datetime_(self.way.until)
        if self.has_templates:
            return gettext("Free text can be sent until %(when)s; then only templates.", when=when)
        return gettext("Answers can be sent until %(when)s; then the customer has to write again.", when=when)

    @property
    def time_left(self) -> str:
        """How long that is from now; "" without a window."""
        until = self.way.until
        return time_left((until - uow().clock()).total_seconds()) if until and self.way.is_open else ""

    @property
    def hints(self) -> list[tuple[str, str]]:
        """What is good to know before writing: each with its icon."""
        found = []
        if self.accepts.by_hand:
            found.append(
                ("user", gettext("It is not sent automatically: a person carries it out and enters the outcome."))
            )
        if self.accepts.attachments is None:
            found.append(("clip", gettext("This channel carries no files.")))
        return found


def most_files(accepts: Accepts) -> int:
    """How many files a message may have on a channel."""
    allowed, most = accepts.attachments, file_limits()["most"]
    return min(allowed.count or most, most) if allowed else 0


def how_of(form: MultiDict) -> dict[str, Any]:
    """{account, visibility, template, buttons} as the composer's fields say; TooMuch for values without end."""
    values, buttons = form.getlist("template_value"), form.getlist("button")
    if max(len(values), len(buttons)) > ITEMS:
        raise TooMuch()
    given = {name: form.get(f"template_{name}", "")[:longest] for name, longest in LONGEST.items()}
    return {
        "account": number_of(form.get("account")) or None,
        "visibility": form["visibility"] if form.get("visibility") in VISIBILITIES else "",
        "template": {**given, "values": [value[:VALUE] for value in values]} if given["name"] else {},
        "buttons": [label.strip()[:BUTTON] for label in buttons if label.strip()],
    }


def composing(ticket: Ticket, how: dict[str, Any], files: list) -> Composing:
    """The composer for what was chosen, by the usual way where the chosen one is not possible any more."""
    way = _way(ticket, how.get("account"))
    shown = Composing(way, template=how.get("template") or {})
    if shown.accepts.public:
        shown.visibility = how.get("visibility") or ways_out.last_visibility(uow(), ticket.id, way.account.id)
    shown.buttons = (how.get("buttons") or []) if shown.accepts.buttons and not shown.template else []
    if way.refusal:
        shown.problems.append(gettext(way.refusal))
    shown.problems += _misfits(shown.accepts, files)
    return shown


def _way(ticket: Ticket, account_id: int | None) -> WayOut:
    try:
        account = ways_out.chosen(uow(), ticket, account_id)
    except Invalid:
        account = ways_out.usual(uow(), ticket)
    return ways_out.way_of(uow(), ticket, account)


def _misfits(accepts: Accepts, files: list) -> list[str]:
    """Why the files that wait with the draft cannot go this way."""
    try:
        refuse_files(accepts.attachments, [File(file.name, file.type, size=file.size) for file in files])
    except Invalid as refused:
        return [render_message(refused)]
    return []


def limits(accepts: Accepts) -> list[str]:
    """What a channel does not carry, each in a few words."""
    found = []
    if accepts.max_chars:
        found.append(ngettext("up to %(num)s character", "up to %(num)s characters", accepts.max_chars))
    if accepts.attachments is None:
        found.append(gettext("no files"))
    elif accepts.attachments.size:
        found.append(gettext("files up to %(size)s", size=file_size(accepts.attachments.size)))
    return found


def describe(way: WayOut, usual: bool) -> str:
    """What the list of ways says of one."""
    if way.refusal:
        return gettext(way.refusal)
    accepts = way.accepts
    first = [gettext("the customer wrote this way last")] if usual else []
    if accepts.window:
        first.append(window(way))
    if accepts.by_hand:
        first.append(gettext("a person carries it out"))
    return " · ".join([*first, *limits(accepts)])


def window(way: WayOut) -> str:
    """Until when a channel with a window carries more than templates."""
    if not way.is_open or way.until is None:
        return gettext("templates only")
    return gettext("open until %(when)s, then templates only", when=datetime_(way.until))

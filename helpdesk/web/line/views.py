"""The page of the line and its acts: accept, let pass, hand over, end; and one's availability."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from helpdesk.core.errors import Conflict, Invalid
from helpdesk.core.people import teams, users
from helpdesk.core.tickets import ticket_lists
from helpdesk.core.waiting import availability, entries, line, places, states
from helpdesk.core.waiting.availability import MANAGE
from helpdesk.core.waiting.entries import Entry
from helpdesk.core.waiting.models import STATES
from helpdesk.core.waiting.settings import rules
from helpdesk.i18n import render_message
from helpdesk.i18n.time_left import day_and_time, lasting
from helpdesk.web import current_user, uow
from helpdesk.web.forms.ticket_form import number_of

from . import frame

blueprint = Blueprint("line", __name__, template_folder="templates")
blueprint.add_app_template_filter(lasting)
blueprint.add_app_template_filter(day_and_time, "moment")


@blueprint.app_context_processor
def _for_templates() -> dict:
    return {
        "line_frame": frame.frame,
        "state_word": frame.state_word,
        "reason_label": availability.label_of,
        "presence_shape": frame.SHAPES.get,
        "busy_with": frame.busy_with,
        "waits_on": waits_on,
    }


# Looking --------------------------------------------------------------------------------------------------------------


@blueprint.get("/line")
def overview():
    """Who waits, who has them, and who is there; the middle of the page alone with ``?part=1``."""
    uow().actor.must("tickets.read")
    name = "line/waiting.html" if request.args.get("part") else "line/page.html"
    return render_template(name, here="line", **_overview())


def _overview() -> dict:
    now = uow()
    found = entries.line(now)
    known = {(one.kind, one.queue_id) for one in found}
    standing = {entry: place for kind, queue in known for entry, place in places.places(now, kind, queue).items()}
    numbers = {row["id"]: row for row in ticket_lists.rows(now, [one.ticket_id for one in found])}
    people = availability.everybody(now)
    return {
        "rows": [(one, frame.kind_of(now, one.kind), standing.get(one.id), numbers[one.ticket_id]) for one in found],
        "people": people,
        "names": {person.user_id: person.name for person in people},
        "limit": rules(now).wait_limit,
        "manages": now.actor.may(MANAGE),
        "states": STATES,
        "me": current_user(),
        "now": now.clock(),
    }


def waits_on(ticket_id: int) -> list[tuple]:
    """(entry, kind, place, name of who has it) of what is open on a ticket."""
    now = uow()
    found = [one for one in entries.of_ticket(now, ticket_id) if one.open]
    return [(one, frame.kind_of(now, one.kind), _place(one), _holder(one)) for one in found]


def _place(one: Entry):
    return places.place(uow(), one.id) if one.state == "waiting" else None


def _holder(one: Entry) -> str:
    holder = one.taken_by or one.offered_to
    return users.get(uow(), holder).name if holder else ""


# Acts -----------------------------------------------------------------------------------------------------------------


@blueprint.post("/line/<int:entry_id>/accept")
def accept(entry_id: int):
    """Serve them; answers where the page goes next."""
    return _done(lambda: line.accept(uow(), entry_id))


@blueprint.post("/line/<int:entry_id>/decline")
def decline(entry_id: int):
    """Let the offer pass."""
    return _done(lambda: line.decline(uow(), entry_id))


@blueprint.post("/line/<int:entry_id>/end")
def end(entry_id: int):
    """It is over."""
    return _done(lambda: line.end(uow(), entry_id, request.form.get("outcome", "")))


@blueprint.get("/line/<int:entry_id>/give")
def giving(entry_id: int):
    """Whom it can be handed over to: colleagues with what they have in hand, queues with their line."""
    return render_template("line/give.html", **_giving(entry_id))


@blueprint.post("/line/<int:entry_id>/give")
def give(entry_id: int):
    """Hand it over: ``to`` is ``user-3`` or ``queue-2``, ``note`` for whoever gets it."""
    what, _dash, number = request.form.get("to", "").partition("-")
    given = {f"{what}_id": number_of(number)} if what in ("user", "queue") else {}
    return _done(lambda: line.give(uow(), entry_id, note=request.form.get("note", ""), **given))


@blueprint.post("/line/me")
def choose():
    """Choose one's availability, or with ``user`` that of somebody else; or how many of a kind at once."""
    form, user_id = request.form, number_of(request.form.get("user", "")) or None
    try:
        if "kind" in form:
            states.limit(uow(), form["kind"], number_of(form.get("most", "")), user_id)
        else:
            states.choose(uow(), form.get("state", ""), form.get("reason", ""), user_id)
    except Invalid as refused:
        return render_message(refused), 422
    return part()


@blueprint.get("/line/frame")
def part():
    """What the frame shows of the line, as it comes over the socket."""
    uow().actor.must("tickets.write")
    return jsonify(rendered(frame.of(uow(), current_user())))


def rendered(shown: frame.Frame) -> dict:
    """The parts of the frame as HTML, and the ids of what rings."""
    return {
        "presence": render_template("line/presence.html", line=shown),
        "rings": render_template("line/rings.html", line=shown),
        "ringing": [ring.entry for ring in shown.rings],
    }


def _giving(entry_id: int) -> dict:
    now = uow()
    one = entries.get(now, entry_id)
    holder = one.taken_by or now.actor.user_id
    own = [queue for queue in ticket_lists.queues(now) if queue.id != one.queue_id]
    return {
        "entry": one,
        "people": [person for person in availability.serving(now, one.queue_id) if person.user_id != holder],
        "queues": [(queue, places.estimate(now, one.kind, queue.id)) for queue in [*own, *teams.handover_queues(now)]],
    }


def _done(act) -> Response | tuple:
    """The address to go on at, or the sentence of a refusal."""
    try:
        one = act()
    except (Conflict, Invalid) as refused:
        return jsonify(detail=render_message(refused)), refused.status
    return jsonify(url=frame.kind_of(uow(), one.kind).address(one.id, one.ticket_id), ticket=one.ticket_id)

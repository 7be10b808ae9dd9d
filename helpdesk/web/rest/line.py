"""The line of waiting people, and the caller's availability."""

from __future__ import annotations

from dataclasses import asdict

from marshmallow import Schema, fields, validate

from helpdesk.core.errors import _
from helpdesk.core.waiting import availability, entries, line, places, states
from helpdesk.core.waiting.entries import Entry
from helpdesk.core.waiting.models import OUTCOME, REASON, STATES
from helpdesk.web import current_user, uow

from . import schemas, serializers
from .api import endpoint
from .schema_parts import Given, Text, Whole, choice


class Availability(Schema):
    """Whether somebody serves people who wait."""

    state = fields.String(required=True, validate=validate.OneOf(STATES))
    chosen = fields.String(required=True, validate=validate.OneOf(STATES))
    reason = fields.String(required=True)
    since = fields.DateTime(required=True, allow_none=True)
    online = fields.Boolean(required=True)
    capacity = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    load = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class Place(Schema):
    """Where somebody stands, and for how many seconds more they will wait; null while not enough is known."""

    position = fields.Integer(required=True)
    seconds = fields.Integer(required=True, allow_none=True)
    low = fields.Integer(required=True, allow_none=True)
    high = fields.Integer(required=True, allow_none=True)


class Waiting(Schema):
    """Somebody who waits to be served at once."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    ticket = fields.Integer(required=True)
    queue = fields.Integer(required=True)
    label = fields.String(required=True)
    state = fields.String(required=True)
    joined_at = fields.DateTime(required=True)
    not_before = fields.DateTime(required=True, allow_none=True)
    offered_to = fields.Integer(required=True, allow_none=True)
    offered_until = fields.DateTime(required=True, allow_none=True)
    taken_by = fields.Integer(required=True, allow_none=True)
    taken_at = fields.DateTime(required=True, allow_none=True)
    ended_at = fields.DateTime(required=True, allow_none=True)
    outcome = fields.String(required=True)
    place = fields.Nested(Place, required=True)


class ChosenAvailability(Given):
    """What the caller chooses."""

    state = choice(STATES, required=True)
    reason = Text(most=REASON, load_default="", metadata={"description": "Such as ``lunch``, or words of one's own."})


class LineQuery(Given):
    """Which of them."""

    kind = Text(most=40, load_default=None)
    queue = Whole(text=True, load_default=None)


class Handover(Given):
    """To whom: a colleague or a queue."""

    user = Whole(load_default=None, allow_none=True)
    queue = Whole(load_default=None, allow_none=True)
    note = Text(most=20_000, load_default="", metadata={"description": "Becomes an internal note of the ticket."})


class Outcome(Given):
    """How it ended."""

    outcome = Text(most=OUTCOME, load_default="")


LINE = schemas.page_of(Waiting)


@endpoint("GET", "/me/availability", _("Whether the caller serves people who wait"), Availability)
def my_availability() -> dict:
    """As it is now, with what the caller has in hand; ``state`` is offline without an open console."""
    uow().actor.must("tickets.write")
    return _availability(current_user().id)


@endpoint("PUT", "/me/availability", _("Choose one's availability"), Availability, body=ChosenAvailability)
def choose_availability(given: dict) -> dict:
    """What rings at the caller goes on to the next unless they are available; what they have in hand stays."""
    states.choose(uow(), given["state"], given["reason"])
    return _availability(current_user().id)


@endpoint("GET", "/waiting", _("Who waits or is served at once, the first first"), LINE, query=LineQuery)
def waiting(query: dict) -> dict:
    """The line in the caller's queues, whole: it holds those who are served now, too."""
    found = entries.line(uow(), kind=query["kind"], queue_id=query["queue"])
    known = {(one.kind, one.queue_id) for one in found}
    standing = {entry: place for kind, queue in known for entry, place in places.places(uow(), kind, queue).items()}
    return serializers.page([_entry(one, standing.get(one.id, places.Place(0))) for one in found], None)


@endpoint("POST", "/waiting/<int:entry_id>/accept", _("Serve somebody who waits"), Waiting)
def accept(entry_id: int) -> dict:
    """Their ticket is the caller's; 409 when a colleague was first or they have left."""
    return _changed(line.accept(uow(), entry_id))


@endpoint("POST", "/waiting/<int:entry_id>/decline", _("Let an offer pass"), Waiting)
def decline(entry_id: int) -> dict:
    """It rings at the next."""
    return _changed(line.decline(uow(), entry_id))


@endpoint("POST", "/waiting/<int:entry_id>/give", _("Hand over who waits or is served"), Waiting, body=Handover)
def give(given: dict, entry_id: int) -> dict:
    """To a colleague, at whom it rings, or to a queue, where they wait at their old place."""
    return _changed(line.give(uow(), entry_id, given["user"], given["queue"], given["note"]))


@endpoint("POST", "/waiting/<int:entry_id>/end", _("End what was served or waits"), Waiting, body=Outcome)
def end(given: dict, entry_id: int) -> dict:
    """Who served them has room for the next."""
    return _changed(line.end(uow(), entry_id, given["outcome"]))


def _availability(user_id: int) -> dict:
    found = availability.of(uow(), user_id)
    return {
        "state": found.state,
        "chosen": found.chosen,
        "reason": found.reason,
        "since": serializers.moment(found.since),
        "online": found.online,
        "capacity": found.capacity,
        "load": found.load,
    }


def _changed(one: Entry) -> dict:
    return _entry(one, places.place(uow(), one.id))


def _entry(one: Entry, place: places.Place) -> dict:
    moments = ("joined_at", "not_before", "offered_until", "taken_at", "ended_at")
    return {
        "id": one.id,
        "kind": one.kind,
        "ticket": one.ticket_id,
        "queue": one.queue_id,
        "label": one.label,
        "state": one.state,
        "offered_to": one.offered_to,
        "taken_by": one.taken_by,
        "outcome": one.outcome,
        "place": asdict(place),
    } | {name: serializers.moment(getattr(one, name)) for name in moments}

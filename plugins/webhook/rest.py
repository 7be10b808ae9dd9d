"""Outgoing webhooks for programs: endpoints, what they were told, tests and replays. Secrets go in and never out."""

from __future__ import annotations

from datetime import UTC

from marshmallow import Schema, fields, validate

from helpdesk.api.i18n import _, render_stored
from helpdesk.api.web import Rest

from . import calls, endpoints
from .tables import STATES, Call, Endpoint

rest = Rest(permission=endpoints.MANAGE)
TEXT = validate.Length(max=2000)


class EndpointGiven(Schema):
    """An endpoint as it is given; without ``secret`` the desk makes one, which the answer has this once."""

    name = fields.String(required=True, validate=validate.Length(1, 120))
    url = fields.String(required=True, validate=TEXT)
    events = fields.List(fields.String(validate=validate.Length(1, 90)), required=True, validate=validate.Length(1, 50))
    words = fields.Boolean(load_default=False)
    secret = fields.String(load_default="", validate=validate.Length(max=200))


class EndpointShape(Schema):
    """An endpoint; ``words``: it is told what people wrote, too. ``reason`` says why the desk switched it off."""

    id, failures, held, waiting = fields.Integer(), fields.Integer(), fields.Integer(), fields.Integer()
    name, url, reason = fields.String(), fields.String(), fields.String()
    events = fields.List(fields.String())
    words, active = fields.Boolean(), fields.Boolean()
    failing_since = fields.String(allow_none=True)


class NewShape(EndpointShape):
    """A new one with the secret that the desk made; "" when it was given."""

    secret = fields.String()


class CallShape(Schema):
    """An event that an endpoint is told of; ``status ms answer reason`` are of the last try."""

    id, tries = fields.Integer(), fields.Integer()
    seq, ticket, message = (fields.Integer(allow_none=True) for _each in range(3))
    status, ms = fields.Integer(allow_none=True), fields.Integer(allow_none=True)
    kind, state, answer, reason = fields.String(), fields.String(), fields.String(), fields.String()
    at = fields.String()
    tried_at, due_at = fields.String(allow_none=True), fields.String(allow_none=True)


class ListShape(Schema):
    """All of them."""

    items = fields.List(fields.Nested(EndpointShape))
    next = fields.String(allow_none=True)


class PageShape(Schema):
    """A page of calls, newest first."""

    items = fields.List(fields.Nested(CallShape))
    next = fields.String(allow_none=True)


class PageQuery(Schema):
    """Which page, and which state alone."""

    state = fields.String(load_default="", validate=validate.OneOf(["", *STATES]))
    cursor = fields.String(load_default="0", validate=validate.Regexp(r"[0-9]{1,18}\Z"))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class Switch(Schema):
    """On or off."""

    active = fields.Boolean(required=True)


class Since(Schema):
    """From when on."""

    since = fields.AwareDateTime(required=True, default_timezone=UTC)


class Number(Schema):
    """How many."""

    replayed = fields.Integer()


def _columns(given: dict) -> dict:
    return {"patterns" if name == "events" else name: value for name, value in given.items()}


def _shown(uow, row: Endpoint) -> dict:
    same = {name: getattr(row, name) for name in ("id", "name", "url", "words", "active", "failures")}
    counts = {state: calls.count(uow, row.id, state) for state in ("held", "waiting")}
    since = row.failing_since and row.failing_since.isoformat()
    return same | counts | {"events": row.patterns, "reason": render_stored(row.off_reason), "failing_since": since}


def _call(row: Call) -> dict:
    same = {name: getattr(row, name) for name in ("id", "seq", "kind", "state", "tries", "status", "ms", "answer")}
    moments = {name: (at := getattr(row, name)) and at.isoformat() for name in ("at", "tried_at")}
    due = row.due_at.isoformat() if row.state == "waiting" else None
    ids = {"ticket": row.ticket_id, "message": row.message_id}
    return same | moments | ids | {"due_at": due, "reason": render_stored(row.reason)}


@rest.endpoint("GET", "/endpoints", _("Endpoints of webhooks"), ListShape)
def listed(uow) -> dict:
    """All of them, by name."""
    return {"items": [_shown(uow, row) for row in endpoints.listed(uow)], "next": None}


@rest.endpoint("POST", "/endpoints", _("Add an endpoint"), NewShape, body=EndpointGiven, status=201)
def add(given: dict, uow) -> dict:
    """It is told from now on."""
    endpoint_id, secret = endpoints.add(uow, _columns(given))
    return _shown(uow, endpoints.get(uow, endpoint_id)) | {"secret": secret}


@rest.endpoint("GET", "/endpoints/<int:endpoint_id>", _("An endpoint"), EndpointShape)
def one(uow, endpoint_id: int) -> dict:
    """How it does."""
    return _shown(uow, endpoints.get(uow, endpoint_id))


@rest.endpoint("PUT", "/endpoints/<int:endpoint_id>", _("Change an endpoint"), EndpointShape, body=EndpointGiven)
def change(given: dict, uow, endpoint_id: int) -> dict:
    """All of it anew; without ``secret`` that stays."""
    endpoints.change(uow, endpoint_id, _columns(given))
    return one(uow, endpoint_id)


@rest.endpoint("DELETE", "/endpoints/<int:endpoint_id>", _("Delete an endpoint"), None, status=204)
def delete(uow, endpoint_id: int) -> None:
    """With its log."""
    endpoints.delete(uow, endpoint_id)


@rest.endpoint(
    "POST", "/endpoints/<int:endpoint_id>/switch", _("Switch an endpoint on or off"), EndpointShape, body=Switch
)
def switch(given: dict, uow, endpoint_id: int) -> dict:
    """While it is off, calls are held."""
    endpoints.switch(uow, endpoint_id, given["active"])
    return one(uow, endpoint_id)


@rest.endpoint(
    "GET", "/endpoints/<int:endpoint_id>/calls", _("The log of an endpoint, newest first"), PageShape, query=PageQuery
)
def log(query: dict, uow, endpoint_id: int) -> dict:
    """With what came of it."""
    limit, before = query["limit"], int(query["cursor"])
    found = calls.page(uow, endpoint_id, state=query["state"], before=before, limit=limit + 1)
    return {
        "items": [_call(row) for row in found[:limit]],
        "next": str(found[limit - 1].id) if len(found) > limit else None,
    }


@rest.endpoint("POST", "/endpoints/<int:endpoint_id>/ping", _("Send a test to an endpoint"), CallShape, status=201)
def ping(uow, endpoint_id: int) -> dict:
    """At once; its log says what came of it."""
    return _call(calls.get(uow, calls.ping(uow, endpoint_id)))


@rest.endpoint("POST", "/endpoints/<int:endpoint_id>/replay", _("Replay all events since a moment"), Number, body=Since)
def replay_since(given: dict, uow, endpoint_id: int) -> dict:
    """A month back at most."""
    return {"replayed": calls.replay_since(uow, endpoint_id, given["since"])}


@rest.endpoint("POST", "/calls/<int:call_id>/replay", _("Replay one event"), CallShape)
def replay(uow, call_id: int) -> dict:
    """Now."""
    calls.replay(uow, call_id)
    return _call(calls.get(uow, call_id))

"""Call-backs for programs: ``POST /api/v1/callbacks``, and how one stands."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from helpdesk.api import tickets
from helpdesk.api.errors import Invalid, NotFound, _
from helpdesk.api.web import Rest
from helpdesk.api.work import UnitOfWork, plugin_actor

from . import call_backs, pages, requests
from .call_backs import CallBack

rest = Rest(permission="tickets.write", name="callbacks")


class Asked(Schema):
    """A wish to be called: a number, and a slot or as soon as possible."""

    phone = fields.String(required=True, validate=validate.Length(1, 60))
    slot = fields.AwareDateTime(load_default=None, allow_none=True)
    asap = fields.Boolean(load_default=False)
    ticket = fields.Integer(load_default=None, allow_none=True)
    account = fields.Integer(load_default=None, allow_none=True)
    name = fields.String(load_default="", validate=validate.Length(max=200))
    text = fields.String(load_default="", validate=validate.Length(max=1000))


class Shape(Schema):
    """A call-back: ``url`` is the customer's own page of it."""

    id = fields.String()
    state = fields.String()
    phone = fields.String()
    slot = fields.AwareDateTime(allow_none=True)
    promised_at = fields.AwareDateTime()
    ticket = fields.Integer(allow_none=True)
    url = fields.String()


class Free(Schema):
    """A slot that can be booked."""

    slot = fields.AwareDateTime()
    free = fields.Integer()


@rest.endpoint("POST", "", _("Ask for a call"), Shape, body=Asked, status=201)
def ask(given: dict[str, Any], uow: UnitOfWork) -> dict[str, Any]:
    """As soon as possible, or in a slot."""
    if bool(given["slot"]) == given["asap"]:
        sentence = _("Give a slot, or asap.")
        raise Invalid(sentence, {"slot": sentence})
    if given["ticket"] is not None:
        tickets.get(uow, given["ticket"])
    account = _line(uow, given)
    wish = {"phone": given["phone"], "slot": given["slot"], "name": given["name"], "words": given["text"]}
    row = requests.ask(uow, account, wish, ticket_id=given["ticket"], source="api")
    return _plain(uow, row)


@rest.endpoint("GET", "/<key>", _("How a call-back stands"), Shape)
def one(uow: UnitOfWork, key: str) -> dict[str, Any]:
    """By its id."""
    row = call_backs.get(uow, key)
    if row.ticket_id is not None:
        tickets.get(uow, row.ticket_id)
    return _plain(uow, row)


@rest.endpoint("GET", "/slots", _("The slots that are free"), Free(many=True))
def free(uow: UnitOfWork) -> list[dict[str, Any]]:
    """Of the line that takes call-backs."""
    found = pages.days(uow, _line(uow, {}))
    return [{"slot": part["at"], "free": part["free"]} for day in found for part in day["slots"] if part["free"]]


def _line(uow: UnitOfWork, given: dict[str, Any]) -> Any:
    own = uow.acting(plugin_actor("phone"))
    account = requests.line(own, ticket_id=given.get("ticket"))
    if given.get("account"):
        account = next((a for a in requests.lines(own) if a.id == given["account"]), account)
    if not uow.actor.serves(account.queue_id):
        raise NotFound()
    return account


def _plain(uow: UnitOfWork, row: CallBack) -> dict[str, Any]:
    return {
        "id": row.key,
        "state": row.state,
        "phone": row.number,
        "slot": row.slot_at.isoformat() if row.slot_at else None,
        "promised_at": row.promised_at.isoformat(),
        "ticket": row.ticket_id,
        "url": requests.link_to(uow, row),
    }

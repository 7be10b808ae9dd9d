"""Practice tickets for programs: ``POST /api/v1/training/console``."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from helpdesk.api.errors import NotFound, _
from helpdesk.api.web import Rest
from helpdesk.api.work import UnitOfWork

from ..language.model import LANGS
from ..permissions import PRACTISE
from ..releases import SCENARIO, releases
from ..tables import ConsoleRun
from . import play
from .channel import FORMS

rest = Rest(permission=PRACTISE, name="training")


class Wanted(Schema):
    """What is practised."""

    scenario = fields.String(required=True, validate=validate.Length(1, 64))
    lang = fields.String(load_default="fa", validate=validate.OneOf(LANGS))
    form = fields.String(load_default="", validate=validate.OneOf(["", *FORMS]))


class Begun(Schema):
    """A run in the console; ``ticket`` is empty until the customer's first words are read."""

    run = fields.Integer()
    ticket = fields.Integer(allow_none=True)
    form = fields.String()


@rest.endpoint("POST", "/console", _("Begin a scenario as a practice ticket of yours"), Begun, status=201, body=Wanted)
def begin(body: dict[str, Any], uow: UnitOfWork) -> dict[str, Any]:
    """Begin it for whoever asks."""
    return told(play.begin(uow, newest(uow, body["scenario"]), body["lang"], form=body["form"]))


def newest(uow: UnitOfWork, name: str) -> str:
    """The hash of a released scenario, by its hash or by its id (then its newest version)."""
    for one in releases(uow, SCENARIO):
        if name in (one.name, one.hash):
            return one.hash
    raise NotFound(_("This desk has released no scenario of this name."))


def told(console: ConsoleRun) -> dict[str, Any]:
    """A run in the console as plain data."""
    return {"run": console.run_id, "ticket": console.ticket_id, "form": console.form}

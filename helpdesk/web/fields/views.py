"""What a ticket or a customer holds in custom fields: read, and changed in place."""

from __future__ import annotations

from flask import Blueprint, request

from helpdesk.core.errors import Invalid
from helpdesk.core.fields import fields as core
from helpdesk.core.fields.checking import asked
from helpdesk.core.fields.forms import from_form
from helpdesk.web import uow

from . import display

blueprint = Blueprint("fields", __name__, template_folder="templates")


@blueprint.get("/tickets/<int:ticket_id>/fields")
def of_ticket(ticket_id: int):
    """The values of a ticket, or with ``edit`` their form."""
    return display.panel("ticket", ticket_id, editing="edit" in request.args)


@blueprint.get("/customers/<int:customer_id>/fields")
def of_customer(customer_id: int):
    """The values of a customer, or with ``edit`` their form."""
    return display.panel("customer", customer_id, editing="edit" in request.args)


@blueprint.post("/tickets/<int:ticket_id>/fields")
def fill_ticket(ticket_id: int):
    """Fill in fields of a ticket."""
    return _save("ticket", ticket_id)


@blueprint.post("/customers/<int:customer_id>/fields")
def fill_customer(customer_id: int):
    """Fill in fields of a customer."""
    return _save("customer", customer_id)


def _save(of: str, owner_id: int):
    """Write what was changed; what is not asked for stays as it is, and what is empty stays empty."""
    known = core.all_fields(uow(), of)
    held, given = core.values(uow(), of, owner_id), from_form(known, request.form)
    wanted = {field.name for field in asked(known, given)}
    changed = {name: value for name, value in given.items() if name in wanted and (value or name in held)}
    try:
        core.set_values(uow(), of, owner_id, changed)
    except Invalid as invalid:
        return display.panel(of, owner_id, editing=True, errors=invalid.fields, given=given), 422
    return display.panel(of, owner_id)

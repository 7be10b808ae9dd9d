"""Custom fields: their definitions, and what tickets and customers hold in them."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.core.errors import _
from helpdesk.core.fields import fields as core
from helpdesk.core.fields.types import load
from helpdesk.web import uow

from . import requests, schemas, serializers
from .api import endpoint

FIELDS = schemas.page_of(schemas.Field)


@endpoint("GET", "/fields", _("The desk's custom fields"), FIELDS)
def defined() -> dict:
    """In their order, with those that are retired."""
    uow().actor.must("tickets.read")
    return serializers.page([each.dump() for each in core.all_fields(uow(), retired=True)], None)


@endpoint("PUT", "/fields/<name>", _("Define or change a custom field"), schemas.Field, body=requests.GivenField)
def define(given: dict, name: str) -> dict:
    """For admins. The kind of a field that has values stays."""
    return core.save(uow(), replace(load(given | {"name": name}), name=name)).dump()


@endpoint("DELETE", "/fields/<name>", _("Delete a custom field with all its values"), None, status=204)
def remove(name: str) -> None:
    """For admins. One that is retired keeps its values."""
    core.remove(uow(), name)


@endpoint("GET", "/tickets/<int:ticket_id>/fields", _("What a ticket holds in custom fields"), schemas.Values)
def of_ticket(ticket_id: int) -> dict:
    """Values by the fields' names."""
    return {"values": core.values(uow(), "ticket", ticket_id)}


@endpoint(
    "PATCH",
    "/tickets/<int:ticket_id>/fields",
    _("Fill in custom fields of a ticket"),
    schemas.Values,
    body=requests.GivenValues,
)
def fill_ticket(given: dict, ticket_id: int) -> dict:
    """Those that are named; null empties one. All of them or none."""
    return {"values": core.set_values(uow(), "ticket", ticket_id, given["values"])}


@endpoint("GET", "/customers/<int:customer_id>/fields", _("What a customer holds in custom fields"), schemas.Values)
def of_customer(customer_id: int) -> dict:
    """Values by the fields' names."""
    return {"values": core.values(uow(), "customer", customer_id)}


@endpoint(
    "PATCH",
    "/customers/<int:customer_id>/fields",
    _("Fill in custom fields of a customer"),
    schemas.Values,
    body=requests.GivenValues,
)
def fill_customer(given: dict, customer_id: int) -> dict:
    """Those that are named; null empties one. All of them or none."""
    return {"values": core.set_values(uow(), "customer", customer_id, given["values"])}

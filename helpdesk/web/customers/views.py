"""A customer's page: who they are, how they are reached, and every ticket of theirs that the reader may see."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for

from helpdesk.core.errors import Conflict, Invalid
from helpdesk.core.records.merge import merge_customers
from helpdesk.core.tickets import customers
from helpdesk.i18n import gettext as _
from helpdesk.i18n import render_message
from helpdesk.web import runtime, uow

blueprint = Blueprint("customers", __name__, template_folder="templates")
TICKETS = 100
ICONS = {"phone": "call", "handle": "social"}  # of kinds of addresses that belong to no channel alone


@blueprint.app_template_global()
def address_icon(kind: str) -> str:
    """The icon of a kind of address: its own, else that of the channel whose senders have it, one that answers them
    before others.
    """
    known = [channel for channel in runtime().channels.values() if kind in channel.kinds()]
    known.sort(key=lambda channel: (channel.address != kind, not channel.accepts.replies))
    return ICONS.get(kind) or next((channel.icon for channel in known), "letter")


@blueprint.get("/customers/<int:customer_id>")
def show(customer_id: int):
    """The customer's page."""
    return _page(customer_id)


@blueprint.post("/customers/<int:customer_id>/name")
def rename(customer_id: int):
    """Give the customer the name they go by."""
    try:
        customers.rename(uow(), customer_id, request.form.get("name", ""))
    except Invalid as invalid:
        return _page(customer_id, invalid, 422)
    return redirect(url_for("customers.show", customer_id=customer_id))


@blueprint.post("/customers/<int:customer_id>/addresses")
def add_address(customer_id: int):
    """Write down another address that reaches them."""
    try:
        customers.add_identity(uow(), customer_id, request.form.get("kind", ""), request.form.get("address", ""))
    except (Invalid, Conflict) as problem:
        return _page(customer_id, problem, problem.status)
    return redirect(url_for("customers.show", customer_id=customer_id))


@blueprint.post("/customers/<int:customer_id>/merge/<int:target_id>")
def merge(customer_id: int, target_id: int):
    """The two are one person: everything of the first is the other's from now on."""
    merge_customers(uow(), customer_id, target_id)
    return redirect(url_for("customers.show", customer_id=target_id))


def _page(customer_id: int, problem=None, status: int = 200):
    card = customers.card(uow(), customer_id, tickets=TICKETS)
    if isinstance(problem, customers.AddressTaken):
        card["others"][request.form.get("address", "")] = customers.get(uow(), problem.customer)
    kinds = sorted(
        {channel.address: _(channel.label) for channel in runtime().channels.values() if channel.address}.items()
    )
    fields = {name: render_message(sentence) for name, sentence in getattr(problem, "fields", {}).items()}
    if problem and not fields:
        fields = {"address": render_message(problem)}
    return render_template("customers/customer.html", card=card, kinds=kinds, errors=fields, given=request.form), status

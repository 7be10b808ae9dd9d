"""The whole record of a customer: downloaded, erased by a job that can be watched, or merged with another's."""

from __future__ import annotations

import json

from flask import Response, redirect, render_template, request, url_for

from helpdesk.api.downloads import inert
from helpdesk.core.errors import Conflict
from helpdesk.core.records import erase as core
from helpdesk.core.records.export import export
from helpdesk.core.records.extent import extent
from helpdesk.core.tickets import customers, search
from helpdesk.i18n import render_message
from helpdesk.web import uow
from helpdesk.web.forms.ticket_form import number_of

from .views import blueprint

GRACE = 60  # seconds before an erasure begins
FEW = 8


@blueprint.post("/customers/<int:customer_id>/export")
def download(customer_id: int):
    """Everything the desk and its plugins know of them, as a file."""
    text = json.dumps(export(uow(), customer_id), ensure_ascii=False, indent=1)
    answer = inert(Response(text, mimetype="application/json"))
    answer.headers["Content-Disposition"] = f'attachment; filename="customer-{customer_id}.json"'
    return answer


@blueprint.get("/customers/<int:customer_id>/erase")
def erasing(customer_id: int):
    """What will be erased, or how far it is."""
    return _erasing(customer_id)


@blueprint.post("/customers/<int:customer_id>/erase")
def erase(customer_id: int):
    """Erase them, after a while in which it can be taken back."""
    core.erase(uow(), customer_id, wait=GRACE)
    return redirect(url_for("customers.erasing", customer_id=customer_id))


@blueprint.post("/customers/<int:customer_id>/erase/undo")
def keep(customer_id: int):
    """Take it back before it begins."""
    try:
        core.keep(uow(), customer_id)
    except Conflict as late:
        return _erasing(customer_id, late), 409
    return redirect(url_for("customers.show", customer_id=customer_id))


def _erasing(customer_id: int, problem: Conflict | None = None) -> str:
    job = core.under_way(uow(), customer_id)
    template = "erasing.html" if "HX-Request" in request.headers else "erase.html"
    return render_template(
        f"customers/{template}",
        customer=customers.get(uow(), customer_id),
        extent=extent(uow(), customer_id),
        job=None if job is None or job.state == "cancelled" else job,
        problem=problem and render_message(problem),
    )


@blueprint.get("/customers/<int:customer_id>/merge")
def merging(customer_id: int):
    """The choice of the other record; once chosen (``into``), what will happen."""
    uow().actor.must("customers.write")
    target = number_of(request.args.get("into"))
    return render_template(
        "customers/merge.html",
        customer=customers.get(uow(), customer_id),
        extent=extent(uow(), customer_id),
        target=customers.get(uow(), target) if target and target != customer_id else None,
        found=_found("", customer_id),
    )


@blueprint.get("/customers/<int:customer_id>/merge/options")
def merge_options(customer_id: int):
    """Who else ``q`` names, to choose."""
    uow().actor.must("customers.write")
    customers.get(uow(), customer_id)
    query = request.args.get("q", "").strip()[:200]
    return render_template("customers/options.html", found=_found(query, customer_id))


def _found(query: str, customer_id: int) -> dict[int, str]:
    """Customers of the tickets that the words find, and whom a telephone number reaches: {id: name}."""
    if not query:
        return {}
    known = {row["customer"]["id"]: row["customer"]["name"] for row in search.find(uow(), query, limit=FEW * 3).items}
    known |= {customer.id: customer.name for customer in customers.by_phone(uow(), query)}
    return {found: name for found, name in known.items() if found != customer_id}

"""What the pickers of a ticket ask the server for: tags in use, moments as they were typed, tickets to merge into."""

from __future__ import annotations

from flask import render_template, request

from helpdesk.core.people import teams
from helpdesk.core.tickets import merge, search, tickets
from helpdesk.core.tickets.visibility import visible_ticket
from helpdesk.web import current_user, uow
from helpdesk.web.forms import snooze_options
from helpdesk.web.queue.navigation import own_queues

from .views import blueprint

FEW = 8


@blueprint.get("/tags")
def tags():
    """The tags in use where the reader works."""
    return render_template("ticket/tags.html", tags=tickets.tags_in_use(uow()))


@blueprint.get("/moments")
def moments_for():
    """What ``q`` means as a moment to come, or nothing; chosen, it is the form's ``field``."""
    field = "next_at" if request.args.get("field") == "next_at" else "snooze"
    return render_template("ticket/moments.html", moments=snooze_options.meant(request.args.get("q", "")), field=field)


@blueprint.get("/tickets/<int:ticket_id>/assignees")
def assignees(ticket_id: int):
    """Who can be given this ticket."""
    ticket = visible_ticket(uow(), ticket_id, "tickets.write")
    return render_template(
        "ticket/assignees.html",
        ticket=ticket,
        me=current_user(),
        colleagues=tickets.colleagues(uow(), ticket.queue_id),
    )


@blueprint.get("/tickets/<int:ticket_id>/places")
def places(ticket_id: int):
    """The queues this ticket can be put into, those of other teams apart."""
    ticket = visible_ticket(uow(), ticket_id, "tickets.write")
    return render_template(
        "ticket/places.html", ticket=ticket, queues=own_queues(), handover_queues=teams.handover_queues(uow())
    )


@blueprint.get("/tickets/<int:ticket_id>/merge/targets")
def merge_targets(ticket_id: int):
    """Where this ticket may belong: what ``q`` finds, else what is suggested."""
    visible_ticket(uow(), ticket_id, "tickets.write")
    query = request.args.get("q", "").strip()[:200]
    rows = search.find(uow(), query, limit=FEW + 1).items if query else merge.suggestions(uow(), ticket_id)
    rows = [row for row in rows if row["id"] != ticket_id][:FEW]
    return render_template("ticket/targets.html", tickets=rows, found=True)

"""A ticket that begins at the desk: its page, its draft, and its first message."""

from __future__ import annotations

from flask import render_template, request, url_for

from helpdesk.core import drafts, outward
from helpdesk.core.errors import Invalid
from helpdesk.web import desk, house
from helpdesk.web.queue.navigation import own_queues

from .answers import fire, problem, uploads
from .facts import number_of
from .views import UNDO, blueprint, list_around


@blueprint.get("/tickets/new")
def begin():
    """The page on which a ticket begins, with what was being written; beside its list, or alone when the console asks for it."""
    senders = outward.senders(desk())
    channels = {account.id: house().channels[account.channel] for account in senders}
    page = {"senders": senders, "channels": channels, "queues": own_queues(), "given": drafts.opening(desk())}
    if request.headers.get("HX-Target") == "ticket":
        return render_template("ticket/opening.html", **page)
    listing = list_around()
    return render_template("queue/console.html", list=listing, here=listing.key, beside="ticket/opening.html", **page)


@blueprint.post("/tickets/new")
def open_ticket():
    """The first message; it can be taken back for as long as a reply."""
    form = request.form
    try:
        message = outward.open_ticket(
            desk(),
            number_of(form.get("account")),
            form.get("to", ""),
            form.get("subject", ""),
            form.get("text", ""),
            queue_id=number_of(form.get("queue")) or None,
            files=uploads(),
            undo=UNDO,
        )
    except Invalid as invalid:
        return problem(invalid)
    url, undo = url_for("ticket.show", ticket_id=message.ticket_id), url_for("ticket.undo", message_id=message.id)
    return fire("ticket:begun", {"ticket": message.ticket_id, "message": message.id, "url": url, "undo": undo, "seconds": UNDO})


@blueprint.post("/tickets/new/draft")
def keep_opening():
    """Keep what is being written."""
    drafts.save_opening(desk(), request.form)
    return "", 204

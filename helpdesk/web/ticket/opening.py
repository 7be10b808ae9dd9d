"""A ticket that begins at the desk: its page, its draft, and its first message."""

from __future__ import annotations

from flask import render_template, request, url_for

from helpdesk.core.errors import Invalid
from helpdesk.core.outbox import new_ticket
from helpdesk.core.tickets import draft_files, drafts
from helpdesk.web import runtime, uow
from helpdesk.web.forms.ticket_form import number_of
from helpdesk.web.queue import lists
from helpdesk.web.queue.navigation import own_queues

from . import composing
from .responses import file_limits, files_of, fire, problem
from .views import UNDO, blueprint, list_around


@blueprint.get("/tickets/new")
def begin():
    """The page on which a ticket begins, with what was being written; beside its list, or alone when the console
    asks for it.
    """
    key = lists.known(request.args.get("in"))
    senders = new_ticket.senders(uow(), int(key[6:]) if key.startswith("queue-") else None)
    channels = {account.id: runtime().channels[account.channel] for account in senders}
    page = {"senders": senders, "channels": channels, "queues": own_queues(), "given": drafts.opening(uow())}
    page |= {"most_files": composing.most_files}
    page |= {"files": draft_files.listed(uow(), None, "opening"), "file_limits": file_limits()}
    if request.headers.get("HX-Target") == "ticket":
        return render_template("ticket/opening.html", **page)
    listing = list_around()
    return render_template("queue/console.html", list=listing, here=listing.key, beside="ticket/opening.html", **page)


@blueprint.post("/tickets/new")
def open_ticket():
    """The first message; it can be taken back for as long as a reply."""
    form = request.form
    try:
        message = new_ticket.open_ticket(
            uow(),
            number_of(form.get("account")),
            form.get("to", ""),
            form.get("subject", ""),
            form.get("text", ""),
            queue_id=number_of(form.get("queue")) or None,
            files=files_of(None, "opening"),
            undo=UNDO,
        )
    except Invalid as invalid:
        return problem(invalid)
    url, undo = url_for("ticket.show", ticket_id=message.ticket_id), url_for("ticket.undo", message_id=message.id)
    return fire(
        "ticket:begun", {"ticket": message.ticket_id, "message": message.id, "url": url, "undo": undo, "seconds": UNDO}
    )

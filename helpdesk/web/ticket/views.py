"""The pages and acts of one ticket. Each reads, calls one core function, and renders or tells the page what to look
at again.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

from helpdesk.core.errors import ChannelError, Conflict, Invalid, NotFound, Overtaken, _
from helpdesk.core.journal import journal
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import own_reactions, replies, templates, ways_out
from helpdesk.core.text import digits
from helpdesk.core.tickets import addressees, customers, drafts, merge, simulated, ticket_lists, tickets, timeline
from helpdesk.core.tickets.visibility import visible_ticket
from helpdesk.i18n import gettext, render_message
from helpdesk.i18n.names import named
from helpdesk.web import current_user, uow
from helpdesk.web.forms import snooze_options
from helpdesk.web.forms.ticket_form import facts_of, number_of
from helpdesk.web.kit import parts
from helpdesk.web.queue import lists

from . import events, files, message_text
from .composing import composing, how_of
from .responses import file_limits, files_of, fire, problem

UNDO = 10  # seconds before a reply leaves
AGAIN = 40  # messages shown anew in one go
SHOWN = 3  # messages in the question before a reply that crosses others

blueprint = Blueprint("ticket", __name__, template_folder="templates")
files.mount(blueprint)
blueprint.add_app_template_filter(message_text.paragraphs, "paragraphs")
blueprint.add_app_template_filter(events.number, "plain_number")
blueprint.add_app_template_global(events.tell, "tell")
blueprint.add_app_template_global(message_text.text_of, "text_of")
blueprint.add_app_template_global(message_text.reactions_for, "reactions_for")
blueprint.add_app_template_filter(templates.places, "places")
blueprint.add_app_template_filter(message_text.with_places, "with_places")


# Reading ----------------------------------------------------------------------------------------------------------


@blueprint.get("/tickets/<int:ticket_id>")
def show(ticket_id: int):
    """The ticket beside its list, or alone when the console asks for it."""
    seq = journal.last(uow())  # first: what happens while the page is read is told by the socket
    conversation = timeline.conversation(uow(), ticket_id)
    if request.headers.get("HX-Target") == "ticket":
        return render_template("ticket/ticket.html", seq=seq, **_beside(conversation))
    listing = list_around()
    return render_template(
        "queue/console.html", list=listing, here=listing.key, open=ticket_id, seq=seq, **_beside(conversation)
    )


@blueprint.get("/tickets/<int:ticket_id>/items")
def items(ticket_id: int):
    """The head, and what is new since message ``after`` and event ``event``, with the messages ``again`` as they are
    now.
    """
    after, event = number_of(request.args.get("after")), number_of(request.args.get("event"))
    again = {number_of(text) for text in request.args.get("again", "").split(",", AGAIN)[:AGAIN]} - {0}
    conversation = timeline.conversation(uow(), ticket_id, after=min([after, *(i - 1 for i in again)]))
    conversation.items = [item for item in conversation.items if _wanted(item, after, event, again)]
    return render_template("ticket/new.html", **_new(conversation))


def changed(uow: UnitOfWork, ticket_id: int, message_ids: Iterable[int], since: int) -> str:
    """What ``items`` would answer, nothing of it one reader's alone: these messages, and the events after ``since``."""
    conversation = timeline.changed_items(uow, ticket_id, message_ids, since)
    return render_template("ticket/new.html", shared=True, **_new(conversation))


def _new(conversation: timeline.Conversation) -> dict:
    return _head(conversation) | {"conversation": conversation, "longest": message_text.LONGEST}


@blueprint.get("/tickets/<int:ticket_id>/earlier")
def earlier(ticket_id: int):
    """The messages before ``before``."""
    conversation = timeline.conversation(uow(), ticket_id, before=number_of(request.args.get("before")))
    return render_template(
        "ticket/page.html",
        me=current_user(),
        ticket=conversation.ticket,
        conversation=conversation,
        longest=message_text.LONGEST,
    )


@blueprint.get("/tickets/<int:ticket_id>/merge")
def merging(ticket_id: int):
    """The sheet on which to choose the other ticket."""
    ticket = timeline.conversation(uow(), ticket_id, limit=1).ticket
    return render_template("ticket/merging.html", ticket=ticket, suggestions=merge.suggestions(uow(), ticket_id))


def list_around() -> lists.List:
    """The list beside whatever is open: the one its address names, or one's own."""
    try:
        return lists.load(uow(), lists.known(request.args.get("in")))
    except NotFound:
        return lists.load(uow(), "mine")


def _head(conversation: timeline.Conversation) -> dict:
    ticket = conversation.ticket
    return {
        "ticket": ticket,
        "row": ticket_lists.row(ticket),
        "me": current_user(),
        "moments": snooze_options.choices(),
        "day_example": snooze_options.example(),
    }


def _beside(conversation: timeline.Conversation) -> dict:
    ticket, kept = conversation.ticket, drafts.load(uow(), conversation.ticket.id)
    return _head(conversation) | {
        "conversation": conversation,
        "longest": message_text.LONGEST,
        "drafts": kept,
        "composing": composing(ticket, kept["how"], kept["files"]["reply"]),
        "file_limits": file_limits(),
        "card": customers.card(uow(), ticket.customer_id) if uow().actor.may("customers.read") else None,
        "panels": parts.panels(ticket.id, simulated.plugin_of(uow(), ticket)),
    }


def _wanted(item: dict, after: int, event: int, again: set[int]) -> bool:
    return item["seq"] > event if item["is"] == "event" else item["id"] > after or item["id"] in again


# Changing ---------------------------------------------------------------------------------------------------------


@blueprint.post("/tickets/<int:ticket_id>/change")
def change(ticket_id: int):
    """Any of the facts of ``facts.facts_of``."""
    ticket = tickets.change(uow(), ticket_id, **facts_of(request.form))
    if not uow().actor.sees(ticket):
        return _handed_over(ticket)
    return _done(ticket_id, status=ticket.status)


def _handed_over(ticket) -> Response:
    """Back to the list, which says where the ticket went: whoever gave it away sees it no longer."""
    flash(gettext("The ticket is with “%(queue)s” now. You no longer see it.", queue=named(ticket.queue.name)))
    key = lists.known(parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query).get("in", [""])[0])
    own = key in lists.NAMES or int(key[6:]) in uow().actor.queues
    response = make_response("")
    response.headers["HX-Redirect"] = lists.url_of(key if own else "mine")
    return response


@blueprint.post("/tickets/<int:ticket_id>/read")
def read(ticket_id: int):
    """Nothing here up to message ``upto`` is new to us any more."""
    tickets.mark_read(uow(), ticket_id, number_of(request.form.get("upto")) or None)
    return "", 204


@blueprint.post("/tickets/<int:ticket_id>/replies")
def reply(ticket_id: int):
    """Answer the customer; what somebody else wrote since ``seen`` is shown first, and sent anyway only by who names
    it as seen.
    """
    form = request.form
    ticket, how = visible_ticket(uow(), ticket_id), how_of(form)
    try:
        account = ways_out.chosen(uow(), ticket, how["account"])
    except (Conflict, Invalid) as refused:
        return problem(refused)
    if form.get("shown", key := addressees.of(uow(), ticket, account).key) != key:
        shown = composing(ticket, {**how, "account": account.id}, [])
        return render_template("ticket/readdressed.html", ticket=ticket, composing=shown), 409
    try:
        message = replies.reply(
            uow(),
            ticket_id,
            form.get("text", ""),
            undo=UNDO,
            seen=max(map(number_of, form.getlist("seen")), default=None),
            status=form.get("status") or None,
            files=files_of(ticket_id, "reply"),
            account_id=account.id,
            visibility=how["visibility"] or "private",
            template={name: value for name, value in how["template"].items() if name != "text"},
            buttons=how["buttons"],
        )
    except Overtaken as overtaken:
        return _newer(ticket_id, max(map(number_of, form.getlist("seen"))), render_message(overtaken)), 409
    except (Conflict, Invalid, ChannelError) as refused:
        return problem(refused)
    return _said(ticket_id, message, undo=UNDO)


def _newer(ticket_id: int, seen: int, sentence: str) -> str:
    """The question before a reply that would cross others: what was said since ``seen``, and the act that has seen
    that.
    """
    items = [
        item
        for item in timeline.conversation(uow(), ticket_id, after=seen).items
        if item["is"] == "message" and item["kind"] != "note"
    ]
    return render_template(
        "ticket/conflict.html", sentence=sentence, items=items[-SHOWN:], last=items[-1]["id"] if items else seen
    )


@blueprint.post("/tickets/<int:ticket_id>/notes")
def note(ticket_id: int):
    """A word among colleagues."""
    try:
        message = replies.note(uow(), ticket_id, request.form.get("text", ""), files=files_of(ticket_id, "note"))
    except Invalid as invalid:
        return problem(invalid)
    return _said(ticket_id, message)


@blueprint.post("/tickets/<int:ticket_id>/merge", endpoint="merge")
def merge_into(ticket_id: int):
    """Put this ticket into ``target``, or into the one whose ``number`` was typed."""
    visible_ticket(uow(), ticket_id)
    number = digits(request.form.get("number", "").strip().lstrip("#"), "en")
    target = number_of(number) or number_of(request.form.get("target"))
    if not target:
        return problem(Invalid(_("Please choose the ticket that this one goes into.")))
    try:
        done = merge.merge(uow(), ticket_id, target)
    except (NotFound, Invalid, Conflict) as refused:
        return problem(refused)
    urls = {"url": url_for("ticket.show", ticket_id=target), "back": url_for("ticket.show", ticket_id=ticket_id)}
    return fire("ticket:merged", {"ticket": ticket_id, **urls, "undo": url_for("ticket.unmerge", merge_id=done.id)})


@blueprint.post("/merges/<int:merge_id>/undo")
def unmerge(merge_id: int):
    """Take a merge back."""
    done = merge.unmerge(uow(), merge_id)
    return fire("ticket:unmerged", {"ticket": done.target_id})


@blueprint.post("/messages/<int:message_id>/undo")
def undo(message_id: int):
    """Take a reply back before it leaves; its text goes back into the composer."""
    message = files.message_of(message_id)
    text = replies.undo(uow(), message_id)
    again = url_for("ticket.begin") if drafts.is_opening(message) else ""
    return fire("ticket:unsaid", {"ticket": message.ticket_id, "message": message_id, "text": text, "url": again})


@blueprint.post("/messages/<int:message_id>/accept")
def accept(message_id: int):
    """Take the unverified writer of this message in."""
    message = tickets.accept_sender(uow(), message_id)
    return _done(message.ticket_id, again=message_id)


@blueprint.post("/messages/<int:message_id>/reaction")
def react(message_id: int):
    """React to a customer's message, or take ours back (an empty one)."""
    try:
        message = own_reactions.react(uow(), message_id, request.form.get("emoji", "")[:40])
    except (Conflict, Invalid) as refused:
        return problem(refused)
    return _done(message.ticket_id, again=message_id)


def _said(ticket_id: int, message, undo: int = 0) -> Response:
    url = url_for("ticket.undo", message_id=message.id) if undo else ""
    return fire(
        "ticket:said", {"ticket": ticket_id, "message": message.id, "kind": message.kind, "undo": url, "seconds": undo}
    )


def _done(ticket_id: int, **detail) -> Response:
    return fire("ticket:changed", {"ticket": ticket_id, **detail})

"""The pages and acts of one ticket. Each reads, calls one core function, and renders or tells the page what to look at again."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

from helpdesk.core import addressees, customers, drafts, merge, replies, teams, thread, tickets, views
from helpdesk.core.errors import Conflict, Invalid, NotFound, Overtaken, _
from helpdesk.core.rights import visible_ticket
from helpdesk.core.text import digits
from helpdesk.language import gettext, say
from helpdesk.web import current_user, desk
from helpdesk.web.kit import parts
from helpdesk.web.queue import lists
from helpdesk.web.queue.navigation import own_queues

from . import events, files, moments, words
from .answers import file_limits, files_of, fire, problem
from .facts import facts_of, number_of

UNDO = 10  # seconds before a reply leaves
AGAIN = 40  # messages shown anew in one go
SHOWN = 3  # messages in the question before a reply that crosses others

blueprint = Blueprint("ticket", __name__, template_folder="templates")
files.mount(blueprint)
blueprint.add_app_template_filter(words.paragraphs, "paragraphs")
blueprint.add_app_template_filter(events.number, "plain_number")
blueprint.add_app_template_global(events.tell, "tell")
blueprint.add_app_template_global(words.text_of, "text_of")


# Reading ----------------------------------------------------------------------------------------------------------


@blueprint.get("/tickets/<int:ticket_id>")
def show(ticket_id: int):
    """The ticket beside its list, or alone when the console asks for it."""
    conversation = thread.conversation(desk(), ticket_id)
    if request.headers.get("HX-Target") == "ticket":
        return render_template("ticket/ticket.html", **_beside(conversation))
    listing = list_around()
    return render_template("queue/console.html", list=listing, here=listing.key, open=ticket_id, **_beside(conversation))


@blueprint.get("/tickets/<int:ticket_id>/items")
def items(ticket_id: int):
    """The head, and what is new since message ``after`` and event ``event``, with the messages ``again`` as they are now."""
    after, event = number_of(request.args.get("after")), number_of(request.args.get("event"))
    again = {number_of(text) for text in request.args.get("again", "").split(",", AGAIN)[:AGAIN]} - {0}
    conversation = thread.conversation(desk(), ticket_id, after=min([after, *(i - 1 for i in again)]))
    conversation.items = [item for item in conversation.items if _wanted(item, after, event, again)]
    return render_template("ticket/new.html", **_head(conversation), conversation=conversation, longest=words.LONGEST)


@blueprint.get("/tickets/<int:ticket_id>/earlier")
def earlier(ticket_id: int):
    """The messages before ``before``."""
    conversation = thread.conversation(desk(), ticket_id, before=number_of(request.args.get("before")))
    return render_template("ticket/page.html", ticket=conversation.ticket, conversation=conversation, longest=words.LONGEST)


@blueprint.get("/tickets/<int:ticket_id>/merge")
def merging(ticket_id: int):
    """The sheet on which to choose the other ticket."""
    ticket = thread.conversation(desk(), ticket_id, limit=1).ticket
    return render_template("ticket/merging.html", ticket=ticket, suggestions=merge.suggestions(desk(), ticket_id))


def list_around() -> lists.List:
    """The list beside whatever is open: the one its address names, or one's own."""
    try:
        return lists.load(desk(), lists.known(request.args.get("in")))
    except NotFound:
        return lists.load(desk(), "mine")


def _head(conversation: thread.Conversation) -> dict:
    ticket = conversation.ticket
    return {
        "ticket": ticket,
        "row": views.row(ticket),
        "me": current_user(),
        "colleagues": tickets.colleagues(desk(), ticket.queue_id),
        "queues": own_queues(),
        "taking_over": teams.taking_over(desk()),
        "moments": moments.choices(),
        "day_example": moments.example(),
    }


def _beside(conversation: thread.Conversation) -> dict:
    ticket = conversation.ticket
    return _head(conversation) | {
        "conversation": conversation,
        "longest": words.LONGEST,
        "drafts": drafts.load(desk(), ticket.id),
        "answered": addressees.of(desk(), ticket),
        "file_limits": file_limits(),
        "card": customers.card(desk(), ticket.customer_id),
        "panels": parts.panels(ticket.id),
    }


def _wanted(item: dict, after: int, event: int, again: set[int]) -> bool:
    return item["seq"] > event if item["is"] == "event" else item["id"] > after or item["id"] in again


# Changing ---------------------------------------------------------------------------------------------------------


@blueprint.post("/tickets/<int:ticket_id>/change")
def change(ticket_id: int):
    """Any of the facts of ``facts.facts_of``."""
    ticket = tickets.change(desk(), ticket_id, **facts_of(request.form))
    if not desk().actor.sees(ticket):
        return _handed_over(ticket)
    return _done(ticket_id, status=ticket.status)


def _handed_over(ticket) -> Response:
    """Back to the list, which says where the ticket went: whoever gave it away sees it no longer."""
    flash(gettext("The ticket is with “%(queue)s” now. You no longer see it.", queue=ticket.queue.name))
    key = lists.known(parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query).get("in", [""])[0])
    own = key in lists.NAMES or int(key[6:]) in desk().actor.queues
    response = make_response("")
    response.headers["HX-Redirect"] = lists.url_of(key if own else "mine")
    return response


@blueprint.post("/tickets/<int:ticket_id>/read")
def read(ticket_id: int):
    """Nothing here up to message ``upto`` is new to us any more."""
    tickets.mark_read(desk(), ticket_id, number_of(request.form.get("upto")) or None)
    return "", 204


@blueprint.post("/tickets/<int:ticket_id>/replies")
def reply(ticket_id: int):
    """Answer the customer; what somebody else wrote since ``seen`` is shown first, and sent anyway only by who names it as seen."""
    form = request.form
    try:
        message = replies.reply(
            desk(),
            ticket_id,
            form.get("text", ""),
            undo=UNDO,
            seen=max(map(number_of, form.getlist("seen")), default=None),
            status=form.get("status") or None,
            files=files_of(ticket_id, "reply"),
        )
    except Overtaken as overtaken:
        return _newer(ticket_id, max(map(number_of, form.getlist("seen"))), say(overtaken)), 409
    except (Conflict, Invalid) as refused:
        return problem(refused)
    return _said(ticket_id, message, undo=UNDO)


def _newer(ticket_id: int, seen: int, sentence: str) -> str:
    """The question before a reply that would cross others: what was said since ``seen``, and the act that has seen that."""
    items = [item for item in thread.conversation(desk(), ticket_id, after=seen).items if item["is"] == "message" and item["kind"] != "note"]
    return render_template("ticket/conflict.html", sentence=sentence, items=items[-SHOWN:], last=items[-1]["id"] if items else seen)


@blueprint.post("/tickets/<int:ticket_id>/notes")
def note(ticket_id: int):
    """A word among colleagues."""
    try:
        message = replies.note(desk(), ticket_id, request.form.get("text", ""), files=files_of(ticket_id, "note"))
    except Invalid as invalid:
        return problem(invalid)
    return _said(ticket_id, message)


@blueprint.post("/tickets/<int:ticket_id>/merge", endpoint="merge")
def merge_into(ticket_id: int):
    """Put this ticket into ``target``, or into the one whose ``number`` was typed."""
    visible_ticket(desk(), ticket_id)
    number = digits(request.form.get("number", "").strip().lstrip("#"), "en")
    target = number_of(number) or number_of(request.form.get("target"))
    if not target:
        return problem(Invalid(_("Please choose the ticket that this one goes into.")))
    try:
        done = merge.merge(desk(), ticket_id, target)
    except (NotFound, Invalid, Conflict) as refused:
        return problem(refused)
    urls = {"url": url_for("ticket.show", ticket_id=target), "back": url_for("ticket.show", ticket_id=ticket_id)}
    return fire("ticket:merged", {"ticket": ticket_id, **urls, "undo": url_for("ticket.unmerge", merge_id=done.id)})


@blueprint.post("/merges/<int:merge_id>/undo")
def unmerge(merge_id: int):
    """Take a merge back."""
    done = merge.unmerge(desk(), merge_id)
    return fire("ticket:unmerged", {"ticket": done.target_id})


@blueprint.post("/messages/<int:message_id>/undo")
def undo(message_id: int):
    """Take a reply back before it leaves; its text goes back into the composer."""
    message = files.message_of(message_id)
    text = replies.undo(desk(), message_id)
    again = url_for("ticket.begin") if drafts.is_opening(message) else ""
    return fire("ticket:unsaid", {"ticket": message.ticket_id, "message": message_id, "text": text, "url": again})


@blueprint.post("/messages/<int:message_id>/accept")
def accept(message_id: int):
    """Take the unverified writer of this message in."""
    message = tickets.accept_voice(desk(), message_id)
    return _done(message.ticket_id, again=message_id)


@blueprint.post("/deliveries/<int:delivery_id>/retry")
def retry(delivery_id: int):
    """Send once more what did not arrive."""
    delivery = replies.retry(desk(), delivery_id)
    message = files.message_of(delivery.message_id)
    return _done(message.ticket_id, again=message.id)


def _said(ticket_id: int, message, undo: int = 0) -> Response:
    url = url_for("ticket.undo", message_id=message.id) if undo else ""
    return fire("ticket:said", {"ticket": ticket_id, "message": message.id, "kind": message.kind, "undo": url, "seconds": undo})


def _done(ticket_id: int, **told) -> Response:
    return fire("ticket:changed", {"ticket": ticket_id, **told})

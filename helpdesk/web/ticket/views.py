"""The pages and acts of one ticket. Each reads, calls one core function, and renders or tells the page what to look at again."""

from __future__ import annotations

import json

from flask import Blueprint, Response, make_response, render_template, request, url_for

from helpdesk.core import customers, drafts, merge, replies, thread, tickets, views
from helpdesk.core.channels import File
from helpdesk.core.errors import Conflict, HelpdeskError, Invalid, NotFound
from helpdesk.core.rights import visible_ticket
from helpdesk.core.text import digits
from helpdesk.language import say
from helpdesk.web import current_user, desk, house
from helpdesk.web.queue import lists
from helpdesk.web.queue.navigation import own_queues

from . import events, files, words

UNDO = 10  # seconds before a reply leaves
FILES = 20  # with one message
AGAIN = 40  # messages shown anew in one go

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
    listing = _list_around()
    return render_template("queue/console.html", list=listing, here=listing.key, open=ticket_id, **_beside(conversation))


@blueprint.get("/tickets/<int:ticket_id>/items")
def items(ticket_id: int):
    """The head, and what is new since message ``after`` and event ``event``, with the messages ``again`` as they are now."""
    after, event = _number(request.args.get("after")), _number(request.args.get("event"))
    again = {_number(text) for text in request.args.get("again", "").split(",")[:AGAIN]} - {0}
    conversation = thread.conversation(desk(), ticket_id, after=min([after, *(i - 1 for i in again)]))
    conversation.items = [item for item in conversation.items if _wanted(item, after, event, again)]
    return render_template("ticket/new.html", **_head(conversation), conversation=conversation, longest=words.LONGEST)


@blueprint.get("/tickets/<int:ticket_id>/earlier")
def earlier(ticket_id: int):
    """The messages before ``before``."""
    conversation = thread.conversation(desk(), ticket_id, before=_number(request.args.get("before")))
    return render_template("ticket/page.html", ticket=conversation.ticket, conversation=conversation, longest=words.LONGEST)


@blueprint.get("/tickets/<int:ticket_id>/merge")
def merging(ticket_id: int):
    """The sheet on which to choose the other ticket."""
    ticket = thread.conversation(desk(), ticket_id, limit=1).ticket
    return render_template("ticket/merging.html", ticket=ticket, suggestions=merge.suggestions(desk(), ticket_id))


def _list_around() -> lists.List:
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
    }


def _beside(conversation: thread.Conversation) -> dict:
    ticket = conversation.ticket
    answers = house().hooks.announce("ticket_panels", ticket=ticket, session=desk().session)
    return _head(conversation) | {
        "conversation": conversation,
        "longest": words.LONGEST,
        "drafts": drafts.load(desk(), ticket.id),
        "card": customers.card(desk(), ticket.customer_id),
        "panels": [panel for _plugin, panels in answers for panel in panels],
    }


def _wanted(item: dict, after: int, event: int, again: set[int]) -> bool:
    return item["seq"] > event if item["is"] == "event" else item["id"] > after or item["id"] in again


def _number(text: str | None) -> int:
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


# Changing ---------------------------------------------------------------------------------------------------------


@blueprint.post("/tickets/<int:ticket_id>/change")
def change(ticket_id: int):
    """Any of ``status priority assignee queue tags``; an empty assignee is nobody."""
    form = request.form
    facts = {name: form[name] for name in ("status", "priority") if name in form}
    if "assignee" in form:
        facts["assignee_id"] = _number(form["assignee"]) or None
    if "queue" in form:
        facts["queue_id"] = _number(form["queue"])
    if "tags" in form:
        facts["tags"] = form["tags"].replace("،", ",").split(",")
    ticket = tickets.change(desk(), ticket_id, **facts)
    return _done(ticket_id, status=ticket.status)


@blueprint.post("/tickets/<int:ticket_id>/read")
def read(ticket_id: int):
    """Nothing here is new to us any more."""
    tickets.mark_read(desk(), ticket_id)
    return "", 204


@blueprint.post("/tickets/<int:ticket_id>/replies")
def reply(ticket_id: int):
    """Answer the customer; a newer message of theirs comes back as a question first."""
    form = request.form
    try:
        message = replies.reply(
            desk(),
            ticket_id,
            form.get("text", ""),
            undo=UNDO,
            seen=_number(form["seen"]) if "seen" in form else None,
            force="force" in form,
            status=form.get("status") or None,
            files=_files(),
        )
    except Conflict as conflict:
        return render_template("ticket/conflict.html", sentence=say(conflict)), 409
    except Invalid as invalid:
        return _problem(invalid)
    return _said(ticket_id, message, undo=UNDO)


@blueprint.post("/tickets/<int:ticket_id>/notes")
def note(ticket_id: int):
    """A word among colleagues."""
    try:
        message = replies.note(desk(), ticket_id, request.form.get("text", ""), files=_files())
    except Invalid as invalid:
        return _problem(invalid)
    return _said(ticket_id, message)


@blueprint.post("/tickets/<int:ticket_id>/draft")
def draft(ticket_id: int):
    """Keep what is being written; ``mode`` is reply or note."""
    drafts.save(desk(), ticket_id, request.form.get("mode", ""), request.form.get("text", ""))
    return "", 204


@blueprint.post("/tickets/<int:ticket_id>/merge", endpoint="merge")
def merge_into(ticket_id: int):
    """Put this ticket into ``target``, or into the one whose ``number`` was typed."""
    visible_ticket(desk(), ticket_id)
    number = digits(request.form.get("number", "").strip().lstrip("#"), "en")
    target = _number(number) or _number(request.form.get("target"))
    try:
        done = merge.merge(desk(), ticket_id, target)
    except (NotFound, Invalid, Conflict) as problem:
        return _problem(problem)
    return _event("ticket:merged", {"ticket": ticket_id, "url": url_for("ticket.show", ticket_id=target), "undo": url_for("ticket.unmerge", merge_id=done.id)})


@blueprint.post("/merges/<int:merge_id>/undo")
def unmerge(merge_id: int):
    """Take a merge back."""
    done = merge.unmerge(desk(), merge_id)
    return _done(done.target_id)


@blueprint.post("/messages/<int:message_id>/undo")
def undo(message_id: int):
    """Take a reply back before it leaves; its text goes back into the composer."""
    ticket_id = files.message_of(message_id).ticket_id
    text = replies.undo(desk(), message_id)
    return _event("ticket:unsaid", {"ticket": ticket_id, "message": message_id, "text": text})


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


def _files() -> list[File]:
    given = [upload for upload in request.files.getlist("files") if upload.filename][:FILES]
    return [File(upload.filename, upload.mimetype, content=upload.read()) for upload in given]


def _said(ticket_id: int, message, undo: int = 0) -> Response:
    url = url_for("ticket.undo", message_id=message.id) if undo else ""
    return _event("ticket:said", {"ticket": ticket_id, "message": message.id, "kind": message.kind, "undo": url, "seconds": undo})


def _done(ticket_id: int, **told) -> Response:
    return _event("ticket:changed", {"ticket": ticket_id, **told})


def _event(name: str, told: dict) -> Response:
    """An empty answer that fires an event on the page; our scripts do the rest."""
    response = make_response("")
    response.headers["HX-Trigger"] = json.dumps({name: told})
    return response


def _problem(error: HelpdeskError):
    return render_template("ticket/problem.html", sentence=say(error)), 422

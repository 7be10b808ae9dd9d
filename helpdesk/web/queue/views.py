"""The pages of the list: views, queues, search, and what the command palette finds."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request, url_for

from helpdesk.core.errors import NotFound
from helpdesk.core.tickets import search
from helpdesk.web import uow
from helpdesk.web.kit.parts import fill_columns

from . import lists, plugin_actions, selection
from . import saved as saving
from .navigation import navigation, role_name
from .palette import answers
from .rows import marked, ticket_row, time_left_of

blueprint = Blueprint("queue", __name__, template_folder="templates")
selection.mount(blueprint)
saving.mount(blueprint)
plugin_actions.mount(blueprint)
blueprint.add_app_template_filter(marked)


@blueprint.app_context_processor
def _for_templates() -> dict:
    return {
        "navigation": navigation,
        "role_name": role_name,
        "ticket_row": ticket_row,
        "time_left_of": time_left_of,
        "channel_icon": lists.channel_icon,
    }


@blueprint.get("/")
def home():
    """The signed-in person's first page: their queue, or a word of welcome when their role has none yet."""
    if uow().actor.may("tickets.read"):
        return redirect(url_for("queue.view", name="mine"))
    return render_template("queue/welcome.html")


@blueprint.get("/views/<name>")
def view(name: str):
    """One of the ready-made lists of ``lists.NAMES``."""
    if name not in lists.NAMES:
        raise NotFound()
    return _page(name)


@blueprint.get("/views/saved/<int:view_id>")
def saved(view_id: int):
    """A saved view."""
    return _page(f"saved-{view_id}")


@blueprint.get("/queues/<int:queue_id>")
def of(queue_id: int):
    """The open tickets of one queue."""
    return _page(f"queue-{queue_id}")


@blueprint.get("/search")
def find():
    """Tickets whose words match ``q``."""
    query = request.args.get("q", "").strip()[:200]
    page = search.find(uow(), query, after=request.args.get("after")) if query else None
    fill_columns(uow(), page.items if page else [])
    if page and request.args.get("after"):
        return render_template("queue/found.html", page=page, query=query)
    return render_template("queue/search.html", page=page, query=query, here="search")


@blueprint.get("/palette")
def palette():
    """What the command palette finds for ``q``: tickets, customers and queues, as JSON."""
    return jsonify(answers(uow(), request.args.get("q", "").strip()[:200]))


def _page(key: str):
    after = request.args.get("after")
    listing = lists.load(uow(), key, after)
    if after:
        return render_template("queue/rows.html", list=listing)
    return render_template("queue/console.html", list=listing, ticket=None, here=key)

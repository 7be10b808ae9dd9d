"""The composer's choices: the ways by which a ticket can be answered, the templates of one, and the composer anew for
what was chosen.
"""

from __future__ import annotations

from flask import render_template, request

from helpdesk.core.errors import HelpdeskError, Invalid, _
from helpdesk.core.outbox import templates, ways_out
from helpdesk.core.tickets import draft_files, drafts
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.visibility import visible_ticket
from helpdesk.i18n import render_message
from helpdesk.web import uow
from helpdesk.web.forms.ticket_form import number_of

from . import composing
from .views import blueprint

NO_TEMPLATE = _("This account has no template named %(name)s.")


@blueprint.get("/tickets/<int:ticket_id>/ways")
def ways(ticket_id: int):
    """The options of the picker: every account we may use, those by which nobody is reached with their reason."""
    ticket = visible_ticket(uow(), ticket_id, "tickets.write")
    usual = ways_out.usual(uow(), ticket).id
    found = [(way, composing.describe(way, way.account.id == usual)) for way in ways_out.known_to(uow(), ticket)]
    return render_template("ticket/ways.html", ways=found, chosen=number_of(request.args.get("account")) or usual)


@blueprint.get("/tickets/<int:ticket_id>/templates")
def templates_of(ticket_id: int):
    """The options of the picker: the templates of the chosen account, as its provider has them now."""
    ticket = visible_ticket(uow(), ticket_id, "tickets.write")
    account = ways_out.chosen(uow(), ticket, number_of(request.args.get("account")) or None)
    return render_template("ticket/templates.html", templates=templates.of(uow(), account))


@blueprint.get("/tickets/<int:ticket_id>/way")
def way(ticket_id: int):
    """How the next reply goes out, as one's draft says."""
    ticket = visible_ticket(uow(), ticket_id, "tickets.write")
    kept = drafts.load(uow(), ticket_id)
    return _shown(ticket, kept["how"], kept["files"]["reply"])


@blueprint.post("/tickets/<int:ticket_id>/way")
def choose_way(ticket_id: int):
    """The same for what was just chosen; nothing is kept before something is written."""
    ticket = visible_ticket(uow(), ticket_id, "tickets.write")
    how, problems, form = composing.how_of(request.form), [], request.form
    if "choose_account" in form:
        how = {"account": number_of(form["choose_account"])}
    if form.get("choose_visibility") in composing.VISIBILITIES:
        how["visibility"] = form["choose_visibility"]
    if "choose_template" in form:
        how["template"] = {}
        try:
            how["template"] = _template(ticket, how["account"], form["choose_template"])
        except HelpdeskError as error:
            problems = [render_message(error)]
    return _shown(ticket, how, draft_files.listed(uow(), ticket_id, "reply"), problems)


def _template(ticket: Ticket, account_id: int | None, key: str) -> dict:
    """The template of this key (``name|language``), with a place for each value; {} for none."""
    name, _bar, language = key.rpartition("|")
    if not name:
        return {}
    account = ways_out.chosen(uow(), ticket, account_id)
    for found in templates.of(uow(), account):
        if (found.name, found.language) == (name, language):
            return {"name": name, "language": language, "text": found.text[: composing.LONGEST["text"]], "values": []}
    raise Invalid(NO_TEMPLATE, name=name)


def _shown(ticket: Ticket, how: dict, files: list, problems: list[str] | None = None) -> str:
    chosen = composing.composing(ticket, how, files)
    chosen.problems += problems or []
    return render_template("ticket/way_again.html", ticket=ticket, composing=chosen)

"""What could not be read: why, and the three things to do about it."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy import select

from helpdesk.api.downloads import inert
from helpdesk.core.accounts.models import Account
from helpdesk.core.errors import _
from helpdesk.core.intake import quarantine as core
from helpdesk.web import uow
from helpdesk.web.forms.ticket_form import number_of

from .pages import after, blueprint, done

PAGE = 50


@blueprint.get("/quarantine")
def quarantine():
    """What waits there, newest first, each with who and what it seems to be; with ``discarded`` what was thrown
    away.
    """
    discarded = "discarded" in request.args
    rows = core.items(uow(), after(), limit=PAGE + 1, discarded=discarded)
    names = dict(uow().session.execute(select(Account.id, Account.name)).all())
    seen = {raw_message.id: core.glance(uow(), raw_message) for raw_message in rows[:PAGE]}
    more = rows[PAGE - 1].id if len(rows) > PAGE else None
    return render_template(
        "admin/quarantine.html",
        raw_messages=rows[:PAGE],
        more=more,
        names=names,
        seen=seen,
        discarded=discarded,
        undo=number_of(request.args.get("undo")),
    )


@blueprint.post("/quarantine/<int:raw_message_id>/raw")
def download_raw_message(raw_message_id: int):
    """The bytes as they came, as a file that no browser opens; reading them is written down, hence no GET."""
    response = Response(core.raw(uow(), raw_message_id), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="raw message-{raw_message_id}.bin"'
    return inert(response)


@blueprint.post("/quarantine/<int:raw_message_id>/retry")
def retry_raw_message(raw_message_id: int):
    """Try once more to read it."""
    core.retry(uow(), raw_message_id)
    return done(_("It is read once more; if that fails, it comes back here."), "quarantine")


@blueprint.post("/quarantine/<int:raw_message_id>/discard")
def discard_raw_message(raw_message_id: int):
    """Throw it away; the page that follows offers the way back."""
    core.discard(uow(), raw_message_id)
    return redirect(url_for("admin.quarantine", undo=raw_message_id))


@blueprint.post("/quarantine/<int:raw_message_id>/restore")
def restore_raw_message(raw_message_id: int):
    """Take it out of what was thrown away."""
    core.restore(uow(), raw_message_id)
    return done(_("It is back in quarantine."), "quarantine")

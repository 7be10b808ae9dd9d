"""What could not be read: why, and the three things to do about it."""

from __future__ import annotations

from flask import Response, render_template
from sqlalchemy import select

from helpdesk.core.accounts.models import Account
from helpdesk.core.errors import _
from helpdesk.core.intake import quarantine as core
from helpdesk.web import uow
from helpdesk.web.downloads import inert

from .pages import after, blueprint, done

PAGE = 50


@blueprint.get("/quarantine")
def quarantine():
    """What waits there, newest first."""
    rows = core.items(uow(), after(), limit=PAGE + 1)
    names = dict(uow().session.execute(select(Account.id, Account.name)).all())
    return render_template(
        "admin/quarantine.html",
        raw_messages=rows[:PAGE],
        more=rows[PAGE - 1].id if len(rows) > PAGE else None,
        names=names,
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
    """Set it aside."""
    core.discard(uow(), raw_message_id)
    return done(_("It is set aside. Its bytes are kept."), "quarantine")

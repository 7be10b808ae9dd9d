"""What could not be read: why, and the three things to do about it."""

from __future__ import annotations

from flask import Response, render_template
from sqlalchemy import select

from helpdesk.core import quarantine as core
from helpdesk.core.errors import _
from helpdesk.core.models import Account
from helpdesk.web import desk
from helpdesk.web.saving import inert

from .pages import after, blueprint, done

PAGE = 50


@blueprint.get("/quarantine")
def quarantine():
    """What waits there, newest first."""
    rows = core.items(desk(), after(), limit=PAGE + 1)
    names = dict(desk().session.execute(select(Account.id, Account.name)).all())
    return render_template("admin/quarantine.html", parcels=rows[:PAGE], more=rows[PAGE - 1].id if len(rows) > PAGE else None, names=names)


@blueprint.post("/quarantine/<int:parcel_id>/raw")
def download_parcel(parcel_id: int):
    """The bytes as they came, as a file that no browser opens; reading them is written down, hence no GET."""
    response = Response(core.raw(desk(), parcel_id), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="parcel-{parcel_id}.bin"'
    return inert(response)


@blueprint.post("/quarantine/<int:parcel_id>/retry")
def retry_parcel(parcel_id: int):
    """Try once more to read it."""
    core.retry(desk(), parcel_id)
    return done(_("It is read once more; if that fails, it comes back here."), "quarantine")


@blueprint.post("/quarantine/<int:parcel_id>/discard")
def discard_parcel(parcel_id: int):
    """Set it aside."""
    core.discard(desk(), parcel_id)
    return done(_("It is set aside. Its bytes are kept."), "quarantine")

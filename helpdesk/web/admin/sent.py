"""What the desk sent or tried to send, with each try."""

from __future__ import annotations

from flask import render_template, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from helpdesk.core.errors import _
from helpdesk.core.outbox import replies
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.web import uow

from .pages import after, blueprint, done

PAGE = 50
FILTERS = {
    "all": (),
    "failed": ("failed", "bounced", "uncertain"),
    "queued": ("queued", "sending"),
    "sent": ("sent",),
}


@blueprint.get("/sent")
def sent():
    """Deliveries, newest first; ``state`` is one of FILTERS."""
    chosen = request.args.get("state") if request.args.get("state") in FILTERS else "all"
    query = select(Delivery).options(
        joinedload(Delivery.message).joinedload(Message.ticket), selectinload(Delivery.attempts)
    )
    query = query.order_by(Delivery.id.desc()).limit(PAGE + 1)
    query = query.where(Delivery.state.in_(FILTERS[chosen])) if FILTERS[chosen] else query
    rows = uow().session.scalars(query.where(Delivery.id < after()) if after() else query).all()
    more = rows[PAGE - 1].id if len(rows) > PAGE else None
    return render_template("admin/sent.html", deliveries=rows[:PAGE], more=more, chosen=chosen, filters=FILTERS)


@blueprint.post("/sent/<int:delivery_id>/retry")
def retry_delivery(delivery_id: int):
    """Send once more what did not arrive."""
    replies.retry(uow(), delivery_id)
    return done(_("It is on its way once more."), "sent")

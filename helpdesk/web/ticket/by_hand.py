"""What a colleague says of a message: what came of carrying it out, that it arrived, or that it is sent once more."""

from __future__ import annotations

from flask import request

from helpdesk.core.errors import Conflict, Invalid
from helpdesk.core.outbox import by_hand, replies
from helpdesk.web import uow
from helpdesk.web.forms import snooze_options

from . import files
from .responses import fire, problem
from .views import blueprint


@blueprint.app_template_global("by_hand_outcomes")
def outcomes() -> dict[str, str]:
    """The codes of outcomes with their words, in the order of their buttons."""
    return by_hand.OUTCOMES


@blueprint.app_template_global("outcome_moments")
def moments() -> list[snooze_options.Choice]:
    """When another try may be agreed on."""
    return snooze_options.choices()


@blueprint.post("/deliveries/<int:delivery_id>/outcomes")
def enter_outcome(delivery_id: int):
    """Enter an outcome: ``code``, ``note``, and ``next_at`` as the menu of moments names it, or in words."""
    form = request.form
    try:
        next_at = snooze_options.chosen(form.get("next_at", "").strip())
        delivery = by_hand.outcome(uow(), delivery_id, form.get("code", ""), form.get("note", ""), next_at)
    except (Conflict, Invalid) as refused:
        return problem(refused)
    message = files.message_of(delivery.message_id)
    return fire("ticket:changed", {"ticket": message.ticket_id, "again": message.id})


@blueprint.post("/deliveries/<int:delivery_id>/retry")
def retry(delivery_id: int):
    """Send once more what did not arrive."""
    delivery = replies.retry(uow(), delivery_id)
    message = files.message_of(delivery.message_id)
    return fire("ticket:changed", {"ticket": message.ticket_id, "again": message.id})


@blueprint.post("/deliveries/<int:delivery_id>/arrived")
def arrived(delivery_id: int):
    """An uncertain message is there, as somebody knows."""
    delivery = replies.arrived(uow(), delivery_id)
    message = files.message_of(delivery.message_id)
    return fire("ticket:changed", {"ticket": message.ticket_id, "again": message.id})

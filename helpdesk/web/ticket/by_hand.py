"""What a colleague enters after carrying a message out: what came of it, a remark, and when to try again."""

from __future__ import annotations

from flask import request

from helpdesk.core.errors import Conflict, Invalid
from helpdesk.core.outbox import by_hand
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

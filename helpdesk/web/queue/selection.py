"""What is done to several tickets of a list at once: the bar that offers it, and the one request that does it."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request

from helpdesk.core.errors import Conflict
from helpdesk.core.people import users
from helpdesk.core.text import digits
from helpdesk.core.tickets import bulk
from helpdesk.i18n import current, gettext, isolate, ngettext, render_message
from helpdesk.web import current_user, uow
from helpdesk.web.forms import snooze_options
from helpdesk.web.forms.ticket_form import facts_of, number_of

from . import plugin_actions

NAMED = 10  # tickets a sentence names


def mount(blueprint: Blueprint) -> None:
    """Put these routes on the list's blueprint."""
    blueprint.get("/selection", endpoint="selection")(bar)
    blueprint.post("/selection", endpoint="select")(act)


def bar():
    """What can be done to several tickets; fetched when the first one is selected."""
    uow().actor.must("tickets.write")
    people = users.visible_colleagues(uow(), "tickets.write")
    return render_template(
        "queue/selection.html",
        me=current_user(),
        colleagues=people,
        moments=snooze_options.choices(),
        day_example=snooze_options.example(),
    )


def act():
    """Do one thing to all of ``tickets``: any facts of ``facts_of``, or ``merge`` (``sure`` when it was asked about).

    Answers ``{sentence, done, left}``; 409 with a sentence when it has to be asked about first.
    """
    form = request.form
    ids = [number_of(text) for text in form.get("tickets", "").split(",", 2 * bulk.MOST) if text][: bulk.MOST + 1]
    if "action" in form:
        outcome = bulk.carry_out(uow(), ids, plugin_actions.as_json(form))
        return _answer(outcome, ngettext("%(num)s ticket changed.", "%(num)s tickets changed.", len(outcome.done)))
    if "merge" not in form:
        outcome = bulk.change(uow(), ids, **facts_of(form))
        return _answer(outcome, ngettext("%(num)s ticket changed.", "%(num)s tickets changed.", len(outcome.done)))
    try:
        outcome = bulk.merge(uow(), ids, sure="sure" in form)
    except Conflict as question:
        return jsonify({"sentence": render_message(question)}), 409
    return _answer(
        outcome,
        gettext("%(count)s tickets are one now: %(number)s.", count=len(outcome.done), number=_named([outcome.target])),
    )


def _answer(outcome: bulk.Outcome, done: str):
    """What was done, and in the same breath who was left out and why."""
    reasons: dict[str, list[int]] = {}
    for ticket_id, reason in outcome.left.items():
        reasons.setdefault(render_message(reason), []).append(ticket_id)
    left = [
        gettext("Left out: %(tickets)s. %(reason)s", tickets=_named(ids), reason=reason)
        for reason, ids in reasons.items()
    ]
    sentence = " ".join([done, *left] if outcome.done else left)
    return jsonify({"sentence": sentence, "done": outcome.done, "left": list(outcome.left)})


def _named(ids: list[int]) -> str:
    shown = [isolate(f"#{digits(str(number), current.get().digits)}") for number in ids[:NAMED]]
    return gettext(", ").join([*shown, "…"] if len(ids) > NAMED else shown)

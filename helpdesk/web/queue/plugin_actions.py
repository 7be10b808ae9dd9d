"""Actions that plugins declared: offered in the palette and for selected tickets, each with a sheet for its value."""

from __future__ import annotations

from flask import Blueprint, render_template

from helpdesk.core.errors import NotFound
from helpdesk.core.rules.actions import Action
from helpdesk.i18n import gettext
from helpdesk.web import runtime, uow

from .saved import Row, choices_of, kind_of, typed


def mount(blueprint: Blueprint) -> None:
    """Put these routes on the list's blueprint."""
    blueprint.get("/actions/<name>", endpoint="action")(sheet)
    blueprint.add_app_template_global(offered, "plugin_actions")


def offered() -> list[dict]:
    """{name, label, page} of the actions of plugins; the desk's own have keys and menus of their own."""
    if not uow().actor.may("tickets.write"):
        return []
    found = ((name, action) for name, action in runtime().actions.items() if "." in name)
    return [{"name": name, "label": gettext(action.label), "page": action.page} for name, action in found]


def sheet(name: str):
    """The form that asks for an action's value."""
    action = _known(name)
    choices = choices_of(action.value)
    row = Row(name, gettext(action.label), "select" if choices else kind_of(action.value), choices)
    return render_template("queue/action.html", row=row)


def as_json(form) -> list[dict]:
    """The action of a form with its value, as ``rules.actions`` reads it."""
    action = _known(form.get("action", ""))
    return [{"action": action.name, "value": typed(action.value, form.get("value", "").strip()) or None}]


def _known(name: str) -> Action:
    uow().actor.must("tickets.write")
    action = runtime().actions.get(name)
    if action is None or "." not in name:
        raise NotFound()
    return action

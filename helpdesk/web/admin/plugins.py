"""What is known of the plugins: which are on, why others are not, and their faults."""

from __future__ import annotations

from flask import render_template, request
from sqlalchemy import select

from helpdesk.core.errors import Invalid, NotFound, _
from helpdesk.core.settings import registry
from helpdesk.core.settings.models import Fault
from helpdesk.web import runtime, uow

from . import forms
from .pages import blueprint, done

SHOWN = 20  # faults of one plugin


@blueprint.get("/plugins")
def plugins():
    """Every plugin with its state, the desk's own last."""
    found: dict[str, list[Fault]] = {}
    for fault in uow().session.scalars(select(Fault).order_by(Fault.last_at.desc())):
        found.setdefault(fault.plugin, []).append(fault)
    rows = sorted(runtime().hooks.plugins.values(), key=lambda plugin: (plugin.builtin, plugin.name))
    settings = {
        name: [group for group in runtime().settings.values() if group.name.split(".", 1)[0] == name]
        for name in runtime().hooks.plugins
    }
    return render_template(
        "admin/plugins.html",
        plugins=rows,
        settings=settings,
        faults=found,
        shown=SHOWN,
        safe_mode=runtime().config.safe_mode,
    )


@blueprint.get("/plugins/<name>")
def plugin_settings(name: str):
    """The form of a group of settings that a plugin declared."""
    return _form(_group(name))


@blueprint.post("/plugins/<name>")
def change_plugin_settings(name: str):
    """Save the form."""
    group = _group(name)
    try:
        empty = dict.fromkeys(group.schema().fields.keys() - group.secrets)
        registry.write(uow(), name, empty | forms.given(group.schema, request.form))
    except Invalid as problem:
        return _form(group, problem), 422
    return done(_("Saved."), "plugin_settings", name=name)


def _group(name: str) -> registry.SettingsGroup:
    group = runtime().settings.get(name)
    if group is None:
        raise NotFound()
    uow().actor.must(group.permission)
    return group


def _form(group: registry.SettingsGroup, problem: Invalid | None = None) -> str:
    stored = registry.shown(uow(), group.name)
    values = forms.typed(group.schema, request.form, stored) if problem else stored
    return render_template(
        "admin/plugin.html", group=group, groups=forms.groups(group.schema, values, problem), problem=problem
    )

"""What is known of the plugins: which are on, why others are not, and their faults."""

from __future__ import annotations

from flask import render_template
from sqlalchemy import select

from helpdesk.core.settings.models import Fault
from helpdesk.web import runtime, uow

from .pages import blueprint

SHOWN = 20  # faults of one plugin


@blueprint.get("/plugins")
def plugins():
    """Every plugin with its state, the desk's own last."""
    found: dict[str, list[Fault]] = {}
    for fault in uow().session.scalars(select(Fault).order_by(Fault.last_at.desc())):
        found.setdefault(fault.plugin, []).append(fault)
    rows = sorted(runtime().hooks.plugins.values(), key=lambda plugin: (plugin.builtin, plugin.name))
    return render_template(
        "admin/plugins.html", plugins=rows, faults=found, shown=SHOWN, safe_mode=runtime().config.safe_mode
    )

"""The parts plugins add to the console: panels, columns, tools of the composer. A fault in one is kept against its
plugin; the page goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from flask import Flask, current_app, render_template
from markupsafe import Markup

from helpdesk.api.web import Column, ComposerTool, Panel, Part
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.i18n import gettext
from helpdesk.web import runtime, uow
from helpdesk.web.assets import static_url

HOOKS = ("register_panels", "register_columns", "register_composer_tools")


@dataclass(frozen=True)
class Mounted:
    """A part and the plugin it is of; ``id`` is its name among those of all plugins."""

    plugin: str
    part: Part

    @property
    def id(self) -> str:
        return f"{self.plugin}.{self.part.name}"

    @property
    def title(self) -> str:
        """In the reader's language."""
        return gettext(self.part.title)


@dataclass(frozen=True)
class Shown:
    """A panel as a page shows it."""

    id: str
    title: str
    icon: str
    body: Markup


def parts(kind: type[Part]) -> list[Mounted]:
    """All parts of a kind whose plugin is on and which the acting person may see."""
    on = runtime().hooks.plugins
    found = [
        each
        for each in current_app.extensions["parts"]
        if isinstance(each.part, kind) and on[each.plugin].state == "on"
    ]
    return [each for each in found if not each.part.permission or uow().actor.may(each.part.permission)]


def panels(ticket_id: int, of: str | None = None) -> list[Shown]:
    """The panels of this ticket; only those of one plugin, where it is named."""
    drawn = [
        (each, runtime().hooks.guarded(each.plugin, f"panel {each.part.name}", partial(_panel, each.part, ticket_id)))
        for each in parts(Panel)
        if of in (None, each.plugin)
    ]
    return [Shown(each.id, each.title, each.part.icon, body) for each, body in drawn if body is not None]


def _panel(panel: Panel, ticket_id: int) -> Markup | None:
    shown = panel.load(uow(), ticket_id)
    return None if shown is None else Markup(render_template(panel.template, **shown))


def fill_columns(uow: UnitOfWork, rows: list[dict]) -> list[dict]:
    """Rows with ``columns``: what each column of a plugin says of them, asked for once for all rows; for everybody
    alike.
    """
    if not rows:
        return rows
    ids = [row["id"] for row in rows]
    for each in _columns():
        said = (
            uow.runtime.hooks.guarded(each.plugin, f"column {each.part.name}", partial(each.part.load, uow, ids)) or {}
        )
        for row in rows:
            if row["id"] in said:
                row.setdefault("columns", {})[each.id] = said[row["id"]]
    return rows


def write_columns(row: dict) -> Markup:
    """The columns of a row as its line shows them."""
    said = row.get("columns")
    return Markup("").join(_cell(each, said[each.id]) for each in _columns() if each.id in said) if said else Markup("")


def _cell(each: Mounted, value) -> Markup:
    template = current_app.jinja_env.get_template(each.part.template)
    return Markup(
        runtime().hooks.guarded(
            each.plugin, f"column {each.part.name}", partial(template.render, value=value, title=each.title)
        )
        or ""
    )


def _columns() -> list[Mounted]:
    return [each for each in current_app.extensions["parts"] if isinstance(each.part, Column)]


def files(ending: str) -> Iterable[str]:
    """The addresses of the scripts (``script``) or style sheets (``style``) of all parts, each once."""
    named = [(each.plugin, getattr(each.part, ending)) for each in parts(Part)]
    return dict.fromkeys(static_url(f"x/{plugin}/{name}") for plugin, name in named if name)


def register(app: Flask) -> None:
    """Gather the parts, and let templates of this application ask for them."""
    hooks = app.extensions["runtime"].hooks
    app.extensions["parts"] = [Mounted(plugin, part) for hook in HOOKS for plugin, part in hooks.gather(hook)]
    app.jinja_env.globals.update(
        part_files=files, composer_tools=lambda: parts(ComposerTool), written_columns=write_columns
    )

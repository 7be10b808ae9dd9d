"""Saved replies and macros for whoever answers tickets, in both languages."""

from __future__ import annotations

from helpdesk.api import hookimpl
from helpdesk.api.events import DomainEvent
from helpdesk.api.i18n import _, gettext
from helpdesk.api.jobs import JobKind
from helpdesk.api.permissions import Permission
from helpdesk.api.variables import Variable
from helpdesk.api.web import ComposerTool, DeskPages, Link, Rest

from . import composer, demo, pages, rest, store, tables, variables

API = "1"
DESCRIPTION = _("Saved replies with places for what the desk knows, and macros that answer and act in one step.")
TOOL = ComposerTool(
    name="pick",
    title=_("Saved replies and macros…"),
    icon="bolt",
    modes=("reply", "note", "ticket"),
    script="replies.js",
    style="replies.css",
)


@hookimpl
def register_permissions() -> list[Permission]:
    """Changing what the whole desk uses."""
    return store.PERMISSIONS


@hookimpl
def register_events() -> list[type[DomainEvent]]:
    """A macro, and its undoing."""
    return [tables.MacroApplied, tables.MacroUndone]


@hookimpl
def register_variables() -> list[Variable]:
    """What the desk itself knows."""
    return variables.VARIABLES


@hookimpl
def register_jobs() -> list[JobKind]:
    """Forgetting what was deleted."""
    return [store.FORGET]


@hookimpl
def register_pages() -> list[DeskPages]:
    """The page of saved replies, and what the composer asks for."""
    return [pages.pages, composer.pages]


@hookimpl
def register_rest() -> list[Rest]:
    """The same for programs."""
    return [rest.rest]


@hookimpl
def register_demo(runtime) -> list[dict]:
    """Saved replies for the demo desk; no accounts."""
    demo.fill(runtime)
    return []


@hookimpl
def register_composer_tools() -> list[ComposerTool]:
    """The picker."""
    return [TOOL]


@hookimpl
def menu_links(uow) -> list[Link]:
    """The page of saved replies, for whoever answers."""
    return [Link(gettext("Saved replies"), "/x/replies/", "bolt", go="KeyS")] if uow.actor.may(store.WRITE) else []

"""The training plugin: what it brings to the desk."""

from __future__ import annotations

import click

from helpdesk.api import hookimpl, work
from helpdesk.api.i18n import _, gettext
from helpdesk.api.jobs import JobKind
from helpdesk.api.permissions import Permission
from helpdesk.api.web import DeskPages, Link

from . import bundled, specs
from .cli import training
from .permissions import PERMISSIONS, PRACTISE
from .trainee.pages import pages

API = "1"
SPECS = specs
DESCRIPTION = _("Workshops and role-play for the people behind the desk, with one rubric for practice and real work.")


@hookimpl
def register_permissions() -> list[Permission]:
    """Who takes part, who writes and releases, and who sees what others did."""
    return PERMISSIONS


@hookimpl
def register_commands(cli: click.Group) -> None:
    """``helpdesk training``."""
    cli.add_command(training)


@hookimpl
def register_jobs() -> list[JobKind]:
    """Releasing what comes with the plugin."""
    return [bundled.RELEASE]


@hookimpl
def register_demo(runtime) -> list[dict]:
    """The same at once for the demo desk; no accounts."""
    with runtime.uow(work.plugin_actor("training")) as uow:
        bundled.release(uow)
    return []


@hookimpl
def register_pages() -> list[DeskPages]:
    """What a trainee sees."""
    return [pages]


@hookimpl
def menu_links(uow) -> list[Link]:
    """The list of practices."""
    return [Link(gettext("Training"), "/x/training/", "cap", go="KeyC")] if uow.actor.may(PRACTISE) else []

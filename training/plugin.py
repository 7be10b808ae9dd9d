"""The training plugin: what it brings to the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from helpdesk.api import hookimpl, work
from helpdesk.api.channels import Channel
from helpdesk.api.events import MessageReceived, TicketOpened
from helpdesk.api.i18n import _, gettext
from helpdesk.api.jobs import Every, JobKind
from helpdesk.api.permissions import Permission
from helpdesk.api.web import DeskPages, Link, Panel, Rest
from helpdesk.api.work import UnitOfWork

from . import bundled, specs
from .cli import training
from .console import panel, play, rest
from .console.channel import Practice
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
    """Releasing what comes with the plugin, and the patience of customers in the console."""
    patience = JobKind("training.console", play.sweep, _("Practice customers"), Every(timedelta(seconds=15)), "skip")
    return [bundled.RELEASE, patience]


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
def menu_links(uow: UnitOfWork) -> list[Link]:
    """The list of practices, and that of practice tickets for whoever reads tickets."""
    if not uow.actor.may(PRACTISE):
        return []
    tickets = [Link(gettext("Practice tickets"), "/views/simulated", "target")] if uow.actor.may("tickets.read") else []
    return [Link(gettext("Training"), "/x/training/", "cap", go="KeyC"), *tickets]


@hookimpl
def register_channels() -> list[type[Channel]]:
    """Customers that scenarios play, in the real console."""
    return [Practice]


@hookimpl
def register_panels() -> list[Panel]:
    """What a practice ticket is about, and how it ended."""
    return [Panel(name="practice", title=_("Practice"), icon="cap", template="training/panel.html", load=panel.load)]


@hookimpl
def register_rest() -> list[Rest]:
    """Beginning a practice ticket."""
    return [rest.rest]


@hookimpl
def on_event(event: Any, uow: UnitOfWork) -> None:
    """A practice ticket that was just opened goes to whose run it is; one whose run has ended gets its note."""
    if isinstance(event.event, TicketOpened | MessageReceived):
        play.filed(uow, event.message_id)

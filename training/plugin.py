"""The training plugin: what it brings to the desk."""

from __future__ import annotations

import click

from helpdesk.api import hookimpl
from helpdesk.api.i18n import _

from .cli import training

API = "1"
DESCRIPTION = _("Workshops and role-play for the people behind the desk, with one rubric for practice and real work.")


@hookimpl
def register_commands(cli: click.Group) -> None:
    """``helpdesk training``."""
    cli.add_command(training)

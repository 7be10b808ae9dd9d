"""The training plugin: what it brings to the desk."""

from __future__ import annotations

import click

from helpdesk.api import hookimpl
from helpdesk.api.i18n import _
from helpdesk.api.permissions import Permission

from . import specs
from .cli import training
from .permissions import PERMISSIONS

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

"""The command line of e-mail: bring in mail that lies in files, or one mail that another program hands over."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from helpdesk.api.channels import RawMessage
from helpdesk.api.errors import HelpdeskError, Invalid, Unavailable, _
from helpdesk.api.i18n import render_message

from . import importers

TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h: mail servers keep the mail and come again
COUNTED = ("received", "messages", "tickets", "duplicates", "reports", "quarantined")
NOT_STORED = _(
    "The desk could not store this mail (%(fault)s); please hand it over again later. What is wrong says: "
    "helpdesk doctor"
)
SKIPPED = _("These files do not begin like mail and were left out (%(count)s): %(names)s")
NAMED = 20  # files that are named


@click.group()
def email():
    """Mail from files and from other programs."""


@email.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--account", required=True, help=_("The name of the account the mail belongs to."))
@click.pass_obj
def import_(commands, path, account):
    """Import .eml files, mbox files, Maildir folders, or a folder of them; nothing is imported twice."""
    began = time.monotonic()
    skipped: list[Path] = []
    counts = commands.hand_over(account, importers.raw_messages(path, skipped.append), progress=_progress)
    seconds = round(time.monotonic() - began, 3)
    if skipped:
        names = ", ".join(file.name for file in skipped[:NAMED]) + (", …" if len(skipped) > NAMED else "")
        click.echo(render_message(Invalid(SKIPPED, count=len(skipped), names=names)), err=True)
    click.echo(
        json.dumps({**{name: counts.get(name, 0) for name in COUNTED}, "skipped": len(skipped), "seconds": seconds})
    )


@email.command()
@click.option("--account", required=True, help=_("The name of the account the mail belongs to."))
@click.pass_obj
def pipe(commands, account):
    """Read one mail from standard input; exit code 75 when it could not be stored."""
    raw = importers.read(sys.stdin.buffer)
    try:
        commands.hand_over(account, [RawMessage(uuid4().hex, raw, datetime.now(UTC))], wait=False)
    except Exception as error:
        click.echo(
            render_message(
                error if isinstance(error, HelpdeskError) else Unavailable(NOT_STORED, fault=type(error).__name__)
            ),
            err=True,
        )
        sys.exit(TRY_LATER)


def _progress(done: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done}", nl=False, err=True)

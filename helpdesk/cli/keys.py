"""Exchanging the desk's secret key on the command line."""

from __future__ import annotations

import os
from datetime import timedelta

import click

from helpdesk.config import OLD_KEYS
from helpdesk.core.errors import _
from helpdesk.i18n import render_message
from helpdesk.ops import keys
from helpdesk.runtime import folder_lock

LONGEST = 3650  # days


@click.group("key")
def key():
    """The desk's secret key, which seals stored passwords and signs sessions, links and tokens in mails."""


@key.command("rotate")
@click.option(
    "--accept-old",
    type=click.IntRange(0, LONGEST),
    default=90,
    show_default=True,
    help=_("For how many days what the old key signed stays valid."),
)
@click.pass_obj
def rotate(commands, accept_old):
    """Make a new secret key and seal all stored secrets with it. The desk must be stopped.

    A key that comes from HELPDESK_SECRET_KEY is exchanged there first: the old one goes into HELPDESK_OLD_SECRET_KEYS.
    """
    folder_lock.hold_key(commands.config.data_dir)
    sealed = keys.rotate(commands.runtime, timedelta(days=accept_old))
    _say(_("There is a new secret key; %(anew)s secrets are sealed with it. Please back it up."), sealed)
    if commands.config.key_given:
        _name_variable(_("Now start the desk. Keep %(older)s for as long as what the old key signed is to count."))


@key.command("forget")
@click.pass_obj
def forget(commands):
    """Stop accepting older keys. The desk must be stopped."""
    folder_lock.hold_key(commands.config.data_dir)
    sealed = keys.forget(commands.runtime)
    if os.environ.get(OLD_KEYS):
        _name_variable(_("Nothing needs the older keys any more. Please take %(older)s out of the environment."))
    _say(_("Older keys are forgotten."), sealed)


def _name_variable(sentence: str) -> None:
    click.echo(render_message(sentence, older=OLD_KEYS))


def _say(sentence: str, sealed: keys.Sealed) -> None:
    click.echo(render_message(sentence, anew=sealed.anew))
    if sealed.lost:
        click.echo(
            render_message(
                _("%(lost)s secrets cannot be opened with any key; please enter them again."), lost=sealed.lost
            ),
            err=True,
        )

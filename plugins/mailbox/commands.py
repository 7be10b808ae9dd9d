"""``helpdesk demo live``: a mail every few seconds, so that the queue breathes."""

from __future__ import annotations

import random
import time

import click

from helpdesk.api.errors import Invalid, _
from helpdesk.api.i18n import gettext
from helpdesk.api.settings import is_demo

from . import letters, openings
from .store import Store, header

ANSWERS = 0.35  # the share of mails that answer one of the desk's


@click.group()
def demo():
    """The demo desk."""


@demo.command()
@click.option("--every", default=5.0, show_default=True, help=_("Seconds between two mails, on average."))
@click.option("--count", default=0, help=_("Stop after so many; 0 goes on until interrupted."))
@click.pass_obj
def live(commands, every, count):
    """Let customers write every few seconds, through the desk's own listener."""
    if not is_demo(commands.config):
        raise Invalid(
            _("This desk is no demo. Make one in a folder of its own: HELPDESK_DATA_DIR=demo helpdesk init --demo")
        )
    store, chance, sent = Store(commands.config.data_dir), random.Random(), 0
    while not count or sent < count:
        mail = _next(store, chance)
        store.keep(letters.send(mail), came=False)
        click.echo(f"{header(mail, 'From')}: {header(mail, 'Subject')}")
        sent += 1
        if sent != count:
            time.sleep(chance.uniform(0.5, 1.5) * every)
    click.echo(gettext("Done."))


def _next(store: Store, chance: random.Random):
    """A new mail, or an answer to one of the desk's that nobody has answered yet."""
    waiting = _unanswered(store) if chance.random() < ANSWERS else []
    if waiting:
        mail = chance.choice(waiting)
        return letters.answer(mail, openings.thanks(chance, bool(letters.PERSIAN.search(letters.plain_text(mail)))))
    name, address, subject, text = openings.letter(chance)
    return letters.compose(name, address, subject, text)


def _unanswered(store: Store) -> list:
    lines = store.lines()
    answered = {header(store.read(line.key), "In-Reply-To") for line in lines if not line.came}
    mails = [store.read(line.key) for line in lines if line.came]
    return [mail for mail in mails if not mail["Auto-Submitted"] and header(mail, "Message-ID") not in answered]

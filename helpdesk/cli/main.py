"""The command line ``helpdesk``: starting the desk, and everything an operator does without a browser."""

from __future__ import annotations

import json
import sys
from functools import cached_property

import click
from sqlalchemy import select

from . import migrate, operations, supervisor
from .app import build_house, learn_sentences
from .config import Config, from_environment
from .core import accounts, teams, users
from .core.errors import HelpdeskError, Invalid, _
from .core.house import House
from .core.models import ROLES, Account, Queue
from .handover import hand_over
from .language import gettext, retell, say
from .migrate import upgrade
from .passwords import hash_password
from .spoken import operator, speak_to, translate


TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h


class Commands:
    """What commands share: the house, built when first needed. Plugins' commands get it with ``click.pass_obj``."""

    @cached_property
    def config(self) -> Config:
        return from_environment()

    @cached_property
    def house(self) -> House:
        return build_house(self.config)

    def hand_over(self, account: str, parcels, wait: bool = True, progress=lambda done: None) -> dict:
        """See ``helpdesk.handover.hand_over``."""
        return hand_over(self.house, account, parcels, wait, progress)

    def accounts(self, channel: str) -> list[Account]:
        """The accounts of a channel, by name."""
        with self.house.desk() as desk:
            return list(desk.session.scalars(select(Account).where(Account.channel == channel).order_by(Account.name)))


class SentenceGroup(click.Group):
    """Errors of ours are one sentence on standard error, never a traceback."""

    def invoke(self, context):
        try:
            return super().invoke(context)
        except HelpdeskError as error:
            click.echo(say(error), err=True)
            for name, sentence in getattr(error, "fields", {}).items():
                click.echo(f"  {name}: {retell(sentence)}", err=True)
            sys.exit(1)

    def resolve_command(self, context, args):
        """A command nobody knows may be one of a plugin that is off today: a program that runs it should come again."""
        try:
            return super().resolve_command(context, args)
        except click.UsageError as error:
            error.exit_code = TRY_LATER
            raise


@click.group(cls=SentenceGroup)
@click.pass_context
def cli(context):
    """Hamdel: a helpdesk that also trains the people behind it."""
    context.obj = context.obj or Commands()


@cli.command()
@click.option("--demo", is_flag=True, help=_("Add the demo desk: staff, queues and a week of tickets."))
@click.pass_obj
def init(commands, demo):
    """Make the database, or bring it up to date."""
    upgrade(commands.house)
    if demo:
        from .demo import make_demo

        for line in make_demo(commands.house):
            click.echo(line)


@cli.group()
def user():
    """People who work here."""


@user.command("add")
@click.argument("email")
@click.option("--name", default="")
@click.option("--role", type=click.Choice(ROLES), default="agent")
@click.option("--language", type=click.Choice(["en", "fa"]), default="en")
@click.password_option()
@click.pass_obj
def user_add(commands, email, name, role, language, password):
    """Add somebody."""
    with commands.house.desk() as desk:
        users.add(desk, email, name, role, hash_password(password), language)


@user.command("password")
@click.argument("email")
@click.password_option()
@click.pass_obj
def user_password(commands, email, password):
    """Set somebody's password; all their sessions end."""
    with commands.house.desk() as desk:
        users.set_password(desk, _user(desk, email).id, hash_password(password))


@cli.group()
def token():
    """Bearer tokens for the API."""


@token.command("add")
@click.option("--user", "email", required=True)
@click.option("--name", default="command line")
@click.pass_obj
def token_add(commands, email, name):
    """Print a new token, and nothing else."""
    with commands.house.desk() as desk:
        click.echo(users.add_token(desk, _user(desk, email).id, name))


@cli.group()
def account():
    """Accounts: addresses of ours on a channel."""


@account.command("add")
@click.argument("channel")
@click.argument("name")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE")
@click.option("--queue", "queue_name", default=None, help=_("The queue new tickets begin in; the first one when left out."))
@click.pass_obj
def account_add(commands, channel, name, settings, queue_name):
    """Add an account, with the settings of its channel."""
    given = dict(pair.partition("=")[::2] for pair in settings)
    with commands.house.desk() as desk:
        row = accounts.create(desk, channel, name, given, _queue(desk, queue_name).id)
        click.echo(json.dumps({"id": row.id, "name": row.name, "channel": row.channel}))


@cli.group("plugins", invoke_without_command=True)
@click.pass_context
def plugins_group(context):
    """Every plugin, whether it is on, what it does or why not."""
    if context.invoked_subcommand is None:
        list_plugins(context.obj)


@plugins_group.command("purge")
@click.argument("name")
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_obj
def purge_plugin(commands, name, yes):
    """Delete everything that a plugin which is off or gone has left: tables, settings, jobs."""
    tables = [table.name for table in migrate.leftovers(commands.house, name)]
    question = say(_("Delete %(tables)s and all settings of %(name)s for good?"), tables=", ".join(tables) or "–", name=name)
    if yes or click.confirm(question):
        migrate.purge(commands.house, name)
        click.echo(say(_("Nothing of %(name)s is left."), name=name))


def list_plugins(commands):
    """Print every plugin."""
    for plugin in sorted(commands.house.hooks.plugins.values(), key=lambda p: (not p.builtin, p.name)):
        click.echo(f"{plugin.name:16} {plugin.state:8} {retell(plugin.reason) or gettext(plugin.description)}")


def _user(desk, email: str):
    found = users.by_email(desk.session, email)
    if found is None:
        raise Invalid(_("Nobody signs in with %(email)s."), email=email)
    return found


def _queue(desk, name: str | None) -> Queue:
    query = select(Queue).order_by(Queue.id).limit(1)
    queue = desk.session.scalar(query.where(Queue.name == name) if name else query)
    if queue is not None:
        return queue
    if name:
        raise Invalid(_("There is no queue named %(name)s."), name=name)
    team = teams.add_team(desk, "Support")
    return teams.add_queue(desk, "Support", [team.id])


operations.register(cli)
supervisor.register(cli)


def add_plugin_commands(config: Config) -> None:
    """Let every plugin that is on add its commands."""
    from .plugins import Hooks

    if config.safe_mode:
        return
    hooks = Hooks()
    hooks.load(config.plugins)
    learn_sentences(hooks)
    hooks.gather("register_commands", cli=cli)


def _configured() -> Config:
    """What the environment says; a sentence and the end where it makes no sense, since no command can do without."""
    try:
        return from_environment()
    except HelpdeskError as error:
        click.echo(say(error), err=True)
        sys.exit(TRY_LATER)


def main() -> None:
    """The whole command line, plugins' commands included. What the machine or its settings refuse may work later: exit code 75."""
    speak_to(operator())
    try:
        config = _configured()
        try:
            add_plugin_commands(config)
        except HelpdeskError as error:
            click.echo(say(error), err=True)
        translate(cli)
        cli(prog_name="helpdesk")
    except OSError as error:
        click.echo(str(error), err=True)
        sys.exit(TRY_LATER)

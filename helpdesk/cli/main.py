"""The command line ``helpdesk``: starting the desk, and everything an operator does without a browser."""

from __future__ import annotations

import sys
from datetime import UTC
from functools import cached_property

import click
from sqlalchemy import select

from helpdesk.app import build_runtime, learn_sentences
from helpdesk.config import Config, from_environment
from helpdesk.core.accounts import accounts, activation
from helpdesk.core.accounts.models import Account
from helpdesk.core.errors import HelpdeskError, Invalid, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.core.people.models import Queue
from helpdesk.core.permissions import ROLES
from helpdesk.core.runtime import Runtime
from helpdesk.i18n import gettext, render_message, render_stored
from helpdesk.ops import migrate
from helpdesk.ops.migrate import upgrade
from helpdesk.runtime import supervisor
from helpdesk.runtime.intake_socket import hand_over
from helpdesk.security.passwords import hash_password

from . import operator as operator_
from .channel import channel
from .i18n import operator, speak_to, translate
from .keys import key

TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h


class Commands:
    """What commands share: the runtime, built when first needed. Plugins' commands get it with ``click.pass_obj``."""

    @cached_property
    def config(self) -> Config:
        return from_environment()

    @cached_property
    def runtime(self) -> Runtime:
        return build_runtime(self.config)

    def hand_over(self, account: str, raw_messages, wait: bool = True, progress=lambda done: None) -> dict:
        """See ``helpdesk.runtime.intake_socket.hand_over``."""
        return hand_over(self.runtime, account, raw_messages, wait, progress)

    def accounts(self, channel: str) -> list[Account]:
        """The accounts of a channel, by name."""
        with self.runtime.uow() as uow:
            return list(uow.session.scalars(select(Account).where(Account.channel == channel).order_by(Account.name)))


class SentenceGroup(click.Group):
    """Errors of ours are one sentence on standard error, never a traceback."""

    def invoke(self, context):
        try:
            return super().invoke(context)
        except HelpdeskError as error:
            click.echo(render_message(error), err=True)
            for name, sentence in getattr(error, "fields", {}).items():
                click.echo(f"  {name}: {render_stored(sentence)}", err=True)
            sys.exit(1)
        except UnicodeEncodeError:  # bytes of the terminal that are no text
            click.echo(gettext("This text holds half a character. Please type it again."), err=True)
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
    """Create the database, or upgrade it."""
    upgrade(commands.runtime)
    if demo:
        from helpdesk.demo import make_demo

        for line in make_demo(commands.runtime):
            click.echo(line)


@cli.group()
def user():
    """People who sign in."""


@user.command("add")
@click.argument("email")
@click.option("--name", default="")
@click.option("--role", type=click.Choice(ROLES), default="agent")
@click.option("--language", type=click.Choice(["en", "fa"]), default="en")
@click.password_option()
@click.pass_obj
def user_add(commands, email, name, role, language, password):
    """Add somebody."""
    with commands.runtime.uow() as uow:
        users.add(uow, email, name, role, hash_password(password), language)


@user.command("password")
@click.argument("email")
@click.password_option()
@click.option("--revoke-tokens", is_flag=True, help=_("Revoke all their API tokens, too."))
@click.pass_obj
def user_password(commands, email, password, revoke_tokens):
    """Set a person's password and end all their sessions."""
    with commands.runtime.uow() as uow:
        users.set_password(uow, _user(uow, email).id, hash_password(password), revoke_tokens)


@cli.group()
def token():
    """Bearer tokens for the API."""


@token.command("add")
@click.option("--user", "email", required=True)
@click.option("--name", default="command line")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help=_("A permission, such as tickets.read; may be repeated. Without it, all of them."),
)
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help=_("When it expires, in UTC. Without it, never."),
)
@click.pass_obj
def token_add(commands, email, name, scopes, expires):
    """Print a new token, and nothing else."""
    with commands.runtime.uow() as uow:
        user_id, end = _user(uow, email).id, expires and expires.replace(tzinfo=UTC)
        click.echo(api_tokens.add_token(uow, user_id, name, scopes or None, end))


@cli.group()
def account():
    """Accounts: addresses of ours on a channel."""


@account.command("add")
@click.argument("channel")
@click.argument("name")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE")
@click.option("--queue", "queue_name", default=None, help=_("The queue for new tickets; the first one when left out."))
@click.pass_obj
def account_add(commands, channel, name, settings, queue_name):
    """Add an account, with the settings of its channel; its id is printed."""
    given = dict(pair.partition("=")[::2] for pair in settings)
    with commands.runtime.uow() as uow:
        row = accounts.create(uow, channel, name, given, _queue(uow, queue_name).id)
        active = activation.follow(uow, row)
        click.echo(row.id)
        if not active:
            fault = render_stored(accounts.get(uow, row.id).fault)
            sentence = _("The account is there, but it could not be activated: %(fault)s")
            raise click.ClickException(render_message(sentence, fault=fault))


@cli.group("plugins", invoke_without_command=True)
@click.pass_context
def plugins_group(context):
    """List plugins: whether each is on, what it does, or why it is off."""
    if context.invoked_subcommand is None:
        list_plugins(context.obj)


@plugins_group.command("purge")
@click.argument("name")
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_obj
def purge_plugin(commands, name, yes):
    """Delete what a plugin that is off or gone has left: tables, settings, jobs."""
    tables = [table.name for table in migrate.leftovers(commands.runtime, name)]
    question = render_message(
        _("Delete %(tables)s and all settings of %(name)s for good?"), tables=", ".join(tables) or "–", name=name
    )
    if yes or click.confirm(question):
        migrate.purge(commands.runtime, name)
        click.echo(render_message(_("Nothing of %(name)s is left."), name=name))


def list_plugins(commands):
    """Print every plugin."""
    for plugin in sorted(commands.runtime.hooks.plugins.values(), key=lambda p: (not p.builtin, p.name)):
        click.echo(f"{plugin.name:16} {plugin.state:8} {render_stored(plugin.reason) or gettext(plugin.description)}")


def _user(uow: UnitOfWork, email: str):
    found = users.by_email(uow.session, email)
    if found is None:
        raise Invalid(_("Nobody signs in with %(email)s."), email=email)
    return found


def _queue(uow: UnitOfWork, name: str | None) -> Queue:
    query = select(Queue).order_by(Queue.id).limit(1)
    queue = uow.session.scalar(query.where(Queue.name == name) if name else query)
    if queue is not None:
        return queue
    if name:
        raise Invalid(_("There is no queue named %(name)s."), name=name)
    team = teams.add_team(uow, "Support")
    return teams.add_queue(uow, "Support", [team.id])


cli.add_command(channel)
cli.add_command(key)
operator_.register(cli)
supervisor.register(cli)


def add_plugin_commands(config: Config) -> None:
    """Let every plugin that is on add its commands."""
    from helpdesk.hooks.loader import Hooks

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
        click.echo(render_message(error), err=True)
        sys.exit(TRY_LATER)


def main() -> None:
    """The whole command line, plugins' commands included. What the machine or its settings refuse may work later:
    exit code 75.
    """
    speak_to(operator())
    try:
        config = _configured()
        try:
            add_plugin_commands(config)
        except HelpdeskError as error:
            click.echo(render_message(error), err=True)
        translate(cli)
        cli(prog_name="helpdesk")
    except OSError as error:
        click.echo(str(error), err=True)
        sys.exit(TRY_LATER)

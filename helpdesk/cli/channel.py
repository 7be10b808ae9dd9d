"""``helpdesk channel check``: the contract of channels, given for a channel that is installed here."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

import click

from helpdesk.core.channels.types import Channel
from helpdesk.core.errors import Invalid, _
from helpdesk.i18n import ngettext, render_message

MARKS = {"proved": "✓", "undeclared": "–", "left out": "○", "failed": "✗"}


@click.group()
def channel():
    """Channels, by which customers reach the desk."""


@channel.command()
@click.argument("name")
@click.pass_obj
def check(commands, name):
    """Test an installed channel against the contract on a small desk of its own; exit code 1 when it fails."""
    from helpdesk.testing.run import proofs

    kind = commands.runtime.channels.get(name)
    if kind is None:
        known = ", ".join(sorted(commands.runtime.channels))
        raise Invalid(
            _("No plugin that is switched on brings a channel named %(name)s; there are: %(known)s."),
            name=name,
            known=known,
        )
    found = []
    for proof in proofs(contract_of(kind)):
        found.append(proof)
        click.echo(f"{MARKS[proof.state]} {proof.name}" + (f"\n    {proof.told}" if proof.told else ""))
    sys.exit(_summed_up(found))


def contract_of(kind: type[Channel]) -> type:
    """The contract that stands beside a channel, in a module ``contract`` of its package (``<module>_contract`` for a
    module alone); without one, only what needs neither samples nor a stand-in is proved.
    """
    from helpdesk.testing import ChannelContract

    package, _dot, module = kind.__module__.rpartition(".")
    place = f"{package}.contract" if package else f"{module}_contract"
    if find_spec(place) is None:
        click.echo(
            render_message(
                _("There is no module %(name)s with samples and a stand-in, so most is left out."), name=place
            )
        )
        return type("Contract", (ChannelContract,), {"channel": kind})
    known = vars(import_module(place)).values()
    written = [one for one in known if isinstance(one, type) and issubclass(one, ChannelContract)]
    for contract in written:
        if getattr(contract, "channel", None) is kind:
            return contract
    raise Invalid(_("The module %(name)s has no ChannelContract for this channel."), name=place)


def _summed_up(found: list) -> int:
    count = {state: sum(proof.state == state for proof in found) for state in MARKS}
    click.echo("")
    click.echo(ngettext("%(num)s proof given", "%(num)s proofs given", count["proved"]))
    if count["undeclared"]:
        click.echo(
            ngettext(
                "%(num)s not needed: the channel does not declare it",
                "%(num)s not needed: the channel does not declare them",
                count["undeclared"],
            )
        )
    if count["left out"]:
        click.echo(ngettext("%(num)s left out", "%(num)s left out", count["left out"]))
    if count["failed"]:
        click.echo(ngettext("%(num)s failed", "%(num)s failed", count["failed"]))
    return int(count["failed"] > 0)

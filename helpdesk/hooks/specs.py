"""Every hook of the desk: when it is called, what it is given, what it returns, and what happens if it fails.

The name says how a hook is called. ``register_*`` gathers at start-up: a fault stops the start and names the plugin.
``filter_*`` is a pipe: each plugin gets what the one before returned; a fault is kept against the plugin and its step
skipped. ``identify_*``, ``match_*`` and ``route_*`` ask: the first answer that is not None wins, built-ins come last; a
fault counts as None. ``on_*`` and what adds to a page announce: everybody is called, a fault concerns nobody else.
Plugins never run while the write lock is held; each call has a deadline (law 5 of the tour).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from helpdesk.core.channels.channel_events import Inbound, Report
from helpdesk.core.channels.outbound import Outbound
from helpdesk.core.channels.types import AccountView
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .markers import hookspec


@hookspec
def register_channels() -> list[Any] | None:
    """At start-up. Return a list of Channel classes; two of one name stop the start."""


@hookspec
def register_permissions() -> list[Any] | None:
    """At start-up. Return a list of Permission, named after this plugin; an admin always has them."""


@hookspec
def register_settings() -> list[Any] | None:
    """At start-up. Return a list of SettingsGroup: a marshmallow schema each, with a page in the administration."""


@hookspec
def register_conditions() -> list[Any] | None:
    """At start-up. Return a list of Condition: what list views and rules can ask of a ticket, in SQL and of one
    change.
    """


@hookspec
def register_actions() -> list[Any] | None:
    """At start-up. Return a list of Action: what rules and macros can do to a ticket, as steps of one commit."""


@hookspec
def register_checks() -> list[Any] | None:
    """At start-up. Return a list of Check: ``helpdesk doctor`` and ``/readyz`` ask them, and say what to do about
    what is wrong.
    """


@hookspec
def register_metrics() -> list[Any] | None:
    """At start-up. Return a list of Metric: gauges of ``/metrics``, read when somebody asks for them."""


@hookspec
def register_events() -> list[Any] | None:
    """At start-up. Return a list of DomainEvent subclasses: the kinds of events this plugin records, named after it."""


@hookspec
def register_variables() -> list[Any] | None:
    """At start-up. Return a list of ``api.variables.Variable``: what texts written beforehand may say of a ticket; two
    of one name stop the start.
    """


@hookspec
def register_clocks() -> list[Any] | None:
    """At start-up. Return a list of ``api.sla.ClockKind``: clocks of tickets, with what starts, pauses and ends
    each.
    """


@hookspec
def register_business_hours() -> list[Any] | None:
    """At start-up. Return a list with one ``api.sla.BusinessHours``: calendars that accounts and pages of other plugins
    may follow.
    """


@hookspec
def register_waiting_kinds() -> list[Any] | None:
    """At start-up. Return a list of ``api.waiting.WaitingKind``: people who wait to be served at once, such as callers,
    named as the plugin.
    """


@hookspec
def register_pages() -> list[Any] | None:
    """At start-up of the web process. Return a list of ``api.web.DeskPages`` and ``PublicPages``, named as the
    plugin or ``<plugin>_…``.
    """


@hookspec
def register_rest() -> list[Any] | None:
    """At start-up of the web process. Return a list of ``api.web.Rest``; its operations are at
    ``/api/v1/x/<plugin>/``.
    """


@hookspec
def register_namespaces() -> list[Any] | None:
    """At start-up of the web process. Return a list with one ``api.live.Namespace``: what pages may say over a
    socket at ``/x/<plugin>``.
    """


@hookspec
def register_public_sockets() -> list[Any] | None:
    """At start-up of the web process. Return a list with one ``api.live.PublicSockets``: a second Socket.IO server on
    a path of the plugin's, for visitors of other sites.
    """


@hookspec
def register_panels() -> list[Any] | None:
    """At start-up of the web process. Return a list of ``api.web.Panel``: they stand beside the conversation."""


@hookspec
def register_columns() -> list[Any] | None:
    """At start-up of the web process. Return a list of ``api.web.Column``: what a row of a list says besides."""


@hookspec
def register_composer_tools() -> list[Any] | None:
    """At start-up of the web process. Return a list of ``api.web.ComposerTool``: buttons where messages are written."""


@hookspec
def register_commands(cli: Any) -> None:
    """At start-up of the command line. ``cli`` is the click group ``helpdesk``; add commands or groups to it."""


@hookspec
def register_jobs() -> list[Any] | None:
    """At start-up. Return a list of JobKind: leased rows, run at a moment, every so often or by cron, retried, at least
    once.

    A function ``job(runtime, stopping)`` is a service instead: the worker runs it in a thread of its own until the
    event ``stopping`` is set, and begins it again a second after a fault.
    """


@hookspec
def register_demo(runtime: Any) -> list[Any] | None:
    """Before the demo desk is filled. Return a list of accounts {channel, name, address, settings} its customers
    write to; write what else is yours.
    """


@hookspec
def register_own_ports(runtime: Any) -> list[int] | None:
    """At start-up. Return the ports of 127.0.0.1 at which the plugin itself serves something that accounts call, such
    as a provider's stand-in: outgoing HTTP may reach these, although addresses of this machine are closed to it.
    """


@hookspec
def filter_inbound(inbound: Inbound, account: AccountView) -> Inbound | None:
    """Before a message is matched, without the write lock. ``account`` is an AccountView without secrets.

    Return the Inbound to go on with, or None to leave it as it is. A message is never dropped here.
    """


@hookspec
def on_report(report: Report, account: AccountView) -> None:
    """A provider told what became of something the desk did, before it is entered, without the write lock. ``details``
    of the report are what the channel told besides; a report that names nothing is entered nowhere else.
    """


@hookspec
def identify_customer(inbound: Inbound, account: AccountView, session: Session) -> int | None:
    """Whose message is this? ``session`` reads only. Return a customer id, or None to let the desk go by the
    sender's address.
    """


@hookspec
def match_ticket(inbound: Inbound, account: AccountView, session: Session) -> int | None:
    """Which ticket does this belong to? ``session`` reads only. Return a ticket id, or None to let the desk go by
    its evidence.
    """


@hookspec
def route_ticket(inbound: Inbound, account: AccountView, session: Session) -> int | None:
    """In which queue does a new ticket begin? ``session`` reads only. Return a queue id or None; the built-in answer
    is the account's queue.
    """


@hookspec
def filter_outbound(outbound: Outbound, account: AccountView) -> Outbound | None:
    """Before a message is handed to its channel, without the write lock. Return the Outbound to go on with, or None to
    leave it.

    ``external_id`` and ``to`` stay as they were.
    """


@hookspec
def on_event(event: Any, uow: UnitOfWork) -> None:
    """After the commit, from the journal, at least once for each event and in order. ``uow`` is a unit of work of the
    plugin's own.

    ``event`` has ``seq kind at actor ticket_id message_id data`` and, as ``event.event``, the dataclass of its kind. A
    fault is kept against the plugin and the next event comes.
    """


@hookspec
def export_customer(customer_id: Any, uow: UnitOfWork) -> list[Any] | None:
    """When a customer's data is exported. Return plain JSON of what this plugin knows of them, or None."""


@hookspec
def erase_customer(customer_id: Any, uow: UnitOfWork) -> None:
    """When a customer is erased, in a job. Delete what this plugin knows of them; a fault brings the job back until
    it works.
    """


@hookspec
def on_customers_merged(source_id: Any, target_id: Any, uow: UnitOfWork) -> None:
    """After two customers became one, from the journal, at least once. What was ``source_id``'s is ``target_id``'s
    now.
    """


@hookspec
def menu_links(uow: UnitOfWork) -> list[Any] | None:
    """While a page is made, for ``uow.actor``. Return a list of ``api.web.Link`` for the navigation."""

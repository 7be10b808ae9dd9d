"""Customers rate how they were helped: every hook of the desk and every module of its API in one plugin of its own
package.
"""

from __future__ import annotations

from helpdesk.api import hookimpl
from helpdesk.api.i18n import _

from . import data, jobs, pages, parts, slips, tables

API = "1"
DESCRIPTION = _("Lets customers rate how they were helped, with one to five stars.")


@hookimpl
def register_channels():
    """Slips of paper."""
    return [slips.Slips]


@hookimpl
def register_events():
    """A rating."""
    return [tables.Rated]


@hookimpl
def register_permissions():
    """Seeing ratings, and rating in a customer's name."""
    return pages.PERMISSIONS


@hookimpl
def register_settings():
    """How long a link is valid."""
    return [pages.GROUP]


@hookimpl
def register_conditions():
    """By stars, which only the database knows, and by age, which every change tells."""
    return [parts.AT_LEAST, parts.YOUNG]


@hookimpl
def register_actions():
    """Giving stars."""
    return [parts.GIVE]


@hookimpl
def register_clocks():
    """Of the rating that a solved ticket waits for."""
    return [tables.CLOCK]


@hookimpl
def register_business_hours():
    """When somebody reads slips."""
    return [data.HOURS]


@hookimpl
def register_waiting_kinds():
    """Unhappy customers."""
    return [data.UNHAPPY]


@hookimpl
def register_variables():
    """The stars a ticket was given."""
    return [parts.STARS]


@hookimpl
def register_jobs():
    """The averages."""
    return [jobs.TALLY]


@hookimpl
def register_commands(cli):
    """``helpdesk stars slip``."""
    cli.add_command(jobs.stars)


@hookimpl
def register_pages():
    """For agents and for customers."""
    return [pages.desk, pages.public]


@hookimpl
def register_rest():
    """Ratings for programs."""
    return [pages.rest]


@hookimpl
def register_namespaces():
    """Links for the composer, news of ratings."""
    return [parts.NAMESPACE]


@hookimpl
def register_public_sockets():
    """Customers who rate from a page of their own."""
    return [parts.SOCKETS]


@hookimpl
def register_panels():
    """The rating beside the conversation."""
    return [parts.PANEL]


@hookimpl
def register_columns():
    """The stars in every list."""
    return [parts.COLUMN]


@hookimpl
def register_composer_tools():
    """A link for the customer."""
    return [parts.TOOL]


@hookimpl
def menu_links(uow):
    """The page of agents."""
    return parts.menu(uow)


@hookimpl
def register_demo():
    """Nothing: the demo's customers write no slips."""
    return []


@hookimpl
def register_own_ports():
    """None: slips come from people."""
    return []


@hookimpl
def filter_inbound(inbound):
    """Slips lose their mark."""
    return slips.without_mark(inbound)


@hookimpl
def filter_outbound(outbound):
    """Answers to slips get it."""
    return slips.with_mark(outbound)


@hookimpl
def on_report(report):
    """Slips come back with nothing to tell."""


@hookimpl
def identify_customer(inbound):
    """Whoever the address says."""
    return None


@hookimpl
def match_ticket(inbound, session):
    """The ticket of a rating whose number stands on the slip."""
    return slips.rated_before(inbound, session)


@hookimpl
def route_ticket():
    """Where the account says."""
    return None


@hookimpl
def on_event(event, uow):
    """The board on the wall shows the newest stars; a single one calls for help."""
    if isinstance(event.event, tables.Rated):
        data.tell_board(uow, event.event.stars)
        data.call_for_help(uow, event.ticket_id, event.event.stars)


@hookimpl
def on_customers_merged():
    """Ratings are of tickets, which go to the other customer by themselves."""


@hookimpl
def export_customer(customer_id, uow):
    """Stars and words."""
    return data.export(uow, customer_id)


@hookimpl
def erase_customer(customer_id, uow):
    """The words."""
    data.erase(uow, customer_id)


@hookimpl
def register_metrics():
    """Ratings by stars."""
    return [data.METRIC]


@hookimpl
def register_checks():
    """Whether the board can be told."""
    return [data.CHECK]

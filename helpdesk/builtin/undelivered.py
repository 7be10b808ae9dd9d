"""Marks in lists the tickets whose last answer did not reach the customer."""

from helpdesk.api import hookimpl
from helpdesk.api.i18n import _
from helpdesk.api.messages import undelivered
from helpdesk.api.web import Column

DESCRIPTION = _("Marks tickets in lists whose last answer did not reach the customer.")


@hookimpl
def register_columns() -> list[Column]:
    """A small sign on the row."""
    load = lambda uow, ticket_ids: dict.fromkeys(undelivered(uow, ticket_ids), True)
    return [Column(name="undelivered", title=_("Not delivered"), template="undelivered/cell.html", load=load)]

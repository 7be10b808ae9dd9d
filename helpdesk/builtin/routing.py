"""Where a new ticket begins when no plugin knows better: in the queue of the account it came to."""

from helpdesk.core.errors import _
from helpdesk.core.hookspecs import hookimpl
from helpdesk.core.models import Account

DESCRIPTION = _("Puts new tickets into the queue of the account they came to.")


@hookimpl
def route_ticket(account, session):
    """The account's own queue."""
    row = session.get(Account, account.id)
    return row.queue_id if row else None

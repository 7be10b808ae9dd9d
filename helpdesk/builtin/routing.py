"""Where a new ticket begins when no plugin knows better: in the queue of the account it came to."""

from helpdesk.core.accounts.models import Account
from helpdesk.core.errors import _
from helpdesk.hooks.specs import hookimpl

DESCRIPTION = _("Puts new tickets into the queue of the account they came to.")


@hookimpl
def route_ticket(account, session):
    """The account's own queue."""
    row = session.get(Account, account.id)
    return row.queue_id if row else None

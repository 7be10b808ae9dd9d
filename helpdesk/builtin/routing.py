"""Where a new ticket begins when no plugin knows better: in the queue of the account it came to."""

from helpdesk.api import hookimpl
from helpdesk.api.i18n import _

DESCRIPTION = _("Puts new tickets into the queue of the account they came to.")


@hookimpl
def route_ticket(account):
    """The account's own queue."""
    return account.queue_id

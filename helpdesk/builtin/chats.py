"""A chat whose channel has no threads: what somebody writes joins the ticket of theirs that is still open."""

from helpdesk.api import hookimpl
from helpdesk.api.channels import AccountView, Inbound
from helpdesk.api.i18n import _
from helpdesk.api.tickets import open_ticket_of

DESCRIPTION = _("Keeps together what somebody writes by text message, where nothing says what belongs together.")


@hookimpl
def match_ticket(inbound: Inbound, account: AccountView, session) -> int | None:
    """The newest open ticket on which the sender takes part by this account; only for what names neither thread nor
    message.
    """
    named = inbound.thread or inbound.references or inbound.tokens
    if not account.interactive or named or inbound.automatic or inbound.authentic is False:
        return None
    return open_ticket_of(session, account.id, inbound.sender)

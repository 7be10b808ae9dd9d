"""One event of a visitor's page: who it is from, what it said, and the codes of what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from helpdesk.api import accounts, live
from helpdesk.api.accounts import Account
from helpdesk.api.errors import HelpdeskError
from helpdesk.api.i18n import _, gettext, reading
from helpdesk.api.work import UnitOfWork

from . import items, state
from .languages import reader
from .tables import Visitor

SENTENCES = {
    "too_long": _("This is too long. Please send it in parts."),
    "empty": _("Please write something first."),
    "questions": _("Please answer the questions first."),
    "slow_down": _("That was too much at once. Please wait a little."),
    "unknown": _("This message can no longer be changed."),
    "blocked": _("This chat is not available."),
    "code": _("This code is not right, or it is over."),
    "address": _("Please check the address."),
    "identity": _("The site could not prove who you are."),
    "not_now": _("This is not possible at the moment."),
    "refused": _("This is not possible at the moment."),
    "files": _("These files cannot be sent here."),
    "unavailable": _("It could not be kept. Please try again."),
}
Data = dict[str, Any]


class Problem(HelpdeskError):
    """What a page is told instead of an answer."""

    def __init__(self, code: str, after: int = 0, **fields: str):
        super().__init__(SENTENCES[code])
        self.code, self.after, self.given = code, after, fields

    def told(self) -> Data:
        """As the protocol has it, in the current language."""
        more = ({"after": self.after} if self.after else {}) | ({"fields": self.given} if self.given else {})
        return {"error": self.code, "sentence": gettext(self.sentence), **more}


class Page:
    """One event of a page: who it is from, on which account, and what it said."""

    def __init__(self, uow: UnitOfWork, visit: live.Visit, visitor: Visitor, account: Account, data: Data):
        self.uow, self.visit, self.visitor, self.account, self.data = uow, visit, visitor, account, data

    def state(self) -> Data:
        """The state, as most events answer."""
        return {"state": state.of(self.uow, self.account, self.visitor)}

    def tell_state(self) -> Data:
        """The same, and every other page of the visitor hears it, too."""
        answer = self.state()
        items.tell(self.uow, self.visitor, "state", answer["state"])
        return answer


def signal(uow: UnitOfWork, visitor: Visitor, kind: str) -> None:
    """Show the agents who look at the visitor's ticket what they do."""
    if visitor.ticket_id:
        live.signal(uow, visitor.account_id, visitor.thread, kind)


def event(function: Callable[[Page], Data]) -> Callable[[UnitOfWork, live.Visit, Data], Data]:
    """A handler of the socket made of a function of the page; whoever's proof was voided meanwhile is refused, and
    everybody once the account is off.
    """

    @wraps(function)
    def handle(uow: UnitOfWork, visit: live.Visit, data: Data) -> Data:
        number, public = visit.state
        visitor = uow.session.get(Visitor, number, populate_existing=True)
        with reading(reader(visit.language)):
            if visitor is None or visitor.public != public:
                return Problem("refused").told()
            account = accounts.get(uow, visit.account_id)
            if not account.active:
                return Problem("blocked").told()
            try:
                return function(Page(uow, visit, visitor, account, data))
            except Problem as problem:
                return problem.told()

    return handle

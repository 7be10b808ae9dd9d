"""The payload of a change for a console: by what its person sees, with the row's line in their language and digits."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from flask import Flask

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets.standings import Change, lists, order
from helpdesk.i18n import LOCALES, Reader, reading
from helpdesk.web.kit.parts import fill_columns
from helpdesk.web.queue.rows import ticket_row


def variant_of(reader: Reader) -> str:
    """What two readers of the same line have in common."""
    return f"{reader.language}.{reader.digits}"


class Payloads:
    """Makes them."""

    def __init__(self, app: Flask):
        self.app = app

    def complete(self, uow: UnitOfWork, changes: Iterable[Change]) -> None:
        """Let plugins' columns say what they know of the changed rows, once for all of them."""
        with self.app.app_context():
            fill_columns(uow, list({change.ticket: change.row for change in changes}.values()))

    def of(
        self,
        change: Change,
        queues: Collection[int],
        user: int | None,
        variant: str,
        view: int = 0,
        stands: bool = False,
    ) -> dict | None:
        """``changed`` for who sees the ticket now, ``gone`` for who saw it before, None for everybody else.

        Of several changes of one ticket that are emitted together only the last brings its line. ``view`` is the saved
        view that is
        shown, in which the ticket ``stands`` or not.
        """
        found = lists(change, queues, user)
        if view:
            found[f"saved-{view}"] = {"order": order("solved", change.row) if stands else None, "count": 0}
        place = {"seq": change.seq, "ticket": change.ticket, "lists": found}
        if sees(change.after, queues, user):
            line = self._line(change.row, variant) if change.last else ""
            return place | {
                "kind": change.kind,
                "message": change.message,
                "actor": change.actor,
                "row": change.row,
                "html": line,
            }
        return place | {"kind": "gone"} if sees(change.before, queues, user) else None

    def _line(self, row: dict, variant: str) -> str:
        language, _dot, digits = variant.partition(".")
        with self.app.app_context(), reading(replace(LOCALES[language], digits=digits)):
            return str(ticket_row(row, here=""))


def sees(facts: dict | None, queues: Collection[int], user: int | None) -> bool:
    """True for somebody with these queues when a ticket has these facts."""
    return facts is not None and (facts["queue"] in queues or (user is not None and facts["assignee"] == user))

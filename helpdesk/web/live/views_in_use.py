"""Saved views that somebody looks at: each is asked once per change and distinct "me", whoever shows it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from helpdesk.core.errors import HelpdeskError
from helpdesk.core.fields.fields import values_of
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.rules.conditions import Filter, Scope
from helpdesk.core.tickets.models import SavedView, Ticket
from helpdesk.core.tickets.saved_views import filter_of
from helpdesk.core.tickets.standings import Change

tickets = Ticket.__table__


class ViewsInUse:
    """What a batch of changes does to the views that are shown now. ``shown`` are their (view id, user id) pairs;
    ``known`` is {view id: (its conditions, the filter they were read into)} and lives longer than a batch.
    """

    def __init__(
        self,
        uow: UnitOfWork,
        changes: Iterable[Change],
        shown: set[tuple[int, int]],
        known: dict[int, tuple[dict, Filter | None]] | None = None,
    ):
        self.shown, self.uow, self.known = shown, uow, {} if known is None else known
        self.filters = self._filters() if shown else {}
        self.facts = self._facts({change.ticket for change in changes}) if shown else {}
        self._said: dict[tuple, bool | None] = {}

    def of(self, ticket_id: int) -> dict[tuple[int, int], bool]:
        """{(view, user): whether the ticket stands in it} for all that are shown."""
        return {(view, me): self._stands(view, ticket_id, me) for view, me in self.shown}

    def _stands(self, view_id: int, ticket_id: int, me: int) -> bool:
        """True when the ticket stands in the view as this person sees it; what only the database knows waits for the
        next look.
        """
        found = self.filters.get(view_id)
        if found is None or ticket_id not in self.facts:
            return False
        key = (view_id, ticket_id, me if found.depends_on_me else None)
        if key not in self._said:
            self._said[key] = found.test(self.facts[ticket_id], Scope(key[2], self.uow.clock()))
        return bool(self._said[key])

    def _filters(self) -> dict[int, Filter | None]:
        """The filters of the views that are there now; conditions are read once, not for each change."""
        ids = {view for view, _me in self.shown}
        query = select(SavedView.id, SavedView.conditions).where(SavedView.id.in_(ids))
        rows = dict(self.uow.session.connection().execute(query).all())
        for gone in self.known.keys() - rows.keys():
            del self.known[gone]
        for view, conditions in rows.items():
            if view not in self.known or self.known[view][0] != conditions:
                self.known[view] = conditions, filter_of_known(self.uow, SavedView(conditions=conditions))
        return {view: self.known[view][1] for view in rows}

    def _facts(self, ids: set[int]) -> dict[int, dict]:
        rows = self.uow.session.connection().execute(select(tickets).where(tickets.c.id.in_(ids)))
        asked = any(found and any(name.startswith("field.") for name in found.names) for found in self.filters.values())
        own = values_of(self.uow.session, "ticket", ids) if asked else {}
        return {row.id: {**row._mapping, "fields": own.get(row.id, {})} for row in rows}


def filter_of_known(uow: UnitOfWork, view: SavedView) -> Filter | None:
    """The filter of a view, None while a plugin it needs is off."""
    try:
        return filter_of(uow, view)
    except HelpdeskError:
        return None

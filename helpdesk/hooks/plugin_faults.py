"""Plugins' faults, moved from memory to rows the admin sees."""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.core.database.rows import insert_if_new
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.settings.models import Fault


def save_faults(uow: UnitOfWork) -> int:
    """Write down the faults gathered since the last time; the same fault again only counts up. Returns how many."""
    found = []
    for plugin in uow.hooks.plugins.values():
        while plugin.faults:
            found.append((plugin.name, *plugin.faults.pop(0)))
    if not found:
        return 0
    with uow.writing() as session:
        for name, hook, text in found:
            key = {"plugin": name, "hook": hook, "text": text[-4000:]}
            if insert_if_new(session, Fault, **key, count=1, first_at=uow.clock(), last_at=uow.clock()):
                continue
            row = session.scalars(select(Fault).filter_by(**key)).one()
            row.count, row.last_at = row.count + 1, uow.clock()
    return len(found)

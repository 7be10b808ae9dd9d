"""Rows of lists as programs are given them: with their clocks, without their place in lists."""

from __future__ import annotations

from typing import Any

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.sla import clocks

SAID = ("clock", "target_at", "state")


def with_clocks(uow: UnitOfWork, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of ``ticket_lists`` as the REST API gives tickets; who may see them is the caller's to ask."""
    known = clocks.shown(uow, [row["id"] for row in rows])
    return [
        {name: value for name, value in row.items() if name != "order_at"}
        | {"sla": [_clock(found) for found in known.get(row["id"], [])]}
        for row in rows
    ]


def _clock(found: Any) -> dict[str, Any]:
    target_at = found[1] and found[1].isoformat()
    return {**dict(zip(SAID, found, strict=True)), "target_at": target_at}

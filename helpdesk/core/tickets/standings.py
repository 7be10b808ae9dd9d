"""In which lists a ticket stands and in which order, before and after a change: browsers receive it and repeat no
rule of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.core.database.columns import ACTIVE

LAST = 2**52  # behind every moment; a whole number that browsers keep exactly
FACTS = ("status", "queue", "assignee", "snoozed_until")


@dataclass(frozen=True)
class Change:
    """An event of a ticket as consoles receive it: the ticket's ``row`` as it is, its facts ``before`` (None: it
    was nowhere) and ``after``.
    """

    seq: int
    kind: str
    ticket: int
    message: int | None
    actor: str
    row: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any]
    last: bool  # of this ticket among those emitted together


def changes(events: Iterable[Any], rows: dict[int, dict[str, Any]]) -> list[Change]:
    """The changes of these events, oldest first. The facts after each but the last are found by going back from the
    rows.
    """
    now = {ticket: facts(row) for ticket, row in rows.items()}
    found, seen = [], set()
    for event in reversed([e for e in events if e.ticket_id in rows]):
        ticket, after = event.ticket_id, now[event.ticket_id]
        before = None if event.kind == "ticket.opened" else after | _known(event.data.get("before"))
        found.append(
            Change(
                event.seq,
                event.kind,
                ticket,
                event.message_id,
                event.actor,
                rows[ticket],
                before,
                after,
                ticket not in seen,
            )
        )
        seen.add(ticket)
        now[ticket] = before or after
    return found[::-1]


def facts(row: dict[str, Any]) -> dict[str, Any]:
    """What of a row (``views.row``) decides where the ticket stands."""
    return {
        "status": row["status"],
        "queue": row["queue"]["id"],
        "assignee": (row["assignee"] or {}).get("id"),
        "snoozed_until": row["snoozed_until"],
        "simulated": row["simulated"],
    }


def _known(side: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (side or {}).items() if name in FACTS}


def standing(facts: dict[str, Any] | None, queues: Collection[int], user: int | None) -> set[str]:
    """The keys of the lists of somebody with these queues in which a ticket with these facts stands."""
    if facts is None:
        return set()
    ours, mine = facts["queue"] in queues, facts["assignee"] is not None and facts["assignee"] == user
    if facts["simulated"]:
        return {"simulated"} if ours or mine else set()
    if facts["snoozed_until"]:
        return {"snoozed"} if ours or mine else set()
    if facts["status"] not in ACTIVE:
        return {"solved"} if ours and facts["status"] == "solved" else set()
    found = {"mine"} if mine else set()
    if ours:
        found |= {"all", f"queue-{facts['queue']}"}
        found |= {"unassigned"} if facts["assignee"] is None else set()
        found |= {"waiting"} if facts["status"] == "waiting" else set()
    return found


def order(key: str, row: dict[str, Any]) -> list[int]:
    """Where a row stands in a list: numbers to compare one after the other, smaller ones first."""
    if key in ("solved", "simulated"):
        return [-row["id"]]
    moment = row["snoozed_until"] if key == "snoozed" else row["order_at"]
    return [round(datetime.fromisoformat(moment).timestamp() * 1000) if moment else LAST, row["id"]]


def lists(change: Change, queues: Collection[int], user: int | None) -> dict[str, dict[str, Any]]:
    """What a change does to somebody's lists: {key: {order: where it stands now or None, count: by how much the list
    grew}}.
    """
    was, now = standing(change.before, queues, user), standing(change.after, queues, user)
    return {
        key: {"order": order(key, change.row) if key in now else None, "count": (key in now) - (key in was)}
        for key in sorted(was | now)
    }

"""Rows as the API gives them: plain data, times in UTC."""

from __future__ import annotations

from datetime import datetime

from helpdesk.core.accounts.models import Account
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Queue, User
from helpdesk.core.tickets import plain_rows, ticket_lists, timeline
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Merge
from helpdesk.i18n import render_stored
from helpdesk.web.ticket.message_text import text_of


def page(items: list, last: int | None) -> dict:
    """One page; ``last`` is the number the next one begins after, None at the end."""
    return {"items": items, "next": None if last is None else ticket_lists.write_cursor([last])}


def begins_after(cursor: str | None) -> int | None:
    """The number in a cursor of ``page``."""
    return ticket_lists.read_cursor(cursor, 1)[0] if cursor else None


def tickets(uow: UnitOfWork, rows: list[dict]) -> list[dict]:
    """Rows of ``core.tickets.ticket_lists`` with their clocks, without their place in lists."""
    return plain_rows.with_clocks(uow, rows)


def message(item: dict) -> dict:
    """A message item of ``core.tickets.timeline``."""
    same = (
        "id",
        "kind",
        "form",
        "visibility",
        "address",
        "quoted",
        "html",
        "automatic",
        "unverified",
        "external_ids",
    )
    account = item["account"]
    return {name: item[name] for name in same} | {
        "account": account and {"id": account["id"], "name": account["name"]},
        "channel": account["channel"] if account else "",
        "edited_at": moment(item["edited_at"]),
        "deleted_at": moment(item["deleted_at"]),
        "ticket": item["ticket_id"],
        "text": text_of(item),
        "doubt": item["details"].get("doubt", ""),
        "buttons": item["details"].get("buttons", []),
        "reactions": [{**one, "refused": render_stored(one.get("refused", ""))} for one in item["reactions"]],
        "author": item["author"] or item["address"],
        "at": item["at"].isoformat(),
        "files": [
            {name: file[name] for name in ("id", "name", "type", "size", "inline", "state")} for file in item["files"]
        ],
        "delivery": _delivery(item["delivery"]),
    }


def said(row: Message) -> dict:
    """A message that was just written."""
    return message(timeline.message_item(row))


def delivery(row: Delivery) -> dict:
    """A delivery by itself."""
    return _delivery(timeline.delivery_item(row))


def _delivery(delivery: dict | None) -> dict | None:
    if delivery is None:
        return None
    said = {"reason": render_stored(delivery["reason"]), "to": [_person(person) for person in delivery["to"]]}
    said |= {name: moment(delivery[name]) for name in ("due_at", "sent_at", "delivered_at", "read_at")}
    missed = [address for address, outcome in delivery["outcomes"].items() if outcome["state"] == "failed"]
    if "attempts" in delivery:
        said["attempts"] = [{**attempt, "at": moment(attempt["at"])} for attempt in delivery["attempts"]]
    return {name: value for name, value in delivery.items() if name != "outcomes"} | said | {"missed": missed}


def _person(kept: dict) -> dict:
    return {name: kept[name] for name in ("kind", "value", "name")}


def moment(at: datetime | None) -> str | None:
    """A moment in ISO 8601."""
    return at and at.isoformat()


def merge(row: Merge) -> dict:
    """A merge of two tickets."""
    return {
        "id": row.id,
        "source": row.source_id,
        "target": row.target_id,
        "at": moment(row.at),
        "undone_at": moment(row.undone_at),
    }


def customer(uow: UnitOfWork, card: dict) -> dict:
    """A customer's card with the tickets the reader may see."""
    row = card["customer"]
    return {
        "id": row.id,
        "name": row.name,
        "language": row.language,
        "created_at": moment(row.created_at),
        "identities": [
            {"kind": i.kind, "address": i.address, "verified": i.verified_at is not None, "bounced": i.bounced}
            for i in card["identities"]
        ],
        "tickets": tickets(uow, card["tickets"]),
        "total": card["total"],
    }


def raw_message(row: RawMessage, accounts: dict[int, str]) -> dict:
    """A raw message in quarantine; ``accounts`` are their names."""
    account = {"id": row.account_id, "name": accounts[row.account_id]}
    return {
        "id": row.id,
        "account": account,
        "size": row.size,
        "at": moment(row.at),
        "reason": render_stored(row.reason),
        "attempts": row.attempts,
    }


def event(entry) -> dict:
    """A journal entry."""
    return {
        "seq": entry.seq,
        "at": moment(entry.at),
        "kind": entry.kind,
        "actor": entry.actor,
        "ticket": entry.ticket_id,
        "message": entry.message_id,
        "data": entry.data,
    }


def account(row: Account) -> dict:
    """An account, nothing of its settings."""
    return {
        "id": row.id,
        "name": row.name,
        "channel": row.channel,
        "address": row.address,
        "queue": {"id": row.queue_id, "name": row.queue.name},
        "enabled": row.enabled,
        "failing": bool(row.fault),
    }


def queue(row: Queue) -> dict:
    """A queue and its time to answer in minutes."""
    return {"id": row.id, "name": row.name, "target_minutes": row.target_minutes}


def user(row: User) -> dict:
    """A colleague."""
    return {"id": row.id, "name": row.name, "role": row.role}

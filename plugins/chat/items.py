"""What is said in chats, kept as a list of items with growing numbers, so that whoever comes back is told the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select

from helpdesk.api import live, tables
from helpdesk.api.tickets import Step, apply
from helpdesk.api.work import UnitOfWork

from .tables import Item, Visitor

PLUGIN = "chat"
PAGE = 100  # items of one answer
AGAIN = timedelta(seconds=30)  # what came so shortly before is told again: commits may become visible in another order


def add(
    uow: UnitOfWork,
    visitor: Visitor,
    key: str,
    kind: str,
    data: dict[str, Any],
    about: int | None = None,
    before: Step | None = None,
) -> tuple[Item, bool]:
    """Keep an item, in one commit with the step ``before`` it, and tell every page of the visitor; (the item, True when
    this call made it).
    """
    values = {"visitor_id": visitor.id, "key": key[:300], "kind": kind, "about": about, "data": data, "at": uow.clock()}
    step = Step(tables.insert_new, Item, **values)
    new = apply(uow, [before, step] if before else [step])[-1]
    item = by_key(uow, visitor, key)
    assert item is not None
    if new:
        tell(uow, visitor, "item", told(item, item.data))
    return item, new


def by_key(uow: UnitOfWork, visitor: Visitor, key: str) -> Item | None:
    """The item of this key, or None."""
    return uow.session.scalar(select(Item).where(Item.visitor_id == visitor.id, Item.key == key[:300]))


def message(uow: UnitOfWork, visitor: Visitor, name: Any) -> Item | None:
    """The message that clients know as "m17", or None."""
    number = name[1:] if isinstance(name, str) and name[:1] == "m" else ""
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    return uow.session.scalar(
        select(Item).where(Item.visitor_id == visitor.id, Item.id == int(number), Item.kind == "message")
    )


def worded(uow: UnitOfWork, visitor: Visitor, rows: list[Item]) -> list[tuple[Item, dict[str, Any] | None]]:
    """Items with what they say by now, None for what was taken back: no earlier words come out again."""
    about = {row.about or row.id for row in rows}
    changed = select(Item).where(Item.visitor_id == visitor.id, Item.about.in_(about)).order_by(Item.id)
    words: dict[int | None, dict[str, Any] | None] = {}
    for change in uow.session.scalars(changed):
        before = words.get(change.about, {})
        words[change.about] = None if change.kind == "deleted" or before is None else {"text": change.data["text"]}
    found: list[tuple[Item, dict[str, Any] | None]] = []
    for row in rows:
        now = words.get(row.about or row.id, {})
        found.append((row, None if now is None else row.data | (now if "text" in row.data else {})))
    return found


def stamp(at: datetime | None) -> str | None:
    """A moment as clients read it (RFC 3339 in UTC)."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def told(item: Item, said: dict[str, Any] | None) -> dict[str, Any]:
    """An item as clients are told it; empty where it was taken back."""
    about = item.about or item.id
    data = said if said is not None else item.data | ({"text": "", "files": []} if "text" in item.data else {})
    files = {"files": [{n: v for n, v in file.items() if n != "sha256"} for file in data.get("files", [])]}
    rest = {name: value for name, value in data.items() if name != "files"}
    shown = {"seq": item.id, "kind": item.kind, "id": f"m{about}", **rest, "at": stamp(item.at)}
    return shown | (files if item.kind == "message" else {})


def since(uow: UnitOfWork, visitor: Visitor, seq: Any) -> dict[str, Any]:
    """{items, more, seq} of what was said after an item."""
    after = seq if type(seq) is int and 0 <= seq < 2**62 else 0
    newer = or_(Item.id > after, and_(Item.id > after - 1000, Item.at > uow.clock() - AGAIN)) if after else Item.id > 0
    query = select(Item).where(Item.visitor_id == visitor.id, newer).order_by(Item.id).limit(PAGE + 1)
    found = list(uow.session.scalars(query))
    page = [told(item, said) for item, said in worded(uow, visitor, found[:PAGE])]
    return {"items": page, "more": len(found) > PAGE, "seq": last(uow, visitor)}


def last(uow: UnitOfWork, visitor: Visitor, *where: Any) -> int:
    """The number of the visitor's newest item, 0 for none."""
    return uow.session.scalar(select(func.max(Item.id)).where(Item.visitor_id == visitor.id, *where)) or 0


def tell(uow: UnitOfWork, visitor: Visitor, event: str, data: dict[str, Any]) -> None:
    """Tell every connected page of a visitor, in every process."""
    live.emit_public(uow, PLUGIN, event, data, [visitor.public])


def unread(uow: UnitOfWork, visitor: Visitor, after: int) -> list[tuple[Item, dict[str, Any]]]:
    """The desk's messages after an item that were not taken back, with the words they have now."""
    theirs = (Item.visitor_id == visitor.id, Item.id > after, Item.kind == "message", Item.key.like("o:%"))
    rows = list(uow.session.scalars(select(Item).where(*theirs).order_by(Item.id).limit(500)))
    return [(item, said) for item, said in worded(uow, visitor, rows) if said is not None]

"""Who sees and changes which saved replies; finding, writing and deleting them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from helpdesk.api import jobs, people, permissions, tables
from helpdesk.api.channels import File
from helpdesk.api.errors import Conflict, Forbidden, Invalid, NotFound
from helpdesk.api.i18n import _
from helpdesk.api.text import normalise

from .checking import columns
from .tables import SavedReply

WRITE, SHARE = "tickets.write", "replies.share"
PERMISSIONS = [permissions.Permission(SHARE, _("Change saved replies of the whole desk"), frozenset({"supervisor"}))]
MOST = 5_000  # saved replies of one desk
PAGE = 500  # of one list
FILES, LARGEST = 10, 10_000_000  # files of one reply, and their bytes together
KEPT = timedelta(days=30)  # a deleted reply can come back so long


def visible(uow) -> ColumnElement[bool]:
    """Those the actor may use: the desk's, their teams' and their own; with ``SHARE`` every team's."""
    everybody = and_(SavedReply.team_id.is_(None), SavedReply.user_id.is_(None))
    mine = SavedReply.user_id == uow.actor.user_id
    if uow.actor.may(SHARE):
        return or_(SavedReply.user_id.is_(None), mine)
    return or_(everybody, mine, SavedReply.team_id.in_([team.id for team in people.my_teams(uow)]))


def find(uow, query: str = "", *, limit: int = PAGE, used: bool = False) -> list[SavedReply]:
    """Those that have every word of the query in either language, by folder and name; ``used``: the most used first."""
    uow.actor.must(WRITE)
    found = select(SavedReply).where(visible(uow), SavedReply.deleted_at.is_(None))
    for word in normalise(query[:400]).split()[:16]:
        found = found.where(SavedReply.words.contains(word, autoescape=True))
    order = (SavedReply.uses.desc(), SavedReply.id) if used else (SavedReply.folder, SavedReply.name, SavedReply.id)
    return list(uow.session.scalars(found.order_by(*order).limit(limit)))


def page(uow, after: int, limit: int) -> list[SavedReply]:
    """Those after an id, by id."""
    uow.actor.must(WRITE)
    query = select(SavedReply).where(visible(uow), SavedReply.deleted_at.is_(None), SavedReply.id > after)
    return list(uow.session.scalars(query.order_by(SavedReply.id).limit(limit)))


def get(uow, reply_id: int, deleted: bool = False) -> SavedReply:
    """A saved reply the actor may use; NotFound alike for unknown and foreign ids."""
    uow.actor.must(WRITE)
    query = select(SavedReply).where(SavedReply.id == reply_id, visible(uow))
    row = uow.session.scalar(query.execution_options(populate_existing=True)) if 0 < reply_id < 2**63 else None
    if row is None or bool(row.deleted_at) != deleted:
        raise NotFound()
    return row


def may_change(uow, row: SavedReply) -> bool:
    """True for one's own, those of one's teams, and with ``SHARE`` for all that are not somebody's own."""
    return _may_write(uow, row.team_id, row.user_id)


def _may_write(uow, team_id: int | None, user_id: int | None) -> bool:
    if user_id:
        return user_id == uow.actor.user_id
    return uow.actor.may(SHARE) or team_id in {team.id for team in people.my_teams(uow)}


def teams(uow) -> list[people.Team]:
    """The teams to which the actor may give a reply."""
    return people.teams(uow) if uow.actor.may(SHARE) else people.my_teams(uow)


def folders(uow) -> list[str]:
    """The folders of those the actor sees, by name."""
    query = select(SavedReply.folder).where(visible(uow), SavedReply.deleted_at.is_(None), SavedReply.folder != "")
    return list(uow.session.scalars(query.distinct().order_by(SavedReply.folder).limit(PAGE)))


def _owner(uow, given: Mapping[str, Any]) -> dict:
    """The two columns that say whose it is; Forbidden for what is not the actor's to give."""
    scope = given["scope"]
    if scope == "team" and not given["team"]:
        raise Invalid(_("Please choose a team."), {"team": _("Please choose a team.")})
    if scope == "personal" and uow.actor.user_id is None:
        raise Invalid(_("Only a person can have personal replies."), {"scope": _("Please choose another one.")})
    owner = {
        "team_id": given["team"] if scope == "team" else None,
        "user_id": uow.actor.user_id if scope == "personal" else None,
    }
    if not _may_write(uow, **owner):
        raise Forbidden()
    if scope == "team" and given["team"] not in {team.id for team in people.teams(uow)}:
        raise Invalid(_("There is no such team."), {"team": _("There is no such team.")})
    return owner


def add(uow, given: Mapping[str, Any], files: list[dict] | None = None) -> int:
    """Write a new one; returns its id. Invalid with a sentence for each field that does not fit."""
    uow.actor.must(WRITE)
    values = columns(given, uow.runtime.variables) | _owner(uow, given)
    if uow.session.scalar(select(func.count()).select_from(SavedReply)) >= MOST:
        raise Invalid(_("There are %(most)s saved replies. Please delete some first."), most=MOST)
    times = {"updated_at": uow.clock(), "used_at": None, "deleted_at": None}
    return tables.insert(uow, SavedReply, **values, **times, files=files or [], uses=0, version=1)


def change(uow, reply_id: int, given: Mapping[str, Any], version: int | None, files: list[dict] | None = None) -> None:
    """Write it anew. Conflict when somebody changed it since ``version`` was read, None for whatever it is now."""
    row = changeable(uow, reply_id)
    values = columns(given, uow.runtime.variables) | _owner(uow, given)
    values |= {"updated_at": uow.clock(), "files": row.files if files is None else files}
    _write(uow, row, row.version if version is None else version, **values)


def changeable(uow, reply_id: int, deleted: bool = False) -> SavedReply:
    """A saved reply the actor may change; Forbidden when they may only use it."""
    row = get(uow, reply_id, deleted)
    if not may_change(uow, row):
        raise Forbidden()
    return row


def _write(uow, row: SavedReply, version: int, **values: Any) -> None:
    same = (SavedReply.id == row.id, SavedReply.version == version)
    if not tables.update(uow, SavedReply, *same, version=version + 1, **values):
        raise Conflict(
            _("Somebody else changed this meanwhile. What you wrote is still here; save again to replace theirs.")
        )


def delete(uow, reply_id: int) -> None:
    """Take it out of every list; ``restore`` brings it back for ``KEPT``."""
    row = changeable(uow, reply_id)
    _write(uow, row, row.version, deleted_at=uow.clock())


def restore(uow, reply_id: int) -> None:
    """Bring back what was deleted."""
    row = changeable(uow, reply_id, deleted=True)
    _write(uow, row, row.version, deleted_at=None)


def stored(uow, files: list[File], kept: list[dict] = ()) -> list[dict]:
    """The files of a reply as its row has them, their bytes in the blob folder. Invalid when they are too many or too
    large.
    """
    size = sum(len(file.content) for file in files) + sum(file["size"] for file in kept)
    if len(files) + len(kept) > FILES or size > LARGEST:
        raise Invalid(
            _("A saved reply can have %(most)s files of %(size)s MB together."), most=FILES, size=LARGEST // 10**6
        )
    new = [
        {"name": f.name[:255], "type": f.type[:120], "size": len(f.content), "sha256": uow.blobs.put(f.content)}
        for f in files
    ]
    return [*kept, *new]


def files_of(row: SavedReply) -> list[File]:
    """Its files as a message takes them."""
    return [File(file["name"], file["type"], sha256=file["sha256"], size=file["size"]) for file in row.files]


def count_use(uow, row: SavedReply) -> None:
    """It was put into a message."""
    tables.update(uow, SavedReply, SavedReply.id == row.id, uses=SavedReply.uses + 1, used_at=uow.clock())


def _forget(uow, _job: jobs.Running) -> None:
    tables.delete(uow, SavedReply, SavedReply.deleted_at < uow.clock() - KEPT)


FORGET = jobs.JobKind(
    "replies.forget", _forget, _("Forget saved replies that were deleted a month ago"), jobs.Every(timedelta(days=1))
)

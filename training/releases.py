"""Releases: published once, never changed, found by their hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer

from helpdesk.api import tables
from helpdesk.api.errors import Conflict, Invalid, NotFound, _
from helpdesk.api.tickets import Step, apply
from helpdesk.api.work import UnitOfWork

from .language import Faulty, Scenario, lint, load
from .notebook.workshops import KIND as WORKSHOP
from .notebook.workshops import Workshop, read_workshop
from .permissions import PRACTISE, WRITE
from .tables import Release

SCENARIO = "scenario"


def publish_scenario(uow: UnitOfWork, text: str) -> str:
    """Release a scenario; returns its hash. Faulty with lint's errors, Conflict when this version is another text."""
    uow.actor.must(WRITE)
    scenario = _sound(text)
    _insert(uow, [_scenario_row(uow, scenario, text)])
    return scenario.hash


def publish_workshop(uow: UnitOfWork, content: bytes) -> str:
    """Release a workshop and the scenarios in it; returns the workshop's hash."""
    uow.actor.must(WRITE)
    workshop = read_workshop(content)
    rows = []
    for cell in workshop.cells:
        if cell.kind == SCENARIO:
            rows.append(_scenario_row(uow, _sound(cell.body), cell.body))
    hash_, meta = workshop_hash(workshop), workshop.meta
    about = {name: meta[name] for name in ("level", "minutes") if name in meta}
    about["cells"] = [[cell.id, cell.type] for cell in workshop.cells if cell.meta.get("visible_to") != "trainer"]
    text = content.decode("utf-8")
    rows.append(_row(uow, WORKSHOP, meta["id"], meta["version"], hash_, title=meta["title"], about=about, content=text))
    _insert(uow, rows)
    return hash_


def workshop_hash(workshop: Workshop) -> str:
    """Of what a workshop means: its metadata but the release, and each cell's id, type, source and metadata."""
    meta = {name: value for name, value in workshop.meta.items() if name != "release"}
    cells = [[cell.id, cell.type, cell.source, dict(cell.meta), dict(cell.attachments)] for cell in workshop.cells]
    canonical = json.dumps([meta, cells], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _sound(text: str) -> Scenario:
    scenario = load(text)
    errors = [finding for finding in lint(scenario) if finding.severity == "error"]
    if errors:
        raise Faulty(errors)
    return scenario


def _scenario_row(uow: UnitOfWork, scenario: Scenario, text: str) -> dict[str, Any]:
    about = {
        "level": scenario.level,
        "minutes": scenario.minutes,
        "dims": list(scenario.dims),
        "channel": scenario.persona.channel,
        "name": dict(scenario.persona.name),
    }
    more = {"title": dict(scenario.title), "about": about, "content": text}
    return _row(uow, SCENARIO, scenario.id, scenario.version, scenario.hash, **more)


def _row(uow: UnitOfWork, kind: str, name: str, version: int, hash_: str, **more: Any) -> dict[str, Any]:
    found = uow.session.scalar(
        select(Release.hash).where(Release.kind == kind, Release.name == name, Release.version == version)
    )
    if found not in (None, hash_):
        sentence = _("“%(name)s” %(version)s was released already, with another text. Please raise its version.")
        raise Conflict(sentence, name=name, version=version)
    values = {"kind": kind, "name": name, "version": version, "hash": hash_, **more}
    return values | {"published_at": uow.clock(), "published_by": uow.actor.user_id}


def _insert(uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    apply(uow, [Step(tables.insert_new, Release, **row) for row in rows])


def scenario_of(uow: UnitOfWork, hash_: str) -> Scenario:
    """The released scenario of a hash; NotFound when this desk does not have it."""
    uow.actor.must(PRACTISE)
    row = uow.session.scalar(select(Release).where(Release.hash == hash_, Release.kind == SCENARIO))
    if row is None:
        raise NotFound(_("This desk does not have this release."))
    scenario = load(row.content)
    if scenario.hash != hash_:
        raise Invalid(_("This release was changed after it was published."))
    return scenario


def newest(uow: UnitOfWork, kind: str, name: str) -> Release:
    """The newest version of a scenario or workshop; NotFound when nothing of this name was released."""
    uow.actor.must(PRACTISE)
    query = select(Release).where(Release.kind == kind, Release.name == name).order_by(Release.version.desc())
    row = uow.session.scalar(query.limit(1))
    if row is None:
        raise NotFound()
    return row


def releases(uow: UnitOfWork, kind: str, limit: int = 200) -> list[Release]:
    """The newest version of each scenario or workshop, by name; ``content`` is read when it is asked for."""
    uow.actor.must(PRACTISE)
    query = select(Release).where(Release.kind == kind).order_by(Release.name, Release.version.desc())
    query = query.options(defer(Release.content))
    newest: dict[str, Release] = {}
    for row in uow.session.scalars(query.limit(10 * limit)):
        newest.setdefault(row.name, row)
    return list(newest.values())[:limit]

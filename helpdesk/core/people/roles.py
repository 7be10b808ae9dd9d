"""Roles: a set of registered permissions each. Nobody changed one: it has what permissions give it by default; besides,
a desk may have roles of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from helpdesk.core.actor import RIGHTS
from helpdesk.core.database.rows import upsert
from helpdesk.core.errors import Conflict, Invalid, NotFound, _
from helpdesk.core.events.people import RoleChanged
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.names import given
from helpdesk.core.permissions import ROLES, Permissions

from .models import Role, User

ADMIN = "admin"  # has every permission, whatever is chosen
MOST = 20  # roles of a desk's own
ROLE = Role.__table__.c
CHOSEN_QUERY = select(ROLE.given, ROLE.taken).where(ROLE.name == bindparam("role"))


@dataclass(frozen=True)
class Known:
    """A role: ``label`` is "" for those of Hamdel's own, ``people`` how many have it."""

    name: str
    label: str
    permissions: frozenset[str]
    changed: bool
    people: int


def permissions_of(session: Session, role: str, registry: Permissions | None) -> frozenset[str]:
    """What a role may do now: its defaults, with what the desk's admins gave and took."""
    row = None if role == ADMIN else session.connection().execute(CHOSEN_QUERY, {"role": role}).first()
    return chosen(usual(role, registry), *row) if row else usual(role, registry)


def usual(role: str, registry: Permissions | None) -> frozenset[str]:
    """What a role may do as long as nobody chose otherwise."""
    return RIGHTS.get(role, frozenset()) if registry is None else registry.of(role)


def chosen(usual: frozenset[str], given: list[str] | None, taken: list[str] | None) -> frozenset[str]:
    """The same with what was given and taken."""
    return (usual | set(given or ())) - set(taken or ())


def all_of(uow: UnitOfWork) -> list[Known]:
    """Every role, Hamdel's own first."""
    rows = {row.name: row for row in uow.session.scalars(select(Role).order_by(Role.label))}
    people = dict(uow.session.execute(select(User.role, func.count()).where(User.active).group_by(User.role)).all())
    return [
        Known(
            name,
            rows[name].label if name in rows else "",
            permissions_of(uow.session, name, uow.runtime.permissions),
            name in rows and bool(rows[name].given or rows[name].taken),
            people.get(name, 0),
        )
        for name in [*ROLES, *(name for name in rows if name not in ROLES)]
    ]


def having(uow: UnitOfWork, right: str) -> list[str]:
    """The names of the roles that have this permission."""
    rows = {row.name: row for row in uow.session.connection().execute(select(Role.__table__)) if row.name != ADMIN}
    registry, found = uow.runtime.permissions, []
    for name in sorted({*ROLES, *rows}):
        may = chosen(registry.of(name), rows[name].given, rows[name].taken) if name in rows else registry.of(name)
        found += [name] if right in may else []
    return found


def label_of(session: Session, name: str) -> str:
    """The label of a role of the desk's own; "" for another."""
    return session.scalar(select(Role.label).where(Role.name == name)) or ""


def check(session: Session, name: str) -> None:
    """Invalid for a role that nobody knows."""
    if name not in ROLES and not label_of(session, name):
        raise Invalid(_("There is no role named %(role)s."), role=name)


def choose(uow: UnitOfWork, name: str, wanted: Iterable[str]) -> None:
    """Give a role exactly these of the registered permissions. Consoles of everybody heed it at once."""
    uow.actor.must("settings")
    if name == ADMIN:
        raise Invalid(_("Administrators may do everything; choose another role."))
    registry, wanted = uow.runtime.permissions, set(wanted)
    default, known = registry.of(name), set(registry)
    with uow.writing() as session:
        check(session, name)
        row = session.get(Role, name, populate_existing=True)
        before = sorted(permissions_of(session, name, registry) & known)
        of_others = set(row.given) - known if row else set()  # of plugins that are off
        given = of_others | (wanted & known - default)
        taken = (set(row.taken) - known if row else set()) | (default - wanted)
        if before != sorted(wanted & known):
            upsert(session, Role, {"name": name}, {"given": sorted(given), "taken": sorted(taken)})
            uow.record(RoleChanged(role=name, before=before, after=sorted(wanted & known)))


def add(uow: UnitOfWork, label: str) -> str:
    """A new role without any permission; returns its name."""
    uow.actor.must("settings")
    label, name = given(label), f"own-{secrets.token_hex(4)}"
    with uow.writing() as session:
        labels = list(session.scalars(select(Role.label).where(Role.label != "")))
        if label in labels:
            raise Conflict(_("There is one named %(name)s already."), name=label)
        if len(labels) >= MOST:
            raise Invalid(_("A desk can have %(most)s roles of its own at most."), most=MOST)
        session.add(Role(name=name, label=label, given=[], taken=[]))
        uow.record(RoleChanged(role=name, before=[], after=[]))
    return name


def remove(uow: UnitOfWork, name: str) -> None:
    """Remove a role of the desk's own. Conflict while somebody has it."""
    uow.actor.must("settings")
    with uow.writing() as session:
        row = session.get(Role, name)
        if row is None or name in ROLES:
            raise NotFound()
        if session.scalar(select(User.id).where(User.role == name).limit(1)):
            raise Conflict(_("Somebody has this role; give them another one first."))
        before = permissions_of(session, name, uow.runtime.permissions)
        session.delete(row)
        uow.record(RoleChanged(role=name, before=sorted(before), after=[]))

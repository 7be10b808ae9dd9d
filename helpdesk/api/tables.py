"""Tables of a plugin's own: declare them on ``base(plugin)``, change their rows with the functions here, read with
``uow.session``.

The plugin's folder ``migrations`` is a chain of revisions of its own. Names begin with the plugin's. The tables stay,
in backups too, when the plugin is switched off or gone, until ``helpdesk plugins purge NAME``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, MetaData, Text
from sqlalchemy import delete as sql_delete
from sqlalchemy import update as sql_update
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

from helpdesk.core.database.base import COLUMN_TYPES, NAMES, utcnow
from helpdesk.core.database.rows import add, insert_if_new, row_count, upsert
from helpdesk.core.errors import Conflict, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people import models
from helpdesk.core.tickets import message_models
from helpdesk.core.tickets import models as tickets_models

from ._calls import writes

REFERRED = {
    "ticket": tickets_models.Ticket,
    "message": message_models.Message,
    "customer": models.Customer,
    "user": models.User,
    "queue": models.Queue,
    "team": models.Team,
}


SEALED = "sealed"  # marks a column of secrets


class PluginTable:
    """What all tables of plugins have in common."""


def base(plugin: str) -> type:
    """The declarative base of a plugin's tables: times are aware UTC, dict and list columns JSON, whole numbers 64
    bits.
    """

    class Base(PluginTable, DeclarativeBase):
        metadata = MetaData(naming_convention=NAMES)
        type_annotation_map = COLUMN_TYPES

        def __init_subclass__(cls, **options: Any):
            name = cls.__dict__.get("__tablename__", "")
            if name and name != plugin and not name.startswith(f"{plugin}_"):
                raise ValueError(f"the table {name} must have a name that begins with {plugin}_")
            super().__init_subclass__(**options)

    return Base


def key() -> MappedColumn[int]:
    """A whole-number primary key."""
    return mapped_column(primary_key=True)


def sealed() -> MappedColumn[str]:
    """A text column for what ``settings.seal`` returned; it is sealed anew when the desk's secret key is exchanged."""
    return mapped_column(Text, info={SEALED: True})


def reference(table: str, *, ondelete: str | None = None, **options: Any) -> MappedColumn[Any]:
    """A foreign key to ticket, message, customer, user, queue or team; ``ondelete`` as in SQL ("CASCADE")."""
    return mapped_column(ForeignKey(REFERRED[table].__table__.c.id, ondelete=ondelete), **options)


@writes
def insert(uow: UnitOfWork, /, model: type[PluginTable], **values: Any) -> int:
    """Insert a row and return its key. Every column without a default is given."""
    with uow.writing() as session:
        return add(session, _own(model), **values)


@writes
def insert_new(uow: UnitOfWork, /, model: type[PluginTable], **values: Any) -> bool:
    """Insert a row unless a unique key has it already; True when this call inserted it."""
    with uow.writing() as session:
        return insert_if_new(session, _own(model), **values)


@writes
def put(uow: UnitOfWork, /, model: type[PluginTable], keys: Mapping[str, Any], **values: Any) -> None:
    """Insert a row with these unique ``keys``, or overwrite ``values`` of the one that is there."""
    with uow.writing() as session:
        upsert(session, _own(model), dict(keys), values)


@writes
def update(uow: UnitOfWork, /, model: type[PluginTable], *where: ColumnElement[bool], **values: Any) -> int:
    """Change the rows that fulfil all conditions; returns how many there were."""
    statement = sql_update(_own(model)).where(*where).values(**values).execution_options(synchronize_session="fetch")
    with uow.writing() as session:
        return row_count(session.execute(statement))


@writes
def claim(uow: UnitOfWork, /, model: type[PluginTable], *where: ColumnElement[bool], **values: Any) -> int:
    """The same for rows that must be there; Conflict when there is none, so that the other steps of an ``apply`` do not
    happen a second time.
    """
    changed = update(uow, model, *where, **values)
    if not changed:
        raise Conflict(_("This was changed meanwhile. Please look again."))
    return changed


@writes
def delete(uow: UnitOfWork, model: type[PluginTable], *where: ColumnElement[bool]) -> int:
    """Delete the rows that fulfil all conditions; returns how many there were."""
    with uow.writing() as session:
        statement = sql_delete(_own(model)).where(*where).execution_options(synchronize_session="fetch")
        return row_count(session.execute(statement))


def _own(model: type[PluginTable]) -> type[PluginTable]:
    if not issubclass(model, PluginTable):
        raise TypeError("a plugin changes rows of its own tables; for the desk's there are functions in helpdesk.api")
    return model


__all__ = [
    "PluginTable",
    "base",
    "claim",
    "delete",
    "insert",
    "insert_new",
    "key",
    "put",
    "reference",
    "sealed",
    "update",
    "utcnow",
]

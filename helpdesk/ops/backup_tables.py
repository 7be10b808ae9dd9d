"""The tables of plugins in a backup: described with their rows, so that a desk without the plugin can make them
again and keep the rows.
"""

from __future__ import annotations

import re

from sqlalchemy import Column, Connection, ForeignKey, MetaData, Table, types

from helpdesk.core.database.base import Moment

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
KINDS = {
    "BigInteger": types.BigInteger,
    "Boolean": types.Boolean,
    "Date": types.Date,
    "DateTime": Moment,
    "Float": types.Float,
    "Integer": types.Integer,
    "JSON": types.JSON,
    "LargeBinary": types.LargeBinary,
    "Numeric": types.Numeric,
    "SmallInteger": types.SmallInteger,
    "String": types.Text,
    "Text": types.Text,
}


def schema_of(table: Table) -> list[dict]:
    """{type, key, null, to} of each column; ``to`` is what it points to: [table, column, on delete] or None."""
    return [
        {
            "type": "DateTime" if isinstance(column.type, Moment) else type(column.type.as_generic()).__name__,
            "key": column.primary_key,
            "null": bool(column.nullable),
            "to": next(([key.column.table.name, key.column.name, key.ondelete] for key in column.foreign_keys), None),
        }
        for column in table.columns
    ]


def make_table(connection: Connection, head: dict, metadata: MetaData) -> Table:
    """Make the table of a plugin that is off or gone. Indexes and unique keys are not kept. ValueError for a name or
    type that is none.
    """
    table = Table(
        _name(head["table"]),
        metadata,
        *(_column(name, was) for name, was in zip(head["columns"], head["schema"], strict=True)),
    )
    table.create(connection)
    return table


def _column(name: str, was: dict) -> Column:
    keys = (
        [ForeignKey(f"{_name(was['to'][0])}.{_name(was['to'][1])}", ondelete=_on_delete(was["to"][2]))]
        if was["to"]
        else []
    )
    return Column(_name(name), KINDS[was["type"]](), *keys, primary_key=bool(was["key"]), nullable=bool(was["null"]))


def _name(given: str) -> str:
    if not NAME.fullmatch(given):
        raise ValueError(given)
    return given


def _on_delete(given: str | None) -> str | None:
    if given not in (None, "CASCADE", "SET NULL", "RESTRICT", "NO ACTION", "SET DEFAULT"):
        raise ValueError(given)
    return given

"""Tables, columns, indices and stored journal kinds take the names of the code."""

import logging
import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "vocabulary"
down_revision = "raw_conversations"

PORTION = 50_000  # rows changed at a time
TABLES = {"parcel": "raw_message", "arrival": "seen_message"}
COLUMNS = {
    ("parcel", "quiet"): "imported",
    ("ticket", "rests_until"): "snoozed_until",
    ("ticket", "due_at"): "target_at",
    ("queue", "promise"): "target_minutes",
}
EVERYWHERE = {"parcel_id": "raw_message_id"}
KINDS = {"parcel.": "raw_message.", "message.quiet": "message.automatic"}
FACTS = {"rests_until": "snoozed_until", "due_at": "target_at"}
KEYS = (  # (table, key column, JSON column, further condition, {key: new key})
    ("event", "seq", "data", "", {"rests_until": "snoozed_until", "quiet": "silent", "parcel": "raw_message", "promise": "target_minutes"}),
    ("message", "id", "details", " AND kind = 'out'", FACTS),
    ("merge", "id", "before", "", {**FACTS, "voices": "participants"}),
)
OLD_NAMES = re.compile(r"(?<![a-z])(parcel|arrival|resting)(?![a-z])")
NEW_NAMES = {**TABLES, "resting": "snoozed"}

log = logging.getLogger("hamdel.migrate")


def upgrade() -> None:
    connection = op.get_bind()
    _rename(connection, TABLES, COLUMNS, EVERYWHERE, OLD_NAMES, NEW_NAMES)
    _kinds(connection, KINDS)
    for table, key, column, condition, names in KEYS:
        _keys(connection, table, key, column, condition, names)


def downgrade() -> None:
    connection = op.get_bind()
    for table, key, column, condition, names in KEYS:
        _keys(connection, table, key, column, condition, _turned(names))
    _kinds(connection, _turned(KINDS))
    columns = {(TABLES.get(table, table), new): old for (table, old), new in COLUMNS.items()}
    old_names = re.compile(r"(?<![a-z])(raw_message|seen_message|snoozed)(?![a-z])")
    _rename(connection, _turned(TABLES), columns, _turned(EVERYWHERE), old_names, _turned(NEW_NAMES))


def _turned(names: dict) -> dict:
    return {new: old for old, new in names.items()}


def _rename(connection, tables: dict, columns: dict, everywhere: dict, old_names: re.Pattern, new_names: dict) -> None:
    """Rename columns, then tables, then what is named after them. Foreign keys of any table, a plugin's too, follow by themselves."""
    inspector = sa.inspect(connection)
    for table in inspector.get_table_names():
        for column in inspector.get_columns(table) if not table.startswith("message_fts") else ():
            new = columns.get((table, column["name"]), everywhere.get(column["name"]))
            if new:
                op.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{column["name"]}" TO "{new}"')
    for old, new in tables.items():
        op.rename_table(old, new)
    change = _names_in_sqlite if connection.dialect.name == "sqlite" else _names_in_postgresql
    change(connection, lambda name: old_names.sub(lambda found: new_names[found[1]], name))


def _names_in_sqlite(connection, renamed: Callable[[str], str]) -> None:
    """Indices are made anew. A constraint's name stands only in the text of its table, which is cheaper to change than a copy of the table."""
    for name, sql in connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")).all():
        if renamed(name) != name:
            op.execute(f'DROP INDEX "{name}"')
            connection.exec_driver_sql(re.sub(rf'INDEX "?{name}"?', f'INDEX "{renamed(name)}"', sql, count=1))
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    for table, sql in connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all():
        new = re.sub(r'CONSTRAINT "?(\w+)"?', lambda found: found[0].replace(found[1], renamed(found[1])), sql or "")
        if new != sql:
            connection.execute(sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"), {"sql": new, "name": table})
    connection.exec_driver_sql("PRAGMA writable_schema=RESET")


def _names_in_postgresql(connection, renamed: Callable[[str], str]) -> None:
    ours = "connamespace = current_schema()::regnamespace"
    constraints = f"SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE conrelid <> 0 AND {ours}"
    for table, name in connection.execute(sa.text(constraints)).all():
        if renamed(name) != name:
            op.execute(f'ALTER TABLE {table} RENAME CONSTRAINT "{name}" TO "{renamed(name)}"')
    for name in connection.scalars(sa.text("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()")).all():
        if renamed(name) != name:
            op.execute(f'ALTER INDEX "{name}" RENAME TO "{renamed(name)}"')
    for name in connection.scalars(sa.text("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()")).all():
        if renamed(name) != name:
            op.execute(f'ALTER SEQUENCE "{name}" RENAME TO "{renamed(name)}"')


def _kinds(connection, kinds: dict) -> None:
    for old, new in kinds.items():
        change = sa.text("UPDATE event SET kind = replace(kind, :old, :new) WHERE kind LIKE :begins")
        connection.execute(change, {"old": old, "new": new, "begins": f"{old}%"})


def _keys(connection, table: str, key: str, column: str, condition: str, names: dict) -> None:
    """Rename keys of a JSON column. A quote inside a JSON text is always escaped, so ``"name":`` is nothing but a key."""
    sqlite = connection.dialect.name == "sqlite"
    text = column if sqlite else f"{column}::text"
    new = text
    for old, name in names.items():
        new = f"""replace({new}, '"{old}":', '"{name}":')"""
    some = " OR ".join(f"""{text} LIKE '%"{old}":%'""" for old in names)
    cast = "" if sqlite else "::jsonb"
    change = sa.text(f"UPDATE {table} SET {column} = ({new}){cast} WHERE {key} > :first AND {key} <= :last{condition} AND ({some})")
    last = connection.scalar(sa.text(f"SELECT max({key}) FROM {table}")) or 0
    for first in range(0, last, PORTION):
        connection.execute(change, {"first": first, "last": min(first + PORTION, last)})
        log.info("%s: %s of %s", table, min(first + PORTION, last), last)

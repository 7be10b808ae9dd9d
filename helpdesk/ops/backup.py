"""Backup and restore: every row in a form that either database reads, every file under its hash.

A backup is a folder: ``desk.json`` says what it is, ``rows.jsonl.gz`` has the tables, ``blobs/`` the files. Rows are
read in one snapshot, so that the desk may go on working meanwhile; files never change, so a second backup into the same
folder copies only what is new. The secret key is left out unless asked for.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import Column, Connection, DateTime, LargeBinary, MetaData, Table, event, func, select, text, update
from sqlalchemy.exc import DBAPIError

from helpdesk.core.database.base import Moment, utcnow
from helpdesk.core.errors import Conflict, Invalid, NotFound, _
from helpdesk.core.events.intake import DeskRestored, DeskResumed
from helpdesk.core.outbox.outbox import PAUSED
from helpdesk.core.runtime import Runtime
from helpdesk.core.settings.models import Setting
from helpdesk.key_ring import KeyRing
from helpdesk.ops import migrate

from .backup_check import FORMAT, hash_of, lines, referenced, verify
from .backup_tables import make_table, schema_of

BATCH = 500
NOT_OURS = ("alembic_version", "message_fts", "message_words", "sqlite_", "ticket_count")


def backup(runtime: Runtime, folder: Path, with_key: bool = False) -> dict:
    """Write a backup of this desk; returns what ``desk.json`` says: format, at, versions, tables {name: rows},
    files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with _snapshot(runtime) as connection:
        versions = migrate.versions(connection)
        if migrate.CORE not in versions:
            raise NotFound(_("There is no desk in this database yet. Please run: helpdesk init"))
        tables, named = _write_rows(connection, folder / "rows.jsonl.gz")
    files = _copy_blobs(runtime.blobs.folder, folder / "blobs")
    missing = sorted(name for name in named if not (folder / "blobs" / name[:2] / name).is_file())
    key = folder / "secret.key"
    if with_key:
        _write(key, KeyRing(runtime.config.secret_key, runtime.config.older_keys).dump().encode())
    else:
        key.unlink(missing_ok=True)
    about = {"format": FORMAT, "at": utcnow().isoformat(), "versions": versions, "tables": tables, "files": files}
    about |= {"rows_sha256": hash_of(folder / "rows.jsonl.gz"), "missing": missing}
    _write(folder / "desk.json", json.dumps(about, indent=1).encode())
    return about


def restore(runtime: Runtime, folder: Path) -> dict:
    """Fill an empty desk from a backup, bring it up to date and keep it from sending; returns what ``desk.json``
    says.
    """
    about = verify(folder)
    _be_empty(runtime)
    _copy_blobs(folder / "blobs", runtime.blobs.folder)
    with migrate.changing(runtime.engine) as connection:
        _make_tables(runtime, connection, about["versions"])
        _read_rows(connection, folder / "rows.jsonl.gz")
        migrate.keep_versions(connection, about["versions"])
    if (folder / "secret.key").exists():
        _write(runtime.data_dir / "secret.key", (folder / "secret.key").read_bytes())
    migrate.upgrade(runtime)
    with runtime.uow() as uow, uow.writing() as session:
        session.merge(Setting(name=PAUSED, value={"at": uow.clock().isoformat(), "backup": about["at"]}))
        uow.record(DeskRestored(backup=about["at"]))
    return about


def resume(runtime: Runtime) -> bool:
    """Let a restored desk send again; False when it was not kept from it."""
    with runtime.uow() as uow, uow.writing() as session:
        paused = session.get(Setting, PAUSED)
        if paused:
            session.delete(paused)
            uow.record(DeskResumed())
    runtime.wake("outbox")
    return paused is not None


def _be_empty(runtime: Runtime) -> None:
    with runtime.engine.connect() as connection:
        tables = _tables(connection)
        user = next((table for table in tables if table.name == "user"), None)
        if user is not None and connection.scalar(select(func.count()).select_from(user)):
            raise Conflict(
                _(
                    "This desk is in use already. Please restore into an empty one: set HELPDESK_DATA_DIR to "
                    "a new folder."
                )
            )
    if tables:
        for chain in reversed(migrate.chains(runtime)):
            migrate.downgrade(runtime, "base", chain.name)


def _make_tables(runtime: Runtime, connection: Connection, versions: dict) -> None:
    for chain in migrate.chains(runtime):
        if versions.get(chain.name):
            try:
                chain.run(connection, "upgrade", versions[chain.name])
            except CommandError:
                sentence = _("This backup is of a newer version of “%(name)s” than the one that is installed.")
                raise Invalid(sentence, name=chain.name) from None


# Rows -------------------------------------------------------------------------------------------------------------


def _snapshot(runtime: Runtime):
    """A connection that sees the database as it is now, however long it reads."""
    options = (
        {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        if runtime.engine.dialect.name == "postgresql"
        else {}
    )
    return runtime.engine.connect().execution_options(**options)


def _tables(connection: Connection) -> list[Table]:
    """Every table of the desk and its plugins, those first that others point to."""
    metadata = MetaData()
    event.listen(metadata, "column_reflect", _moments)
    metadata.reflect(connection, only=lambda name, _metadata: not name.startswith(NOT_OURS))
    return metadata.sorted_tables


def _moments(_inspector, _table, column: dict) -> None:
    if isinstance(column["type"], DateTime):
        column["type"] = Moment()


def _write_rows(connection: Connection, path: Path) -> tuple[dict[str, int], set[str]]:
    """One line of JSON for each table's name and columns, then one for each row; ({table: rows}, hashes of files
    they name).
    """
    counts: dict[str, int] = {}
    named: set[str] = set()
    temporary = path.with_suffix(".part")
    with gzip.open(temporary, "wt", 1, "utf-8") as file:
        for table in _tables(connection):
            columns = [column.name for column in table.columns]
            file.write(json.dumps({"table": table.name, "columns": columns, "schema": schema_of(table)}) + "\n")
            counts[table.name] = 0
            for row in connection.execution_options(yield_per=BATCH).execute(
                select(table).order_by(*table.primary_key.columns)
            ):
                file.write(json.dumps([_plain(value) for value in row], ensure_ascii=False) + "\n")
                counts[table.name] += 1
                named |= referenced(columns, row)
    temporary.chmod(0o600)
    os.replace(temporary, path)
    return counts, named


def _plain(value):
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _read_rows(connection: Connection, path: Path) -> None:
    tables = {table.name: table for table in _tables(connection)}
    later = []
    try:
        for head, rows in _parts(lines(path)):
            name = head["table"]
            if name not in tables and head.get("schema"):
                tables[name] = make_table(connection, head, next(iter(tables.values())).metadata)
            if name in tables and rows:
                later += _insert(connection, tables[name], head["columns"], rows)
        for statement in later:
            connection.execute(statement)
    except (KeyError, TypeError, ValueError, DBAPIError):
        raise Invalid(_("This backup is not whole: %(file)s has other rows than it should."), file=path.name) from None
    if connection.dialect.name == "postgresql":
        _count_on(connection, tables.values())


def _parts(lines: Iterator) -> Iterator[tuple[dict, list[list]]]:
    """(the line that names a table and its columns, some of its rows) again and again."""
    head = None
    rows: list = []
    for line in lines:
        if isinstance(line, dict):
            if head:
                yield head, rows
            head, rows = line, []
            continue
        rows.append(line)
        if len(rows) == BATCH:
            yield head, rows
            rows = []
    if head:
        yield head, rows


def _insert(connection: Connection, table: Table, columns: list[str], rows: list[list]) -> list:
    """Insert rows; what points to rows of the same table comes afterwards, as the statements returned."""
    own = [c.name for c in table.columns if any(key.column.table is table for key in c.foreign_keys)]
    values = [{name: _rich(table.c[name], value) for name, value in zip(columns, row, strict=True)} for row in rows]
    later = []
    for row in values:
        kept = {name: row[name] for name in own if row[name] is not None}
        if kept:
            later.append(update(table).where(*(c == row[c.name] for c in table.primary_key.columns)).values(**kept))
            row.update(dict.fromkeys(kept))
    connection.execute(table.insert(), values)
    return later


def _rich(column: Column, value):
    if value is None:
        return None
    if isinstance(column.type, Moment):
        return datetime.fromisoformat(value)
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) else value


def _count_on(connection: Connection, tables) -> None:
    """PostgreSQL counts its ids apart from the rows: let it go on after the highest."""
    for table in tables:
        for column in table.primary_key.columns:
            if connection.scalar(
                text("SELECT pg_get_serial_sequence(:table, :column)"),
                {"table": f'"{table.name}"', "column": column.name},
            ):
                highest = select(func.coalesce(func.max(column), 0) + 1)
                connection.execute(
                    select(
                        func.setval(
                            func.pg_get_serial_sequence(f'"{table.name}"', column.name),
                            highest.scalar_subquery(),
                            False,
                        )
                    )
                )


# Files ------------------------------------------------------------------------------------------------------------


def _copy_blobs(source: Path, target: Path) -> int:
    """Copy the files that are not there yet; returns how many there are in all."""
    count = 0
    for path in sorted(source.glob("??/*")) if source.exists() else ():
        if len(path.name) != 64:
            continue  # somebody is writing it right now: nothing in the snapshot points to it
        count += 1
        copy = target / path.parent.name / path.name
        if not copy.exists():
            copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(copy, path.read_bytes())
        elif copy.stat().st_mode & 0o077:  # of a backup that an earlier version began
            copy.chmod(0o600)
    return count


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".part")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    os.replace(temporary, path)

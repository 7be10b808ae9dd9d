"""Brings the database to the shape this version needs: the core's chain of revisions, and one chain for each plugin
with tables.

Every chain has a version table of its own, so a plugin that is switched off or gone never stops an upgrade. A chain
runs in one transaction, whole or not at all, on SQLite too. Alembic, which is slow to import, is asked only when there
is something to do.
"""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, delete, inspect, or_, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import DropTable

from helpdesk.core.database.base import Base
from helpdesk.core.errors import Conflict, NotFound, Unavailable, _, dump_message
from helpdesk.core.jobs.models import Job
from helpdesk.core.journal.models import Cursor
from helpdesk.core.runtime import Runtime
from helpdesk.core.settings.models import Fault, Setting

FOLDER = Path(__file__).parents[2] / "migrations"
CORE = "core"
CHAIN = "alembic_version_"  # what a plugin's version table is called, with its name behind
AWAY = _("The database does not answer (%(fault)s). Please check HELPDESK_DATABASE_URL and that it runs.")
NAME = re.compile(r"[a-z][a-z0-9_]*")
NUMBER = re.compile(r"""^(down_)?revision\b[^=\n]*=\s*["'](\w+)["']""", re.M)
LOCK = 0x48414D45  # PostgreSQL: one process upgrades, the others wait for it

log = logging.getLogger("hamdel.migrate")


@dataclass(frozen=True)
class Chain:
    """The revisions of the core or of one plugin."""

    name: str
    folder: Path

    @property
    def table(self) -> str:
        """Where the database remembers how far this chain came."""
        return "alembic_version" if self.name == CORE else CHAIN + self.name

    def head(self) -> str | None:
        """The newest revision this program knows: the one no other goes on from."""
        found = [
            match.groups() for path in self.folder.glob("*.py") for match in NUMBER.finditer(path.read_text("utf-8"))
        ]
        earlier = {number for down, number in found if down}
        return next((number for down, number in found if not down and number not in earlier), None)

    def current(self, connection: Connection) -> str | None:
        """The revision the database is at; None before the first."""
        if not inspect(connection).has_table(self.table):
            return None
        return connection.scalar(text(f'SELECT version_num FROM "{self.table}"'))

    def run(self, connection: Connection, act: str, revision: str, **attributes) -> None:
        """Let Alembic ``upgrade`` or ``downgrade`` to a revision on this connection."""
        from alembic import command

        getattr(command, act)(self.config(connection, **attributes), revision)

    def config(self, connection: Connection, **attributes):
        """Alembic's settings for this chain, on this connection."""
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
        config.set_main_option("version_locations", str(self.folder).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        config.attributes.update(connection=connection, version_table=self.table, **attributes)
        return config


def chains(runtime: Runtime) -> list[Chain]:
    """The core's chain, then those of the plugins that are on and bring a ``migrations`` folder."""
    found = [Chain(CORE, FOLDER / "versions")]
    for plugin in runtime.hooks.plugins.values():
        place = getattr(plugin.module, "__file__", None)
        if plugin.state == "on" and place and (Path(place).parent / "migrations").is_dir():
            found.append(Chain(plugin.name, Path(place).parent / "migrations"))
    return found


def upgrade(runtime: Runtime) -> None:
    """Bring every chain to its newest revision. A plugin whose revision fails is switched off with the reason; the
    core's stops all.
    """
    behind = check(runtime)
    for chain in chains(runtime):
        if chain.name not in behind:
            continue
        try:
            _run(runtime.engine, chain, "upgrade", "head")
        except Exception as error:
            if chain.name == CORE:
                raise _as_sentence(error) from None
            log.exception("the tables of %s", chain.name)
            reason = dump_message(
                _("Its tables could not be brought up to date: %(fault)s"), fault=type(error).__name__
            )
            runtime.hooks.refuse(runtime.hooks.plugins[chain.name], reason)


def _as_sentence(error: Exception) -> Exception:
    """A database that knows revisions we do not is a sentence; other faults stay what they are."""
    if type(error).__name__ == "CommandError":
        return Unavailable(_("The database belongs to another version of the desk: %(fault)s"), fault=str(error))
    return error


def downgrade(runtime: Runtime, revision: str, chain: str = CORE) -> None:
    """Take one chain back to a revision, ``base`` being an empty database."""
    _run(runtime.engine, next(c for c in chains(runtime) if c.name == chain), "downgrade", revision)


def versions(connection: Connection) -> dict[str, str]:
    """How far every chain came that this database knows, those of plugins that are off or gone among them."""
    first = CHAIN.removesuffix("_")
    found = [name for name in inspect(connection).get_table_names() if name == first or name.startswith(CHAIN)]
    at = {
        name.removeprefix(CHAIN) if name != first else CORE: connection.scalar(
            text(f'SELECT version_num FROM "{name}"')
        )
        for name in sorted(found)
    }
    return {name: version for name, version in at.items() if version}


def keep_versions(connection: Connection, versions_: dict[str, str]) -> None:
    """Remember how far the chains of plugins came that are not here, so that one that comes back goes on from there."""
    for name, version in versions_.items():
        if NAME.fullmatch(name) and name not in versions(connection):
            connection.execute(text(f'CREATE TABLE "{CHAIN}{name}" (version_num VARCHAR(32) NOT NULL PRIMARY KEY)'))
            connection.execute(text(f'INSERT INTO "{CHAIN}{name}" VALUES (:version)'), {"version": version})


def leftovers(runtime: Runtime, name: str) -> list[Table]:
    """The tables in the database that belong to a plugin by their names, those first that point to others."""
    found = MetaData()
    known = set(Base.metadata.tables)
    others = [other for other in runtime.hooks.plugins if other != name and other.startswith(f"{name}_")]
    with runtime.engine.connect() as connection:
        mine = [
            t
            for t in inspect(connection).get_table_names()
            if (t == name or t.startswith(f"{name}_")) and t not in known
        ]
        mine = [t for t in mine if not any(t == other or t.startswith(f"{other}_") for other in others)]
        found.reflect(connection, only=mine)
    return [table for table in reversed(found.sorted_tables) if table.name in mine]


def purge(runtime: Runtime, name: str) -> list[str]:
    """Delete everything that a plugin which is off or gone has left: its tables, settings, jobs, faults; returns the
    tables' names.
    """
    plugin = runtime.hooks.plugins.get(name)
    if not NAME.fullmatch(name):
        raise NotFound(_("There is no plugin named %(name)s."), name=name)
    if name == CORE or plugin and (plugin.state == "on" or plugin.builtin):
        raise Conflict(_("The plugin %(name)s is on. Please take it out of HELPDESK_PLUGINS first."), name=name)
    tables = leftovers(runtime, name)
    with changing(runtime.engine) as connection:
        for table in tables:
            connection.execute(DropTable(table))
        connection.execute(text(f'DROP TABLE IF EXISTS "{CHAIN}{name}"'))
        inner = f"{name}."
        connection.execute(
            delete(Setting).where(
                or_(Setting.name == f"plugin:{name}", Setting.name.startswith(f"plugin:{inner}", autoescape=True))
            )
        )
        connection.execute(delete(Job).where(Job.kind.startswith(inner, autoescape=True)))
        connection.execute(delete(Cursor).where(Cursor.name == f"on_event:{name}"))
        connection.execute(delete(Fault).where(Fault.plugin == name))
    return [table.name for table in tables]


def check(runtime: Runtime) -> dict[str, tuple[str | None, str | None]]:
    """The chains that are not at their newest revision: {name: (where it is, where it should be)}; {} when all is
    well.
    """
    try:
        with runtime.engine.connect() as connection:
            at = {chain.name: (chain.current(connection), chain.head()) for chain in chains(runtime)}
    except OperationalError as error:
        raise Unavailable(AWAY, fault=type(error.orig).__name__) from None
    return {name: pair for name, pair in at.items() if pair[0] != pair[1]}


def _run(engine: Engine, chain: Chain, act: str, revision: str) -> None:
    with changing(engine) as connection:
        filled = chain.current(connection) is not None
        chain.run(connection, act, revision)
        if filled and engine.dialect.name == "sqlite":
            _verify(connection)


def _verify(connection: Connection) -> None:
    """SQLite did not watch meanwhile: look whether any row points nowhere and the search index agrees with the
    messages.
    """
    astray = connection.execute(text("PRAGMA foreign_key_check")).first()
    if astray:
        raise Unavailable(
            _("The upgrade was taken back: a row of %(table)s points to one that is not there."), table=astray[0]
        )
    if inspect(connection).has_table("message_fts"):
        connection.execute(text("INSERT INTO message_fts(message_fts, rank) VALUES ('integrity-check', 1)"))


@contextmanager
def changing(engine: Engine):
    """A connection in one transaction that may change tables, while no other process does.

    SQLite rebuilds a table to change it, and would take dropping the old one for deleting its rows and all that point
    to them; so foreign keys are not enforced meanwhile. That can only be set outside of a transaction.
    """
    sqlite = engine.dialect.name == "sqlite"
    with engine.write_lock or nullcontext(), engine.connect().execution_options(writer=True) as connection:
        if sqlite:
            _foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
                yield connection
        finally:
            if sqlite:
                _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    connection.connection.dbapi_connection.execute(f"PRAGMA foreign_keys={state}")

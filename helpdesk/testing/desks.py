"""A small desk on a data folder of its own, for tests."""

from __future__ import annotations

from pathlib import Path

from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.accounts import accounts
from helpdesk.core.channels.channel_events import as_list
from helpdesk.core.errors import Malformed
from helpdesk.core.intake.parse_server import store_files
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people import teams
from helpdesk.core.runtime import Runtime
from helpdesk.security.sanitise import clean

from .databases import make_tables


class ReadHere:
    """Reads raw messages in this process: quicker than children, without their limits."""

    def __init__(self, runtime: Runtime):
        self.runtime = runtime

    def parse_many(self, jobs):
        """As ``ParserPool.parse_many``."""
        return [self._one(*job) for job in jobs]

    def _one(self, channel, account, raw_message):
        try:
            return store_files(as_list(self.runtime.channels[channel](account).parse(raw_message)), self.runtime.blobs)
        except Malformed as error:
            return error

    parse_slowly = parse_fast = parse_many

    def clean(self, html):
        """As ``ParserPool.clean``."""
        return clean(html)

    def shrink(self, idle: float = 0) -> None:
        """There are no children to let go."""

    def warm(self, fast: bool = False) -> None:
        """There are none to begin."""

    reserve, close = warm, shrink


def plain_runtime(folder: Path, plugins: str = "", database_url: str = "") -> Runtime:
    """A runtime with these plugins (by name, comma-separated), without tables."""
    environment = {
        "HELPDESK_DATA_DIR": str(folder),
        "HELPDESK_PLUGINS": plugins,
        "HELPDESK_SECRET_KEY": "a key for tests",
        "HELPDESK_DATABASE_URL": database_url,
    }
    return build_runtime(from_environment(environment))


def small_runtime(folder: Path, *kinds: type, plugins: str = "", database_url: str = "") -> Runtime:
    """A runtime with these plugins and these channel classes, its tables made, its raw messages read here."""
    runtime = plain_runtime(folder, plugins, database_url)
    make_tables(runtime.engine)
    runtime.channels |= {kind.name: kind for kind in kinds}
    runtime.parser = ReadHere(runtime)
    return runtime


def front_desk(uow: UnitOfWork, channel: str, **settings) -> int:
    """A team, a queue and an account "front" of this channel; returns the account's id."""
    team = teams.add_team(uow, "Front")
    queue = teams.add_queue(uow, "Front", [team.id])
    return accounts.create(uow, channel, "front", settings, queue.id).id

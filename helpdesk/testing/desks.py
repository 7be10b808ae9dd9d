"""A small desk on a data folder of its own, for tests."""

from __future__ import annotations

from pathlib import Path

from helpdesk.app import build_house
from helpdesk.config import from_environment
from helpdesk.core import accounts, teams
from helpdesk.core.base import Base
from helpdesk.core.channel_events import as_list
from helpdesk.core.errors import Malformed
from helpdesk.core.house import House
from helpdesk.core.parsing import store_files
from helpdesk.sanitise import clean


class ReadHere:
    """Reads parcels in this process: quicker than children, without their limits."""

    def __init__(self, house: House):
        self.house = house

    def parse_many(self, jobs):
        """As ``ParserPool.parse_many``."""
        return [self._one(*job) for job in jobs]

    def _one(self, channel, account, parcel):
        try:
            return store_files(as_list(self.house.channels[channel](account).parse(parcel)), self.house.blobs)
        except Malformed as error:
            return error

    def clean(self, html):
        """As ``ParserPool.clean``."""
        return clean(html)

    def shrink(self, idle: float = 0) -> None:
        """There are no children to let go."""

    warm = close = shrink


def small_house(folder: Path, *kinds: type, plugins: str = "", database_url: str = "") -> House:
    """A house with these plugins (by name, comma-separated) and these channel classes, its tables made, its parcels read here."""
    environment = {"HELPDESK_DATA_DIR": str(folder), "HELPDESK_PLUGINS": plugins, "HELPDESK_SECRET_KEY": "a key for tests"}
    house = build_house(from_environment({**environment, "HELPDESK_DATABASE_URL": database_url}))
    Base.metadata.create_all(house.engine)
    house.channels |= {kind.name: kind for kind in kinds}
    house.parser = ReadHere(house)
    return house


def front_desk(desk, channel: str, **settings) -> int:
    """A team, a queue and an account "front" of this channel; returns the account's id."""
    team = teams.add_team(desk, "Front")
    queue = teams.add_queue(desk, "Front", [team.id])
    return accounts.create(desk, channel, "front", settings, queue.id).id

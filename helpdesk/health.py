"""How the desk is: one finding for each part it depends on, with a sentence that names the cause when something is wrong."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from . import migrate
from .core.base import utcnow
from .core.database import upsert
from .core.errors import _, heard
from .core.house import House
from .core.models import Account, Delivery, Parcel, Setting
from .core.outbox import PAUSED

WORKER = "worker"
LEAST = 200  # megabytes; with less left, a few large mails fill the disk
SILENT = timedelta(seconds=60)  # without a beat the background work counts as dead
LATE = timedelta(minutes=5)  # a parcel nobody looked at, a delivery nobody sent
UNHEARD = timedelta(minutes=3)  # an account that should have asked for news meanwhile

log = logging.getLogger("hamdel.condition")


@dataclass(frozen=True)
class Finding:
    """One part: ``sentence`` (a message id) says what is wrong, and is empty when nothing is."""

    part: str
    sentence: str = ""
    values: dict = field(default_factory=dict)

    @property
    def well(self) -> bool:
        """True when nothing is wrong."""
        return not self.sentence


def findings(house: House) -> list[Finding]:
    """Everything the desk needs to do its work; when one part is ill, those that stand on it are not asked."""
    found = [*_guarded("files", _files, house), *_guarded("plugins", _plugins, house)]
    for part, look in {"database": _database, "migrations": _migrations}.items():
        found += _guarded(part, look, house)
        if not found[-1].well:
            return found
    for part, look in LOOKS.items():
        found += _guarded(part, look, house)
    return found


def beat(desk) -> None:
    """The background work is alive."""
    with desk.writing() as session:
        upsert(session, Setting, {"name": WORKER}, {"value": {"at": desk.clock().isoformat()}})


def oldest_parcel(desk) -> timedelta | None:
    """How long the oldest parcel has been waiting to be looked at."""
    return _age(desk, select(func.min(Parcel.at)).where(Parcel.state == "new"))


def oldest_delivery(desk) -> timedelta | None:
    """How long the most overdue delivery of an account that is on should have left already."""
    enabled = select(Account.id).where(Account.enabled)
    return _age(desk, select(func.min(Delivery.due_at)).where(Delivery.state.in_(("queued", "sending")), Delivery.account_id.in_(enabled)))


def last_beat(desk) -> timedelta | None:
    """How long ago the background work said that it is alive."""
    told = desk.session.get(Setting, WORKER, populate_existing=True)
    return utcnow() - datetime.fromisoformat(told.value["at"]) if told else None


def _age(desk, query) -> timedelta | None:
    since = desk.session.scalar(query)
    return max(utcnow() - since, timedelta(0)) if since else None


def _guarded(part: str, look: Callable[[House], Iterator[Finding]], house: House) -> list[Finding]:
    try:
        return list(look(house)) or [Finding(part)]
    except Exception as error:
        log.info("%s: %s", part, type(error).__name__)
        return [Finding(part, SENTENCES[part], {"fault": type(error).__name__})]


SENTENCES = {
    "files": _("The data folder cannot be written to (%(fault)s). Please check its owner and the space left."),
    "database": migrate.AWAY,
    "migrations": _("The database cannot be compared with this version (%(fault)s)."),
    "worker": _("The background work cannot be looked at (%(fault)s)."),
    "parcels": _("What came in cannot be counted (%(fault)s)."),
    "deliveries": _("What goes out cannot be counted (%(fault)s)."),
    "accounts": _("The accounts cannot be read (%(fault)s)."),
    "plugins": _("The plugins cannot be looked at (%(fault)s)."),
}


def _files(house: House) -> Iterator[Finding]:
    with tempfile.NamedTemporaryFile(dir=house.data_dir) as file:
        file.write(b"written")
        file.flush()
        os.fsync(file.fileno())
    left = shutil.disk_usage(house.data_dir).free // 1_000_000
    if left < LEAST:
        yield Finding("files", _("Only %(megabytes)s MB are left on the disk of %(path)s."), {"megabytes": left, "path": str(house.data_dir)})


def _database(house: House) -> Iterator[Finding]:
    with house.engine.connect() as connection:
        read_only = house.engine.dialect.name == "postgresql" and connection.scalar(text("SHOW transaction_read_only")) == "on"
        connection.execute(text("SELECT 1"))
    yield Finding("database", _("The database can only be read, not written to: is it a standby?") if read_only else "")


def _migrations(house: House) -> Iterator[Finding]:
    for chain in migrate.check(house):
        yield Finding("migrations", _("The tables of “%(name)s” are not those of this version. Please run: helpdesk init"), {"name": chain})


def _worker(house: House) -> Iterator[Finding]:
    with house.desk() as desk:
        silence = last_beat(desk)
    if silence is None or silence > SILENT:
        yield Finding("worker", _("The background work is not running: nothing is fetched or sent. Please start: helpdesk worker"))


def _parcels(house: House) -> Iterator[Finding]:
    with house.desk() as desk:
        age = oldest_parcel(desk)
    if age and age > LATE:
        yield Finding("parcels", _("Something that came in has been waiting for %(minutes)s minutes."), {"minutes": age // timedelta(minutes=1)})


def _deliveries(house: House) -> Iterator[Finding]:
    with house.desk() as desk:
        paused, age = desk.session.get(Setting, PAUSED), oldest_delivery(desk)
    if paused:
        yield Finding("deliveries", _("This desk was restored from a backup and sends nothing until you run: helpdesk resume"))
    elif age and age > LATE:
        sentence = _("A delivery should have left %(minutes)s minutes ago.")
        yield Finding("deliveries", sentence, {"minutes": age // timedelta(minutes=1)})


def _accounts(house: House) -> Iterator[Finding]:
    with house.desk() as desk:
        accounts = list(desk.session.scalars(select(Account).where(Account.enabled).order_by(Account.name)))
    for account in accounts:
        kind = house.channels.get(account.channel)
        if kind is None:
            sentence = _("The account %(name)s needs the channel %(channel)s, which no plugin that is on brings.")
            yield Finding("accounts", sentence, {"name": account.name, "channel": account.channel})
        elif account.fault:
            yield Finding("accounts", _("The account %(name)s: %(fault)s"), {"name": account.name, "fault": heard(account.fault)})
        elif kind.has("poll") and account.health.get("ok_at") and _unheard(account.health["ok_at"]):
            yield Finding("accounts", _("The account %(name)s has not asked for news since %(at)s."), {"name": account.name, "at": account.health["ok_at"]})


def _unheard(at: str) -> bool:
    return utcnow() - datetime.fromisoformat(at) > UNHEARD


def _plugins(house: House) -> Iterator[Finding]:
    for plugin in house.hooks.plugins.values():
        if plugin.state in ("refused", "stopped"):
            yield Finding("plugins", _("The plugin %(name)s is not running: %(fault)s"), {"name": plugin.name, "fault": heard(plugin.reason)})


LOOKS = {
    "worker": _worker,
    "parcels": _parcels,
    "deliveries": _deliveries,
    "accounts": _accounts,
}

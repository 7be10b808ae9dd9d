"""How the desk is: one finding for each part it depends on, with a sentence that names the cause when something is
wrong.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select, text

from helpdesk.core.accounts.models import Account
from helpdesk.core.database.base import utcnow
from helpdesk.core.errors import HelpdeskError, _, load_message
from helpdesk.core.observed import Check
from helpdesk.core.outbox.outbox import PAUSED
from helpdesk.core.runtime import Runtime
from helpdesk.core.settings.models import Setting

from . import migrate
from .ages import last_beat, oldest_delivery, oldest_raw_message

LEAST = 200  # megabytes; with less left, a few large mails fill the disk
SILENT = timedelta(seconds=60)  # without a beat the background work counts as dead
LATE = timedelta(minutes=5)  # a raw message nobody looked at, a delivery nobody sent
UNHEARD = timedelta(minutes=3)  # an account that should have asked for news meanwhile

log = logging.getLogger("hamdel.health")


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


def findings(runtime: Runtime) -> list[Finding]:
    """Everything the desk needs to do its work; when one part is ill, those that stand on it are not asked."""
    found = [*_guarded("files", _files, runtime), *_guarded("plugins", _plugins, runtime)]
    for part, look in {"database": _database, "migrations": _migrations}.items():
        found += _guarded(part, look, runtime)
        if not found[-1].well:
            return found
    for part, look in LOOKS.items():
        found += _guarded(part, look, runtime)
    return [*found, *(_asked(runtime, plugin, check) for (plugin, _name), check in runtime.checks.items())]


def _asked(runtime: Runtime, plugin: str, check: Check) -> Finding:
    """What a plugin's check says; a check that fails is a fault of its plugin and says nothing."""
    part = f"{plugin}.{check.name}"
    with runtime.uow() as uow:
        error = runtime.hooks.guarded(plugin, f"check {check.name}", partial(check.run, uow))
    return Finding(part, error.sentence, error.values) if isinstance(error, HelpdeskError) else Finding(part)


def _guarded(part: str, look: Callable[[Runtime], Iterator[Finding]], runtime: Runtime) -> list[Finding]:
    try:
        return list(look(runtime)) or [Finding(part)]
    except Exception as error:
        log.info("%s: %s", part, type(error).__name__)
        return [Finding(part, SENTENCES[part], {"fault": type(error).__name__})]


SENTENCES = {
    "files": _("The data folder cannot be written to (%(fault)s). Please check its owner and the space left."),
    "database": migrate.AWAY,
    "migrations": _("The database cannot be compared with this version (%(fault)s)."),
    "worker": _("The background work cannot be checked (%(fault)s)."),
    "raw_messages": _("Incoming messages cannot be counted (%(fault)s)."),
    "deliveries": _("Outgoing messages cannot be counted (%(fault)s)."),
    "accounts": _("The accounts cannot be read (%(fault)s)."),
    "plugins": _("The plugins cannot be checked (%(fault)s)."),
}


def _files(runtime: Runtime) -> Iterator[Finding]:
    with tempfile.NamedTemporaryFile(dir=runtime.data_dir) as file:
        file.write(b"written")
        file.flush()
        os.fsync(file.fileno())
    left = shutil.disk_usage(runtime.data_dir).free // 1_000_000
    if left >= LEAST:
        runtime.reserve.keep()
    if left < LEAST:
        yield Finding(
            "files",
            _("Only %(megabytes)s MB are left on the disk of %(path)s."),
            {"megabytes": left, "path": str(runtime.data_dir)},
        )


def _database(runtime: Runtime) -> Iterator[Finding]:
    with runtime.engine.connect() as connection:
        read_only = (
            runtime.engine.dialect.name == "postgresql"
            and connection.scalar(text("SHOW transaction_read_only")) == "on"
        )
        connection.execute(text("SELECT 1"))
    yield Finding("database", _("The database can only be read, not written to: is it a standby?") if read_only else "")


def _migrations(runtime: Runtime) -> Iterator[Finding]:
    for chain in migrate.check(runtime):
        yield Finding(
            "migrations",
            _("The tables of “%(name)s” are not those of this version. Please run: helpdesk init"),
            {"name": chain},
        )


def _worker(runtime: Runtime) -> Iterator[Finding]:
    with runtime.uow() as uow:
        silence = last_beat(uow)
    if silence is None or silence > SILENT:
        yield Finding(
            "worker", _("The background work is not running: nothing is fetched or sent. Please start: helpdesk worker")
        )


def _raw_messages(runtime: Runtime) -> Iterator[Finding]:
    with runtime.uow() as uow:
        age = oldest_raw_message(uow)
    if age and age > LATE:
        yield Finding(
            "raw_messages",
            _("An incoming message has been waiting for %(minutes)s minutes."),
            {"minutes": age // timedelta(minutes=1)},
        )


def _deliveries(runtime: Runtime) -> Iterator[Finding]:
    with runtime.uow() as uow:
        paused, age = uow.session.get(Setting, PAUSED), oldest_delivery(uow)
    if paused:
        yield Finding(
            "deliveries", _("This desk was restored from a backup and sends nothing until you run: helpdesk resume")
        )
    elif age and age > LATE:
        sentence = _("A delivery should have left %(minutes)s minutes ago.")
        yield Finding("deliveries", sentence, {"minutes": age // timedelta(minutes=1)})


def _accounts(runtime: Runtime) -> Iterator[Finding]:
    with runtime.uow() as uow:
        accounts = list(uow.session.scalars(select(Account).where(Account.enabled).order_by(Account.name)))
    for account in accounts:
        kind = runtime.channels.get(account.channel)
        if kind is None:
            sentence = _("The account %(name)s needs the channel %(channel)s, which no plugin that is on brings.")
            yield Finding("accounts", sentence, {"name": account.name, "channel": account.channel})
        elif account.fault:
            yield Finding(
                "accounts",
                _("The account %(name)s: %(fault)s"),
                {"name": account.name, "fault": load_message(account.fault)},
            )
        elif kind.has("poll") and account.health.get("ok_at") and _unheard(account.health["ok_at"]):
            yield Finding(
                "accounts",
                _("The account %(name)s has not asked for news since %(at)s."),
                {"name": account.name, "at": account.health["ok_at"]},
            )


def _unheard(at: str) -> bool:
    return utcnow() - datetime.fromisoformat(at) > UNHEARD


def _plugins(runtime: Runtime) -> Iterator[Finding]:
    for plugin in runtime.hooks.plugins.values():
        if plugin.state in ("refused", "stopped"):
            yield Finding(
                "plugins",
                _("The plugin %(name)s is not running: %(fault)s"),
                {"name": plugin.name, "fault": load_message(plugin.reason)},
            )


LOOKS = {
    "worker": _worker,
    "raw_messages": _raw_messages,
    "deliveries": _deliveries,
    "accounts": _accounts,
}

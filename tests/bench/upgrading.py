"""A desk of the first version with many messages comes over to the tables of this one: how long its operator waits."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from sqlalchemy import MetaData

from helpdesk.core.database.engine import make_engine
from helpdesk.core.runtime import Runtime
from helpdesk.core.storage.blobs import Blobs
from helpdesk.hooks.loader import Hooks
from helpdesk.ops import migrate
from tests.ops.test_upgrade import ROWS

PORTION = 10_000  # rows written at once
TURNS = 5  # messages of a ticket
FEW = ("queue", "account", "user", "customer", "identity")


def run(size) -> dict:
    """``{messages, seconds, cpu, megabytes}``: the upgrade by itself, its checks of keys and search included."""
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as folder:
        path = Path(folder) / "hamdel.db"
        engine = make_engine(f"sqlite:///{path}")
        runtime = Runtime(None, engine, Hooks(), Blobs(Path(folder) / "blobs"), None, parser=None)
        with migrate.changing(engine) as connection:
            migrate.chains(runtime)[0].run(connection, "upgrade", "0002")
        _fill(engine, size.messages)
        began, used = time.monotonic(), time.process_time()
        migrate.upgrade(runtime)
        measured = {"seconds": time.monotonic() - began, "cpu": time.process_time() - used}
        engine.dispose()
        return {"messages": size.messages, "megabytes": path.stat().st_size / 1e6, **measured}


def _fill(engine, messages: int) -> None:
    tables = MetaData()
    tables.reflect(engine)
    with engine.begin() as connection:
        for name in FEW:
            connection.execute(tables.tables[name].insert(), ROWS[name])
    for first in range(1, messages + 1, PORTION):
        numbers = range(first, min(first + PORTION, messages + 1))
        rows = {name: [] for name in ("ticket", "message", "message_text", "event")}
        for number in numbers:
            ticket = (number - 1) // TURNS + 1
            if (number - 1) % TURNS == 0:
                rows["ticket"].append(
                    ROWS["ticket"][0] | {"id": ticket, "last_message_id": number, "last_inbound_id": number}
                )
            rows["message"].append(
                ROWS["message"][number % 2]
                | {"id": number, "ticket_id": ticket, "external_id": f"m{number}", "parcel_id": None}
            )
            words = f"سلام سفارش شماره {number} کجاست parcel number {number}"
            rows["message_text"].append({"message_id": number, "spaced": words, "joined": words})
            rows["event"].append(ROWS["event"][0] | {"seq": number, "ticket_id": ticket, "message_id": number})
        with engine.begin() as connection:
            for name, many in rows.items():
                if many:
                    connection.execute(tables.tables[name].insert(), many)

"""What a page costs the server with many tickets and for agents with few and with many queues, and how many lists it
serves in a second.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path

from helpdesk.core.people import api_tokens
from helpdesk.testing.processes import Served

from . import loader, measure
from .visitor import Visitor, browser, cost, program

CLIENTS = 8
ROUNDS = 6  # each figure is measured so often, everything else in between; all of them are kept
PREFIXES = range(1, len(loader.COMMON) + 1)
RARE_PREFIXES = range(4, len(loader.RARE) + 1, 3)
FRAME = re.compile(rb'<iframe[^>]* src="([^"]+)"')
UNREAD = re.compile(rb'data-unread="([1-9]\d*)"')
LAST = re.compile(rb'name="seen" value="(\d+)"')


def run(size) -> dict:
    """``{tickets: {page: [milliseconds, a mean for each round], …, "list", "memory"}}``.

    The desks run side by side and each is asked in turn: the speed of a machine changes over minutes, and growth is to
    be seen without it.
    """
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as folder, ExitStack() as stack:
        loaded = [loader.load(Path(folder) / f"desk-{tickets}", tickets) for tickets in size.tickets]
        desks = [stack.enter_context(served(each)) for each in loaded]
        costs = measured(desks, size.requests)
        return {
            str(desk.tickets): {"pages": kept} | _afterwards(desk, size.seconds)
            for desk, kept in zip(desks, costs, strict=True)
        }


def measured(desks: list[Desk], requests: int) -> list[dict[str, list[float]]]:
    """For each desk {page: the mean of each round}, all of it in turns."""
    costs: list[dict[str, list[float]]] = [{name: [] for name in desk.pages} for desk in desks]
    for _round in range(ROUNDS):
        for name in desks[0].pages:
            for desk, kept in zip(desks, costs, strict=True):
                kept[name].append(cost(desk.served.process.pid, desk.pages[name], requests))
    return costs


@dataclass(frozen=True)
class Desk:
    """A desk that runs, and what it is asked for."""

    tickets: int
    served: Served
    token: str
    pages: dict


@contextmanager
def served(loaded: loader.Loaded):
    """A desk on these tickets."""
    token = _token(loaded)
    process = Served(loaded.folder, "web", HELPDESK_SECRET_KEY=loaded.secret, HELPDESK_PLUGINS="email")
    try:
        yield Desk(loaded.tickets, process, token, _pages(process.port, loaded, token))
    finally:
        process.stop()


def _afterwards(desk: Desk, seconds: float) -> dict:
    return {"list": _at_once(desk.served, desk.token, seconds), "memory": measure.memory(desk.served.process.pid)}


def _token(loaded: loader.Loaded) -> str:
    runtime = loader.runtime_of(loaded.folder, HELPDESK_SECRET_KEY=loaded.secret)
    with runtime.uow() as uow:
        token = api_tokens.add_token(uow, loaded.agent, "bench")
    runtime.engine.dispose()
    return token


def _pages(port: int, loaded: loader.Loaded, token: str) -> dict:
    """What is asked, by the name it has in the figures; ``cold``: every row is another one than was shown before."""
    few, persian, many = (browser(port, loaded.secret, who) for who in (loaded.agent, loaded.persian, loaded.wide))
    api, cool = program(port, token), Cooler(loaded.folder)
    tickets, theirs, others = cycle(loaded.long), cycle(loaded.elsewhere), cycle(loaded.long)
    alone = {"HX-Request": "true", "HX-Target": "ticket"}
    pages = {
        "queue page": (few, "/queues/1", "queue_id = 1"),
        "queue page in Persian": (persian, "/queues/1", "queue_id = 1"),
        "queue page, 50 queues": (many, "/queues/3", "queue_id = 3"),
        "all open": (few, "/views/all", "queue_id <= 2"),
        "all open, 50 queues": (many, "/views/all", "queue_id > 2"),
    }
    lists = {}
    for name, (who, path, where) in pages.items():
        lists[name] = lambda who=who, path=path: who.get(path)
        lists[f"{name}, cold"] = (lambda where=where: cool(where), lists[name])
    return lists | {
        "ticket of 20 messages": lambda: few.get(f"/tickets/{next(tickets)}", **alone),
        "ticket and all it asks next": lambda: opened(few, f"/tickets/{next(tickets)}", **alone),
        "ticket with its list and all it asks next": lambda: opened(few, f"/tickets/{next(tickets)}?in=queue-1"),
        "the same, cold": (
            lambda: cool("queue_id = 1"),
            lambda: opened(few, f"/tickets/{next(tickets)}?in=queue-1"),
        ),
        "the same, 50 queues, cold": (
            lambda: cool("queue_id > 2"),
            lambda: opened(many, f"/tickets/{next(theirs)}?in=all"),
        ),
        "search, rare word": lambda: few.get(f"/search?q={loader.RARE}"),
        **{
            f"search, {length} of {len(loader.RARE)} letters of the rare word": (
                lambda length=length: few.get(f"/search?q={loader.RARE[:length]}")
            )
            for length in RARE_PREFIXES
        },
        **{
            f"search, {length} of {len(loader.COMMON)} letters of a common word": (
                lambda length=length: few.get(f"/search?q={loader.COMMON[:length]}")
            )
            for length in PREFIXES
        },
        "search, beginning of many numbers": lambda: few.get("/search?q=1234"),
        "search, common word, 50 queues": lambda: many.get(f"/search?q={loader.COMMON}"),
        "search, word of other queues": lambda: few.get(f"/search?q={loader.ELSEWHERE}"),
        "API list of 50": lambda: api.get("/api/v1/tickets?queue=1&limit=50"),
        "API search, common word": lambda: api.get(f"/api/v1/search?q={loader.COMMON}"),
        "reply by the API": lambda: api.send(
            "POST", f"/api/v1/tickets/{next(others)}/replies", text="Thank you, it is on its way."
        ),
        "reply in the console": lambda: few.form(f"/tickets/{next(others)}/replies", text="سپاس از شما، در راه است."),
    }


class Cooler:
    """Gives every row at the head of a list other words, so that none is as it was shown before."""

    def __init__(self, folder: Path):
        self.database = sqlite3.connect(folder / "hamdel.db", timeout=60, isolation_level=None)
        self.turns = count(1)

    def __call__(self, where: str) -> None:
        self.database.execute(
            f"UPDATE ticket SET preview = ? || substr(preview, 9) WHERE id IN (SELECT id FROM ticket"
            f" WHERE active = 1 AND {where} ORDER BY target_at, id LIMIT 60)",
            [f"{next(self.turns):08}"],
        )


def opened(who: Visitor, path: str, **headers: str) -> None:
    """Open a ticket as a browser does: the page, the frames it names, and what it tells of what was read, over its line."""
    page = who.ask("GET", path, **headers, **{"Accept-Encoding": "identity"})
    for frame in FRAME.findall(page):
        who.get(frame.decode())
    if UNREAD.search(page):
        who.line().ask(
            "read", {"ticket": int(path.partition("?")[0].rpartition("/")[2]), "upto": int(LAST.search(page)[1])}
        )


def _at_once(served: Served, token: str, seconds: float) -> dict:
    """Eight programs ask for the list as fast as they are answered: requests a second, and the server's milliseconds
    for each.
    """
    counts, end = [0] * CLIENTS, time.monotonic() + seconds

    def ask(place: int, api: Visitor) -> None:
        while time.monotonic() < end:
            api.get("/api/v1/tickets?queue=1&limit=50")
            counts[place] += 1

    threads = [threading.Thread(target=ask, args=(place, program(served.port, token))) for place in range(CLIENTS)]
    before = measure.cpu(served.process.pid)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used = measure.cpu(served.process.pid) - before
    return {"a second": sum(counts) / seconds, "cost": used * 1000 / sum(counts), "share": used / seconds}

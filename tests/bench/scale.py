"""What a page costs the server with many tickets, and how many lists it serves in a second."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from helpdesk.core.people import api_tokens
from helpdesk.testing.processes import Served

from . import loader, measure
from .visitor import Visitor, browser, cost, program

CLIENTS = 8
ROUNDS = 6  # each figure is measured so often, everything in between, and the lowest counts


def run(size) -> dict:
    """``{tickets: {page: {mean, p95}, …, "list a second", "memory"}}``.

    The desks run side by side and each is asked in turn: the speed of a machine changes over minutes, and growth is to
    be seen without it.
    """
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as folder, ExitStack() as stack:
        loaded = [loader.load(Path(folder) / f"desk-{tickets}", tickets) for tickets in size.tickets]
        desks = [stack.enter_context(_served(each)) for each in loaded]
        costs = [{name: [] for name in desk.pages} for desk in desks]
        for _round in range(ROUNDS):
            for name in desks[0].pages:
                for desk, kept in zip(desks, costs, strict=True):
                    kept[name].append(cost(desk.served.process.pid, desk.pages[name], size.requests))
        return {
            str(desk.tickets): {name: _best(rounds) for name, rounds in kept.items()} | _afterwards(desk, size.seconds)
            for desk, kept in zip(desks, costs, strict=True)
        }


@dataclass(frozen=True)
class Desk:
    """A desk that runs, and what it is asked for."""

    tickets: int
    served: Served
    token: str
    pages: dict


@contextmanager
def _served(loaded: loader.Loaded):
    token = _token(loaded)
    served = Served(loaded.folder, "web", HELPDESK_SECRET_KEY=loaded.secret, HELPDESK_PLUGINS="email")
    try:
        yield Desk(loaded.tickets, served, token, _pages(served.port, loaded, token))
    finally:
        served.stop()


def _afterwards(desk: Desk, seconds: float) -> dict:
    return {"list": _at_once(desk.served, desk.token, seconds), "memory": measure.memory(desk.served.process.pid)}


def _token(loaded: loader.Loaded) -> str:
    runtime = loader.house_of(loaded.folder, HELPDESK_SECRET_KEY=loaded.secret)
    with runtime.uow() as uow:
        token = api_tokens.add_token(uow, loaded.agent, "bench")
    runtime.engine.dispose()
    return token


def _pages(port: int, loaded: loader.Loaded, token: str) -> dict:
    agent, persian, api = (
        browser(port, loaded.secret, loaded.agent),
        browser(port, loaded.secret, loaded.persian),
        program(port, token),
    )
    tickets, others = cycle(loaded.long), cycle(loaded.long)
    alone = {"HX-Request": "true", "HX-Target": "ticket"}
    return {
        "queue page": lambda: agent.get("/queues/1"),
        "queue page in Persian": lambda: persian.get("/queues/1"),
        "API list of 50": lambda: api.get("/api/v1/tickets?queue=1&limit=50"),
        "ticket of 20 messages": lambda: agent.get(f"/tickets/{next(tickets)}", **alone),
        "ticket with its list around": lambda: agent.get(f"/tickets/{next(tickets)}?in=queue-1"),
        "search, rare word": lambda: agent.get(f"/search?q={loader.RARE}"),
        "search, common word": lambda: agent.get(f"/search?q={loader.COMMON}"),
        "search, one letter": lambda: agent.get(f"/search?q={loader.COMMON[:1]}"),
        "search, two letters": lambda: agent.get(f"/search?q={loader.COMMON[:2]}"),
        "search, all but the last letter": lambda: agent.get(f"/search?q={loader.COMMON[:-1]}"),
        "search, word of other queues": lambda: agent.get(f"/search?q={loader.ELSEWHERE}"),
        "API search, common word": lambda: api.get(f"/api/v1/search?q={loader.COMMON}"),
        "reply by the API": lambda: api.send(
            "POST", f"/api/v1/tickets/{next(others)}/replies", text="Thank you, it is on its way."
        ),
        "reply in the console": lambda: agent.form(f"/tickets/{next(others)}/replies", text="سپاس از شما، در راه است."),
    }


def _best(rounds: list[list[float]]) -> dict:
    """The quietest of the rounds: what else runs on the machine can only make a round dearer."""
    mean, costs = min((statistics.mean(costs), costs) for costs in rounds)
    return {"mean": mean, "p95": measure.percentile(costs, 0.95)}


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

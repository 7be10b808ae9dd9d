"""Role-play: a turn with many live runs, in the engine alone and as the desk keeps it, and what hostile files cost."""

from __future__ import annotations

import gc
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from helpdesk.api.errors import HelpdeskError
from helpdesk.core.people import users
from helpdesk.core.people.actors import actor_for
from helpdesk.testing import Letters, small_runtime
from helpdesk.testing.databases import make_tables
from tests.training.language.test_loading import BAD
from tests.training.notebook.test_hostile import CELLS, WHOLE, book
from training import practice, releases
from training.engine import Turn, dump, replay, start, step, turns_of
from training.language import load
from training.matching import read
from training.notebook import read_workshop
from training.tables import Base

from . import measure

TEXT = Path(__file__).parents[1] / "training/wet-book.yaml"
SAYINGS = (
    "I am so sorry, I understand how upsetting this must be for you. What was the book going to be for?",
    "خیلی متأسفم، حق دارید ناراحت باشید. می‌شود بگویید این کتاب برای چه بود؟",
    "Could you give me the order number, please?",
    "خودم همین الان پیگیری می‌کنم و تا ساعت ۵ خبر می‌دهم.",
    "Thank you for your patience. Let me look into that.",
    "hm",
)


def run(size) -> dict:
    """``{runs, engine: {clock, processor, second}, desk: …, megabytes, replayed, hostile, slowest}``; times in milliseconds."""
    runs = max(20, min(500, size.people))
    engine, megabytes, replayed = _engine(runs, size.requests)
    files, slowest = _hostile()
    desk = _desk(runs, size.requests)
    return {
        "runs": runs,
        "engine": engine,
        "desk": desk,
        "megabytes": megabytes,
        "replayed": replayed,
        "hostile": files,
        "slowest": slowest,
    }


def _engine(count: int, rounds: int) -> tuple[dict, float, int]:
    """A round is one turn of each run; afterwards each is played again and compared to the byte."""
    scenario, chance, took = load(TEXT.read_text("utf-8")), random.Random(1), []
    gc.collect()
    before = measure.memory(os.getpid())
    live = [start(scenario, chance.choice(("fa", "en")), seed) for seed in range(count)]
    for number in range(1, rounds + 1):
        for index, one in enumerate(live):
            if not one.end:
                turn = Turn(chance.choice(SAYINGS), number * 20.0)
                (live[index], _new), times = _timed(lambda one=one, turn=turn: step(one, turn, read))
                took.append(times)
    grown = measure.memory(os.getpid()) - before
    same = sum(_bytes(replay(scenario, one.lang, one.seed, turns_of(one.events), read)) == _bytes(one) for one in live)
    return _times(took), round(grown, 1), same


def _bytes(one) -> str:
    return json.dumps([dump(event) for event in one.events], ensure_ascii=False)


def _desk(count: int, rounds: int) -> dict:
    """The same by ``practice.reply``: moments read and folded, the turn, one commit in SQLite."""
    took, chance = [], random.Random(2)
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as folder:
        runtime = small_runtime(Path(folder), Letters, plugins="training")
        make_tables(runtime.engine, metadata=Base.metadata)
        with runtime.uow() as uow:
            people = [
                users.add(uow, f"p{n}@desk.example", f"P {n}", "agent" if n else "trainer") for n in range(count + 1)
            ]
            trainer, *agents = (uow.acting(actor_for(uow.session, one, runtime.permissions)) for one in people)
            hash_ = releases.publish_scenario(trainer, TEXT.read_text("utf-8"))
            live = [practice.begin(mine, hash_, chance.choice(("fa", "en"))) for mine in agents]
            for _round in range(min(rounds, 4)):
                for index, (mine, one) in enumerate(zip(agents, live, strict=True)):
                    if not one.run.end:
                        reply = partial(practice.reply, mine, one.id, one.version, chance.choice(SAYINGS))
                        live[index], times = _timed(reply)
                        took.append(times)
        runtime.engine.dispose()
    return _times(took)


def _timed(act: Callable[[], Any]) -> tuple[Any, tuple[float, float]]:
    """What it returns, and the seconds of the clock and of the processor that it took."""
    clock, processor = time.perf_counter(), time.process_time()
    done = act()
    return done, (time.perf_counter() - clock, time.process_time() - processor)


def _times(took: list[tuple[float, float]]) -> dict:
    """Milliseconds of both, and turns a second of processor time."""
    clock, processor = [clock for clock, _ in took], [processor for _, processor in took]
    return {
        "clock": [round(measure.percentile(clock, share) * 1000, 2) for share in (0.5, 0.99)],
        "processor": [round(measure.percentile(processor, share) * 1000, 2) for share in (0.5, 0.99)],
        "second": round(len(took) / sum(processor)),
    }


def _hostile() -> tuple[int, float]:
    """How many hostile files are refused, and the slowest refusal in milliseconds of processor time."""
    scenarios: list[Callable[[], object]] = [lambda text=text: load(text) for text in BAD]
    contents = [*WHOLE, *(json.dumps(book(cell)).encode() for cell in CELLS)]
    notebooks: list[Callable[[], object]] = [lambda content=content: read_workshop(content) for content in contents]
    slowest, refused = 0.0, 0
    for attempt in [*scenarios, *notebooks]:
        began = time.process_time()
        try:
            attempt()
        except HelpdeskError:
            refused += 1
        slowest = max(slowest, time.process_time() - began)
    return refused, round(slowest * 1000, 1)

"""A run as a notebook: ``In [n]`` is what the agent wrote, ``Out [n]`` what happened, exactly and for people.

The first cell starts the run, each further one is a reply, a button or a wait, with its second in the first line:
the sources alone are enough to play it again. The outputs hold the events of that time, to compare.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from helpdesk.api.errors import Invalid, _

from ..engine import Event, Run, Turn, dump, events, load
from ..language.model import LANGS
from . import writing
from .projection import project
from .reading import Cell, Notebook, read

KIND, TRAINEE = "run", "trainee"
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_AT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True)
class Recording:
    """What a run file says: enough to play it again, and what came out then, cell by cell."""

    scenario: str
    hash: str
    lang: str
    seed: int
    turns: tuple[Turn, ...]
    outputs: tuple[tuple[Event, ...], ...]  # of the start, then of each turn
    cells: tuple[Cell, ...]
    projected: bool = False


def write_run(run: Run, for_trainee: bool = False, **more: Any) -> bytes:
    """The file of a run, with all its events or as far as its trainee may see them. ``more`` goes into the notebook's
    metadata: the workshop, the trainee's attempt.
    """
    groups = _groups(run.events)
    cells = []
    for count, (source, type_, group) in enumerate(groups, 1):
        made = writing.cell(type_, "start" if count == 1 else f"turn-{count - 1}", source, count)
        kept = project(run.scenario, group) if for_trainee else group
        made.outputs = [writing.output(_for_people(run, group), [dump(event) for event in kept], count)]
        cells.append(made)
    meta = {
        "kind": KIND,
        "scenario": run.scenario.id,
        "release": {"hash": run.scenario.hash},
        "lang": run.lang,
        "seed": run.seed,
        "end": run.end or None,
    }
    if for_trainee:
        meta["projection"] = TRAINEE
    return writing.write({**meta, **more}, cells)


def _groups(recorded: Sequence[Event]) -> list[tuple[str, str, Sequence[Event]]]:
    """(source, type, events) of every cell."""
    marks = [i for i, event in enumerate(recorded) if isinstance(event, events.Replied | events.Waited)]
    bounds = [0, *marks, len(recorded)]
    return [(*_source(recorded[first]), recorded[first:last]) for first, last in pairwise(bounds)]


def _source(event: Event) -> tuple[str, str]:
    if isinstance(event, events.Started):
        return f"%%start {event.scenario} lang={event.lang} seed={event.seed}", "roleplay"
    if isinstance(event, events.Waited):
        return f"%%wait at={_second(event)}", "wait"
    assert isinstance(event, events.Replied)
    actions = f" actions={','.join(event.actions)}" if event.actions else ""
    if event.choice:
        return f"%%choice {event.choice} at={_second(event)}{actions}\n{event.text}", "choice"
    return f"%%reply at={_second(event)}{actions}\n{event.text}", "reply"


def _second(event: events.Replied | events.Waited) -> str:
    return f"{event.at:.3f}".rstrip("0").rstrip(".")


def _for_people(run: Run, group: Sequence[Event]) -> str:
    """The customer's words, and the meters that the trainee may see."""
    lines = []
    for event in group:
        if isinstance(event, events.Said):
            who = run.scenario.cast.get(event.who, run.scenario.persona)
            lines.append(f"{who.name.get(run.lang) or next(iter(who.name.values()))}: {event.text}")
        elif isinstance(event, events.MeterMoved) and event.by and run.scenario.meters[event.meter].show:
            lines.append(f"[{event.meter} {event.by:+d} → {event.value}]")
        elif isinstance(event, events.Ended):
            lines.append(f"[{event.name}]")
    return "\n".join(lines)


def read_run(content: bytes) -> Recording:
    """The recording in a file. Invalid with a sentence that names the cell."""
    book = read(content)
    if book.meta.get("kind") != KIND:
        raise Invalid(_("This notebook is no run."))
    scenario, hash_, lang, seed = _release(book)
    outputs = tuple(_events(cell) for cell in book.cells)
    turns = tuple(
        replace(_turn(cell), lines=_phrased(output)) for cell, output in zip(book.cells[1:], outputs[1:], strict=True)
    )
    opening = _phrased(outputs[0])
    if opening:
        turns = (Turn(at=-1.0, silent=True, lines=opening), *turns)
    return Recording(scenario, hash_, lang, seed, turns, outputs, book.cells, book.meta.get("projection") == TRAINEE)


def _release(book: Notebook) -> tuple[str, str, str, int]:
    release = book.meta.get("release")
    hash_ = release.get("hash") if isinstance(release, dict) else None
    if not isinstance(hash_, str) or not _HASH.fullmatch(hash_):
        raise Invalid(_("This run does not say of which release it is."))
    first = book.cells[0] if book.cells else None
    if first is None or first.kind != "start":
        raise Invalid(_("The first cell of a run begins with %%start."))
    lang, seed = first.options.get("lang", ""), first.options.get("seed", "")
    if lang not in LANGS or not re.fullmatch(r"[0-9]{1,9}", seed, re.ASCII):
        raise Invalid(_("Cell %(cell)s needs a language and a seed: lang=fa seed=1."), cell=first.number)
    return first.argument, hash_, lang, int(seed)


def _turn(cell: Cell) -> Turn:
    at = cell.options.get("at", "")
    actions = tuple(filter(None, cell.options.get("actions", "").split(",")))
    if cell.kind not in ("reply", "choice", "wait") or not _AT.fullmatch(at):
        raise Invalid(_("Cell %(cell)s is no reply with its second: reply at=20."), cell=cell.number)
    if cell.kind == "wait":
        return Turn(at=float(at), silent=True)
    if cell.kind == "choice":
        if not re.fullmatch(r"[1-9][0-9]?", cell.argument, re.ASCII):
            raise Invalid(_("Cell %(cell)s does not say which button was chosen."), cell=cell.number)
        return Turn(at=float(at), choice=int(cell.argument), actions=actions)
    return Turn(cell.body, float(at), actions)


def _events(cell: Cell) -> tuple[Event, ...]:
    if len(cell.outputs) != 1 or not isinstance(cell.outputs[0], list):
        raise Invalid(_("Cell %(cell)s has not one output with its events."), cell=cell.number)
    try:
        return tuple(load(event) for event in cell.outputs[0])
    except Invalid:
        raise Invalid(_("Cell %(cell)s: its output holds something that is no event."), cell=cell.number) from None


def _phrased(output: Sequence[Event]) -> tuple[str, ...]:
    """The customer's words as a model phrased them, where one did."""
    lines = tuple(event.text if event.planned else "" for event in output if isinstance(event, events.Said))
    if not all(isinstance(line, str) and len(line) <= 2000 for line in lines):
        raise Invalid(_("The customer's words in this run are no text."))
    return lines if any(lines) else ()

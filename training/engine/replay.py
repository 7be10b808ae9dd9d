"""A run again from what was recorded: by its turns (the engine decides anew) or by its events (they are believed)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from helpdesk.api.errors import Invalid, _

from ..language.model import Scenario
from ..matching.reading import Reader
from . import events
from .run import Run, Turn, apply, begun
from .step import start, step


def replay(
    scenario: Scenario, lang: str, seed: int, turns: Iterable[Turn], reader: Reader, past_end: bool = False
) -> Run:
    """The run that these turns give; its events are the same, to the byte, as those of the first time.

    Invalid for a turn behind the end, unless with ``past_end`` these are left out.
    """
    turns = list(turns)
    opening = turns.pop(0).lines if turns and turns[0].at < 0 else ()
    run = start(scenario, lang, seed, opening)
    for turn in turns:
        if past_end and run.end:
            break
        run, _new = step(run, turn, reader)
    return run


def fold(scenario: Scenario, recorded: Sequence[events.Event]) -> Run:
    """The run after recorded events. Invalid when they are of another scenario."""
    first = recorded[0] if recorded else None
    if not isinstance(first, events.Started) or first.hash != scenario.hash:
        raise Invalid(_("These events belong to another release of the scenario."))
    run = begun(scenario, first.lang, first.seed)
    for event in recorded:
        run = apply(run, event)
    return run


def turns_of(recorded: Sequence[events.Event]) -> list[Turn]:
    """The turns that led to these events; the first may hold only how the opening line was phrased (``at`` is -1)."""
    turns: list[Turn] = []
    given = Turn(at=-1.0, silent=True)
    lines: list[str] = []

    def close() -> None:
        phrased = tuple(lines) if any(lines) else ()
        if given.at >= 0 or phrased:
            turns.append(replace(given, lines=phrased))

    for event in recorded:
        if isinstance(event, events.Replied | events.Waited):
            close()
            lines = []
            if isinstance(event, events.Waited):
                given = Turn(at=event.at, silent=True)
            else:
                given = Turn("" if event.choice else event.text, event.at, event.actions, event.choice)
        elif isinstance(event, events.Said):
            lines.append(event.text if event.planned else "")
    close()
    return turns


def fork(run: Run, turn: int) -> Run:
    """The run as it stood before reply number ``turn``, to practise from there."""
    for index, event in enumerate(run.events):
        if isinstance(event, events.Replied) and event.turn == turn:
            return fold(run.scenario, run.events[:index])
    raise Invalid(_("There is no such turn."))

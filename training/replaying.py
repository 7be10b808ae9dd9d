"""A run file played again: the same bytes, or the first difference."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from helpdesk.api.errors import Invalid, _

from .engine import Event, dump, start, step
from .language import Scenario, load
from .matching import Reader
from .notebook import Recording, read_workshop
from .notebook.projection import project


def compare(recording: Recording, scenario: Scenario, reader: Reader) -> dict[str, Any]:
    """As plain JSON: ``same``, how many ``events``, and of the first difference the cell with both events.

    Invalid when the release is another one, or a turn of the file cannot be played; the sentence names the cell.
    """
    if scenario.hash != recording.hash:
        raise Invalid(_("This scenario is another release than the one of the run."))
    turns = list(recording.turns)
    opening = turns.pop(0).lines if turns and turns[0].at < 0 else ()
    run = start(scenario, recording.lang, recording.seed, opening)
    for number, turn in enumerate(turns, 2):
        try:
            run, _new = step(run, turn, reader)
        except Invalid as error:
            raise Invalid(_("Cell %(cell)s: %(problem)s"), cell=number, problem=str(error)) from None
    again = list(project(scenario, run.events)) if recording.projected else run.events
    recorded = [event for output in recording.outputs for event in output]
    difference = _first_difference(recorded, again)
    result = {"same": difference is None, "events": len(again), "end": run.end or None, "score": run.score}
    if difference is not None:
        result |= {"cell": _cell_of(recording, difference), "recorded": _at(recorded, difference)}
        result["now"] = _at(again, difference)
    return result


def release_in(content: bytes, hash_: str) -> Scenario | None:
    """The scenario with this hash in a workshop's notebook or in a scenario's own file."""
    if content.lstrip()[:1] == b"{":
        return read_workshop(content).by_hash(hash_)
    scenario = load(content)
    return scenario if scenario.hash == hash_ else None


def _first_difference(recorded: Sequence[Event], again: Sequence[Event]) -> int | None:
    for index in range(max(len(recorded), len(again))):
        if _bytes(recorded, index) != _bytes(again, index):
            return index
    return None


def _bytes(recorded: Sequence[Event], index: int) -> str:
    return json.dumps(_at(recorded, index), ensure_ascii=False, sort_keys=True)


def _at(recorded: Sequence[Event], index: int) -> dict[str, Any] | None:
    return dump(recorded[index]) if index < len(recorded) else None


def _cell_of(recording: Recording, difference: int) -> int:
    """The number of the cell whose output holds this event, or should."""
    seen = 0
    for number, output in enumerate(recording.outputs, 1):
        seen += len(output)
        if difference < seen:
            return number
    return len(recording.outputs)

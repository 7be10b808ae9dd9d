"""The events of a run as far as its trainee may have them in a file: what was written, said and shown.

Which rule held, the states, hidden meters, the names of facts and where a line stands in the scenario are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..engine import Event, events
from ..language.model import Scenario

KEPT = (events.Started, events.Waited, events.Coached, events.Ended)


def project(scenario: Scenario, recorded: Iterable[Event]) -> Iterator[Event]:
    """What a trainee's file holds of these events; projecting twice changes nothing more."""
    for event in recorded:
        if isinstance(event, KEPT):
            yield event
        elif isinstance(event, events.Replied):
            yield replace(event, intents=(), over=())
        elif isinstance(event, events.MeterMoved):
            if scenario.meters[event.meter].show and event.by:
                yield events.MeterMoved(event.meter, event.by, event.value, "")
        elif isinstance(event, events.Said):
            yield replace(event, place="")
        elif isinstance(event, events.Offered):
            yield events.Offered(tuple((number, label) for number, (_rule, label) in enumerate(event.choices, 1)))

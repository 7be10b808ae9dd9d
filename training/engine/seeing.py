"""What a reply says, for the engine: acts by the reader, intents and limits of the scenario, what was done."""

from __future__ import annotations

from ..matching.reading import Act, Reader
from .conditions import Seen, is_over
from .run import Run, Turn


def see(run: Run, turn: Turn, reader: Reader, at: float) -> Seen:
    """What is found in the text of a turn."""
    scenario = run.scenario
    reading = reader(turn.text, run.lang, run.said)
    spans = ((name, intent.find(reading.normal)) for name, intent in scenario.intents.items())
    return Seen(
        acts=reading.acts,
        intents=tuple((name, *span) for name, span in spans if span),
        over=tuple(name for name, limit in scenario.limits.items() if is_over(limit, reading.normal, run.lang)),
        actions=turn.actions,
        questions=turn.text.count("?") + turn.text.count("؟"),
        length=len(turn.text),
        since=at - run.at,
    )


def chosen(run: Run, choice: int, at: float) -> tuple[Seen, str]:
    """What a button stands for, with its label: the least that the condition of its rule asks of a reply."""
    index, label = run.choices[choice - 1]
    rule = run.scenario.states[run.state].rules[index]
    condition = rule.when[0]
    names = (*condition.act[:1], *condition.all_acts)
    seen = Seen(
        acts=tuple(Act(name, 0, len(label), 0.5) for name in names),
        intents=tuple((name, 0, len(label)) for name in condition.intent[:1]),
        over=tuple(run.scenario.limits) if "*" in condition.over else condition.over[:1],
        actions=condition.action[:1],
        length=len(label),
        since=at - run.at,
    )
    return seen, label

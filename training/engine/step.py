"""One turn, in a fixed order: what the reply says → effects of its acts → timers that were due → the first rule that
holds → else acknowledge → else the fallback ladder → escalations → endings. Everything that happens is an event.
"""

from __future__ import annotations

import re
from dataclasses import replace

from helpdesk.api.errors import Invalid, _

from ..language.model import Scenario
from ..matching.reading import Reader
from . import events
from .conditions import Seen, holds
from .moment import Moment, Phrasing
from .run import TURNS, Run, Turn, begun
from .seeing import chosen, see

_UNWRITTEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # what no row and no file keeps
_ACTION = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
ACTIONS = 10  # of one turn
LONGEST = 4000  # characters of a reply
LATEST = 10**8  # seconds a run may take


def start(scenario: Scenario, lang: str, seed: int, lines: tuple[str, ...] = (), phrase: Phrasing | None = None) -> Run:
    """A new run: the customer says the first line. ``lines`` and ``phrase`` as for ``step``."""
    moment = Moment(begun(scenario, lang, seed), 0.0, lines, phrase)
    moment.add(events.Started(scenario.id, scenario.hash, lang, seed))
    moment.enter()
    return moment.run


def step(run: Run, turn: Turn, reader: Reader, phrase: Phrasing | None = None) -> tuple[Run, list[events.Event]]:
    """The run after a reply, and what happened. Invalid with a sentence when the run takes no such turn.

    ``phrase`` may say a planned line in other words; what it returns is in the event.
    """
    _check(run, turn)
    at = max(run.now, round(float(turn.at), 3))
    if turn.silent:
        return tick(run, at, turn.lines, phrase)
    turn = replace(turn, text=_UNWRITTEN.sub("", turn.text.replace("\r\n", "\n")).strip())
    seen, text = chosen(run, turn.choice, at) if turn.choice else (see(run, turn, reader, at), turn.text)
    rule = run.choices[turn.choice - 1][0] if turn.choice else None
    moment = Moment(run, at, turn.lines, phrase)
    due = moment.due()
    acts = tuple((act.name, act.start, act.end, act.confidence) for act in seen.acts)
    number = run.turns + 1
    moment.add(events.Replied(number, at, text, tuple(turn.actions), turn.choice, acts, seen.intents, seen.over))
    _effects(moment, seen)
    moment.fire(due)
    _react(moment, seen, rule)
    _after(moment, seen)
    return moment.run, moment.new


def tick(
    run: Run, at: float, lines: tuple[str, ...] = (), phrase: Phrasing | None = None
) -> tuple[Run, list[events.Event]]:
    """The run after a moment without a reply; nothing happens unless a timer is due."""
    if run.end:
        return run, []
    moment = Moment(run, max(run.now, round(at, 3)), lines, phrase)
    due = moment.due()
    if not due:
        return run, []
    moment.add(events.Waited(moment.at))
    moment.fire(due)
    _after(moment, Seen(since=moment.at - run.at))
    return moment.run, moment.new


def _check(run: Run, turn: Turn) -> None:
    if run.end:
        raise Invalid(_("This conversation is over."))
    if not -1 < turn.at < LATEST:
        raise Invalid(_("This moment is outside the run."))
    if turn.choice:
        if turn.choice > len(run.choices):
            raise Invalid(_("There is no such choice now."))
    elif not turn.silent and not turn.text.strip():
        raise Invalid(_("Please write a reply."))
    if len(turn.actions) > ACTIONS or not all(_ACTION.fullmatch(action) for action in turn.actions):
        raise Invalid(_("These are no actions of an agent."))
    if len(turn.text) > LONGEST:
        raise Invalid(_("A reply can have %(most)s characters."), most=LONGEST)


def _effects(moment: Moment, seen: Seen) -> None:
    """What the acts and intents do to the meters, each once in a run unless it repeats."""
    spans: dict[str, tuple[str, int, int]] = {}
    for act in seen.acts:
        spans.setdefault(act.name, (f"act:{act.name}", act.start, act.end))
    for name, first, last in seen.intents:
        spans.setdefault(name, (f"intent:{name}", first, last))
    for name, (because, first, last) in spans.items():
        effect = moment.run.scenario.effects.get(name)
        if effect and (effect.repeat or because not in moment.run.counted):
            moment.change(effect.change, because, first, last)


def _react(moment: Moment, seen: Seen, chosen_rule: int | None) -> None:
    """The customer's answer: by rule, acknowledgement or ladder."""
    run = moment.run
    state = run.scenario.states[run.state]
    if chosen_rule is not None:
        moment.follow(run.state, chosen_rule, state.rules[chosen_rule])
        return
    for name, rules in (("", run.scenario.rules), (run.state, state.rules)):
        for index, rule in enumerate(rules):
            if holds(rule.when, run, seen):
                moment.follow(name, index, rule)
                return
    for base, acknowledge in ((f"states.{run.state}.", state.acknowledge), ("", run.scenario.acknowledge)):
        for act, lines in acknowledge.items():
            if act in seen.names and act not in run.acknowledged:
                moment.add(events.Acknowledged(act))
                moment.say(lines, f"{base}acknowledge.{act}")
                return
    moment.fall_back()


def _after(moment: Moment, seen: Seen) -> None:
    """Escalations, then endings; the last turn there may be ends the run."""
    scenario = moment.run.scenario
    for index, escalation in enumerate(scenario.escalations):
        if index not in moment.run.escalated and holds(escalation.when, moment.run, seen):
            place = f"escalations.{index}"
            moment.add(events.Escalated(index, escalation.to))
            moment.change(escalation.effect, place)
            moment.say(escalation.say, f"{place}.say")
            moment.go(escalation.goto, silent=bool(escalation.say))
    for index, ending in enumerate(scenario.endings):
        if holds(ending.when, moment.run, seen):
            moment.say(ending.say, f"endings.{index}.say")
            moment.add(events.Ended(ending.name, ending.score))
            return
    if moment.run.turns >= TURNS:
        moment.add(events.Ended("out-of-turns", 0.0))

"""The events of one moment, collected while each is applied, so that what comes later sees what came before."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from ..language.model import Effect, Lines, Rule
from . import events
from .conditions import possible
from .run import Run, apply

Phrasing = Callable[[Run, str, str], str]  # (run, who speaks, planned line) -> the line as it is said


class Moment:
    """A run at a moment, and the events that are new. Every change goes through ``add``."""

    def __init__(self, run: Run, at: float, lines: tuple[str, ...], phrase: Phrasing | None):
        self.run, self.at, self.new = run, at, list[events.Event]()
        self._recorded = list(lines)
        self._phrase = phrase

    def add(self, event: events.Event) -> None:
        """It happened."""
        self.run = apply(self.run, event)
        self.new.append(event)

    def change(self, effect: Effect, because: str, start: int = 0, end: int = 0) -> None:
        """Move meters, within 0 and 10."""
        for meter, by in effect.items():
            old = self.run.meters[meter]
            value = min(10, max(0, old + by))
            self.add(events.MeterMoved(meter, value - old, value, because, start, end))

    def say(self, lines: Lines, place: str, at: float | None = None) -> None:
        """Say one variant of a line, if there is any: the first by the seed, then each in turn."""
        run = self.run
        variants = lines.get(run.lang) or next(iter(lines.values()), ())
        if variants:
            first = Random(f"{run.scenario.hash}:{run.seed}:{place}").randrange(len(variants))
            self._said(variants[(first + run.used.get(place, 0)) % len(variants)], place, at)

    def _said(self, planned: str, place: str, at: float | None = None) -> None:
        who = self.run.scenario.states[self.run.state].who
        text = planned
        if self._recorded:
            text = self._recorded.pop(0) or planned
        elif self._phrase:
            text = self._phrase(self.run, who, planned)
        said = events.Said(who, text, place, self.at if at is None else at, planned if text != planned else "")
        self.add(said)

    def enter(self) -> None:
        """Say what the state says on entering it."""
        self.say(self.run.scenario.states[self.run.state].say, f"states.{self.run.state}.say")

    def go(self, state: str, silent: bool = False) -> None:
        """Move to a state, if one is named."""
        if state:
            self.add(events.Moved(state))
            if not silent:
                self.enter()

    def follow(self, state: str, index: int, rule: Rule) -> None:
        """Do what a rule says, one of a state, or with "" of those that stand before all states'."""
        run, path = self.run, f"states.{state}.rules.{index}" if state else f"rules.{index}"
        self.add(events.RuleMatched(state, index))
        self.change(rule.effect, path)
        new = [fact for fact in rule.reveal if fact not in run.revealed]
        for fact in new:
            self.add(events.Revealed(fact))
        self.say(rule.say, f"{path}.say")
        told = () if rule.say else new if new or rule.goto else rule.reveal  # asked again, the same is said again
        for fact in told:
            text = run.scenario.facts[fact].text
            self._said(text.get(run.lang) or next(iter(text.values())), f"facts.{fact}")
        self.go(rule.goto, silent=bool(rule.say or told))
        if rule.coach:
            self.add(events.Coached(rule.coach.get(run.lang) or next(iter(rule.coach.values()))))

    def fall_back(self) -> None:
        """The next rung; from the last one on, buttons."""
        run, ladder = self.run, self.run.scenario.fallback
        rung = min(run.rung, len(ladder) - 1)
        self.add(events.FellBack(rung))
        self.change(ladder[rung].effect, f"fallback.{rung}")
        self.say(ladder[rung].say, f"fallback.{rung}.say")
        self.go(ladder[rung].goto, silent=True)
        if rung == len(ladder) - 1:
            rules = self.run.scenario.states[self.run.state].rules
            offered = [(i, r.choice) for i, r in enumerate(rules) if r.choice and possible(r.when[0], self.run)]
            if offered:
                labels = ((i, label.get(run.lang) or next(iter(label.values()))) for i, label in offered)
                self.add(events.Offered(tuple(labels)))

    def due(self) -> list[tuple[float, int, int]]:
        """The timers that are due since the last reply and have not fired: (moment, timer, how often by then)."""
        run, found = self.run, []
        for index, timer in enumerate(run.scenario.timers):
            if not timer.states or run.state in timer.states:
                times = min(timer.times, int((self.at - run.at) // timer.after))
                for count in range(run.fired.get(index, 0) + 1, times + 1):
                    found.append((run.at + count * timer.after, index, count))
        return sorted(found)

    def fire(self, due: list[tuple[float, int, int]]) -> None:
        """Let timers do what they do, in the order in which they were due."""
        for at, index, count in due:
            timer, place = self.run.scenario.timers[index], f"timers.{index}"
            self.add(events.TimerFired(index, count, at))
            self.change(timer.effect, place)
            self.say(timer.say, f"{place}.say", at)
            self.go(timer.goto, silent=bool(timer.say))

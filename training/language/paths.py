"""How a scenario's states follow from each other."""

from __future__ import annotations

from collections.abc import Iterator

from .model import Scenario


def moves(scenario: Scenario) -> Iterator[tuple[str, str, frozenset[str]]]:
    """(from, to, facts that are surely revealed by this move)."""
    for name, state in scenario.states.items():
        for rule in (*scenario.rules, *state.rules):
            if rule.goto:
                known = [set(one.fact) for one in rule.when]
                yield name, rule.goto, frozenset(rule.reveal) | frozenset(set.intersection(*known))
    for name in scenario.states:
        for timer in scenario.timers:
            if timer.goto and (not timer.states or name in timer.states):
                yield name, timer.goto, frozenset()
        for rung in scenario.fallback:
            if rung.goto:
                yield name, rung.goto, frozenset()
        for escalation in scenario.escalations:
            if escalation.goto and any(not one.state or name in one.state for one in escalation.when):
                yield name, escalation.goto, frozenset()


def reachable(scenario: Scenario) -> frozenset[str]:
    """The states that some moves lead to."""
    reached, new = {scenario.start}, True
    while new:
        new = {to for source, to, _facts in moves(scenario) if source in reached} - reached
        reached |= new
    return frozenset(reached)


def exits(scenario: Scenario, name: str) -> bool:
    """True when a move leads to another state, or an ending names the state."""
    if any(source == name != to for source, to, _facts in moves(scenario)):
        return True
    return any(name in one.state for ending in scenario.endings for one in ending.when)


def surely_revealed(scenario: Scenario) -> dict[str, frozenset[str]]:
    """The facts that are revealed in every run that comes to a state."""
    every = frozenset(scenario.facts)
    known = dict.fromkeys(scenario.states, every) | {scenario.start: frozenset[str]()}
    changed = True
    while changed:
        changed = False
        for source, to, facts in moves(scenario):
            met = known[to] & (known[source] | facts)
            changed |= met != known[to]
            known[to] = met
    return known

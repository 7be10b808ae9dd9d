"""Whether a scenario can be released: schema, lint, its own tests, and where the bots end up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from helpdesk.api.errors import Invalid, _

from .bots import walk
from .engine import Run, Turn, events, replay
from .engine.conditions import compared
from .language import Faulty, Finding, Scenario, lint, load
from .language.model import BOTS, LANGS, Test
from .matching import Reader
from .notebook.reading import read
from .notebook.workshops import below, examine

Levels = Callable[[Run], Mapping[str, int]]  # the rubric's levels of a run, by dimension


@dataclass(frozen=True)
class Report:
    """What was found; ``ok`` when it can be released."""

    scenario: Scenario | None
    findings: list[Finding]
    tests: list[dict[str, Any]]
    bots: dict[str, dict[str, dict[str, Any]]]
    problems: list[Finding]  # of the bots' order

    def remarks(self) -> list[tuple[int, Finding]]:
        """(cell or 0, finding) of everything that was found."""
        failed = [finding for test in self.tests for finding in test["problems"]]
        return [(0, finding) for finding in [*self.findings, *failed, *self.problems]]

    @property
    def ok(self) -> bool:
        """No error, no failed test, bots in order."""
        errors = any(finding.severity == "error" for finding in self.findings)
        return not (errors or self.problems or any(test["problems"] for test in self.tests))

    def dump(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "kind": "scenario",
            "id": self.scenario.id if self.scenario else None,
            "hash": self.scenario.hash if self.scenario else None,
            "ok": self.ok,
            "findings": [finding.dump() for finding in self.findings],
            "tests": [{**test, "problems": [one.dump() for one in test["problems"]]} for test in self.tests],
            "bots": self.bots,
            "problems": [finding.dump() for finding in self.problems],
        }


def check(text: str | bytes, reader: Reader, levels: Levels | None = None) -> Report:
    """Everything there is to say about a scenario. Tests and bots run when the schema and lint have no error."""
    try:
        scenario = load(text)
    except Faulty as error:
        return Report(None, error.findings, [], {}, [])
    findings = lint(scenario)
    if any(finding.severity == "error" for finding in findings):
        return Report(scenario, findings, [], {}, [])
    tests = [
        {"name": one.name, "lang": one.lang, "problems": run_test(scenario, index, reader, levels)}
        for index, one in enumerate(scenario.tests)
    ]
    runs = {bot: {lang: walk(scenario, bot, lang, reader) for lang in LANGS} for bot in (*BOTS, "silent")}
    bots = {bot: {lang: _outcome(run) for lang, run in each.items()} for bot, each in runs.items()}
    return Report(scenario, findings, tests, bots, _order(scenario, runs, levels))


@dataclass(frozen=True)
class WorkshopReport:
    """What was found in a notebook: ``problem`` when it cannot be read at all, else of each cell, and each scenario."""

    problem: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[tuple[int, Finding], ...] = ()
    scenarios: tuple[tuple[int, Report], ...] = ()

    @property
    def ok(self) -> bool:
        """It can be released."""
        return not (self.problem or self.findings) and all(report.ok for _cell, report in self.scenarios)

    def remarks(self) -> list[tuple[int, Finding]]:
        """(cell, finding) of everything that was found; 0 for the file."""
        whole = [(0, Finding(1, "notebook", "%(problem)s", values={"problem": self.problem}))] if self.problem else []
        inside = [(cell, below(one)) for cell, report in self.scenarios for _none, one in report.remarks()]
        return [*whole, *self.findings, *inside]

    def dump(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "kind": "workshop",
            "id": self.meta.get("id"),
            "ok": self.ok,
            "problem": self.problem or None,
            "findings": [{"cell": cell, **finding.dump()} for cell, finding in self.findings],
            "scenarios": [{"cell": cell, **report.dump()} for cell, report in self.scenarios],
        }


def check_workshop(content: bytes, reader: Reader, levels: Levels | None = None) -> WorkshopReport:
    """Everything there is to say about a workshop: its cells, then each of its scenarios as ``check`` does."""
    try:
        workshop, found = examine(read(content))
    except Invalid as error:
        return WorkshopReport(str(error))
    findings = tuple((cell.number, finding) for cell, finding in found)
    texts = [(cell.number, cell.body) for cell in workshop.cells if cell.kind == "scenario"]
    scenarios = tuple((number, check(text, reader, levels)) for number, text in texts) if not findings else ()
    return WorkshopReport("", workshop.meta, findings, scenarios)


def run_test(scenario: Scenario, index: int, reader: Reader, levels: Levels | None = None) -> list[Finding]:
    """What is not as an embedded test promises."""
    test = scenario.tests[index]
    at, turns = 0.0, []
    for reply in test.replies:
        at += reply.after
        turns.append(Turn(reply.text, at, reply.actions, reply.choice))
    try:
        run = replay(scenario, test.lang, test.seed, turns, reader, past_end=True)
    except Invalid as error:
        return [Finding(scenario.line("tests", index), "test", error.sentence, values=error.values)]
    return list(_broken(test, index, run, levels))


def _broken(test: Test, index: int, run: Run, levels: Levels | None) -> Iterator[Finding]:
    def found(sentence: str, key: str, **values: Any) -> Finding:
        return Finding(run.scenario.line("tests", index, key), "test", sentence, values=values)

    if (run.end or None) != test.end:
        sentence = _("It ended as “%(end)s” in the state “%(state)s” after %(turns)s replies.")
        yield found(sentence, "end", end=run.end or "null", state=run.state, turns=run.turns)
    if test.state and run.state != test.state:
        yield found(_("The state is “%(state)s”."), "state", state=run.state)
    for fact in test.reveals:
        if fact not in run.revealed:
            yield found(_("The fact “%(name)s” was not revealed."), "reveals", name=fact)
    for name, wanted in test.meters.items():
        if not compared(run.meters[name], wanted):
            yield found(_("The meter “%(name)s” is %(value)s."), "meters", name=name, value=run.meters[name])
    given = levels(run) if levels and test.min else {}
    for dim, least in test.min.items():
        if levels and given.get(dim, 0) < least:
            yield found(_("The level of “%(dim)s” is %(level)s."), "min", dim=dim, level=given.get(dim, 0))


def _outcome(run: Run) -> dict[str, Any]:
    return {"end": run.end or None, "score": run.score, "turns": run.turns, "state": run.state}


def _worth(run: Run, levels: Levels | None) -> float:
    """What an outcome is worth: the ending's score and, where there is a rubric, the mean of its levels."""
    given = levels(run) if levels else {}
    return run.score + (sum(given.values()) / len(given) / 4 if given else 0.0)


def _order(scenario: Scenario, runs: Mapping[str, Mapping[str, Run]], levels: Levels | None) -> list[Finding]:
    """Where a worse bot did as well as a better one, or silence went unnoticed."""
    said = []
    for lang in LANGS:
        ideal = runs["ideal"][lang]
        if ideal.score < 1:
            sentence = _("In “%(lang)s” the ideal agent ends as “%(end)s” in the state “%(state)s”.")
            values = {"lang": lang, "end": ideal.end or "null", "state": ideal.state}
            said.append(Finding(scenario.line("states", ideal.state), "bots", sentence, values=values))
        worth = {bot: _worth(each[lang], levels) for bot, each in runs.items()}
        for better, worse in (("ideal", "polite-empty"), ("polite-empty", "rude"), ("ideal", "rude")):
            ahead = worth[better] - worth[worse]
            if ahead < 0 or (ahead == 0 and (levels or better == "ideal")):
                sentence = _("In “%(lang)s” the agent “%(worse)s” does as well as “%(better)s”.")
                values = {"lang": lang, "worse": worse, "better": better}
                said.append(Finding(scenario.line("states"), "bots", sentence, values=values))
        if scenario.timers and not any(isinstance(e, events.TimerFired) for e in runs["silent"][lang].events):
            sentence = _("In “%(lang)s” no timer noticed that the agent was silent.")
            said.append(Finding(scenario.line("timers"), "bots", sentence, values={"lang": lang}))
    return said

"""A workshop: theory and practice in one notebook, with the scenarios it plays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from helpdesk.api.errors import Invalid, _

from ..language import Faulty, Finding, Scenario, load
from ..language.fields import Name, Said
from ..language.model import LANGS
from ..language.source import read as read_yaml
from .reading import Cell, Notebook, read

KIND = "workshop"
YAML = ("scenario", "quiz", "checkpoint", "ticket", "calibrate")  # types of cells whose bodies are YAML
SCENARIOS, CHARACTERS = 6, 250_000  # of one workshop


class _Pass(Schema):
    min = fields.Float(validate=validate.Range(0, 1))
    no_autofail = fields.Boolean(truthy={True}, falsy={False})


class _Meta(Schema):
    """What ``metadata.helpdesk`` of a workshop holds."""

    class Meta:
        """Nothing is passed over in silence."""

        unknown = RAISE

    schema = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.Equal(KIND))
    id = Name(required=True)
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10**6))
    title = Said(required=True)
    lang = fields.List(fields.String(validate=validate.OneOf(LANGS)), required=True, validate=validate.Length(1, 2))
    level = fields.Integer(strict=True, validate=validate.Range(1, 3))
    minutes = fields.Integer(strict=True, validate=validate.Range(1, 600))
    skills = fields.List(fields.String(validate=validate.Length(1, 60)), validate=validate.Length(max=20))
    rubric = fields.String(validate=validate.Regexp(r"[a-z][a-z0-9-]{0,39}@[0-9]{1,6}\Z"))
    order = fields.String(validate=validate.OneOf(("free", "linear", "exam")))
    release = fields.Raw()  # of the version that the file was downloaded from; never believed
    passing = fields.Nested(_Pass, data_key="pass")


@dataclass(frozen=True)
class Workshop:
    """The notebook, what it says of itself, and its scenarios by id."""

    meta: Mapping[str, Any]
    cells: tuple[Cell, ...]
    scenarios: Mapping[str, Scenario]

    def by_hash(self, hash_: str) -> Scenario | None:
        """The scenario of a run."""
        return next((one for one in self.scenarios.values() if one.hash == hash_), None)


def read_workshop(content: bytes) -> Workshop:
    """The workshop in a file. Invalid with a sentence that names the cell, of a scenario also its line."""
    book = read(content)
    workshop, findings = examine(book)
    if findings:
        cell, finding = findings[0]
        sentence = _("Cell %(cell)s, line %(line)s: %(problem)s")
        raise Invalid(sentence, cell=cell.number, line=finding.line, problem=finding.sentence % dict(finding.values))
    return workshop


def examine(book: Notebook) -> tuple[Workshop, list[tuple[Cell, Finding]]]:
    """The workshop as far as it can be read, and what is wrong in which cell. A line counts from a cell's first."""
    try:
        meta = _Meta().load(dict(book.meta))
    except ValidationError as error:
        name, problem = next(iter(error.messages_dict.items()))
        while isinstance(problem, dict | list):
            problem = next(iter(problem.values() if isinstance(problem, dict) else problem))
        raise Invalid(_("The workshop's “%(key)s”: %(problem)s"), key=name, problem=str(problem)) from None
    _bound(book)
    scenarios: dict[str, Scenario] = {}
    findings: list[tuple[Cell, Finding]] = []
    for cell in book.cells:
        if cell.kind == "scenario":
            try:
                scenario = load(cell.body)
                scenarios[scenario.id] = scenario
            except Faulty as error:
                findings += [(cell, below(finding)) for finding in error.findings]
        elif cell.type in YAML and cell.body.strip():
            try:
                read_yaml(cell.body)
            except Faulty as error:
                findings += [(cell, below(finding)) for finding in error.findings]
    workshop = Workshop(meta, book.cells, scenarios)
    return workshop, findings + list(_unplayable(workshop))


def _bound(book: Notebook) -> None:
    """Invalid with the first cell that is too much: YAML takes long to read."""
    total = scenarios = 0
    for cell in book.cells:
        total += len(cell.body) if cell.type in YAML else 0
        scenarios += cell.kind == "scenario"
        if scenarios > SCENARIOS:
            raise Invalid(
                _("Cell %(cell)s: a workshop has at most %(most)s scenarios."), cell=cell.number, most=SCENARIOS
            )
        if total > CHARACTERS:
            sentence = _("Cell %(cell)s: the scenarios and questions of a workshop have at most %(most)s characters.")
            raise Invalid(sentence, cell=cell.number, most=CHARACTERS)


def below(finding: Finding) -> Finding:
    """The finding with its line counted from the first line of the cell, which is not YAML."""
    return Finding(finding.line + 1, finding.code, finding.sentence, finding.severity, finding.values)


def _unplayable(workshop: Workshop) -> Iterator[tuple[Cell, Finding]]:
    for cell in workshop.cells:
        if cell.kind == "start" and cell.argument not in workshop.scenarios:
            sentence = _("There is no scenario “%(name)s” in this workshop.")
            yield cell, Finding(1, "unknown-scenario", sentence, values={"name": cell.argument})
        elif cell.kind in ("choice", "wait"):
            yield cell, Finding(1, "run-cell", _("This cell belongs to a run, not to a workshop."))

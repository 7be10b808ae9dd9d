"""What is said about a scenario: a line, a code for programs, and a sentence for its author."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from helpdesk.api.errors import Invalid, _
from helpdesk.api.i18n import render_message


@dataclass(frozen=True)
class Finding:
    """One remark. ``severity`` is "error" (the scenario cannot be released) or "warning"."""

    line: int
    code: str
    sentence: str
    severity: str = "error"
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence in the language of whoever reads it."""
        return render_message(self.sentence, **self.values)

    def dump(self) -> dict[str, Any]:
        """For programs, as JSON."""
        return {"line": self.line, "code": self.code, "severity": self.severity, "message": self.message}


class Faulty(Invalid):
    """A text that is no scenario: ``findings`` says why, each with its line."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        super().__init__(_("Line %(line)s: %(problem)s"), line=first.line, problem=first.sentence % dict(first.values))
        self.findings = list(findings)

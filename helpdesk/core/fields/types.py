"""What a custom field is: its kind, its words in each language, its options and when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helpdesk.core import names
from helpdesk.core.errors import Invalid, _

OWNERS = ("ticket", "customer")
KINDS = ("text", "long_text", "number", "choice", "choices", "date", "yes_no", "phone", "email", "consent")
CHOOSING = ("choice", "choices")
LANGUAGES = ("en", "fa")
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
OPTIONS, WORDS, HELP = 100, 120, 500  # options of a field; characters of a label or option, and of a help text
SCHEMA = ("name", "of", "kind", "label", "help", "options", "required", "shown_if", "retired", "position")


@dataclass(frozen=True)
class Option:
    """One of the values of a choice, with its words by language."""

    value: str
    label: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ShownIf:
    """The field is asked for only while another one has one of these values; without values, while it has any.

    A yes or a consent is "yes", a no "no".
    """

    field: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Field:
    """A custom field of tickets or customers; ``label`` and ``help`` by language. A retired one keeps its values, but
    is asked for no more.
    """

    name: str
    of: str = "ticket"
    kind: str = "text"
    label: Mapping[str, str] = field(default_factory=dict)
    help: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    required: bool = False
    shown_if: ShownIf | None = None
    retired: bool = False
    position: int = 0

    def dump(self) -> dict[str, Any]:
        """As plain JSON."""
        plain = {name: getattr(self, name) for name in SCHEMA}
        return plain | {
            "label": dict(self.label),
            "help": dict(self.help),
            "options": [{"value": option.value, "label": dict(option.label)} for option in self.options],
            "shown_if": {"field": self.shown_if.field, "values": list(self.shown_if.values)} if self.shown_if else None,
        }


def load(plain: Mapping[str, Any]) -> Field:
    """A field from plain JSON that ``dump`` wrote or a schema checked."""
    shown = plain.get("shown_if") or None
    given = {name: plain[name] for name in SCHEMA if name in plain}
    options = [Option(option["value"], option.get("label") or {}) for option in plain.get("options") or ()]
    when = ShownIf(shown["field"], tuple(shown.get("values") or ())) if shown else None
    return Field(**given | {"options": tuple(options), "shown_if": when})


def checked(given: Field) -> Field:
    """The definition with its words on one line; Invalid with a sentence for each part that does not fit."""
    wrong: dict[str, str] = {}
    if not NAME.fullmatch(given.name):
        wrong["name"] = _("Small Latin letters, digits and underscores, 40 at most, a letter first.")
    if given.of not in OWNERS:
        wrong["of"] = _("A field is of tickets or of customers.")
    if given.kind not in KINDS:
        wrong["kind"] = _("There is no such kind of field.")
    label = _words(given.label, WORDS)
    if not label:
        wrong["label"] = _("Please give it a label in one language at least.")
    options = tuple(Option(names.one_line(o.value), _words(o.label, WORDS)) for o in given.options[: OPTIONS + 1])
    if given.kind in CHOOSING and not _fit(options):
        wrong["options"] = _("Please give 1 to 100 different options.")
    if wrong:
        raise Invalid(_("Some fields do not fit."), wrong)
    return Field(
        **{
            name: getattr(given, name) for name in ("name", "of", "kind", "required", "shown_if", "retired", "position")
        },
        label=label,
        help=_words(given.help, HELP),
        options=options if given.kind in CHOOSING else (),
    )


def _words(texts: Mapping[str, str], longest: int) -> dict[str, str]:
    lines = {language: names.one_line(str(texts.get(language) or ""), longest) for language in LANGUAGES}
    return {language: line for language, line in lines.items() if line}


def _fit(options: tuple[Option, ...]) -> bool:
    values = [option.value for option in options]
    return 0 < len(values) <= OPTIONS and all(values) and len(set(values)) == len(values)

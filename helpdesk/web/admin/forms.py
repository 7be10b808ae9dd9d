"""Settings of a channel's account or of a plugin as a form: what to show for each field of their schema, and what
came back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marshmallow import Schema, fields, validate

from helpdesk.core.accounts.accounts import KEPT
from helpdesk.core.channels.types import Secret
from helpdesk.core.errors import HelpdeskError, _
from helpdesk.core.text import digits
from helpdesk.i18n import gettext, render_stored
from helpdesk.web import uow

PREFIX = "set-"  # the desk's own fields of the same form have none
ON = "1"


@dataclass
class Row:
    """One field of the form. ``kind``: switch, secret, select, textarea, number or text."""

    name: str
    label: str
    kind: str
    value: object = ""
    help: str = ""
    placeholder: str = ""
    required: bool = False
    ltr: bool = False
    choices: list[tuple[str, str]] = field(default_factory=list)
    error: str = ""


def groups(
    schema: type[Schema], values: Mapping | None = None, problem: HelpdeskError | None = None
) -> list[tuple[str, list[Row]]]:
    """The rows under their headings, in the schema's order."""
    found: dict[str, list[Row]] = {}
    errors = getattr(problem, "fields", {})
    for name, spec in schema().fields.items():
        row = _row(name, spec, values)
        row.error = render_stored(errors[name]) if name in errors else ""
        found.setdefault(gettext(spec.metadata.get("group") or _("Settings")), []).append(row)
    return list(found.items())


def _row(name: str, spec: fields.Field, values: Mapping | None) -> Row:
    metadata = spec.metadata
    default = spec.load_default() if callable(spec.load_default) else spec.load_default
    value = (values or {}).get(name, "" if spec.required else default)
    texts = {key: gettext(metadata[key]) for key in ("help", "placeholder") if metadata.get(key)}
    choices = _choices(spec)
    ltr = (
        isinstance(spec, Secret | fields.Integer | fields.Float | fields.Url)
        or bool(metadata.get("placeholder"))
        or bool(metadata.get("ltr"))
    )
    return Row(
        PREFIX + name,
        gettext(metadata.get("label") or name),
        _kind(spec, choices),
        value,
        required=spec.required,
        ltr=ltr,
        choices=choices,
        **texts,
    )


def _kind(spec: fields.Field, choices: list) -> str:
    if isinstance(spec, fields.Boolean):
        return "switch"
    if isinstance(spec, Secret):
        return "secret"
    if choices:
        return "select"
    if spec.metadata.get("multiline"):
        return "textarea"
    return "number" if isinstance(spec, fields.Integer) else "text"


def _choices(spec: fields.Field) -> list[tuple[str, str]]:
    """Those of a rule, or those that the field's ``choices(uow)`` finds in the database."""
    if "choices" in spec.metadata:
        return [*spec.metadata["choices"](uow())]
    for rule in spec.validators:
        if isinstance(rule, validate.OneOf):
            labels = list(rule.labels) + list(rule.choices)[len(rule.labels) :]
            return [(str(choice), gettext(str(label))) for choice, label in zip(rule.choices, labels, strict=True)]
    return []


def given(schema: type[Schema], form: Mapping[str, str]) -> dict:
    """The settings of a sent form. What was left empty is left out: the schema knows its default, and a secret is
    kept.
    """
    settings = {}
    for name, spec in schema().fields.items():
        text = form.get(PREFIX + name, "").strip()
        if isinstance(spec, fields.Boolean):
            settings[name] = text == ON
        elif text and text != KEPT:
            settings[name] = digits(text, "en") if isinstance(spec, fields.Integer) else text
    return settings


def typed(schema: type[Schema], form: Mapping[str, str], kept: Mapping) -> dict:
    """What a form that does not fit shows again: everything as it was typed, but of secrets only that they are kept."""
    shown = {
        name: form.get(PREFIX + name, "") for name, spec in schema().fields.items() if not isinstance(spec, Secret)
    }
    return {**kept, **shown}

"""Secrets that a form leaves as they are: they are sent only to the place they were entered for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from helpdesk.core.channels.types import Secret
from helpdesk.core.errors import Invalid, _

KEPT = "••••••••"  # what a form shows for a secret that is there
ENTER_AGAIN = _("Where this is sent has changed. Please enter it again.")


def refuse_moved(
    schema: type[Schema], before: Mapping[str, Any], after: Mapping[str, Any], kept: Collection[str]
) -> None:
    """Raise Invalid when one of these kept secrets would go to another place than before.

    ``before`` and ``after`` are all settings as plain JSON.
    """
    known = schema().fields
    moved = [
        name for name in kept if any(_differs(known[place], place, before, after) for place in places(known, name))
    ]
    if moved:
        raise Invalid(_("Some settings do not fit."), dict.fromkeys(moved, ENTER_AGAIN))


def places(known: Mapping[str, fields.Field[Any]], name: str) -> list[str]:
    """The settings that say where a secret is sent: those it names, else all that may name a place."""
    secret = known[name]
    named = secret.sent_to if isinstance(secret, Secret) else None
    return [place for place, field in known.items() if (_may_be_place(field) if named is None else place in named)]


def _may_be_place(field: fields.Field[Any]) -> bool:
    is_choice = any(isinstance(rule, validate.OneOf) for rule in field.validators)
    return isinstance(field, fields.String) and not isinstance(field, Secret) and not is_choice


def _differs(field: fields.Field[Any], place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    default = field.load_default() if callable(field.load_default) else field.load_default
    return bool(before.get(place, default) != after.get(place, default))

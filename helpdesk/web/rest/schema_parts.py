"""What the API's schemas are made of: fields that refuse with our own sentences."""

from __future__ import annotations

import re
from datetime import UTC

from marshmallow import RAISE, Schema, fields, validate

from helpdesk.core.errors import _

LARGEST = 2**63 - 1  # the largest number a database keeps
DIGITS = re.compile(r"-?[0-9]{1,19}", re.ASCII)
ONE_OF = _("Please choose one of the list.")
TOO_LONG = _("This is too long.")


class Whole(fields.Integer):
    """A JSON integer: no fraction, but 0.0 is 0 (JSON Schema); in a query its digits."""

    def __init__(self, *, text: bool = False, least: int = 1, most: int = LARGEST, **options):
        self.text = text
        super().__init__(validate=validate.Range(least, most, error=_("This number is out of range.")), **options)

    def _deserialize(self, value, attr, data, **options):
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if self.text and isinstance(value, str) and DIGITS.fullmatch(value):
            return int(value)
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class Text(fields.String):
    """A text of at most ``most`` characters."""

    def __init__(self, most: int | None = None, rule=None, **options):
        length = validate.Length(max=most, error=TOO_LONG) if most else None
        super().__init__(validate=[r for r in (length, rule) if r], **options)


def choice(names, **options) -> Text:
    """A text that is one of these."""
    return Text(rule=validate.OneOf(names, error=ONE_OF), **options)


class Moment(fields.AwareDateTime):
    """A moment in ISO 8601; one without a zone is in UTC."""

    def __init__(self, **options):
        super().__init__(format="iso", default_timezone=UTC, **options)


class Given(Schema):
    """What comes from outside: a name that is not here is refused."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": _("There is no such field."), "type": _("Please send a JSON object.")}

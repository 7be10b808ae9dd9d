"""What marshmallow has to say of a value that does not fit, in our words, so that a reader hears it in their
language.
"""

from __future__ import annotations

import re
from functools import cache

from .errors import _, dump_message

LONGEST = 1000  # characters: two places in one pattern are tried in many ways
NUMBER, LIST = _("Please write a whole number."), _("Please give a list.")
SAID = {  # what it says, with the places it fills
    "Missing data for required field.": _("Please fill this in."),
    "Field may not be null.": _("Please fill this in."),
    "Unknown field.": _("There is no such setting."),
    "Invalid value.": _("This does not fit."),
    "Invalid input.": _("This does not fit."),
    "Invalid input type.": _("This does not fit."),
    "Invalid type.": _("This does not fit."),
    "String does not match expected pattern.": _("This does not fit."),
    "Not a valid string.": _("Please write a text."),
    "Not a valid utf-8 string.": _("Please write a text."),
    "Not a valid integer.": NUMBER,
    "Not a valid number.": _("Please write a number."),
    "Number too large.": _("This number is too large."),
    "Special numeric values (nan or infinity) are not permitted.": _("Please write a number."),
    "Not a valid boolean.": _("Please say yes or no."),
    "Not a valid list.": LIST,
    "Not a valid tuple.": LIST,
    "Not a valid mapping type.": _("Please give names with their values."),
    "Not a valid UUID.": _("This is not a UUID."),
    "Not a valid email address.": _("Write it like name@example.com."),
    "Not a valid URL.": _("Write it like https://example.com."),
    "Not a valid IP{kind} address.": _("This is not an IP address."),
    "Not a valid IP{kind} interface.": _("This is not an IP network."),
    "Not a valid date.": _("Please give a day as in ISO 8601."),
    "Not a valid time.": _("Please give a time as in ISO 8601."),
    "Not a valid period of time.": _("Please write a number."),
    "Not a valid {kind}.": _("Please give a moment as in ISO 8601."),
    "{value} cannot be formatted as a {kind}.": _("This does not fit."),
    "Must be greater than or equal to {least} and less than or equal to {most}.": _("Between %(least)s and %(most)s."),
    "Must be greater than {least} and less than or equal to {most}.": _("More than %(least)s, at most %(most)s."),
    "Must be greater than or equal to {least} and less than {most}.": _("At least %(least)s, less than %(most)s."),
    "Must be greater than {least} and less than {most}.": _("More than %(least)s, less than %(most)s."),
    "Must be greater than or equal to {least}.": _("At least %(least)s."),
    "Must be less than or equal to {most}.": _("At most %(most)s."),
    "Must be greater than {least}.": _("More than %(least)s."),
    "Must be less than {most}.": _("Less than %(most)s."),
    "Shorter than minimum length {least}.": _("At least %(least)s characters."),
    "Longer than maximum length {most}.": _("At most %(most)s characters."),
    "Length must be between {least} and {most}.": _("Between %(least)s and %(most)s characters."),
    "Length must be {length}.": _("Exactly %(length)s characters."),
    "Must be equal to {other}.": _("This must be %(other)s."),
    "Must be one of: {choices}.": _("Please choose one of: %(choices)s."),
    "One or more of the choices you made was not in: {choices}.": _("Please choose from: %(choices)s."),
    "One or more of the choices you made was in: {choices}.": _("These cannot be chosen: %(choices)s."),
}


def in_our_words(text: str) -> str:
    """The sentence as a row keeps it (``errors.dump_message``); what is not marshmallow's own stays as it is."""
    for shape, sentence in _shapes() if len(text) < LONGEST else ():
        found = shape.fullmatch(text)
        if found:
            values = {name: int(value) if value.isdecimal() else value for name, value in found.groupdict().items()}
            return dump_message(
                sentence, **{name: value for name, value in values.items() if f"%({name})s" in sentence}
            )
    return text


@cache
def _shapes() -> list[tuple[re.Pattern[str], str]]:
    """A pattern for each sentence."""
    places = re.compile(r"\\\{(\w+)\\\}")
    return [
        (re.compile(places.sub(r"(?P<\1>.*)", re.escape(said)), re.DOTALL), sentence) for said, sentence in SAID.items()
    ]

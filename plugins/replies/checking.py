"""What a saved reply may be: the shape programs and files give it in, and the sentences for what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from helpdesk.api.errors import Invalid
from helpdesk.api.i18n import LOCALES, _
from helpdesk.api.text import joined, normalise, plain

from .actions import NAMES, checked_actions
from .template import MOST_CHARACTERS, BadTemplate, check

SCOPES = ("desk", "team", "personal")
NAMELESS = _("Please give it a name.")
EMPTY = _("Please write a text in one language at least, or choose an action.")


class Words(Schema):
    """A text in one language."""

    subject = fields.String(load_default="", validate=validate.Length(max=300))
    text = fields.String(load_default="", validate=validate.Length(max=MOST_CHARACTERS))


class ActionShape(Schema):
    """One action of a macro, as rules write it."""

    action = fields.String(required=True, validate=validate.OneOf(NAMES))
    value = fields.Raw(load_default=None, allow_none=True)


class Given(Schema):
    """A saved reply as it is given; ``texts`` by language."""

    name = fields.String(required=True, validate=validate.Length(1, 200))
    folder = fields.String(load_default="", validate=validate.Length(max=120))
    scope = fields.String(load_default="personal", validate=validate.OneOf(SCOPES))
    team = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 2**63 - 1))
    texts = fields.Dict(
        keys=fields.String(validate=validate.OneOf(sorted(LOCALES))), values=fields.Nested(Words), load_default=dict
    )
    actions = fields.List(fields.Nested(ActionShape), load_default=list, validate=validate.Length(max=len(NAMES)))


def read(data: Any) -> dict:
    """What a file says of one reply; Invalid with a sentence for the first thing that does not fit."""
    try:
        return Given(unknown=EXCLUDE).load(data)
    except ValidationError as error:
        place = next(iter(error.messages_dict), "")
        raise Invalid(_("“%(field)s” does not fit."), {place: _("This does not fit.")}, field=str(place)[:60]) from None


def columns(given: Mapping[str, Any], known: Mapping[str, Any]) -> dict:
    """The columns of what was given, checked. ``known`` are the variables by name. Invalid names every field that does
    not fit.
    """
    name, folder = (" ".join(plain(given[field]).split()) for field in ("name", "folder"))
    texts = {language: _words(words) for language, words in given["texts"].items()}
    texts = {language: words for language, words in texts.items() if words["subject"] or words["text"]}
    problems = {} if name else {"name": NAMELESS}
    for language, words in texts.items():
        problems |= _faults(language, words, known)
    actions = checked_actions(given["actions"], known, problems)
    if not actions and not any(words["text"] for words in texts.values()):
        problems |= {"text": EMPTY}
    if problems:
        raise Invalid(next(iter(problems.values())), problems)
    said = " ".join([name, folder, *(part for words in texts.values() for part in words.values())])
    searched = f"{normalise(said)} {joined(said)}"
    return {"name": name, "folder": folder, "texts": texts, "actions": actions, "words": searched}


def _words(words: Mapping[str, str]) -> dict:
    return {
        "subject": " ".join(plain(words["subject"]).split()),
        "text": plain(words["text"]).replace("\r\n", "\n").strip(),
    }


def _faults(language: str, words: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, str]:
    """{field: sentence} of the templates that cannot be saved."""
    found = {}
    for field, text in words.items():
        if fault := fault_of(text, known):
            found[f"{language}_{field}"] = fault
    return found


def fault_of(text: str, known: Mapping[str, Any]) -> str:
    """The sentence for a template that cannot be saved, "" for a good one."""
    try:
        check(text, known)
    except BadTemplate as bad:
        return {
            "too long": _("At most 20,000 characters."),
            "too many places": _("At most 100 places."),
            "not closed": _("A place is written {{like.this}}; one of them is not closed."),
        }.get(str(bad), _("There is a place that no variable fills; choose one from the list of variables."))
    return ""

"""What marshmallow says of a value that does not fit: our sentences, put in the place of its own before any schema is
made (``channels.types`` does so).

Each is a plain English text to whoever prints it, and keeps its values, so that ``as_stored`` can say it in any
language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields, validate

from .errors import Invalid, _, dump_message

EMPTY, UNFIT, TEXT = _("Please fill this in."), _("This does not fit."), _("Please write a text.")
NUMBER, LIST, IP = _("Please write a number."), _("Please give a list."), _("This is not an IP address.")
NETWORK, MOMENT = _("This is not an IP network."), _("Please give a moment as in ISO 8601.")
EMAIL, URL = _("Write it like name@example.com."), _("Write it like https://example.com.")
SCHEMA = {"type": UNFIT, "unknown": _("There is no such setting.")}
FIELDS: dict[type[fields.Field[Any]], dict[str, str]] = {
    fields.Field: {"required": EMPTY, "null": EMPTY, "validator_failed": UNFIT},
    fields.String: {"invalid": TEXT, "invalid_utf8": TEXT},
    fields.Number: {"invalid": NUMBER, "too_large": _("This number is too large.")},
    fields.Integer: {"invalid": _("Please write a whole number.")},
    fields.Float: {"special": NUMBER},
    fields.Decimal: {"special": NUMBER},
    fields.Boolean: {"invalid": _("Please say yes or no.")},
    fields.List: {"invalid": LIST},
    fields.Tuple: {"invalid": LIST},
    fields.Mapping: {"invalid": _("Please give names with their values.")},
    fields.Nested: {"type": UNFIT},
    fields.Enum: {"unknown": _("Please choose one of: %(choices)s.")},
    fields.UUID: {"invalid_uuid": _("This is not a UUID.")},
    fields.Email: {"invalid": EMAIL},
    fields.Url: {"invalid": URL},
    fields.IP: {"invalid_ip": IP},
    fields.IPv4: {"invalid_ip": IP},
    fields.IPv6: {"invalid_ip": IP},
    fields.IPInterface: {"invalid_ip_interface": NETWORK},
    fields.IPv4Interface: {"invalid_ip_interface": NETWORK},
    fields.IPv6Interface: {"invalid_ip_interface": NETWORK},
    fields.DateTime: {"invalid": MOMENT, "invalid_awareness": MOMENT, "format": UNFIT},
    fields.Time: {"invalid": _("Please give a time as in ISO 8601."), "invalid_awareness": UNFIT, "format": UNFIT},
    fields.Date: {"invalid": _("Please give a day as in ISO 8601."), "invalid_awareness": UNFIT, "format": UNFIT},
    fields.TimeDelta: {"invalid": NUMBER, "format": UNFIT},
}
RULES: dict[type[validate.Validator], dict[str, str]] = {
    validate.Length: {
        "message_min": _("At least %(least)s characters."),
        "message_max": _("At most %(most)s characters."),
        "message_all": _("Between %(least)s and %(most)s characters."),
        "message_equal": _("Exactly %(length)s characters."),
    },
    validate.OneOf: {"default_message": _("Please choose one of: %(choices)s.")},
    validate.ContainsOnly: {"default_message": _("Please choose from: %(choices)s.")},
    validate.ContainsNoneOf: {"default_message": _("These cannot be chosen: %(choices)s.")},
    validate.Equal: {"default_message": _("This must be %(other)s.")},
    validate.NoneOf: {"default_message": UNFIT},
    validate.Predicate: {"default_message": UNFIT},
    validate.Regexp: {"default_message": UNFIT},
    validate.Email: {"default_message": EMAIL},
    validate.URL: {"default_message": URL},
}
RANGES = {  # by the signs of its ends, which marshmallow puts together first
    ">=": _("At least %(least)s."),
    ">": _("More than %(least)s."),
    "<=": _("At most %(most)s."),
    "<": _("Less than %(most)s."),
    ">=<=": _("Between %(least)s and %(most)s."),
    "><=": _("More than %(least)s, at most %(most)s."),
    ">=<": _("At least %(least)s, less than %(most)s."),
    "><": _("More than %(least)s, less than %(most)s."),
}
PLACES = {"min": "least", "max": "most", "equal": "length", "values": "choices"}  # what marshmallow calls them


class Sentence(str):
    """One of our sentences, its places filled by ``format`` as marshmallow does it."""

    sentence: str
    values: Mapping[str, Any]

    def __new__(cls, sentence: str, **values: Any) -> Sentence:
        """The sentence in English."""
        said = super().__new__(cls, sentence % values if values else sentence)
        said.sentence, said.values = sentence, values
        return said

    def format(self, *_given: Any, **values: Any) -> Sentence:
        """The sentence with those of the values that it has a place for."""
        named = {PLACES.get(name, name): value for name, value in values.items()}
        return Sentence(
            self.sentence, **{name: value for name, value in named.items() if f"%({name})s" in self.sentence}
        )


class _Range(str):
    """The sentence of a range, once its ends are known."""

    def format(self, *_given: Any, **ends: Any) -> Sentence:
        return Sentence(RANGES[ends.get("min_op", "") + ends.get("max_op", "")])


def as_stored(message: object) -> str:
    """The first of marshmallow's messages, nested ones too, as a row keeps a sentence (``errors.dump_message``); what
    is not ours stays as it is.
    """
    while isinstance(message, dict | list) and message:
        message = next(iter(message.values() if isinstance(message, dict) else message))
    return dump_message(message.sentence, **message.values) if isinstance(message, Sentence) else str(message)


def load_settings(schema: type[Schema], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a schema makes of settings; Invalid with a sentence for each that does not fit."""
    try:
        return cast(dict[str, Any], schema().load(given))
    except ValidationError as error:
        reported = {name: as_stored(texts) for name, texts in error.messages_dict.items()}
        raise Invalid(_("Some settings do not fit."), reported) from None


def replace_messages() -> None:
    """Let marshmallow say our sentences, in every schema made from now on."""
    Schema.error_messages = {name: Sentence(sentence) for name, sentence in SCHEMA.items()}
    for kind, sentences in FIELDS.items():
        ours = {name: Sentence(sentence) for name, sentence in sentences.items()}
        kind.default_error_messages = {**vars(kind).get("default_error_messages", {}), **ours}
    for rule, sentences in RULES.items():
        for name, sentence in sentences.items():
            setattr(rule, name, Sentence(sentence))
    for name, sign in {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}.items():
        setattr(validate.Range, f"message_{name}", sign)
    for name in ("min", "max", "all"):
        setattr(validate.Range, f"message_{name}", _Range())

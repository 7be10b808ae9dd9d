"""Whatever marshmallow says of a value that does not fit, a reader hears in their own language."""

import inspect
import re

import pytest
from marshmallow import Schema, ValidationError, fields, validate

from helpdesk.core.validation_messages import in_our_words
from helpdesk.i18n import LOCALES, reading, render_stored

RULES = (
    validate.Range(1, 5), validate.Range(1, 5, min_inclusive=False), validate.Range(1, 5, max_inclusive=False),
    validate.Range(1, 5, min_inclusive=False, max_inclusive=False), validate.Range(min=1), validate.Range(max=5),
    validate.Range(min=1, min_inclusive=False), validate.Range(max=5, max_inclusive=False),
)  # fmt: skip


def its_own_sentences():
    """Every sentence marshmallow has by default, its places filled."""
    for _name, kind in inspect.getmembers(fields, inspect.isclass):
        yield from getattr(kind, "default_error_messages", {}).values()
    for _name, kind in inspect.getmembers(validate, inspect.isclass):
        ready = {
            name: text
            for name, text in vars(kind).items()
            if name.startswith(("message_", "default_message")) and kind is not validate.Range
        }
        yield from (text for text in ready.values() if isinstance(text, str))
    yield from (
        rule._format_error(9, message)
        for rule in RULES
        for message in (rule.message_min, rule.message_max, rule.message_all)
        if "None" not in rule._format_error(9, message)
    )
    yield from Schema._default_error_messages.values()


SENTENCES = sorted({re.sub(r"\{\w+(![rs])?\}", "5", text) for text in its_own_sentences()})


@pytest.mark.parametrize("text", SENTENCES)
def test_each_has_our_words_in_both_languages(text):
    stored = in_our_words(text)
    assert stored != text and render_stored(stored) != text
    with reading(LOCALES["fa"]):
        assert re.search("[آ-ی]", render_stored(stored)) and not re.search("Must|valid|value", render_stored(stored))


def test_its_values_are_written_in_the_readers_digits():
    stored = in_our_words("Must be greater than or equal to 1 and less than or equal to 65535.")
    assert render_stored(stored) == "Between 1 and 65535."
    with reading(LOCALES["fa"]):
        assert "۶۵۵۳۵" in render_stored(stored)


def test_what_a_plugin_says_itself_is_left_alone():
    assert in_our_words("There is no such loft.") == "There is no such loft."


def test_the_sentences_are_really_those():
    class Loft(Schema):
        doors = fields.Integer(validate=validate.Range(1, 5))
        name = fields.String(validate=validate.Length(max=3))
        kind = fields.String(validate=validate.OneOf(["high", "low"]))

    with pytest.raises(ValidationError) as refused:
        Loft().load({"doors": 9, "name": "tower", "kind": "wide"})
    assert {name: render_stored(in_our_words(texts[0])) for name, texts in refused.value.messages.items()} == {
        "doors": "Between 1 and 5.", "name": "At most 3 characters.", "kind": "Please choose one of: high, low.",
    }  # fmt: skip

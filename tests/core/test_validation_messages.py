"""Whatever marshmallow says of a value that does not fit, a reader hears in their own language."""

import importlib
import inspect
import pkgutil
import re

import pytest
from marshmallow import Schema, ValidationError, fields, validate

import helpdesk
import plugins
from helpdesk.core.channels.types import Channel
from helpdesk.core.validation_messages import FIELDS, RANGES, RULES, SCHEMA, Sentence, as_stored
from helpdesk.i18n import LOCALES, reading, render_stored

OWN = re.compile(r"[Nn]ot a valid|Missing data|may not be|Must |Invalid|cannot be formatted|Length must|than m..imum")
RULED = [  # a rule that refuses 9, and what is said of it
    (validate.Range(1, 5), "Between 1 and 5."),
    (validate.Range(1, 5, min_inclusive=False), "More than 1, at most 5."),
    (validate.Range(1, 5, max_inclusive=False), "At least 1, less than 5."),
    (validate.Range(1, 5, min_inclusive=False, max_inclusive=False), "More than 1, less than 5."),
    (validate.Range(min=10), "At least 10."),
    (validate.Range(max=5), "At most 5."),
    (validate.Range(min=9, min_inclusive=False), "More than 9."),
    (validate.Range(max=9, max_inclusive=False), "Less than 9."),
    (validate.Equal(3), "This must be 3."),
    (validate.OneOf(["high", "low"]), "Please choose one of: high, low."),
    (validate.NoneOf([9]), "This does not fit."),
]


def kinds(module, base):
    return {kind for _name, kind in inspect.getmembers(module, inspect.isclass) if issubclass(kind, base)}


@pytest.mark.parametrize("kind", sorted(kinds(fields, fields.Field), key=lambda kind: kind.__name__))
def test_every_kind_of_field_speaks_our_words(kind):
    abstract = kind.__name__.startswith("_")
    said = {
        name: text
        for each in reversed(kind.__mro__)
        for name, text in vars(each).get("default_error_messages", {}).items()
    }
    assert abstract or {name for name, text in said.items() if not isinstance(text, Sentence)} == set()


@pytest.mark.parametrize("kind", sorted(kinds(validate, validate.Validator), key=lambda kind: kind.__name__))
def test_every_rule_speaks_our_words(kind):
    said = {name: text for name, text in inspect.getmembers(kind) if re.match("(default_)?message", name)}
    assert {text for text in said.values() if OWN.search(text)} == set()


@pytest.mark.parametrize(("rule", "said"), RULED)
def test_a_rule_fills_its_values_in(rule, said):
    with pytest.raises(ValidationError) as refused:
        rule(9)
    stored = as_stored(refused.value.messages)
    assert render_stored(stored) == str(refused.value.messages[0]) == said
    with reading(LOCALES["fa"]):
        assert re.search("[آ-ی]", render_stored(stored)) and not re.search("[0-9]", render_stored(stored))


@pytest.mark.parametrize(
    "sentence",
    sorted({text for said in (*FIELDS.values(), *RULES.values(), SCHEMA, RANGES) for text in said.values()}),
)
def test_each_sentence_has_its_persian(sentence):
    with reading(LOCALES["fa"]):
        said = render_stored(as_stored(Sentence(sentence, **dict.fromkeys(re.findall(r"%\((\w+)\)s", sentence), 5))))
    assert re.search("[آ-ی]", said) and "%" not in said


def our_schemas():
    for package in (helpdesk, plugins):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.endswith("__main__") and "migrations" not in module.name:
                importlib.import_module(module.name)
    return sorted({kind for kind in _below(Schema) if kind.__module__.startswith(("helpdesk", "plugins"))}, key=repr)


def _below(kind):
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def test_no_schema_of_ours_was_made_before():
    """A field keeps the sentences of the moment it was made in."""
    schemas = our_schemas()
    assert len(schemas) > 40 and any(kind.__module__ == "plugins.email.channel" for kind in schemas)
    for kind in schemas:
        for name, field in kind().fields.items():
            assert not any(OWN.search(str(text)) for text in field.error_messages.values()), (kind, name)


def test_what_does_not_fit_is_said_for_each_field():
    class Beam(Schema):
        length = fields.Float()

    class Loft(Channel.Settings):
        doors = fields.Integer(validate=validate.Range(1, 5))
        name = fields.String(validate=validate.Length(max=3))
        kind = fields.String(required=True)
        built = fields.Date(format="%Y-%m-%d")
        beams = fields.List(fields.Nested(Beam))

    given = {"doors": "no", "name": "tower", "built": "long ago", "beams": [{"length": "long"}], "rats": 3}
    assert {name: as_stored(texts) for name, texts in Loft().validate(given).items()} == {
        "doors": "Please write a whole number.",
        "name": '{"sentence": "At most %(most)s characters.", "values": {"most": 3}}',
        "kind": "Please fill this in.",
        "built": "Please give a day as in ISO 8601.",
        "beams": "Please write a number.",
        "rats": "There is no such setting.",
    }


def test_what_a_plugin_says_itself_is_left_alone():
    assert as_stored(["There is no such loft."]) == "There is no such loft."
    assert as_stored("100% {no}") == "100% {no}"

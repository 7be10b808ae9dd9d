"""The schema of the whole scenario, and of its own tests."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate

from helpdesk.api.errors import _

from . import model
from .fields import Compared, Name, Names, Said, Seconds
from .schema import (
    EndingPart,
    EscalationPart,
    FactPart,
    IntentPart,
    LimitPart,
    MeterPart,
    Part,
    PersonaPart,
    RulePart,
    RungPart,
    StatePart,
    TimerPart,
    acknowledged,
    effect,
    listed,
    named,
)


class ReplyPart(Part):
    """One reply of a test."""

    makes = model.Reply
    text = fields.String(validate=validate.Length(max=4000))
    after = Seconds()
    actions = Names()
    choice = fields.Integer(strict=True, validate=validate.Range(1, 12))


class ReplyField(fields.Field[Any]):
    """A text alone, or a reply with more."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> model.Reply:
        given = value if isinstance(value, dict) else {"text": value}
        reply: model.Reply = ReplyPart().load(given)
        return reply


class TestPart(Part):
    """One embedded test."""

    makes = model.Test
    name = Name(required=True)
    lang = fields.String(required=True, validate=validate.OneOf(model.LANGS))
    replies = fields.List(ReplyField(), required=True, validate=validate.Length(1, 60))
    end = Name(required=True, allow_none=True)
    state = Name()
    seed = fields.Integer(strict=True, validate=validate.Range(0, 10**6))
    reveals = Names()
    meters = fields.Dict(keys=Name(), values=Compared())
    min = fields.Dict(
        keys=fields.String(validate=validate.OneOf(model.DIMENSIONS)),
        values=fields.Integer(strict=True, validate=validate.Range(0, 4)),
    )


class ExpectPart(Part):
    """What the rubric looks for."""

    makes = model.Expect
    must_say = Names()
    must_not = Names()
    facts = Names()
    state = fields.Dict(keys=fields.String(validate=validate.Length(1, 60)), values=fields.Raw())

    @pre_load
    def _plain(self, data: Any, **kwargs: Any) -> Any:
        wanted = data.get("state", {}) if isinstance(data, dict) else {}
        if not isinstance(wanted, dict) or any(isinstance(value, dict | list) for value in wanted.values()):
            raise ValidationError({"state": [_("Please give names with plain values.")]})
        return data


class ActEffectField(fields.Field[Any]):
    """Changes of meters with ``repeat`` among them."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> model.ActEffect:
        if not isinstance(value, dict) or not isinstance(value.get("repeat", False), bool):
            raise ValidationError(_("Please give meters with their changes, and repeat: true or not."))
        change = {name: by for name, by in value.items() if name != "repeat"}
        return model.ActEffect(change=effect().deserialize(change), repeat=value.get("repeat", False))


class ScenarioPart(Part):
    """All of it, as the arguments of ``model.Scenario``; ``load`` adds hash and lines."""

    id = Name(required=True)
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10**6))
    title = Said(required=True)
    brief = Said(required=True)
    policy = Said()
    notes = Said()
    rules = listed(RulePart, 20)
    acknowledge = acknowledged()
    level = fields.Integer(strict=True, validate=validate.Range(1, 3))
    minutes = fields.Integer(strict=True, validate=validate.Range(1, 240))
    dims = fields.List(fields.String(validate=validate.OneOf(model.DIMENSIONS)), validate=validate.Length(max=11))
    persona = fields.Nested(PersonaPart, required=True)
    cast = named(PersonaPart, 8)
    meters = named(MeterPart, 6, 1, required=True)
    facts = named(FactPart, 30)
    effects = fields.Dict(keys=Name(), values=ActEffectField(), validate=validate.Length(max=60))
    timers = listed(TimerPart, 12)
    limits = named(LimitPart, 12)
    intents = named(IntentPart, 60)
    start = Name(required=True)
    states = named(StatePart, 40, 1, required=True)
    fallback = listed(RungPart, 8, 1, required=True)
    escalations = listed(EscalationPart, 12)
    endings = listed(EndingPart, 20, 1, required=True)
    expect = fields.Nested(ExpectPart)
    tests = listed(TestPart, 40)

"""The schema of a scenario; what it loads are the values of ``model``. Meaning across parts is for ``lint``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from helpdesk.api.errors import _

from . import model
from .fields import Amounts, Compared, Name, Names, Phrases, Said, Seconds


class Part(Schema):
    """A mapping that becomes a value of ``makes``; unknown keys are refused."""

    class Meta:
        """Nothing is passed over in silence."""

        unknown = RAISE

    makes: Callable[..., Any] = dict
    error_messages = {"unknown": _("There is no such key."), "type": _("Please give keys with values.")}

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Any:
        return self.makes(**{name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})


def _count(least: int, most: int) -> Callable[[Any], None]:
    def check(given: Any) -> None:
        if not least <= len(given) <= most:
            raise ValidationError(_("These are too many, or too few."))

    return check


def effect() -> fields.Dict:
    """Meters with their changes."""
    change = fields.Integer(strict=True, validate=validate.Range(min=-10, max=10))
    return fields.Dict(keys=Name(), values=change, validate=_count(1, 6))


def named(part: type[Schema], most: int = 40, least: int = 0, **kwargs: Any) -> fields.Dict:
    """Names with a part each."""
    return fields.Dict(keys=Name(), values=fields.Nested(part), validate=_count(least, most), **kwargs)


def listed(part: type[Schema], most: int = 40, least: int = 0, **kwargs: Any) -> fields.List:
    """Parts in their order."""
    return fields.List(fields.Nested(part), validate=_count(least, most), **kwargs)


def acknowledged() -> fields.Dict:
    """Acts with the customer's answer to each."""
    return fields.Dict(keys=fields.String(validate=validate.OneOf(model.ACTS)), values=Said(many=True))


def _phrases_by_language(**kwargs: Any) -> fields.Dict:
    return fields.Dict(keys=fields.String(validate=validate.OneOf(model.LANGS)), values=Phrases(), **kwargs)


class ConditionPart(Part):
    """One condition."""

    makes = model.Condition
    act = Names(model.ACTS)
    all_acts = Names(model.ACTS)
    no_act = Names(model.ACTS)
    intent = Names()
    no_intent = Names()
    fact = Names()
    no_fact = Names()
    state = Names()
    action = Names()
    over = fields.Raw()
    meter = fields.Dict(keys=Name(), values=Compared())
    turn = Compared()
    stay = Compared()
    since = Compared()
    questions = Compared()
    length = Compared()

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> model.Condition:
        if "over" in data:
            data["over"] = ("*",) if data["over"] is True else Names().deserialize(data["over"], "over")
        return model.Condition(**data)


class WhenField(fields.Field[Any]):
    """A condition, or a list of which one is enough."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> model.When:
        given = value if isinstance(value, list) else [value]
        if not 1 <= len(given) <= 12:
            raise ValidationError(_("Please give 1 to 12 conditions."))
        part = ConditionPart()
        if isinstance(value, list):
            return tuple(part.load(value, many=True))
        return (part.load(value),)


class RulePart(Part):
    """One rule of a state."""

    makes = model.Rule
    when = WhenField(required=True)
    say = Said(many=True)
    reveal = Names()
    goto = Name()
    effect = effect()
    coach = Said()
    choice = Said()


class StatePart(Part):
    """One state."""

    makes = model.State
    say = Said(many=True)
    who = Name()
    rules = listed(RulePart, 30)
    acknowledge = acknowledged()
    bots = fields.Dict(keys=fields.String(validate=validate.OneOf(model.BOTS)), values=Said(many=True))


class PersonaPart(Part):
    """Who speaks."""

    makes = model.Persona
    name = Said(required=True)
    about = Said()
    style = fields.List(fields.String(validate=validate.Length(max=40)), validate=validate.Length(max=8))
    channel = fields.String(validate=validate.OneOf(model.CHANNELS))
    loyalty = fields.String(validate=validate.Length(max=40))


class MeterPart(Part):
    """One meter."""

    makes = model.Meter
    start = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10))
    show = fields.Boolean(truthy={True}, falsy={False})
    label = Said()


class FactPart(Part):
    """One fact; its two texts stand beside its other keys."""

    fa = fields.Raw()
    en = fields.Raw()
    hidden = fields.Boolean(truthy={True}, falsy={False})
    verify = fields.Boolean(truthy={True}, falsy={False})
    words = _phrases_by_language()

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> model.Fact:
        text = Said().deserialize({lang: data.pop(lang) for lang in model.LANGS if lang in data})
        return model.Fact(text=text, **data)


class LimitPart(Part):
    """How much may be offered."""

    makes = model.Limit
    max = Amounts(required=True)
    words = _phrases_by_language(required=True)
    within = fields.Integer(strict=True, validate=validate.Range(1, 10))


class IntentPart(Part):
    """Phrases of the author's own."""

    any = Phrases()
    all = Phrases()
    none = Phrases()
    near = fields.Nested(Part.from_dict({"words": Phrases(required=True), "within": fields.Integer(required=True)}))

    @post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Any:
        near = data.pop("near", {"words": (), "within": 0})
        if not (data.keys() & {"any", "all"} or near["words"]):
            raise ValidationError(_("An intent needs any, all or near."))
        return model.Intent(**data, near=near["words"], within=min(max(near["within"], 0), 20))


class TimerPart(Part):
    """What silence does."""

    makes = model.Timer
    after = Seconds(required=True, validate=validate.Range(min=1))
    times = fields.Integer(strict=True, validate=validate.Range(1, 20))
    states = Names()
    effect = effect()
    say = Said(many=True)
    goto = Name()


class RungPart(Part):
    """One step of the fallback ladder."""

    makes = model.Rung
    say = Said(many=True, required=True)
    effect = effect()
    goto = Name()


class EscalationPart(Part):
    """Somebody else is called for."""

    makes = model.Escalation
    when = WhenField(required=True)
    to = Name(required=True)
    say = Said(many=True)
    effect = effect()
    goto = Name()


class EndingPart(Part):
    """One ending."""

    makes = model.Ending
    name = Name(required=True)
    when = WhenField(required=True)
    score = fields.Float(validate=validate.Range(0, 1))
    title = Said()
    say = Said(many=True)

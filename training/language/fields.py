"""The kinds of values a scenario is made of, as marshmallow fields: bounded, and made into what the engine uses."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields

from helpdesk.api.errors import Invalid, _

from ..matching.phrases import phrase
from .model import LANGS

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
LONGEST, VARIANTS, NAMES = 1_000, 12, 40  # characters of a text, variants of a line, names in a list
_COMPARISON = re.compile(r"(<=|>=|==|<|>)\s*(-?[0-9]{1,6}(?:\.[0-9]{1,4})?)")
_SECONDS = re.compile(r"([0-9]{1,5})\s*(s|m)?")


class Name(fields.String):
    """An id: a-z, digits, - and _."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not NAME.fullmatch(value):
            raise ValidationError(_("A name has small Latin letters, digits, - and _, at most 40, a letter first."))
        return value


class Names(fields.Field[Any]):
    """A name, or a list of them."""

    def __init__(self, acts: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.acts = acts

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        names = value if isinstance(value, list) else [value]
        if not names or len(names) > NAMES or not all(isinstance(name, str) and NAME.fullmatch(name) for name in names):
            raise ValidationError(_("Please give a name or a list of names."))
        if self.acts and not set(names) <= set(self.acts):
            raise ValidationError(_("There is no act of this name."))
        return tuple(names)


class Said(fields.Field[Any]):
    """{fa: …, en: …}; with ``many`` each may be a list of variants."""

    def __init__(self, many: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.several = many

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or not value or not set(value) <= set(LANGS):
            raise ValidationError(_("Please give a text under fa and one under en."))
        read: dict[str, Any] = {}
        for lang, given in value.items():
            variants = given if self.several and isinstance(given, list) else [given]
            if not 1 <= len(variants) <= VARIANTS or any(isinstance(one, dict | list | bool) for one in variants):
                raise ValidationError({lang: [_("Please write a text.")]})
            texts = tuple(str(one).strip() if one is not None else "" for one in variants)
            if not all(0 < len(text) <= LONGEST for text in texts):
                raise ValidationError({lang: [_("A text has 1 to 1000 characters.")]})
            read[lang] = texts if self.several else texts[0]
        return read


class Phrases(fields.Field[Any]):
    """A list of phrases; compiled."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[Any, ...]:
        given = value if isinstance(value, list) else [value]
        if not 1 <= len(given) <= NAMES or any(isinstance(one, dict | list | bool) or one is None for one in given):
            raise ValidationError(_("Please give a list of 1 to 40 phrases."))
        compiled = []
        for index, one in enumerate(given):
            try:
                compiled.append(phrase(str(one)))
            except Invalid as error:
                raise ValidationError({index: [str(error)]}) from None
        return tuple(compiled)


class Compared(fields.Field[Any]):
    """``"<= 6"`` or a number, as (sign, number)."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, float]:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return "==", float(value)
        found = _COMPARISON.fullmatch(value.strip()) if isinstance(value, str) else None
        if not found:
            raise ValidationError(_("Please compare with a number, such as “<= 6” in quotes."))
        return found[1], float(found[2])


class Seconds(fields.Field[Any]):
    """``120``, ``120s`` or ``2m``; at most a day."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        found = _SECONDS.fullmatch(str(value)) if isinstance(value, int | str) and not isinstance(value, bool) else None
        seconds = int(found[1]) * (60 if found[2] == "m" else 1) if found else -1
        if not 0 <= seconds <= 86_400:
            raise ValidationError(_("Please give seconds or minutes: 120s, 2m."))
        return seconds


class Amounts(fields.Field[Any]):
    """A number, or one a language where the currencies differ."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, float]:
        given = value if isinstance(value, dict) else dict.fromkeys(LANGS, value)
        if set(given) != set(LANGS) or not all(type(one) in (int, float) for one in given.values()):
            raise ValidationError(_("Please give a number, or one under fa and one under en."))
        return {lang: float(one) for lang, one in given.items()}

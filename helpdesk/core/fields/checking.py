"""What may stand in a custom field, by its kind, and which fields are asked for by what the others hold."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from helpdesk.core.errors import Invalid, _, dump_message
from helpdesk.core.names import one_line
from helpdesk.core.phone_numbers import REGION, normal_form
from helpdesk.core.text import digits, plain
from helpdesk.core.validation_messages import EMAIL, EMPTY, NUMBER

from .types import OPTIONS, Field

TEXT, LONG_TEXT, ADDRESS = 500, 20_000, 254  # characters
GREATEST = 10**15  # of a number: beyond it JSON's readers round
YEARS = (1000, 1700)  # between them a typed year is one of the Solar Hijri calendar
DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
ADDRESS_PATTERN = re.compile(r"[^\s@<>(),;:\"]{1,64}@[^\s@<>(),;:\"]+\.[^\s@<>(),;:\".]{2,}")
YES, NO = ("1", "yes", "true", "on"), ("0", "no", "false", "off")
UNKNOWN, CHOOSE = _("There is no such field."), _("Please choose one of the options.")
UNFIT = _("Some fields do not fit.")


def check(fields: Iterable[Field], given: Mapping[str, Any], region: str = REGION) -> dict[str, Any]:
    """The values of a whole form in the form in which they are stored; what is not asked for is left out.

    Invalid with a sentence, as ``dump_message`` writes it, for each field that does not fit or is missing. ``region``
    is the country of telephone numbers without a code.
    """
    known = list(fields)
    wrong = {name: UNKNOWN for name in given if name not in {each.name for each in known}}
    values: dict[str, Any] = {}
    for each in asked(known, given):
        try:
            value = cleaned(each, given.get(each.name), region)
        except Invalid as error:
            wrong[each.name] = dump_message(error)
            continue
        if value is not None:
            values[each.name] = value
    if wrong:
        raise Invalid(UNFIT, wrong)
    return values


def asked(fields: Iterable[Field], given: Mapping[str, Any]) -> list[Field]:
    """Those of these fields that are asked for while ``given`` are the values: none that is retired, none whose
    condition does not hold, and none whose condition asks for one that is not asked for itself.
    """
    known = {each.name: each for each in fields}
    return [each for each in known.values() if _is_asked(each, known, given, len(known))]


def _is_asked(each: Field, known: Mapping[str, Field], given: Mapping[str, Any], depth: int) -> bool:
    if each.retired or depth < 0:
        return False
    if each.shown_if is None:
        return True
    other = known.get(each.shown_if.field)
    if other is not None and not _is_asked(other, known, given, depth - 1):
        return False
    said = texts(given.get(each.shown_if.field))
    return bool(said & set(each.shown_if.values)) if each.shown_if.values else bool(said - {"no"})


def texts(value: Any) -> set[str]:
    """A value as conditions compare it: each choice by itself, yes and no for a decision."""
    if value is None or value == "":
        return set()
    if isinstance(value, list | tuple | set):
        return {str(each) for each in value}
    if isinstance(value, bool):
        return {"yes" if value else "no"}
    return {str(value)}


def cleaned(each: Field, value: Any, region: str = REGION) -> Any:
    """A value as it is stored, None for an empty one; Invalid with a sentence when it does not fit or must not be
    empty.
    """
    empty = value is None or (isinstance(value, str | list | tuple) and not value)
    made = None if empty else BY_KIND[each.kind](each, value, region)
    if made is None and each.required:
        raise Invalid(EMPTY)
    return made


def _text(each: Field, value: Any, region: str) -> str | None:
    return one_line(_string(value, TEXT), TEXT) or None


def _long_text(each: Field, value: Any, region: str) -> str | None:
    return plain(_string(value, LONG_TEXT)).strip() or None


def _string(value: Any, most: int) -> str:
    if not isinstance(value, str) and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise Invalid(_("Please write a text."))
    if len(str(value)) > most:
        raise Invalid(_("At most %(most)s characters."), most=most)
    return str(value)


def _number(each: Field, value: Any, region: str) -> int | float:
    typed = digits(_string(value, 40), "en").strip().replace("٬", "").replace("٫", ".").replace("−", "-")
    try:
        number = int(typed) if re.fullmatch(r"[+-]?\d+", typed) else float(typed)
    except ValueError:
        raise Invalid(NUMBER) from None
    if not math.isfinite(number) or abs(number) > GREATEST:
        raise Invalid(NUMBER)
    return number


def _choice(each: Field, value: Any, region: str) -> str:
    if not isinstance(value, str) or value not in {option.value for option in each.options}:
        raise Invalid(CHOOSE)
    return value


def _choices(each: Field, value: Any, region: str) -> list[str]:
    wanted = [value] if isinstance(value, str) else value
    if not isinstance(wanted, list | tuple) or len(wanted) > OPTIONS:
        raise Invalid(CHOOSE)
    chosen = {_choice(each, one, region) for one in wanted}
    return [option.value for option in each.options if option.value in chosen]


def _date(each: Field, value: Any, region: str) -> str:
    found = DAY.fullmatch(digits(_string(value, 40), "en").strip())
    if not found:
        raise Invalid(_("Write a day like 2026-03-21 or 1405/01/01."))
    year, month, day = map(int, found.groups())
    try:
        return (_jalali(year, month, day) if YEARS[0] < year < YEARS[1] else date(year, month, day)).isoformat()
    except ValueError:
        raise Invalid(_("There is no such day.")) from None


def _jalali(year: int, month: int, day: int) -> date:
    from persiantools.jdatetime import JalaliDate

    made: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    return made


def _yes_no(each: Field, value: Any, region: str) -> bool:
    said = str(value).lower() if isinstance(value, str | bool | int) else ""
    if said not in (*YES, *NO):
        raise Invalid(_("Please say yes or no."))
    return said in YES


def _consent(each: Field, value: Any, region: str) -> bool | None:
    return _yes_no(each, value, region) or None


def _phone(each: Field, value: Any, region: str) -> str:
    return normal_form(_string(value, ADDRESS), region)


def _email(each: Field, value: Any, region: str) -> str:
    typed = _string(value, ADDRESS).strip()
    if not ADDRESS_PATTERN.fullmatch(typed):
        raise Invalid(EMAIL)
    return typed


BY_KIND: dict[str, Callable[[Field, Any, str], Any]] = {
    "text": _text,
    "long_text": _long_text,
    "number": _number,
    "choice": _choice,
    "choices": _choices,
    "date": _date,
    "yes_no": _yes_no,
    "phone": _phone,
    "email": _email,
    "consent": _consent,
}

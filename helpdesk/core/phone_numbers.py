"""Telephone numbers as identities: one form for comparing (E.164), another for reading, both by ``phonenumbers``.

The library is imported at the first number, since it costs 3 MB and 20 ms. What search finds in running text is
``core.text.phone``, which asks no table.
"""

from __future__ import annotations

import re

from .errors import Invalid, _
from .text import HALF_SPACE, UNSEEN, digits

KIND = "phone"  # of an address
REGION = "IR"
LONGEST = 60  # characters
NO_NUMBER = _("This is not a telephone number; write it with its country code, like +98 912 123 4567.")

_TIDY = str.maketrans({**dict.fromkeys(UNSEEN), HALF_SPACE: " ", "\uff0b": "+"})
_TYPED = re.compile(
    r"(?:tel:)?([+(\d][\d\s().\-\u2010-\u2015]*\d)\s*(?:(?:;ext=|ext(?:ension)?|x|#|داخلی)[\s:.]*(\d{1,7}))?", re.I
)
_STORED = re.compile(r"(\+\d{4,15})(?:;ext=(\d{1,7}))?")


def normal_form(typed: str, region: str = REGION) -> str:
    """The number in the form of E.164, "+982188776655", an extension behind it as in RFC 3966: ";ext=12".

    ``region`` (ISO 3166) is the country of a number without its country's code. Such a number must be one that this
    country gives out; of one with a code only the length counts, since countries open new ranges. Raises Invalid for
    anything else: no letter or sign is left out to make a number.
    """
    found = _TYPED.fullmatch(digits(typed, "en").translate(_TIDY).strip()) if len(typed) <= LONGEST else None
    number = _parsed(found[1], region) if found else ""
    if not found or not number:
        raise Invalid(NO_NUMBER, {"address": NO_NUMBER})
    return f"{number};ext={found[2]}" if found[2] else number


def _parsed(typed: str, region: str) -> str:
    import phonenumbers as library

    try:
        number = library.parse(typed, region, keep_raw_input=True)
    except library.NumberParseException:
        return ""
    abroad = number.country_code_source in (
        library.CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN,
        library.CountryCodeSource.FROM_NUMBER_WITH_IDD,
    )
    fits = library.is_possible_number if abroad else library.is_valid_number
    return library.format_number(number, library.PhoneNumberFormat.E164) if fits(number) else ""


def for_reading(value: str, region: str = REGION) -> tuple[str, str]:
    """A number in its normal form as people of a country write it, and its extension: with the country's code unless
    it is of that country. ("", "") for anything else.
    """
    found = _STORED.fullmatch(value)
    if not found:
        return "", ""
    import phonenumbers as library

    try:
        number = library.parse(found[1])
    except library.NumberParseException:
        return "", ""
    here = number.country_code == library.country_code_for_region(region)
    form = library.PhoneNumberFormat.NATIONAL if here else library.PhoneNumberFormat.INTERNATIONAL
    return library.format_number(number, form), found[2] or ""


def is_region(region: str) -> bool:
    """True for the two letters of a country whose numbers are known."""
    import phonenumbers as library

    return region in library.SUPPORTED_REGIONS

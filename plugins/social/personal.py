"""What of a text should not stand where everybody reads it: numbers of telephones, cards and orders, and addresses."""

from __future__ import annotations

import re

from helpdesk.api.errors import _
from helpdesk.api.text import digits, phone

# Each runs in time proportional to a text whose rows of white space are one blank.
MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
RUN = re.compile(r"\+?\d(?:[ ()./-]{0,2}\d){4,23}")
CODE = re.compile(r"\b[A-Za-z]{1,6}-?\d[\dA-Za-z-]{2,20}\b")
NAMED = re.compile(
    r"(?:#|№|سفارش|فاکتور|پیگیری|order|invoice|ticket) ?(?:(?:number|no\.?|شماره(?:ی|ٔ)?) ?)?[:#]? ?\d\d",
    re.IGNORECASE,
)
MONEY = re.compile(r" ?(?:تومان|ریال|هزار|میلیون|toman|rial|usd|eur|[$€%٪])", re.IGNORECASE)
DATE = re.compile(r"\d{2,4}[/.-]\d{1,2}[/.-]\d{1,4}")
CARD, LONGEST = 16, 10_000  # digits of a bank card; characters that are looked at
SENTENCES = {
    "mail": _("an e-mail address"),
    "card": _("a card number"),
    "phone": _("a telephone number"),
    "order": _("an order number or another long number"),
}


def found(text: str) -> list[str]:
    """The kinds of personal data in a text, of ``SENTENCES``, in that order."""
    plain = re.sub(r"\s+", " ", digits(text[:LONGEST], "en"))
    kinds = {"mail"} if MAIL.search(plain) else set()
    rest = MAIL.sub(" ", plain)
    kinds |= {kind for run in RUN.finditer(rest) if (kind := _kind(run, rest))}
    kinds |= {"order"} if CODE.search(rest) or NAMED.search(rest) else set()
    return [kind for kind in SENTENCES if kind in kinds]


def _kind(run: re.Match[str], text: str) -> str:
    """What a row of digits is; "" for a price and a date."""
    number = "".join(filter(str.isdecimal, run[0]))
    if len(number) == CARD and _luhn(number):
        return "card"
    if DATE.fullmatch(run[0]) or MONEY.match(text, run.end()):
        return ""
    return "phone" if run[0][0] in "+0" and phone(run[0]) else "order"


def _luhn(number: str) -> bool:
    """The check digit of card numbers (ISO/IEC 7812-1)."""
    places = [int(one) for one in reversed(number)]
    return sum(places[0::2] + [sum(divmod(one * 2, 10)) for one in places[1::2]]) % 10 == 0

"""The demo's English-speaking customers and what their messages have in common."""

from __future__ import annotations

from helpdesk.demo.stories import Voices

from . import billing, orders

_GIVEN = (
    "Emma Oliver Hannah Lucas Priya Daniel Sofia Marcus Grace Adam Chloe Victor Nora Samuel Ingrid Peter Amara Leon Julia Hugo"
).split()
_FAMILY = "Whitfield Schneider Rossi Lindqvist Okafor Novak Moreau Hughes Nair Petersen Kowalski Fischer Brennan".split()

_CUSTOMERS = tuple(
    (f"{given} {family}", given, f"{given.lower()}.{family.lower()}")
    for number in range(64)
    for given in [_GIVEN[number % len(_GIVEN)]]
    for family in [_FAMILY[number % len(_FAMILY)]]
)

VOICES = Voices(
    customers=_CUSTOMERS,
    things=("reading lamp", "set of ceramic cups", "folding chair", "double bedspread", "electric kettle", "wall shelf", "terracotta pot", "side table", "linen curtain"),
    cities=("Leeds", "Hamburg", "Lyon", "Bologna", "Malmö", "Cork", "Antwerp", "Dubai"),
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
    amounts=("€48.50", "€126.00", "€97.20", "€234.00", "€61.90"),
    couriers=("SwiftParcel", "BlueVan", "NorthPost"),
    greetings=("Hello,", "Hi there,", "Good morning,", "Dear team,", "Hi,"),
    goodbyes=("Kind regards\n{name}", "Best wishes\n{name}", "Many thanks\n{name}", "{name}", "Thanks in advance,\n{name}"),
    answer="Hello {whom},\n\n{text}\n\nKind regards\n{agent}\nKashaneh Support",
    stories=orders.STORIES + billing.STORIES,
)

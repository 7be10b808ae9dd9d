"""What the shop sells, and where its parcels are: invented, but the same at every look."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.api.text import digits

STEPS = 4  # ordered, packed, with the courier, delivered
DIGITS = 5  # of an order's number


@dataclass(frozen=True)
class Product:
    """A thing on sale: ``name`` in both languages, ``picture`` a file of ``static/``, prices as each country writes
    them.
    """

    name: str
    picture: str
    euros: int
    tomans: int

    def price(self, language: str) -> str:
        """The price as a shop in this language writes it."""
        return f"{digits(f'{self.tomans:,}', 'fa').replace(',', '٬')} تومان" if language == "fa" else f"€{self.euros}"


PRODUCTS = (
    Product("Reading lamp | چراغ مطالعه", "lamp.svg", 49, 1_290_000),
    Product("Set of ceramic cups | ست لیوان سرامیکی", "cups.svg", 32, 840_000),
    Product("Folding chair | صندلی تاشو", "chair.svg", 65, 1_750_000),
    Product("Electric kettle | کتری برقی", "kettle.svg", 54, 1_420_000),
    Product("Double bedspread | روتختی دونفره", "bed.svg", 79, 2_150_000),
    Product("Wall shelf | قفسهٔ دیواری", "shelf.svg", 38, 980_000),
)


def step_of(number: str) -> int | None:
    """How far an order is, 1 to STEPS; None when this is no number of an order."""
    if not (number.isascii() and number.isdecimal() and len(number) == DIGITS):
        return None
    return (int(number) + 1) % STEPS + 1

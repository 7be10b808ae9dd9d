"""The demo's contact form: an account, three topics, and the custom fields they ask for."""

from __future__ import annotations

from helpdesk.api import fields, work
from helpdesk.api.fields import Field, Option, ShownIf

from . import topics

PROBLEM = Field(
    name="problem",
    kind="choice",
    label={"en": "What is wrong?", "fa": "چه مشکلی دارد؟"},
    required=True,
    options=(
        Option("late", {"en": "It has not arrived", "fa": "هنوز نرسیده است"}),
        Option("broken", {"en": "It is damaged", "fa": "آسیب دیده است"}),
        Option("other", {"en": "Something else", "fa": "چیز دیگری است"}),
    ),
)
FIELDS = [
    Field(
        name="order_number",
        kind="number",
        label={"en": "Order number", "fa": "شمارهٔ سفارش"},
        help={"en": "It stands in the mail that confirmed your order.", "fa": "در ایمیل تأیید سفارش نوشته شده است."},
    ),
    PROBLEM,
    Field(
        name="damage",
        kind="long_text",
        label={"en": "Please describe the damage", "fa": "لطفاً آسیب را شرح دهید"},
        required=True,
        shown_if=ShownIf("problem", ("broken",)),
    ),
    Field(name="city", of="customer", label={"en": "City", "fa": "شهر"}),
]
TOPICS = [
    topics.Wanted(
        "order",
        {"en": "My order", "fa": "سفارش من"},
        {"en": "Where it is, or what is wrong with it.", "fa": "کجاست، یا چه مشکلی دارد."},
        fields=("order_number", "problem", "damage", "city"),
    ),
    topics.Wanted("bill", {"en": "A bill or a payment", "fa": "فاکتور یا پرداخت"}, fields=("order_number",)),
    topics.Wanted("other", {"en": "Something else", "fa": "موضوع دیگر"}),
]


def make(runtime) -> list[dict]:
    """Fields and topics; returns the account."""
    with work.work(work.plugin_actor("form")) as uow:
        for field in FIELDS:
            fields.save(uow, field)
        for topic in TOPICS:
            topics.save(uow, topic)
    return [{"channel": "form", "name": "Contact form | فرم تماس", "settings": {}}]

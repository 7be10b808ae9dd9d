"""The demo's contact form: an account, three topics, the custom fields they ask for, and what some customers sent."""

from __future__ import annotations

from typing import Any

from helpdesk.api import accounts, fields, jobs, work
from helpdesk.api.errors import TryAgain
from helpdesk.api.fields import Field, Option, ShownIf
from helpdesk.api.i18n import LOCALES, _, reading

from . import filing, form, topics
from .posts import Post

NAME = "Contact form | فرم تماس"

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


SENT: list[
    tuple[str, str, str, str, str, str, dict[str, Any]]
] = [  # language, topic, who, address, subject, text, values
    (
        "fa",
        "order",
        "نیلوفر کریمی",
        "niloufar.karimi@customer.example",
        "سفارش ۴۸۷۳۱ شکسته رسید",
        "سلام، یکی از لیوان‌های ست سرامیکی شکسته به دستم رسید. می‌شود فقط همان یکی را عوض کنید؟",
        {"order_number": 48731, "problem": "broken", "damage": "دستهٔ یک لیوان شکسته است.", "city": "اصفهان"},
    ),
    (
        "en",
        "order",
        "Oliver Grant",
        "oliver.grant@customer.example",
        "Order 48802 has not arrived",
        "Hello, the tracking has said “with the courier” since Monday. Could you find out where it is?",
        {"order_number": 48802, "problem": "late", "city": "Leeds"},
    ),
    (
        "fa",
        "bill",
        "امیرحسین رضایی",
        "amirhossein.rezaei@customer.example",
        "فاکتور رسمی",
        "برای سفارش ۴۷۹۵۰ فاکتور رسمی به نام شرکت می‌خواهم. چه اطلاعاتی لازم است؟",
        {"order_number": 47950},
    ),
    (
        "en",
        "other",
        "Hannah Weiss",
        "hannah.weiss@customer.example",
        "Do you ship to Austria?",
        "I would like two folding chairs. Do you deliver to Vienna, and how long does it take?",
        {},
    ),
]


def make(runtime) -> list[dict]:
    """Fields and topics, and a job that sends what customers sent; returns the account."""
    with work.work(work.plugin_actor("form")) as uow:
        for field in FIELDS:
            fields.save(uow, field)
        for topic in TOPICS:
            topics.save(uow, topic)
        jobs.add(uow, SEND, key="demo")
    return [{"channel": "form", "name": NAME, "settings": {}}]


def _send(uow, job: jobs.Running) -> None:
    """Send the posts as customers would; each is stored once, however often this runs."""
    account = next((one for one in accounts.of_channel(uow, "form") if one.name == NAME), None)
    if account is None:
        raise TryAgain(_("The demo's form is not there yet."))
    for number, sent in enumerate(SENT):
        filing.hand_over(uow, account.id, _post(uow, account, number, *sent))
        job.progress(number + 1, len(SENT))


def _post(uow, account: accounts.Account, number: int, language: str, name: str, *said: Any) -> Post:
    who, email, subject, text, values = said
    _known, topic = form.topic_of(uow, account, name)
    with reading(LOCALES[language]):
        lines = form.read_as_people(form.of(uow, account, topic), values)
    known = filing.key_of("demo", str(number))
    queue = topic.queue_id if topic else None
    told = {"language": language, "topic": name, "queue": queue, "values": values, "lines": lines}
    return Post(id=known, thread=known, email=email, name=who, subject=subject, text=text, **told)


SEND = jobs.JobKind("form.demo", _send, _("Let the demo's customers send the form"))

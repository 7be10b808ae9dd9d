"""What of a public answer is personal, in both alphabets, and what the composer is told of it."""

import pytest

from plugins.social import personal


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("سلام، در راه است.", []),
        ("Write to mina@example.com please", ["mail"]),
        ("با ۰۹۱۲ ۱۲۳ ۴۵۶۷ تماس بگیرید", ["phone"]),
        ("call +98 (21) 8888-1234", ["phone"]),
        ("کارت 6037-9911-1111-1114", ["order"]),  # no card: its check digit is wrong
        ("کارت ۴۱۱۱ ۱۱۱۱ ۱۱۱۱ ۱۱۱۱", ["card"]),
        ("سفارش ۱۲۳ آماده است", ["order"]),
        ("Your order no. 77 is ready", ["order"]),
        ("#4471", ["order"]),
        ("code AB-12345", ["order"]),
        ("کد رهگیری 123456789012", ["order"]),
        ("مبلغ ۱۲۵۰۰۰ تومان است و ۱۲۰۰۰۰ ریال مالیات", []),
        ("از ۱۴۰۵/۰۹/۰۸ تا ۱۴۰۵/۰۹/۱۰، ساعت ۹:۰۰ تا ۱۷:۳۰", []),
        ("mina@example.com یا 09121234567", ["mail", "phone"]),
        ("24 hours, 7 days, COVID-19 and iPhone 15", []),
    ],
)
def test_what_is_personal(text, kinds):
    assert personal.found(text) == kinds


def test_a_long_text_is_looked_at_in_time():
    assert personal.found("1 " * 200_000) in ([], ["order"]) and personal.found("a" * 10_001 + " x@y.example") == []

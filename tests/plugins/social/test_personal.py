"""What of a public answer is personal, in both alphabets, and what the composer is told of it."""

import time

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


@pytest.mark.parametrize(
    ("begins", "goes_on"),
    [("order", " "), ("", "order no. "), ("", "a"), ("", "a@"), ("", "a-"), ("", "a."), ("", "1-"), ("x@", "y."), ("", "(")],
)  # fmt: skip
def test_what_nobody_meant_costs_in_proportion_to_its_length(begins, goes_on):
    def seconds(length):
        tried = []
        for _again in range(3):
            began = time.thread_time()
            personal.found((begins + goes_on * length)[:length])
            tried.append(time.thread_time() - began)
        return min(tried)

    assert seconds(2_000) < 12 * max(seconds(400), 0.0002), "5 times the length; 25 times where it is quadratic"


def test_a_row_of_blanks_is_one():
    assert personal.found("Order" + " " * 5_000 + "no.\n\n\n12") == ["order"]
    assert personal.found("order" + " " * 9_000) == []

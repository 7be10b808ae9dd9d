"""What people wrote becomes paragraphs: inert, each with its own direction, in time linear in its length."""

import time

import pytest

from helpdesk.web.ticket.message_text import LINKS, LONGEST, paragraphs


def test_paragraphs_and_lines():
    assert paragraphs("one\ntwo\n\n\nسه") == '<p dir="auto">one<br>two</p><p dir="auto">سه</p>'
    assert paragraphs("") == '<p dir="auto"></p>'


def test_nothing_in_them_acts():
    assert paragraphs("<b onclick='x'>&") == '<p dir="auto">&lt;b onclick=&#39;x&#39;&gt;&amp;</p>'


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("see https://a.example/b?c=1&d=2.", "https://a.example/b?c=1&amp;d=2"),
        ("(http://a.example)", "http://a.example"),
        ("نشانی: https://a.example/پیگیری؛ ممنون", "https://a.example/پیگیری"),
        ('http://x"onmouseover=alert(1)//', "http://x"),
    ],
)
def test_addresses_become_links(written, address):
    assert (
        f'<a class="link" dir="ltr" href="{address}" target="_blank" rel="noopener noreferrer nofollow">{address}</a>'
        in paragraphs(written)
    )


def test_only_web_addresses_do():
    assert "<a" not in paragraphs("javascript:alert(1) data:text/html,x ftp://x.example httpx://y")


def test_many_links_are_some_links():
    assert paragraphs("http://a.example " * (LINKS + 50)).count("<a ") == LINKS


@pytest.mark.parametrize(
    "hostile", ["http://" * 5000, "\n" * 30_000, "a@" * 15_000, "http://x" + ")" * 29_000, "<" * 30_000]
)
def test_hostile_texts_cost_no_more_than_others(hostile):
    began = time.thread_time()
    paragraphs(hostile * 10)
    assert time.thread_time() - began < 1
    assert len(paragraphs("x" * LONGEST * 2)) < LONGEST * 1.1

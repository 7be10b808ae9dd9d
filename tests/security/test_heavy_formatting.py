"""Formatting that is dear to clean is cleaned in a child process with limits, never on the event loop."""

import json

import pytest

from helpdesk import app as wiring
from helpdesk.core.intake import parser_pool
from helpdesk.core.intake.parser_pool import ParserPool
from helpdesk.security import sanitise

NESTED = "<div>" * 86_000 + "deep" + "</div>" * 86_000
MANY = "<p>Hello <b>there</b></p>" * 2_000


@pytest.fixture
def children(runtime):
    """The desk with its real children; what this process cleans itself is an error."""
    runtime.parser = ParserPool(wiring._environment(runtime.config, runtime.channels))
    yield runtime.parser
    runtime.parser.close()


def reply(api, html):
    return api("POST", "/tickets/1/replies", json.dumps({"text": "x", "html": html, "to": ["mina@customer.example"]}))


def test_nested_formatting_is_refused_with_a_sentence(api, children, monkeypatch):
    monkeypatch.setattr(sanitise, "clean", lambda html: pytest.fail("not here"))
    monkeypatch.setattr(parser_pool, "CLEANING", 0.5)
    answer = reply(api, NESTED)
    assert answer.status_code == 422 and "too heavy" in answer.json["errors"]["html"]
    assert reply(api, MANY).status_code == 201, "the next one has a new child"


def test_a_child_cleans_as_this_process_does(children):
    for html in (MANY, '<a href="javascript:x">a</a><script>x</script>' * 1_000, '<p dir="rtl">سلام</p>' * 600):
        assert children.clean(html) == sanitise.clean(html)


def test_light_formatting_needs_no_child(api, children):
    assert reply(api, "<p>Hello <script>x</script></p>").json["html"] == "<p>Hello </p>"
    assert children._free == []


def test_cleaning_takes_no_place_of_a_reader(children):
    """However many texts are cleaned, as many messages are read at once as before."""
    for _place in range(2):
        assert children._places.acquire(timeout=1)
    assert children.clean(MANY)

"""The chat channel: the contract every channel passes, and its settings."""

import pytest
from marshmallow import ValidationError

from plugins.chat import settings
from plugins.chat.channel import Chat
from plugins.chat.contract import SITE, ChatContract
from plugins.chat.desk import browser


class TestChat(ChatContract):
    pass


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("origins", "shop.example"),
        ("origins", "https://shop.example/path"),
        ("origins", " "),
        ("origins", "javascript:alert(1)"),
        ("colour", "red"),
        ("blocked", "everybody"),
        ("side", "left"),
        ("idle", 0),
    ],
)
def test_settings_that_do_not_fit_are_refused(name, value):
    with pytest.raises(ValidationError):
        Chat.Settings().load({"origins": SITE, name: value})


def test_questions_are_asked_as_the_settings_say_and_answers_are_checked():
    none = Chat.Settings().load({"origins": SITE})
    assert settings.questions(none) == [] and settings.checked(none, {"name": "x"}) == ({}, {})
    given = {"ask_name": "optional", "ask_email": "required", "topics": "Order\nOther", "consent": "You agree."}
    some = Chat.Settings().load({"origins": SITE, **given})
    assert [(q["name"], q["kind"], q["required"]) for q in settings.questions(some)] == [
        ("name", "text", False),
        ("email", "email", True),
        ("topic", "choice", True),
        ("consent", "consent", True),
    ]
    good = {"email": "a@b.example", "topic": "Order", "consent": True}
    assert settings.checked(some, good) == (good, {})
    assert set(settings.checked(some, {"email": "no", "topic": "x", "consent": "yes"})[1]) == {
        "email",
        "topic",
        "consent",
    }
    assert set(settings.checked(some, [1])[1]) == {"email", "topic", "consent"}


def test_greetings_are_read_line_by_line():
    assert settings.greetings("/a* | 5 | Hello | there\nnonsense\n/b | x | no") == [
        {"page": "/a*", "after": 5, "text": "Hello | there"}
    ]


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox 131, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge 130, Windows"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_named_as_people_do(agent, said):
    assert browser(agent) == said

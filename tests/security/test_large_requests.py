"""What is cheap to send is not dear to read: forms, JSON and lists are counted in bytes and items before anything is
parsed.
"""

import json
from urllib.parse import urlencode

import pytest
from werkzeug import formparser

from helpdesk.core import bounded_json
from helpdesk.core.errors import TooMuch

FORM = "application/x-www-form-urlencoded"
MEGABYTES = 8 * 1024 * 1024


@pytest.fixture
def parsed(monkeypatch):
    """How many bytes each parser was given, small texts such as cookies aside."""
    seen = []

    def note(text):
        if len(text) >= 1_000:
            seen.append(len(text))

    plain_form, plain_json = formparser.parse_qsl, json.loads
    monkeypatch.setattr(formparser, "parse_qsl", lambda text, **how: (note(text), plain_form(text, **how))[1])
    monkeypatch.setattr(bounded_json.json, "loads", lambda text, **how: (note(text), plain_json(text, **how))[1])
    return seen


@pytest.mark.parametrize(
    "body",
    [b"a&" * (MEGABYTES // 2), b"a&" * 5_000, b"a=" + b"x" * 20_000, b"&" * 1_000],
    ids=["8 MB", "5,000", "long", "empty"],
)
def test_a_strangers_form_is_refused_before_it_is_parsed(stranger, parsed, body):
    answer = stranger.post("/sign-in", data=body, content_type=FORM)
    assert answer.status_code == 413 and "too large" in answer.text and parsed == []


def test_a_strangers_form_has_few_parts(stranger):
    body = (
        b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n\r\n' % n for n in range(100))
        + b"--x--\r\n"
    )
    assert stranger.post("/sign-in", data=body, content_type="multipart/form-data; boundary=x").status_code == 413


def test_signing_in_fits(agent):
    assert agent.get("/me").status_code == 200


def test_a_form_of_somebody_signed_in_is_bounded_too(agent, parsed):
    for body in (b"a&" * (MEGABYTES // 2), b"a&" * 5_000):
        parsed.clear()
        assert (
            agent.post(
                "/tickets/1/change", data=body, content_type=FORM, headers={"X-CSRFToken": agent.csrf}
            ).status_code
            == 413
        )
        assert parsed == []


@pytest.mark.parametrize("path", ["/tickets/1/change", "/selection"])
def test_a_list_in_a_form_is_counted_before_it_is_taken_apart(agent, path):
    form = {"csrf_token": agent.csrf, "tickets": "1", "tags": "," * 1_000_000}
    assert agent.post(path, data=form, headers={"Accept": "application/json"}).status_code == 413
    assert agent.post(path, data=form | {"tags": "new, ,urgent"}).status_code in (200, 204)


NAMES = json.dumps({f"n{n}": 1 for n in range(200_000)})


@pytest.mark.parametrize(
    "body, status",
    [
        (NAMES, 413),
        (json.dumps({"tags": [","] * 5_000}), 413),
        ('{"tags": ' + "[" * 100_000, 400),
        ('""' * 500_000, 413),
        ('"' + '\\"' * 1_000_000, 400),
        ('{"tags": ["' + "," * 4_000_000 + '"]}', 422),
        (b'{"tags": ["\xed\xa0\x80"]}', 400),
    ],
    ids=["names", "items", "depth", "strings", "no end", "long", "no UTF-8"],
)
def test_json_is_counted_before_it_is_parsed(api, parsed, body, status):
    answer = api("PATCH", "/tickets/1", body)
    assert answer.status_code == status and answer.json["title"]
    assert status != 413 or parsed == []


def test_the_consoles_json_is_counted_too(agent):
    answer = agent.post(
        "/me/preferences",
        data=NAMES[:1_500_000] + "}",
        content_type="application/json",
        headers={"X-CSRFToken": agent.csrf},
    )
    assert answer.status_code == 413


def test_counting_stops_at_the_limit(monkeypatch):
    """Nobody looks through all of a text that has too many items."""
    seen = []

    class Tokens:
        def finditer(self, body):
            for token in plain.finditer(body):
                seen.append(token)
                yield token

    plain = bounded_json._TOKEN
    monkeypatch.setattr(bounded_json, "_TOKEN", Tokens())
    with pytest.raises(TooMuch):
        bounded_json.loads(NAMES, items=100)
    assert len(seen) < 300


HALF = '"\\ud800"'


@pytest.mark.parametrize("method, path, body", [
    ("POST", "/tickets/1/notes", '{"text": %s}'),
    ("POST", "/tickets/1/replies", '{"text": "x", "to": [%s]}'),
    ("PATCH", "/tickets/1", '{"tags": [%s]}'),
    ("PATCH", "/tickets/1", '{%s: 1}'),
    ("POST", "/tickets", '{"account": 1, "to": "a@b.example", "text": "x", "subject": %s}'),
])  # fmt: skip
def test_half_a_character_is_a_sentence(api, method, path, body):
    """A lone surrogate is legal JSON that no encoding can express (RFC 8259, section 8.2)."""
    answer = api(method, path, body % HALF)
    assert answer.status_code == 422 and "half a character" in answer.json["title"]
    assert api("POST", "/tickets/1/notes", '{"text": "\\ud83d\\ude00"}').json["text"] == "😀"


@pytest.mark.parametrize(
    "path",
    ["/tickets/1/notes", "/tickets/1/draft", "/tickets/1/change", "/me/tokens", "/tickets/new/draft", "/selection"],
)
def test_half_a_character_in_a_form_is_no_fault(agent, path):
    for value in ("%ED%A0%80", "%FF", "%00"):
        names = ("text", "tags", "name", "subject", "to", "tickets", "mode", "email", value)
        body = "&".join([urlencode({"csrf_token": agent.csrf}), *(f"{name}={value}" for name in names)])
        assert agent.post(path, data=body, content_type=FORM).status_code < 500
    head = '--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    parts = [
        head % ("csrf_token", "", agent.csrf),
        *(head % (name, "", "\udced\udca0\udc80") for name in ("text", "tags", "name")),
    ]
    parts.append(head % ("files", '; filename="\udced\udca0\udc80.txt"', "x"))
    body = ("".join(parts) + "--x--\r\n").encode("utf-8", "surrogateescape")
    assert agent.post(path, data=body, content_type="multipart/form-data; boundary=x").status_code < 500


def test_half_a_character_in_the_consoles_json_is_a_sentence(agent):
    headers = {"X-CSRFToken": agent.csrf, "Accept": "application/json"}
    answer = agent.post(
        "/me/preferences", data=f'{{"language": {HALF}}}', content_type="application/json", headers=headers
    )
    assert answer.status_code == 422 and "half a character" in answer.json["title"]

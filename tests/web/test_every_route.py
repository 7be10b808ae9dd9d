"""Every route, asked by nobody, an agent, an admin and programs of theirs, answers whatever it is sent with a sentence
(TRUST A13, A14, A26, B06, B07; FAULTS S1, S5, S16). A new route is in it by itself.
"""

import importlib
import json
import re
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import pytest

from helpdesk.testing.sizes import SOAK
from helpdesk.web.live import handshake

from .conftest import csrf_of

rights = importlib.import_module("tests.web.test_rights")  # a desk with one of everything, and its table of routes
config, runtime, everything, app = rights.config, rights.runtime, rights.everything, rights.app

ROOT = Path(__file__).parents[2]
READ = re.compile(r"""(?:form|args|given|data)\.(?:get|getlist)\(\s*f?["']([a-z_]+)["']""")
NAMES = sorted({
    name for folder in ("helpdesk/web", "plugins") for path in (ROOT / folder).rglob("*.py") for name in READ.findall(path.read_text("utf-8"))
} | {"tags", "ticket", "reply", "cursor", "limit", "since", "list", "assignee_id", "to", "cc", "html", "seen", "texts", "actions"})  # fmt: skip
WHO = ("nobody", "agent", "admin")

VALUES = {
    "half a character": ("%ED%A0%80", "\ud800"),
    "NUL": ("%00", "\0"),
    "a huge number": (str(2**70), 2**70),
    "a negative number": ("-1", -1),
    "no number": ("1e9", float(10**9)),
    "Persian digits": (quote("۱۲"), "۱۲"),
    "a template": (quote("{{cycler.__init__.__globals__.os.popen('id')}}{{7*7}}${7*7}%(x)s{0.__class__}"), "{{7*7}}%(x)s{0.__class__}"),
    "SQL": (quote("' OR 1=1--"), "name; DROP TABLE user"),
    "a long text": ("x" * 2_000, "x" * 2_000),
    "nothing": ("", ""),
    "another kind": ("[]", [[]]),
    "an object": ("{}", {"__class__": {"_sa_instance_state": 1}}),
}  # fmt: skip


@pytest.fixture
def ask(app, everything, runtime):
    """ask(column, method, rule, query=…, body=…, kind=…) is the answer to a request of that route."""
    everything.raw_messages = cycle(list(everything.raw_messages))
    clients, tokens, csrf = {}, {}, {}

    def client(column):
        if column not in clients:
            clients[column] = app.test_client()
            if column != "nobody":
                user = everything.people[column]
                with clients[column].session_transaction() as session:
                    session["_user_id"], session["_fresh"] = f"{user.id}:{user.epoch}:", True
                with runtime.uow() as uow:
                    tokens[column] = rights.api_tokens.add_token(uow, user.id)
            csrf[column] = csrf_of(clients[column])
        return clients[column]

    def request(column, method, rule, query="", body=b"", kind="", unknown=None):
        with app.test_request_context():
            ids = everything.ids(rule)
            ids |= dict.fromkeys((name for name in ids if name.endswith("_id")), unknown) if unknown is not None else {}
            address = app.url_map.bind("localhost").build(rule.endpoint, ids, method=method)
        peer, headers = client(column), {"X-CSRFToken": csrf[column]}
        if rule.rule.startswith("/api/") and column in tokens:
            headers["Authorization"] = f"Bearer {tokens[column]}"
        app.extensions["strangers"].budgets.clear()
        return peer.open(
            address, method=method, headers=headers, query_string=query, data=body, content_type=kind or None
        )

    return request


def routes(app):
    """Every route and method, without what ends the session."""
    return {row: found for row, found in rights.routes(app).items() if row not in ENDING}


ENDING = ("POST /sign-out", "POST /me/sessions/end", "POST /settings/people/<int:user_id>/sessions/end")


BODILESS = (
    "POST /api/v1/quarantine/<int:raw_message_id>/retry",
    "POST /api/v1/quarantine/<int:raw_message_id>/discard",
    "POST /api/v1/waiting/<int:entry_id>/accept",
    "POST /api/v1/waiting/<int:entry_id>/decline",
)


def is_api(rule):
    return rule.rule.startswith("/api/") or rule.rule.endswith("/preferences")


TURNS = range(len(VALUES)) if SOAK else (0, 5)  # each gives every field another value


def fields(turn, place):
    """A value for each name: as an address writes it (``place`` 0), or JSON (1)."""
    values = [value[place] for value in VALUES.values()]
    return {name: values[(number + turn) % len(values)] for number, name in enumerate(NAMES)}


@pytest.mark.parametrize("column", WHO)
@pytest.mark.parametrize("turn", TURNS)
def test_any_value_in_any_field_is_answered_with_a_sentence(app, ask, column, turn):
    form = "&".join(f"{name}={value}" for name, value in fields(turn, 0).items())
    given, failed = fields(turn, 1), {}
    for row, (method, rule) in routes(app).items():
        if method in ("GET", "DELETE"):
            answers = [ask(column, method, rule, query=form)]
        elif is_api(rule):
            bodies = [given, *({name: given[name]} for name in ("text", "tags", "name"))]
            answers = [ask(column, method, rule, body=json.dumps(body), kind="application/json") for body in bodies]
        else:
            answers = [ask(column, method, rule, body=form, kind="application/x-www-form-urlencoded")]
        statuses = [answer.status_code for answer in answers if answer.status_code >= 500 and answer.status_code != 503]
        if statuses:
            failed[row] = statuses
    assert not failed


@pytest.mark.parametrize("column", WHO)
def test_any_number_in_an_address_is_answered_as_an_unknown_one(app, ask, column):
    for row, (method, rule) in routes(app).items():
        if not any(name.endswith("_id") for name in rule.arguments):
            continue
        for number in (0, 2**31, 2**63 - 1, 2**63, 2**70):
            assert ask(column, method, rule, unknown=number).status_code < 500, (row, number)


MANY = {
    "names in a form": (b"a&" * 5_000, "application/x-www-form-urlencoded"),
    "bytes in a form": (b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
    "parts of a form": (b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n\r\n' % n for n in range(3_000)) + b"--x--\r\n", "multipart/form-data; boundary=x"),
    "names in JSON": (json.dumps({f"n{n}": 1 for n in range(60_000)}).encode(), "application/json"),
    "depth of JSON": (b"[" * 100_000, "application/json"),
    "one open string": (b'{"text": "' + b"\\\"" * 100_000, "application/json"),
}  # fmt: skip


@pytest.mark.parametrize("column", ["nobody", "agent"])
@pytest.mark.parametrize("much", MANY)
def test_too_much_is_refused_by_every_route_that_reads_a_body(app, ask, column, much):
    """None takes it, and no parser sees it whole (``test_large_requests`` counts what parsers see)."""
    body, kind = MANY[much]
    wrong = {}
    for row, (method, rule) in routes(app).items():
        if method in ("GET", "DELETE") or row in BODILESS:
            continue
        status = ask(column, method, rule, body=body, kind=kind).status_code
        expected = status in (400, 401, 403, 404, 413, 415, 422) or (status == 302 and column == "nobody")
        reads_it = is_api(rule) == kind.endswith("json")
        if (status >= 500 and status != 503) or (reads_it and not expected):
            wrong[row] = status
    assert not wrong


@pytest.mark.parametrize("head", [b"Cookie: session=\xff\xfe; language=\xed\xa0\x80", b"Accept-Language: " + b"a-" * 300, b"Authorization: Bearer \xed\xa0\x80\xff", b"Content-Type: \xff/\xfe; boundary=" + b"b" * 300, b"X-Forwarded-For: \xff, ]]["])  # fmt: skip
def test_any_header_is_answered_with_a_sentence(app, head):
    """As a server hands them over: Latin-1."""
    name, value = head.decode("latin-1").split(": ", 1)
    client = app.test_client()
    for path in (
        "/sign-in",
        "/",
        "/api/v1/me",
        "/api/v1/openapi.json",
        "/in/x",
        "/healthz",
        "/assets/x/css/tokens.css",
    ):
        assert client.get(path, headers={name: value}).status_code < 500, path
        assert client.post(path, headers={name: value}, data=b"a=b").status_code < 500, path


FRAMES = [
    *(f'42/desk,["{event}",{json.dumps(data)}]' for event in ("subscribe", "watch_ticket", "typing", "__init__", "on_connect", "connect", "\ud800") for data in (
        {"since": 2**70}, {"since": "1"}, {"since": -1, "list": "saved-99999999999999999999"}, {"list": "\ud800"}, {"ticket": 2**70}, {"ticket": "1"}, {"ticket": [1]},
        {"ticket": {"$ne": 1}}, {"ticket": -1, "writing": "\ud800"}, [], "x", None, 1e308,
    )),
    "42/desk,", "42/desk,[]", "42/desk,[1]", '42/desk,[["subscribe"],{}]', "42/desk," + "[" * 5_000, "45/desk,", "451-/desk,[]", "4", "40/%", "40/*", "40/../desk,", "41", "44", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES)
def test_any_frame_is_ours_or_ends_the_line_before_the_protocol(frame):
    """Of those that pass, none raises beyond the namespace (next test)."""
    assert handshake._is_ours(frame) == (frame[:1] in handshake.CONTROL or frame[:2] in handshake.MESSAGES)


def test_any_event_on_the_line_is_refused_or_answered(request, app, everything, caplog):
    live = app.extensions["live"]
    request.addfinalizer(live.close)
    client, user = app.test_client(), everything.people["stranger"]
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{user.id}:{user.epoch}:", True
    line = live.socketio.test_client(app, namespace="/desk", flask_test_client=client)
    for event in ("subscribe", "watch_ticket", "typing", "__init__", "on_connect", "disconnect", "\ud800"):
        for data in ({"since": 2**70}, {"since": -1, "list": "saved-99"}, {"since": 0, "list": "\ud800"}, {"ticket": 2**70}, {"ticket": [1]}, {"ticket": {"a": 1}}, {"ticket": everything.ticket_id, "writing": "\ud800"}, [], "x", None):  # fmt: skip
            line.emit(event, data, namespace="/desk", callback=True)
    assert "failed" not in caplog.text and line.is_connected("/desk")
    told = json.dumps(line.get_received("/desk"))
    assert not [secret for secret in rights.SECRETS if secret in told]

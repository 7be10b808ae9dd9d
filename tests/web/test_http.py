"""What surrounds every request."""

import gzip
import logging
import sys
from urllib.parse import parse_qs

import brotli
import pytest
from flask import Response, abort

from helpdesk.app import create_app
from helpdesk.core.errors import Conflict, Invalid, Unavailable, _
from helpdesk.i18n import LOCALES, current
from helpdesk.web import compressed_files
from helpdesk.web.http import guard

from .conftest import csrf_of, with_url

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}
EVIL = [
    "//evil",
    "/\\evil",
    "https:evil",
    "https://evil/",
    "/%09/evil\t",
    "\\\\evil",
    "javascript:alert(1)",
    "evil",
    "/a\nSet-Cookie: a=b",
    "",
    None,
]


@pytest.fixture
def failing(app):
    """Addresses that fail, each in its own way."""

    @app.get("/x/conflict")
    def conflict():
        raise Conflict(_("There is one named %(name)s already."), name="<b>")

    @app.get("/x/invalid")
    def invalid():
        raise Invalid(_("Some settings do not fit."), {"name": _("Please give it a name.")})

    @app.get("/x/unavailable")
    def unavailable():
        raise Unavailable("Later.", after=7)

    @app.get("/x/fault")
    def fault():
        raise RuntimeError("a secret inside")

    @app.get("/x/teapot")
    def teapot():
        abort(418)

    return app


def test_every_answer_has_the_headers(signed_in, people):
    client = signed_in("agent")
    for path, status in [("/me", 200), ("/sign-in", 302), ("/nothing", 404)]:
        answer = client.get(path, headers=HTML)
        assert answer.status_code == status
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in answer.headers


def test_transport_security_and_secure_cookies_when_the_desk_is_at_https(runtime, people):
    runtime.config = with_url(runtime.config, "https://desk.example")
    answer = create_app(runtime.config, runtime).test_client().get("/sign-in")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client):
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_text_is_compressed_for_those_who_ask(client):
    plain = client.get("/sign-in")
    packed = client.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert "<!doctype html>" in gzip.decompress(packed.data).decode()


def test_what_a_browser_reads_fastest_is_taken(client):
    packed = client.get("/sign-in", headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    assert packed.headers["Content-Encoding"] == "zstd"
    assert "<!doctype html>" in zstd.decompress(packed.data).decode()
    assert client.get("/sign-in", headers={"Accept-Encoding": "br, gzip"}).headers["Content-Encoding"] == "br"


def test_what_is_streamed_is_handed_on_as_it_comes(app, people):
    def pieces():
        yield "a" * 2000
        yield "b" * 2000

    app.view_functions["auth.sign_in"] = lambda: Response(pieces(), mimetype="text/plain")
    answer = app.test_client().get("/sign-in", headers={"Accept-Encoding": "gzip, zstd"}, buffered=False)
    assert "Content-Encoding" not in answer.headers and next(answer.response) == b"a" * 2000


def test_a_part_of_a_file_is_not_compressed(app, client):
    with app.test_request_context():
        style = app.jinja_env.globals["static_url"]("css/tokens.css")
    part = client.get(style, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-999"})
    assert (part.status_code, len(part.data)) == (206, 1000) and "Content-Encoding" not in part.headers


def test_files_are_compressed_and_kept(app, client):
    with app.test_request_context():
        style = app.jinja_env.globals["static_url"]("css/tokens.css")
    answer = client.get(style, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    assert b":root" in gzip.decompress(answer.data)


def test_a_file_is_compressed_once_and_as_small_as_can_be(app, client):
    with app.test_request_context():
        style = app.jinja_env.globals["static_url"]("css/tokens.css")
    asked = {"Accept-Encoding": "gzip, deflate, br, zstd"}
    first, before = client.get(style, headers=asked), compressed_files._packed.cache_info()
    again, after = client.get(style, headers=asked), compressed_files._packed.cache_info()
    assert first.headers["Content-Encoding"] == "br" and brotli.decompress(first.data) == client.get(style).data
    assert again.data == first.data and (after.hits, after.misses) == (before.hits + 1, before.misses)
    assert (
        int(first.headers["Content-Length"])
        == len(first.data)
        < len(client.get(style, headers={"Accept-Encoding": "gzip"}).data)
    )
    assert client.get(style, headers={**asked, "If-None-Match": first.headers["ETag"]}).status_code == 304


def test_who_has_not_signed_in_is_sent_to_do_so_and_comes_back(client, people):
    answer = client.get("/tickets/3?in=all", headers=HTML)
    path, _mark, query = answer.headers["Location"].partition("?")
    assert (answer.status_code, path, parse_qs(query)) == (302, "/sign-in", {"next": ["/tickets/3?in=all"]})
    answer = client.get("/tickets/3", headers={"HX-Request": "true"})
    assert answer.status_code == 401 and answer.headers["HX-Redirect"] == "/sign-in"
    answer = client.get("/tickets/3", headers=JSON)
    assert answer.status_code == 401 and answer.mimetype == "application/problem+json"


def test_only_the_named_endpoints_are_public(app, client, people):
    """Every route of the desk is asked for by somebody who has not signed in."""
    let_in = set()
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for converter in ("<int:", "<path:", "<"):
            path = "/".join("1" if part.startswith(converter) else part for part in path.split("/"))
        if "<" in path or path.startswith("/api/"):
            continue
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            answer = client.open(path, method=method, headers=HTML)
            if answer.status_code not in (401, 403) and not answer.headers.get("Location", "").startswith("/sign-in"):
                let_in.add(rule.endpoint)
    assert let_in <= guard.PUBLIC


def test_nothing_is_changed_without_our_token(signed_in):
    client = signed_in("agent")
    refused = client.post("/me/preferences", json={"theme": "dark"}, headers=JSON)
    assert refused.status_code == 403 and "too old" in refused.json["title"]
    assert (
        client.post("/me/preferences", json={"theme": "dark"}, headers=JSON | {"X-CSRFToken": "forged"}).status_code
        == 403
    )
    assert (
        client.post("/me/preferences", json={"theme": "dark"}, headers=JSON | {"X-CSRFToken": client.csrf}).status_code
        == 204
    )


def test_a_token_of_another_session_is_foreign(signed_in):
    mine, theirs = signed_in("agent"), signed_in("supervisor")
    assert mine.post("/me/preferences", data={"theme": "dark", "csrf_token": theirs.csrf}).status_code == 403


def test_a_bearer_header_opens_nothing_outside_the_api(signed_in):
    client = signed_in("agent")
    assert (
        client.post("/me/preferences", json={"theme": "dark"}, headers={"Authorization": "Bearer hd_x"}).status_code
        == 403
    )


@pytest.mark.parametrize("target", EVIL)
def test_no_way_out_of_this_server(target):
    assert guard.local_path(target) == ""


def test_ways_inside_this_server():
    assert guard.local_path("/tickets/3?in=all&x=%2F") == "/tickets/3?in=all&x=%2F"


def test_the_host_header_is_never_believed(client, people):
    answer = client.get("/me", headers=HTML | {"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert answer.headers["Location"] == "/sign-in?next=/me"
    assert "evil" not in client.get("/sign-in", headers={"Host": "evil.example"}).text


def test_errors_of_the_desk_are_sentences(failing, signed_in):
    client = signed_in("agent")
    page = client.get("/x/conflict", headers=HTML)
    assert page.status_code == 409 and "There is one named &lt;b&gt; already." in page.text
    line = client.get("/x/conflict", headers={"HX-Request": "true"})
    assert line.status_code == 409 and "<html" not in line.text and 'role="alert"' in line.text
    problem = client.get("/x/invalid", headers=JSON)
    assert problem.status_code == 422
    assert problem.json["errors"] == {"name": "Please give it a name."}
    assert client.get("/x/unavailable", headers=JSON).headers["Retry-After"] == "7"


def test_errors_speak_the_readers_language(failing, signed_in):
    client = signed_in("agent")
    client.post("/me/preferences", data={"language": "fa", "csrf_token": client.csrf})
    assert "لطفاً" in (text := client.get("/x/invalid", headers=JSON).json["errors"]["name"]) or "نام" in text


def test_a_fault_has_a_number_and_shows_nothing_else(failing, signed_in, caplog):
    client = signed_in("agent")
    with caplog.at_level(logging.ERROR, "hamdel.web"):
        page = client.get("/x/fault", headers=HTML)
    assert page.status_code == 500 and "secret inside" not in page.text and "Traceback" not in page.text
    reference = next(
        record.args[0] for record in caplog.records if record.name == "hamdel.web" and record.levelname == "ERROR"
    )
    assert reference in page.text


def test_a_fault_of_an_anonymous_visitor_is_a_page_too(failing, client, people):
    assert client.get("/x/teapot", headers=HTML).status_code == 302
    assert client.get("/nothing", headers=HTML).status_code == 404


def test_unknown_and_forbidden_are_alike(signed_in, arrives):
    number = arrives()
    stranger = signed_in("stranger")
    forbidden = stranger.get(f"/tickets/{number}", headers=JSON)
    unknown = stranger.get("/tickets/987654", headers=JSON)
    assert (forbidden.status_code, forbidden.json) == (unknown.status_code, unknown.json) == (404, unknown.json)
    assert signed_in("agent").get(f"/tickets/{number}", headers=HTML).status_code == 200


def test_a_wrong_method_says_which_are_right(signed_in):
    answer = signed_in("agent").post("/queues/1", headers=JSON)
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]


def test_a_guest_reads_in_the_browsers_language(client, people):
    assert '<html lang="fa" dir="rtl"' in client.get("/sign-in", headers={"Accept-Language": "fa-IR,en;q=0.5"}).text
    assert '<html lang="en" dir="ltr"' in client.get("/sign-in", headers={"Accept-Language": "de"}).text


def test_a_user_reads_by_their_own_choices(signed_in, people):
    client = signed_in("agent")
    client.post("/me/preferences", data={"language": "fa", "digits": "en", "theme": "dark", "csrf_token": client.csrf})
    head = client.get("/me", headers={"Accept-Language": "en"}).text[:400]
    assert (
        'lang="fa"' in head
        and 'data-digits="en"' in head
        and 'data-calendar="jalali"' in head
        and 'data-theme="dark"' in head
    )


def test_the_reader_is_forgotten_after_the_request(client, people):
    client.get("/sign-in", headers={"Accept-Language": "fa"})
    assert current.get() == LOCALES["en"]


def test_csrf_tokens_come_with_every_page(client, people):
    assert csrf_of(client)

"""Signing in by OAuth, with a real token endpoint, Dovecot and an SMTP server that speak XOAUTH2."""

import json
import threading
from base64 import b64decode
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import servers
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from test_smtp import Script, mail, serving

from helpdesk.core.accounts import accounts
from helpdesk.core.channels.types import AccountView
from helpdesk.core.errors import Misconfigured, TryAgain
from helpdesk.security import http
from helpdesk.testing import front_desk, small_runtime
from plugins.email import oauth
from plugins.email.channel import Email


class Provider:
    """Gives tokens for the right refresh token, and says whose a token is. ``seconds`` is how long one lives."""

    def __init__(self, certificate):
        self.asked: list[dict] = []
        self.valid: set[str] = set()
        self.seconds, self.answer = 3600, None
        self.refresh, self.exchanges = "canary-r", False  # whether a refresh token is good once only
        provider = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self):
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.asked.append({name: values[0] for name, values in parse_qs(form).items()})
                self.say(*provider.token())

            def do_GET(self):
                token = parse_qs(urlsplit(self.path).query).get("access_token", [""])[0]
                self.say(
                    *((200, {"user": servers.USER}) if token in provider.valid else (401, {"error": "invalid_token"}))
                )

            def say(self, code, reported):
                self.send_response(code)
                self.end_headers()
                self.wfile.write(reported if isinstance(reported, bytes) else json.dumps(reported).encode())

            def log_message(self, *_):
                pass

        self.plain, self.safe = (ThreadingHTTPServer(("127.0.0.1", 0), Door) for _ in range(2))
        self.safe.socket = certificate[1].wrap_socket(self.safe.socket, server_side=True)
        for server in (self.plain, self.safe):
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def token(self) -> tuple[int, dict]:
        if self.answer:
            return self.answer
        if (
            self.asked[-1].get("refresh_token", self.refresh) != self.refresh
            or self.asked[-1]["client_secret"] != "canary-s"
        ):
            return 400, {"error": "invalid_grant", "error_description": "expired or revoked"}
        self.valid = {f"token-{len(self.asked)}"}
        reported = {"access_token": f"token-{len(self.asked)}", "expires_in": self.seconds, "token_type": "Bearer"}
        if self.exchanges:
            self.refresh = reported["refresh_token"] = f"canary-r-{len(self.asked)}"
        return 200, reported

    def settings(self) -> dict:
        return {
            "oauth_token_url": f"https://localhost:{self.safe.server_port}/token", "oauth_client_id": "hamdel",
            "oauth_client_secret": "canary-s", "oauth_refresh_token": "canary-r",
        }  # fmt: skip

    def close(self) -> None:
        for server in (self.plain, self.safe):
            server.shutdown()
            server.server_close()


@pytest.fixture
def provider(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.setattr(oauth, "_kept", {})
    monkeypatch.setattr(http, "is_allowed", lambda ip: True)
    with closing(Provider(certificate)) as provider:
        yield provider


@contextmanager
def account(**settings):
    base = {"address": "support@desk.example", "smtp_security": "none", "imap_security": "none", "timeout": 5}
    with closing(Email(AccountView(1, "support", {**base, **settings}, "support@desk.example"))) as channel:
        yield channel


class Bearing(Script):
    """An SMTP server that takes whoever bears a token the provider knows."""

    provider = None

    async def auth_XOAUTH2(self, server, args):
        said = (await server.challenge_auth("", encode_to_b64=True) if len(args) == 1 else b64decode(args[1])).decode()
        known = said in {f"user=support@desk.example\1auth=Bearer {token}\1\1" for token in self.provider.valid}
        return AuthResult(success=known, handled=False)


@contextmanager
def mail_server(provider):
    script = Bearing()
    script.provider = provider
    with serving(script, Controller, auth_require_tls=False, auth_required=True) as port:
        yield script, {"smtp_host": "127.0.0.1", "smtp_port": port}


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_sending_with_a_token_that_is_kept_and_renewed(provider):
    with mail_server(provider) as (script, server), account(**server, **provider.settings()) as channel:
        channel.send(mail())
        channel.send(mail())
        assert len(provider.asked) == 1, "a token is kept while it lives"
        assert provider.asked[0] == {
            "grant_type": "refresh_token",
            "refresh_token": "canary-r",
            "client_id": "hamdel",
            "client_secret": "canary-s",
        }
        oauth.forget(channel.account)
        provider.seconds = 30
        channel.send(mail())
        channel.send(mail())
        assert len(provider.asked) == 3, "one that ends within a minute is renewed"
        assert len(script.mails) == 4


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_token_that_was_revoked_is_not_kept(provider):
    with mail_server(provider) as (script, server), account(**server, **provider.settings()) as channel:
        channel.send(mail())
        provider.valid = set()
        with pytest.raises(Misconfigured, match="did not accept") as caught:
            channel.send(mail())
        assert "token-1" not in str(caught.value)
        channel.send(mail())
        assert len(provider.asked) == 2 and len(script.mails) == 2


@pytest.mark.skipif(not servers.DOVECOT, reason="Dovecot is not installed")
def test_fetching_with_a_token(provider, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dovecot-oauth")
    with servers.dovecot(folder, f"http://127.0.0.1:{provider.plain.server_port}/info?access_token=") as port:
        with servers.signed_in(port) as program:
            program.append("INBOX", None, None, b"Subject: x\r\n\r\nhello\r\n")
        server = {"imap_host": "127.0.0.1", "imap_port": port, "imap_user": servers.USER}
        with account(**server, **provider.settings()) as channel:
            raw_messages, _cursor = channel.poll({}, 0)
            assert len(raw_messages) == 1 and len(provider.asked) == 1
            assert [step.ok for step in list(channel.check())] == [True, True]
            channel.reader._drop()
            provider.valid = set()
            with pytest.raises(Misconfigured, match="did not accept"):
                channel.poll({}, 0)
            assert len(channel.poll({}, 0)[0]) == 1, "the next token is a new one"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_refresh_token_that_is_exchanged_is_the_accounts_from_now_on(provider, tmp_path):
    """And whoever still has the account as it was signs in with the token that is there."""
    provider.exchanges, runtime = True, small_runtime(tmp_path, Email)
    with mail_server(provider) as (script, server), runtime.uow() as uow:
        given = {"address": "support@desk.example", "smtp_security": "none", **server, **provider.settings()}
        account = accounts.get(uow, front_desk(uow, "email", **given))
        old = accounts.channel(uow, account)
        old.send(mail())
        uow.session.rollback()
        assert "canary" not in str(account.settings)
        for channel in (old, accounts.channel(uow, account)):
            channel.send(mail())
        assert len(provider.asked) == 1
        oauth.forget(accounts.channel(uow, account).account)
        accounts.channel(uow, account).send(mail())
        assert [form["refresh_token"] for form in provider.asked] == ["canary-r", "canary-r-1"]
        assert len(script.mails) == 4


def test_an_application_signs_in_without_a_refresh_token(provider):
    settings = {**provider.settings(), "oauth_refresh_token": "", "oauth_scope": "mail"}
    assert oauth.words(AccountView(1, "support", settings), "ali@x") == "user=ali@x\1auth=Bearer token-1\1\1"
    assert provider.asked == [
        {"grant_type": "client_credentials", "client_id": "hamdel", "client_secret": "canary-s", "scope": "mail"}
    ]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((400, {"error": "invalid_grant"}), Misconfigured, "400 invalid_grant"),
        ((200, {"token": "x"}), Misconfigured, "no access token"),
        ((200, b"<html>"), Misconfigured, "no access token"),
        ((200, [1]), Misconfigured, "no access token"),
        ((503, b""), TryAgain, "later"),
        ((429, {}), TryAgain, "later"),
    ],
)
def test_what_a_provider_may_answer(provider, answer, error, words):
    provider.answer = answer
    with account(smtp_host="127.0.0.1", smtp_port=1, imap_host="127.0.0.1", **provider.settings()) as channel:
        with pytest.raises(error, match=words) as caught:
            channel.poll({}, 0)
        assert "canary" not in str(caught.value)


def test_a_provider_that_is_not_there(provider):
    settings = {**provider.settings(), "oauth_token_url": f"https://localhost:{servers.free_port()}/token"}
    with pytest.raises(TryAgain, match="localhost does not answer"):
        oauth.words(AccountView(1, "support", settings), "ali")


def test_a_provider_with_a_certificate_nobody_knows(provider, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Misconfigured, match="certificate of localhost"):
        oauth.words(AccountView(1, "support", provider.settings()), "ali")


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("", True),
        ("https://login.example.com/token", True),
        ("http://login.example.com/token", False),
        ("token", False),
    ],
)
def test_tokens_are_only_asked_for_in_secret(address, fits):
    wrong = Email.Settings().validate({"address": "support@desk.example", "oauth_token_url": address})
    assert bool(wrong) is not fits


def test_a_password_that_smtp_cannot_carry_is_said():
    with serving(Script(), authenticator=lambda *_: AuthResult(success=True), auth_require_tls=False) as port:
        with account(smtp_host="127.0.0.1", smtp_port=port, smtp_user="ali", smtp_password="گذرواژه") as channel:
            with pytest.raises(Misconfigured, match="Latin letters"):
                channel.send(mail())

"""Somebody who asks a running desk for pages: a browser with a session, or a program with a token."""

from __future__ import annotations

import http.client
import json
import re
from urllib.parse import urlencode

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from helpdesk.testing.sockets import Console

from .measure import cpu

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


def cookie(secret: str, user_id: int) -> str:
    """The session cookie of a user who has signed in."""
    app = Flask("bench")
    app.secret_key = secret
    return "session=" + SecureCookieSessionInterface().get_signing_serializer(app).dumps(
        {"_user_id": f"{user_id}:0", "_fresh": True}
    )


class Visitor:
    """One connection that stays open. ``size`` is how many bytes the last answer had on the wire."""

    def __init__(self, port: int, **headers: str):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Accept-Encoding": "gzip", "Accept": "text/html", **headers}
        self.size = 0
        self._line: Console | None = None

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> bytes:
        """The bytes of an answer; AssertionError when it is a refusal."""
        self.connection.request(method, path, body, {**self.headers, **headers})
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.getheader("Set-Cookie", "").startswith("session="):
            self.headers["Cookie"] = answer.getheader("Set-Cookie").partition(";")[0]
        assert answer.status < 300, (method, path, answer.status, data[:300])
        self.size = len(data)
        return data

    def get(self, path: str, **headers: str) -> bytes:
        """A page."""
        return self.ask("GET", path, **headers)

    def form(self, path: str, **values: str) -> bytes:
        """What a page's script sends when somebody presses a button."""
        if "X-CSRFToken" not in self.headers:
            page = self.ask("GET", "/me", **{"Accept-Encoding": "identity"}).decode()
            self.headers["X-CSRFToken"] = TOKEN.search(page)[1]
        return self.ask(
            "POST",
            path,
            urlencode(values),
            **{"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"},
        )

    def line(self) -> Console:
        """The browser's socket, connected when it is first needed."""
        if self._line is None:
            self._line = Console(self.connection.port, self.headers["Cookie"])
        return self._line

    def send(self, method: str, path: str, **values) -> bytes:
        """JSON, as programs send it."""
        return self.ask(method, path, json.dumps(values), **{"Content-Type": "application/json"})


def browser(port: int, secret: str, user_id: int) -> Visitor:
    """A user's browser."""
    return Visitor(port, Cookie=cookie(secret, user_id))


def program(port: int, token: str) -> Visitor:
    """A program with a user's token."""
    return Visitor(port, Authorization=f"Bearer {token}", Accept="application/json")


def cost(pid: int, act, times: int) -> float:
    """Milliseconds of the server's processor time for one request, the mean of so many, after a few that are not
    counted.

    ``act`` is what is asked, or a pair: what is done before each request and not counted, and what is asked.
    """
    before, ask = act if isinstance(act, tuple) else (lambda: None, act)
    used = 0.0
    for turn in range(-min(4, times), times):
        before()
        began = cpu(pid)
        ask()
        used += (cpu(pid) - began) * (turn >= 0)
    return used * 1000 / times

"""The sign-in guard: pages need a session unless they are public, and forms need the CSRF token."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Flask, redirect, request, url_for
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import Unauthorized

from helpdesk.web import current_user
from helpdesk.web.session import is_public, load_signed_in

from .bounds import take_body

PUBLIC = frozenset(
    {
        "assets.file",
        "assets.of_plugin",
        "assets.vendor",
        "auth.sign_in",
        "auth.try_to_sign_in",
        "health.alive",
        "health.ready",
        "health.metrics",
        "webhooks.receive",
    }
)
BY_TOKEN = ("/api/", "/in/")  # the API asks for its bearer token itself, a channel for its signature
READING = ("GET", "HEAD", "OPTIONS")
UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")

csrf = CSRFProtect()


def ask_for_sign_in():
    """Let through what is public and who has signed in; send everybody else to the sign-in page."""
    if request.routing_exception or request.endpoint in PUBLIC or _proves_itself() or current_user():
        return None
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": url_for("auth.sign_in")}
    if request.method == "GET" and request.accept_mimetypes.accept_html:
        return redirect(url_for("auth.sign_in", next=_here()))
    raise Unauthorized()


def ask_for_token() -> None:
    """Refuse what changes something without our CSRF token; what goes by a token or signature is something no
    browser adds of itself.
    """
    if request.method not in READING and not _proves_itself() and not request.routing_exception:
        take_body(forms=True)
        csrf.protect()


def _proves_itself() -> bool:
    """True for what asks for a proof of its own; a plugin's public page asks for what it likes."""
    return request.path.startswith(BY_TOKEN) or is_public(request.path)


def local_path(target: str | None) -> str:
    """A path on this server to go on to, or "" for anything else that was given (open redirects)."""
    target = target or ""
    parts = urlsplit(target) if not UNSAFE.search(target) else None
    inside = parts and not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith("//")
    return target if inside else ""


def _here() -> str | None:
    path = request.full_path.rstrip("?")
    return path if path != "/" and local_path(path) else None


def register(app: Flask) -> None:
    """Guard every view of this application."""
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_SSL_STRICT"] = False  # the Referer is not sent by everybody; the token is enough
    csrf.init_app(app)
    manager = LoginManager(app)
    manager.session_protection = None  # a session ends with its epoch; an address that changes is not a thief
    manager.user_loader(load_signed_in)
    app.before_request(ask_for_sign_in)
    app.before_request(ask_for_token)

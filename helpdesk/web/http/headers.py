"""The headers of every answer: what a page may load, who may frame it, and that nobody keeps a copy."""

from __future__ import annotations

from flask import Flask, Response, request

from helpdesk.web import runtime
from helpdesk.web.session import is_public

POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
TWO_YEARS = 2 * 365 * 24 * 3600


def dress(response: Response) -> Response:
    """Add missing headers. A view that shows untrusted content sets a stricter policy itself."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if runtime().config.url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}"
    if request.blueprint != "assets" and not ("Cache-Control" in response.headers and is_public(request.path)):
        response.headers["Cache-Control"] = "no-store"
    return response


def register(app: Flask) -> None:
    """Add the headers to every answer of this application."""
    app.after_request(dress)

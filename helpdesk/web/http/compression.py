"""Text goes over the wire compressed."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

WORTH = 500  # bytes; below it the header of gzip eats what is saved
KINDS = ("text/", "application/json", "application/problem+json", "application/javascript", "image/svg+xml")


def compress(response: Response) -> Response:
    """Compress a finished text answer for a browser that asked for it.

    Pages hold the CSRF token beside words from the address, which an attacker could measure; our cookies are SameSite,
    so a stranger's page cannot ask for one with the session in it.
    """
    if not _worth_it(response):
        return response
    response.direct_passthrough = False
    data = response.get_data()
    if len(data) >= WORTH:
        response.set_data(_of_a_file(data) if request.blueprint == "assets" else gzip.compress(data, 3))
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def _worth_it(response: Response) -> bool:
    asked = "gzip" in request.accept_encodings and request.method != "HEAD"
    whole = response.status_code == 200 or response.status_code >= 400
    plain = not response.headers.get("Content-Encoding") and not (
        response.is_streamed and not response.direct_passthrough
    )
    return asked and whole and plain and (response.mimetype or "").startswith(KINDS)


@lru_cache(maxsize=64)
def _of_a_file(data: bytes) -> bytes:
    return gzip.compress(data, 9)


def register(app: Flask) -> None:
    """Compress the answers of this application."""
    app.after_request(compress)

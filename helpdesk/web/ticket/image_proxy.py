"""Pictures on other people's servers, fetched by the desk after a click, so that the reader's own address stays
unknown.

What a stranger's letter names is hostile: only http and https on their usual ports, only public addresses, checked at
the moment of connecting on the very address that is connected to, again at each redirect; only raster pictures, of
limited size and time.
"""

from __future__ import annotations

import time
from urllib.parse import urljoin, urlsplit

from helpdesk.core.errors import Invalid, Unavailable, _
from helpdesk.security import http

LARGEST = 5_000_000  # bytes
SECONDS = 10.0  # for resolving, connecting, headers and body together, redirects included
REDIRECTS = 3
PORTS = {"http": 80, "https": 443}
HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Hamdel"}
NOT_THERE = _("The other server did not hand the picture over.")
BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def kind_of(content: bytes) -> str:
    """The type of a raster picture that browsers draw, by its first bytes; "" for anything else."""
    for beginning, kind in BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def fetch(address: str) -> tuple[bytes, str]:
    """The picture at an address and its type; Invalid for what must not be fetched, Unavailable for what cannot."""
    deadline = time.monotonic() + SECONDS
    for _step in range(REDIRECTS + 1):
        answer = http.fetch(
            "GET",
            _checked(address),
            seconds=max(0.0, deadline - time.monotonic()),
            largest=LARGEST,
            redirects=0,
            private=False,
            headers=HEADERS,
        )
        if answer.status not in (301, 302, 303, 307, 308):
            return _picture(answer)
        address = urljoin(address, answer.headers.get("location", ""))
    raise Unavailable(NOT_THERE)


def _picture(answer: http.Response) -> tuple[bytes, str]:
    if answer.status != 200:
        raise Unavailable(NOT_THERE)
    kind = kind_of(answer.content)
    if not kind:
        raise Invalid(_("What this address holds is not a picture."))
    return answer.content, kind


def _checked(address: str) -> str:
    """The address, when it is one of the web on its usual port; Invalid otherwise."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise Invalid(_("The desk does not fetch from this address.")) from error
    usual = parts.scheme in PORTS and port in (None, PORTS[parts.scheme])
    plain = address.isascii() and address.isprintable() and " " not in address
    if not (usual and plain and parts.hostname) or parts.username is not None or parts.password is not None:
        raise Invalid(_("The desk does not fetch from this address."))
    return address

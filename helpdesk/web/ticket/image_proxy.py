"""Pictures on other people's servers, fetched by the desk after a click, so that the reader's own address stays unknown.

What a stranger's letter names is hostile: only http and https on their usual ports, only public addresses, checked at the moment
of connecting on the very address that is connected to, again at each redirect; only raster pictures, of limited size and time.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from helpdesk.core.errors import Invalid, Unavailable, _

LARGEST = 5_000_000  # bytes
SECONDS = 10.0  # for resolving, connecting, headers and body together, redirects included
REDIRECTS = 3
PORTS = {"http": 80, "https": 443}
RESOLVERS = ThreadPoolExecutor(4, thread_name_prefix="resolver")  # looking up a name knows no time limit of its own
HIDDEN = [
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10")
]
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
    try:
        for _step in range(REDIRECTS + 1):
            content, further = _get(address, deadline)
            if not further:
                kind = kind_of(content)
                if kind:
                    return content, kind
                raise Invalid(_("What this address holds is not a picture."))
            address = urljoin(address, further)
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise Unavailable(_("The other server did not hand the picture over.")) from error
    raise Unavailable(_("The other server did not hand the picture over."))


def public(ip: str) -> bool:
    """True when an IP address belongs to the open internet, whatever clothes it wears."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return public(str(mapped))
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in net for net in HIDDEN if net.version == address.version)
    )


def _get(address: str, deadline: float) -> tuple[bytes, str]:
    """The bytes at an address, or where it sends us on."""
    parts = _checked(address)
    connection = _Guarded(parts.hostname, parts.scheme == "https", deadline)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(
            "GET", path, headers={"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Hamdel"}
        )
        response = connection.getresponse()
        if response.status in (301, 302, 303, 307, 308):
            return b"", response.headers.get("Location", "")
        if response.status != 200:
            raise Unavailable(_("The other server did not hand the picture over."))
        return _read(response, deadline), ""
    finally:
        connection.cutter.cancel()
        connection.close()


def _checked(address: str):
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise Invalid(_("The desk does not fetch from this address.")) from error
    usual = parts.scheme in PORTS and port in (None, PORTS[parts.scheme])
    plain = address.isascii() and address.isprintable() and " " not in address
    if not (usual and plain and parts.hostname) or parts.username is not None or parts.password is not None:
        raise Invalid(_("The desk does not fetch from this address."))
    return parts


def _read(response, deadline: float) -> bytes:
    content = bytearray()
    while chunk := response.read1(65536):
        content += chunk
        if len(content) > LARGEST:
            raise Invalid(_("This picture is too large."))
    _left(deadline)  # what was cut off looks as if it had ended
    return bytes(content)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the picture took too long")
    return left


class _Guarded(http.client.HTTPConnection):
    """A connection that looks at the resolved address and then connects to exactly that one: a name cannot change in between."""

    def __init__(self, host: str, secure: bool, deadline: float):
        super().__init__(host, PORTS["https" if secure else "http"])
        self.secure, self.deadline = secure, deadline
        self.cutter = threading.Timer(_left(deadline), self._cut)
        self.cutter.daemon = True

    def connect(self):
        asked = RESOLVERS.submit(socket.getaddrinfo, self.host, self.port, type=socket.SOCK_STREAM)
        found = asked.result(_left(self.deadline))
        if not found or not all(public(where[0]) for *_rest, where in found):
            raise Invalid(_("The desk does not fetch from this address."))
        self.sock = socket.create_connection(found[0][4][:2], timeout=_left(self.deadline))
        self.line = self.sock  # ``self.sock`` is dropped where the other server says that it will close
        self.cutter.start()
        if self.secure:
            self.line = self.sock = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def _cut(self) -> None:
        """End the connection at the deadline, wherever it stands: time limits of a socket begin anew with each byte."""
        with suppress(OSError):
            socket.socket.shutdown(self.line, socket.SHUT_RDWR)

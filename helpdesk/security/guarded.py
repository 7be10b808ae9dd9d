"""httpx on connections that are checked: a name is resolved, every address looked at, and exactly a checked one
connected to.

``Host``, SNI and the certificate stay those of the name, so a name that resolves elsewhere a moment later changes
nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

Allowed = Callable[[str], bool]
Own = Set[tuple[str, int]]  # servers that this desk runs itself


class ForbiddenAddress(Exception):
    """A name that resolves to an address the desk does not connect to."""


class Deadline:
    """A moment by which everything is over: resolving, connecting, redirects and the last byte."""

    def __init__(self, seconds: float):
        self.until = time.monotonic() + seconds

    def left(self, timeout: float | None = None) -> float:
        """Seconds left, ``timeout`` at most; raises ConnectTimeout when there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline is over")
        return left if timeout is None else min(left, timeout)


class GuardedStream(httpcore.NetworkStream):
    """A connection whose every wait ends with the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline):
        self.stream, self.deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As httpcore's."""
        return self.stream.read(max_bytes, self.deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As httpcore's."""
        self.stream.write(buffer, self.deadline.left(timeout))

    def close(self) -> None:
        """As httpcore's."""
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """As httpcore's; the name that is verified is the one that was asked for, not the address."""
        return GuardedStream(
            self.stream.start_tls(ssl_context, server_hostname, self.deadline.left(timeout)), self.deadline
        )

    def get_extra_info(self, info: str) -> Any:
        """As httpcore's."""
        return self.stream.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections to addresses that ``allowed`` accepts; a name with one address that is not is refused as a
    whole.
    """

    def __init__(self, allowed: Allowed, deadline: Deadline, own: Own = frozenset()):
        self.allowed, self.deadline, self.own = allowed, deadline, own
        self.sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """As httpcore's: the addresses of the name in their order, the first that answers."""
        addresses = _resolved(host, port, self.deadline)
        if not addresses or not all((address, port) in self.own or self.allowed(address) for address in addresses):
            raise ForbiddenAddress(host)
        fault: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                stream = self.sockets.connect_tcp(
                    address, port, self.deadline.left(timeout), local_address, socket_options
                )
                return GuardedStream(stream, self.deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
        raise fault

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Never."""
        raise ForbiddenAddress(path)


def _resolved(host: str, port: int, deadline: Deadline) -> list[str]:
    """The addresses of a name; resolving cannot be interrupted, so it is waited for elsewhere."""
    found: list[Any] = []
    done = threading.Event()

    def resolve() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)
        done.set()

    threading.Thread(target=resolve, daemon=True, name="resolve").start()
    if not done.wait(deadline.left()):
        raise httpcore.ConnectTimeout("the name was not resolved in time")
    if found and isinstance(found[0], Exception):
        raise httpcore.ConnectError(str(found[0])) from found[0]
    return list(dict.fromkeys(where[4][0] for where in found))


class GuardedTransport(httpx.BaseTransport):
    """httpx's transport over guarded connections, none of which is kept."""

    def __init__(
        self, allowed: Allowed, deadline: Deadline, context: ssl.SSLContext | None = None, own: Own = frozenset()
    ):
        backend = GuardedBackend(allowed, deadline, own)
        self.pool = httpcore.ConnectionPool(
            ssl_context=context or ssl.create_default_context(), max_keepalive_connections=0, network_backend=backend
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx's."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        with _as_httpx():
            answer = self.pool.handle_request(
                httpcore.Request(
                    request.method,
                    url,
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        """As httpx's."""
        self.pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response):
        self.answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self.answer.iter_stream()

    def close(self) -> None:
        self.answer.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """httpcore's faults as httpx's of the same name."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as error:
        kind = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise kind(str(error)) from error


HIDDEN = [
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10")
]


def is_public(ip: str) -> bool:
    """True when an address belongs to the open internet, also when it is written inside another one (IPv4-mapped,
    NAT64, 6to4, Teredo).
    """
    address = ipaddress.ip_address(ip.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(str(mapped))
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in net for net in HIDDEN if net.version == address.version)
    )

"""Outgoing HTTP: every call the desk and its plugins make to other servers goes through ``fetch`` or ``stream``.

Only public addresses, and private networks that the operator named (``HELPDESK_PRIVATE_NETWORKS``). One deadline holds
over resolving, redirects and the whole body; no proxy and no password file of the environment counts; bodies are
bounded. httpx is imported at the first call.
"""

from __future__ import annotations

import ipaddress
import json
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from helpdesk.core.errors import HelpdeskError, Invalid, Misconfigured, Unanswered, Unavailable, _

SECONDS = 30.0
LARGEST = 10_000_000  # bytes of a body
REDIRECTS = 3
CHUNK = 65_536
NOT_THERE = _("The desk does not connect to this address.")
SLOW = _("%(host)s took too long to answer.")

_private: list[Any] = []
_own: set[tuple[str, int]] = set()


def allow_private(networks: Iterable[str]) -> None:
    """The private networks this desk may connect to, for every call from now on."""
    _private[:] = [ipaddress.ip_network(network) for network in networks]


def allow_own(ports: Iterable[int]) -> None:
    """The ports of this machine behind which servers of the desk itself stand, for every call from now on."""
    _own.clear()
    _own.update(("127.0.0.1", port) for port in ports)


def is_allowed(ip: str) -> bool:
    """True for a public address and for one in a private network that the operator named."""
    from .guarded import is_public

    address = ipaddress.ip_address(ip.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    return is_public(ip) or any(address in network for network in _private if network.version == address.version)


@dataclass(frozen=True)
class Answer:
    """What a server answered. ``headers`` are by their names in small letters; ``chunks`` is the body, decoded and
    bounded, read once.
    """

    status: int
    headers: Mapping[str, str]
    url: str
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class Response:
    """A whole answer. Any status is an answer: look at ``status``."""

    status: int
    headers: Mapping[str, str]
    url: str
    content: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8, what is none replaced."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; Unavailable when it is none."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise Unavailable(_("%(host)s answered something that is not JSON."), host=_host(self.url)) from None


def fetch(
    method: str,
    url: str,
    *,
    seconds: float = SECONDS,
    largest: int = LARGEST,
    redirects: int = REDIRECTS,
    private: bool = True,
    **request: Any,
) -> Response:
    """The whole answer to a request; ``request`` are httpx's ``headers params json data files content auth``.

    Without ``private`` only public addresses count, whatever the operator named: for addresses that a stranger wrote.
    Raises Unavailable when there is no answer within ``seconds``, as Unanswered once the request may have been read,
    Invalid for an address that is not allowed or a body
    over ``largest`` bytes.
    """
    with stream(
        method, url, seconds=seconds, largest=largest, redirects=redirects, private=private, **request
    ) as answer:
        return Response(answer.status, answer.headers, answer.url, b"".join(answer.chunks))


@contextmanager
def stream(
    method: str,
    url: str,
    *,
    seconds: float = SECONDS,
    largest: int = LARGEST,
    redirects: int = REDIRECTS,
    private: bool = True,
    **request: Any,
) -> Iterator[Answer]:
    """As ``fetch``, with a body that is read piece by piece: for files."""
    import httpx

    from .guarded import Deadline, ForbiddenAddress, GuardedTransport, is_public

    try:
        reach, own = (is_allowed, _own) if private else (is_public, frozenset())
        transport = GuardedTransport(reach, Deadline(seconds), own=own)
        options: dict[str, Any] = {
            "trust_env": False,
            "follow_redirects": redirects > 0,
            "max_redirects": redirects,
            "timeout": seconds,
        }
        with httpx.Client(transport=transport, **options) as client, client.stream(method, url, **request) as answer:
            yield Answer(
                answer.status_code, dict(answer.headers), str(answer.url), _bounded(answer.iter_bytes(CHUNK), largest)
            )
    except (ForbiddenAddress, httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        raise Invalid(NOT_THERE) from None
    except (httpx.ConnectTimeout, httpx.PoolTimeout):
        raise Unavailable(SLOW, host=_host(url)) from None
    except httpx.TimeoutException:
        raise Unanswered(SLOW, host=_host(url)) from None
    except httpx.HTTPError as error:
        raise _unreachable(error, _host(url)) from None


def _bounded(chunks: Iterable[bytes], largest: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > largest:
            raise Invalid(_("The answer is larger than %(most)s bytes."), most=largest)
        yield chunk


def _unreachable(error: BaseException, host: str) -> HelpdeskError:
    """The sentence for what httpx raised: a certificate is the admin's to mend, the rest may pass."""
    import httpx

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Misconfigured(
                _("The certificate of %(host)s is not trusted: %(reason)s"), host=host, reason=cause.verify_message
            )
        cause = cause.__cause__ or cause.__context__
    kind = Unavailable if isinstance(error, httpx.ConnectError) else Unanswered
    return kind(_("%(host)s does not answer (%(fault)s)."), host=host, fault=type(error).__name__)


def _host(url: str) -> str:
    """The name a sentence may show: an address may hold secrets in its path and query."""
    try:
        return urlsplit(url).hostname or "?"
    except ValueError:
        return "?"

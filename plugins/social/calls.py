"""Calling a provider: what it does not answer is tried again, and files are streamed with their limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from helpdesk.api import http
from helpdesk.api.channels import Address, Outcome, Sent
from helpdesk.api.errors import ChannelError, Misconfigured, Refused, TryAgain, Unanswered, Unavailable, Uncertain, _

PATIENCE = 15.0  # seconds
PATIENCE_FILES = 300.0  # seconds for a file, in or out
ANSWER = 2_000_000  # bytes of an answer
FILE = 100_000_000  # bytes of a file
SENTENCE = _("%(host)s answered %(status)s: %(words)s")
SILENT = _("%(host)s does not answer.")
CUT = _("The line to %(host)s broke before it answered.")


def call(method: str, url: str, *, patient: bool = False, **request: Any) -> http.Response:
    """The provider's answer, whatever its status; TryAgain when there is none, as Uncertain once it may have acted."""
    seconds = PATIENCE_FILES if patient else PATIENCE
    try:
        return http.fetch(method, url, seconds=seconds, redirects=0, largest=ANSWER, **request)
    except Unanswered:
        raise Uncertain(CUT, host=host(url)) from None
    except Unavailable:
        raise TryAgain(SILENT, host=host(url)) from None


def broken_off(ids: list[str], error: ChannelError, whom: Address, thread: str) -> Sent:
    """What came of a message of which only the parts ``ids`` went out: the rest is tried again where that may help."""
    state = "delayed" if isinstance(error, TryAgain | Misconfigured) else "failed"
    state = "uncertain" if isinstance(error, Uncertain) else state
    outcome = Outcome(whom, state, text=error.sentence % error.values if error.values else error.sentence)
    return Sent(tuple(ids), error.sentence, error.values, (outcome,), thread)


def download(url: str, write: Callable[[bytes], None], *, redirects: int = 0, **request: Any) -> None:
    """A file, piece by piece; Refused when it is not there any more, TryAgain when it may come later."""
    try:
        with http.stream("GET", url, seconds=PATIENCE_FILES, redirects=redirects, largest=FILE, **request) as answer:
            if busy(answer.status):
                raise TryAgain(SILENT, after=after(answer), host=host(url))
            if answer.status != 200:
                raise Refused(_("%(host)s does not have this file any more."), host=host(url))
            for piece in answer.chunks:
                write(piece)
    except Unavailable:
        raise TryAgain(SILENT, host=host(url)) from None


def busy(status: int) -> bool:
    """True for what may go well later."""
    return status in (408, 429) or status >= 500


def after(answer: http.Response | http.Answer) -> float | None:
    """The seconds a provider asks to wait, where it says so."""
    value = answer.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdecimal() else None


def said(answer: http.Response) -> dict[str, Any]:
    """The JSON object of an answer; {} when it is none."""
    try:
        found = answer.json()
    except Unavailable:
        return {}
    return found if isinstance(found, dict) else {}


def words(answer: http.Response, *secrets: str) -> str:
    """A bit of an answer for the log, without secrets that the provider repeats."""
    text = answer.text
    for secret in filter(None, secrets):
        text = text.replace(secret, "•••")
    return " ".join(text.split())[:200]


def host(url: str) -> str:
    """The name a sentence may show."""
    return urlsplit(url).hostname or "?"

"""What a telephone system tells of a call, read from JSON: who, when, what happened. Pure functions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from helpdesk.api.errors import Invalid, Malformed, _
from helpdesk.api.text import phone_number, plain

WANTED = "call_back_wanted"  # a caller who waits took the offer of a call-back
EVENTS = ("ringing", "waiting", "answered", "held", "transferred", "ended", "missed", "voicemail", WANTED)
ASKED = "call_back"  # what the desk's own pages hand over when a customer asks for a call
LARGEST = 65_536  # bytes
LONGEST_CALL = 24 * 3600  # seconds
AHEAD = timedelta(days=1)  # a clock may be wrong by so much
SIP = re.compile(r"(?:sips?:)?([^@;]+)(?:@.*)?")
NOT_READ = _("This is not a call event: a JSON object with event, call_id, from, to and at.")


@dataclass(frozen=True)
class CallEvent:
    """One event of a call. ``number`` is the customer's in the form of E.164, "" while it is withheld; ``incoming``
    says who called whom.

    ``recording`` is the address of a recording or of a voice message; ``consent`` True where the event says that the
    caller agreed to be recorded. ``name`` and ``text`` are those of a customer who asked for a call.
    """

    event: str
    call_id: str
    number: str
    line: str
    at: datetime
    incoming: bool = True
    agent: str = ""
    seconds: int = 0
    recording: str = ""
    consent: bool = False
    name: str = ""
    text: str = ""


def read(raw: bytes, default: datetime, own: str = "", region: str = "IR") -> CallEvent:
    """The event in raw bytes; Malformed when it is none. ``own`` is the desk's number, ``default`` the time of an event
    without one, ``region`` the country of numbers without a code.
    """
    given = opened(raw)
    event, call_id = _word(given, "event").lower(), _word(given, "call_id")
    if event not in (*EVENTS, ASKED) or not call_id:
        raise Malformed(NOT_READ)
    from_, to = _word(given, "from"), _word(given, "to")
    caller, called = number(from_, region), number(to, region)
    outgoing = event != ASKED and (_word(given, "direction") == "out" or _is_ours(from_, caller, own, region))
    return CallEvent(
        event,
        call_id,
        number=called if outgoing else caller,
        line=from_ if outgoing else to,
        at=_moment(given.get("at"), default),
        incoming=not outgoing,
        agent=_word(given, "agent"),
        seconds=_seconds(given.get("duration")),
        recording=_address(given.get("recording_url")),
        consent=given.get("recording_consent") is True,
        name=_word(given, "name"),
        text=_word(given, "text", 4000),
    )


def opened(raw: bytes) -> dict[str, Any]:
    """The object in raw bytes; Malformed when there is none."""
    if len(raw) > LARGEST:
        raise Malformed(_("This is too large for a call event."))
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed(NOT_READ) from None
    if not isinstance(given, dict):
        raise Malformed(NOT_READ)
    return given


def number(typed: str, region: str = "IR") -> str:
    """The number in what telephone systems write (also as a SIP address) in the form of E.164; "" when it is withheld
    or an extension.
    """
    found = SIP.fullmatch(typed.strip())
    try:
        return phone_number(found[1], region) if found else ""
    except Invalid:
        return ""


def _is_ours(from_: str, caller: str, own: str, region: str) -> bool:
    """True for the desk's own number, and for an extension of its telephone system."""
    if own and caller:
        return caller == number(own, region)
    return not caller and from_.isascii() and from_.isdecimal() and len(from_) <= 6


def _word(given: dict[str, Any], name: str, most: int = 200) -> str:
    value = given.get(name)
    return plain(str(value)).strip()[:most] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _moment(value: Any, default: datetime) -> datetime:
    """An ISO 8601 time or seconds since 1970; what lies far ahead, or is no time, is ``default``."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.replace("Z", "+00:00"))
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        else:
            found = datetime.fromtimestamp(float("nan" if isinstance(value, bool) else value), UTC)
        return found.astimezone(UTC) if found <= default + AHEAD else default
    except (TypeError, ValueError, OverflowError, OSError):
        return default


def _seconds(value: Any) -> int:
    try:
        return min(max(int(float(value)), 0), LONGEST_CALL)
    except (TypeError, ValueError, OverflowError):
        return 0


def _address(value: Any) -> str:
    fits = isinstance(value, str) and value.startswith(("https://", "http://")) and len(value) <= 2000
    return value if fits and value.isprintable() and " " not in value else ""

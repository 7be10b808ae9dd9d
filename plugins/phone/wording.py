"""How a call is told in one line, in the language of its account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpdesk.api.i18n import _, gettext
from helpdesk.api.text import digits

FIRST = {
    "ringing": _("A call is ringing"),
    "waiting": _("A caller waits in the line"),
    "answered": _("Call answered"),
    "held": _("Call on hold"),
    "transferred": _("Call transferred"),
    "ended": _("Call ended"),
    "missed": _("Missed call"),
    "voicemail": _("Missed call with a voice message"),
    "call_back": _("Please call me back"),
    "call_back_wanted": _("Asked to be called back while waiting"),
}
OURS = {
    "dialled": _("Dialling"),
    "ringing": _("It rings at the customer's"),
    "waiting": _("It rings at the customer's"),
    "answered": _("The customer answered"),
    "held": _("Call on hold"),
    "transferred": _("Call transferred"),
    "ended": _("Call ended"),
    "missed": _("The customer did not answer"),
    "voicemail": _("A machine answered"),
}
VOICEMAIL = _("Voice message")
AGENTS = {
    "answered": _("Answered by %(agent)s"),
    "held": _("On hold with %(agent)s"),
    "transferred": _("Transferred to %(agent)s"),
    "ended": _("Spoke with %(agent)s"),
}


def told(state: str, agent: str, seconds: int, figures: str = "en") -> str:
    """ "Spoke with Sara · 5:18", for the reader of the moment."""
    first = gettext(AGENTS[state], agent=agent) if agent and state in AGENTS else gettext(FIRST[state])
    return " · ".join([first, *([digits(length(seconds), figures)] if seconds else [])])


def made(state: str, seconds: int, figures: str = "en") -> str:
    """ "Call ended · 5:18" of a call that the desk made, for the reader of the moment."""
    first = gettext(OURS.get(state, OURS["ended"]))
    return " · ".join([first, *([digits(length(seconds), figures)] if seconds else [])])


def length(seconds: int) -> str:
    """ "5:18", or "1:02:09" from an hour on."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def steps(script: Any) -> Sequence[str]:
    """The lines of a script."""
    return [line.strip() for line in str(script or "").splitlines() if line.strip()]

"""How a call is told in one line, to readers of every language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpdesk.api.errors import dump_message
from helpdesk.api.i18n import _, render_parts
from helpdesk.api.messages import Message

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


def parts(state: str, agent: str, seconds: int) -> list[str | int]:
    """ "Spoke with Sara · 5:18" as it is kept, for readers of every language."""
    named = agent and state in AGENTS
    first = dump_message(AGENTS[state], agent=agent) if named else dump_message(FIRST[state])
    return [first, *([seconds] if seconds else [])]


def told(state: str, agent: str, seconds: int) -> str:
    """The same for the reader of the moment."""
    return render_parts(parts(state, agent, seconds))


def made(state: str, seconds: int) -> str:
    """ "Call ended · 5:18" of a call that the desk made, for the reader of the moment."""
    return render_parts([OURS.get(state, OURS["ended"]), *([seconds] if seconds else [])])


def of_message(message: Message) -> str:
    """What a message says to the reader of the moment."""
    told = message.details.get("told") if message.form != "text" else None
    return "\n".join([render_parts(told), *message.text.split("\n")[1:]]) if told else message.text


def steps(script: Any) -> Sequence[str]:
    """The lines of a script."""
    return [line.strip() for line in str(script or "").splitlines() if line.strip()]

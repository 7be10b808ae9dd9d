"""A conversation as the rubric reads it: who wrote what, when."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.api.errors import Invalid, _

from ..engine import Run, events

MESSAGES, CHARACTERS, LINE = 200, 4000, 40_000  # of a conversation, of a message, bytes of one line of JSON
CUSTOMER, AGENT = "customer", "agent"


@dataclass(frozen=True)
class Message:
    """One message; ``at`` is in seconds, None where nobody noted the time."""

    sender: str
    text: str
    at: float | None = None


def parse(lines: Iterable[bytes | str]) -> list[Message]:
    """Messages from JSON lines of ``{from, text, at}``. Invalid with the number of the line that is none."""
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if len(line) > LINE or len(found) >= MESSAGES:
            sentence = _("A conversation has %(messages)s messages of %(characters)s characters at most.")
            raise Invalid(sentence, messages=MESSAGES, characters=CHARACTERS)
        try:
            found.append(_message(json.loads(line)))
        except (ValueError, TypeError, KeyError, RecursionError):
            sentence = _("Line %(line)s is no message with from (customer or agent), text and at.")
            raise Invalid(sentence, line=number) from None
    return found


def _message(value: Any) -> Message:
    sender, text = value["from"], value["text"]
    if sender not in (CUSTOMER, AGENT) or not isinstance(text, str):
        raise ValueError
    return Message(sender, text[:CHARACTERS], _seconds(value.get("at")))


def _seconds(value: Any) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else float(value)


def of_run(run: Run) -> list[Message]:
    """The conversation of a practice run. A button is the text that stands on it."""
    return list(_messages(run))


def _messages(run: Run) -> Iterator[Message]:
    for event in run.events:
        if isinstance(event, events.Said):
            yield Message(CUSTOMER, event.text, event.at)
        elif isinstance(event, events.Replied):
            yield Message(AGENT, event.text, event.at)

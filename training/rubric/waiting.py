"""How long the customer waited, against what people put up with on that channel."""

from __future__ import annotations

from collections.abc import Sequence

from ..language.model import Scenario
from .conversation import AGENT, CUSTOMER, Message

PATIENCE = {"phone": 30.0, "counter": 60.0, "chat": 120.0, "public": 3600.0, "mail": 14400.0}  # seconds
SHARES = ((0.25, 4), (0.5, 3), (1.0, 2), (2.0, 1))  # of the patience, and the level of a wait no longer than that


def timing(conversation: Sequence[Message], scenario: Scenario | None) -> int | None:
    """The level of the longest wait for an answer; None where no time was noted."""
    patience = PATIENCE.get(_channel(scenario), PATIENCE["chat"])
    waits = list(_waits(conversation))
    if not waits:
        return None
    return next((level for share, level in SHARES if max(waits) <= share * patience), 0)


def _channel(scenario: Scenario | None) -> str:
    persona = next(iter(scenario.cast.values()), None) if scenario else None
    return persona.channel if persona else "chat"


def _waits(conversation: Sequence[Message]) -> list[float]:
    waits, since = [], None
    for message in conversation:
        if message.at is None:
            continue
        if message.sender == CUSTOMER:
            since = message.at if since is None else since
        elif message.sender == AGENT and since is not None:
            waits.append(max(0.0, message.at - since))
            since = None
    return waits

"""The hooks that training brings: another plugin implements them as it does the desk's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.api import hookspec


@dataclass(frozen=True)
class Playing:
    """Where a role-play stands, without anything that the customer has not told yet.

    ``conversation`` is (who, text) so far, the agent being "agent"; ``meters`` are 0 to 10.
    """

    lang: str
    name: str
    about: str
    style: tuple[str, ...]
    channel: str
    state: str
    meters: Mapping[str, int]
    conversation: tuple[tuple[str, str], ...]


@hookspec
def play_customer(run: Playing, planned: str) -> str | None:
    """While a practice customer is about to say a line. Return the same in other words, or None to let it stand.

    The engine has decided already what is meant. What comes back is dropped when it tells a fact that is not told yet,
    has a number that ``planned`` has not, is in another language, too long, or not plain text. Eight seconds at most.
    """


play_customer.seconds = 8.0  # a model is slower than code

"""What a story of the demo is: who says what in which order, with places that each ticket fills in its own way."""

from __future__ import annotations

from typing import NamedTuple

ORDERS, BILLING = "orders", "billing"


class Story(NamedTuple):
    """A conversation to be told again and again.

    ``openings`` are ways the customer begins. ``turns`` go on: each is who ("c" the customer, "a" an agent, "n" a note
    among colleagues) and what. ``ends`` is the ticket's status once all is said. ``file`` comes with the first message.
    """

    queue: str
    subjects: tuple[str, ...]
    openings: tuple[str, ...]
    turns: tuple[tuple[str, str], ...]
    tags: tuple[str, ...] = ()
    ends: str = "solved"
    priority: str = "normal"
    file: str = ""


class Voices(NamedTuple):
    """How people of one language write: their names, what they buy, how they begin and end."""

    customers: tuple[tuple[str, str, str], ...]  # (name, how an agent addresses them, the local part of their address)
    things: tuple[str, ...]
    cities: tuple[str, ...]
    days: tuple[str, ...]
    amounts: tuple[str, ...]
    couriers: tuple[str, ...]
    greetings: tuple[str, ...]
    goodbyes: tuple[str, ...]
    answer: str  # an agent's whole answer, with {whom}, {text} and {agent}
    stories: tuple[Story, ...]

"""A week of a desk, planned: who wrote when about what, who answered, and how far each conversation has come by now."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from . import english, persian
from .stories import Story, Voices

TEHRAN = timezone(timedelta(hours=3, minutes=30))
FRIDAY, THURSDAY = 4, 3
LANGUAGES = {"fa": persian.VOICES, "en": english.VOICES}
PAST, FRESH, SOON, LATE = 262, 26, 8, 5  # tickets of each kind
FRESH_SPAN = timedelta(hours=7)


class Said(NamedTuple):
    """One message: ``who`` is "c" the customer, "a" an agent, "n" a note."""

    who: str
    text: str
    at: datetime


@dataclass
class Plan:
    """One ticket as it will stand. ``customer`` is a place in the voices' list; ``opens`` says who should have
    answered by when.
    """

    language: str
    story: Story
    customer: int
    subject: str
    kind: str
    said: list[Said] = field(default_factory=list)
    status: str = "open"
    solved_at: datetime | None = None

    @property
    def voices(self) -> Voices:
        """The language's people and words."""
        return LANGUAGES[self.language]

    @property
    def waits(self) -> bool:
        """True when the customer waits for a word of ours."""
        return self.status in ("open", "pending") and [said.who for said in self.said if said.who != "n"][-1] == "c"


def week(now: datetime, promises: dict[str, timedelta], agent_of, chance: random.Random) -> list[Plan]:
    """Plans for a week that ends now, oldest first. ``promises`` by queue; ``agent_of(story, language)`` gives the
    signing agent's name.
    """
    kinds = ["past"] * PAST + ["fresh"] * FRESH + ["soon"] * SOON + ["late"] * LATE
    plans = [_plan(number, kind, now, promises, agent_of, chance) for number, kind in enumerate(kinds)]
    return sorted(plans, key=lambda plan: plan.said[0].at)


def _plan(number: int, kind: str, now: datetime, promises, agent_of, chance: random.Random) -> Plan:
    language = "fa" if chance.random() < 0.58 else "en"
    voices = LANGUAGES[language]
    story = voices.stories[number % len(voices.stories)]
    customer = chance.randrange(len(voices.customers))
    places = _places(voices, chance)
    plan = Plan(language, story, customer, chance.choice(story.subjects).format(**places), kind)
    at = _arrival(kind, now, promises[story.queue], chance)
    plan.said.append(Said("c", _opening(plan, places, chance), at))
    if kind == "past":
        _go_on(plan, places, now, agent_of, chance)
    return plan


def _places(voices: Voices, chance: random.Random) -> dict:
    return {
        "order": chance.randrange(40_000, 60_000),
        "thing": chance.choice(voices.things),
        "city": chance.choice(voices.cities),
        "day": chance.choice(voices.days),
        "amount": chance.choice(voices.amounts),
        "courier": chance.choice(voices.couriers),
        "code": chance.choice(("KASH20", "HOME15", "BAHAR10", "WELCOME")),
    }


def _opening(plan: Plan, places: dict, chance: random.Random) -> str:
    voices, name = plan.voices, plan.voices.customers[plan.customer][0]
    parts = (
        chance.choice(voices.greetings),
        chance.choice(plan.story.openings).format(**places),
        chance.choice(voices.goodbyes).format(name=name),
    )
    return "\n\n".join(parts)


def _go_on(plan: Plan, places: dict, now: datetime, agent_of, chance: random.Random) -> None:
    """Tell the story as far as time has come, and see where that leaves the ticket."""
    at = plan.said[0].at
    agent = agent_of(plan.story, plan.language)
    for who, text in plan.story.turns:
        at = _later(at, who, chance)
        if at > now - timedelta(minutes=4):
            _pause(plan)
            return
        words = text.format(**places)
        answer = plan.voices.answer.format(whom=plan.voices.customers[plan.customer][1], text=words, agent=agent)
        plan.said.append(Said(who, answer if who == "a" else words, at))
    plan.status = plan.story.ends
    if plan.status == "solved":
        plan.solved_at = min(at + timedelta(minutes=chance.randrange(2, 50)), now)
        plan.status = "closed" if now - at > timedelta(days=4) else "solved"


def _pause(plan: Plan) -> None:
    last = plan.said[-1].who
    plan.status = {"c": "open", "a": "waiting", "n": "pending"}[last]


# Times ------------------------------------------------------------------------------------------------------------


def _arrival(kind: str, now: datetime, target_minutes: timedelta, chance: random.Random) -> datetime:
    if kind == "fresh":
        return now - timedelta(minutes=3) - FRESH_SPAN * chance.random() ** 2
    if kind == "soon":
        return now - target_minutes + timedelta(minutes=chance.randrange(7, 75))
    if kind == "late":
        return now - target_minutes - timedelta(minutes=chance.randrange(15, 260))
    while True:
        at = (now - timedelta(days=chance.randrange(7))).astimezone(TEHRAN)
        at = at.replace(
            hour=round(chance.triangular(7, 22, 11)), minute=chance.randrange(60), second=chance.randrange(60)
        )
        busy = {FRIDAY: 0.2, THURSDAY: 0.6}.get(at.weekday(), 1)
        if now - timedelta(days=7) < at < now - FRESH_SPAN and chance.random() < busy:
            return at


def _later(at: datetime, who: str, chance: random.Random) -> datetime:
    """When the next word is said: agents answer in the office's hours, customers when they like."""
    if who == "n":
        return at + timedelta(minutes=chance.randrange(3, 40))
    if who == "c":
        return at + timedelta(minutes=round(chance.triangular(6, 900, 40)))
    at = (at + timedelta(minutes=round(chance.triangular(8, 300, 45)))).astimezone(TEHRAN)
    if at.hour >= 18:
        at = (at + timedelta(days=1)).replace(hour=8, minute=chance.randrange(5, 59))
    elif at.hour < 8:
        at = at.replace(hour=8, minute=chance.randrange(5, 59))
    return at + timedelta(days=1) if at.weekday() == FRIDAY else at

"""The names that a trainee reads for acts, meters, dimensions and channels, and a text in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from helpdesk.api.i18n import _, current, gettext

from ..language.model import HARMFUL, Scenario

ACTS = {
    "greeting": _("Greets"),
    "introduce": _("Says who writes"),
    "thanks": _("Thanks"),
    "empathy": _("Empathy"),
    "apology": _("Apology"),
    "ask_open": _("Open question"),
    "ask_closed": _("Closed question"),
    "verify": _("Checks who it is"),
    "paraphrase": _("Says it back"),
    "ownership": _("Takes it on"),
    "next_step": _("Next step"),
    "promise_time": _("Promise with a time"),
    "overpromise": _("Promises too much"),
    "offer": _("Offer"),
    "alternative": _("Another way"),
    "refuse": _("Refusal"),
    "reason": _("Gives the reason"),
    "private": _("Asks to go on in private"),
    "handoff": _("Sends away"),
    "blame": _("Blames"),
    "dismiss": _("Brushes off"),
    "insult": _("Insults"),
    "template": _("Stock phrase"),
    "boundary": _("Sets a limit"),
    "warning": _("Says what follows"),
    "closing": _("Closing"),
}
POOR = {*HARMFUL, "overpromise", "handoff", "template"}
METERS = {"anger": _("Anger"), "trust": _("Trust"), "patience": _("Patience")}
DIMENSIONS = {
    "greeting": _("Greeting and identity"),
    "empathy": _("Empathy"),
    "listening": _("Active listening"),
    "clarity": _("Clarity"),
    "ownership": _("Ownership"),
    "resolution": _("Resolution"),
    "expectation": _("Clear promises"),
    "negotiation": _("Negotiation and fairness"),
    "compliance": _("Rules and privacy"),
    "timing": _("Timing"),
    "tone": _("Tone"),
}
CHANNELS = {
    "chat": (_("Chat"), "chat"),
    "mail": (_("E-mail"), "letter"),
    "phone": (_("Phone"), "call"),
    "public": (_("Public post"), "social"),
    "counter": (_("Counter"), "desk"),
}
LEVELS = {1: _("First week"), 2: _("With some practice"), 3: _("Hard")}
ENDINGS = {"out-of-turns": _("Sixty replies, and no end in sight")}


def in_words(text: Mapping[str, str]) -> str:
    """A text of a scenario in the reader's language, else in the one it has."""
    return text.get(current.get().language) or next(iter(text.values()), "")


def dimension(name: str) -> str:
    """What the reader calls a dimension."""
    return gettext(DIMENSIONS[name]) if name in DIMENSIONS else name


def meter(scenario: Scenario, name: str) -> str:
    """What the reader calls a meter."""
    return in_words(scenario.meters[name].label) or (gettext(METERS[name]) if name in METERS else name)


def is_adverse(scenario: Scenario, name: str) -> bool:
    """True for a meter that is better low: what harms raises it."""
    effects = (scenario.effects[act].change.get(name, 0) for act in HARMFUL if act in scenario.effects)
    return sum(effects) > 0

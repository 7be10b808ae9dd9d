"""Agents that are no people: each walks a scenario in its own manner, so that its author sees where that leads.

An ideal agent writes what the scenario says an excellent one would; the others have lines of their own, unless a state
gives better ones. They are for checking scenarios, never for measuring people.
"""

from __future__ import annotations

from collections.abc import Mapping

from .engine import Run, Turn, start, step, tick
from .language.model import Scenario
from .matching import Reader

PACE, TURNS, PATIENCE = 20.0, 30, 1800  # seconds a reply, replies of one walk, seconds the silent one waits
LINES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "polite-empty": {
        "fa": (
            "با سلام و احترام، از تماس شما بسیار سپاسگزاریم.",
            "رضایت شما برای ما بسیار ارزشمند است. از شکیبایی شما متشکریم.",
            "نظر شما برای ما مهم است و در اسرع وقت بررسی خواهد شد.",
        ),
        "en": (
            "Hello and thank you very much for contacting us.",
            "Your satisfaction is very important to us. Thank you for your patience.",
            "We value your feedback and it will be looked into in due course.",
        ),
    },
    "robotic-template": {
        "fa": (
            "درخواست شما ثبت شد. لطفاً شمارهٔ سفارش را وارد کنید.",
            "درخواست شما در دست بررسی است. نتیجه متعاقباً اعلام خواهد شد.",
            "طبق مقررات شرکت، امکان پاسخ‌گویی بیشتر وجود ندارد.",
        ),
        "en": (
            "Your request has been registered. Please provide your order number.",
            "Your request is being processed. You will be informed of the outcome.",
            "As per company policy no further information can be given.",
        ),
    },
    "rude": {
        "fa": (
            "تقصیر خودتان است، به ما چه ربطی دارد؟",
            "بی‌خودی شلوغش نکنید، این‌قدرها هم مهم نیست.",
            "شما واقعاً نفهم هستید. وقت مرا نگیرید.",
        ),
        "en": (
            "That is your own fault, not ours.",
            "Stop making such a fuss, it is not a big deal.",
            "Are you stupid? Stop wasting my time.",
        ),
    },
}


def walk(scenario: Scenario, bot: str, lang: str, reader: Reader, seed: int = 1) -> Run:
    """The run of one bot: "ideal", one of ``LINES``, or "silent". The ideal one stops where it has no line."""
    run = start(scenario, lang, seed)
    if bot == "silent":
        for second in range(30, PATIENCE + 1, 30):
            run, _new = tick(run, float(second))
        return run
    while not run.end and run.turns < TURNS:
        text = _line(run, bot)
        if not text:
            break
        run, _new = step(run, Turn(text, run.now + PACE), reader)
    return run


def _line(run: Run, bot: str) -> str:
    own = run.scenario.states[run.state].bots.get(bot, {}).get(run.lang, ())
    if own:
        return own[min(run.stay, len(own) - 1)]
    lines = LINES.get(bot, {}).get(run.lang, ())
    return lines[run.turns % len(lines)] if lines else ""

"""Lines of a practice customer, phrased by a plugin if one does so, and checked."""

from __future__ import annotations

from helpdesk.api.work import UnitOfWork

from .engine import Run, events
from .engine.moment import Phrasing
from .engine.phrasing import checked
from .specs import Playing


def phrasing(uow: UnitOfWork) -> Phrasing | None:
    """How lines are said on this desk: None when no plugin plays customers, so that nobody is asked."""
    if not uow.hooks.listeners("play_customer"):
        return None
    return lambda run, who, planned: checked(
        run, planned, uow.hooks.ask("play_customer", run=_playing(run, who), planned=planned)
    )


def _playing(run: Run, who: str) -> Playing:
    speaker = run.scenario.cast.get(who, run.scenario.persona)
    spoken = (
        (event.who or "customer", event.text) if isinstance(event, events.Said) else ("agent", event.text)
        for event in run.events
        if isinstance(event, events.Said | events.Replied)
    )
    return Playing(
        lang=run.lang,
        name=speaker.name.get(run.lang, ""),
        about=speaker.about.get(run.lang, ""),
        style=speaker.style,
        channel=run.scenario.persona.channel,
        state=run.state,
        meters=dict(run.meters),
        conversation=tuple(spoken),
    )

"""What one change of a ticket costs while so many distinct saved views are shown, beside what it costs without any."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from helpdesk.core.journal import journal
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import User
from helpdesk.core.tickets import changes, saved_views, tickets
from helpdesk.web.live.views_in_use import ViewsInUse

from . import loader

VIEWS = 200
ROUNDS = 30


def run(size) -> dict:
    """{views, rounds: milliseconds of processor time of each}: every view is of another condition, shown by somebody
    else.
    """
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as folder:
        loaded = loader.load(Path(folder) / "desk", size.floor)
        runtime = loader.runtime_of(loaded.folder, HELPDESK_SECRET_KEY=loaded.secret)
        with runtime.uow() as uow:
            shown = _views(uow, loaded)
        known: dict = {}
        rounds = [_round(runtime, loaded.long[number % 2], shown, known, number) for number in range(ROUNDS + 3)][3:]
        runtime.parser.close()
        runtime.engine.dispose()
    return {"views": len(shown), "rounds": rounds}


def _views(uow, loaded: loader.Loaded) -> set[tuple[int, int]]:
    """A personal view for each of so many people: (view, person)."""
    shown = set()
    for number in range(VIEWS):
        person = uow.session.get(User, loaded.agent + number % loader.PEOPLE)
        acting = uow.acting(actor_for(uow.session, person, uow.runtime.permissions))
        conditions = {
            "all": [{"condition": "tags", "value": [f"tag {number}"]}, {"condition": "assignee", "value": ["me"]}]
        }
        shown.add((saved_views.create(acting, f"View {number}", conditions).id, person.id))
    return shown


def _round(runtime, ticket: int, shown: set[tuple[int, int]], known: dict, number: int) -> float:
    with runtime.uow() as uow:
        tickets.change(uow, ticket, tags=[f"tag {number}"])
    with runtime.uow() as uow:
        told = changes.changed(uow, journal.after(uow, journal.last(uow) - 1))
        began = time.process_time()
        views = ViewsInUse(uow, told, shown, known)
        for change in told:
            views.of(change.ticket)
        return (time.process_time() - began) * 1000

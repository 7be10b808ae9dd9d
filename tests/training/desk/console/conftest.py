"""The small desk of runs, with everything that its background does."""

from datetime import timedelta

import pytest

from helpdesk.api import messages
from helpdesk.core.intake import raw_worker
from helpdesk.core.outbox import outbox
from helpdesk.runtime.worker import Worker
from training import practice, releases
from training.console import play

from ...reader import read


@pytest.fixture
def hash_(desk, text):
    return releases.publish_scenario(desk.as_("tara"), text)


@pytest.fixture(autouse=True)
def _reader(monkeypatch):
    monkeypatch.setattr(practice.reply, "__kwdefaults__", practice.reply.__kwdefaults__ | {"reader": read})


def passes(desk, seconds=20):
    """Everything that the background does, done."""
    desk.now += timedelta(seconds=seconds)
    desk.uow.session.rollback()
    for _round in range(3):
        raw_worker.drain(desk.uow)
        outbox.work(desk.uow)
    play.sweep(desk.uow)
    raw_worker.drain(desk.uow)
    worker = Worker(desk.runtime, None)
    for reader in worker._readers():
        while worker._announce(desk.uow, reader):
            pass


def begun(desk, hash_, name="sara", lang="en", **more):
    console = play.begin(desk.as_(name), hash_, lang, seed=3, **more)
    passes(desk)
    return play.of_run(desk.uow, console.run_id)


def answer(desk, console, text, name="sara", **more):
    messages.reply(desk.as_(name), console.ticket_id, text, **more)
    passes(desk)

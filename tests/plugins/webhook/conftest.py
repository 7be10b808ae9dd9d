"""A desk with mail and this plugin, a receiver on loopback, and the journal read as the worker reads it."""

import pytest

from helpdesk.app import build_runtime
from helpdesk.core.journal import journal
from helpdesk.testing import ReadHere, databases
from plugins.webhook import endpoints, lanes
from tests.web.conftest import *  # noqa: F401, F403 (the fixtures of the web tests)

from .receiver import Receiver

SECRET = "canary-secret-0123456789"


@pytest.fixture
def runtime(config):
    runtime = build_runtime(type(config)(**{**vars(config), "plugins": ("email", "webhook")}))
    runtime.parser = ReadHere(runtime)
    databases.upgrade(runtime)
    assert runtime.hooks.plugins["webhook"].state == "on", runtime.hooks.plugins["webhook"].reason
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def uow(runtime, people):
    with runtime.uow() as uow:
        yield uow


@pytest.fixture
def receiver(own_machine):
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def endpoint(uow, receiver):
    """The id of an endpoint that is told of every event of tickets."""
    return endpoints.add(uow, given(receiver))[0]


def given(receiver, **more):
    """What makes an endpoint."""
    facts = {"name": "Shop", "url": receiver.url, "patterns": ["ticket.*"], "words": False, "secret": SECRET}
    return facts | more


@pytest.fixture
def tell(runtime):
    """tell() lets the plugin hear all events so far, as the worker does; ``times`` repeats the last ones."""
    heard = 0

    def hear(again=False):
        nonlocal heard
        with runtime.uow() as own:
            events = journal.after(own, 0 if again else heard)
            for event in events:
                runtime.hooks.call_plugin("webhook", "on_event", event=event, uow=own)
            heard = max([heard, *(event.seq for event in events)])

    return hear


@pytest.fixture
def send(runtime):
    """send() opens a lane for each endpoint with something due, and waits for them."""
    import threading

    def run():
        for lane in lanes.Lanes(threading.Event()).open():
            lane.join(15)
            assert not lane.is_alive()

    return run

"""A desk with a front desk in the first team's queue, and the worker's part done by hand."""

import pytest

from helpdesk.app import build_runtime
from helpdesk.core.accounts import accounts
from helpdesk.core.intake import raw_worker
from helpdesk.core.journal import journal
from helpdesk.core.people.actors import actor_for
from helpdesk.testing import ReadHere, databases
from tests.web.conftest import *  # noqa: F401, F403 (the fixtures of the web tests)


@pytest.fixture
def runtime(config):
    runtime = build_runtime(type(config)(**{**vars(config), "plugins": ("email", "sms", "frontdesk")}))
    runtime.parser = ReadHere(runtime)
    databases.upgrade(runtime)
    assert runtime.hooks.plugins["frontdesk"].state == "on", runtime.hooks.plugins["frontdesk"].reason
    yield runtime
    assert not [fault for plugin in runtime.hooks.plugins.values() for fault in plugin.faults]
    runtime.engine.dispose()


@pytest.fixture
def account(runtime, people):
    """The front desk's account, as the plugin sees it."""
    from helpdesk.api import accounts as api

    with runtime.uow() as uow:
        made = accounts.create(uow, "frontdesk", "shop", {"place": "Shop | فروشگاه"}, queue_id=1)
        return api.get(uow, made.id)


@pytest.fixture
def as_(runtime, people):
    """as_("agent") is a unit of work of that person."""
    opened = []

    def make(name):
        context = runtime.uow()
        uow = context.__enter__()
        opened.append(context)
        return uow.acting(actor_for(uow.session, people[name], runtime.permissions))

    yield make
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture
def work(runtime):
    """work() files what came and lets the plugin hear of it, as the worker does."""
    heard = 0

    def run():
        nonlocal heard
        with runtime.uow() as uow:
            raw_worker.drain(uow)
        while True:
            with runtime.uow() as uow:
                events = journal.after(uow, heard)
                for event in events:
                    runtime.hooks.call_plugin("frontdesk", "on_event", event=event, uow=uow)
            if not events:
                return
            heard = events[-1].seq

    return run

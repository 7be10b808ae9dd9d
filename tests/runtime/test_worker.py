"""Tests of the background work: accounts that are fetched for, and what a change of their settings does."""

import threading
import time
from datetime import timedelta

import pytest
from marshmallow import Schema, fields

from helpdesk.core.accounts import accounts
from helpdesk.core.actor import DESK
from helpdesk.core.channels.kept_secrets import KEPT
from helpdesk.core.channels.types import Secret
from helpdesk.core.errors import Misconfigured, TryAgain
from helpdesk.core.people.models import Customer
from helpdesk.core.tickets import tickets
from helpdesk.core.tickets.models import Ticket
from helpdesk.ops.health import _accounts
from helpdesk.runtime import worker as background
from helpdesk.runtime.worker import Worker
from helpdesk.testing import front_desk, small_runtime
from helpdesk.testing.letters import Letters


class Fetched(Letters):
    """A letter box at an address: at a wrong one nobody answers for a minute, at the right one news is waited for."""

    name = "fetched"
    asked: list[str] = []

    class Settings(Schema):
        place = fields.String(load_default="wrong")
        pin = Secret(load_default="")

    def poll(self, cursor, wait):
        place = self.account.settings["place"]
        self.asked.append(place)
        if place == "wrong":
            raise TryAgain("Nobody answers.", after=60)
        time.sleep(0.1)
        return [], cursor


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    Fetched.asked.clear()
    monkeypatch.setattr(background, "SWEEP", 0.2)
    runtime = small_runtime(tmp_path, Fetched)
    with runtime.uow() as uow:
        front_desk(uow, "fetched")
    worker = Worker(runtime, runtime.notifier)
    worker.start()
    yield runtime
    worker.stop()
    runtime.engine.dispose()


def asked(place: str) -> bool:
    """Whether the box at this place is asked within some seconds."""
    until = time.monotonic() + 4
    while place not in Fetched.asked and time.monotonic() < until:
        time.sleep(0.02)
    return place in Fetched.asked


def changed(runtime, **what):
    Fetched.asked.clear()
    with runtime.uow(DESK) as uow:
        accounts.update(uow, 1, **what)


def test_mended_settings_are_tried_at_once_however_long_the_account_was_to_rest(runtime):
    assert asked("wrong")
    changed(runtime, settings={"place": "right"})
    assert asked("right")


def test_an_account_that_is_switched_off_is_left_alone(runtime):
    changed(runtime, settings={"place": "right"})
    assert asked("right")
    changed(runtime, enabled=False)
    time.sleep(0.5)
    Fetched.asked.clear()
    assert not asked("right")
    changed(runtime, enabled=True)
    assert asked("right")


@pytest.mark.clock
def test_a_ticket_whose_rest_is_over_comes_back_by_itself(runtime):
    with runtime.uow(DESK) as uow:
        with uow.writing() as session:
            customer = Customer(name="Mina")
            session.add(customer)
            session.flush()
            ticket = Ticket(queue_id=1, customer_id=customer.id, account_id=1, channel="fetched")
            session.add(ticket)
        tickets.change(uow, ticket.id, snoozed_until=uow.clock() + timedelta(seconds=0.5))
        until = time.monotonic() + 6
        while time.monotonic() < until and uow.session.get(Ticket, ticket.id, populate_existing=True).snoozed_until:
            uow.session.rollback()
            time.sleep(0.05)
        assert ticket.active and ticket.snoozed_until is None


def faults(runtime) -> list[str]:
    return [finding.values["name"] for finding in _accounts(runtime) if not finding.well]


def eventually(condition) -> bool:
    until = time.monotonic() + 8
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def test_an_account_with_an_unreadable_secret_stops_no_other(runtime, tmp_path):
    """Its own address goes on taking mail, the others are fetched, and it is red by its name until its secret can be
    read again.
    """
    secret = tmp_path / "pin"
    secret.write_text("1234")
    with runtime.uow() as uow:
        ill = accounts.create(uow, "fetched", "ill", {"place": "locked", "pin": f"$file:{secret}"}, 1).id
    assert asked("locked")
    secret.unlink()
    runtime.wake("accounts")
    assert eventually(lambda: "ill" in faults(runtime))
    changed(runtime, settings={"place": "right"})
    assert asked("right")
    with runtime.uow() as uow:
        views = [accounts.receiving_view(uow, accounts.get(uow, number)) for number in (1, ill)]
        assert ["pin" in view.settings for view in views] == [False, False]
        with pytest.raises(Misconfigured):
            accounts.check(uow, "fetched", {"pin": KEPT}, ill)
    secret.write_text("1234")
    runtime.wake("accounts")
    assert eventually(lambda: "ill" not in faults(runtime))


@pytest.mark.clock
def test_much_that_is_due_at_once_lets_everything_else_go_first(runtime, monkeypatch):
    """One write after the other, with a pause after each: a policy may let thousands of clocks be due together."""
    steps = []

    def write(uow):
        steps.append((threading.get_ident(), "write"))
        return sum(step == "write" for _, step in steps) < 9

    monkeypatch.setattr(runtime, "pause_bulk", lambda: steps.append((threading.get_ident(), "pause")))
    monkeypatch.setattr(background.sweep, "note_due", write)
    assert eventually(lambda: sum(step == "write" for _, step in steps) >= 9)
    sweeper = next(thread for thread, step in steps if step == "write")
    assert [step for thread, step in steps if thread == sweeper][:9] == ["write", "pause"] * 4 + ["write"]

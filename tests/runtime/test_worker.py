"""Tests of the background work: accounts that are fetched for, and what a change of their settings does."""

import time
from datetime import timedelta

import pytest
from marshmallow import Schema, fields

from helpdesk import worker as background
from helpdesk.condition import _accounts
from helpdesk.core import accounts, tickets
from helpdesk.core.channels import Secret
from helpdesk.core.errors import Misconfigured, TryAgain
from helpdesk.core.models import Customer, Ticket
from helpdesk.core.rights import DESK
from helpdesk.testing import front_desk, small_house
from helpdesk.testing.letters import Letters
from helpdesk.worker import Worker


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
def house(tmp_path, monkeypatch):
    Fetched.asked.clear()
    monkeypatch.setattr(background, "SWEEP", 0.2)
    house = small_house(tmp_path, Fetched)
    with house.desk() as desk:
        front_desk(desk, "fetched")
    worker = Worker(house, house.bell)
    worker.start()
    yield house
    worker.stop()
    house.engine.dispose()


def asked(place: str) -> bool:
    """Whether the box at this place is asked within some seconds."""
    until = time.monotonic() + 4
    while place not in Fetched.asked and time.monotonic() < until:
        time.sleep(0.02)
    return place in Fetched.asked


def changed(house, **what):
    Fetched.asked.clear()
    with house.desk(DESK) as desk:
        accounts.update(desk, 1, **what)


def test_mended_settings_are_tried_at_once_however_long_the_account_was_to_rest(house):
    assert asked("wrong")
    changed(house, settings={"place": "right"})
    assert asked("right")


def test_an_account_that_is_switched_off_is_left_alone(house):
    changed(house, settings={"place": "right"})
    assert asked("right")
    changed(house, enabled=False)
    time.sleep(0.5)
    Fetched.asked.clear()
    assert not asked("right")
    changed(house, enabled=True)
    assert asked("right")


@pytest.mark.clock
def test_a_ticket_whose_rest_is_over_comes_back_by_itself(house):
    with house.desk(DESK) as desk:
        with desk.writing() as session:
            customer = Customer(name="Mina")
            session.add(customer)
            session.flush()
            ticket = Ticket(queue_id=1, customer_id=customer.id, account_id=1, channel="fetched")
            session.add(ticket)
        tickets.change(desk, ticket.id, rests_until=desk.clock() + timedelta(seconds=0.5))
        until = time.monotonic() + 6
        while time.monotonic() < until and desk.session.get(Ticket, ticket.id, populate_existing=True).rests_until:
            desk.session.rollback()
            time.sleep(0.05)
        assert ticket.active and ticket.rests_until is None


def faults(house) -> list[str]:
    return [finding.values["name"] for finding in _accounts(house) if not finding.well]


def eventually(condition) -> bool:
    until = time.monotonic() + 8
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def test_an_account_with_an_unreadable_secret_stops_no_other(house, tmp_path):
    """Its own address goes on taking mail, the others are fetched, and it is red by its name until its secret can be read again."""
    secret = tmp_path / "pin"
    secret.write_text("1234")
    with house.desk() as desk:
        ill = accounts.create(desk, "fetched", "ill", {"place": "locked", "pin": f"$file:{secret}"}, 1).id
    assert asked("locked")
    secret.unlink()
    house.wake("accounts")
    assert eventually(lambda: "ill" in faults(house))
    changed(house, settings={"place": "right"})
    assert asked("right")
    with house.desk() as desk:
        views = [accounts.receiving_view(desk, accounts.get(desk, number)) for number in (1, ill)]
        assert ["pin" in view.settings for view in views] == [False, False]
        with pytest.raises(Misconfigured):
            accounts.check(desk, ill)
    secret.write_text("1234")
    house.wake("accounts")
    assert eventually(lambda: "ill" not in faults(house))

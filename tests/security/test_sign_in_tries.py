"""Guessing a password is limited for an address however it is written, and a restart does not begin anew (FAULTS S7)."""

import pytest

from helpdesk.app import create_app
from helpdesk.core.people import users
from helpdesk.core.people.models import SignInTry
from helpdesk.web.auth import throttle

from .conftest import PASSWORD

pytestmark = pytest.mark.clock
WRITTEN = (
    "agent@desk.example",
    "AGENT@Desk.Example",
    " agent@desk.example ",
    "ag ent@desk.example",
    "a\x01gent@desk.example",
    "agent@desk.exa\x7fmple",
    "agent\u200c@desk.example",
    "\u202aagent@desk.example\u202c",
    "\uff41\uff47\uff45\uff4e\uff54@desk.example",
    "agent\uff20desk.example",
    "agent\u00a0@desk.example",
    "ag\u00adent@desk.example",
)


class Guesser:
    """Tries passwords, each from another place, so that only the address counts."""

    def __init__(self, app):
        self.app, self.client, self.places = app, app.test_client(), 0
        self.csrf = self.client.get("/sign-in").text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]

    def __call__(self, address, password="wrong"):
        self.places += 1
        return self.client.post(
            "/sign-in",
            data={"email": address, "password": password, "csrf_token": self.csrf},
            environ_base={"REMOTE_ADDR": f"192.0.2.{self.places}"},
        ).status_code


def test_s7_one_address_is_one_however_it_is_written(app):
    guess = Guesser(app)
    answers = [guess(WRITTEN[number % len(WRITTEN)]) for number in range(throttle.TRIES.amount + 5)]
    assert answers == [401] * throttle.TRIES.amount + [429] * 5


@pytest.mark.parametrize("address", WRITTEN)
def test_s7_every_way_to_write_it_finds_the_same_person(runtime, address):
    assert users.normal_form(address) == "agent@desk.example"
    with runtime.uow() as uow:
        assert users.by_email(uow.session, address).id == 1


def test_s7_a_restart_does_not_begin_anew(runtime):
    first = Guesser(create_app(runtime.config, runtime))
    for _number in range(throttle.TRIES.amount):
        assert first("agent@desk.example") == 401
    again = Guesser(create_app(runtime.config, runtime))
    again.places = 100
    assert again("agent@desk.example", PASSWORD) == 429


def test_s7_the_right_password_costs_nothing_and_old_counts_go(runtime, app):
    guess = Guesser(app)
    assert guess("agent@desk.example", PASSWORD) == 302
    with runtime.uow() as uow:
        rows = uow.session.query(SignInTry).all()
        assert [row.count for row in rows] == [0, 0]
        with uow.writing() as session:
            for row in session.query(SignInTry):
                row.ends_at = uow.clock()
    assert Guesser(app)("somebody@desk.example") == 401
    with runtime.uow() as uow:
        assert uow.session.query(SignInTry).count() == 2

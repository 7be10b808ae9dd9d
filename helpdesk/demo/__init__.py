"""The demo desk: staff of every role, two teams with their queues, and a week of conversations in two languages."""

from __future__ import annotations

import random
from datetime import timedelta

from helpdesk import passwords
from helpdesk.core import accounts, teams, users
from helpdesk.core.house import House
from helpdesk.core.models import Queue, Setting, User
from helpdesk.language import gettext

from . import plans
from .stories import BILLING, ORDERS, Story
from .week import Week

SEED = 1405  # the same week on every machine, apart from the clock
DAY = 24 * 60  # minutes
STAFF = {
    "admin": ("Arash Kamali", "admin", "en"),
    "supervisor": ("نگار احمدی", "supervisor", "fa"),
    "trainer": ("Helen Brooks", "trainer", "en"),
    "agent": ("سارا محمدی", "agent", "fa"),
    "james": ("James Carter", "agent", "en"),
}
DOMAIN = "desk.example"


def make_demo(house: House) -> list[str]:
    """Fill an empty desk, once, in one commit; returns lines with its sign-ins, and none when it is a demo already."""
    chosen = {who: passwords.invented() for who in STAFF}
    hashes = {who: passwords.hash_password(password) for who, password in chosen.items()}
    with house.desk() as desk:
        if desk.session.get(Setting, "demo"):
            return []
        with desk.writing() as session:
            people = _staff(desk, hashes)
            queues = _queues(desk, people)
            tickets = _week(desk, people, queues)
            session.add(Setting(name="demo", value={"tickets": tickets}))
    return [gettext("A demo desk is made. Sign in with:"), *_sign_ins(chosen), gettext("These passwords are shown only now.")]


def _staff(desk, hashes: dict[str, str]) -> dict[str, User]:
    return {
        who: users.add(desk, f"{who}@{DOMAIN}", name, role, hashes[who], language) for who, (name, role, language) in STAFF.items()
    }


def _queues(desk, people: dict[str, User]) -> dict[str, Queue]:
    """Two teams, each with a queue."""
    orders = teams.add_team(desk, "گروه سفارش", [people[who].id for who in ("supervisor", "agent", "james")])
    billing = teams.add_team(desk, "Billing team", [people[who].id for who in ("supervisor", "james")])
    return {
        ORDERS: teams.add_queue(desk, "سفارش و ارسال", [orders.id], promise=DAY),
        BILLING: teams.add_queue(desk, "Accounts and billing", [billing.id], promise=2 * DAY),
    }


def _week(desk, people: dict[str, User], queues: dict[str, Queue]) -> int:
    """A week of tickets on the account that a plugin offers for the demo; none when no plugin does."""
    offered = [account for _plugin, account in desk.hooks.gather("register_demo", house=desk.house)]
    if not offered:
        return 0
    made = [accounts.create(desk, **account, queue_id=queues[ORDERS].id) for account in offered]
    chance = random.Random(SEED)

    def agent(story: Story, language: str) -> User:
        return people["james"] if language == "en" else people["agent" if story.queue == ORDERS else "supervisor"]

    promises = {name: timedelta(minutes=queue.promise) for name, queue in queues.items()}
    planned = plans.week(desk.clock(), promises, lambda story, language: agent(story, language).name, chance)
    kind = desk.house.channels[made[0].channel].address
    return Week(desk, made[0], kind, queues, agent, chance).write(planned)


def _sign_ins(chosen: dict[str, str]) -> list[str]:
    return [f"  {who + '@' + DOMAIN:26} {password}   {STAFF[who][1]}" for who, password in chosen.items()]

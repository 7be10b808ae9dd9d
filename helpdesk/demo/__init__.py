"""The demo desk: staff of every role, two teams with their queues, and a week of conversations in two languages."""

from __future__ import annotations

import random
from datetime import timedelta

from helpdesk.core.accounts import accounts
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people import teams, users
from helpdesk.core.people.models import Queue, User
from helpdesk.core.runtime import Runtime
from helpdesk.core.settings import demo as marker
from helpdesk.core.settings.models import Setting
from helpdesk.i18n import gettext
from helpdesk.security import passwords

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


def make_demo(runtime: Runtime) -> list[str]:
    """Fill an empty desk, once, in one commit; returns lines with its sign-ins, and none when it is a demo already."""
    chosen = {who: passwords.invented() for who in STAFF}
    hashes = {who: passwords.hash_password(password) for who, password in chosen.items()}
    marker.mark(runtime.data_dir)
    with runtime.uow() as uow:
        if uow.session.get(Setting, "demo"):
            return []
        offered = [account for _plugin, account in uow.hooks.gather("register_demo", runtime=runtime)]
        with uow.writing() as session:
            people = _staff(uow, hashes)
            queues = _queues(uow, people)
            tickets = _week(uow, people, queues, offered)
            session.add(Setting(name="demo", value={"tickets": tickets}))
    return [
        gettext("A demo desk is made. Sign in with:"),
        *_sign_ins(chosen),
        gettext("These passwords are shown only now."),
    ]


def _staff(uow: UnitOfWork, hashes: dict[str, str]) -> dict[str, User]:
    return {
        who: users.add(uow, f"{who}@{DOMAIN}", name, role, hashes[who], language)
        for who, (name, role, language) in STAFF.items()
    }


def _queues(uow: UnitOfWork, people: dict[str, User]) -> dict[str, Queue]:
    """Two teams, each with a queue."""
    orders = teams.add_team(uow, "گروه سفارش", [people[who].id for who in ("supervisor", "agent", "james")])
    billing = teams.add_team(uow, "Billing team", [people[who].id for who in ("supervisor", "james")])
    return {
        ORDERS: teams.add_queue(uow, "Orders and shipping | سفارش و ارسال", [orders.id], target_minutes=DAY),
        BILLING: teams.add_queue(uow, "Accounts and billing | حساب و پرداخت", [billing.id], target_minutes=2 * DAY),
    }


def _week(uow: UnitOfWork, people: dict[str, User], queues: dict[str, Queue], offered: list[dict]) -> int:
    """A week of tickets on the first account that plugins offer for the demo and where nobody waits; none when no
    plugin does.
    """
    if not offered:
        return 0
    made = [accounts.create(uow, **account, queue_id=queues[ORDERS].id) for account in offered]
    made.sort(key=lambda account: not uow.runtime.channels[account.channel].accepts.subject)  # the week is of mails
    chance = random.Random(SEED)

    def agent(story: Story, language: str) -> User:
        return people["james"] if language == "en" else people["agent" if story.queue == ORDERS else "supervisor"]

    promises = {name: timedelta(minutes=queue.target_minutes) for name, queue in queues.items()}
    planned = plans.week(uow.clock(), promises, lambda story, language: agent(story, language).name, chance)
    channels = uow.runtime.channels
    account = next((one for one in made if channels[one.channel].accepts.subject), made[0])
    return Week(uow, account, channels[account.channel].address, queues, agent, chance).write(planned)


def _sign_ins(chosen: dict[str, str]) -> list[str]:
    return [f"  {who + '@' + DOMAIN:26} {password}   {STAFF[who][1]}" for who, password in chosen.items()]

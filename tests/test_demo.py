"""The demo desk looks like a real week and is made once."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from helpdesk import demo, i18n
from helpdesk.app import build_runtime
from helpdesk.config import Config
from helpdesk.core.database.base import NEVER
from helpdesk.core.intake import quarantine
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.journal.models import Event
from helpdesk.core.people import users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import Customer, Queue, Team, User
from helpdesk.core.settings.models import Setting
from helpdesk.core.tickets import search, ticket_lists, timeline
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.demo import english, persian, plans
from helpdesk.security import passwords
from helpdesk.testing.databases import make_tables
from helpdesk.web.ticket.message_text import text_of
from tools.i18n import marks

pytestmark = pytest.mark.clock

SIGN_IN = re.compile(r"\s+(\w+)@desk\.example\s+(\S+)\s+(\w+)")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(runtime, lines) of a demo desk."""
    passwords.weaken()
    folder = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{folder / 'hamdel.db'}"
    runtime = build_runtime(
        Config(data_dir=folder, database_url=url, secret_key="k" * 40, plugins=("email", "mailbox"))
    )
    make_tables(runtime.engine)
    yield runtime, demo.make_demo(runtime)
    runtime.parser.close()


@pytest.fixture
def uow(made):
    with made[0].uow() as uow:
        yield uow


def rows(uow, model):
    return uow.session.query(model).all()


def test_sign_ins_are_printed_once_and_work(made, uow):
    runtime, lines = made
    found = {who: (password, role) for who, password, role in SIGN_IN.findall("\n".join(lines))}
    assert Counter(role for _password, role in found.values()) == {
        "admin": 1,
        "supervisor": 1,
        "trainer": 1,
        "agent": 2,
    }
    for who, (password, role) in found.items():
        user = users.by_email(uow.session, f"{who}@desk.example")
        assert user.role == role and passwords.matches(user.password_hash, password)
    assert len({password for password, _role in found.values()}) == 5
    before = len(rows(uow, Ticket))
    assert demo.make_demo(runtime) == [] and len(rows(uow, Ticket)) == before


def test_two_teams_two_queues_and_both_languages(uow):
    assert (len(rows(uow, Team)), len(rows(uow, Queue)), len(rows(uow, User))) == (2, 2, 5)
    assert all(team.members and team.queues for team in rows(uow, Team))
    shares = Counter(ticket.customer.language for ticket in rows(uow, Ticket))
    assert min(shares.values()) > 80 and set(shares) == {"fa", "en"}
    assert 200 <= sum(shares.values()) <= 500


def test_the_account_customers_write_to(made, uow):
    ticket = uow.session.get(Ticket, 1)
    assert (ticket.account.name, ticket.account.address, ticket.channel) == ("support", "support@desk.example", "email")
    assert ticket.account.settings["smtp_port"] == int((made[0].data_dir / "mailbox/port").read_text())


def test_every_state_of_a_desk_is_there(uow):
    tickets, now = rows(uow, Ticket), datetime.now(UTC)
    assert set(Counter(t.status for t in tickets)) == {"open", "pending", "waiting", "solved", "closed"}
    assert {"low", "normal", "high", "urgent"} == {t.priority for t in tickets}
    active = [t for t in tickets if t.active]
    assert sum(t.target_at < now for t in active) >= 3
    assert sum(now < t.target_at < now + timedelta(hours=2) for t in active) >= 5
    assert sum(t.unread > 0 for t in active) >= 10 and sum(t.assignee_id is None for t in active) >= 5
    assert sum(t.unread > 0 for t in active) < len(active)
    messages = rows(uow, Message)
    assert sum(m.unverified for m in messages) == 1 and sum(m.kind == "note" for m in messages) > 10
    assert Counter(d.state for d in rows(uow, Delivery))["failed"] == 1
    assert any(m.files for m in messages)
    assert [p.state for p in rows(uow, RawMessage)] == ["quarantined"] and quarantine.count(uow) == 1
    assert uow.session.get(Setting, "demo")


def test_times_are_those_of_a_week_that_ends_now(uow):
    now = datetime.now(UTC)
    messages = sorted(rows(uow, Message), key=lambda m: m.id)
    assert all(now - timedelta(days=8) < m.at <= now for m in messages)
    days = {m.at.astimezone(plans.TEHRAN).date() for m in messages}
    assert len(days) >= 7
    for ticket in rows(uow, Ticket):
        reported = [m for m in messages if m.ticket_id == ticket.id]
        assert all(a.at <= b.at for a, b in pairwise(reported)), ticket.id
        assert ticket.created_at == reported[0].at and ticket.last_message_id == reported[-1].id
        assert ticket.updated_at >= reported[-1].at
    ordered = sorted(rows(uow, Ticket), key=lambda t: t.id)
    assert all(a.created_at <= b.created_at for a, b in pairwise(ordered))


def test_agents_answer_in_office_hours(uow):
    hours = Counter((m.at + timedelta(hours=3, minutes=30)).hour for m in rows(uow, Message) if m.kind == "out")
    assert set(hours) <= set(range(8, 20))


def test_a_ticket_says_what_its_conversation_says(uow):
    said = {}
    for message in sorted(rows(uow, Message), key=lambda m: m.id):
        said.setdefault(message.ticket_id, []).append(message)
    for ticket in rows(uow, Ticket):
        spoken = [m for m in said[ticket.id] if m.kind in ("in", "out")]
        if ticket.status == "waiting" and said[ticket.id][-1].kind == "out":
            assert ticket.target_at == NEVER
        if ticket.status == "open" and spoken[-1].kind == "in":
            assert ticket.target_at != NEVER
        if not ticket.active:
            assert ticket.target_at == NEVER and ticket.unread == 0


def test_pages_can_be_read(made, uow):
    agent = users.by_email(uow.session, "agent@desk.example")
    own = uow.acting(actor_for(uow.session, agent))
    assert ticket_lists.counts(own)["mine"] > 5
    for row in ticket_lists.page(own, "all").items[:20]:
        assert timeline.conversation(own, row["id"]).items
    assert all(row["queue"]["name"].endswith("سفارش و ارسال") for row in ticket_lists.page(own, "all").items)
    assert search.find(own, "می‌خواهم").items and search.find(own, "ميخواهم").items


def test_what_did_not_arrive_is_told_in_the_readers_language(uow):
    (note,) = uow.session.query(Message).filter(Message.kind == "note", Message.user_id.is_(None))
    with i18n.reading(i18n.LOCALES["fa"]):
        assert text_of(timeline.message_item(note)).startswith("این پیام به مشتری نرسید")


def test_machines_answer_none_of_it(uow):
    assert rows(uow, Event) and all(event.data.get("silent") for event in rows(uow, Event) if event.ticket_id)


def test_a_demo_without_its_plugin_is_an_empty_desk(tmp_path):
    passwords.weaken()
    runtime = build_runtime(
        Config(
            data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'h.db'}", secret_key="k" * 40, plugins=("email",)
        )
    )
    make_tables(runtime.engine)
    assert len(demo.make_demo(runtime)) == 7
    with runtime.uow() as uow:
        assert rows(uow, Ticket) == [] and len(rows(uow, User)) == 5


@pytest.mark.parametrize("voices", [persian.VOICES, english.VOICES], ids=["fa", "en"])
def test_every_place_in_the_stories_is_filled(voices):
    import random

    places = plans._places(voices, random.Random(1)) | {"name": "x"}
    for story in voices.stories:
        for text in (*story.subjects, *story.openings, *(text for _who, text in story.turns), *voices.goodbyes):
            assert "{" not in text.format(**places)
        assert story.ends in ("solved", "waiting", "pending") and {who for who, _text in story.turns} <= set("can")


def test_the_persian_is_written_as_the_house_writes(uow):
    wrong = {}
    for story in persian.VOICES.stories:
        # «ميخواهم» is there as people type it, for search to find.
        texts = (*story.subjects, *story.openings, *(text for _who, text in story.turns))
        for text in texts:
            bare = re.sub(r"[0-9]+|\{\w+\}|X\b", "\ufffc", text.replace("ميخواهم", "می‌خواهم"))
            if marks(bare):
                wrong[text] = marks(bare)
    assert wrong == {}
    assert len({c.name for c in rows(uow, Customer)}) > 60

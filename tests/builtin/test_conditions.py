"""Conditions as SQL and as a test of one ticket agree, whatever the filter; filters and actions from outside are
checked.
"""

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import fields
from sqlalchemy import insert, select

from helpdesk.api import rules, tickets
from helpdesk.api.errors import Conflict, Invalid, NotFound
from helpdesk.builtin.actions import ACTIONS
from helpdesk.builtin.conditions import CONDITIONS
from helpdesk.core.accounts import accounts
from helpdesk.core.database.base import NEVER, Base
from helpdesk.core.database.columns import ACTIVE, PRIORITIES, STATUSES
from helpdesk.core.fields.models import CustomField, FieldValue
from helpdesk.core.people import teams, users
from helpdesk.core.people.models import Customer
from helpdesk.core.rules.actions import Actions
from helpdesk.core.rules.conditions import Conditions, Scope
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing import Letters, small_runtime

NOW = datetime.fromisoformat("2024-02-29T12:00:00+00:00")
TAGS = ["vip", "بازگشت کالا", "a'b", "50%"]
FIELD_VALUES = {  # of every second ticket: what each kind of field may hold
    number: random.Random(number).choice(["red", "5", "سبز", ["red", "سبز"], ["blue"], 5, 5.0, 2.5, True, False, "yes"])
    for number in range(1, 201, 2)
}
MINUTES = [1, 59, 60, 61, 600]
REGISTRY = Conditions().register("core", CONDITIONS)


def _ticket(chance: random.Random, number: int) -> dict:
    status = chance.choice(STATUSES)
    snoozed = chance.choice([None, None, NOW + timedelta(hours=1)])
    moment = lambda: NOW - timedelta(minutes=chance.choice(MINUTES), seconds=chance.choice([-1, 0, 1]))  # noqa: E731
    return {
        "id": number,
        "subject": "x",
        "status": status,
        "active": status in ACTIVE and snoozed is None,
        "priority": chance.choice(PRIORITIES),
        "queue_id": chance.choice([1, 2]),
        "assignee_id": chance.choice([None, 1, 2]),
        "customer_id": chance.choice([1, 2]),
        "account_id": 1,
        "channel": chance.choice(["letters", "chat"]),
        "tags": chance.sample(TAGS, chance.randrange(3)),
        "target_at": chance.choice([NEVER, NOW + timedelta(minutes=chance.choice([-60, 0, 59, 60]))]),
        "created_at": moment(),
        "updated_at": moment(),
        "unread": chance.choice([0, 0, 2]),
        "snoozed_until": snoozed,
    }


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def uow(request, tmp_path_factory):
    """200 tickets of every kind, on each database."""
    url = ""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        server.psql("CREATE DATABASE conditions")
        url = server.get_uri(database="conditions")
    runtime = small_runtime(tmp_path_factory.mktemp("desk"), Letters, database_url=url)
    with runtime.uow() as uow:
        for number in (1, 2):
            users.add(uow, f"user{number}@desk.example", "User", "agent")
            teams.add_queue(uow, f"Queue {number}")
        accounts.create(uow, "letters", "front", {}, 1)
        with uow.writing() as session:
            session.add_all([Customer(name="A"), Customer(name="B")])
            session.flush()
            session.execute(insert(Ticket), [_ticket(random.Random(number), number) for number in range(1, 201)])
            session.add(CustomField(id=1, name="colour", of="ticket", kind="choices"))
            session.flush()
            given = [{"field_id": 1, "ticket_id": number, "value": value} for number, value in FIELD_VALUES.items()]
            session.execute(insert(FieldValue), given)
        yield uow
    Base.metadata.drop_all(runtime.engine)
    runtime.engine.dispose()


def _facts(row):
    value = FIELD_VALUES.get(row["id"])
    return {**row, "fields": {} if value is None else {"colour": value}}


def some(*choices):
    return st.lists(st.sampled_from(choices), min_size=1, max_size=3, unique=True)


VALUES = {
    "status": some(*STATUSES),
    "priority": some(*PRIORITIES),
    "queue": some(1, 2, 3),
    "channel": some("letters", "chat", "fax"),
    "account": some(1, 2),
    "customer": some(1, 2, 3),
    "assignee": some(1, 2, 3, "me", "nobody"),
    "tags": some(*TAGS, "none"),
    "active": st.booleans(),
    "unread": st.booleans(),
    "snoozed": st.booleans(),
    "created_within": st.sampled_from(MINUTES),
    "updated_within": st.sampled_from(MINUTES),
    "due_within": st.sampled_from([0, *MINUTES]),
    "field.colour": some("red", "سبز", "blue", "5", "5.0", "2.5", "yes", "no", "x'y"),
    "field.unknown": some("red"),
}
PART = st.one_of(
    *(
        st.fixed_dictionaries({"condition": st.just(name), "value": value, "not": st.booleans()})
        for name, value in VALUES.items()
    )
)
FILTERS = st.fixed_dictionaries({"all": st.lists(PART, max_size=3), "any": st.lists(PART, max_size=3)})


def test_every_condition_is_drawn():
    drawn = {f"{name.partition('.')[0]}.*" if "." in name else name for name in VALUES}
    assert drawn == {condition.name for condition in CONDITIONS}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILTERS, st.sampled_from([None, 1, 2]))
def test_a_list_and_a_change_agree(uow, data, me):
    chosen, scope = REGISTRY.read(data), Scope(me, NOW)
    rows = uow.session.execute(select(Ticket.__table__)).mappings().all()
    listed = set(uow.session.scalars(select(Ticket.id).where(chosen.where(scope))))
    assert {row["id"] for row in rows if chosen.test(_facts(row), scope)} == listed


@settings(max_examples=100, deadline=None)
@given(FILTERS, st.integers(1, 200))
def test_time_alone_changes_an_answer_only_when_it_says_so(data, number):
    chosen, facts = REGISTRY.read(data), _facts(_ticket(random.Random(number), number))
    at = NOW
    for _ in range(8):
        reported = chosen.changes_at(facts, Scope(1, at))
        until = reported or at + timedelta(days=400)
        assert chosen.test(facts, Scope(1, at)) == chosen.test(facts, Scope(1, until - timedelta(microseconds=1)))
        if reported is None:
            return
        at = reported


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"none": []},
        {"all": {}},
        {"all": ["status"]},
        {"all": [{"condition": "status", "value": ["odd"]}]},
        {"all": [{"condition": "status"}]},
        {"all": [{"condition": ["status"], "value": []}]},
        {"all": [{"condition": "queue", "value": [2**70]}]},
        {"all": [{"condition": "assignee", "value": [True]}]},
        {"all": [{"condition": "created_within", "value": 10**30}]},
        {"all": [{"condition": "unread", "value": True}] * 51},
    ],
    ids=str,
)
def test_what_is_no_filter_is_a_sentence(data):
    with pytest.raises(Invalid):
        REGISTRY.read(data)


def test_a_condition_without_a_test_leaves_the_answer_to_the_database():
    vague = rules.Condition("shop.vip", "VIP", fields.Boolean(), lambda value, scope: rules.tickets.c.id > 0)
    registry = Conditions().register("core", CONDITIONS).register("shop", [vague])
    facts, scope = _ticket(random.Random(1), 1), Scope(1, NOW)
    part, sure = {"condition": "shop.vip", "value": True}, {"condition": "status", "value": [facts["status"]]}
    unsure = {**sure, "not": True}
    assert registry.read({"all": [part]}).test(facts, scope) is None
    assert registry.read({"all": [part, unsure]}).test(facts, scope) is False
    assert registry.read({"any": [part, sure]}).test(facts, scope) is True
    assert registry.read({"any": [part, unsure]}).test(facts, scope) is None
    with pytest.raises(Invalid):
        Conditions().register("bank", [vague])
    with pytest.raises(Conflict):
        registry.register("shop", [vague])


def test_a_filter_knows_whether_it_differs_from_person_to_person():
    assert REGISTRY.read({"all": [{"condition": "assignee", "value": ["me"]}]}).depends_on_me
    assert not REGISTRY.read({"all": [{"condition": "assignee", "value": [1]}]}).depends_on_me


def test_actions_are_one_commit(uow):
    rules.run(
        uow,
        1,
        [
            {"action": "priority", "value": "urgent"},
            {"action": "add_tags", "value": ["late"]},
            {"action": "note", "value": "Now."},
        ],
    )
    assert (tickets.get(uow, 1).priority, "late" in tickets.get(uow, 1).tags) == ("urgent", True)
    with pytest.raises((Invalid, NotFound)):
        rules.run(uow, 1, [{"action": "priority", "value": "low"}, {"action": "queue", "value": 99}])
    assert tickets.get(uow, 1).priority == "urgent"


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        ["status"],
        [{"action": "odd"}],
        [{"action": "status", "value": "odd"}],
        [{"action": "note", "value": "x"}] * 21,
    ],
)
def test_what_is_no_action_is_a_sentence(data):
    with pytest.raises(Invalid):
        Actions().register("core", ACTIONS).steps(data, 1)

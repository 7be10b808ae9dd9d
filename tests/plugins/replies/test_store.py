"""Whose saved replies are whose, how they are found, written, deleted, and shown on a ticket."""

from datetime import timedelta

import pytest

from helpdesk.api.errors import Conflict, Forbidden, Invalid, NotFound
from helpdesk.api.i18n import LOCALES, reading
from helpdesk.core.people import users
from helpdesk.core.people.models import Customer
from helpdesk.core.tickets.models import Ticket
from plugins.replies import filling, store
from plugins.replies.checking import read

from .conftest import given


def names(rows):
    return sorted(row.name for row in rows)


@pytest.fixture
def everybodys(desk):
    """A reply of each kind: the desk's, a team's and one's own."""
    store.add(desk.as_("negar"), given("Desk"))
    store.add(desk.as_("sara"), given("Front", scope="team", team=desk.front))
    store.add(desk.as_("nima"), given("Back", scope="team", team=desk.back))
    store.add(desk.as_("sara"), given("Sara's", scope="personal"))


def test_each_sees_the_desks_their_teams_and_their_own(desk, everybodys):
    seen = {name: names(store.find(desk.as_(name))) for name in desk.people}
    assert seen == {
        "sara": ["Desk", "Front", "Sara's"],
        "nima": ["Back", "Desk"],
        "negar": ["Back", "Desk", "Front"],
        "ada": ["Back", "Desk", "Front"],
    }


def test_agents_write_their_own_and_their_teams(desk, everybodys):
    sara = desk.as_("sara")
    for scope in ({"scope": "desk"}, {"scope": "team", "team": desk.back}):
        with pytest.raises(Forbidden):
            store.add(sara, given("Not mine", **scope))
    may = {row.name: store.may_change(sara, row) for row in store.find(sara)}
    assert may == {"Desk": False, "Front": True, "Sara's": True}
    (foreign,) = [row for row in store.find(desk.as_("nima")) if row.name == "Back"]
    for act in (
        lambda: store.get(sara, foreign.id),
        lambda: store.delete(sara, foreign.id),
        lambda: store.get(sara, 10**30),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_reply_cannot_be_given_to_those_it_would_be_taken_from(desk, everybodys):
    (front,) = [row for row in store.find(desk.as_("sara")) if row.name == "Front"]
    with pytest.raises(Forbidden):
        store.change(desk.as_("sara"), front.id, given("Front", scope="desk"), front.version)


def test_it_is_found_by_folded_words_in_either_language(desk):
    negar = desk.as_("negar")
    store.add(
        negar,
        given(
            "Delay | تأخیر ارسال", fa="كتاب‌هاي شما می‌رسد؛ پوزش می‌خواهیم.", en="The parcel is LATE.", folder="سفارش‌ها"
        ),
    )
    store.add(negar, given("Other", en="Nothing"))
    for query in ("late parcel", "کتابها", "کتاب ها", "ميرسد", "تاخیر", "سفارش", "DELAY"):
        assert names(store.find(negar, query)) == ["Delay | تأخیر ارسال"], query
    for query in ("100%", "_", "late nothing"):
        assert names(store.find(negar, query)) == [] or query == "_", query


def test_two_who_write_at_once_lose_nothing_in_silence(desk):
    negar = desk.as_("negar")
    reply_id = store.add(negar, given())
    store.change(negar, reply_id, given("Second"), 1)
    with pytest.raises(Conflict, match="meanwhile"):
        store.change(negar, reply_id, given("Third"), 1)
    assert store.get(negar, reply_id).name == "Second"


@pytest.mark.clock
def test_what_was_deleted_comes_back_for_a_month(desk):
    negar = desk.as_("negar")
    reply_id = store.add(negar, given())
    store.delete(negar, reply_id)
    assert store.find(negar) == []
    store.restore(negar, reply_id)
    store.delete(negar, reply_id)
    store._forget(negar, None)
    assert store.get(negar, reply_id, deleted=True)
    later = negar.clock() + store.KEPT * 2
    negar.clock = lambda: later
    store._forget(negar, None)
    with pytest.raises(NotFound):
        store.get(negar, reply_id, deleted=True)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "  "}, "name"),
        ({"en": ""}, "text"),
        ({"en": "{{customer.password}}"}, "en_text"),
        ({"fa": "{{customer.name"}, "fa_text"),
        ({"actions": [{"action": "status", "value": "closed"}]}, "status"),
        ({"actions": [{"action": "snooze", "value": 0}]}, "snooze"),
        ({"actions": [{"action": "add_tags", "value": [1]}]}, "add_tags"),
        ({"actions": [{"action": "assign", "value": True}]}, "assign"),
        ({"actions": [{"action": "note", "value": "{{nothing}}"}]}, "note"),
        ({"actions": [{"action": "status", "value": "solved"}, {"action": "snooze", "value": 60}]}, "snooze"),
        ({"scope": "team", "team": 999}, "team"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(desk, more, field):
    with pytest.raises(Invalid) as refused:
        store.add(desk.as_("negar"), given(**more))
    assert field in refused.value.fields
    assert store.find(desk.as_("negar")) == []


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"name": 7},
        {"name": "a", "texts": {"de": {}}},
        {"name": "a", "actions": [{}]},
        {"name": "a", "team": "x"},
    ],
)
def test_strange_shapes_are_refused_with_a_sentence(data):
    with pytest.raises(Invalid):
        read(data)


# On a ticket ----------------------------------------------------------------------------------------------------------

TEXT = "Dear {{customer.first_name}}, {{ticket.number}} of order {{order.number}}, by {{ticket.target}}. {{agent.name}}, {{customer.address}}"


def shown(desk, **texts):
    sara = desk.as_("negar")
    row = store.get(sara, store.add(sara, given(**texts)))
    return filling.preview(sara, row, desk.ticket_id)


@pytest.mark.clock
def test_places_are_filled_from_the_ticket(desk):
    desk.uow.session.query(Customer).one().name = "Mina Rastegar"
    desk.uow.session.get(Ticket, desk.ticket_id).target_at = desk.uow.clock() + timedelta(hours=1)
    desk.uow.session.commit()
    found = shown(desk, en=TEXT)
    assert found.text.text.startswith(f"Dear Mina, #{desk.ticket_id} of order 48213, by ")
    assert found.text.text.endswith("Negar, mina")
    assert found.missing == ()


def test_an_order_is_known_by_what_the_customer_wrote(desk):
    desk.ticket_id = desk.arrives("سفارش شمارهٔ ۵۱۹۰۷ هنوز نرسیده است.", subject="سلام")
    assert shown(desk, fa="سفارش {{سفارش.شماره}}", en="").text.text == "سفارش 51907"
    desk.ticket_id = desk.arrives("It costs 12345 and I ordered nothing.", sender="other", subject="Hello")
    found = shown(desk, en="Order {{order.number}}!")
    assert found.text.text == "Order {{order.number}}!" and found.missing == (
        "The number of the order the customer names",
    )


def test_dates_and_names_are_written_for_the_customer(desk):
    desk.ticket_id = desk.arrives("کجاست؟", subject="سفارش من")
    with desk.uow.writing():
        desk.uow.session.query(Customer).order_by(Customer.id.desc()).first().language = "fa"
    found = shown(desk, en="x", fa="{{مشتری.نام}}، {{تیکت.تاریخ}}")
    assert found.language == "fa"
    assert found.text.text.startswith("\u2068Mina\u2069، ")
    assert not any(letter in "0123456789" for letter in found.text.text)


def test_the_customers_language_is_chosen_and_the_other_one_can_be(desk):
    negar = desk.as_("negar")
    row = store.get(negar, store.add(negar, given(en="Hello", fa="سلام")))
    assert filling.preview(negar, row, desk.ticket_id).text.text == "Hello"
    assert filling.preview(negar, row, desk.ticket_id, "fa").text.text == "سلام"
    with desk.uow.writing():
        desk.uow.session.query(Customer).one().language = "fa"
    assert filling.preview(desk.as_("negar"), row, desk.ticket_id).text.text == "سلام"


def test_a_reply_in_one_language_is_shown_in_that(desk):
    assert shown(desk, en="", fa="فقط فارسی").language == "fa"


def test_what_a_customer_calls_themselves_is_never_evaluated(desk):
    desk.uow.session.query(Customer).one().name = "{{agent.name}} {{customer.address}}"
    desk.uow.session.commit()
    assert shown(desk, en="Dear {{customer.name}}").text.text == "Dear {{agent.name}} {{customer.address}}"


def test_missing_places_are_named_in_the_readers_words(desk):
    with reading(LOCALES["fa"]):
        desk.ticket_id = desk.arrives("hi", sender="third", subject="Hello")
        assert shown(desk, en="{{order.number}}").missing == ("شمارهٔ سفارشی که مشتری گفته است",)


def test_files_are_bounded_and_used_by_their_hash(desk):
    negar = desk.as_("negar")
    files = store.stored(negar, [store.File("راهنما.pdf", "application/pdf", b"%PDF")])
    row = store.get(negar, store.add(negar, given(), files))
    (file,) = store.files_of(row)
    assert (file.name, negar.blobs.get(file.sha256)) == ("راهنما.pdf", b"%PDF")
    with pytest.raises(Invalid, match="10"):
        store.stored(negar, [store.File(f"{n}", "text/plain", b"x") for n in range(11)])


def test_a_person_without_the_right_sees_none(desk, everybodys):
    desk.people["helen"] = users.add(desk.uow, "helen@desk.example", "Helen", "trainer")
    with pytest.raises(Forbidden):
        store.find(desk.as_("helen"))

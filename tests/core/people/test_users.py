"""People, teams, queues, accounts and customers: what is refused, what is kept secret, what ends a session."""

import pytest

from helpdesk.core.accounts import accounts, health
from helpdesk.core.accounts.models import Account
from helpdesk.core.accounts.settings import shown_settings
from helpdesk.core.channels.kept_secrets import KEPT
from helpdesk.core.errors import Conflict, Forbidden, Invalid, NotFound
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.core.people.models import Customer, Identity, Token, User
from helpdesk.core.tickets import customers

# People -----------------------------------------------------------------------------------------------------------


def test_one_address_signs_in_one_person(small):
    sara = users.add(small.uow, " Sara@Desk.Example ", "  Sara \n Ahmadi ")
    assert (sara.email, sara.name, sara.role, sara.active) == ("sara@desk.example", "Sara Ahmadi", "agent", True)
    assert users.by_email(small.session, "SARA@desk.example").id == sara.id
    with pytest.raises(Conflict):
        users.add(small.uow, "sara@DESK.example", "Another")
    assert users.add(small.uow, "x@desk.example", "").name == "x@desk.example"


@pytest.mark.parametrize("email", ["sara\x00@desk.example", "\ud800", "\x00"])
def test_an_address_no_database_can_hold_is_nobodys(small, email):
    """Check B07: whoever signs in with one is told that it was not right."""
    small.user()
    assert users.by_email(small.session, email) is None


@pytest.mark.parametrize("email", ["", "sara", "@", "a@", "@b", "a b@c", "a@b@c", "a\n@b", "x" * 250 + "@b.example"])
def test_what_is_no_address_is_refused(small, email):
    with pytest.raises(Invalid):
        users.add(small.uow, email, "Sara")


def test_an_unknown_role_is_refused(small):
    with pytest.raises(Invalid):
        users.add(small.uow, "a@b.example", "A", "root")
    person = small.user()
    with pytest.raises(Invalid):
        users.change(small.uow, person.id, role="root")


def test_a_new_role_password_or_end_ends_every_session(small):
    person = small.user()
    epochs = [person.epoch]
    users.change(small.uow, person.id, role="supervisor")
    epochs.append(person.epoch)
    users.set_password(small.uow, person.id, "hash")
    epochs.append(person.epoch)
    users.change(small.uow, person.id, active=False)
    epochs.append(person.epoch)
    assert epochs == [0, 1, 2, 3]
    users.change(small.uow, person.id, name="A much longer name " * 20)
    assert person.epoch == 3 and len(person.name) == 120
    users.change(small.uow, person.id, name="  ")
    assert len(person.name) == 120


def test_nobody_takes_their_own_rights_away(small):
    admin = small.user("Ada", "admin")
    uow = small.as_(admin)
    for change in ({"role": "agent"}, {"active": False}):
        with pytest.raises(Invalid):
            users.change(uow, admin.id, **change)
    users.change(uow, admin.id, name="Ada Lovelace", role="admin", active=True)
    assert (admin.role, admin.active, admin.epoch) == ("admin", True, 0)


def test_a_token_is_shown_once_and_kept_as_a_hash(small):
    person = small.user()
    token = api_tokens.add_token(small.as_(person), person.id, "script")
    row = small.session.query(Token).one()
    assert token.startswith("hd_") and token not in str(vars(row)) and len(row.digest) == 64
    assert api_tokens.by_token(small.session, token).user.id == person.id
    users.change(small.uow, person.id, active=False)
    assert api_tokens.by_token(small.session, token) is None


@pytest.mark.parametrize("token", ["", " ", "hd_", "hd_x", "null", "[]", "\x00", "hd_" + "é" * 40, None])
def test_what_is_no_token_opens_nothing(small, token):
    person = small.user()
    api_tokens.add_token(small.uow, person.id)
    assert api_tokens.by_token(small.session, token) is None


def test_tokens_and_passwords_are_ones_own(small):
    one, other, admin = small.user(), small.user(), small.user("Ada", "admin")
    api_tokens.add_token(small.as_(one), one.id)
    token_id = small.session.query(Token).one().id
    for act in (
        lambda d: api_tokens.add_token(d, one.id),
        lambda d: users.set_password(d, one.id, "x"),
        lambda d: users.prefer(d, one.id, theme="dark"),
    ):
        with pytest.raises(Forbidden):
            act(small.as_(other))
    for number in (token_id, 999, 2**70):
        with pytest.raises(NotFound):
            api_tokens.drop_token(small.as_(other), number)
    api_tokens.drop_token(small.as_(admin), token_id)
    assert small.session.query(Token).count() == 0


def test_only_settings_change_people(small):
    person = small.user("Zoe", "supervisor")
    for act in (
        lambda d: users.add(d, "a@b.example", "A"),
        lambda d: users.change(d, person.id, role="admin"),
        lambda d: users.change(d, person.id, name="A"),
    ):
        with pytest.raises(Forbidden):
            act(small.as_(person))
    assert small.session.get(User, person.id).role == "supervisor"


def test_preferences_are_added_to(small):
    person = small.user()
    users.prefer(small.uow, person.id, language="fa", theme="dark")
    users.prefer(small.uow, person.id, calendar="jalali", theme=None)
    assert person.language == "fa" and person.preferences == {"theme": "dark", "calendar": "jalali"}


def test_people_around_are_those_of_ones_queues(small):
    here, there = small.queue(), small.queue()
    sara, kian, omid = (
        small.user("Sara", queues=[here]),
        small.user("Kian", queues=[here, there]),
        small.user("Omid", queues=[there]),
    )
    admin, alone = small.user("Ada", "admin"), small.user("Lone")
    names = lambda user: [u.name for u in users.visible_colleagues(small.as_(user))]
    assert names(sara) == ["Kian", "Sara"] and names(omid) == ["Kian", "Omid"] and names(alone) == ["Lone"]
    assert names(admin) == ["Ada", "Kian", "Lone", "Omid", "Sara"]
    users.change(small.uow, kian.id, active=False)
    assert names(sara) == ["Sara"]
    with pytest.raises(Forbidden):
        users.visible_colleagues(small.as_(small.user("Tara", "trainer", queues=[here])))


# Teams and queues -------------------------------------------------------------------------------------------------


def test_names_are_single(small):
    for add in (teams.add_team, teams.add_queue):
        add(small.uow, "  Front \n desk ")
        with pytest.raises(Conflict):
            add(small.uow, "Front desk")
        with pytest.raises(Invalid):
            add(small.uow, " \x00 ")


def test_rights_follow_the_teams_at_once(small):
    queue, person = small.queue(), small.user()
    assert small.as_(person).actor.queues == frozenset()
    team = teams.add_team(small.uow, "Team", [person.id])
    teams.change_queue(small.uow, queue.id, team_ids=[team.id])
    assert small.as_(person).actor.queues == {queue.id}
    teams.set_members(small.uow, team.id, [])
    assert small.as_(person).actor.queues == frozenset()
    assert small.events("team.changed")[-1].data == {"team": team.id, "before": [person.id], "after": []}


@pytest.mark.parametrize("nobody", [999, 0, -1, 2**70])
def test_who_and_what_does_not_exist(small, nobody):
    queue, team = small.queue(), teams.add_team(small.uow, "Team")
    for act in (
        lambda: teams.set_members(small.uow, team.id, [nobody]),
        lambda: teams.set_members(small.uow, nobody, []),
        lambda: teams.change_queue(small.uow, queue.id, team_ids=[nobody]),
        lambda: teams.change_queue(small.uow, nobody, target_minutes=5),
        lambda: teams.add_queue(small.uow, "Other", [nobody]),
        lambda: users.get(small.uow, nobody),
        lambda: accounts.get(small.uow, nobody),
    ):
        with pytest.raises(NotFound):
            act()


@pytest.mark.parametrize("minutes", [0, -5, 43_201])
def test_a_promise_is_one_that_can_be_kept(small, minutes):
    with pytest.raises(Invalid):
        teams.add_queue(small.uow, "Queue", target_minutes=minutes)
    with pytest.raises(Invalid):
        teams.change_queue(small.uow, small.queue().id, target_minutes=minutes)


# Accounts ---------------------------------------------------------------------------------------------------------


def tried(small, account) -> list[tuple[str, bool]]:
    """What the Test button says of the form as it stands, its secret kept."""
    form = {**account.settings, "seal": KEPT}
    return [(step.sentence % step.values, step.ok) for step in accounts.check(small.uow, "letters", form, account.id)]


def test_a_secret_goes_in_and_never_comes_out(small):
    account = small.account(small.queue(), seal="very secret")
    raw = str(small.session.get(Account, account.id).settings)
    assert "very secret" not in raw and "very secret" not in str(shown_settings(small.uow, account))
    assert "very secret" not in str(accounts.view(small.uow, account, secrets=False))
    assert tried(small, account) == [("The seal is very secret.", True)]
    for kept in (KEPT, "", None):
        accounts.update(
            small.uow, account.id, settings={"address": "new@post.example", **({} if kept is None else {"seal": kept})}
        )
        assert tried(small, account) == [("The seal is very secret.", True)]
    accounts.update(small.uow, account.id, settings={"seal": "another"})
    assert tried(small, account) == [("The seal is another.", True)]
    assert "secret" not in str([event.data for event in small.events()])


def test_an_account_whose_plugin_is_off_shows_nothing(small):
    account = small.account(small.queue(), seal="very secret")
    del small.runtime.channels["letters"]
    assert shown_settings(small.uow, account) == {}
    with pytest.raises(Invalid):
        accounts.check(small.uow, "letters", {}, account.id)


def test_accounts_have_single_names_known_settings_and_a_queue(small):
    queue = small.queue()
    account = small.account(queue)
    other = small.account(queue)
    create = lambda name="New", settings=None, queue_id=queue.id: accounts.create(
        small.uow, "letters", name, settings or {}, queue_id
    )
    for act in (
        lambda: create(settings={"colour": "red"}),
        lambda: create(queue_id=999),
        lambda: create(queue_id=2**70),
        lambda: create(name=" "),
        lambda: accounts.create(small.uow, "pigeons", "New", {}, queue.id),
        lambda: accounts.update(small.uow, account.id, queue_id=999),
        lambda: accounts.update(small.uow, account.id, settings={"colour": "red"}),
    ):
        with pytest.raises(Invalid):
            act()
    for act in (lambda: create(name=account.name), lambda: accounts.update(small.uow, other.id, name=account.name)):
        with pytest.raises(Conflict):
            act()
    accounts.update(small.uow, account.id, name=account.name, enabled=False)
    assert account.enabled is False and account.address == "desk@post.example"


def test_health_is_told_when_it_turns(small):
    account = small.account(small.queue())
    health.note_health(small.uow, account.id, error="no answer")
    since = account.health["error_at"]
    health.note_health(small.uow, account.id, error="still none")
    assert account.health["error_at"] == since
    health.note_health(small.uow, account.id)
    assert "error" not in account.health
    assert [e.kind for e in small.events() if e.kind in ("account.failing", "account.well")] == [
        "account.failing",
        "account.well",
    ]


# Customers --------------------------------------------------------------------------------------------------------


def test_a_customer_is_known_through_a_visible_ticket(small):
    ours, theirs = small.queue(), small.queue()
    uow = small.as_(small.user(queues=[ours]))
    mine, hidden = small.ticket(small.account(ours), sender="mina"), small.ticket(small.account(theirs), sender="kian")
    both = small.ticket(small.account(theirs), sender="mina")
    card = customers.card(uow, mine.customer_id)
    assert both.customer_id == mine.customer_id
    assert [row["id"] for row in card["tickets"]] == [mine.id] and card["total"] == 1
    assert [i.address for i in card["identities"]] == ["mina@post.example"]
    for customer_id in (hidden.customer_id, 999, 2**70):
        for act in (
            customers.card,
            lambda d, i: customers.rename(d, i, "X"),
            lambda d, i: customers.add_identity(d, i, "postal", "x@y.example"),
        ):
            with pytest.raises(NotFound):
                act(uow, customer_id)


def test_an_address_is_never_taken_from_somebody_else(small):
    ours, theirs = small.queue(), small.queue()
    uow = small.as_(small.user(queues=[ours]))
    mine, hidden = small.ticket(small.account(ours), sender="mina"), small.ticket(small.account(theirs), sender="kian")
    with pytest.raises(Conflict):
        customers.add_identity(small.uow, mine.customer_id, "postal", "KIAN@post.example")
    customers.add_identity(uow, mine.customer_id, "postal", "KIAN@post.example")
    assert (
        small.session.query(Identity).filter_by(address="kian@post.example", claim=0).one().customer_id
        == hidden.customer_id
    )
    customers.add_identity(uow, mine.customer_id, "postal", "mina@home.example")
    assert small.ticket(small.account(ours), sender="mina").customer_id == mine.customer_id


def test_a_name_is_words(small):
    uow = small.as_(small.user(queues=[queue := small.queue()]))
    customer_id = small.ticket(small.account(queue)).customer_id
    assert customers.rename(uow, customer_id, " Mina \x00Rastegar ").name == "Mina Rastegar"
    with pytest.raises(Invalid):
        customers.rename(uow, customer_id, " \x00")
    assert small.session.get(Customer, customer_id).name == "Mina Rastegar"


@pytest.mark.parametrize("unseen", ["", " ", "\u200c", "\u200b\u200f \u2060", "\ufeff"])
def test_a_name_that_nobody_could_see_is_none(small, unseen):
    queue, account = small.queue(), small.account(small.queue())
    customer_id = small.ticket(account).customer_id
    for act in (
        lambda: teams.add_queue(small.uow, unseen),
        lambda: teams.add_team(small.uow, unseen),
        lambda: teams.change_queue(small.uow, queue.id, name=unseen),
        lambda: accounts.update(small.uow, account.id, name=unseen),
        lambda: customers.rename(small.uow, customer_id, unseen),
    ):
        with pytest.raises(Invalid):
            act()
    assert users.add(small.uow, "nobody.seen@desk.example", unseen, "agent", "").name == "nobody.seen@desk.example"

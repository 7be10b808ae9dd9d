"""The settings pages, as an admin uses them and as nobody else may."""

import re
import socket

import pytest
from marshmallow import Schema, fields, validate

from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.accounts import KEPT
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.checks import Step
from helpdesk.core.channels.types import Channel, RawMessage, Secret
from helpdesk.core.database.rows import insert_if_new
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.intake.models import RawMessage as Stored
from helpdesk.core.outbox import outbox, replies
from helpdesk.core.people import users
from helpdesk.core.people.models import Queue, Team, User
from helpdesk.core.settings.models import Fault
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.security import passwords
from helpdesk.security.secret_box import SecretBox
from helpdesk.web.admin import forms

from .conftest import sign_in

HTML = {"Accept": "text/html"}
PAGES = [
    "/settings/accounts",
    "/settings/people",
    "/settings/teams",
    "/settings/plugins",
    "/settings/quarantine",
    "/settings/sent",
]


@pytest.fixture
def admin(signed_in):
    """An admin's client whose ``send(path, …)`` posts a form with its token."""
    client = signed_in("admin")
    client.send = lambda path, **form: client.post(path, data={**form, "csrf_token": client.csrf}, headers=HTML)
    return client


@pytest.fixture
def row(runtime):
    """row(Model, id) is a fresh row."""

    def get(model, key):
        with runtime.uow() as uow:
            return uow.session.get(model, key)

    return get


@pytest.mark.parametrize("path", [*PAGES, "/settings/accounts/1", "/settings/accounts/new/email", "/settings/people/1"])
def test_pages_are_for_admins_alone(signed_in, path):
    assert signed_in("admin").get(path, headers=HTML).status_code == 200
    for role in ("agent", "supervisor", "trainer"):
        assert signed_in(role).get(path, headers=HTML).status_code == 403


def test_the_settings_begin_with_the_accounts(admin):
    assert admin.get("/settings").headers["Location"] == "/settings/accounts"


@pytest.mark.parametrize(
    "path", ["/settings/accounts/99", "/settings/people/99", "/settings/accounts/99999999999999999999"]
)
def test_what_is_not_there(admin, path):
    assert admin.get(path, headers=HTML).status_code == 404


# Accounts ---------------------------------------------------------------------------------------------------------


class Fax(Channel):
    """A channel with every kind of setting."""

    name, label, icon, address = "fax", "Fax", "phone", "phone"

    class Settings(Schema):
        number = fields.String(
            required=True,
            metadata={"label": "Number", "group": "Line", "help": "With the country.", "placeholder": "+98"},
        )
        speed = fields.Integer(
            load_default=14400, validate=validate.Range(300, 33600), metadata={"label": "Speed", "group": "Line"}
        )
        paper = fields.String(
            load_default="a4",
            validate=validate.OneOf(("a4", "letter"), labels=("A4", "Letter")),
            metadata={"label": "Paper"},
        )
        loud = fields.Boolean(load_default=True, metadata={"label": "Loud"})
        pin = Secret(sent_to=(), load_default="", metadata={"label": "PIN"})

    def check(self):
        yield Step("It beeps.")


@pytest.fixture
def fax(runtime):
    runtime.channels["fax"] = Fax
    return Fax


def test_a_form_is_rendered_from_the_schema(admin, fax):
    page = admin.get("/settings/accounts/new/fax").text
    assert page.index("Line</legend>") < page.index("With the country.") < page.index("Settings</legend>")
    assert re.search(r'name="set-number" required[^>]*placeholder="\+98"', page)
    assert 'value="14400"' in page and '<option value="a4" selected>A4</option>' in page
    assert re.search(r'role="switch" name="set-loud" value="1" checked', page)
    assert 'type="password" autocomplete="off" id="set-pin"' in page


def test_an_account_is_made_and_changed_by_its_form(admin, fax, row):
    made = admin.send(
        "/settings/accounts/new/fax",
        **{"name": "Fax", "queue": "1", "set-number": "+98 21", "set-speed": "۹۶۰۰", "set-pin": "1234"},
    )
    assert made.headers["Location"] == "/settings/accounts/2"
    stored = row(Account, 2)
    assert (stored.channel, stored.name, stored.queue_id) == ("fax", "Fax", 1)
    assert (
        stored.settings["speed"] == 9600
        and stored.settings["loud"] is False
        and stored.settings["pin"].startswith("sealed:")
    )
    page = admin.get("/settings/accounts/2").text
    assert "1234" not in page and "sealed:" not in page and "data-replace" in page
    admin.send(
        "/settings/accounts/2",
        **{"name": "Telefax", "queue": "2", "set-number": "+98 26", "set-paper": "letter", "set-loud": "1"},
    )
    changed = row(Account, 2)
    assert (changed.name, changed.queue_id, changed.settings["number"], changed.settings["loud"]) == (
        "Telefax",
        2,
        "+98 26",
        True,
    )
    assert changed.settings["pin"] == stored.settings["pin"]


def test_a_secret_is_replaced_when_one_is_typed(admin, fax, row, runtime):
    admin.send("/settings/accounts/new/fax", **{"name": "Fax", "queue": "1", "set-number": "1", "set-pin": "1234"})
    admin.send("/settings/accounts/2", **{"name": "Fax", "queue": "1", "set-number": "1", "set-pin": "5678"})
    assert runtime.secret_box.open(row(Account, 2).settings["pin"]) == "5678"
    admin.send("/settings/accounts/2", **{"name": "Fax", "queue": "1", "set-number": "1", "set-pin": KEPT})
    assert runtime.secret_box.open(row(Account, 2).settings["pin"]) == "5678"


def test_what_does_not_fit_is_said_at_the_field(admin, fax, row):
    answer = admin.send(
        "/settings/accounts/new/fax",
        **{"name": "Fax", "queue": "1", "set-number": "", "set-speed": "5", "set-paper": "letter"},
    )
    assert answer.status_code == 422
    assert "Please fill this in." in answer.text and "Between 300 and 33600." in answer.text.replace(",", "")
    assert (
        'value="Fax"' in answer.text
        and 'value="5"' in answer.text
        and '<option value="letter" selected>' in answer.text
    )
    assert row(Account, 2) is None


@pytest.mark.parametrize(
    "form", [{"name": "", "queue": "1"}, {"name": "Fax", "queue": "99"}, {"name": "Fax", "queue": "x"}]
)
def test_an_account_needs_a_name_and_a_queue(admin, fax, form):
    assert admin.send("/settings/accounts/new/fax", **form, **{"set-number": "1"}).status_code == 422


def test_a_name_that_is_taken_leaves_the_form_as_it_was(admin, fax, row):
    admin.send("/settings/accounts/new/fax", **{"name": "Fax", "queue": "1", "set-number": "1"})
    for path in ["/settings/accounts/new/fax", "/settings/accounts/2"]:
        answer = admin.send(path, **{"name": "support", "queue": "1", "set-number": "98765"})
        assert answer.status_code == 422 and 'role="alert"' in answer.text and 'value="98765"' in answer.text
    assert row(Account, 2).name == "Fax"


def test_a_secret_of_another_key_is_asked_for_again(admin, fax, row, runtime):
    admin.send("/settings/accounts/new/fax", **{"name": "Fax", "queue": "1", "set-number": "1", "set-pin": "1234"})
    runtime.secret_box = SecretBox("another key")
    assert admin.send("/settings/accounts/2", **{"name": "Fax", "queue": "1", "set-number": "2"}).status_code == 422
    assert (
        admin.send(
            "/settings/accounts/2", **{"name": "Fax", "queue": "1", "set-number": "2", "set-pin": "99"}
        ).status_code
        == 302
    )
    assert runtime.secret_box.open(row(Account, 2).settings["pin"]) == "99"


@pytest.mark.parametrize("typed", ["$file:/etc/passwd", "$env:HELPDESK_SECRET_KEY"])
def test_no_person_names_a_file_or_variable_of_the_server(admin, fax, row, runtime, typed):
    """With a server of their own, an admin would read it (S12); what the operator set on the command line stays."""
    given = {"name": "Fax", "queue": "1", "set-number": "1", "set-pin": typed}
    answer = admin.send("/settings/accounts/new/fax", **given)
    assert answer.status_code == 422 and "on the command line only" in answer.text
    with runtime.uow() as uow:
        accounts.create(uow, "fax", "Operator's", {"number": "1", "pin": typed}, 1)
    assert admin.send("/settings/accounts/2", **{**given, "set-pin": "", "set-number": "2"}).status_code == 302
    assert admin.send("/settings/accounts/2", **{**given, "set-pin": "$env:PATH"}).status_code == 422
    assert runtime.secret_box.refers(row(Account, 2).settings["pin"])


def test_the_test_button_says_what_worked_and_how_long_it_took(admin, fax):
    admin.send("/settings/accounts/new/fax", **{"name": "Fax", "queue": "1", "set-number": "1"})
    line = admin.send("/settings/accounts/2/check", **{"set-number": "1"}).text
    assert "It beeps." in line and "banner good" in line and re.search(r"\d s<", line)


def test_the_test_button_tries_what_stands_in_the_form_with_the_kept_secrets(admin, fax, row, monkeypatch):
    tried = []
    monkeypatch.setattr(
        Fax,
        "check",
        lambda self: (
            tried.append(self.account.settings)
            or [Step("It beeps.", label="Line"), Step("It is empty.", ok=False, label="Paper")]
        ),
    )
    admin.send("/settings/accounts/new/fax", **{"name": "Fax", "queue": "1", "set-number": "1", "set-pin": "1234"})
    line = admin.send("/settings/accounts/2/check", **{"set-number": "22", "set-speed": "۹۶۰۰"}).text
    assert (tried[0]["number"], tried[0]["speed"], tried[0]["pin"]) == ("22", 9600, "1234")
    assert "banner danger" in line and "Line" in line and "It is empty." in line and "1234" not in line
    assert row(Account, 2).settings["number"] == "1", "nothing is saved"
    admin.send("/settings/accounts/new/fax/check", **{"set-number": "3"})
    assert tried[1]["number"] == "3"
    assert "Speed" in admin.send("/settings/accounts/2/check", **{"set-number": "22", "set-speed": "1"}).text


def test_the_test_button_says_what_is_wrong(admin, runtime):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = taken.getsockname()[1]
    form = {
        "set-address": "support@desk.example",
        "set-smtp_host": "127.0.0.1",
        "set-smtp_port": str(closed),
        "set-smtp_security": "none",
    }
    line = admin.send("/settings/accounts/1/check", **form)
    assert "banner danger" in line.text and str(closed) in line.text and "Traceback" not in line.text


def test_switching_an_account(admin, row):
    admin.send("/settings/accounts/1/switch")
    assert row(Account, 1).enabled is False
    admin.send("/settings/accounts/1/switch", on="1")
    assert row(Account, 1).enabled is True


def test_an_account_of_a_plugin_that_is_off(admin, runtime):
    del runtime.channels["email"]
    page = admin.get("/settings/accounts").text
    assert "Its plugin is not on" in page and admin.get("/settings/accounts/1").status_code == 200


def test_a_secret_never_comes_back(admin, runtime):
    with runtime.uow() as uow:
        accounts.update(uow, 1, settings={"address": "support@desk.example", "smtp_password": "canary-7712"})
    for path in ["/settings/accounts", "/settings/accounts/1"]:
        assert "canary-7712" not in admin.get(path).text


def test_every_setting_of_every_bundled_channel_has_a_label(runtime):
    for kind in runtime.channels.values():
        for name, spec in kind.Settings().fields.items():
            assert spec.metadata.get("label"), (kind.name, name)


def test_what_is_left_empty_is_left_out(fax):
    assert forms.given(fax.Settings, {"set-number": " 1 ", "set-speed": "", "set-pin": KEPT, "set-paper": ""}) == {
        "number": "1",
        "loud": False,
    }


def test_every_field_has_its_kind(fax):
    kinds = [row.kind for _legend, rows in forms.groups(fax.Settings) for row in rows]
    assert kinds == ["text", "number", "select", "switch", "secret"]


# People -----------------------------------------------------------------------------------------------------------


def test_somebody_new_with_a_password_that_is_shown_once(admin, app, runtime, people):
    page = admin.send("/settings/people", name="Sara", email="sara@desk.example", role="agent", language="fa", team="1")
    assert page.status_code == 201
    password = re.findall(r'mono">([^<]+)</bdi>', page.text)[1]
    with runtime.uow() as uow:
        sara = users.by_email(uow.session, "sara@desk.example")
        assert (sara.role, sara.language, [team.id for team in sara.teams]) == ("agent", "fa", [1])
    assert sign_in(app.test_client(), sara, password).status_code == 302


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"email": "nothing", "role": "agent"}, 422),
        ({"email": "x@desk.example", "role": "owner"}, 422),
        ({"email": "AGENT@desk.example", "role": "agent"}, 409),
        ({"email": "x@desk.example", "role": "agent", "password": "short"}, 422),
    ],
)
def test_somebody_who_does_not_fit(admin, runtime, form, status):
    with runtime.uow() as uow:
        before = uow.session.query(User).count()
    answer = admin.send("/settings/people", name="X", **form)
    assert answer.status_code == status and 'role="alert"' in answer.text
    with runtime.uow() as uow:
        assert uow.session.query(User).count() == before


def test_role_teams_and_password_of_somebody(admin, people, row, runtime):
    agent = people["agent"].id
    admin.send(f"/settings/people/{agent}", name="Nima", role="supervisor", team=["1", "2"])
    with runtime.uow() as uow:
        user = uow.session.get(User, agent)
        assert (user.name, user.role, sorted(team.id for team in user.teams)) == ("Nima", "supervisor", [1, 2])
        assert {m.id for m in uow.session.get(Team, 1).members} == {
            people[r].id for r in ("agent", "supervisor", "trainer", "admin")
        }
    admin.send(f"/settings/people/{agent}/password", password="a password of my own")
    assert passwords.matches(row(User, agent).password_hash, "a password of my own")
    admin.send(f"/settings/people/{agent}/switch")
    assert row(User, agent).active is False


def test_an_admin_keeps_their_own_rights(admin, people, row):
    me = people["admin"].id
    assert admin.send(f"/settings/people/{me}", name="Me", role="agent").status_code == 422
    assert admin.send(f"/settings/people/{me}/switch").status_code == 422
    assert (row(User, me).role, row(User, me).active) == ("admin", True)


def test_saving_ones_own_name_works_without_the_role(admin, people, row):
    assert admin.send(f"/settings/people/{people['admin'].id}", name="Root").status_code == 302
    assert row(User, people["admin"].id).name == "Root"


# Teams and queues --------------------------------------------------------------------------------------------------


def test_teams_and_queues(admin, people, runtime):
    admin.send("/settings/teams", name="Returns", member=[str(people["agent"].id)])
    admin.send("/settings/queues", name="Returned goods", target_minutes="۲", unit="days", team="3")
    with runtime.uow() as uow:
        queue = uow.session.query(Queue).filter_by(name="Returned goods").one()
        assert queue.target_minutes == 2880 and [t.name for t in queue.teams] == ["Returns"]
    page = admin.get("/settings/teams").text
    assert '<option value="days" selected>' in page
    admin.send(
        f"/settings/queues/{queue.id}",
        name="Goods that came back",
        target_minutes="90",
        unit="minutes",
        team=["1", "3"],
    )
    admin.send("/settings/teams/3", name="Back office", member=[str(people["admin"].id)])
    with runtime.uow() as uow:
        queue = uow.session.get(Queue, queue.id)
        assert (queue.name, uow.session.get(Team, 3).name) == ("Goods that came back", "Back office")
        assert queue.target_minutes == 90 and {t.id for t in queue.teams} == {1, 3}
        assert [m.id for m in uow.session.get(Team, 3).members] == [people["admin"].id]


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "target_minutes": "1"},
        {"name": "Orders and delivery", "target_minutes": "1"},
        {"name": "New", "target_minutes": "soon"},
    ],
)
def test_queues_that_do_not_fit(admin, people, form):
    answer = admin.send("/settings/queues", unit="hours", **form)
    assert answer.status_code in (409, 422) and 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("path", "name"), [("/settings/queues/1", "Invoices"), ("/settings/teams/1", "Billing"), ("/settings/teams/1", " ")]
)
def test_names_are_taken_once(admin, people, runtime, path, name):
    answer = admin.send(path, name=name, target_minutes="1", unit="days")
    assert answer.status_code in (409, 422) and 'role="alert"' in answer.text
    with runtime.uow() as uow:
        assert (uow.session.get(Queue, 1).name, uow.session.get(Team, 1).name) == ("Orders and delivery", "Orders")


# Plugins, quarantine, sent ----------------------------------------------------------------------------------------


@pytest.mark.clock
def test_plugins_with_state_reason_and_faults(admin, runtime):
    plugin = runtime.hooks.plugins["email"]
    runtime.hooks.refuse(plugin, "It took more than 2 s three times.", state="stopped")
    with runtime.uow() as uow, uow.writing() as session:
        insert_if_new(
            session,
            Fault,
            plugin="email",
            hook="on_event",
            text="<b>Traceback</b>",
            count=4,
            first_at=uow.clock(),
            last_at=uow.clock(),
        )
    page = admin.get("/settings/plugins").text
    assert "it comes in by the desk&#39;s own listener" in page
    assert (
        "Stopped by the desk" in page and "three times" in page and "&lt;b&gt;Traceback" in page and "4 times" in page
    )
    assert 'hot">1<' in page


@pytest.fixture
def stuck(runtime, people):
    """A raw message that could not be read."""
    with runtime.uow() as uow:
        raw_message = intake.accept(uow, 1, RawMessage("bad", b"<script>alert(1)</script>\xff", uow.clock()))
        with uow.writing() as session:
            row = session.get(Stored, raw_message)
            row.state, row.reason = "quarantined", "Nobody can read <this>."
    return raw_message


@pytest.mark.clock
def test_quarantine_says_why_and_hands_out_the_bytes(admin, stuck):
    page = admin.get("/settings/quarantine").text
    assert "Nobody can read &lt;this&gt;." in page and "support" in page
    raw = admin.send(f"/settings/quarantine/{stuck}/raw")
    assert raw.data == b"<script>alert(1)</script>\xff"
    assert raw.headers["Content-Disposition"].startswith("attachment") and raw.mimetype == "application/octet-stream"
    assert "sandbox" in raw.headers["Content-Security-Policy"] and raw.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.clock
def test_quarantine_tries_again_and_discards(admin, stuck, runtime, row):
    admin.send(f"/settings/quarantine/{stuck}/retry")
    assert row(Stored, stuck).state == "new"
    with runtime.uow() as uow:
        while raw_worker.work(uow):
            pass
        with uow.writing() as session:
            session.get(Stored, stuck).state = "quarantined"
    admin.send(f"/settings/quarantine/{stuck}/discard")
    assert row(Stored, stuck).state == "discarded"
    assert admin.send(f"/settings/quarantine/{stuck}/retry").status_code == 404


@pytest.mark.clock
def test_quarantine_says_who_and_what_and_a_discarded_one_comes_back(admin, stuck, runtime, row):
    with runtime.uow() as uow, uow.writing() as session:
        raw_message = session.get(Stored, stuck)
        raw_message.raw, raw_message.blob = (
            "From: =?utf-8?b?2YXbjNmG2Kc=?= <mina@customer.example>\nSubject: My <b>order</b>\n\n\xff".encode(),
            "",
        )
    page = admin.get("/settings/quarantine").text
    assert "مینا" in page and "mina@customer.example" in page and "My &lt;b&gt;order&lt;/b&gt;" in page
    gone = admin.send(f"/settings/quarantine/{stuck}/discard")
    assert f"/settings/quarantine/{stuck}/restore" in admin.get(gone.location).text, (
        "the way back is on the page that follows"
    )
    assert "mina@customer.example" in admin.get("/settings/quarantine?discarded=1").text
    back = admin.send(f"/settings/quarantine/{stuck}/restore")
    assert back.status_code == 302, back.text
    assert row(Stored, stuck).state == "quarantined"
    assert admin.send(f"/settings/quarantine/{stuck}/restore").status_code == 404


def test_the_sent_box(admin, arrives, runtime, row):
    ticket = arrives()
    with runtime.uow() as uow:
        replies.reply(uow, ticket, "It comes tomorrow.")
        outbox.work(uow)
    delivery = row(Delivery, 1)
    assert delivery.state in ("failed", "queued")
    with runtime.uow() as uow, uow.writing() as session:
        session.get(Delivery, 1).state = "failed"
    page = admin.get("/settings/sent?state=failed").text
    assert "mina@customer.example" in page and "Did not arrive" in page and "Send again" in page
    assert "mina@customer.example" not in admin.get("/settings/sent?state=sent").text
    admin.send("/settings/sent/1/retry")
    assert row(Delivery, 1).state == "queued"


def test_nothing_is_said_twice_of_a_page_in_persian(admin, people):
    admin.send("/me/preferences", language="fa")
    for path in PAGES:
        page = admin.get(path, headers=HTML)
        assert page.status_code == 200 and 'dir="rtl"' in page.text

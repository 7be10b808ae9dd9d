"""Alive, ready and why not, figures, and logs that hold no secret and no customer's word."""

import io
import json
import logging
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from helpdesk import condition, logs, migrate
from helpdesk.app import build_house, create_app
from helpdesk.config import Config
from helpdesk.core import accounts, outbox, teams, users
from helpdesk.core.base import utcnow
from helpdesk.core.models import Account, Customer, Delivery, Message, Parcel, Setting, Ticket
from helpdesk.plugins import Plugin


SECRET = "the-words-of-a-customer"


@pytest.fixture
def house(tmp_path):
    house = build_house(Config(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'hamdel.db'}", secret_key="k" * 40, plugins=("email",)))
    migrate.upgrade(house)
    with house.desk() as desk:
        queue = teams.add_queue(desk, "Front", [])
        accounts.create(desk, "email", "support", {"address": "support@desk.example"}, queue.id)
        condition.beat(desk)
    yield house
    house.parser.close()
    house.engine.dispose()


@pytest.fixture
def tokens(house):
    with house.desk() as desk:
        roles = {role: users.add(desk, f"{role}@desk.example", role, role) for role in ("admin", "agent")}
        return {role: users.add_token(desk, user.id) for role, user in roles.items()}


@pytest.fixture
def ask(house, tokens):
    """ask(path, role) is the answer to who has that role's token; every examination is a fresh one."""
    app = create_app(house=house)
    client = app.test_client()

    def get(path, role=None, **headers):
        app.extensions.pop("condition", None)
        return client.get(path, headers={"Authorization": f"Bearer {tokens[role]}"} | headers if role else headers)

    return get


def write(house, *rows):
    with house.desk() as desk, desk.writing() as session:
        for row in rows:
            session.add(row)
            session.flush()


def delivery(due_at):
    """Rows of a reply that should leave at that time."""
    return (
        Customer(id=1, name="Mina"),
        Ticket(id=1, subject="x", queue_id=1, customer_id=1, account_id=1, channel="email"),
        Message(id=1, ticket_id=1, kind="out", text=SECRET),
        Delivery(message_id=1, account_id=1, external_id="1@desk.example", due_at=due_at),
    )


def old_parcel(**values):
    return Parcel(account_id=1, external_id="1", raw=SECRET.encode(), at=utcnow() - timedelta(minutes=20), **values)


def ill_account(desk, health):
    desk.session.get(Account, 1).health = health


BREAKS = {
    "worker": lambda desk: desk.session.execute(text("DELETE FROM setting WHERE name = 'worker'")),
    "parcels": lambda desk: desk.session.add(old_parcel()),
    "deliveries": lambda desk: [(desk.session.add(row), desk.session.flush()) for row in delivery(utcnow() - timedelta(minutes=20))],
    "accounts": lambda desk: ill_account(desk, {"error": "The password is wrong.", "error_at": utcnow().isoformat()}),
    "migrations": lambda desk: desk.session.execute(text("UPDATE alembic_version SET version_num = '0001'")),
}
CAUSES = {
    "worker": "helpdesk worker",
    "parcels": "20 minutes",
    "deliveries": "20 minutes ago",
    "accounts": "support: The password is wrong.",
    "migrations": "helpdesk init",
}


def test_a_desk_that_is_well(ask):
    assert ask("/healthz").json == {"status": "alive"}
    answer = ask("/readyz", "admin")
    assert answer.status_code == 200, answer.json
    assert all(part == {"ok": True, "causes": []} for part in answer.json["parts"].values())
    assert set(answer.json["parts"]) == {"files", "plugins", "database", "migrations", *condition.LOOKS}


@pytest.mark.parametrize("part", BREAKS)
def test_what_is_broken_is_named_to_admins_only(house, ask, part):
    """TRUST D19: alive stays, ready does not, and the cause has a name."""
    with house.desk() as desk, desk.writing():
        BREAKS[part](desk)
    answer = ask("/readyz", "admin")
    assert answer.status_code == 503
    ill = {name: told["causes"] for name, told in answer.json["parts"].items() if not told["ok"]}
    assert list(ill) == [part] and CAUSES[part] in ill[part][0]
    assert ask("/healthz").status_code == 200
    for who in (None, "agent"):
        assert ask("/readyz", who).json == {"status": "not ready"}
    assert SECRET not in answer.text


def test_a_database_that_is_away(house, ask, monkeypatch, tmp_path):
    assert ask("/readyz", "admin").status_code == 200
    house.engine.dispose()
    for file in tmp_path.glob("hamdel.db*"):
        file.unlink()
    (tmp_path / "hamdel.db").mkdir()
    answer = ask("/readyz", "admin")
    assert answer.status_code == 503 and "HELPDESK_DATABASE_URL" in answer.json["parts"]["database"]["causes"][0]
    assert ask("/healthz").status_code == 200
    assert ask("/readyz").json == {"status": "not ready"}
    figures = ask("/metrics")
    assert figures.status_code == 200 and "hamdel_database_up 0.0" in figures.text  # now is when somebody looks


def test_a_data_folder_that_is_away(house, ask, tmp_path):
    gone = replace(house.config, data_dir=tmp_path / "gone")
    house.config = gone
    answer = ask("/readyz", "admin")
    assert answer.status_code == 503 and not answer.json["parts"]["files"]["ok"] and answer.json["parts"]["database"]["ok"]


@pytest.mark.clock
def test_a_fetcher_that_has_gone_silent(house, ask):
    assert house.channels["email"].has("poll")
    with house.desk() as desk, desk.writing():
        ill_account(desk, {"ok_at": (utcnow() - timedelta(minutes=10)).isoformat()})
    assert "support has not asked for news" in ask("/readyz", "admin").json["parts"]["accounts"]["causes"][0]


def test_a_plugin_that_was_stopped_and_a_restored_desk(house, ask):
    house.hooks.plugins["fax"] = Plugin("fax", state="stopped", reason="It was too slow.")
    write(house, Setting(name=outbox.PAUSED, value={}))
    parts = ask("/readyz", "admin").json["parts"]
    assert parts["plugins"]["causes"] == ["The plugin fax is not running: It was too slow."]
    assert "helpdesk resume" in parts["deliveries"]["causes"][0]


# Figures ----------------------------------------------------------------------------------------------------------


@pytest.mark.clock
def test_figures(house, ask):
    write(house, *delivery(utcnow()), old_parcel(state="quarantined"))
    page = ask("/metrics").text
    assert "hamdel_database_up 1.0" in page
    assert 'hamdel_parcels{state="quarantined"} 1.0' in page
    assert 'hamdel_deliveries{state="queued"} 1.0' in page
    assert 'hamdel_request_seconds_count{feature="health",method="GET",status="2xx"}' in ask("/metrics").text
    assert SECRET not in page


def test_figures_are_not_for_strangers(ask):
    assert ask("/metrics", **{"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert ask("/metrics", "agent", **{"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert ask("/metrics", "admin", **{"X-Forwarded-For": "203.0.113.9"}).status_code == 200


# Logs -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def logged():
    """What is written while the desk logs as it does in production."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    logs.begin(stream)
    yield stream
    root.handlers[:], root.level = before


def test_a_line_is_json_and_keeps_the_words_of_an_exception_to_itself(logged):
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("hamdel.test").exception("it failed")
    line = json.loads(logged.getvalue())
    assert (line["level"], line["name"], line["text"], line["error"]) == ("error", "hamdel.test", "it failed", "ValueError")
    assert line["trace"][-1].endswith("test_a_line_is_json_and_keeps_the_words_of_an_exception_to_itself")
    assert SECRET not in logged.getvalue()


def test_a_failing_page_writes_no_secret(house, ask, logged, monkeypatch):
    shutil.rmtree(house.data_dir / "blobs", ignore_errors=True)
    house.engine.dispose()
    (house.data_dir / "hamdel.db").write_bytes(b"not a database " * 100)
    ask("/readyz", "admin")
    for line in logged.getvalue().splitlines():
        assert "k" * 40 not in line and "hd_" not in line
        json.loads(line)

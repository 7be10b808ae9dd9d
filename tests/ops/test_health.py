"""Alive, ready and why not, figures, and logs that hold no secret and no customer's word."""

import io
import json
import logging
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from helpdesk.app import build_runtime, create_app
from helpdesk.config import Config
from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.database.base import utcnow
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.outbox import outbox
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.core.people.models import Customer
from helpdesk.core.settings.models import Setting
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.hooks.loader import Plugin
from helpdesk.ops import ages
from helpdesk.ops.health import LOOKS
from helpdesk.runtime import logs
from helpdesk.testing import databases

SECRET = "the-words-of-a-customer"


@pytest.fixture
def runtime(tmp_path):
    runtime = build_runtime(
        Config(
            data_dir=tmp_path,
            database_url=f"sqlite:///{tmp_path / 'hamdel.db'}",
            secret_key="k" * 40,
            plugins=("email",),
        )
    )
    databases.upgrade(runtime)
    with runtime.uow() as uow:
        queue = teams.add_queue(uow, "Front", [])
        accounts.create(uow, "email", "support", {"address": "support@desk.example"}, queue.id)
        ages.beat(uow)
    yield runtime
    runtime.parser.close()
    runtime.engine.dispose()


@pytest.fixture
def tokens(runtime):
    with runtime.uow() as uow:
        roles = {role: users.add(uow, f"{role}@desk.example", role, role) for role in ("admin", "agent")}
        return {role: api_tokens.add_token(uow, user.id) for role, user in roles.items()}


@pytest.fixture
def ask(runtime, tokens):
    """ask(path, role) is the answer to who has that role's token; every examination is a fresh one."""
    app = create_app(runtime=runtime)
    client = app.test_client()

    def get(path, role=None, **headers):
        app.extensions.pop("condition", None)
        return client.get(path, headers={"Authorization": f"Bearer {tokens[role]}"} | headers if role else headers)

    return get


def write(runtime, *rows):
    with runtime.uow() as uow, uow.writing() as session:
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


def old_raw_message(**values):
    return RawMessage(account_id=1, external_id="1", raw=SECRET.encode(), at=utcnow() - timedelta(minutes=20), **values)


def ill_account(uow, health):
    uow.session.get(Account, 1).health = health


BREAKS = {
    "worker": lambda uow: uow.session.execute(text("DELETE FROM setting WHERE name = 'worker'")),
    "raw_messages": lambda uow: uow.session.add(old_raw_message()),
    "deliveries": lambda uow: [
        (uow.session.add(row), uow.session.flush()) for row in delivery(utcnow() - timedelta(minutes=20))
    ],
    "accounts": lambda uow: ill_account(uow, {"error": "The password is wrong.", "error_at": utcnow().isoformat()}),
    "migrations": lambda uow: uow.session.execute(text("UPDATE alembic_version SET version_num = '0001'")),
}
CAUSES = {
    "worker": "helpdesk worker",
    "raw_messages": "20 minutes",
    "deliveries": "20 minutes ago",
    "accounts": "support: The password is wrong.",
    "migrations": "helpdesk init",
}


def test_a_desk_that_is_well(ask):
    assert ask("/healthz").json == {"status": "alive"}
    answer = ask("/readyz", "admin")
    assert answer.status_code == 200, answer.json
    assert all(part == {"ok": True, "causes": []} for part in answer.json["parts"].values())
    assert set(answer.json["parts"]) == {"files", "plugins", "database", "migrations", *LOOKS, "email.listener"}


@pytest.mark.parametrize("part", BREAKS)
def test_what_is_broken_is_named_to_admins_only(runtime, ask, part):
    """TRUST D19: alive stays, ready does not, and the cause has a name."""
    with runtime.uow() as uow, uow.writing():
        BREAKS[part](uow)
    answer = ask("/readyz", "admin")
    assert answer.status_code == 503
    ill = {name: reported["causes"] for name, reported in answer.json["parts"].items() if not reported["ok"]}
    assert list(ill) == [part] and CAUSES[part] in ill[part][0]
    assert ask("/healthz").status_code == 200
    for who in (None, "agent"):
        assert ask("/readyz", who).json == {"status": "not ready"}
    assert SECRET not in answer.text


def test_a_database_that_is_away(runtime, ask, monkeypatch, tmp_path):
    assert ask("/readyz", "admin").status_code == 200
    runtime.engine.dispose()
    for file in tmp_path.glob("hamdel.db*"):
        file.unlink()
    (tmp_path / "hamdel.db").mkdir()
    answer = ask("/readyz", "admin")
    assert answer.status_code == 503 and "HELPDESK_DATABASE_URL" in answer.json["parts"]["database"]["causes"][0]
    assert ask("/healthz").status_code == 200
    assert ask("/readyz").json == {"status": "not ready"}
    figures = ask("/metrics")
    assert figures.status_code == 200 and "hamdel_database_up 0.0" in figures.text  # now is when somebody looks


def test_a_data_folder_that_is_away(runtime, ask, tmp_path):
    gone = replace(runtime.config, data_dir=tmp_path / "gone")
    runtime.config = gone
    answer = ask("/readyz", "admin")
    assert (
        answer.status_code == 503 and not answer.json["parts"]["files"]["ok"] and answer.json["parts"]["database"]["ok"]
    )


@pytest.mark.clock
def test_a_fetcher_that_has_gone_silent(runtime, ask):
    assert runtime.channels["email"].has("poll")
    with runtime.uow() as uow, uow.writing():
        ill_account(uow, {"ok_at": (utcnow() - timedelta(minutes=10)).isoformat()})
    assert "support has not asked for news" in ask("/readyz", "admin").json["parts"]["accounts"]["causes"][0]


def test_a_plugin_that_was_stopped_and_a_restored_desk(runtime, ask):
    runtime.hooks.plugins["fax"] = Plugin("fax", state="stopped", reason="It was too slow.")
    write(runtime, Setting(name=outbox.PAUSED, value={}))
    parts = ask("/readyz", "admin").json["parts"]
    assert parts["plugins"]["causes"] == ["The plugin fax is not running: It was too slow."]
    assert "helpdesk resume" in parts["deliveries"]["causes"][0]


# Figures ----------------------------------------------------------------------------------------------------------


@pytest.mark.clock
def test_figures(runtime, ask):
    write(runtime, *delivery(utcnow()), old_raw_message(state="quarantined"))
    page = ask("/metrics").text
    assert "hamdel_database_up 1.0" in page
    assert 'hamdel_raw_messages{state="quarantined"} 1.0' in page
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
    assert (line["level"], line["name"], line["text"], line["error"]) == (
        "error",
        "hamdel.test",
        "it failed",
        "ValueError",
    )
    assert line["trace"][-1].endswith("test_a_line_is_json_and_keeps_the_words_of_an_exception_to_itself")
    assert SECRET not in logged.getvalue()


def test_a_failing_page_writes_no_secret(runtime, ask, logged, monkeypatch):
    shutil.rmtree(runtime.data_dir / "blobs", ignore_errors=True)
    runtime.engine.dispose()
    (runtime.data_dir / "hamdel.db").write_bytes(b"not a database " * 100)
    ask("/readyz", "admin")
    for line in logged.getvalue().splitlines():
        assert "k" * 40 not in line and "hd_" not in line
        json.loads(line)


def test_metrics_count_what_happened_by_kind_since_the_last_look(runtime, ask):
    def counted():
        lines = ask("/metrics", "admin").text.splitlines()
        return sum(
            float(line.split()[-1]) for line in lines if line.startswith('hamdel_events_total{kind="user.added"}')
        )

    before = counted()
    with runtime.uow() as uow:
        users.add(uow, "new@desk.example", "New", "agent")
        users.add(uow, "newer@desk.example", "Newer", "agent")
    assert counted() == before + 2 == counted()

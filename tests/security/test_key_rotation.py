"""The secret key is exchanged (FAULTS S18): secrets sealed anew, old signatures accepted for a time, and nothing lost when it is killed midway."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from helpdesk import key_ring
from helpdesk.api.web import open_link, signed_link
from helpdesk.app import build_runtime, create_app
from helpdesk.config import from_environment
from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.database.base import utcnow
from helpdesk.core.errors import Invalid, NotFound
from helpdesk.core.people import teams, users
from helpdesk.core.tickets import tokens
from helpdesk.key_ring import KeyRing, OldKey
from helpdesk.runtime import folder_lock
from helpdesk.security import passwords
from helpdesk.security.secret_box import SecretBox
from helpdesk.testing.databases import make_tables

from .conftest import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = 3


@pytest.fixture
def environment(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
    return kept | {"HELPDESK_DATA_DIR": str(tmp_path), "HELPDESK_PLUGINS": "email", "HELPDESK_LANGUAGE": "en"}


@pytest.fixture
def desk(environment):
    """desk() is the runtime of a desk on this folder, as it would start now: accounts with a secret each, an agent."""
    built = []

    def start():
        built.append(build_runtime(from_environment(environment)))
        return built[-1]

    first = start()
    make_tables(first.engine)
    with first.uow() as uow:
        users.add(uow, "agent@desk.example", "An agent", "agent", passwords.hash_password(PASSWORD))
        queue = teams.add_queue(uow, "Front", [teams.add_team(uow, "Front", [1]).id])
        for number in range(ACCOUNTS):
            settings = {"address": f"a{number}@desk.example", "smtp_password": f"secret {number}"}
            accounts.create(uow, "email", f"account {number}", settings, queue.id)
    yield start
    for runtime in built:
        runtime.engine.dispose()


@pytest.fixture
def key(environment):
    """key("rotate", ...) runs the command; its process."""

    def run(*words, **more):
        command = [sys.executable, "-m", "helpdesk", "key", *words]
        return subprocess.run(
            command, cwd=ROOT, env=environment | more, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def opened(runtime) -> list[str]:
    with runtime.uow() as uow:
        rows = uow.session.query(Account).order_by(Account.id).all()
        return [runtime.secret_box.open(row.settings["smtp_password"]) for row in rows]


ALL = [f"secret {number}" for number in range(ACCOUNTS)]


def test_s18_a_rotation_keeps_secrets_and_old_signatures(desk, key, environment):
    before = desk()
    with before.uow() as uow:
        token, link = tokens.sign(uow.secret, 7, 9), signed_link(uow, "/p/x/y", "visit", timedelta(days=1), a=1)
    client = create_app(before.config, before).test_client()
    csrf = client.get("/sign-in").text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    form = {"email": "agent@desk.example", "password": PASSWORD, "csrf_token": csrf}
    assert client.post("/sign-in", data=form).status_code == 302
    said = key("rotate", "--accept-old", "30")
    assert (said.returncode, said.stderr) == (0, "") and str(ACCOUNTS) in said.stdout
    after = desk()
    assert after.config.secret_key != before.config.secret_key and opened(after) == ALL
    again = create_app(after.config, after).test_client()
    again.set_cookie("session", client.get_cookie("session").value)
    assert again.get("/me").status_code == 200
    with after.uow() as uow:
        assert tokens.verify(uow.secrets, token) == (7, 9)
        assert open_link(uow, link.rsplit("/", 1)[1], "visit") == {"a": 1}
        assert tokens.sign(uow.secret, 7, 9) != token
    assert key("forget").returncode == 0
    last = desk()
    assert last.config.older_keys == () and opened(last) == ALL
    again = create_app(last.config, last).test_client()
    again.set_cookie("session", client.get_cookie("session").value)
    assert again.get("/me").status_code == 401
    with last.uow() as uow:
        assert tokens.verify(uow.secrets, token) is None
        with pytest.raises(NotFound):
            open_link(uow, link.rsplit("/", 1)[1], "visit")
    assert Path(environment["HELPDESK_DATA_DIR"], "secret.key").stat().st_mode & 0o077 == 0


@pytest.mark.clock
def test_s18_an_old_signature_ends_and_an_old_seal_does_not(desk, environment):
    runtime = desk()
    token, path = tokens.sign(runtime.secret, 7, 9), runtime.data_dir / "secret.key"
    old = OldKey(runtime.config.secret_key, utcnow() - timedelta(seconds=1))
    key_ring.replace(path, KeyRing(key_ring.new_key(), (old,)))
    later = desk()
    with later.uow() as uow:
        assert tokens.verify(uow.secrets, token) is None
    assert opened(later) == ALL


@pytest.mark.parametrize("step", ["key.replaced", "key.sealed:1", "key.sealed:2", "key.sealed:3"])
def test_s18_a_rotation_that_is_killed_loses_nothing(desk, key, step):
    assert key("rotate", HELPDESK_FAIL_POINT=step).returncode == -signal.SIGKILL
    assert opened(desk()) == ALL
    assert key("forget").returncode == 0
    last = desk()
    assert last.config.older_keys == () and opened(last) == ALL
    alone = SecretBox(last.config.secret_key)
    with last.uow() as uow:
        assert alone.open(uow.session.get(Account, 1).settings["smtp_password"]) == "secret 0"


def test_s18_a_killed_rotation_may_be_repeated(desk, key):
    assert key("rotate", HELPDESK_FAIL_POINT="key.sealed:2").returncode == -signal.SIGKILL
    assert key("rotate").returncode == 0
    assert opened(desk()) == ALL


def test_s18_what_no_key_opens_is_counted_and_left(desk, key):
    runtime = desk()
    with runtime.uow() as uow, uow.writing():
        row = accounts.get(uow, 1)
        row.settings = row.settings | {"smtp_password": SecretBox("a key of another desk").seal("x")}
    said = key("rotate")
    assert said.returncode == 0 and said.stderr.startswith("1 secrets")


def test_s18_a_running_desk_keeps_its_key(desk, key, environment):
    runtime = desk()
    folder_lock.use_key(runtime.data_dir)
    try:
        said = key("rotate")
        assert said.returncode == 1 and "stop it first" in said.stderr
    finally:
        os.close(folder_lock._held.pop())
    assert desk().config.secret_key == runtime.config.secret_key


def test_s18_a_key_from_the_environment_is_exchanged_there(desk, key, environment):
    first = desk()
    with first.uow() as uow:
        token = tokens.sign(uow.secret, 7, 9)
    given = {"HELPDESK_SECRET_KEY": first.config.secret_key}
    said = key("rotate", **given)
    assert said.returncode == 1, "the same key stands in the folder, too: exchanged there alone it would be lost"
    assert "HELPDESK_SECRET_KEY" in said.stderr and "HELPDESK_OLD_SECRET_KEYS" in said.stderr
    changed = {"HELPDESK_SECRET_KEY": "a new key", "HELPDESK_OLD_SECRET_KEYS": first.config.secret_key}
    environment.update(changed)
    between = desk()
    assert opened(between) == ALL, "the desk may be started before, too"
    said = key("rotate")
    assert (said.returncode, said.stderr) == (0, "") and str(ACCOUNTS) in said.stdout
    assert "HELPDESK_OLD_SECRET_KEYS" in said.stdout
    with desk().uow() as uow:
        assert tokens.verify(uow.secrets, token) == (7, 9)
    said = key("forget")
    assert said.returncode == 0 and "take HELPDESK_OLD_SECRET_KEYS out" in said.stdout
    del environment["HELPDESK_OLD_SECRET_KEYS"]
    last = desk()
    assert opened(last) == ALL
    with last.uow() as uow:
        assert tokens.verify(uow.secrets, token) is None


@pytest.mark.clock
def test_s18_an_older_key_in_the_environment_may_have_a_last_day(environment):
    day = (utcnow() + timedelta(days=3)).date()
    environment["HELPDESK_SECRET_KEY"] = "new"
    for value, keys in {
        f"{day} old": {"old": 4},
        f"2020-01-31 gone, {day} old,other": {"gone": None, "old": 4, "other": None},
    }.items():
        environment["HELPDESK_OLD_SECRET_KEYS"] = value
        config = from_environment(environment)
        assert [old.key for old in config.older_keys] == list(keys)
        ends = {old.key: old.until for old in config.older_keys}
        assert ends["old"].date() == day + timedelta(days=1)
        assert (
            ends.get("other", utcnow() + timedelta(days=9))
            > utcnow()
            > ends.get("gone", config.older_keys[0].until - timedelta(days=99))
        )
    environment["HELPDESK_OLD_SECRET_KEYS"] = "soon old"
    with pytest.raises(Invalid) as refused:
        from_environment(environment)
    assert "HELPDESK_OLD_SECRET_KEYS" in str(refused.value) and "soon" not in str(refused.value)


def test_s18_secrets_of_a_plugin_that_is_off_or_gone_are_sealed_anew(desk, key):
    runtime = desk()
    with runtime.engine.begin() as connection:
        connection.execute(text("CREATE TABLE gone_endpoint (id INTEGER PRIMARY KEY, name TEXT, secret TEXT)"))
        rows = [{"name": "one", "secret": runtime.secret_box.seal("whsec_1")}, {"name": "sealed", "secret": ""}]
        connection.execute(text("INSERT INTO gone_endpoint (name, secret) VALUES (:name, :secret)"), rows)
    told = key("rotate")
    assert told.returncode == 0 and f"{ACCOUNTS + 1} secrets" in told.stdout
    with desk().engine.connect() as connection:
        kept = dict(connection.execute(text("SELECT name, secret FROM gone_endpoint")).all())
    assert kept["sealed"] == "" and kept["one"] != rows[0]["secret"]
    assert SecretBox(desk().config.secret_key).open(kept["one"]) == "whsec_1", "by the new key alone"

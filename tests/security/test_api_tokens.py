"""API tokens (FAULTS S13): no more than their owner and their scopes, an end, a last use; shown, revocable, and gone
with the account.
"""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import event, update

from helpdesk.cli.main import Commands, cli
from helpdesk.core.database.base import utcnow
from helpdesk.core.errors import Forbidden, Invalid
from helpdesk.core.people import api_tokens, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import Token, User
from helpdesk.security import passwords

from .conftest import PASSWORD

AGENT, ADMIN = 1, 2


@pytest.fixture(autouse=True)
def admin(runtime):
    with runtime.uow() as uow:
        users.add(uow, "admin@desk.example", "An admin", "admin", passwords.hash_password(PASSWORD))


@pytest.fixture
def made(runtime):
    """made(user_id, ...) is a new token."""

    def make(user_id=AGENT, **how):
        with runtime.uow() as uow:
            return api_tokens.add_token(uow, user_id, "a script", **how)

    return make


@pytest.fixture
def ask(app):
    """ask(token, path) is the answer of the API."""

    def ask(token, path="/me", method="GET", **given):
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **given)

    return ask


@pytest.fixture
def signed_in(app):
    """signed_in("admin") is a client with a session; ``send`` posts a form with its CSRF token."""

    def make(name):
        client = app.test_client()

        def send(path, **form):
            page = client.get("/me", follow_redirects=True).text
            csrf = page.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
            return client.post(path, data={"csrf_token": csrf, **form})

        client.send = send
        assert send("/sign-in", email=f"{name}@desk.example", password=PASSWORD).status_code == 302
        return client

    return make


def operations(app):
    """("GET", "/tickets/1") of each operation of the API."""
    for path, item in app.extensions["rest"]()["paths"].items():
        for method in item.keys() & {"get", "post", "put", "patch", "delete"}:
            parts = ["1" if part.startswith("{") else part for part in path.removeprefix("/api/v1").split("/")]
            yield method.upper(), "/".join(parts)


def test_s13_every_operation_asks_for_a_scope(app, ask, made):
    token = made(ADMIN, scopes=["reports.read"])
    let_in = {
        (method, path)
        for method, path in operations(app)
        if ask(token, path, method).status_code not in (403, 404, 422, 400)
    }
    assert let_in == {("GET", "/me")}


def test_s13_a_scope_opens_its_part_alone(ask, made):
    token = made(scopes=["tickets.read"])
    assert ask(token, "/tickets/1").status_code == 200
    assert ask(token, "/customers/1").status_code in (403, 404)
    assert ask(token, "/tickets/1/notes", "POST", json={"text": "hello"}).status_code == 403
    assert ask(token).json["permissions"] == ["tickets.read"]


def test_s13_a_token_does_no_more_than_its_owner(runtime, ask, made):
    token = made(scopes=["settings", "all queues", "tickets.read"])
    assert ask(token).json["permissions"] == ["tickets.read"] and ask(token, "/accounts").status_code == 403
    full = made(ADMIN)
    assert ask(full, "/accounts").status_code == 200
    with runtime.uow() as uow:
        uow.session.execute(update(User).where(User.id == ADMIN).values(role="agent"))
        uow.session.commit()
    assert ask(full, "/accounts").status_code == 403


def test_s13_an_admins_token_without_the_scope_sees_no_other_queues(ask, made):
    assert ask(made(ADMIN, scopes=["tickets.read"]), "/tickets/1").status_code == 404
    assert ask(made(ADMIN, scopes=["tickets.read", "all queues"]), "/tickets/1").status_code == 200


def test_s13_a_token_with_scopes_makes_no_token(runtime):
    with runtime.uow() as uow:
        for scopes in (["tickets.read"], ["settings"]):
            uow.actor = actor_for(uow.session, users.get(uow, ADMIN), runtime.permissions, scopes)
            for act in (
                lambda: api_tokens.add_token(uow, ADMIN),
                lambda: users.set_password(uow, ADMIN, "x"),
                lambda: api_tokens.tokens_of(uow, AGENT),
            ):
                with pytest.raises(Forbidden):
                    act()


@pytest.mark.clock
def test_s13_an_expired_token_opens_nothing(runtime, ask, made):
    token = made(expires_at=utcnow() + timedelta(hours=1))
    assert ask(token).status_code == 200
    with runtime.uow() as uow, uow.writing() as session:
        session.execute(update(Token).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert ask(token).status_code == 401


@pytest.mark.clock
@pytest.mark.parametrize("how", [{"scopes": []}, {"scopes": ["tickets.raed"]}, {"expires_at": utcnow()}])
def test_s13_what_cannot_be_meant_is_refused(runtime, made, how):
    with pytest.raises(Invalid):
        made(**how)
    with runtime.uow() as uow:
        assert api_tokens.tokens_of(uow, AGENT) == []


def test_s13_nobody_has_tokens_without_end(made):
    for _number in range(api_tokens.MOST):
        made()
    with pytest.raises(Invalid):
        made()
    made(ADMIN)


@pytest.mark.clock
def test_s13_the_last_use_is_written_once_a_minute(runtime, ask, made):
    token, written = made(), []

    def note(_connection, _cursor, statement, *_rest):
        if statement.startswith("UPDATE token"):
            written.append(statement)

    event.listen(runtime.engine, "before_cursor_execute", note)
    for _number in range(3):
        assert ask(token).status_code == 200
    assert len(written) == 1
    with runtime.uow() as uow, uow.writing() as session:
        session.execute(update(Token).values(used_at=utcnow() - timedelta(seconds=61)))
    written.clear()
    assert ask(token).status_code == 200 and len(written) == 1
    with runtime.uow() as uow:
        assert utcnow() - api_tokens.tokens_of(uow, AGENT)[0].used_at < timedelta(minutes=5)


def test_s13_a_database_that_takes_no_writes_still_answers(runtime, ask, made):
    token = made()
    runtime.engine.dispose()
    event.listen(runtime.engine, "connect", lambda connection, _record: connection.execute("PRAGMA query_only=1"))
    assert ask(token).status_code == 200


def test_s13_deactivation_ends_tokens_for_good(runtime, ask, made):
    token = made()
    with runtime.uow() as uow:
        users.change(uow, AGENT, active=False)
    assert ask(token).status_code == 401
    with runtime.uow() as uow:
        users.change(uow, AGENT, active=True)
        assert api_tokens.tokens_of(uow, AGENT) == []
    assert ask(token).status_code == 401


@pytest.mark.parametrize("chosen", [{}, {"tokens": "1"}])
@pytest.mark.parametrize("name", ["agent", "admin"])
def test_s13_tokens_end_with_the_password_by_choice(signed_in, ask, made, chosen, name):
    token = made()
    client, new = signed_in(name), "quite another sentence"
    if name == "agent":
        assert client.send("/me/password", present=PASSWORD, password=new, **chosen).status_code == 302
    else:
        assert client.send(f"/settings/people/{AGENT}/password", password=new, **chosen).status_code == 200
    assert ask(token).status_code == (401 if chosen else 200)


@pytest.mark.clock
@pytest.mark.parametrize(
    ("name", "page", "drop"),
    [("agent", "/me", "/me/tokens/1/drop"), ("admin", f"/settings/people/{AGENT}", "/settings/people/tokens/1/drop")],
)
def test_s13_owner_and_admin_see_and_revoke_it(signed_in, ask, made, name, page, drop):
    token = made(scopes=["tickets.read"], expires_at=utcnow() + timedelta(days=30))
    client = signed_in(name)
    shown = client.get(page).text
    assert "a script" in shown and "Read tickets" in shown and token not in shown
    assert client.send(drop).status_code == 302
    assert ask(token).status_code == 401 and "a script" not in client.get(page).text


@pytest.mark.clock
def test_s13_the_form_asks_what_it_may_and_how_long(runtime, signed_in):
    client = signed_in("agent")
    assert client.send("/me/tokens", name="script", days="30").status_code == 422
    assert client.send("/me/tokens", name="script", scope="tickets.read", days="31").status_code == 422
    assert client.send("/me/tokens", name="script", scope="tickets.read", days="30").status_code == 201
    with runtime.uow() as uow:
        (row,) = api_tokens.tokens_of(uow, AGENT)
    assert row.scopes == ["tickets.read"] and timedelta(days=29) < row.expires_at - utcnow() <= timedelta(days=30)


def test_s13_the_command_prints_a_token_and_nothing_else(runtime, ask):
    commands = Commands()
    commands.runtime = runtime

    def run(*words):
        return CliRunner().invoke(cli, ["token", "add", "--user", "agent@desk.example", *words], obj=commands)

    for words in ((), ("--scope", "tickets.read", "--scope", "tickets.write", "--expires", "2999-01-01")):
        said = run(*words)
        assert said.exit_code == 0 and said.output.startswith("hd_") and len(said.output.split()) == 1
        assert ask(said.output.strip()).status_code == 200
    assert run("--scope", "everything").exit_code == 1 and run("--expires", "2001-01-01").exit_code == 1

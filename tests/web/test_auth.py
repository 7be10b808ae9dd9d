"""Signing in and out, and one's own account."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete

from helpdesk.core.people import api_tokens, users
from helpdesk.core.people.models import SignInTry, User
from helpdesk.security import passwords

from .conftest import PASSWORD, csrf_of, sign_in

HTML = {"Accept": "text/html"}


def is_in(client) -> bool:
    return client.get("/me", headers=HTML).status_code == 200


def stored(runtime, person) -> User:
    with runtime.uow() as uow:
        return uow.session.get(User, person.id)


def test_the_right_password_begins_a_session(client, people):
    answer = sign_in(client, people["agent"], next="/views/all")
    assert answer.status_code == 302 and answer.headers["Location"] == "/views/all"
    assert is_in(client)


def test_case_and_spaces_of_the_address_do_not_matter(client, people):
    people["agent"].email = "  Agent@Desk.Example "
    assert sign_in(client, people["agent"]).status_code == 302


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_nobody_is_sent_away_from_here(client, people, next):
    assert sign_in(client, people["agent"], next=next).headers["Location"] == "/"


def test_wrong_password_unknown_address_and_switched_off_look_alike(client, runtime, people):
    with runtime.uow() as uow:
        users.change(uow, people["trainer"].id, active=False)
    answers = [
        sign_in(client, people["agent"], "wrong"),
        sign_in(client, User(email="nobody@desk.example"), "wrong"),
        sign_in(client, people["trainer"]),
    ]
    texts = {
        a.text.split("<main", 1)[1].replace(name, "")
        for a in answers
        for name in ["agent@", "nobody@", "trainer@"]
        if name in a.text
    }
    assert [a.status_code for a in answers] == [401] * 3
    assert {t.split('name="next"')[0][:60] for t in texts} and len(
        {t[t.index('role="alert"') : t.index('role="alert"') + 300] for t in texts}
    ) == 1
    assert not is_in(client)


def test_a_hash_is_computed_for_nobody_too(monkeypatch):
    seen = []
    real = passwords._verified
    monkeypatch.setattr(passwords, "_verified", lambda stored, given: seen.append(stored) or real(stored, given))
    assert not passwords.matches("", "")
    assert seen and seen[0].startswith("$argon2id$")


def test_known_and_unknown_addresses_take_as_long(client, people):
    def seconds(person):
        with client.application.extensions["runtime"].uow() as uow, uow.writing() as session:
            session.execute(delete(SignInTry))
        started = time.perf_counter()
        sign_in(client, person, "wrong")
        return time.perf_counter() - started

    ghost = User(email="nobody@desk.example")
    pairs = [(seconds(people["agent"]), seconds(ghost)) for _ in range(15)]
    known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert 0.5 < known / unknown < 2


def test_ten_tries_and_no_more(client, people):
    for _ in range(10):
        assert sign_in(client, people["agent"], "wrong").status_code == 401
    refused = sign_in(client, people["agent"])
    assert refused.status_code == 429 and refused.headers["Retry-After"]


def test_good_sign_ins_are_not_counted(app, people):
    for _ in range(12):
        assert sign_in(app.test_client(), people["agent"]).status_code == 302


def test_many_at_once_count_as_many(app, people):
    clients = [app.test_client() for _ in range(40)]
    for each in clients:
        each.token = csrf_of(each)

    def guess(each):
        return each.post(
            "/sign-in", data={"email": "agent@desk.example", "password": "x", "csrf_token": each.token}
        ).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(guess, clients))
    assert 0 < codes.count(401) <= 10, "those who meet at the last try may all be refused"
    assert codes.count(401) + codes.count(429) == 40


def test_strangers_do_not_shut_the_owner_out(app, people):
    mine = app.test_client()
    sign_in(mine, people["agent"])
    mine.post("/sign-out", data={"csrf_token": csrf_of(mine)})
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    for _ in range(11):
        last = sign_in(elsewhere, people["agent"], "wrong")
    assert last.status_code == 429
    assert sign_in(mine, people["agent"]).status_code == 302


def test_one_place_cannot_try_many_people(client, people):
    for number in range(10):
        sign_in(client, User(email=f"{number}@desk.example"), "wrong")
    assert sign_in(client, people["agent"]).status_code == 429


def test_an_office_is_not_shut_out_by_one_of_its_people(app, people):
    mine, theirs = app.test_client(), app.test_client()
    sign_in(mine, people["agent"])
    mine.post("/sign-out", data={"csrf_token": csrf_of(mine)})
    for number in range(11):
        sign_in(theirs, User(email=f"{number}@desk.example"), "wrong")
    assert sign_in(mine, people["agent"]).status_code == 302
    assert sign_in(theirs, people["supervisor"]).status_code == 429


def test_a_known_device_has_its_own_limit(app, people):
    mine = app.test_client()
    sign_in(mine, people["agent"])
    codes = [sign_in(mine, people["agent"], "wrong").status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]


def test_a_forwarded_address_is_not_believed(client, people):
    codes = []
    for number in range(11):
        data = {"email": f"{number}@desk.example", "password": "x", "csrf_token": csrf_of(client)}
        codes.append(
            client.post("/sign-in", data=data, headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code
        )
    assert codes[-1] == 429


def test_the_session_is_a_new_one(client, people):
    before = csrf_of(client)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    sign_in(client, people["agent"])
    with client.session_transaction() as session:
        assert "planted" not in session
    assert client.post("/me/preferences", data={"theme": "dark", "csrf_token": before}).status_code == 403


def test_signing_out(signed_in):
    client = signed_in("agent")
    assert client.post("/sign-out", data={"csrf_token": client.csrf}).headers["Location"] == "/sign-in"
    assert not is_in(client)


def test_a_cookie_kept_after_signing_out_opens_nothing(app, signed_in):
    """Check A20: who copied it, or an answer that was still on its way and sets it anew, gains nothing by it."""
    client, another = signed_in("agent"), signed_in("agent")
    kept = client.get_cookie("session").value
    client.post("/sign-out", data={"csrf_token": client.csrf})
    thief = app.test_client()
    thief.set_cookie("session", kept)
    assert not is_in(thief)
    assert is_in(another)
    assert is_in(signed_in("agent"))


def test_sessions_die_with_the_password(signed_in, runtime, people):
    client = signed_in("agent")
    with runtime.uow() as uow:
        users.set_password(uow, people["agent"].id, passwords.hash_password("another long password"))
    assert not is_in(client)


@pytest.mark.parametrize("change", [{"role": "trainer"}, {"active": False}])
def test_sessions_die_with_the_role_and_the_person(signed_in, runtime, people, change):
    client = signed_in("agent")
    with runtime.uow() as uow:
        users.change(uow, people["agent"].id, **change)
    assert not is_in(client)


def test_changing_ones_own_password(signed_in, runtime, people):
    here, elsewhere = signed_in("agent"), signed_in("agent")
    form = {"present": PASSWORD, "password": "quite another sentence", "csrf_token": here.csrf}
    assert here.post("/me/password", data=form).status_code == 302
    assert is_in(here) and not is_in(elsewhere)
    assert passwords.matches(stored(runtime, people["agent"]).password_hash, "quite another sentence")


def test_signing_out_everywhere_else(signed_in, runtime, people):
    here, elsewhere, colleague = signed_in("agent"), signed_in("agent"), signed_in("supervisor")
    with runtime.uow() as uow:
        token = api_tokens.add_token(uow, people["agent"].id)
    assert here.post("/me/sessions/end", data={"csrf_token": here.csrf}).status_code == 302
    assert is_in(here) and not is_in(elsewhere) and is_in(colleague)
    assert here.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_an_admin_signs_somebody_out_everywhere(signed_in, people):
    admin, theirs = signed_in("admin"), signed_in("agent")
    address = f"/settings/people/{people['agent'].id}/sessions/end"
    assert theirs.post(address, data={"csrf_token": theirs.csrf}).status_code == 403 and is_in(theirs)
    assert admin.post(address, data={"csrf_token": admin.csrf}).status_code == 302
    assert not is_in(theirs) and is_in(admin)


@pytest.mark.parametrize(
    "form", [{"present": "wrong", "password": "quite another sentence"}, {"present": PASSWORD, "password": "short"}]
)
def test_a_password_is_not_changed_lightly(signed_in, runtime, people, form):
    client = signed_in("agent")
    answer = client.post("/me/password", data={**form, "csrf_token": client.csrf})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert passwords.matches(stored(runtime, people["agent"]).password_hash, PASSWORD)


def test_preferences_by_script_and_by_form(signed_in, runtime, people):
    client = signed_in("agent")
    assert (
        client.post("/me/preferences", json={"theme": "dark"}, headers={"X-CSRFToken": client.csrf}).status_code == 204
    )
    answer = client.post("/me/preferences", data={"calendar": "jalali", "csrf_token": client.csrf}, headers=HTML)
    assert answer.status_code == 302
    assert stored(runtime, people["agent"]).preferences == {"theme": "dark", "calendar": "jalali"}


@pytest.mark.parametrize(
    "given",
    [{"role": "admin"}, {"epoch": 0}, {"theme": "pink"}, {"timezone": "../etc/passwd"}, ["theme"], {"__class__": "x"}],
)
def test_preferences_are_only_what_is_offered(signed_in, runtime, people, given):
    client = signed_in("agent")
    answer = client.post(
        "/me/preferences", json=given, headers={"X-CSRFToken": client.csrf, "Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert (stored(runtime, people["agent"]).role, stored(runtime, people["agent"]).preferences) == ("agent", {})


def test_a_token_is_shown_once(signed_in, runtime, people):
    client = signed_in("agent")
    page = client.post("/me/tokens", data={"name": "script", "scope": "tickets.read", "csrf_token": client.csrf}).text
    token = page.split('value="hd_', 1)[1].split('"', 1)[0]
    with runtime.uow() as uow:
        assert api_tokens.by_token(uow.session, "hd_" + token).user.id == people["agent"].id
    assert token not in client.get("/me").text
    client.post("/me/tokens/1/drop", data={"csrf_token": client.csrf})
    with runtime.uow() as uow:
        assert api_tokens.by_token(uow.session, "hd_" + token) is None


def test_nobody_takes_another_persons_token_back(signed_in, runtime, people):
    with runtime.uow() as uow:
        api_tokens.add_token(uow, people["supervisor"].id)
    client = signed_in("agent")
    assert client.post("/me/tokens/1/drop", data={"csrf_token": client.csrf}).status_code == 404


def test_language_and_theme_before_signing_in(client, people):
    answer = client.get("/sign-in?language=fa&theme=dark&next=/views/all")
    assert answer.headers["Location"] == "/sign-in?next=/views/all"
    page = client.get("/sign-in").text
    assert 'lang="fa"' in page and 'data-theme="dark"' in page
    assert client.get("/sign-in?language=<script>").status_code == 200


def test_passwords_are_argon2id_with_full_cost():
    from argon2 import PasswordHasher, extract_parameters

    kept = passwords._hasher
    passwords._hasher = PasswordHasher()
    try:
        parameters = extract_parameters(passwords.hash_password(PASSWORD))
    finally:
        passwords._hasher = kept
    assert (parameters.type.name, parameters.time_cost >= 2, parameters.memory_cost >= 19456) == ("ID", True, True)

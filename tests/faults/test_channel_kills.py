"""The ledger over every channel: a desk with an account of each is killed, its pages and its workers, while customers
write by all of them and an agent answers (TRUST D01, D03, D05).

What was acknowledged is there once. Each answer is at the other side once or said to be uncertain; where the other
side knows repeats, it may be handed over again under the same id.
"""

from __future__ import annotations

import collections
import json
import os
import random
import smtplib
import time
import urllib.error
import urllib.request
from contextlib import suppress
from email.message import EmailMessage

import pytest

from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.accounts import accounts
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.testing.databases import upgrade
from helpdesk.testing.processes import Served, free_port
from helpdesk.testing.sizes import size

from .channels import PLUGINS, ways
from .conftest import KEY, PROVED, TOKEN, Desk
from .load import Hand, Load, assert_balanced

KILLS = size(3, 60)
PAUSE = size(0.7, 0.1)  # seconds between two things from one side
BETWEEN = size((15, 30), (1, 120))  # how much is acknowledged between two kills
PATIENCE = 90  # seconds until all is worked off
INCOMING = """SELECT a.channel, m.id, m.text, e.external_id FROM message m JOIN account a ON a.id = m.account_id
    LEFT JOIN message_external_id e ON e.message_id = m.id WHERE m.kind = 'in'"""
OUTGOING = """SELECT a.channel, m.text, d.state FROM delivery d JOIN message m ON m.id = d.message_id
    JOIN account a ON a.id = d.account_id WHERE m.automatic = '' AND m.form = 'text'"""


class EveryChannel:
    """The desk: ``keys`` of its accounts by channel, its two processes."""

    def __init__(self, folder, world):
        self.folder, self.rows_ = folder, ways(world)
        self.smtp, port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            "HELPDESK_PLUGINS": PLUGINS,
            "HELPDESK_SECRET_KEY": KEY,
            "HELPDESK_SMTP_PORT": str(self.smtp),
            "HELPDESK_PORT": str(port),
            "HELPDESK_PRIVATE_ADDRESSES": "1",
        }
        made = from_environment({**os.environ, **self.environment, "HELPDESK_DATA_DIR": str(folder)})
        self.runtime = build_runtime(made)
        upgrade(self.runtime)
        self.keys = {}
        with self.runtime.uow() as uow:
            team = teams.add_team(uow, "Front")
            queue = teams.add_queue(uow, "Front", [team.id])
            agent = users.add(uow, "agent@desk.example", "Sara", "agent").id
            teams.set_members(uow, team.id, [agent])
            self.token = api_tokens.add_token(uow, agent, "tests")
            for way in self.rows_:
                row = accounts.create(uow, way.channel, way.channel, way.settings, queue.id)
                self.keys[way.channel] = row.public_key
        self.running = {}
        for name in ("web", "worker"):
            self.begin(name)

    def begin(self, name):
        self.running[name] = Served(self.folder, name, wait=name == "web", **self.environment)

    def kill(self, name):
        """The process and what it began, at once; another begins."""
        self.running[name].kill()
        self.begin(name)

    def close(self):
        for served in self.running.values():
            served.kill()
        for way in self.rows_:
            way.close()
        self.runtime.parser.close()
        self.runtime.engine.dispose()

    # Over the wire ----------------------------------------------------------------------------------------------------

    def post(self, path, body, headers):
        request = urllib.request.Request(self.url + path, body, dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    def read(self, path, body=None):
        """A public page, or what it answers to a form; "" when it refuses."""
        try:
            with urllib.request.urlopen(self.url + path, body, timeout=10) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError:
            return ""

    def mail(self, token):
        message = EmailMessage()
        message["Authentication-Results"] = PROVED
        message["From"], message["To"] = f"{token} <{token}@customer.example>", "support@desk.example"
        message["Subject"], message["Message-ID"] = "Question", f"<{token}@customer.example>"
        message.set_content(f"This is {token}")
        try:
            with smtplib.SMTP("127.0.0.1", self.smtp, timeout=5) as server:
                return not server.send_message(message)
        except (OSError, smtplib.SMTPException):
            return False

    def answer(self, channel, token):
        """An agent's answer by the API to the newest ticket of a channel, once there is one; tried once, for an agent
        looks before trying again.
        """
        found = self.rows(
            f"SELECT max(t.id) FROM ticket t JOIN account a ON a.id = t.account_id AND a.channel = '{channel}'"
        )
        if found[0][0] is None:
            return False
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        body = json.dumps({"text": f"This is {token}"}).encode()
        return self.post(f"/api/v1/tickets/{found[0][0]}/replies", body, headers) == 201

    # What is there ----------------------------------------------------------------------------------------------------

    rows = Desk.rows

    def came(self):
        """{channel: how often each customer's token is there}: a message once, whatever ids it has."""
        found = collections.defaultdict(lambda: collections.defaultdict(set))
        named = {way.channel: way.named for way in self.rows_}
        for channel, message, text, known in self.rows(INCOMING):
            for token in named[channel](text, known or ""):
                found[channel][token].add(message)
        return {
            channel: collections.Counter({token: len(messages) for token, messages in of.items()})
            for channel, of in found.items()
        }

    def until(self, awaited):
        """Wait until nothing is lacking any more."""
        end = time.monotonic() + PATIENCE
        while lacking := awaited():
            assert time.monotonic() < end, lacking
            time.sleep(0.1)


@pytest.fixture
def desk(tmp_path, world):
    desk = EveryChannel(tmp_path, world)
    yield desk
    desk.close()


class Traffic:
    """Customers by every channel, and an agent who answers them wherever a machine sends."""

    def __init__(self, desk):
        self.desk = desk
        self.customers = {
            way.channel: Hand(lambda token, way=way: way.give(desk, token), way.insists, PAUSE) for way in desk.rows_
        }
        self.answering = [way for way in desk.rows_ if way.took is not None]
        self.agents = {
            way.channel: Hand(lambda token, way=way: desk.answer(way.channel, token), False, PAUSE)
            for way in self.answering
        }
        self.load = Load(*self.customers.values(), *self.agents.values())

    @property
    def acknowledged(self):
        """How much customers and agents had acknowledged."""
        return sum(len(hand.acknowledged) for hand in (*self.customers.values(), *self.agents.values()))

    def flow(self, much):
        """Let this much be acknowledged."""
        until = self.acknowledged + much
        self.desk.until(lambda: self.acknowledged < until)

    def end(self):
        """No more comes in; wait until all of it is there, and all answers are over."""
        self.load.end()
        self.desk.until(self._lacking)
        self.desk.until(self._under_way)

    def _lacking(self):
        came = self.desk.came()
        lacking = {name: hand.acknowledged - came.get(name, {}).keys() for name, hand in self.customers.items()}
        states = self.desk.rows("SELECT state, reason, count(*) FROM raw_message GROUP BY state, reason")
        return {"lacking": lacking, "raw": states} if any(lacking.values()) else {}

    def _under_way(self):
        due = "UPDATE delivery SET due_at = created_at WHERE state = 'queued'"  # nobody waits for a next try
        Desk.change(self.desk, due)
        return [row for row in self.desk.rows(OUTGOING) if row.state in ("queued", "sending")]

    def balance(self, kills):
        """Every channel's ledger."""
        came = self.desk.came()
        for name, hand in self.customers.items():
            assert_balanced(came[name], [hand])
        written = collections.defaultdict(dict)
        for channel, text, state in self.desk.rows(OUTGOING):
            written[channel][TOKEN.search(text)[0]] = state
        for way in self.answering:
            self._balance_out(way, written[way.channel], kills)

    def _balance_out(self, way, states, kills):
        agent, name = self.agents[way.channel], way.channel
        took = collections.Counter(
            token for text in way.took() for token in TOKEN.findall(text) if token in agent.tried
        )
        assert agent.acknowledged - states.keys() == set() == states.keys() - agent.tried, name
        assert set(states.values()) <= {"sent", "uncertain"}, (name, states)
        sent = {token for token, state in states.items() if state == "sent"}
        assert took.keys() <= states.keys(), name
        assert sent <= took.keys(), (name, took, states)
        repeated = took.total() - len(took)
        assert repeated <= (kills if name == "email" else 0), f"{name}: only mail is repeated, with the same Message-ID"
        assert len(states) - len(sent) <= kills, f"{name}: each kill leaves one uncertain at most"


def test_every_channel_survives_kills_at_random(desk, progress):
    """The pages and the workers in turn at first, then whichever chance picks."""
    traffic, chance, killed = Traffic(desk), random.Random(7), []
    for number in range(KILLS):
        traffic.flow(chance.randint(*BETWEEN))
        victim = ("worker", "web")[number % 2] if number < 4 else chance.choice(("worker", "web"))
        with suppress(ProcessLookupError):
            desk.kill(victim)
        killed.append(victim)
        progress(f"{number + 1} of {KILLS} kills, {traffic.acknowledged} acknowledged")
    traffic.end()
    traffic.balance(killed.count("worker"))

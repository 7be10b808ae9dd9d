"""One customer, one conversation: they chat, are called back, answer by mail and by SMS, on one ticket of a desk at work
with its real channels; nothing is asked twice, and what cannot go the asked way is refused before it is queued.
"""

import json
import re
import smtplib
import urllib.error
import urllib.request
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from html import unescape
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.accounts import accounts
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.testing.databases import upgrade
from helpdesk.testing.processes import Served, free_port
from plugins.handset.standins.sms import KEY, LINE, Kavenegar
from plugins.phone import contract as telephone
from plugins.sms.settings import KAVENEGAR
from tests.faults.conftest import World
from tests.plugins.chat.client import ChatClient

SHOP, NUMBER, MAIL = "https://shop.example", "0912 123 4567", "mina@customer.example"
CALLS = "https://shop.example/call-me"
PUSHES = "canary-of-the-pushes"


class Desk:
    """A desk at work with a chat, a line, a mailbox and an SMS number; the agent by the API and by their pages."""

    def __init__(self, folder):
        self.world, self.texts, self.smtp = World(), Kavenegar(), free_port()
        environment = {
            "HELPDESK_DATA_DIR": str(folder),
            "HELPDESK_PLUGINS": "email,chat,phone,sms",
            "HELPDESK_SECRET_KEY": "k" * 40,
            "HELPDESK_SMTP_PORT": str(self.smtp),
            "HELPDESK_PRIVATE_ADDRESSES": "1",
        }
        self.runtime = build_runtime(from_environment(environment))
        upgrade(self.runtime)
        with self.runtime.uow() as uow:
            team = teams.add_team(uow, "Orders")
            queue = teams.add_queue(uow, "Orders", [team.id])
            agent = users.add(uow, "sara@desk.example", "Sara", "agent", language="en")
            teams.set_members(uow, team.id, [agent.id])
            self.agent = agent.id
            self.token = api_tokens.add_token(uow, agent.id)
            self.ids, self.keys = {}, {}
            for channel, given in self._accounts().items():
                row = accounts.create(uow, channel, f"Shop {channel}", given, queue.id)
                self.ids[channel], self.keys[channel] = row.id, row.public_key
        self.served = Served(folder, "run", **{n: v for n, v in environment.items() if n != "HELPDESK_DATA_DIR"})
        self.url = f"http://127.0.0.1:{self.served.port}"
        self.texts.hook = f"{self.url}/in/{self.keys['sms']}?key={PUSHES}"

    def _accounts(self):
        send_url = f"{self.texts.url}/v1/{{key}}/sms/send.json"
        return {
            "chat": {
                "origins": SHOP,
                "ask_name": "required",
                "ask_email": "optional",
                "topics": "Delivery\nReturns",
                "callback": CALLS,
            },
            "phone": {"number": telephone.DESK, "secret": telephone.SECRET, "script": "Good day, this is Kashaneh."},
            "email": {
                "address": "support@desk.example",
                "smtp_host": "127.0.0.1",
                "smtp_port": self.world.port,
                "smtp_security": "none",
                "trusted_servers": "mx.desk.example",
            },
            "sms": KAVENEGAR.values | {"number": LINE, "key": KEY, "in_key": PUSHES, "send_url": send_url},
        }

    # The agent -------------------------------------------------------------------------------------------------------

    def api(self, path, data=None):
        """(status, answer) of the REST API."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def page(self, path):
        """The text of a page as the agent's browser is given it."""
        status, text = self.served.get(path, Cookie=self.cookie)
        assert status == 200, (path, status)
        return unescape(text)

    @cached_property
    def cookie(self):
        """The session of the agent, as signing in gives it."""
        app = Flask("cookies")
        app.secret_key = "k" * 40
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        return "session=" + signer.dumps({"_user_id": f"{self.agent}:0:", "_fresh": True})

    def tickets(self):
        return self.api("tickets?limit=50")[1]["items"]

    def messages(self, ticket):
        status, said = self.api(f"tickets/{ticket}/messages")
        assert status == 200, said
        return said["items"]

    def reply(self, ticket, text, **how):
        """Answer the ticket and wait until that has left."""
        status, said = self.api(f"tickets/{ticket}/replies", {"text": text, **how})
        assert status == 201, said
        self.until(lambda: self.delivery(ticket, said["id"])["state"] == "sent")
        return said

    def delivery(self, ticket, message):
        return next(one["delivery"] for one in self.messages(ticket) if one["id"] == message)

    def until(self, true):
        found = []
        self.served.until(lambda: found.append(true()) or found[-1], 20)
        return found[-1]

    # The customer ----------------------------------------------------------------------------------------------------

    def mails(self, address):
        """The mails that this address got, oldest first."""
        got = zip(self.world.received, self.world.envelopes, strict=True)
        return [message_from_bytes(raw, policy=policy.default) for (_id, raw), to in got if address in to]

    def words(self, mail):
        """The text of a mail."""
        return mail.get_body(("plain",)).get_content()

    def answer_by_mail(self, mail, text):
        """As a mail program answers a mail."""
        said = EmailMessage()
        said["From"], said["To"], said["Subject"] = f"Mina <{MAIL}>", mail["From"], f"Re: {mail['Subject']}"
        said["Message-ID"], said["In-Reply-To"] = "<mina-1@customer.example>", mail["Message-ID"]
        said["References"] = mail["Message-ID"]
        said.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=5) as server:
            assert not server.send_message(said, to_addrs=[mail["Reply-To"] or mail["From"]])

    def close(self):
        self.served.kill()
        self.runtime.parser.close()
        self.runtime.engine.dispose()
        self.texts.close()
        self.world.close()


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def form(page):
    """(where it is posted to, {name: value}) of the form of a public page."""
    [found] = re.findall(r'<form[^>]*method="post"[^>]*>.*?</form>', page, re.S)
    names = {m[1]: re.search(r'value="([^"]*)"', m[0]) for m in re.finditer(r'<input[^>]*name="(\w+)"[^>]*>', found)}
    return {name: unescape(value[1]) if value else "" for name, value in names.items()}


def test_one_customer_over_chat_call_mail_and_sms_on_one_ticket(desk):
    # They chat, and prove who they are by a code
    visitor = ChatClient(desk.url, desk.keys["chat"], SHOP).connect()
    assert visitor.ask("message", {"client_id": "message-1", "text": "Hello"})["error"] == "questions"
    visitor.ask("answers", {"answers": {"name": "Mina Rad", "email": MAIL, "topic": "Delivery"}})
    visitor.say("Where is order 48213?")
    visitor.ask("email", {"address": MAIL})
    [code] = desk.until(lambda: re.findall(r"\b\d{6}\b", "".join(desk.words(m) for m in desk.mails(MAIL))))
    assert visitor.ask("prove", {"code": code})["state"]["email"]["proven"]
    [ticket] = desk.tickets()
    number = ticket["id"]
    assert (ticket["subject"], ticket["channel"], ticket["customer"]["name"]) == ("Delivery", "chat", "Mina Rad")
    desk.reply(number, "It is on its way. May we call you?")
    visitor.until(lambda: "It is on its way. May we call you?" in visitor.texts)

    # They ask to be called back from the chat: the same ticket, and nothing they said is asked again
    link = visitor.ask("here", {"visible": True})["state"]["callback"]
    status, page = desk.served.get(urlsplit(link).path)
    given = form(page)
    assert (status, given["name"]) == (200, "Mina Rad")
    asked = urlencode({**given, "phone": NUMBER, "when": "soon", "words": "After lunch, please"}).encode()
    urllib.request.urlopen(f"{desk.url}{urlsplit(link).path}", asked, timeout=10).read()
    [wish] = desk.until(lambda: [m for m in desk.messages(number) if (m["kind"], m["form"]) == ("out", "call")])
    assert wish["delivery"]["state"] == "waiting_for_person" and "After lunch" in wish["text"]
    [call] = desk.until(lambda: re.findall(r"href=\"(/x/phone[\w/]*/calls/[\w-]+)\"", desk.page("/x/phone/")))
    screen = desk.page(call)
    for known in ("Mina Rad", "0912 123 4567", "Delivery", "After lunch, please", MAIL, "Good day, this is Kashaneh."):
        assert known in screen, known

    # They are called, and the agent enters the outcome
    assert desk.api(f"deliveries/{wish['delivery']['id']}/outcomes", {"code": "reached", "note": "She waits"})[0] < 300
    assert desk.delivery(number, wish["id"])["state"] == "sent"

    # By mail, which the agent chose, and the customer answers
    desk.reply(number, "As we said on the telephone: tomorrow.", account=desk.ids["email"])
    mail = next(m for m in desk.mails(MAIL) if "tomorrow" in desk.words(m))
    desk.answer_by_mail(mail, "Please leave it with the neighbours.")
    desk.until(lambda: any("neighbours" in m["text"] for m in desk.messages(number)))

    # By SMS, in the same way
    desk.reply(number, "It will be there at noon.", account=desk.ids["sms"])
    assert [one["receptor"] for one in desk.texts.taken] == ["09121234567"]
    assert desk.texts.say("09121234567", "Thank you!") == 200
    desk.until(lambda: any(m["text"] == "Thank you!" for m in desk.messages(number)))

    # One customer, one ticket, one history
    assert [one["id"] for one in desk.tickets()] == [number]
    customer = desk.api(f"customers/{ticket['customer']['id']}")[1]
    assert customer["total"] == 1 and {i["kind"] for i in customer["identities"]} == {"visitor", "email", "phone"}
    said = [m for m in desk.messages(number) if not m["automatic"]]
    assert [m["at"] for m in said] == sorted(m["at"] for m in said)
    assert [(m["kind"], m["channel"]) for m in said] == [
        ("in", "chat"),
        ("out", "chat"),
        ("out", "phone"),
        ("out", "email"),
        ("in", "email"),
        ("out", "sms"),
        ("in", "sms"),
    ]
    page = desk.page(f"/tickets/{number}")
    shown = re.findall(r'<article class="item" id="m-(\d+)".*?data-channel="(\w+)"', page, re.S)
    assert [(int(m), channel) for m, channel in shown if int(m) in {one["id"] for one in said}] == [
        (m["id"], m["channel"]) for m in said
    ]

    # The composer says which way a reply goes, and offers each address with what it carries
    ways = desk.page(f"/tickets/{number}/ways")
    for name, address, carries in (
        ("Shop sms", "+989121234567", "up to 670 characters"),
        ("Shop email", MAIL, ""),
        ("Shop phone", "+989121234567", "a person carries it out"),
        ("Shop chat", "visitor-", "up to 8,000 characters"),
    ):
        [option] = [one for one in ways.split("<button")[1:] if name in one]
        assert address in option and carries in option and "aria-disabled" not in option, option
    assert 'data-channel="sms"' in desk.page(f"/tickets/{number}/way"), "the way they came last"

    # What cannot go the asked way is refused with a sentence, and nothing is queued
    before = len(desk.messages(number))
    for how, words in (
        ({"text": "a" * 671, "account": desk.ids["sms"]}, "670 characters"),
        ({"text": "Hello", "account": 999}, "cannot be reached"),
    ):
        status, problem = desk.api(f"tickets/{number}/replies", how)
        assert status == 422 and words in json.dumps(problem), problem
    assert len(desk.messages(number)) == before and len(desk.texts.taken) == 1

"""Servers of plugins for visitors: which pages may connect, what a stranger may send, and whose fault what is."""

import contextlib
import threading

import pytest
from marshmallow import Schema, fields
from simple_websocket import ConnectionClosed
from werkzeug.serving import make_server

from helpdesk.api import live
from helpdesk.api.channels import Accepts, Address, Channel, Inbound
from helpdesk.api.web import PublicPages
from helpdesk.app import create_app
from helpdesk.core.accounts import accounts
from helpdesk.core.errors import Invalid
from helpdesk.hooks.markers import hookimpl
from helpdesk.testing.sockets import Visitor
from helpdesk.web.kit.pages import Misplaced, _mount

SHOP = "https://shop.example"


class Booth(Channel):
    name, label, icon, address = "booth", "Booth", "chat", "booth"
    accepts = Accepts()

    class Settings(Schema):
        origins = fields.String(load_default="")

    def parse(self, raw):
        return Inbound(Address("booth", "1"), text="?")


class Probe:
    """A plugin that echoes, puts visitors in rooms, refuses, fails and tries to write."""

    API = "1"

    def __init__(self):
        self.gone = []

    @hookimpl
    def register_channels(self):
        return [Booth]

    @hookimpl
    def register_pages(self):
        pages = PublicPages("probe", __name__, short=True)
        pages.add_url_rule(
            "/<key>/page", "page", lambda key, uow: f"{key} for {uow.actor.name}", methods=["GET", "POST"]
        )
        return [pages]

    @hookimpl
    def register_public_sockets(self):
        def write(uow, visit, data):
            with uow.writing():
                pass

        def refuse(uow, visit, data):
            raise Invalid("Write a number.")

        def enter(uow, visit, data):
            visit.rooms.add(data["room"])

        events = {
            "echo": lambda uow, visit, data: {"who": uow.actor.name, "account": visit.account_id, **data},
            "enter": enter,
            "refuse": refuse,
            "fail": lambda uow, visit, data: 1 / 0,
            "write": write,
        }
        return [
            live.PublicSockets(
                "/probe/socket.io",
                "booth",
                self._connect,
                events,
                lambda uow, visit: self.gone.append(visit.sid),
                {"bye"},
            )
        ]

    def _connect(self, uow, visit, auth):
        if auth.get("blocked"):
            raise live.Rejected("blocked")
        if auth.get("fail"):
            return 1 / 0
        return {"origin": visit.origin}


@pytest.fixture
def probe(runtime):
    probe = Probe()
    runtime.hooks.add("probe", probe)
    runtime.channels["booth"] = Booth
    return probe


@pytest.fixture
def account(runtime, probe, people):
    with runtime.uow() as uow:
        return accounts.create(uow, "booth", "booth", {"origins": f"{SHOP}/ https://other.example"}, queue_id=1)


@pytest.fixture
def app(runtime, probe):
    return create_app(runtime.config, runtime)


@pytest.fixture
def port(app, account):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.port
    app.extensions["live"].close()
    server.shutdown()


@pytest.fixture
def visitor(port, account):
    opened = []

    def connect(key=account.public_key, origin=SHOP, **auth):
        opened.append(Visitor(port, origin=origin, path="/probe/socket.io/", query=f"&account={key}", auth=auth))
        return opened[-1]

    yield connect
    for each in opened:
        each.close()


def hello(visitor):
    visitor.until(lambda: any(name == "hello" for name, _data in visitor.events))
    return visitor.got("hello")[0]


def test_pages_of_the_accounts_origins_connect_and_no_others(visitor, account, runtime):
    assert hello(visitor()) == {"origin": SHOP} and hello(visitor(origin="https://OTHER.example"))
    for key, origin in (
        (account.public_key, "https://shop.example.evil.example"),
        (account.public_key, "null"),
        (account.public_key, None),
        ("unknown", SHOP),
        ("", SHOP),
        (account.id, SHOP),
    ):
        with pytest.raises(OSError):
            visitor(key, origin)
    with runtime.uow() as uow:
        accounts.update(uow, account.id, enabled=False)
    with pytest.raises(OSError):
        visitor()


def test_half_a_character_is_no_fault_of_the_plugin(visitor, runtime):
    assert hello(visitor(half="\ud83d")) == {"origin": SHOP}
    assert visitor().ask("echo", {"text": "a\ud83d\0", "\udc00": ["\ud83d"]}) | {"who": "", "account": 0} == {
        "who": "", "account": 0, "text": "a?", "?": ["?"],
    }  # fmt: skip
    assert not runtime.hooks.plugins["probe"].failures


def test_a_connection_says_so_much_at_once(visitor, probe):
    shop = visitor()
    answers = [shop.ask("echo", {"n": number}) for number in range(60)]
    slow = [answer for answer in answers if answer.get("error") == "slow_down"]
    assert "who" in answers[39] and answers[-1] in slow and slow[-1]["after"] >= 1
    assert visitor().ask("echo", {"n": 1})["n"] == 1


def test_a_visitor_says_what_was_declared_and_nothing_else(visitor, account):
    shop = visitor()
    assert shop.ask("echo", {"n": 3}) == {"who": "plugin:probe", "account": account.id, "n": 3}
    for event, data in (("nothing", {}), ("connect", {}), ("disconnect", {}), ("trigger_event", {}), ("echo", [1])):
        assert shop.ask(event, data) == {"error": "refused"}
    assert shop.ask("echo", {}) and not shop.closed


def test_what_goes_wrong_is_kept_against_the_plugin(visitor, runtime):
    assert visitor(blocked=True).refusal == "blocked" and visitor(fail=True).refusal == "unavailable"
    shop = visitor()
    assert shop.ask("refuse", {}) == {"error": "refused", "sentence": "Write a number."}
    assert shop.ask("fail", {}) == shop.ask("write", {}) == {"error": "unavailable"}
    faults = [hook for hook, _text in runtime.hooks.plugins["probe"].faults]
    assert faults == ["socket connect", "socket fail", "socket write"]


def test_rooms_hear_what_is_said_to_them_and_end_with_the_last_word(visitor, runtime, probe):
    first, second = visitor(), visitor()
    assert first.ask("enter", {"room": "a"}) == second.ask("enter", {"room": "b"}) == {}
    with runtime.uow() as uow:
        live.emit_public(uow, "probe", "news", {"n": 1}, ["a"])
        live.emit_public(uow, "probe", "news", {"n": 2}, [])
        live.emit_public(uow, "probe", "bye", {}, ["b"])
    first.until(lambda: first.got("news"))
    second.until(lambda: second.closed)
    assert first.got("news") == [{"n": 1}] and second.got("news") == [] and second.got("bye") == [{}]
    first.until(lambda: len(probe.gone) == 1)
    assert not first.closed


def test_too_large_a_frame_and_a_flood_end_the_connection(visitor):
    shop = visitor()
    assert len(shop.ask("echo", {"text": "x" * 30_000})["text"]) == 30_000
    for misspoken in ("42" + "x" * 40_000, b"binary", "4]", "51-[]"):
        bad = visitor()
        bad.raw(misspoken)
        bad.until(lambda bad=bad: bad.closed)
    with contextlib.suppress(OSError, ConnectionClosed):
        for _number in range(400):
            shop.say("echo", {})
    shop.until(lambda: shop.closed)
    assert len(shop.frames) < 200


def test_short_pages_stand_at_the_plugins_name_and_act_for_nobody(app, signed_in):
    with pytest.raises(Misplaced):
        _mount(app, "tickets", PublicPages("tickets_shop", __name__, short=True))
    for client in (app.test_client(), signed_in("admin")):
        answer = client.post("/probe/k/page")
        assert answer.status_code == 200 and answer.text == "k for nobody"

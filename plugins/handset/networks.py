"""The networks behind the customer's phone: stand-ins of the providers, served beside the worker, and the switch by
which the page plays its customer.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

from helpdesk.api import accounts
from helpdesk.api.errors import NotFound, Unavailable, _
from helpdesk.api.settings import is_demo
from helpdesk.api.work import UnitOfWork, plugin_actor, work

from .standins.server import Asked, Reply, StandIn, push
from .standins.sms import LINE, Kavenegar
from .standins.telegram import Telegram
from .store import Store

AGAIN = 5.0  # seconds until a taken port, or a desk that does not answer yet, is tried again
DELIVERED = 1.0  # seconds until the network says that a text is there
SWITCH = "X-Handset-Key"
NAMES = {"sms": "Shop by SMS", "telegram": "Shop in the messenger", "phone": "Shop by telephone"}
CALLS = ("ringing", "answered", "ended", "missed")
NOBODY = _("The phone has no network. Does “helpdesk run” run?")

log = logging.getLogger("hamdel.handset")


def demo_accounts(store: Store) -> list[dict[str, Any]]:
    """The accounts that the phone's networks lead to, for the channels that are on."""
    known = store.make()
    ports, keys = known["ports"], known["secrets"]
    sms = {
        "number": LINE,
        "send_url": f"http://127.0.0.1:{ports['sms']}/v1/{{key}}/sms/send.json",
        "send_body": "receptor={to}&sender={from}&message={text}&localid={id}",
        "number_form": "09121234567",
        "taken_at": "return.status",
        "taken_is": "200",
        "later_is": "409, 451",
        "id_at": "entries.0.messageid",
        "in_text": "message",
        "in_id": "messageid",
        "report_id": "messageid",
        "report_delivered": "10",
        "report_failed": "6, 11, 13, 14",
        "key": keys["gateway"],
        "in_key": keys["pushes"],
    }
    telegram = {"token": keys["bot"], "base_url": f"http://127.0.0.1:{ports['messenger']}"}
    settings = {"sms": sms, "telegram": telegram, "phone": {"number": "+982188776655", "secret": keys["calls"]}}
    return [{"channel": channel, "name": NAMES[channel], "settings": given} for channel, given in settings.items()]


def account(uow: UnitOfWork, channel: str) -> accounts.Account | None:
    """The demo's account on a channel while it is on, or None."""
    if channel not in uow.runtime.channels:
        return None
    return next((one for one in accounts.of_channel(uow, channel) if one.name == NAMES[channel] and one.active), None)


class Switch(StandIn):
    """What the page asks: POST /<network> with {number, name, text}; the answer's status is the desk's own."""

    def __init__(self, key: str, play: dict[str, Callable[[dict[str, str]], int]], *, port: int):
        self.key, self.play = key, play
        super().__init__(port)

    def answer(self, asked: Asked) -> Reply:
        """Play the customer on one network."""
        play = self.play.get(asked.path.strip("/"))
        if not hmac.compare_digest(asked.headers.get(SWITCH, "").encode(), self.key.encode()) or not play:
            return Reply({}, 404)
        return Reply({}, play({name: str(value) for name, value in asked.given.items()}) or 503)


class Networks:
    """All networks of one demo desk, while they are served."""

    def __init__(self, store: Store, url: str):
        self.store, self.url = store, url
        known = store.known
        ports, self.keys = known["ports"], known["secrets"]
        self.closing = ExitStack()
        self.sms = self._open(Kavenegar(self.keys["gateway"], port=ports["sms"]))
        self.messenger = self._open(Telegram(self.keys["bot"], port=ports["messenger"]))
        self.sms.came = self._text_came
        self.messenger.before_answer = self._message_came
        play = {"sms": self._text, "messenger": self._message, "tap": self._tap, "call": self._call}
        self._open(Switch(self.keys["control"], play, port=ports["control"]))

    def _open(self, stand_in: Any) -> Any:
        self.closing.callback(stand_in.close)
        return stand_in

    def connect(self) -> bool:
        """Tell each network where the desk takes what it pushes; False while a provider's webhook could not be set."""
        with work(plugin_actor("handset")) as uow:
            sms, telegram = account(uow, "sms"), account(uow, "telegram")
            phone = account(uow, "phone")
            self.sms.hook = f"{self.url}/in/{sms.public_key}?key={self.keys['pushes']}" if sms else ""
            self.calls = f"{self.url}/in/{phone.public_key}" if phone else ""
            return not telegram or bool(self.messenger.hook) or accounts.activate(uow, telegram.id)

    # The customer ----------------------------------------------------------------------------------------------------

    def _text(self, given: dict[str, str]) -> int:
        return self.sms.say(given["number"], given["text"])

    def _message(self, given: dict[str, str]) -> int:
        person = int(given["number"][-9:])
        self.messenger.begin(person, given["name"])
        return self.messenger.say(person, given["text"]) if self.messenger.hook else 0

    def _tap(self, given: dict[str, str]) -> int:
        """A quick reply below the newest message that has it."""
        person = int(given["number"][-9:])
        sent = [one for one in self.messenger.sent() if one["chat"]["id"] == person and given["text"] in _buttons(one)]
        return self.messenger.tap(person, sent[-1], given["text"]) if sent and self.messenger.hook else 0

    def _call(self, given: dict[str, str]) -> int:
        """An event of a call, signed as telephone systems sign it."""
        told = {"event": given["event"], "call_id": given["call"], "from": given["number"], "to": "+982188776655"}
        if given.get("seconds"):
            told["duration"] = int(given["seconds"])
        at = int(time.time())
        body = json.dumps({**told, "at": at}).encode()
        proof = hmac.new(self.keys["calls"].encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return push(self.calls, body, {"X-Hamdel-Signature": f"t={at},v1={proof}"})[0] if self.calls else 0

    # The desk --------------------------------------------------------------------------------------------------------

    def _text_came(self, number: str, text: str) -> None:
        self.store.keep("sms", number, text, came=True)
        last = self.sms.last
        threading.Timer(DELIVERED, lambda: self.sms.report(last)).start()

    def _message_came(self, ids: list[str]) -> None:
        for known in ids:
            chat, _colon, number = known.partition(":")
            sent = self.messenger.messages[int(chat), int(number)]
            text = sent.get("text") or sent.get("caption") or "📎"
            self.store.keep("messenger", f"09{chat:0>9}", text, came=True, buttons=_buttons(sent))


def _buttons(message: dict[str, Any]) -> tuple[str, ...]:
    """The words on the buttons below a message."""
    lines = message.get("reply_markup", {}).get("inline_keyboard", [])
    return tuple(one["text"] for line in lines for one in line)


def serve(runtime: Any, stopping: threading.Event) -> None:
    """Serve the networks until told to stop; where this is no demo, there is nothing to serve."""
    store = Store(runtime.data_dir)
    while is_demo(runtime) and store.known and not stopping.is_set():
        try:
            networks = Networks(store, runtime.config.url)
        except OSError:
            log.warning("a port of the customer's phone is taken: %s", store.known["ports"])
            stopping.wait(AGAIN)
            continue
        with networks.closing:
            while not networks.connect() and not stopping.wait(AGAIN):
                pass
            stopping.wait()


def play(store: Store, network: str, **given: str) -> None:
    """Let the customer do something on a network. Unavailable when the desk or the network does not answer."""
    known = store.known
    if not known:
        raise NotFound()
    url = f"http://127.0.0.1:{known['ports']['control']}/{network}"
    status, _answer = push(url, json.dumps(given).encode(), {SWITCH: known["secrets"]["control"]})
    if not 200 <= status < 300:
        raise Unavailable(NOBODY)


def new_call() -> str:
    """The id of another call."""
    return uuid4().hex

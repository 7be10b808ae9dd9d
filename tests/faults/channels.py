"""Every channel of the desk as one row of a table: its account's settings, how a customer's message comes in over the
wire, and what its other side took of our answers.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

from helpdesk.testing import ChannelContract
from plugins.handset.standins.mastodon import Mastodon
from plugins.handset.standins.meta import Meta
from plugins.handset.standins.telegram import Telegram
from plugins.handset.standins.whatsapp import WhatsApp
from plugins.phone.contract import PhoneContract, event
from plugins.sms.contract import SmsContract
from plugins.social.contracts import messenger as messenger_samples
from plugins.social.contracts import telegram as telegram_samples
from plugins.social.contracts import whatsapp as whatsapp_samples
from plugins.social.contracts.mastodon import MastodonContract
from plugins.social.contracts.messenger import InstagramContract, MessengerContract
from plugins.social.contracts.telegram import TelegramContract
from plugins.social.contracts.whatsapp import WhatsAppContract
from plugins.webhook.contract import InletContract
from tests.plugins.chat.client import ChatClient
from tests.plugins.sms.stand_in import Gateway

PLUGINS = "email,chat,phone,social,sms,form,frontdesk,webhook"
SITE = "https://shop.example"
FOR_EVER = 10**12  # a window that stays open
TOKEN = re.compile(r"ledger-\d+")


@dataclass
class Way:
    """``give(desk, token)`` is true when the desk took responsibility for a customer's message of this token;
    whoever does not ``insist`` cannot try the same one again. ``took()`` are the texts the other side has of us; None
    where nothing is sent by a machine. ``named(text, external id)`` are the tokens a message of theirs stands for.
    """

    channel: str
    settings: dict[str, Any]
    give: Callable[[Any, str], bool]
    took: Callable[[], list[str]] | None = None
    insists: bool = True
    named: Callable[[str, str], list[str]] = lambda text, known: TOKEN.findall(f"{text} {known}")
    close: Callable[[], None] = field(default=lambda: None)


def ways(world: Any) -> list[Way]:
    """A row for each channel, its stand-in listening; ``world`` is the customers' mail server."""
    return [_email(world), _chat(), _phone(), *_social(), _mastodon(), _sms(), _form(), _frontdesk(), _inlet()]


def _pushed(contract: ChannelContract, name: str = "") -> Callable[[Any, str], bool]:
    """A push as the contract signs it; the same bytes whenever it is repeated, as providers repeat what was not
    answered with 2xx.
    """
    made: dict[str, Any] = {}

    def give(desk: Any, token: str) -> bool:
        if token not in made:
            said = contract.message(f"This is {token}", token, [])
            made[token] = contract.signed(event(call_id=token) if name == "phone" else said)
        hook = made[token]
        return desk.post(f"/in/{desk.keys[name or contract.channel.name]}", hook.body, hook.headers) == 200

    return give


def _row(contract: ChannelContract, stand_in: Any, **settings: Any) -> Way:
    def took() -> list[str]:
        return [one["text"] for one in stand_in.taken]

    settings = contract.settings | settings
    return Way(contract.channel.name, settings, _pushed(contract), took, close=stand_in.close)


def _social() -> list[Way]:
    telegram = Telegram(TelegramContract.settings["token"])
    telegram.begin(telegram_samples.MINA["id"], "Mina")
    whatsapp = WhatsApp(WhatsAppContract.settings["access_token"], WhatsAppContract.settings["app_secret"])
    whatsapp.people[whatsapp_samples.MINA], whatsapp.last_word[whatsapp_samples.MINA] = "Mina", FOR_EVER
    rows = [
        _row(TelegramContract(), telegram, base_url=telegram.url),
        _row(WhatsAppContract(), whatsapp, base_url=f"{whatsapp.url}/v23.0"),
    ]
    for contract, platform in ((MessengerContract(), "page"), (InstagramContract(), "instagram")):
        meta = Meta(platform, contract.settings["access_token"], contract.settings["app_secret"])
        meta.last_word[messenger_samples.MINA] = FOR_EVER
        rows.append(_row(contract, meta, base_url=f"{meta.url}/v23.0"))
    return rows


def _mastodon() -> Way:
    server = Mastodon(MastodonContract.settings["access_token"])
    settings = MastodonContract.settings | {"base_url": server.url}

    def give(desk: Any, token: str) -> bool:
        """Their server keeps it until the desk asks, from the first time on."""
        if desk.rows("SELECT cursor FROM account WHERE channel = 'mastodon'")[0][0] == "{}":
            return False
        return bool(server.mention("mina@social.example", f"This is {token}", "direct"))

    return Way("mastodon", settings, give, lambda: [one["text"] for one in server.taken], close=server.close)


def _sms() -> Way:
    gateway = Gateway()
    return _row(SmsContract(), gateway, send_url=f"{gateway.url}/{{key}}/send", knows_repeats=True)


def _phone() -> Way:
    return Way("phone", PhoneContract.settings, _pushed(PhoneContract(), "phone"))


def _inlet() -> Way:
    return Way("webhook", InletContract.settings, _pushed(InletContract()))


def _email(world: Any) -> Way:
    settings = {"address": "support@desk.example", "smtp_host": "127.0.0.1", "smtp_port": world.port}
    settings |= {"smtp_security": "none", "trusted_servers": "mx.desk.example"}

    def took() -> list[str]:
        mails = (message_from_bytes(raw, policy=policy.default) for _id, raw in world.received)
        return [mail.get_body(("plain",)).get_content().partition(">")[0] for mail in mails]

    return Way("email", settings, lambda desk, token: desk.mail(token), took)


def _chat() -> Way:
    """One visitor, whose page sends again under the same id what was not answered, and connects anew."""
    pages: list[ChatClient] = []

    def give(desk: Any, token: str) -> bool:
        if not pages:
            pages.append(ChatClient(desk.url, desk.keys["chat"], SITE))
        page = pages[0]
        try:
            if page.closed:
                page.connect()
            return "seq" in page.ask("message", {"client_id": token, "text": f"This is {token}"}, seconds=5)
        except Exception:  # whatever breaks with the desk
            page.closed = True
            return False

    return Way("chat", {"origins": SITE}, give, lambda: pages[0].texts if pages else [])


def _form() -> Way:
    """A page of the form is opened once for each post and sent until it is answered."""
    pages: dict[str, bytes] = {}

    def give(desk: Any, token: str) -> bool:
        path = f"/p/form/{desk.keys['form']}/"
        if token not in pages:
            begin = re.search(r'name="begin" value="([^"]+)"', desk.read(path))
            if begin is None:
                return False
            said = {"field-your_email": "mina@customer.example", "field-your_message": f"This is {token}"}
            pages[token] = urllib.parse.urlencode({"begin": begin[1], **said}).encode()
        return desk.post(path, pages[token], {"Content-Type": "application/x-www-form-urlencoded"}) == 200

    return Way("form", {"confirm": False, "difficulty": 0}, give)


def _frontdesk() -> Way:
    """A visit says no words of its own, so it is known by its number. Whoever gets none takes another one."""
    numbers: dict[str, str] = {}

    def give(desk: Any, token: str) -> bool:
        said = urllib.parse.urlencode({"topic": "Something", "phone": ""}).encode()
        slip = desk.read(f"/p/frontdesk/{desk.keys['frontdesk']}/kiosk", said)
        found = re.search(r'class="big-number num">(\d+)', slip)
        if found is not None:
            numbers[found[1]] = token
        return found is not None

    def named(_text: str, known: str) -> list[str]:
        number = known.rpartition("-")[2]
        return [numbers[number]] if number in numbers else []

    return Way("frontdesk", {"topics": "Something", "phone": False}, give, insists=False, named=named)

"""The Telegram Bot API (https://core.telegram.org/bots/api), and messengers that speak it at another address, as Bale
does.

Updates are pushed to a webhook. Bots hear neither of deletions outside business chats nor of delivery, and the API
knows no id by which a repeated message would be recognised.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, fields

from helpdesk.api.channels import (
    Accepts,
    AccountView,
    Address,
    Answer,
    Attachments,
    Buttons,
    Channel,
    File,
    Outbound,
    Parsed,
    Preset,
    RawMessage,
    Received,
    Secret,
    Sent,
    Step,
    Webhook,
    tried,
)
from helpdesk.api.errors import ChannelError, Invalid, Misconfigured, Refused, TryAgain, Undeliverable, _

from . import calls, reading, telegram_updates
from .telegram_parts import Part, keyboard, parts_of

SERVER, HEADER = "https://api.telegram.org", "X-Telegram-Bot-Api-Secret-Token"
NETWORKS = {"tapi.bale.ai": "bale"}  # servers whose ids are not Telegram's, and which send no header with a webhook
DOWNLOAD = 20_000_000  # bytes a bot may download
NO_PICTURE = ("IMAGE_PROCESS_FAILED", "PHOTO_INVALID", "PHOTO_EXT")
GONE = {
    "bot was blocked by the user": _("The customer has blocked the bot."),
    "user is deactivated": _("The customer's account does not exist any more."),
    "bot can't initiate": _("The customer has not begun a chat with the bot; only they can do that."),
    "chat not found": _("There is no such chat: the customer has to write to the bot first."),
    "bot was kicked": _("The bot was removed from this group."),
}


class Telegram(Channel):
    """A bot. Senders are user ids; ids of messages are qualified by their chat."""

    name, label, icon, color = "telegram", _("Telegram"), "social", "#229ed9"
    address = "telegram"
    interactive = True
    knows_repeats = False
    accepts = Accepts(
        attachments=Attachments(size=20_000_000, count=10),  # the desk itself ends at 25 MB
        max_chars=4096,
        first=True,
        edit=True,
        delete=True,
        reactions=True,
        typing=True,
        buttons=Buttons(count=8, chars=60),
        own_reactions=("👍", "❤", "🙏", "👏", "🎉", "😢"),
    )

    class Settings(Schema):
        """The bot and its server."""

        token = Secret(required=True, sent_to=("base_url",), metadata={"label": _("Token of the bot")})
        base_url = fields.Url(
            require_tld=False,
            load_default=SERVER,
            metadata={"label": _("Address of the server"), "help": _("For Bale: https://tapi.bale.ai")},
        )

    @classmethod
    def presets(cls) -> list[Preset]:
        """Messengers with this API."""
        bale = Preset("bale", _("Bale"), {"base_url": "https://tapi.bale.ai"})
        return [Preset("telegram", _("Telegram"), {"base_url": SERVER}), bale]

    @classmethod
    def recipient(cls, typed: str, account: AccountView | None = None) -> Address:
        """A numeric id: bots cannot write to a name."""
        value = typed.strip().lower()
        number, _at, network = value.partition("@")
        if not (number.isascii() and number.isdecimal()) or network not in ("", *NETWORKS.values()):
            sentence = _("A bot writes only to the number of somebody who wrote to it before.")
            raise Invalid(sentence, {"to": sentence})
        return Address(cls.address, value)

    # In --------------------------------------------------------------------------------------------------------

    def receive(self, webhook: Webhook) -> Received:
        """One update. A pressed button is confirmed by the answer, else it would go on turning for the customer."""
        given = webhook.query.get("proof", "") if self._network else webhook.headers.get(HEADER, "")
        if webhook.method != "POST" or not hmac.compare_digest(given.encode(), self._proof.encode()):
            raise Refused(_("The signature is wrong."))
        update = reading.read(webhook.body)
        number, conversation = telegram_updates.number(update), telegram_updates.conversation(update)
        pressed = reading.text(reading.part(update, "callback_query"), "id")
        told = json.dumps({"method": "answerCallbackQuery", "callback_query_id": pressed}).encode()
        answer = Answer(200, {"Content-Type": "application/json"}, told) if pressed else None
        return Received([RawMessage(number, webhook.body, datetime.now(UTC), conversation)], answer)

    def parse(self, raw_message: RawMessage) -> Parsed:
        """What an update says."""
        return telegram_updates.events(reading.read(raw_message.raw), self.address, self._network)

    def fetch(self, file: File, write: Callable[[bytes], None]) -> None:
        """A file by its id; the address it is at holds the token, so it is asked for each time."""
        too_large = _("Telegram gives bots files of at most 20 MB; this one has to come another way.")
        if file.size > DOWNLOAD:
            raise Refused(too_large)
        try:
            path = reading.text(self._ask("getFile", {"file_id": file.ref.get("file_id", "")}), "file_path")
        except Refused as refused:
            raise (Refused(too_large) if "too big" in refused.values.get("words", "") else refused) from None
        calls.download(f"{self._base}/file/bot{self._token}/{path}", write)

    # Out -------------------------------------------------------------------------------------------------------

    def send(self, outbound: Outbound) -> Sent:
        """The text and the files, in as few messages as the API allows; a later try goes on where this one ends."""
        thread = self._thread(outbound)
        done = len(self._ids(outbound, thread))
        ids: list[str] = []
        for part in parts_of(outbound):
            if done >= part.count:
                done -= part.count
                continue
            try:
                ids += [f"{thread}:{number}" for number in self._give(part, thread, outbound)]
            except ChannelError as error:
                if not ids:
                    raise
                return calls.broken_off(ids, error, outbound.to[0], thread)
        return Sent(tuple(ids), thread=thread)

    def _give(self, part: Part, thread: str, outbound: Outbound) -> list[str]:
        where = self._where(thread)
        chat, _colon, number = outbound.in_reply_to.rpartition(":")
        if chat == thread and number.isdecimal():
            answered = {"message_id": int(number), "allow_sending_without_reply": True}
            where["reply_parameters"] = json.dumps(answered)
        try:
            made = self._ask(*part.request(where, outbound.read))
        except Refused as refused:
            if not any(word in refused.values.get("words", "") for word in NO_PICTURE):
                raise
            made = self._ask(*part.as_documents().request(where, outbound.read))
        made = made if isinstance(made, list) else [made]
        return [reading.text(one, "message_id") for one in made if isinstance(one, dict)]

    def edit(self, outbound: Outbound) -> None:
        """The text, or the caption where the text went with a file."""
        thread = self._thread(outbound)
        ids = self._ids(outbound, thread)
        for known in ids[-1:] if outbound.buttons else ids[:1]:
            where = self._where(thread) | {"message_id": known.rpartition(":")[2]}
            try:
                self._change("editMessageText", where | {"text": outbound.text} | keyboard(outbound.buttons))
            except Refused as refused:
                if "no text in the message" not in refused.values.get("words", ""):
                    raise
                self._change("editMessageCaption", where | {"caption": outbound.text})

    def delete(self, outbound: Outbound) -> None:
        """All messages that it was sent as; the API does so for 48 hours."""
        thread = self._thread(outbound)
        for known in self._ids(outbound, thread):
            self._change("deleteMessage", self._where(thread) | {"message_id": known.rpartition(":")[2]})

    def react(self, outbound: Outbound, emoji: str) -> None:
        """Give a message of theirs one reaction in place of the one before ("setMessageReaction")."""
        thread = self._thread(outbound)
        for known in self._ids(outbound, thread)[:1]:
            signs = [{"type": "emoji", "emoji": emoji}] if emoji else []
            where = self._where(thread) | {"message_id": known.rpartition(":")[2]}
            self._change("setMessageReaction", where | {"reaction": json.dumps(signs)})

    def signal(self, kind: str, thread: str) -> None:
        """Typing."""
        if kind == "typing":
            self._ask("sendChatAction", self._where(thread) | {"action": "typing"})

    def _change(self, method: str, given: dict[str, Any]) -> None:
        """What is so already, or not there any more, needs no change."""
        try:
            self._ask(method, given)
        except Refused as refused:
            if not any(word in refused.values.get("words", "") for word in ("not modified", "to delete not found")):
                raise

    def _thread(self, outbound: Outbound) -> str:
        number, _at, network = outbound.to[0].value.partition("@")
        if network != self._network:
            raise Undeliverable(_("This address belongs to another messenger."))
        return outbound.thread or number

    def _ids(self, outbound: Outbound, thread: str) -> list[str]:
        return [known for known in outbound.external_ids if known.startswith(f"{thread}:")]

    def _where(self, thread: str) -> dict[str, Any]:
        chat, _at, connection = thread.partition("@")
        return {"chat_id": chat} | ({"business_connection_id": connection} if connection else {})

    # The account -----------------------------------------------------------------------------------------------

    def check(self) -> Iterator[Step]:
        """The bot, then where it pushes."""

        def signed_in() -> str:
            me = self._ask("getMe", {})
            return f"@{reading.text(me, 'username')} · {reading.text(me, 'first_name')}"

        yield tried(_("Sign in with the token"), signed_in)
        yield tried(_("Webhook"), self._pushed)

    def _pushed(self) -> str:
        info = self._ask("getWebhookInfo", {})
        if not reading.text(info, "url"):
            raise Misconfigured(_("No webhook is set. Save the account again, or switch it off and on."))
        if problem := reading.text(info, "last_error_message", 200):
            raise Misconfigured(_("The last push failed: %(words)s"), words=problem)
        return calls.host(reading.text(info, "url"))

    def activate(self, url: str) -> None:
        """setWebhook, with a secret that only we and the server know."""
        known = {"url": f"{url}?proof={self._proof}"} if self._network else {"url": url, "secret_token": self._proof}
        self._ask("setWebhook", known | {"allowed_updates": json.dumps(telegram_updates.KINDS)})

    def deactivate(self) -> None:
        """deleteWebhook; what waits there stays for when it is switched on again."""
        self._ask("deleteWebhook", {})

    @property
    def _token(self) -> str:
        return str(self.account.settings["token"])

    @property
    def _base(self) -> str:
        return str(self.account.settings["base_url"]).rstrip("/")

    @property
    def _network(self) -> str:
        return NETWORKS.get(calls.host(self._base), "")

    @property
    def _proof(self) -> str:
        return hmac.new(self._token.encode(), b"webhook of Hamdel", hashlib.sha256).hexdigest()

    def _ask(self, method: str, given: dict[str, Any], files: dict[str, Any] | None = None) -> Any:
        """The result of a method. Raises as ``send`` does, Refused with the server's ``words``."""
        more = {"files": files} if files else {}
        answer = calls.call("POST", f"{self._base}/bot{self._token}/{method}", patient=bool(files), data=given, **more)
        said = calls.said(answer)
        if said.get("ok") is True:
            return said.get("result")
        words = reading.text(said, "description", 200).replace(self._token, "•••") or calls.words(answer, self._token)
        known = {"host": calls.host(self._base), "status": str(answer.status), "words": words}
        if calls.busy(answer.status):
            wait = reading.size(reading.part(said, "parameters"), "retry_after")
            raise TryAgain(calls.SENTENCE, after=float(wait) if wait else calls.after(answer), **known)
        if answer.status in (401, 404) and "method" not in words:
            raise Misconfigured(_("%(host)s does not know this token."), host=known["host"])
        if gone := next((sentence for sign, sentence in GONE.items() if sign in words), ""):
            raise Undeliverable(gone)
        raise Refused(calls.SENTENCE, **known)

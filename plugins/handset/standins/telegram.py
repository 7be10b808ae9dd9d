"""A stand-in of the Telegram Bot API, from its published reference, https://core.telegram.org/bots/api (sections are
named beside what follows from them); the wording of errors is that of the published server, github.com/tdlib/
telegram-bot-api (Client.cpp).

``say`` and its like play a customer; ``sent`` lists what the bot sent. A bot's own server takes webhooks by plain HTTP
at any port ("Using a Local Bot API Server"): ``local``; the public one refuses them ("setWebhook").
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from .server import Asked, Reply, StandIn, push
from .telegram_sending import FORBIDDEN, Sending, refusal

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"  # "Authorizing your bot"; this is its example
PORTS = {443, 80, 88, 8443}  # "setWebhook", notes
DOWNLOAD = 20_000_000  # bytes; "getFile": bots can download files of up to 20 MB in size
VALID = 3600  # seconds; "getFile": the link is valid for at least 1 hour
SECRET = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")  # "setWebhook", secret_token
LATEST = 100  # "getUpdates", limit
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


class Telegram(StandIn, Sending):
    """One bot. ``people`` are {id: {"first_name", …}} of those who began a chat with it; ``blocked`` their ids."""

    def __init__(self, token: str = TOKEN, *, local: bool = True, port: int = 0) -> None:
        super().__init__(port)
        self.token, self.local = token, local
        self.bot = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": "Shop", "username": "shop_bot"}
        self.people: dict[int, dict[str, Any]] = {}
        self.blocked: set[int] = set()
        self.messages: dict[tuple[int, int], dict[str, Any]] = {}
        self.updates: list[dict[str, Any]] = []
        self.hook: dict[str, Any] = {}
        self.hook_error = ""
        self.uploads: dict[str, bytes] = {}
        self.sizes: dict[str, int] = {}
        self.links: dict[str, float] = {}
        self.valid = VALID
        self.answered: list[str] = []
        self.reacted: list[dict[str, Any]] = []
        self.last_update = self.last_message = 100

    # The customer ----------------------------------------------------------------------------------------------------

    def begin(self, person: int, first_name: str = "Mina", **more: Any) -> dict[str, Any]:
        """Somebody opens the chat with the bot."""
        return self.people.setdefault(person, {"id": person, "is_bot": False, "first_name": first_name, **more})

    def message(self, person: int, **parts: Any) -> dict[str, Any]:
        """A message of theirs ("Message"): its parts besides ids, date, sender and chat."""
        who = self.begin(person)
        self.last_message += 1
        chat = {"id": person, "type": "private", "first_name": who["first_name"]}
        head = {"message_id": self.last_message, "from": who, "chat": chat, "date": int(self.clock())}
        self.messages[person, self.last_message] = made = head | parts
        return made

    def say(self, person: int, text: str, **more: Any) -> int:
        """They write; the HTTP status of the push, 0 where nobody answers or no webhook is set."""
        return self.play("message", self.message(person, text=text, **more))

    def know(self, ids: list[str]) -> None:
        """Messages of people, by "chat:message", that did not come from here."""
        for known in ids:
            chat, _colon, number = known.partition(":")
            self.messages[int(chat), int(number)] = {"from": self.begin(int(chat)), "message_id": int(number)}

    def tap(self, person: int, message: dict[str, Any], label: str) -> int:
        """They tap a button below a message of the bot's ("CallbackQuery")."""
        buttons = [one for line in message["reply_markup"]["inline_keyboard"] for one in line]
        data = next(one["callback_data"] for one in buttons if one["text"] == label)
        query = {"id": f"c-{self.last_update + 1}", "from": self.begin(person), "message": message}
        return self.play("callback_query", {**query, "data": data, "chat_instance": "1"})

    def play(self, kind: str, content: dict[str, Any]) -> int:
        """Any update ("Update"): pushed where a webhook is set, else kept for getUpdates."""
        self.last_update += 1
        update = {"update_id": self.last_update, kind: content}
        if kind in (self.hook.get("allowed_updates") or [kind]):
            self.updates.append(update)
        return self.deliver(update) if self.hook else 0

    def deliver(self, update: dict[str, Any]) -> int:
        """Push an update, perhaps once more ("setWebhook": repeated unless 2xx); a method in the answer is carried
        out ("Making requests when getting updates").
        """
        secret = self.hook.get("secret_token")
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        status, answer = push(self.hook["url"], json.dumps(update).encode(), headers)
        if 200 <= status < 300:
            self.updates = [kept for kept in self.updates if kept is not update]
            self._answered(answer)
        else:
            self.hook_error = f"Wrong response from the webhook: {status}"
        return status

    def upload(self, content: bytes = PICTURE, name: str = "photo", size: int | None = None) -> dict[str, Any]:
        """A file of theirs, as "File" and its like name it; ``size`` where it is to seem larger than it is."""
        file_id = f"file-{name}-{len(self.uploads)}"
        self.uploads[file_id], self.sizes[file_id] = content, len(content) if size is None else size
        return {"file_id": file_id, "file_unique_id": f"u{len(self.uploads)}", "file_size": self.sizes[file_id]}

    def sent(self) -> list[dict[str, Any]]:
        """What the bot sent that is still there, oldest first."""
        return [message for message in self.messages.values() if message["from"]["is_bot"]]

    def _answered(self, answer: bytes) -> None:
        try:
            given = json.loads(answer)
        except ValueError:
            return
        if isinstance(given, dict) and given.get("method") == "answerCallbackQuery":
            self.answered.append(given["callback_query_id"])

    # The API ---------------------------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Reply:
        """ "Making requests": /bot<token>/METHOD_NAME by GET or POST; files at /file/bot<token>/<file_path>."""
        first, _slash, rest = asked.path.lstrip("/").partition("/")
        if first == "file":
            return self._download(rest)
        if first != f"bot{self.token}":
            return refusal(401, "Unauthorized")
        act = getattr(self, f"do_{rest.lower()}", None)
        if act is None or asked.method not in ("GET", "POST"):
            return refusal(404, "Not Found: method not found")
        with self.lock:
            return act(_unpacked(asked.given), asked.files)

    def busy(self) -> Reply:
        """ "ResponseParameters", retry_after."""
        words = f"Too Many Requests: retry after {self.after}"
        more = {"parameters": {"retry_after": self.after}}
        return Reply({"ok": False, "error_code": 429, "description": words, **more}, 429)

    def do_getme(self, _given: Any, _files: Any) -> Reply:
        """ "getMe"."""
        return Reply({"ok": True, "result": {**self.bot, "can_join_groups": False}})

    def do_setwebhook(self, given: dict[str, Any], _files: Any) -> Reply:
        """ "setWebhook": HTTPS at four ports, secret_token of 1 to 256 letters, an empty url removes it."""
        url, secret = urlsplit(str(given.get("url", ""))), str(given.get("secret_token", ""))
        if not given.get("url"):
            self.hook = {}
            return Reply({"ok": True, "result": True, "description": "Webhook was deleted"})
        if not self.local and url.scheme != "https":
            return refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not self.local and (url.port or 443) not in PORTS:
            return refusal(400, "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if len(secret) > 256 or not set(secret) <= SECRET:
            return refusal(400, "Bad Request: secret token contains unallowed characters")
        self.hook, self.hook_error = {**given}, ""
        return Reply({"ok": True, "result": True, "description": "Webhook was set"})

    def do_deletewebhook(self, given: dict[str, Any], files: Any) -> Reply:
        """ "deleteWebhook"."""
        return self.do_setwebhook({**given, "url": ""}, files)

    def do_getwebhookinfo(self, _given: Any, _files: Any) -> Reply:
        """ "WebhookInfo"."""
        info = {"url": self.hook.get("url", ""), "has_custom_certificate": False}
        info |= {"pending_update_count": len(self.updates)}
        if self.hook_error:
            info |= {"last_error_date": int(self.clock()), "last_error_message": self.hook_error}
        return Reply({"ok": True, "result": info})

    def do_getupdates(self, given: dict[str, Any], _files: Any) -> Reply:
        """ "getUpdates": not while a webhook is set; offset confirms what is before it."""
        if self.hook:
            words = (
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
            )
            return refusal(409, words)
        offset = int(given.get("offset", 0))
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        return Reply({"ok": True, "result": self.updates[:LATEST]})

    def do_getfile(self, given: dict[str, Any], _files: Any) -> Reply:
        """ "getFile": 20 MB at most; the path is valid for an hour."""
        file_id = str(given.get("file_id", ""))
        if file_id not in self.uploads:
            return refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if self.sizes[file_id] > DOWNLOAD:
            return refusal(400, "Bad Request: file is too big")
        self.links[path := f"documents/{file_id}"] = self.clock() + self.valid
        return Reply({"ok": True, "result": {"file_id": file_id, "file_unique_id": "u", "file_path": path}})

    def _download(self, rest: str) -> Reply:
        head, _slash, path = rest.partition("/")
        if head != f"bot{self.token}" or self.links.get(path, 0) < self.clock():
            return refusal(404, "Not Found")
        return Reply(self.uploads[path.rpartition("/")[2]])

    def do_answercallbackquery(self, given: dict[str, Any], _files: Any) -> Reply:
        """ "answerCallbackQuery"."""
        self.answered.append(str(given.get("callback_query_id", "")))
        return Reply({"ok": True, "result": True})

    def may_write(self, chat: Any) -> Reply | None:
        """Why the bot may not write to a chat: it is unknown, or its owner blocked the bot."""
        if not str(chat).isdigit() or int(chat) not in self.people:
            return refusal(400, "Bad Request: chat not found")
        return refusal(403, FORBIDDEN) if int(chat) in self.blocked else None


def _unpacked(given: dict[str, Any]) -> dict[str, Any]:
    """Fields of a form that hold JSON ("Making requests": objects and lists are JSON-serialized)."""
    return {name: _value(value) for name, value in given.items()}


def _value(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value

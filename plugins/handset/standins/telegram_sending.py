"""The methods of the Bot API by which a bot sends, changes and deletes; sections of its reference are named beside
them.
"""

from __future__ import annotations

from typing import Any

from .server import Reply

TEXT, CAPTION = 4096, 1024  # characters; "sendMessage" text, "sendPhoto" caption
PHOTO, FILE = 10_000_000, 50_000_000  # bytes; "Sending files": 10 MB for photos, 50 MB for other files
ALBUM = range(2, 11)  # "sendMediaGroup": 2-10 items
DELETABLE = 48 * 3600  # seconds; "deleteMessage": sent less than 48 hours ago
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8")  # what a photo begins with
FORBIDDEN = "Forbidden: bot was blocked by the user"
DATA = range(1, 65)  # bytes; "InlineKeyboardButton", callback_data
SIGNS = set("👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣")  # "ReactionTypeEmoji", those of one code point
MIXED = {"document", "audio"}  # "sendMediaGroup": documents and audio only with their own kind
Given, Files = dict[str, Any], dict[str, tuple[str, str, bytes]]


def refusal(status: int, words: str) -> Reply:
    """ "Making requests": an unsuccessful one has ok false, error_code and description."""
    return Reply({"ok": False, "error_code": status, "description": words}, status)


class Sending:
    """What ``Telegram`` is besides."""

    taken: list[dict[str, Any]]
    edited: list[dict[str, Any]]
    deleted: list[dict[str, Any]]
    reacted: list[dict[str, Any]]
    signals: list[dict[str, Any]]
    messages: dict[tuple[int, int], dict[str, Any]]
    bot: dict[str, Any]
    last_message: int
    before_answer: Any
    clock: Any

    def may_write(self, chat: Any) -> Reply | None:
        """Why the bot may not write to a chat; None when it may."""
        raise NotImplementedError

    def do_sendmessage(self, given: Given, _files: Files) -> Reply:
        """ "sendMessage": 1-4096 characters."""
        text = str(given.get("text", ""))
        if not text.strip():
            return refusal(400, "Bad Request: message text is empty")
        if len(text) > TEXT:
            return refusal(400, "Bad Request: message is too long")
        markup = given.get("reply_markup")
        if markup and (refused := unfit_keyboard(markup)):
            return refused
        return self._sent(given, [{"text": text} | ({"reply_markup": markup} if markup else {})], text, [])

    def do_sendphoto(self, given: Given, files: Files) -> Reply:
        """ "sendPhoto": a real picture of 10 MB at most."""
        return self._media("photo", given, files)

    def do_sendvideo(self, given: Given, files: Files) -> Reply:
        """ "sendVideo"."""
        return self._media("video", given, files)

    def do_sendaudio(self, given: Given, files: Files) -> Reply:
        """ "sendAudio"."""
        return self._media("audio", given, files)

    def do_sendvoice(self, given: Given, files: Files) -> Reply:
        """ "sendVoice"."""
        return self._media("voice", given, files)

    def do_senddocument(self, given: Given, files: Files) -> Reply:
        """ "sendDocument"."""
        return self._media("document", given, files)

    def do_sendmediagroup(self, given: Given, files: Files) -> Reply:
        """ "sendMediaGroup": 2-10 items, each naming its part by attach://; documents and audio not with others."""
        media = given.get("media")
        if not isinstance(media, list) or len(media) not in ALBUM:
            return refusal(400, "Bad Request: wrong number of items specified")
        kinds = {item["type"] for item in media}
        if len(kinds) > 1 and kinds & MIXED:
            return refusal(400, "Bad Request: documents and audio can't be mixed with other media types")
        parts, names = [], []
        for item in media:
            file = files.get(str(item["media"]).removeprefix("attach://"))
            if refused := self._unfit(item["type"], file, str(item.get("caption", ""))):
                return refused
            parts.append(_part(item["type"], file, str(item.get("caption", ""))))
            names.append(file[0] if file else "")
        text = next((str(item["caption"]) for item in media if item.get("caption")), "")
        return self._sent(given, [{**part, "media_group_id": "1"} for part in parts], text, names)

    def _media(self, kind: str, given: Given, files: Files) -> Reply:
        file, caption = files.get(kind), str(given.get("caption", ""))
        if refused := self._unfit(kind, file, caption):
            return refused
        return self._sent(given, [_part(kind, file, caption)], caption, [file[0] if file else ""])

    def _unfit(self, kind: str, file: tuple[str, str, bytes] | None, caption: str) -> Reply | None:
        if file is None:
            return refusal(400, f"Bad Request: there is no {kind} in the request")
        if len(file[2]) > (PHOTO if kind == "photo" else FILE):
            return refusal(413, "Request Entity Too Large")
        if kind == "photo" and not file[2].startswith(PICTURES):
            return refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
        return refusal(400, "Bad Request: message caption is too long") if len(caption) > CAPTION else None

    def _sent(self, given: Given, parts: list[dict[str, Any]], text: str, names: list[str]) -> Reply:
        chat, answered = given.get("chat_id"), given.get("reply_parameters") or {}
        if refused := self.may_write(chat):
            return refused
        known = (int(str(chat)), int(answered.get("message_id", 0))) in self.messages
        if answered and not known and not answered.get("allow_sending_without_reply"):
            return refusal(400, "Bad Request: message to be replied not found")
        made = []
        for part in parts:
            self.last_message += 1
            where = {"id": int(str(chat)), "type": "private"}
            head = {"message_id": self.last_message, "from": self.bot, "chat": where, "date": int(self.clock())}
            self.messages[where["id"], self.last_message] = head | part
            made.append(head | part)
        ids = [message["message_id"] for message in made]
        self.taken.append({"text": text, "chat_id": chat, "files": names, "message_ids": ids, "answers": answered})
        lines = made[-1].get("reply_markup", {}).get("inline_keyboard", [])
        self.taken[-1]["buttons"] = [one["text"] for line in lines for one in line]
        self.before_answer([f"{chat}:{number}" for number in ids])
        return Reply({"ok": True, "result": made if len(made) > 1 else made[0]})

    def do_editmessagetext(self, given: Given, _files: Files) -> Reply:
        """ "editMessageText": a text message of the bot's, to another text."""
        return self._edit("text", str(given.get("text", "")), TEXT, given)

    def do_editmessagecaption(self, given: Given, _files: Files) -> Reply:
        """ "editMessageCaption"."""
        return self._edit("caption", str(given.get("caption", "")), CAPTION, given)

    def _edit(self, name: str, text: str, most: int, given: Given) -> Reply:
        message = self._named(given)
        if message is None:
            return refusal(400, "Bad Request: message to edit not found")
        if not message["from"]["is_bot"]:
            return refusal(400, "Bad Request: message can't be edited")
        if name not in message and name == "text":
            return refusal(400, "Bad Request: there is no text in the message to edit")
        if message.get(name) == text:
            return refusal(400, "Bad Request: message is not modified")
        if not text or len(text) > most:
            return refusal(400, "Bad Request: message is too long" if text else "Bad Request: message text is empty")
        message[name] = text
        message.pop("reply_markup", None)  # "editMessageText", reply_markup: without one there is none any more
        message |= {"reply_markup": given["reply_markup"]} if given.get("reply_markup") else {}
        self.edited.append({"text": text, "message_id": message["message_id"]})
        return Reply({"ok": True, "result": message})

    def do_deletemessage(self, given: Given, _files: Files) -> Reply:
        """ "deleteMessage": of the last 48 hours."""
        message = self._named(given)
        if message is None:
            return refusal(400, "Bad Request: message to delete not found")
        if self.clock() - message["date"] > DELETABLE:
            return refusal(400, "Bad Request: message can't be deleted for everyone")
        del self.messages[message["chat"]["id"], message["message_id"]]
        self.deleted.append({"message_id": message["message_id"]})
        return Reply({"ok": True, "result": True})

    def do_setmessagereaction(self, given: Given, _files: Files) -> Reply:
        """ "setMessageReaction": bots set one at most, of those that "ReactionTypeEmoji" lists."""
        message, signs = self._named(given), given.get("reaction") or []
        if message is None:
            return refusal(400, "Bad Request: message to react not found")
        if not isinstance(signs, list) or len(signs) > 1:
            return refusal(400, "Bad Request: REACTIONS_TOO_MANY")
        if any(one.get("type") != "emoji" or one.get("emoji") not in SIGNS for one in signs):
            return refusal(400, "Bad Request: REACTION_INVALID")
        self.reacted.append({"message_id": message["message_id"], "emoji": "".join(one["emoji"] for one in signs)})
        return Reply({"ok": True, "result": True})

    def do_sendchataction(self, given: Given, _files: Files) -> Reply:
        """ "sendChatAction"."""
        if refused := self.may_write(given.get("chat_id")):
            return refused
        self.signals.append({"kind": given.get("action"), "chat": given["chat_id"]})
        return Reply({"ok": True, "result": True})

    def _named(self, given: Given) -> dict[str, Any] | None:
        chat, number = str(given.get("chat_id", "")), str(given.get("message_id", ""))
        return self.messages.get((int(chat), int(number))) if chat.isdigit() and number.isdigit() else None


def unfit_keyboard(markup: Any) -> Reply | None:
    """ "InlineKeyboardMarkup": lines of buttons, each with a text and, here, what it sends back."""
    lines = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(lines, list) or not all(isinstance(line, list) for line in lines):
        return refusal(400, "Bad Request: can't parse inline keyboard markup JSON object")
    for one in (one for line in lines for one in line):
        if not str(one.get("text", "")).strip():
            return refusal(400, "Bad Request: can't parse inline keyboard button: Button text must be non-empty")
        if len(str(one.get("callback_data", "")).encode()) not in DATA:
            return refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    return None


def _part(kind: str, file: tuple[str, str, bytes] | None, caption: str) -> dict[str, Any]:
    """A sent file as "Message" has it; a photo comes in sizes."""
    size = len(file[2]) if file else 0
    content: Any = {"file_id": f"sent-{kind}", "file_unique_id": f"s-{kind}", "file_size": size}
    shapes = {"photo": {"width": 90, "height": 90}, "video": {"width": 90, "height": 90, "duration": 1}}
    content |= shapes.get(kind, {"duration": 1} if kind in ("audio", "voice") else {})
    return {kind: [content] if kind == "photo" else content} | ({"caption": caption} if caption else {})

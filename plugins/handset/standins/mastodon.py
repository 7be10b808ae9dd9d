"""A stand-in of a Mastodon server, from its published reference, https://docs.joinmastodon.org (pages and sections are
named beside what follows from them). ``mention`` and its like play a customer; ``sent`` lists the account's posts.
"""

from __future__ import annotations

import html
import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from .server import Asked, Reply, StandIn

TOKEN = "stand-in-token-of-the-shop"
MOST, LINK = 500, 23  # characters; "Posting a status": 500, a link counts 23, of a name only its first part
MANY = 4  # "Statuses", media_ids: at most 4 attachments
LARGEST = {"image": 16_777_216, "video": 103_809_024, "audio": 103_809_024}  # bytes; "Instance", media_attachments
TYPES = "image/png image/jpeg image/gif image/webp video/mp4 video/webm audio/mpeg audio/ogg".split()
NAME = re.compile(r"@([\w.-]+)(?:@([\w.:-]+))?")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def refusal(status: int, words: str) -> Reply:
    """ "Error": an object with error."""
    return Reply({"error": words}, status)


class Mastodon(StandIn):
    """One account, ``shop``, of a server. ``working`` says how often a file is still worked on when it is looked at."""

    def __init__(self, token: str = TOKEN, port: int = 0) -> None:
        super().__init__(port)
        self.token, self.working = token, 0
        self.statuses: dict[str, dict[str, Any]] = {}
        self.notes: list[dict[str, Any]] = []
        self.media: dict[str, tuple[str, bytes]] = {}
        self.keys: dict[str, str] = {}
        self.ids = itertools.count(110_000)
        self.me = self.account("shop")

    # The customer ----------------------------------------------------------------------------------------------------

    def account(self, name: str) -> dict[str, Any]:
        """ "Account"."""
        bare, _at, host = name.partition("@")
        url, picture = f"https://{host or 'mastodon.example'}/@{bare}", f"{self.url}/avatar.png"
        known = {"id": str(abs(hash(name)) % 10**9), "username": bare, "acct": name, "display_name": bare.title()}
        return {**known, "url": url, "note": "", "avatar": picture, "created_at": self._now(), "bot": False}

    def mention(self, name: str, text: str, visibility: str = "public", **more: Any) -> dict[str, Any]:
        """Somebody writes a post that names the account."""
        content = f'<p><span class="h-card"><a href="#">@<span>shop</span></a></span> {html.escape(text)}</p>'
        status = self._status(self.account(name), content, visibility) | more
        status["mentions"] = [{"id": self.me["id"], "username": "shop", "acct": "shop", "url": self.me["url"]}]
        self.notify("mention", status["account"], status)
        return status

    def notify(self, kind: str, account: dict[str, Any], status: dict[str, Any]) -> dict[str, Any]:
        """ "Notification"."""
        note = {"id": str(next(self.ids)), "type": kind, "created_at": self._now(), "group_key": "ungrouped"}
        self.notes.append(note | {"account": account, "status": status})
        return self.notes[-1]

    def picture(self, kind: str = "image") -> dict[str, Any]:
        """ "MediaAttachment" of theirs."""
        known = str(next(self.ids))
        self.media[known] = ("image/png", PICTURE)
        return {"id": known, "type": kind, "url": f"{self.url}/media/{known}.png", "preview_url": None, "meta": {}}

    def sent(self) -> list[dict[str, Any]]:
        """The account's posts, oldest first."""
        return [status for status in self.statuses.values() if status["account"]["acct"] == "shop"]

    def _now(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _status(self, account: dict[str, Any], content: str, visibility: str, **more: Any) -> dict[str, Any]:
        """ "Status"."""
        known = str(next(self.ids))
        uri = f"https://mastodon.example/users/{account['username']}/statuses/{known}"
        head = {"id": known, "uri": uri, "url": uri, "created_at": self._now(), "account": account}
        rest = {"content": content, "visibility": visibility, "sensitive": False, "spoiler_text": "", "mentions": []}
        lists = {"media_attachments": [], "tags": [], "emojis": [], "in_reply_to_id": None, "poll": None, "card": None}
        self.statuses[known] = {**head, **rest, **lists, "language": "fa", "edited_at": None, **more}
        return self.statuses[known]

    # The API ---------------------------------------------------------------------------------------------------------

    def busy(self) -> Reply:
        """ "Rate limits": 429 with the moment at which requests count anew."""
        reset = datetime.fromtimestamp(self.clock(), UTC) + timedelta(seconds=self.after)
        return Reply({"error": "Too many requests"}, 429, {"X-RateLimit-Reset": reset.isoformat()})

    def answer(self, asked: Asked) -> Reply:
        """Every method needs the token but those about the server, and files."""
        method, path = asked.method, asked.path.rstrip("/")
        if path.startswith("/media/"):
            return Reply(self.media[path.removeprefix("/media/").removesuffix(".png")][1])
        if path in ("/api/v1/instance", "/api/v2/instance"):
            most = {"max_characters": MOST, "max_media_attachments": MANY, "characters_reserved_per_url": LINK}
            urls = {"streaming_api": self.url.replace("http", "ws")}
            about = {"domain": "mastodon.example", "uri": "mastodon.example", "title": "Stand-in", "version": "4.4.0"}
            known = {"configuration": {"statuses": most}, "api_versions": {"mastodon": 6}}
            return Reply({**about, "urls": urls, **known})
        if asked.headers.get("Authorization") != f"Bearer {self.token}":
            return refusal(401, "The access token is invalid")
        with self.lock:
            return self._act(method, path, asked)

    def _act(self, method: str, path: str, asked: Asked) -> Reply:
        known = path.rpartition("/")[2]
        if (method, path) == ("GET", "/api/v1/accounts/verify_credentials"):
            return Reply(self.me)
        if (method, path) == ("GET", "/api/v1/notifications"):
            return self._notifications(asked.given)
        if (method, path) == ("POST", "/api/v1/statuses"):
            return self._post(asked)
        if path.startswith("/api/v1/statuses/"):
            return self._one(method, known, asked.given)
        if (method, path) == ("POST", "/api/v2/media"):
            return self._upload(asked)
        if path.startswith("/api/v1/media/") and known in self.media:
            return self._file(known)
        return refusal(404, "Record not found")

    def _notifications(self, given: dict[str, Any]) -> Reply:
        """ "notifications": newest first; min_id gives what follows it immediately, types[] those kinds alone."""
        types, least = given.get("types[]"), int(given.get("min_id", given.get("since_id", 0)))
        found = [note for note in self.notes if (not types or note["type"] in types) and int(note["id"]) > least]
        limit = min(int(given.get("limit", 40)), 80)
        chosen = found[:limit] if "min_id" in given else found[-limit:]
        return Reply(chosen[::-1])

    def _post(self, asked: Asked) -> Reply:
        """ "statuses", Post a new status: the same Idempotency-Key gives the same post for an hour."""
        given, key = asked.given, asked.headers.get("Idempotency-Key", "")
        if key in self.keys and self.keys[key] in self.statuses:
            return Reply(self.statuses[self.keys[key]])
        text, media = str(given.get("status") or ""), given.get("media_ids") or given.get("media_ids[]") or []
        if refused := self._unfit(text, media):
            return refused
        answered = given.get("in_reply_to_id")
        if answered and str(answered) not in self.statuses:
            return refusal(404, "Record not found")
        visibility = given.get("visibility") or "public"
        files = [{"id": one, "type": "image", "url": f"{self.url}/media/{one}.png"} for one in media]
        more = {"in_reply_to_id": answered, "media_attachments": files}
        made = self._status(self.me, f"<p>{html.escape(text)}</p>", visibility, **more)
        self.keys[key] = made["id"]
        seen = "private" if visibility in ("direct", "private") else "public"
        taken = {"text": text, "visibility": seen, "as": visibility, "answers": answered, "files": media}
        self.taken.append(taken | {"ids": [made["id"]]})
        self.before_answer([made["id"]])
        return Reply(made)

    def _unfit(self, text: str, media: list[Any]) -> Reply | None:
        counted = re.sub(r"https?://\S+", "x" * LINK, NAME.sub(lambda name: f"@{name[1]}", text))
        if not text and not media:
            return refusal(422, "Validation failed: Text can't be blank")
        if len(counted) > MOST:
            return refusal(422, f"Validation failed: Text character limit of {MOST} exceeded")
        if len(media) > MANY:
            return refusal(422, "Validation failed: Cannot attach more than 4 files")
        known = all(str(one) in self.media for one in media)
        return None if known else refusal(422, "Validation failed: Media not found")

    def _one(self, method: str, known: str, given: dict[str, Any]) -> Reply:
        """ "statuses": view, edit and delete one's own."""
        status = self.statuses.get(known)
        if status is None or (method != "GET" and status["account"]["acct"] != "shop"):
            return refusal(404, "Record not found")
        if method == "DELETE":
            self.deleted.append({"id": known})
            return Reply(self.statuses.pop(known))
        if method == "PUT":
            if refused := self._unfit(text := str(given.get("status") or ""), []):
                return refused
            status |= {"content": f"<p>{html.escape(text)}</p>", "edited_at": self._now()}
            self.edited.append({"id": known, "text": text})
        return Reply(status)

    def _upload(self, asked: Asked) -> Reply:
        """ "media", async: 200 when it is ready, 202 while it is worked on."""
        name, kind, content = asked.files.get("file", ("", "", b""))
        if kind not in TYPES:
            return refusal(422, "Validation failed: File content type is invalid")
        if not name or len(content) > LARGEST[kind.partition("/")[0]]:
            return refusal(422, "Validation failed: File size must be less than 16 MB")
        known = str(next(self.ids))
        self.media[known] = (kind, content)
        return self._file(known, 202)

    def _file(self, known: str, unready: int = 206) -> Reply:
        """ "media", Get media attachment: 206 while it is worked on."""
        ready, kind = self.working <= 0, self.media[known][0].partition("/")[0]
        self.working -= 1
        url = f"{self.url}/media/{known}.png" if ready else None
        return Reply({"id": known, "type": kind, "url": url, "preview_url": url}, 200 if ready else unready)

"""Mastodon, and servers with its API (https://docs.joinmastodon.org/api/): posts that mention the desk's account come
in as public or private messages, and are answered the same way or in private.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Event
from typing import Any

from marshmallow import Schema, fields, validate

from helpdesk.api import http
from helpdesk.api.channels import (
    Accepts,
    AccountView,
    Address,
    Attachments,
    Channel,
    File,
    Outbound,
    Parsed,
    RawMessage,
    Secret,
    Sent,
    Step,
    tried,
)
from helpdesk.api.errors import ChannelError, Invalid, Misconfigured, Refused, TryAgain, Undeliverable, _

from . import calls, mastodon_posts, reading

NAME = re.compile(r"@?([\w.-]+)@([\w-]+(?:\.[\w-]+)*(?::\d+)?)")
MOST = 460  # characters: the usual 500 less the name of whom it is for ("Posting a status")
LIMIT = 40  # notifications at once
PAUSE = 10.0  # seconds between two looks
LOOKS, BETWEEN = 20, 0.5  # how often, and after how many seconds, a file is looked at that the server works on
FILES = ("image/png", "image/jpeg", "image/gif", "image/webp", "video/mp4", "video/webm", "audio/mpeg", "audio/ogg")


class Mastodon(Channel):
    """An account on a server. People are known by name and server."""

    name, label, icon, color = "mastodon", _("Mastodon"), "social", "#6364ff"
    address = "mastodon"
    accepts = Accepts(
        attachments=Attachments(FILES, size=16_000_000, count=4),
        max_chars=MOST,
        first=True,
        public=True,
        edit=True,
        delete=True,
        reactions=True,
    )

    class Settings(Schema):
        """The account's server and its token."""

        base_url = fields.Url(
            required=True,
            require_tld=False,
            metadata={"label": _("Address of the server"), "placeholder": "https://mastodon.example"},
        )
        access_token = Secret(required=True, sent_to=("base_url",), metadata={"label": _("Access token")})
        public_as = fields.String(
            load_default="unlisted",
            validate=validate.OneOf(["unlisted", "public"]),
            metadata={
                "label": _("Public answers are"),
                "help": _("unlisted: for everybody, but not on the server's timelines"),
            },
        )

    def __init__(self, account: AccountView):
        super().__init__(account)
        self._closed = Event()

    @classmethod
    def recipient(cls, typed: str, account: AccountView | None = None) -> Address:
        """A name with its server."""
        found = NAME.fullmatch(typed.strip().lower())
        if not found:
            sentence = _("Please write the name with its server, like @mina@mastodon.example.")
            raise Invalid(sentence, {"to": sentence})
        return Address(cls.address, f"{found[1]}@{found[2]}")

    # In --------------------------------------------------------------------------------------------------------

    def poll(self, cursor: dict[str, Any], wait: float) -> tuple[list[RawMessage], dict[str, Any]]:
        """Notifications after the last one, oldest first; the first time what is there already is left alone."""
        if "after" not in cursor:
            newest = self._notes(limit="1")
            return [], {"after": reading.text(newest[0], "id", 100) if newest else "0"}
        notes = self._notes(min_id=cursor["after"], limit=str(LIMIT))
        if not notes and wait > 0 and not self._closed.wait(min(wait, PAUSE)):
            notes = self._notes(min_id=cursor["after"], limit=str(LIMIT))
        notes.reverse()  # the server gives the newest first
        last = reading.text(notes[-1], "id", 100) if notes else cursor["after"]
        return [self._raw(note) for note in notes], {"after": last}

    def _notes(self, **query: str) -> list[dict[str, Any]]:
        answer = self._ask("GET", "/api/v1/notifications", params={**query, "types[]": mastodon_posts.KINDS})
        found = answer.json() if answer.content.lstrip().startswith(b"[") else []
        return [note for note in found if isinstance(note, dict)]

    def _raw(self, note: dict[str, Any]) -> RawMessage:
        raw = json.dumps(note, ensure_ascii=False).encode()
        known = reading.text(note, "id", 100) or hashlib.sha256(raw).hexdigest()
        return RawMessage(known, raw, datetime.now(UTC), reading.text(reading.part(note, "account"), "acct", 200))

    def close(self) -> None:
        """Stop waiting."""
        self._closed.set()

    def parse(self, raw_message: RawMessage) -> Parsed:
        """What a notification says."""
        return mastodon_posts.event(reading.read(raw_message.raw), self.address, self._host)

    def fetch(self, file: File, write: Callable[[bytes], None]) -> None:
        """A file of a post. It may lie with a stranger, so only the account's own server may be in a private place."""
        url = str(file.ref.get("url", ""))
        calls.download(url, write, redirects=3, private=calls.host(url) == calls.host(self._base))

    # Out -------------------------------------------------------------------------------------------------------

    def send(self, outbound: Outbound) -> Sent:
        """One post that names whom it is for; the same key at every try makes it one."""
        media = [self._upload(file, outbound.read) for file in outbound.files]
        private, whom = outbound.visibility != "public", outbound.to[0].value
        body = {
            "status": self._words(outbound),
            "visibility": "direct" if private else self._setting("public_as"),
            "media_ids": media,
            "language": outbound.language,
        }
        answered = outbound.in_reply_to if outbound.in_reply_to.isalnum() else ""
        try:
            said = self._post(outbound, body | ({"in_reply_to_id": answered} if answered else {}))
        except Undeliverable:
            if not answered:
                raise
            said = self._post(outbound, body)  # what it answers was deleted meanwhile
        ids = tuple(filter(None, (reading.text(said, "id", 200), reading.text(said, "uri", 250))))
        return Sent(ids, thread=mastodon_posts.private_thread(whom) if private else "")

    def _post(self, outbound: Outbound, body: dict[str, Any]) -> dict[str, Any]:
        key = hashlib.sha256(outbound.external_id.encode()).hexdigest()
        return calls.said(self._ask("POST", "/api/v1/statuses", json=body, headers={"Idempotency-Key": key}))

    def _words(self, outbound: Outbound) -> str:
        return f"@{outbound.to[0].value} {outbound.text}"

    def _upload(self, file: File, read: Callable[[File], bytes]) -> str:
        upload = {"file": (file.name, read(file), file.type)}
        answer = self._ask("POST", "/api/v2/media", files=upload, patient=True)
        known = reading.text(calls.said(answer), "id", 200)
        for _look in range(LOOKS):
            if answer.status == 200:
                return known
            self._closed.wait(BETWEEN)
            answer = self._ask("GET", f"/api/v1/media/{known}")
        raise TryAgain(_("The server is still working on a file."))

    def edit(self, outbound: Outbound) -> None:
        """Other words in the place of a post's."""
        for known in self._ids(outbound):
            self._ask("PUT", f"/api/v1/statuses/{known}", json={"status": self._words(outbound)})

    def delete(self, outbound: Outbound) -> None:
        """Take a post back; one that is gone is."""
        for known in self._ids(outbound):
            try:
                self._ask("DELETE", f"/api/v1/statuses/{known}")
            except Undeliverable:
                pass

    def _ids(self, outbound: Outbound) -> list[str]:
        return [known for known in outbound.external_ids if known.isascii() and known.isalnum()][:1]

    # The account -----------------------------------------------------------------------------------------------

    def check(self) -> Iterator[Step]:
        """Who we are, whether notifications may be read, and how long a post may be."""

        def signed_in() -> str:
            me = calls.said(self._ask("GET", "/api/v1/accounts/verify_credentials"))
            return f"@{reading.text(me, 'acct', 200)}@{self._host}"

        def longest() -> str:
            server = calls.said(self._ask("GET", "/api/v2/instance"))
            most = reading.size(reading.part(server, "configuration", "statuses"), "max_characters")
            if most and most < MOST:
                raise Misconfigured(
                    _("This server takes shorter posts than the desk writes: %(most)s."), most=str(most)
                )
            return str(most or "")

        yield tried(_("Sign in with the access token"), signed_in)
        yield tried(_("Read mentions"), lambda: "" if self._notes(limit="1") is not None else "")
        yield tried(_("Characters of a post"), longest)

    @property
    def _base(self) -> str:
        return self._setting("base_url").rstrip("/")

    @property
    def _host(self) -> str:
        return calls.host(self._base)

    def _setting(self, name: str) -> str:
        return str(self.account.settings.get(name) or "")

    def _ask(self, method: str, path: str, headers: dict[str, str] | None = None, **request: Any) -> http.Response:
        """The answer to a request. Raises as ``send`` does."""
        token = self._setting("access_token")
        given = {"Authorization": f"Bearer {token}", **(headers or {})}
        answer = calls.call(method, f"{self._base}{path}", headers=given, **request)
        if 200 <= answer.status < 300:
            return answer
        said = reading.text(calls.said(answer), "error", 200)
        known = {"host": self._host, "status": str(answer.status), "words": said or calls.words(answer, token)}
        raise self._raised(answer, known)

    def _raised(self, answer: http.Response, known: dict[str, str]) -> ChannelError:
        if calls.busy(answer.status):
            return TryAgain(calls.SENTENCE, after=_until_reset(answer) or calls.after(answer), **known)
        if answer.status == 401:
            return Misconfigured(calls.SENTENCE, **known)
        return (Undeliverable if answer.status in (404, 410) else Refused)(calls.SENTENCE, **known)


def _until_reset(answer: http.Response) -> float | None:
    """The seconds until requests count anew ("Rate limits")."""
    try:
        until = datetime.fromisoformat(answer.headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) if until.tzinfo else None

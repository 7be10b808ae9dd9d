"""The telephone as a channel: its system pushes what happens to calls; what the desk says, a person says by calling."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from helpdesk.api import http
from helpdesk.api.channels import (
    Accepts,
    AccountView,
    Address,
    Answer,
    Channel,
    File,
    Inbound,
    Outbound,
    RawMessage,
    Received,
    Report,
    Sent,
    Step,
    Webhook,
)
from helpdesk.api.errors import Invalid, Misconfigured, Refused, TryAgain, Unavailable, _
from helpdesk.api.text import phone_number

from . import call_events, settings, signature, wording
from .call_events import ASKED, CallEvent

PATIENCE = 30  # seconds
WAITS = ("ringing", "waiting")
LARGEST = 100_000_000  # bytes of a voice message


class Phone(Channel):
    """Senders are telephone numbers. One call is one message; ``calls`` keeps its events and words it each time."""

    name = "phone"
    label = _("Telephone")
    icon = "call"
    address = "phone"
    accepts = Accepts(first=True, by_hand=True, max_chars=4000)
    interactive = True
    Settings = settings.Settings

    @classmethod
    def recipient(cls, typed: str, account: AccountView | None = None) -> Address:
        """A telephone number, however it is spelled."""
        region = str(account.settings.get("region") or "IR") if account else "IR"
        return Address(cls.address, phone_number(typed, region))

    def receive(self, webhook: Webhook) -> Received:
        """An event, once it is proved to come from the telephone system, and lately."""
        secret = str(self.account.settings["secret"])
        if not secret:
            raise Refused(_("Please enter the secret that signs the call events."))
        if not signature.holds(secret, webhook.body, webhook.headers.get(signature.HEADER, "")):
            raise Refused(_("The signature is wrong or too old."))
        now = datetime.now(UTC)
        event = self._read(webhook.body, now)
        if event.event == ASKED:
            raise Refused(_("Please use the REST API to ask for a call."))
        known = f"{event.call_id[:150]}:{event.event}:{event.at.isoformat() if self._dated(webhook) else ''}"
        told = RawMessage(known, webhook.body, now, conversation=event.call_id)
        return Received([told], self._offer() if event.incoming and event.event in WAITS else None)

    def _offer(self) -> Answer:
        """After how many seconds of waiting the telephone system may offer a call-back without being told."""
        said = {"offer_call_back_after": int(self.account.settings["offer_after"])}
        return Answer(200, {"Content-Type": "application/json"}, json.dumps(said).encode())

    def _dated(self, webhook: Webhook) -> bool:
        return bool(call_events.opened(webhook.body).get("at"))

    def _read(self, raw: bytes, default: datetime) -> CallEvent:
        own, region = self.account.settings["number"], self.account.settings["region"]
        return call_events.read(raw, default, str(own), str(region))

    def parse(self, raw_message: RawMessage) -> list[Inbound | Report]:
        """The message that a call is. Every event of a call says the same one; the desk files it once. A call that the
        desk made is no message but a report, which ``outgoing`` enters.
        """
        event = self._read(raw_message.raw, raw_message.at)
        said = self._said(event)
        if not event.incoming:
            return [Report([], at=event.at, details={"call": {**said, "number": event.number}})]
        sender = Address(self.address, event.number, event.name)
        asked = event.event == ASKED  # on a public page anybody may have typed the number
        call = Inbound(
            sender,
            text=event.text or wording.FIRST[event.event],
            external_id=event.call_id,
            thread=event.call_id if asked else event.number or event.call_id,
            form="call",
            authentic=None if asked else bool(event.number) or None,
            typed=asked,
            at=event.at,
            details={"call_back": event.call_id} if asked else {"call": said},
        )
        return [call, *([self._voicemail(event, sender)] if event.event == "voicemail" else [])]

    def _said(self, event: CallEvent) -> dict[str, Any]:
        said: dict[str, Any] = {"id": event.call_id, "event": event.event, "at": event.at.isoformat()}
        said |= {"line": event.line, "agent": event.agent}
        said |= {"seconds": event.seconds} if event.seconds else {}
        return said | ({"recording": event.recording} if self._may_keep(event) else {})

    def _may_keep(self, event: CallEvent) -> bool:
        wish = self.account.settings["recordings"]
        agreed = wish == settings.ANNOUNCED or (wish == settings.TOLD and event.consent)
        return bool(event.recording) and agreed and event.event != "voicemail"

    def _voicemail(self, event: CallEvent, sender: Address) -> Inbound:
        """What the caller left is a message of its own, since they say it after the call."""
        name = PurePosixPath(urlsplit(event.recording).path).name[-100:] or "voicemail.wav"
        kind = mimetypes.guess_type(name)[0] or "audio/wav"
        file = File(name, kind, ref={"url": event.recording})
        return Inbound(
            sender,
            text=wording.VOICEMAIL,
            external_id=f"{event.call_id}:voicemail",
            references=[event.call_id],
            thread=event.number or event.call_id,
            form="call",
            authentic=bool(event.number) or None,
            at=event.at,
            files=[file] if event.recording else [],
        )

    def fetch(self, file: File, write: Callable[[bytes], None]) -> None:
        """A voice message, from where the telephone system keeps it; the key goes to that place alone."""
        url, given = str(file.ref.get("url", "")), self.account.settings
        key, own = given["files_key"], given["files_url"]
        headers = {"Authorization": f"Bearer {key}"} if key and own and url.startswith(f"{own.rstrip('/')}/") else {}
        try:
            with http.stream("GET", url, headers=headers, seconds=PATIENCE, largest=LARGEST, redirects=0) as answer:
                if answer.status in (401, 403):
                    raise Misconfigured(_("The telephone system wants a key for its voice messages."))
                if answer.status in (404, 410):
                    raise Refused(_("The voice message is not there any more."))
                if answer.status != 200:
                    raise TryAgain(_("The telephone system answered %(status)s."), status=str(answer.status))
                for piece in answer.chunks:
                    write(piece)
        except Unavailable:
            raise TryAgain(_("The telephone system does not answer.")) from None
        except Invalid as problem:
            raise Refused(problem.sentence) from None

    def send(self, outbound: Outbound) -> Sent:
        """Never by a machine."""
        raise Refused(_("A person makes this call."))

    def check(self) -> Iterator[Step]:
        """What is there to work with."""
        given = self.account.settings
        yield Step(_("Call events are signed"), ok=bool(given["secret"]))
        if given["dial"] in ("http", "asterisk"):
            yield Step(_("The address for dialling is entered"), ok=bool(given["dial_url"]))

"""SMS by a gateway that its settings describe: texts go out by its HTTP request, texts and reports are pushed in."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode

from helpdesk.api import http
from helpdesk.api.channels import (
    Accepts,
    AccountView,
    Address,
    Channel,
    Inbound,
    Outbound,
    Outcome,
    Preset,
    RawMessage,
    Received,
    Report,
    Sent,
    Step,
    Webhook,
)
from helpdesk.api.errors import (
    Invalid,
    Malformed,
    Misconfigured,
    Refused,
    TryAgain,
    Unanswered,
    Unavailable,
    Uncertain,
    Undeliverable,
    _,
)
from helpdesk.api.text import phone_number

from . import gateway, opting_out, settings

PATIENCE = 15  # seconds
LARGEST = 100_000  # bytes of an answer
MOST = 670  # characters: ten parts of a Persian text


class Sms(Channel):
    """Senders are telephone numbers, or names that nobody can write to, as shops and networks have."""

    name = "sms"
    label = _("SMS")
    icon = "phone"
    address = "phone"
    other_addresses = ("sender",)
    accepts = Accepts(max_chars=MOST, first=True)
    interactive = True
    Settings = settings.Settings

    @classmethod
    def presets(cls) -> list[Preset]:
        """Gateways many people have."""
        return settings.PRESETS

    @classmethod
    def recipient(cls, typed: str, account: AccountView | None = None) -> Address:
        """A telephone number, however it is spelled."""
        return Address(cls.address, phone_number(typed))

    # In --------------------------------------------------------------------------------------------------------

    def receive(self, webhook: Webhook) -> Received:
        """A text or a report, once it is proved to come from the gateway; many gateways push by GET."""
        query = {name: value for name, value in webhook.query.items() if name != "key"}
        raw = webhook.body or urlencode(query).encode()
        self._prove(webhook, raw)
        said = gateway.pushed(raw)
        return Received([RawMessage(self._external_id(said, raw), raw, datetime.now(UTC))])

    def _prove(self, webhook: Webhook, raw: bytes) -> None:
        key, header = self.account.settings["in_key"], self.account.settings["in_header"]
        if not key:
            raise Refused(_("Please enter the secret of what the gateway pushes."))
        proof = hmac.new(key.encode(), raw, hashlib.sha256).hexdigest() if header else key
        given = webhook.headers.get(header, "") if header else webhook.query.get("key", "")
        if not hmac.compare_digest(given.encode(), proof.encode()):
            raise Refused(_("The signature is wrong."))

    def _external_id(self, said: dict[str, str], raw: bytes) -> str:
        """The gateway's id, with the state where it is a report; without one the same words count once a minute."""
        known, state = said.get(self._field("in_id"), ""), said.get(self._field("report_state"), "")
        if known and not said.get(self._field("in_text")):
            return f"{known}:{state}"[:200]
        return known[:200] or hashlib.sha256(raw + f"{datetime.now(UTC):%Y%m%d%H%M}".encode()).hexdigest()

    def parse(self, raw_message: RawMessage) -> Inbound | Report:
        """What a push says: a text, or what became of one of ours."""
        said = gateway.pushed(raw_message.raw)
        report = self._report(said)
        return report or self._inbound(said, raw_message)

    def _report(self, said: dict[str, str]) -> Report | None:
        state = said.get(self._field("report_state"), "").strip().lower()
        known = said.get(self._field("report_id"), "")
        if not state or not known or said.get(self._field("in_text")):
            return None
        become = next((name for name in ("delivered", "failed") if state in self._words(f"report_{name}")), "")
        outcome = Outcome(Address(self.address, ""), become or "delayed", text=state)
        return Report([outcome] if become else [], references=[known], text=state)

    def _inbound(self, said: dict[str, str], raw_message: RawMessage) -> Inbound:
        sender, text = said.get(self._field("in_from"), "").strip(), said.get(self._field("in_text"), "")
        if not sender or not text:
            raise Malformed(_("A message needs a sender and a text."))
        try:
            number = self.recipient(sender)
            automatic = ""
        except Invalid:
            number, automatic = Address("sender", sender[:100].lower(), sender[:100]), "bulk"
        wished = opting_out.wish(text, self._field("stop_words"), self._field("start_words"))
        return Inbound(
            number,
            text=text,
            external_id=said.get(self._field("in_id"), ""),
            fingerprint=raw_message.external_id,
            thread=number.value,
            authentic=True,  # the network says who it is from
            automatic=automatic,
            details={"sms": wished} if wished else {},
        )

    def _field(self, name: str) -> str:
        return str(self.account.settings[name])

    def _words(self, name: str) -> set[str]:
        return {word.strip().lower() for word in self._field(name).split(",")} - {""}

    @property
    def knows_repeats(self) -> bool:
        """As the settings say of the gateway."""
        return bool(self.account.settings["knows_repeats"])

    # Out -------------------------------------------------------------------------------------------------------

    def send(self, outbound: Outbound) -> Sent:
        """One request of the gateway's for one text."""
        number = outbound.to[0].value
        if opting_out.has(self.account.id, number):
            raise Undeliverable(_("This number asked for no more messages."))
        form = gateway.in_form(number, self._field("number_form"))
        answer = self._ask(to=form, text=outbound.text, id=outbound.external_id)
        said = self._read(answer)
        if not self._taken(answer.status, said):
            self._refused(answer, said)
        known = gateway.at(said, self._field("id_at")) if self._field("id_at") else ""
        return Sent((known,) if known else (), detail=f"HTTP {answer.status}", thread=number)

    def _ask(self, **of_message: str) -> http.Response:
        given, method = gateway.values(self.account.settings, **of_message), "POST"
        url, content, kind = gateway.address(self._field("send_url"), given), b"", ""
        if self._field("send_as") == "json":
            content, kind = self._json(given), "application/json"
        else:
            fields = urlencode(gateway.fields(self._field("send_body"), given))
            if self._field("send_as") == "query":
                url, method = f"{url}{'&' if '?' in url else '?'}{fields}", "GET"
            else:
                content, kind = fields.encode(), "application/x-www-form-urlencoded"
        headers = gateway.headers(self._field("send_headers"), given) | ({"Content-Type": kind} if kind else {})
        try:
            return http.fetch(
                method, url, content=content, headers=headers, seconds=PATIENCE, redirects=0, largest=LARGEST
            )
        except Unanswered:
            raise Uncertain(_("The line to the gateway broke before it answered.")) from None
        except Unavailable:
            raise TryAgain(_("The gateway does not answer.")) from None

    def _json(self, given: dict[str, str]) -> bytes:
        try:
            return json.dumps(gateway.body(self._field("send_body"), given), ensure_ascii=False).encode()
        except Invalid as problem:
            raise Misconfigured(problem.sentence) from None

    def _read(self, answer: http.Response) -> object:
        try:
            return answer.json()
        except Unavailable:
            return {}

    def _taken(self, status: int, said: object) -> bool:
        place = self._field("taken_at")
        return 200 <= status < 300 and (not place or gateway.at(said, place) == self._field("taken_is"))

    def _is_later(self, answer: http.Response, said: object) -> bool:
        """True for what may go well later: by HTTP, or as the settings say that the gateway says it."""
        told = {str(answer.status), gateway.at(said, self._field("taken_at")).lower()} & self._words("later_is")
        return answer.status in (408, 429) or answer.status >= 500 or bool(told)

    def _refused(self, answer: http.Response, said: object) -> None:
        key = self._field("key")
        words = " ".join((answer.text.replace(key, "•••") if key else answer.text).split())[:200]
        sentence = _("The gateway answered %(status)s: %(words)s")
        if self._is_later(answer, said):
            wait = answer.headers.get("retry-after", "")
            raise TryAgain(
                sentence, after=float(wait) if wait.isdecimal() else None, status=str(answer.status), words=words
            )
        if answer.status in (401, 403):
            raise Misconfigured(sentence, status=str(answer.status), words=words)
        raise Refused(sentence, status=str(answer.status), words=words)

    # The account -----------------------------------------------------------------------------------------------

    def check(self) -> Iterator[Step]:
        """There is nothing to try without sending a text; the request is made up and shown without its secrets."""
        given = gateway.values({**self.account.settings, "key": "•••"}, to="…", text="…", id="…")
        if self._field("send_as") == "json":
            self._json(given)
        yield Step(_("The request can be made: %(url)s"), {"url": gateway.filled(self._field("send_url"), given)})
        if not self.account.settings["in_key"]:
            yield Step(_("Please enter the secret of what the gateway pushes."), ok=False)

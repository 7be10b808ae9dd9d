"""The proofs of the SMS channel: texts and reports as gateways push them, genuine and forged; tests add a gateway."""

from __future__ import annotations

import hashlib
import hmac
import json

from helpdesk.api.channels import Webhook
from helpdesk.testing import ChannelContract, fixture, small_runtime

from . import opting_out
from .channel import Sms

KEY, SECRET, HEADER = "canary-key-51", "canary-secret-52", "X-Signature"
MINA = "+989121234567"


def push(**said):
    """A text as a gateway pushes it."""
    return json.dumps({"from": MINA, "text": "سلام", "id": "m-1"} | said).encode()


def signed(body, secret=SECRET):
    """The same with its proof."""
    return Webhook("POST", {HEADER: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}, {}, body)


class SmsContract(ChannelContract):
    """What every channel must keep, for this one."""

    channel = Sms
    settings = {
        "number": "3000505",
        "send_url": "http://127.0.0.1:9/{key}/send",
        "send_body": "to={to}&from={from}&text={text}&id={id}",
        "number_form": "09121234567",
        "taken_at": "return.status",
        "taken_is": "200",
        "id_at": "entries.0.messageid",
        "key": KEY,
        "in_key": SECRET,
        "in_header": HEADER,
    }
    samples = [
        push(),
        push(id="m-2", **{"from": "09351112233"}, text="Where is my order?"),
        b"from=%2B989121234567&text=%D8%B3%D9%84%D8%A7%D9%85&id=m-3",
        push(id="m-4", **{"from": "BankMellat"}, text="رمز شما ۱۲۳۴۵"),
        push(id="m-5", text="لغو"),
    ]
    forged = [signed(push(), "another secret"), Webhook("POST", {}, {}, push()), Webhook("GET", {}, {"key": "x"}, b"")]

    @fixture
    def runtime(self, tmp_path):
        runtime = small_runtime(tmp_path, Sms, plugins="sms")
        opting_out.Base.metadata.create_all(runtime.engine)
        yield runtime
        runtime.engine.dispose()

    def signed(self, body):
        return signed(body)

    def message(self, text, external_id, references):
        return push(text=text, id=external_id)

    def reported(self, external_id, state):
        words = {"delivered": "Delivered", "failed": "FAILED"}
        return json.dumps({"id": external_id, "status": words[state]}).encode() if state in words else None

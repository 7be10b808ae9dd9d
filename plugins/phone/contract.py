"""The proofs of the telephone: events as telephone systems push them, genuine, forged, old; tests add a stand-in."""

from __future__ import annotations

import json
import time

from helpdesk.api.channels import Webhook
from helpdesk.testing import ChannelContract, fixture, small_runtime

from . import calls
from .channel import Phone
from .signature import HEADER, WINDOW, sign

SECRET = "canary-secret-61"
MINA, DESK = "+989121234567", "+982188776655"


def event(name="ringing", call_id="c-1", **more):
    """An event as a telephone system pushes it."""
    given = {"event": name, "call_id": call_id, "from": MINA, "to": DESK, "at": "2026-03-01T10:00:00Z"}
    return json.dumps(given | more, ensure_ascii=False).encode()


def signed(body, secret=SECRET, age=0):
    """The same with its proof."""
    return Webhook("POST", {HEADER: sign(secret, body, int(time.time()) - age)}, {}, body)


class PhoneContract(ChannelContract):
    """What every channel must keep, for this one."""

    channel = Phone
    settings = {"number": DESK, "secret": SECRET, "files_key": "canary-key-62", "files_url": "http://127.0.0.1:9/voice"}
    samples = [
        event(),
        event("answered", at="2026-03-01T10:00:20Z", agent="Sara"),
        event("ended", at="2026-03-01T10:05:38Z", agent="Sara", duration=318),
        event("ringing", "c-2", **{"from": "۰۰۹۸۹۳۵۱۱۱۲۲۳۳"}),
        event("missed", "c-3", **{"from": "sip:09121112233@pbx.example"}),
        event("ringing", "c-4", **{"from": "204", "to": MINA}),
    ]
    forged = [signed(event(), "another secret"), signed(event(), age=WINDOW + 5), Webhook("POST", {}, {}, event())]

    @fixture
    def runtime(self, tmp_path):
        runtime = small_runtime(tmp_path, Phone, plugins="phone")
        calls.Base.metadata.create_all(runtime.engine)
        yield runtime
        runtime.engine.dispose()

    def signed(self, body):
        return signed(body)

    def message(self, text, external_id, references):
        return event("call_back", external_id, text=text)

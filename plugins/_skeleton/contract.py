"""The proofs of the skeleton channel: payloads as they really arrive, genuine and forged; its tests add a stand-in."""

from __future__ import annotations

import hashlib
import hmac
import json

from helpdesk.api.channels import Webhook
from helpdesk.testing import ChannelContract

from .channel import SIGNATURE, Skeleton

SECRET = "a shared secret"
BODY = json.dumps({"id": "m-1", "from": "mina", "name": "مینا", "text": "سلام"}).encode()


def signed(body, secret=SECRET):
    return Webhook("POST", {SIGNATURE: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}, {}, body)


class SkeletonContract(ChannelContract):
    """What every channel must keep, for this one."""

    channel = Skeleton
    settings = {"secret": SECRET, "url": "http://127.0.0.1:9/answers"}
    samples = [BODY, json.dumps({"id": "m-2", "from": "ali", "text": "Hello"}).encode()]
    forged = [signed(BODY, "another secret"), Webhook("POST", {}, {}, BODY)]

    def signed(self, body):
        return signed(body)

    def message(self, text, external_id, references):
        return json.dumps({"id": external_id, "from": "mina", "name": "Mina", "text": text}).encode()

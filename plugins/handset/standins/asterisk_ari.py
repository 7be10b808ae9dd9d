"""A stand-in of Asterisk's REST interface, as far as one call is begun by it.

Built from https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Channels_REST_API/: ``POST
/channels`` needs ``endpoint``, and ``extension`` or ``app``, not both; 400 otherwise; HTTP Basic, 401 without;
``variables`` in a JSON body; ``channelId`` is the id it gets, 409 when a channel has it; the answer is a Channel with
``id``, ``name`` and ``state``. ``POST /channels/{channelId}/continue`` answers 204, 404 for an unknown channel, 409 for
one that is in no Stasis application.
"""

from __future__ import annotations

import base64
import re

from .server import Asked, Reply, StandIn

CONTINUE = re.compile(r"/ari/channels/([^/]+)/continue")
USER, KEY = "hamdel", "ari-password"
PREFIX = "/ari"


class AsteriskAri(StandIn):
    """``taken`` are the calls it began: {endpoint, extension, variables, channelId}. ``unknown`` names endpoints nobody
    has. ``waiting`` are channels in an application, ``elsewhere`` others; ``offered`` those that went on from it.
    """

    unknown: frozenset[str] = frozenset({"PJSIP/nobody"})

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.waiting: set[str] = set()
        self.elsewhere: set[str] = set()
        self.offered: list[str] = []

    def answer(self, asked: Asked) -> Reply:
        """One request."""
        proof = base64.b64encode(f"{USER}:{KEY}".encode()).decode()
        headers = {name.lower(): value for name, value in asked.headers.items()}
        if headers.get("authorization") != f"Basic {proof}":
            return Reply({"message": "Authentication required"}, 401)
        goes_on = CONTINUE.fullmatch(asked.path)
        if goes_on and asked.method == "POST":
            return self._continue(goes_on[1], asked)
        if asked.path != f"{PREFIX}/channels":
            return Reply({"message": "Resource not found"}, 404)
        if asked.method != "POST":
            return Reply({"message": "Method not allowed"}, 405)
        return self._originate(asked)

    def _originate(self, asked: Asked) -> Reply:
        given = asked.given
        if not given.get("endpoint"):
            return Reply({"message": "Endpoint must be specified"}, 400)
        if bool(given.get("app")) == bool(given.get("extension")):
            return Reply({"message": "Either app or extension is specified"}, 400)
        if given["endpoint"] in self.unknown:
            return Reply({"message": "Allocation failed"}, 500)
        known = given.get("channelId")
        if known and known in {one["channelId"] for one in self.taken}:
            return Reply({"message": "Channel with given unique ID already exists"}, 409)
        names = ("endpoint", "extension", "variables", "channelId")
        self.taken.append({name: given.get(name) for name in names})
        made = known or f"1772359200.{len(self.taken)}"
        return Reply({"id": made, "name": f"{given['endpoint']}-1", "state": "Down"})

    def _continue(self, channel: str, asked: Asked) -> Reply:
        if channel not in self.waiting | self.elsewhere:
            return Reply({"message": "Channel not found"}, 404)
        if channel not in self.waiting:
            return Reply({"message": "Channel not in Stasis application"}, 409)
        self.waiting.discard(channel)
        self.offered.append(channel)
        return Reply(b"", 204)

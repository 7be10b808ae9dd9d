"""A stand-in of Asterisk's REST interface, as far as one call is begun by it.

Built from https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Channels_REST_API/: ``POST
/channels`` needs ``endpoint``, and ``extension`` or ``app``, not both; 400 otherwise; HTTP Basic, 401 without;
``variables`` in a JSON body; the answer is a Channel with ``id``, ``name`` and ``state``.
"""

from __future__ import annotations

import base64

from .server import Asked, Reply, StandIn

USER, KEY = "hamdel", "ari-password"
PREFIX = "/ari"


class AsteriskAri(StandIn):
    """``taken`` are the calls it began: {endpoint, extension, variables}. ``unknown`` names endpoints nobody has."""

    unknown: frozenset[str] = frozenset({"PJSIP/nobody"})

    def answer(self, asked: Asked) -> Reply:
        """One request."""
        proof = base64.b64encode(f"{USER}:{KEY}".encode()).decode()
        headers = {name.lower(): value for name, value in asked.headers.items()}
        if headers.get("authorization") != f"Basic {proof}":
            return Reply({"message": "Authentication required"}, 401)
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
        names = ("endpoint", "extension", "variables")
        self.taken.append({name: given.get(name) for name in names})
        return Reply({"id": f"1772359200.{len(self.taken)}", "name": f"{given['endpoint']}-1", "state": "Down"})

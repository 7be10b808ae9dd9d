"""A stand-in of the many telephone systems that begin a call by one form: agent, number and a key as bearer token.

401 without the key, 405 for another method than POST, 422 for a number that is none in the form of E.164.
"""

from __future__ import annotations

import re

from .server import Asked, Reply, StandIn

KEY = "click-key"
NUMBER = re.compile(r"\+\d{6,15}")


class ClickToCall(StandIn):
    """``taken`` are the calls it began: {agent, to}."""

    def answer(self, asked: Asked) -> Reply:
        """One request."""
        headers = {name.lower(): value for name, value in asked.headers.items()}
        if headers.get("authorization") != f"Bearer {KEY}":
            return Reply({"error": "no such key"}, 401)
        if asked.method != "POST":
            return Reply({"error": "POST a form"}, 405)
        if not NUMBER.fullmatch(str(asked.given.get("to", ""))) or not asked.given.get("agent"):
            return Reply({"error": "to and agent"}, 422)
        self.taken.append({"agent": asked.given["agent"], "to": asked.given["to"]})
        return Reply({"call": len(self.taken)}, 202)

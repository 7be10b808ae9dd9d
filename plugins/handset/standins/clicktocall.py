"""A stand-in of the many telephone systems that begin a call by one form: agent, number and a key as bearer token.

401 without the key, 405 for another method than POST, 422 for a number that is none in the form of E.164. At
``/offer`` it announces a call-back to a call that waits, 404 for another.
"""

from __future__ import annotations

import re

from .server import Asked, Reply, StandIn

KEY = "click-key"
NUMBER = re.compile(r"\+\d{6,15}")


class ClickToCall(StandIn):
    """``taken`` are the calls it began: {agent, to, call}. ``waiting`` are calls in its line; ``offered`` those to whom
    it announced a call-back.
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.waiting: set[str] = set()
        self.offered: list[str] = []

    def answer(self, asked: Asked) -> Reply:
        """One request."""
        headers = {name.lower(): value for name, value in asked.headers.items()}
        if headers.get("authorization") != f"Bearer {KEY}":
            return Reply({"error": "no such key"}, 401)
        if asked.method != "POST":
            return Reply({"error": "POST a form"}, 405)
        if asked.path == "/offer":
            return self._offer(str(asked.given.get("call", "")))
        if not NUMBER.fullmatch(str(asked.given.get("to", ""))) or not asked.given.get("agent"):
            return Reply({"error": "to and agent"}, 422)
        self.taken.append({name: asked.given.get(name) for name in ("agent", "to", "call")})
        return Reply({"call": len(self.taken)}, 202)

    def _offer(self, call: str) -> Reply:
        if call not in self.waiting:
            return Reply({"error": "no such call waits"}, 404)
        self.offered.append(call)
        return Reply(b"", 204)

"""A stand-in of where telephone systems keep voice messages: files below one address, for whoever has the key.

401 without the key as bearer token (RFC 6750, 2.1 and 3.1), 404 for what was never there, 410 for what is there no more
(RFC 9110, 15.5.5 and 15.5.11), 405 for another method than GET (15.5.6).
"""

from __future__ import annotations

from .server import Asked, Reply, StandIn

KEY = "canary-key-62"
SOUND = b"RIFF$\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00" + bytes(range(256)) * 8


class VoiceStore(StandIn):
    """``kept`` are the files by name; ``gone`` the names of those that were deleted; ``asked`` who asked for what: the
    path and whether the key came with it.
    """

    def __init__(self, key: str = KEY, port: int = 0) -> None:
        self.key, self.gone = key, set[str]()
        self.kept: dict[str, bytes] = {}
        self.asked: list[tuple[str, bool]] = []
        super().__init__(port)

    def keep(self, name: str, sound: bytes = SOUND) -> str:
        """Somebody left a message: its address."""
        self.kept[name] = sound
        return f"{self.url}/voice/{name}"

    def answer(self, asked: Asked) -> Reply:
        """One request."""
        given = asked.headers.get("Authorization") or ""
        self.asked.append((asked.path, bool(given)))
        name = asked.path.removeprefix("/voice/")
        if asked.method != "GET":
            return Reply({"error": "GET a file"}, 405, {"Allow": "GET"})
        if asked.path.startswith("/voice/") and given != f"Bearer {self.key}":
            return Reply({"error": "no such key"}, 401, {"WWW-Authenticate": "Bearer"})
        if name in self.gone:
            return Reply({"error": "deleted"}, 410)
        if name not in self.kept:
            return Reply({"error": "no such file"}, 404)
        return Reply(self.kept[name], 200, {"Content-Type": "audio/wav"})

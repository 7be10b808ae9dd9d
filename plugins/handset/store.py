"""What stands on the customer's phone: a file in the data folder, a line a message, and the secrets of its networks."""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

SHOWN = 100  # messages of one conversation
NETWORKS = ("control", "sms", "messenger")  # what serves at a port of its own
_writing = Lock()


@dataclass(frozen=True)
class Line:
    """A message or call of an ``app`` ("sms", "messenger", "call"): ``came`` is true for what the desk sent,
    ``buttons`` are the quick replies below it.
    """

    app: str
    number: str
    came: bool
    text: str
    at: float
    buttons: tuple[str, ...] = ()

    @property
    def when(self) -> datetime:
        """Its moment."""
        return datetime.fromtimestamp(self.at, UTC)


class Store:
    """The folder ``handset`` in a data folder; it is there in a demo desk only."""

    def __init__(self, data_dir: Path):
        self.folder = data_dir / "handset"

    @property
    def known(self) -> dict[str, Any]:
        """Ports by network and secrets by name; empty in a desk that is no demo."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "networks").read_text())
            return found
        except (OSError, ValueError):
            return {}

    def make(self) -> dict[str, Any]:
        """Make the folder, once, with free ports and new secrets; what is ``known``."""
        if not self.known:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            names = ("control", "gateway", "pushes", "calls", "bot")
            made = {"ports": _free_ports(), "secrets": {name: secrets.token_hex(16) for name in names}}
            made["secrets"]["bot"] = f"110201543:{made['secrets']['bot']}"
            descriptor = os.open(self.folder / "networks", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(descriptor, "w") as file:
                json.dump(made, file)
        return self.known

    def keep(self, app: str, number: str, text: str, *, came: bool, buttons: tuple[str, ...] = ()) -> None:
        """Keep a message."""
        line = json.dumps(asdict(Line(app, number, came, text, time.time(), buttons)), ensure_ascii=False)
        with _writing, (self.folder / "lines").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def lines(self, app: str, number: str) -> list[Line]:
        """The latest messages of one conversation, oldest first."""
        return [line for line in self._all() if (line.app, line.number) == (app, number)][-SHOWN:]

    def of(self, numbers: set[str]) -> list[Line]:
        """Everything on the phones with one of these numbers."""
        return [line for line in self._all() if line.number in numbers]

    def forget(self, numbers: set[str]) -> None:
        """Delete everything on the phones with one of these numbers."""
        with _writing:
            kept = [json.dumps(asdict(line), ensure_ascii=False) for line in self._all() if line.number not in numbers]
            part = self.folder / "lines.part"
            part.write_text("".join(line + "\n" for line in kept), encoding="utf-8")
            part.replace(self.folder / "lines")

    def _all(self) -> list[Line]:
        try:
            text = (self.folder / "lines").read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return [Line(**json.loads(line)) for line in text.splitlines()]


def _free_ports() -> dict[str, int]:
    """A free port for each network."""
    tried = [socket.socket() for _network in NETWORKS]
    try:
        for one in tried:
            one.bind(("127.0.0.1", 0))
        return {name: one.getsockname()[1] for name, one in zip(NETWORKS, tried, strict=True)}
    finally:
        for one in tried:
            one.close()

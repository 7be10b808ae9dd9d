"""Notifications between the processes of one machine: datagrams on sockets in the data folder (unix(7)).

A datagram that finds nobody, or no room, is lost: waiting threads look again by themselves (law 2), signals are over
soon.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from .notifier import Notifier

LARGEST = 64 * 1024  # bytes of a datagram
log = logging.getLogger("hamdel.wake")


class LocalNotifier(Notifier):
    """Wakes sleepers in every process that works on this data folder and listens."""

    def __init__(self, data_dir: Path):
        super().__init__()
        self.folder = data_dir / "processes"
        self._name = f"{uuid4().hex}.sock"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def listen(self) -> None:
        """Receive from the other processes from now on."""
        self.folder.mkdir(exist_ok=True)
        own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with self._opened() as folder:
            own.bind(_path(folder, self._name))
        threading.Thread(target=self._listen, args=(own,), daemon=True, name="notifier").start()

    def notify(self, what: str) -> None:
        """Wake sleepers here at once, and elsewhere."""
        super().notify(what)
        self._send({"wake": what})

    def publish(self, message: dict[str, Any]) -> None:
        """Send a small message to the other processes."""
        self._send({"message": message})

    @contextmanager
    def _opened(self) -> Iterator[int]:
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield folder
        finally:
            os.close(folder)

    def _send(self, data: dict[str, Any]) -> None:
        datagram = json.dumps(data).encode()
        if len(datagram) > LARGEST:
            log.info("a notification was too large for other processes")
            return
        with suppress(FileNotFoundError), self._opened() as folder:  # nobody has listened yet
            for name in os.listdir(folder):
                if name != self._name:
                    self._send_to(folder, name, datagram)

    def _send_to(self, folder: int, name: str, datagram: bytes) -> None:
        with suppress(OSError):
            try:
                self._socket.sendto(datagram, _path(folder, name))
            except ConnectionRefusedError:  # its process is gone
                os.unlink(name, dir_fd=folder)

    def _listen(self, own: socket.socket) -> None:
        while True:
            try:
                self._received(json.loads(own.recv(LARGEST)))
            except Exception:
                log.exception("a notification failed")

    def _received(self, data: dict[str, Any]) -> None:
        if "wake" in data:
            super().notify(data["wake"])
        else:
            self.receive(data["message"])


def _path(folder: int, name: str) -> str:
    """By this process's view of the folder: a socket's path may have 107 bytes."""
    return f"/proc/self/fd/{folder}/{name}"

"""The desk as operators run it: a process of its own on a free port, ended with the test."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """``helpdesk run``, ``web`` or ``worker`` on a data folder. What it prints is in ``log``."""

    def __init__(self, folder: Path, *command: str, wait: bool = True, **environment: str):
        self.port = int(environment.get("HELPDESK_PORT") or free_port())
        self.log_path = folder / f"{command[0]}-{self.port}.log"
        self.environment = {
            **os.environ,
            "HELPDESK_DATA_DIR": str(folder),
            "HELPDESK_PORT": str(self.port),
            "HELPDESK_SMTP_PORT": str(free_port()),
            **environment,
        }
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "helpdesk", *command],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        if wait:
            self.until(self.answers)

    @property
    def log(self) -> str:
        """Everything it printed."""
        return self.log_path.read_text(errors="replace")

    def answers(self) -> bool:
        """True when it answers; an AssertionError with its log when it has ended."""
        assert self.process.poll() is None, self.log
        return self.get("/healthz")[0] == 200

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and text of a page; status 0 when nobody answers."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def until(self, true, seconds: float = 60.0) -> None:
        """Wait until something is true."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, self.log
            time.sleep(0.05)

    def stop(self, seconds: float = 30.0) -> int:
        """Tell it to stop, as an operator does; its exit code."""
        self.process.terminate()
        return self.process.wait(seconds)

    def kill(self) -> None:
        """End it and everything it began, at once."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

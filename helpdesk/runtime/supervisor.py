"""The small process around the desk: starts it, watches it, begins it again when it dies, and leaves out the plugin
that killed it.

Standard library only: it must not fall over what it is there to survive.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time

from .heartbeat import Heartbeat

LOOK = 0.5  # seconds between two looks
FROZEN = 30  # looks without a beat after which the desk counts as frozen: it does nothing, or it is inside a plugin
# such looks in which it computes, outside any plugin: that ends by itself, and killing it would end everybody's work
BUSY = 240
DRAIN = 28.0  # seconds a desk has to finish what it holds
PAUSES = (
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    30.0,
)  # seconds before a desk is begun again that did not get ready; the last repeats
SOON = 1.0  # seconds at most when it was ready: whoever can make it end must not keep it away by that
STEADY = 60.0  # seconds of life after which an end is not counted with those before it
OWN_DOING = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)

log = logging.getLogger("hamdel.supervisor")


class Supervisor:
    """Keeps one desk alive. ``stopped`` are the plugins it is begun without, until the operator starts everything
    anew.
    """

    def __init__(self, command: list[str] | None = None):
        self.command = command or [sys.executable, "-m", "helpdesk", "run"]
        self.heartbeat = Heartbeat()
        self.stopped: list[str] = []
        self.suspect = ""
        self.process: subprocess.Popen | None = None
        self.stopping = False

    def run(self) -> int:
        """Until we are asked to stop, or the desk cannot be started at all; returns an exit code."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        ends = 0
        while True:
            began = time.monotonic()
            code, frozen = self._live()
            if self.stopping:
                return 0
            if not self._leave_out(code, frozen) and not self.heartbeat.ready and code > 0:
                return code  # it could not start and has said why
            ends = 0 if time.monotonic() - began > STEADY else ends
            pause = PAUSES[min(ends, len(PAUSES) - 1)]
            pause = min(pause, SOON) if self.heartbeat.ready else pause
            ends += 1
            log.error("the desk %s and is begun again in %g s", "froze" if frozen else f"ended with code {code}", pause)
            self._pause(pause)

    def _live(self) -> tuple[int, bool]:
        """One life of the desk: (exit code, negative for a signal; whether it froze and was killed)."""
        self.heartbeat.clear()
        watched = ["--watched", str(self.heartbeat.descriptor), *(f"--without={name}" for name in self.stopped)]
        self.process = subprocess.Popen([*self.command, *watched], pass_fds=[self.heartbeat.descriptor])
        if self.stopping:
            self.process.terminate()
        beats, still, busy = 0, 0, 0
        while True:
            computed = processor_time(self.process.pid)
            try:
                return self.process.wait(LOOK), False
            except subprocess.TimeoutExpired:
                still = still + 1 if self.heartbeat.beats == beats else 0
                computes = processor_time(self.process.pid) - computed > LOOK / 4
                busy = busy + (computes and not self.heartbeat.calling) if still else 0
                beats = self.heartbeat.beats
            if beats and not self.stopping and (still - busy >= FROZEN or still >= BUSY):
                self.process.kill()
                return self.process.wait(), True
            if self.stopping and time.monotonic() > self._patience_ends:
                self.process.kill()

    def _leave_out(self, code: int, frozen: bool) -> bool:
        """Switch off the plugin that was being called when the desk ended; True when there is one more.

        A kill from outside says nothing about a plugin the first time; the second time in the same plugin it was its
        memory.
        """
        name = self.heartbeat.calling
        by_itself = frozen or code >= 0 or -code in OWN_DOING
        guilty = name and (by_itself or name == self.suspect)
        self.suspect = name
        if not guilty:
            return False
        self.stopped.append(name)
        log.error("the plugin %s was being called and is switched off", name)
        return True

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until:
            time.sleep(0.1)

    def _stop(self, _number, _frame) -> None:
        self._patience_ends = time.monotonic() + DRAIN
        self.stopping = True
        if self.process and self.process.poll() is None:
            self.process.terminate()


def processor_time(pid: int) -> float:
    """Seconds of processor time that a process has used (proc(5), fields 14 and 15 of stat); 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            user, system = file.read().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def supervise() -> int:
    """Run the desk until asked to stop; returns an exit code."""
    logging.basicConfig(format="%(levelname)s %(message)s")
    return Supervisor().run()


def register(cli) -> None:
    """Add ``run`` to the command line."""
    import click

    @cli.command()
    @click.option("--watched", type=int, hidden=True)
    @click.option("--without", multiple=True, hidden=True)
    def run(watched, without):
        """The whole desk in one process: pages, listeners, fetching, sending. It is restarted if it dies."""
        if watched is None:
            sys.exit(supervise())
        from .server import run_watched

        sys.exit(run_watched(Heartbeat(watched), without))

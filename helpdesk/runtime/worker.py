"""The desk's background work: fetching, listening, raw messages, the outbox, plugins' subscribers. Every loop
sleeps until it is notified or its time has come.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial

from sqlalchemy import select

from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.database import leases
from helpdesk.core.errors import HelpdeskError
from helpdesk.core.events.people import CustomersMerged
from helpdesk.core.intake import attempts, claims, intake, raw_worker, turns, waiting_events
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.jobs.kinds import JobKind
from helpdesk.core.jobs.loop import JobLoop
from helpdesk.core.jobs.models import Job
from helpdesk.core.journal import journal
from helpdesk.core.journal.models import Cursor
from helpdesk.core.journal.unit_of_work import UnitOfWork, code_of
from helpdesk.core.outbox import outbox
from helpdesk.core.runtime import Runtime
from helpdesk.core.sla import sweep
from helpdesk.core.tickets import simulated, tickets
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.core.waiting import offers
from helpdesk.hooks.plugin_faults import save_faults
from helpdesk.ops.ages import beat

from .fetching import AccountFetchers
from .logs import log_fault
from .outbox_lanes import OutboxLanes

log = logging.getLogger("hamdel.worker")
LEASED = (RawMessage, Delivery, Cursor, Job)  # what workers claim
BEHIND = 0.05  # seconds subscribers wait, so that consoles get a change first
BROKEN_OFF = 3.0  # seconds a fetch may still take when we stop; what it had not handed over is fetched again
SWEEP = 5.0  # seconds
BEAT = 15.0  # seconds between two signs of life in the database


def _join(threads: Iterable[threading.Thread], seconds: float) -> None:
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.1, until - time.monotonic()))


class Worker:
    """All loops of one process; ``start`` returns at once, ``stop`` waits until each has finished what it holds."""

    def __init__(self, runtime: Runtime, notifier):
        self.runtime, self.notifier = runtime, notifier
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []
        self.jobs = JobLoop(runtime, self.stopping)
        self.fetchers = AccountFetchers(runtime, notifier, self.stopping)
        self.outbox = OutboxLanes(runtime, self.stopping)
        self.closers: list[Callable[[], None]] = []

    def start(self) -> None:
        """Release the leases of dead processes, open the listeners, start all loops."""
        with self.runtime.uow() as uow:
            leases.release_orphaned_leases(uow, *LEASED)
            beat(uow)
        self._listen()
        for name, loop in {
            "raw_messages": self._raw_messages,
            "interactive": self._interactive,
            "slow raw messages": self._slow_raw_messages,
            "outbox": lambda: self.outbox(self._sleeping("outbox", 0.5)),
            "journal": self._journal,
            "jobs": lambda: self.jobs(self._sleeping("jobs", 0.5)),
            "accounts": lambda: self.fetchers(self._sleeping("accounts", 5.0)),
            "sweep": self._sweep,
        }.items():
            self._begin(name, loop)
        for plugin, job in self.runtime.hooks.gather("register_jobs"):
            if not isinstance(job, JobKind):
                self._begin(f"job of {plugin}", partial(self._serve, plugin, job))

    def _serve(self, plugin: str, service: Callable) -> None:
        with code_of(plugin):
            service(self.runtime, self.stopping)

    def stop(self, patience: float = 25.0) -> None:
        """No new work; what is in hand is finished."""
        self.stopping.set()
        for close in list(self.closers):
            close()
        self.fetchers.end()
        for what in ("raw_messages", "interactive", "outbox", "journal", "jobs", "accounts"):
            self.notifier.notify(what)
        _join([*self.threads, *self.outbox.threads()], patience)
        _join(self.jobs.threads, BROKEN_OFF)
        _join(self.fetchers.threads(), BROKEN_OFF)
        self.runtime.parser.close()

    def _begin(self, name: str, loop: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._guarded, args=(name, loop), name=name, daemon=True)
        thread.start()
        self.threads.append(thread)

    def _guarded(self, name: str, loop: Callable[[], None]) -> None:
        """A loop that fails is begun again after a moment: one fault stops nothing."""
        while not self.stopping.is_set():
            try:
                loop()
                return
            except (Exception, SystemExit) as error:  # a plugin's sys.exit() would end the thread without a word
                log_fault(log, error, "the %s loop failed", name)
                self.stopping.wait(1.0)

    def _sleeping(self, notifier: str, timeout: float = 1.0):
        """Yield repeatedly, asleep in between until a notification comes or the time is up."""
        received = 0
        while not self.stopping.is_set():
            yield
            received = self.notifier.wait(notifier, received, timeout)

    # RawMessages, outbox, journal ------------------------------------------------------------------------------------

    def _raw_messages(self) -> None:
        with self.runtime.uow() as uow:
            claims.release_own_leases(uow, claims.BULK)
        for _again in self._sleeping("raw_messages", 0.5):
            with self.runtime.uow() as uow:
                raw_worker.drain(uow, stop=self.stopping.is_set, lane=claims.BULK)

    def _interactive(self) -> None:
        """Small messages of interactive channels, whatever else there is to read."""
        with self.runtime.uow() as uow:
            claims.release_own_leases(uow, claims.FAST)
            wanted = accounts.any_interactive(uow)
        self.runtime.parser.reserve(wanted)
        for _again in self._sleeping("interactive", 0.5):
            with self.runtime.uow() as uow:
                while not self.stopping.is_set() and raw_worker.work_fast(uow):
                    pass

    def _slow_raw_messages(self) -> None:
        for _again in self._sleeping("raw_messages", 0.5):
            with self.runtime.uow() as uow:
                while not self.stopping.is_set() and raw_worker.work_slowly(uow):
                    pass

    def _journal(self) -> None:
        """Announce the journal's events to each plugin, in order, at least once, from where it stopped.

        A round ends at the journal's head of its beginning, so the built-ins, called last, get what the others got.
        """
        for _again in self._sleeping("journal", 0.5):
            self.stopping.wait(BEHIND)
            with self.runtime.uow() as uow:
                newest = journal.last(uow)
            for name in self._readers():
                with self.runtime.uow() as uow:
                    while not self.stopping.is_set() and self._announce(uow, name, newest):
                        pass

    def _readers(self) -> list[str]:
        """The plugins that subscribe to the journal, each once."""
        return list(
            dict.fromkeys(
                name for hook in ("on_event", "on_customers_merged") for name in self.runtime.hooks.listeners(hook)
            )
        )

    def _announce(self, uow: UnitOfWork, plugin: str, until: int | None = None) -> int:
        reader = f"on_event:{plugin}"
        seq = journal.take_cursor(uow, reader)
        events = journal.after(uow, seq, 100, until) if seq is not None else []
        apart = simulated.plugins_of(uow, (event.ticket_id for event in events))
        since = time.monotonic()
        for event in events:
            if apart.get(event.ticket_id or 0, plugin) != plugin:  # what is simulated concerns its own plugin alone
                continue
            since = turns.give_turn(self.runtime.pause_bulk, since)
            with self.runtime.uow() as own:
                self.runtime.hooks.call_plugin(plugin, "on_event", event=event, uow=own)
                if isinstance(event.event, CustomersMerged):
                    self.runtime.hooks.call_plugin(
                        plugin,
                        "on_customers_merged",
                        source_id=event.event.source,
                        target_id=event.event.target,
                        uow=own,
                    )
        if events:
            journal.move_cursor(uow, reader, events[-1].seq)
        return len(events)

    def _sweep(self) -> None:
        beaten = time.monotonic()
        while not self.stopping.wait(SWEEP):
            self.runtime.parser.shrink()
            with self.runtime.uow() as uow:
                leases.renew(uow, RawMessage, Delivery, Job)
                leases.clamp_after_clock_change(uow, *LEASED)
                leases.release_orphaned_leases(uow, *LEASED)
                outbox.clamp_after_clock_change(uow)
                attempts.quarantine_crashing(uow)
                for some_due in (waiting_events.settle, sweep.note_due, tickets.unsnooze_due, offers.note_due):
                    while some_due(uow) and not self.stopping.is_set():
                        self.runtime.pause_bulk()
                save_faults(uow)
                if time.monotonic() - beaten > BEAT:
                    beat(uow)
                    beaten = time.monotonic()
                wanted = accounts.any_interactive(uow)
            self.runtime.parser.reserve(wanted)

    # Accounts ----------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """One server for each channel that listens. A taken port is the admin's to mend; the rest of the desk goes
        on.
        """
        for kind in self.runtime.channels.values():
            if not kind.has("listen"):
                continue
            try:
                self.closers.append(kind.listen(lambda kind=kind: self._views(kind.name), self._take))
            except HelpdeskError as error:
                log.error("%s", error)

    def _views(self, channel: str) -> list:
        with self.runtime.uow() as uow:
            rows = uow.session.scalars(select(Account).where(Account.channel == channel, Account.enabled))
            return [accounts.receiving_view(uow, row) for row in rows]

    def _take(self, account_id: int, raw_message) -> None:
        with self.runtime.uow() as uow:
            intake.accept(uow, account_id, raw_message)

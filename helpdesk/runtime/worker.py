"""The desk's background work: fetching, listening, raw messages, the outbox, plugins' ears. Every loop sleeps on a bell and a clock."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.database import leases
from helpdesk.core.database.engine import is_transient
from helpdesk.core.errors import HelpdeskError, TryAgain, _
from helpdesk.core.events.people import CustomersMerged
from helpdesk.core.failpoints import failpoint
from helpdesk.core.intake import attempts, intake, raw_worker, waiting_events
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.jobs.kinds import JobKind
from helpdesk.core.jobs.loop import JobLoop
from helpdesk.core.jobs.models import Job
from helpdesk.core.journal import journal
from helpdesk.core.journal.models import Cursor
from helpdesk.core.journal.unit_of_work import UnitOfWork, code_of
from helpdesk.core.outbox import outbox
from helpdesk.core.runtime import Runtime
from helpdesk.core.tickets import tickets
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.health import beat
from helpdesk.hooks.plugin_faults import save_faults

log = logging.getLogger("hamdel.worker")
LEASED = (RawMessage, Delivery, Cursor, Job)  # what workers claim
BEHIND = 0.05  # seconds plugins' ears are behind what happens: the consoles are told first
POLL_WAIT = 25.0  # seconds a channel may wait for news in one poll
BROKEN_OFF = 3.0  # seconds a fetch may still take when we stop; what it had not handed over is fetched again
SWEEP = 5.0  # seconds
BEAT = 15.0  # seconds between two signs of life in the database
LONGEST_PAUSE = 300.0  # seconds between tries of an account that fails
STORING = _("What comes in cannot be stored right now: the database is away or the disk is full.")


def _join(threads: Iterable[threading.Thread], seconds: float) -> None:
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.1, until - time.monotonic()))


class Fetching(threading.Event):
    """The loop that fetches for one account; set when it is to end because what it was begun with (``stamp``) is no longer so."""

    def __init__(self, stamp: tuple):
        super().__init__()
        self.stamp = stamp
        self.thread: threading.Thread | None = None
        self.close: Callable[[], None] = lambda: None

    def end(self) -> None:
        """Neither a rest nor a wait for news goes on."""
        self.set()
        self.close()


class Worker:
    """All loops of one process; ``start`` returns at once, ``stop`` waits until each has finished what it holds."""

    def __init__(self, runtime: Runtime, notifier):
        self.runtime, self.notifier = runtime, notifier
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []
        self.jobs = JobLoop(runtime, self.stopping)
        self.polled: dict[int, Fetching] = {}
        self.closers: list[Callable[[], None]] = []

    def start(self) -> None:
        """Free what dead processes held, open the listeners, begin all loops."""
        with self.runtime.uow() as uow:
            leases.release_orphaned_leases(uow, *LEASED)
            beat(uow)
        self._listen()
        for name, loop in {
            "raw_messages": self._raw_messages,
            "slow raw messages": self._slow_parcels,
            "outbox": self._outbox,
            "journal": self._journal,
            "jobs": lambda: self.jobs(self._sleeping("jobs", 0.5)),
            "accounts": self._accounts,
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
        for fetching in list(self.polled.values()):
            fetching.end()
        for what in ("raw_messages", "outbox", "journal", "jobs", "accounts"):
            self.notifier.notify(what)
        _join(self.threads, patience)
        _join(self.jobs.threads, BROKEN_OFF)
        _join([fetching.thread for fetching in self.polled.values()], BROKEN_OFF)
        if self.runtime.parser:
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
                self._log(error, "the %s loop failed", name)
                self.stopping.wait(1.0)

    @staticmethod
    def _log(error: Exception, text: str, *values) -> None:
        """What passes by itself, such as a database that is away, is a line; anything else is a fault with its place."""
        if is_transient(error):
            log.warning(f"{text}: %s", *values, type(error).__name__)
        else:
            log.error(text, *values, exc_info=error)

    def _sleeping(self, notifier: str, timeout: float = 1.0):
        """Yield again and again, asleep in between until the bell rings or the time is up."""
        received = 0
        while not self.stopping.is_set():
            yield
            received = self.notifier.wait(notifier, received, timeout)

    # RawMessages, outbox, journal ------------------------------------------------------------------------------------

    def _raw_messages(self) -> None:
        with self.runtime.uow() as uow:
            raw_worker.release_own_leases(uow)
        for _again in self._sleeping("raw_messages", 0.5):
            with self.runtime.uow() as uow:
                raw_worker.drain(uow, stop=self.stopping.is_set)

    def _slow_parcels(self) -> None:
        for _again in self._sleeping("raw_messages", 0.5):
            with self.runtime.uow() as uow:
                while not self.stopping.is_set() and raw_worker.work_slowly(uow):
                    pass

    def _outbox(self) -> None:
        with self.runtime.uow() as uow:
            outbox.release_own_leases(uow)
        for _again in self._sleeping("outbox", 0.5):
            with self.runtime.uow() as uow:
                while not self.stopping.is_set() and outbox.work(uow):
                    pass

    def _journal(self) -> None:
        """Tell each plugin what happened, in order, at least once, from where it stopped."""
        for _again in self._sleeping("journal", 0.5):
            self.stopping.wait(BEHIND)
            for name in self._readers():
                with self.runtime.uow() as uow:
                    while not self.stopping.is_set() and self._tell(uow, name):
                        pass

    def _readers(self) -> list[str]:
        """The plugins that hear the journal, each once."""
        return list(
            dict.fromkeys(
                name for hook in ("on_event", "on_customers_merged") for name in self.runtime.hooks.listeners(hook)
            )
        )

    def _tell(self, uow: UnitOfWork, plugin: str) -> int:
        reader = f"on_event:{plugin}"
        seq = journal.take_cursor(uow, reader)
        events = journal.after(uow, seq, 100) if seq is not None else []
        for event in events:
            with self.runtime.uow() as own:
                self.runtime.hooks.tell(plugin, "on_event", event=event, uow=own)
                if isinstance(event.event, CustomersMerged):
                    self.runtime.hooks.tell(
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
                while waiting_events.settle(uow) and not self.stopping.is_set():
                    pass
                while tickets.unsnooze_due(uow) and not self.stopping.is_set():
                    pass
                save_faults(uow)
                if time.monotonic() - beaten > BEAT:
                    beat(uow)
                    beaten = time.monotonic()

    # Accounts ----------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """One server for each channel that listens. A taken port is the admin's to mend; the rest of the desk goes on."""
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

    def _accounts(self) -> None:
        """One loop for each account that is polled, so that none waits for another; begun anew when its settings change."""
        for _again in self._sleeping("accounts", 5.0):
            with self.runtime.uow() as uow:
                accounts.note_secrets(uow)
                rows = uow.session.scalars(select(Account).where(Account.enabled))
                wanted = {
                    a.id: (a.channel, dict(a.settings))
                    for a in rows
                    if self._polls(a.channel) and not a.health.get("secret_error")
                }
            for account_id, fetching in list(self.polled.items()):
                if fetching.stamp != wanted.get(account_id):
                    fetching.end()
                if not fetching.thread.is_alive():
                    del self.polled[account_id]
            for account_id in wanted.keys() - self.polled.keys():
                self._begin_fetching(account_id, Fetching(wanted[account_id]))

    def _polls(self, channel: str) -> bool:
        kind = self.runtime.channels.get(channel)
        return bool(kind and kind.has("poll"))

    def _begin_fetching(self, account_id: int, fetching: Fetching) -> None:
        fetching.thread = threading.Thread(
            target=self._polling, args=(account_id, fetching), name=f"account {account_id}", daemon=True
        )
        self.polled[account_id] = fetching
        fetching.thread.start()

    def _polling(self, account_id: int, fetching: Fetching) -> None:
        """A fault ends this thread; ``_accounts`` begins it again."""
        try:
            self._poll(account_id, fetching)
        except (Exception, SystemExit) as error:
            self._log(error, "account %s failed", account_id)
        finally:
            if fetching.is_set():
                self.notifier.notify("accounts")  # so that the next one begins at once

    def _poll(self, account_id: int, fetching: Fetching) -> None:
        """Fetch for one account until it is told to end; what fails rests ever longer."""
        with self.runtime.uow() as uow:
            channel = accounts.channel(uow, accounts.get(uow, account_id))
        failures = 0
        fetching.close = getattr(channel, "close", fetching.close)
        try:
            while not fetching.is_set():
                failures = 0 if self._poll_once(account_id, channel) else failures + 1
                if failures:
                    self._pause(account_id, min(2.0**failures, LONGEST_PAUSE))
        finally:
            fetching.close()

    def _poll_once(self, account_id: int, channel) -> bool:
        """Fetch and store; True when that worked."""
        try:
            self._fetch(account_id, channel)
            return True
        except HelpdeskError as error:
            self._note(account_id, error)
            self._pause(account_id, getattr(error, "after", None) or 0 if isinstance(error, TryAgain) else 0)
        except Exception as error:
            self._log(error, "account %s failed", account_id)
            self._note(account_id, STORING if is_transient(error) else type(error).__name__)
        return False

    def _pause(self, account_id: int, seconds: float) -> None:
        """Sleep, but not past a change of the account's settings or the end of the desk."""
        self.polled.get(account_id, self.stopping).wait(seconds)

    def _note(self, account_id: int, error: HelpdeskError | str) -> None:
        try:
            with self.runtime.uow() as uow:
                accounts.note_health(uow, account_id, error=error)
        except Exception as fault:
            self._log(fault, "the health of account %s could not be written down", account_id)

    def _fetch(self, account_id: int, channel) -> None:
        with self.runtime.uow() as uow:
            account = accounts.get(uow, account_id)
            cursor, ill = dict(account.cursor or {}), bool(account.health.get("error"))
            stale = (
                not account.health.get("ok_at")
                or account.health["ok_at"] < (uow.clock() - timedelta(minutes=1)).isoformat()
            )
        raw_messages, moved = channel.poll(cursor, POLL_WAIT)
        failpoint("poll.taken")
        with self.runtime.uow() as uow:
            if raw_messages or moved != cursor:
                intake.accept_many(uow, account_id, raw_messages, cursor=moved)
            if ill or stale:
                accounts.note_health(uow, account_id)
        failpoint("poll.committed")

"""Fetching: one loop for each account that is polled, so that none waits for another."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta

from sqlalchemy import select

from helpdesk.core.accounts import accounts, health
from helpdesk.core.accounts.models import Account
from helpdesk.core.database.engine import is_transient
from helpdesk.core.errors import HelpdeskError, TryAgain, _
from helpdesk.core.failpoints import failpoint
from helpdesk.core.intake import intake
from helpdesk.core.runtime import Runtime

from .logs import log_fault

log = logging.getLogger("hamdel.worker")
POLL_WAIT = 25.0  # seconds a channel may wait for news in one poll
LONGEST_PAUSE = 300.0  # seconds between tries of an account that fails
STORING = _("Incoming messages cannot be stored right now: the database is unavailable or the disk is full.")


class Fetching(threading.Event):
    """The loop that fetches for one account; set when it is to end because what it was begun with (``stamp``) is no
    longer so.
    """

    def __init__(self, stamp: tuple):
        super().__init__()
        self.stamp = stamp
        self.thread: threading.Thread | None = None
        self.over = False  # known before the thread itself is: whoever is notified of its end may begin the next one
        self.close: Callable[[], None] = lambda: None

    def end(self) -> None:
        """Neither a rest nor a wait for news goes on."""
        self.set()
        self.close()


class AccountFetchers:
    """The fetching loops of one process, begun anew when an account's settings change."""

    def __init__(self, runtime: Runtime, notifier, stopping: threading.Event):
        self.runtime, self.notifier, self.stopping = runtime, notifier, stopping
        self.polled: dict[int, Fetching] = {}

    def end(self) -> None:
        """Let every loop end."""
        for fetching in list(self.polled.values()):
            fetching.end()

    def threads(self) -> list[threading.Thread]:
        """The threads of the loops."""
        return [fetching.thread for fetching in self.polled.values()]

    def __call__(self, rounds: Iterable) -> None:
        """Look after the loops at each of these moments."""
        for _again in rounds:
            with self.runtime.uow() as uow:
                health.note_secrets(uow)
                rows = uow.session.scalars(select(Account).where(Account.enabled))
                wanted = {
                    a.id: (a.channel, dict(a.settings))
                    for a in rows
                    if self._polls(a.channel) and not a.health.get("secret_error")
                }
            for account_id, fetching in list(self.polled.items()):
                if fetching.stamp != wanted.get(account_id):
                    fetching.end()
                if fetching.over or not fetching.thread.is_alive():
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
            log_fault(log, error, "account %s failed", account_id)
        finally:
            fetching.over = True
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
                failures = 0 if self.poll_once(account_id, channel) else failures + 1
                if failures:
                    self._pause(account_id, min(2.0**failures, LONGEST_PAUSE))
        finally:
            fetching.close()

    def poll_once(self, account_id: int, channel) -> bool:
        """Fetch and store; True when that worked."""
        try:
            self._fetch(account_id, channel)
            return True
        except HelpdeskError as error:
            self._note(account_id, error)
            self._pause(account_id, getattr(error, "after", None) or 0 if isinstance(error, TryAgain) else 0)
        except Exception as error:
            log_fault(log, error, "account %s failed", account_id)
            self._note(account_id, STORING if is_transient(error) else type(error).__name__)
        return False

    def _pause(self, account_id: int, seconds: float) -> None:
        """Sleep, but not past a change of the account's settings or the end of the desk."""
        self.polled.get(account_id, self.stopping).wait(seconds)

    def _note(self, account_id: int, error: HelpdeskError | str) -> None:
        try:
            with self.runtime.uow() as uow:
                health.note_health(uow, account_id, error=error)
        except Exception as fault:
            log_fault(log, fault, "the health of account %s could not be written down", account_id)

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
                health.note_health(uow, account_id)
        failpoint("poll.committed")

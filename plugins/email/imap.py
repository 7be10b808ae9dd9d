"""Reads an IMAP mailbox: everything that is there, oldest first, then whatever arrives, announced by IDLE.

What was read is known by folder, UIDVALIDITY and UID alone (RFC 9051 §2.3.1.1); flags and dates are neither read nor
set. A connection lives between polls and is replaced whenever the server does anything unexpected.
"""

from __future__ import annotations

import hashlib
import threading
from contextlib import contextmanager
from datetime import UTC, datetime

from helpdesk.api.channels import AccountView, RawMessage
from helpdesk.api.errors import ChannelError, Misconfigured, TryAgain

from .imap_client import BROKEN, Connection, NoSuchFolder, sentence, wait_for_news
from .placeholders import BEGINNING, missing, oversize

BATCH = 50  # messages in one poll
BYTES = 16_000_000  # of messages in one poll, unless one alone is larger
WINDOW, WIDEST = 200, 262_144  # UIDs asked for at once; wider while there is nothing
WINDOWS = 40  # in one poll
WATCHED = 3  # folders that have a connection waiting for news; any others are asked at each poll
CHANCES = 3  # a message that breaks the connection this often is left in the mailbox, and said so

Listed = list[tuple[int, int]]  # (uid, size in bytes), oldest first


class Reader:
    """One account's mailbox."""

    def __init__(self, account: AccountView):
        self.account = account
        self.settings = settings = account.settings
        self.limit = int(settings.get("largest_megabytes") or 50) * 1_000_000
        self.folders = [name.strip() for name in settings.get("imap_folders", "").split(",") if name.strip()] or [
            "INBOX"
        ]
        self.connection: Connection | None = None
        self.watchers: list[Connection] = []
        self.batch = BATCH  # how many messages to ask for in one command
        self.broke: dict[tuple, int] = {}
        self.closed = threading.Event()
        self.polling = False

    def poll(self, cursor: dict, wait: float) -> tuple[list[RawMessage], dict]:
        """New messages and the cursor ``{folder: {uidvalidity, uid}}`` behind them; with nothing new, waits for
        news.
        """
        with self._errors_as_sentences(), self._busy():
            raw_messages, cursor = self._look(cursor)
            if not raw_messages and wait > 0:
                self._wait(wait)
                if not self.closed.is_set():
                    raw_messages, cursor = self._look(cursor)
            return raw_messages, cursor

    def check(self) -> None:
        """Sign in and open every folder; Misconfigured when that does not work."""
        try:
            with self._errors_as_sentences():
                for folder in self.folders:
                    self._connected().examine(folder)
        except TryAgain as error:
            raise Misconfigured(error.sentence, **error.values) from error
        finally:
            self._drop()

    def close(self) -> None:
        """Hang up for good. From another thread: a ``poll`` that waits returns at once, one that fetches ends in
        peace first.
        """
        self.closed.set()
        for connection in filter(None, [self.connection, *self.watchers]):
            if connection.idling or not self.polling:
                connection.hang_up()

    @contextmanager
    def _busy(self):
        self.polling = True
        try:
            yield
        finally:
            self.polling = False

    def _connected(self) -> Connection:
        if not self.connection:
            self.connection = self._connect()
        return self.connection

    def _connect(self) -> Connection:
        return Connection(self.account, self.limit)

    def _drop(self) -> None:
        connections, self.connection, self.watchers = [self.connection, *self.watchers], None, []
        for connection in filter(None, connections):
            connection.drop()

    def _look(self, cursor: dict) -> tuple[list[RawMessage], dict]:
        """One look at all folders; a connection that died since the last one is replaced first."""
        kept = self.connection is not None
        try:
            return self._collect(cursor)
        except BROKEN as error:
            if not kept or isinstance(error, NoSuchFolder):
                raise
            self._drop()
        return self._collect(cursor)

    def _collect(self, cursor: dict) -> tuple[list[RawMessage], dict]:
        """New messages of every folder; one that is missing is an error only when the others have nothing either."""
        cursor, raw_messages, problem = dict(cursor), [], None
        for folder in reversed(
            self.folders
        ):  # the first one last: it stays open for IDLE, and nothing is missed in between
            try:
                raw_messages += self._new_in(folder, cursor, max(1, BATCH // len(self.folders)))
            except NoSuchFolder as error:
                problem = error
            if not self.connection:
                break
        if problem and not raw_messages:
            raise problem
        return raw_messages, cursor

    def _wait(self, wait: float) -> None:
        """Return when there may be news, or after ``wait`` seconds. A broken connection may be news: the next look
        finds out.
        """
        try:
            if not self._began_to_watch():
                wait_for_news([self._connected(), *self.watchers], wait, self.closed)
        except BROKEN:
            self._drop()

    def _began_to_watch(self) -> bool:
        """True when the other folders have just got connections of their own: before those listened, something may
        have come.
        """
        if self.watchers or not self._connected().idles:
            return False
        for folder in self.folders[1:WATCHED]:
            try:
                watcher = self._connect()
                watcher.examine(folder)
                self.watchers.append(watcher)
            except BROKEN:  # no such folder, or no more connections: it is asked at each poll all the same
                continue
        return bool(self.watchers)

    def _new_in(self, folder: str, cursor: dict, room: int) -> list[RawMessage]:
        """Up to ``room`` messages behind the cursor, which moves along. A broken connection ends it with what came
        before.
        """
        state, following = self._open(folder, cursor.get(folder) or {})
        cursor[folder] = state
        raw_messages: list[RawMessage] = []
        left = _within(self._listed(state, following)[:room], BYTES)
        while left:
            some = self._next(left)
            try:
                raws = self._fetched(some)
            except BROKEN:
                self._drop()
                self.batch = 1
                if len(some) == 1 and self._hopeless(folder, state, some[0][0]):
                    state["uid"] = some[0][0]
                    return [*raw_messages, _raw_message(folder, state, missing(folder, some[0][0]))]
                if raw_messages:
                    return raw_messages
                raise
            self.batch = min(2 * self.batch, BATCH)
            for uid, _size in some:
                state["uid"] = uid
                if uid in raws:  # else it was deleted since it was listed
                    raw_messages.append(_raw_message(folder, state, raws[uid]))
            left = left[len(some) :]
        return raw_messages

    def _open(self, folder: str, known: dict) -> tuple[dict, int]:
        """(where we are in the folder, the UID the server will give next or 0). Numbers that begin anew are read
        anew.
        """
        connection = self._connected()
        validity, following = connection.examine(folder)
        if not known and self.settings.get("imap_from") == "new":
            last = following - 1 if following else max((uid for uid, _ in connection.sizes("*")), default=0)
            return {"uidvalidity": validity, "uid": last}, following
        if not known or known["uidvalidity"] != validity:
            return {"uidvalidity": validity, "uid": 0}, following
        if following and following <= known["uid"]:
            return {"uidvalidity": validity, "uid": 0, "again": known.get("again", 0) + 1}, following
        return dict(known), following

    def _listed(self, state: dict, following: int) -> Listed:
        """The next messages, by ranges of UIDs, so that no answer is longer than a range."""
        low, span = state["uid"] + 1, WINDOW
        if following and following <= low:
            return []
        for _ in range(WINDOWS):
            high = low + span - 1
            last = not following or high >= following - 1
            found = [pair for pair in self.connection.sizes(f"{low}:{'*' if last else high}") if pair[0] >= low]
            if found or last:
                return found
            state["uid"], low, span = high, high + 1, min(4 * span, WIDEST)
        return []

    def _next(self, left: Listed) -> Listed:
        """What to ask for in one command: as much as went well lately; what is too large, alone."""
        large = [size > self.limit for _, size in left]
        return left[: max(1, min([self.batch, *(index for index, one in enumerate(large) if one)]))]

    def _fetched(self, some: Listed) -> dict[int, bytes]:
        """The raw messages by UID, of one that is too large the beginning."""
        (first, size), connection = some[0], self._connected()
        if size > self.limit:
            return {uid: oversize(raw, size) for uid, raw in connection.messages([first], BEGINNING).items()}
        return connection.messages(uid for uid, _ in some)

    def _hopeless(self, folder: str, state: dict, uid: int) -> bool:
        key = (folder, state["uidvalidity"], uid)
        self.broke[key] = self.broke.get(key, 0) + 1
        return self.broke[key] >= CHANCES and bool(self.broke.pop(key))

    @contextmanager
    def _errors_as_sentences(self):
        """Turn what goes wrong into an error with a sentence, and begin anew next time."""
        try:
            yield
        except ChannelError:
            raise
        except BROKEN as error:
            self._drop()
            raise sentence(error, self.settings["imap_host"], int(self.settings["imap_port"])) from error


def _raw_message(folder: str, state: dict, raw: bytes) -> RawMessage:
    """A raw message named ``folder:uidvalidity:uid``; a folder with a very long name goes by its hash."""
    name = folder if len(folder) <= 150 else hashlib.sha256(folder.encode()).hexdigest()
    again = f"/{state['again']}" if state.get("again") else ""
    return RawMessage(f"{name}:{state['uidvalidity']}{again}:{state['uid']}", raw, datetime.now(UTC))


def _within(found: Listed, most: int) -> Listed:
    """As many from the front as have ``most`` bytes together, at least one."""
    total = 0
    for index, (_, size) in enumerate(found):
        total += size
        if index and total > most:
            return found[:index]
    return found

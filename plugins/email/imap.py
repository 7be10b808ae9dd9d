"""Reads an IMAP mailbox: everything that is there, oldest first, then whatever comes, told by IDLE.

What was read is known by folder, UIDVALIDITY and UID alone (RFC 9051 §2.3.1.1); flags and dates are neither read nor set.
A connection lives between polls and is replaced whenever the server does anything unexpected.
"""

from __future__ import annotations

import hashlib
import imaplib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from helpdesk.core.channels import Parcel
from helpdesk.core.errors import ChannelError, Misconfigured, TryAgain, _

from .headers import one_line
from .network import BROKE_OFF, unreachable
from .substitutes import BEGINNING, missing, oversize

BATCH = 50  # messages in one poll
BYTES = 16_000_000  # of messages in one poll, unless one alone is larger
WINDOW, WIDEST = 200, 65_536  # UIDs asked for at once; wider while there is nothing
WINDOWS = 40  # in one poll
CHANCES = 3  # a message that breaks the connection this often is left in the mailbox, and said so
LONGEST_IDLE = 25 * 60  # seconds; RFC 2177 wants less than 29 minutes
WITHOUT_IDLE = 15  # seconds between two looks at a server that knows no IDLE

BROKEN = (imaplib.IMAP4.error, ImapToolsError, OSError, ValueError, IndexError)
UID = re.compile(rb"\bUID (\d{1,10})")
SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,15})")
QUOTED = re.compile(rb'BODY\[\](?:<0>)? "((?:[^"\\]|\\.)*)"')
PASSING = re.compile(r"UNAVAILABLE|INUSE|LIMIT|SERVERBUG|try again|too many|maximum number|temporar", re.IGNORECASE)


class Reader:
    """One account's mailbox. ``settings`` are the channel's."""

    def __init__(self, settings: Mapping[str, Any]):
        self.host, self.port = settings["imap_host"], int(settings["imap_port"])
        self.settings = settings
        self.timeout = float(settings.get("timeout") or 30)
        self.limit = int(settings.get("largest_megabytes") or 50) * 1_000_000
        self.folders = [name.strip() for name in settings.get("imap_folders", "").split(",") if name.strip()] or ["INBOX"]
        self.mailbox: BaseMailBox | None = None
        self.idles = self.idling = False
        self.closed = threading.Event()
        self.batch = BATCH
        self.broke: dict[tuple, int] = {}

    def poll(self, cursor: dict, wait: float) -> tuple[list[Parcel], dict]:
        """New messages and the cursor ``{folder: {uidvalidity, uid}}`` behind them; with nothing new, waits for news."""
        with self._told():
            parcels, cursor = self._look(cursor)
            if not parcels and wait > 0:
                self._idle(wait)
                if not self.closed.is_set():
                    parcels, cursor = self._look(cursor)
            return parcels, cursor

    def check(self) -> None:
        """Sign in and open every folder; Misconfigured when that does not work."""
        try:
            with self._told():
                for folder in self.folders:
                    self._open(folder, {})
        except TryAgain as error:
            raise Misconfigured(error.sentence, **error.values) from error
        finally:
            self._drop()

    def close(self) -> None:
        """Hang up for good; a ``poll`` that waits returns at once. It may be called from another thread."""
        self.closed.set()
        mailbox = self.mailbox
        if mailbox and self.idling:
            _quietly(mailbox.client.sock.shutdown, socket.SHUT_RDWR)
        elif mailbox:
            self.mailbox = None
            _quietly(mailbox.client.sock.settimeout, 2)
            _quietly(mailbox.client.logout)

    # Talking to the server ---------------------------------------------------------------------------------------

    def _connect(self) -> BaseMailBox:
        if self.mailbox:
            return self.mailbox
        security, context = self.settings.get("imap_security", "tls"), ssl.create_default_context()
        if security == "none":
            mailbox = MailBoxUnencrypted(self.host, self.port, self.timeout)
        elif security == "starttls":
            mailbox = MailBoxStartTls(self.host, self.port, self.timeout, context)
        else:
            mailbox = MailBox(self.host, self.port, self.timeout, ssl_context=context)
        read = mailbox.client.read
        mailbox.client.read = lambda size: read(self._bounded(size))
        user, password = self.settings.get("imap_user", ""), self.settings.get("imap_password") or ""
        login = mailbox.login if (user + password).isascii() else mailbox.login_utf8
        try:
            login(user, password, initial_folder=None)
            self.idles = b"IDLE" in mailbox.client.capability()[1][-1].upper().split()  # some offer it only after signing in
        except BROKEN:
            mailbox.client.shutdown()
            raise
        self.mailbox = mailbox
        return mailbox

    def _bounded(self, size: int) -> int:
        """No server makes us hold more than a message may have."""
        if size > self.limit + 1_000_000:
            raise imaplib.IMAP4.abort(f"a literal of {size} bytes")
        return size

    def _drop(self) -> None:
        mailbox, self.mailbox = self.mailbox, None
        if mailbox:
            _quietly(mailbox.client.shutdown)

    def _look(self, cursor: dict) -> tuple[list[Parcel], dict]:
        """One look at all folders; a connection that died since the last one is replaced first."""
        kept = self.mailbox is not None
        try:
            return self._collect(cursor)
        except BROKEN as error:
            self._drop()
            if not kept or isinstance(error, MailboxFolderSelectError):
                raise
        return self._collect(cursor)

    def _collect(self, cursor: dict) -> tuple[list[Parcel], dict]:
        cursor, parcels, problem = dict(cursor), [], None
        for folder in reversed(self.folders):  # the first one last: it stays open for IDLE, and nothing is missed in between
            try:
                parcels += self._new_in(folder, cursor, max(1, BATCH // len(self.folders)))
            except MailboxFolderSelectError as error:
                error.folder = folder
                problem = error
            if not self.mailbox:
                break
        if problem and not parcels:
            raise problem
        return parcels, cursor

    def _idle(self, wait: float) -> None:
        """Return when there is news, or after ``wait`` seconds. News may be a broken line: the next look finds out."""
        client = self._connect().client
        if not self.idles:
            self.closed.wait(min(wait, WITHOUT_IDLE))
            return
        self.idling = True
        try:
            with self.mailbox.idle as idle:
                if not (_heard(client) or _more_to_read(client)):
                    idle.poll(min(wait, LONGEST_IDLE))
        except BROKEN:
            self._drop()
        finally:
            self.idling = False

    # One folder --------------------------------------------------------------------------------------------------

    def _new_in(self, folder: str, cursor: dict, room: int) -> list[Parcel]:
        """Up to ``room`` messages behind the cursor, which moves along."""
        state, following = self._open(folder, cursor.get(folder) or {})
        cursor[folder] = state
        parcels: list[Parcel] = []
        found = _within(self._listed(state, following)[:room], BYTES)
        while found:
            some = self._next(found)
            try:
                raws = self._fetched(some)
            except BROKEN:
                self._drop()
                self.batch = 1
                if len(some) == 1 and self._hopeless(folder, state, some[0][0]):
                    state["uid"] = some[0][0]
                    return [*parcels, _parcel(folder, state, missing(folder, some[0][0]))]
                if parcels:
                    return parcels
                raise
            self.batch = min(2 * self.batch, BATCH)
            for uid, _size in some:
                state["uid"] = uid
                if uid in raws:  # else it was deleted since we saw it
                    parcels.append(_parcel(folder, state, raws[uid]))
            found = found[len(some) :]
        return parcels

    def _open(self, folder: str, known: dict) -> tuple[dict, int]:
        """(where we are in the folder, the UID the server will give next or 0). Numbers that begin anew are read anew."""
        mailbox = self._connect()
        mailbox.folder.set(folder, readonly=True)
        _heard(mailbox.client)
        validity, following = _number(mailbox.client, "UIDVALIDITY"), _number(mailbox.client, "UIDNEXT")
        if not known and self.settings.get("imap_from") == "new":
            return {"uidvalidity": validity, "uid": max(following - 1, 0) or self._last_uid()}, following
        if not known or known["uidvalidity"] != validity:
            return {"uidvalidity": validity, "uid": 0}, following
        if following and following <= known["uid"]:
            return {"uidvalidity": validity, "uid": 0, "again": known.get("again", 0) + 1}, following
        return dict(known), following

    def _last_uid(self) -> int:
        return max((uid for uid, _ in self._sizes("*")), default=0)

    def _listed(self, state: dict, following: int) -> list[tuple[int, int]]:
        """(uid, size) of the next messages, by ranges of UIDs, so that no answer is longer than a range."""
        low, span = state["uid"] + 1, WINDOW
        if following and following <= low:
            return []
        for _ in range(WINDOWS):
            high = low + span - 1
            last = not following or high >= following - 1
            found = sorted(pair for pair in self._sizes(f"{low}:{'*' if last else high}") if pair[0] >= low)
            if found or last:
                return found
            state["uid"], low, span = high, high + 1, min(4 * span, WIDEST)
        return []

    def _sizes(self, uids: str) -> list[tuple[int, int]]:
        sizes = ((UID.search(text), SIZE.search(text)) for text, _ in self._command(uids, "(UID RFC822.SIZE)"))
        return [(int(uid[1]), int(size[1])) for uid, size in sizes if uid and size]

    def _next(self, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """What to ask for in one command: as much as went well lately; what is too large, alone."""
        if found[0][1] > self.limit:
            return found[:1]
        fitting = [pair for pair in found[: self.batch] if pair[1] <= self.limit]
        return [pair for pair, same in zip(fitting, found) if pair == same]

    def _fetched(self, some: list[tuple[int, int]]) -> dict[int, bytes]:
        """Raw messages by UID; without those that are gone. A message without a body is a broken answer."""
        (first, size), large = some[0], some[0][1] > self.limit
        wanted = f"(UID BODY.PEEK[]<0.{BEGINNING}>)" if large else "(UID BODY.PEEK[])"
        raws = {}
        for text, literal in self._command(",".join(str(uid) for uid, _ in some), wanted):
            uid = UID.search(text)
            if uid and b"BODY[]" in text:
                if literal is None:
                    raise imaplib.IMAP4.abort("a message without a body")
                raws[int(uid[1])] = literal
        if large and first in raws:
            raws[first] = oversize(raws[first], size)
        return raws

    def _command(self, uids: str, what: str) -> Iterable[tuple[bytes, bytes | None]]:
        """(text around the literal, literal or None) of each answer to UID FETCH."""
        status, answers = self.mailbox.client.uid("FETCH", uids, what)
        if status != "OK":
            raise imaplib.IMAP4.error(f"FETCH: {status}")
        return _paired(answers)

    def _hopeless(self, folder: str, state: dict, uid: int) -> bool:
        key = (folder, state["uidvalidity"], uid)
        self.broke[key] = self.broke.get(key, 0) + 1
        return self.broke[key] >= CHANCES and bool(self.broke.pop(key))

    @contextmanager
    def _told(self):
        """Turn what goes wrong into an error with a sentence for whoever can act on it."""
        try:
            yield
        except ChannelError:
            raise
        except BROKEN as error:
            self._drop()
            raise self._sentence(error) from error

    def _sentence(self, error: Exception) -> ChannelError:
        text = one_line(str(error))[:300]
        if isinstance(error, OSError):
            return unreachable(error, self.host, self.port)
        if PASSING.search(text):
            return TryAgain(_("The mail server asked us to try again later: %(answer)s"), after=60, answer=text)
        if isinstance(error, MailboxFolderSelectError):
            folder = getattr(error, "folder", self.folders[0])
            return Misconfigured(_("There is no folder “%(folder)s” in the mailbox. Please check the list of folders."), folder=folder)
        if isinstance(error, MailboxLoginError) or "AUTHENTICATE" in text or "AUTHENTICATIONFAILED" in text:
            return Misconfigured(_("The mail server did not accept the user name or password: %(answer)s"), answer=text)
        if "TLS not supported" in text:
            return Misconfigured(_("%(host)s does not speak TLS on port %(port)s. Please check port and security."), host=self.host, port=str(self.port))
        return TryAgain(BROKE_OFF, after=1, host=self.host)


def _parcel(folder: str, state: dict, raw: bytes) -> Parcel:
    """A parcel named ``folder:uidvalidity:uid``; a folder with a very long name goes by its hash."""
    name = folder if len(folder) <= 150 else hashlib.sha256(folder.encode()).hexdigest()
    round_ = f"/{state['again']}" if state.get("again") else ""
    return Parcel(f"{name}:{state['uidvalidity']}{round_}:{state['uid']}", raw, datetime.now(UTC))


def _within(found: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """As many from the front as have ``most`` bytes together, at least one; a large one counts for what we fetch of it."""
    total = 0
    for index, (_, size) in enumerate(found):
        total += size
        if index and total > most:
            return found[:index]
    return found


def _paired(answers: list) -> Iterable[tuple[bytes, bytes | None]]:
    """imaplib gives (head, literal) and then the rest of the line, or one line when there is no literal."""
    head: tuple | None = None
    for answer in answers:
        if isinstance(answer, tuple):
            head = answer
        elif head:
            yield head[0] + b" " + answer, head[1]
            head = None
        elif answer:
            quoted = QUOTED.search(answer)
            yield answer, re.sub(rb"\\(.)", rb"\1", quoted[1]) if quoted else None


def _number(client: imaplib.IMAP4, name: str) -> int:
    values = client.response(name)[1]
    return int(values[-1]) if values and values[-1] else 0


def _quietly(act: Callable, *values) -> None:
    try:
        act(*values)
    except BROKEN:
        pass


def _heard(client: imaplib.IMAP4) -> bool:
    """True when the server has told of messages since we last asked."""
    return client.response("EXISTS")[1] != [None]


def _more_to_read(client: imaplib.IMAP4) -> bool:
    """True when news arrived together with the answer to IDLE and waits in a buffer that no poll of the socket sees."""
    timeout = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool(client.file.peek(1))
    except OSError:
        return False
    finally:
        client.sock.settimeout(timeout)

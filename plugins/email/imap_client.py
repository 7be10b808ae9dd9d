"""One connection to an IMAP server: signing in, opening a folder, asking for sizes and messages, waiting for news.

Only what imap-tools and imaplib leave open is done here: literals are bounded, and no news is missed on the way into
IDLE.
"""

from __future__ import annotations

import imaplib
import re
import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from helpdesk.api.channels import AccountView
from helpdesk.api.errors import ChannelError, Misconfigured, TryAgain, _

from . import domains, oauth
from .connection_errors import BROKE_OFF, unreachable
from .encode_headers import one_line

LONGEST_IDLE = 25 * 60  # seconds; RFC 2177 wants less than 29 minutes
WITHOUT_IDLE = 15  # seconds between two looks at a server that knows no IDLE
SLACK = 1_000_000  # bytes a message may be larger than its server said

BROKEN = (imaplib.IMAP4.error, ImapToolsError, OSError, ValueError, IndexError)
UID = re.compile(rb"\bUID (\d{1,10})")
SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,15})")
QUOTED = re.compile(rb'BODY\[\](?:<0>)? "((?:[^"\\]|\\.)*)"')
PASSING = re.compile(r"UNAVAILABLE|INUSE|LIMIT|SERVERBUG|try again|too many|maximum number|temporar", re.IGNORECASE)


class NoSuchFolder(ImapToolsError):
    """A folder cannot be opened; ``folder`` is its name."""

    def __init__(self, folder: str, answer: str):
        super().__init__(answer)
        self.folder = folder


class Connection:
    """Signed in as soon as it exists; anything unexpected raises one of ``BROKEN`` and means: hang up, begin anew."""

    def __init__(self, account: AccountView, limit: int):
        self.limit = limit
        settings = account.settings
        words = oauth.words(account, settings.get("imap_user", "")) if oauth.wanted(settings) else ""
        self.mailbox = _opened(settings, float(settings.get("timeout") or 30))
        self.client = self.mailbox.client
        self.idling = False
        read = self.client.read
        self.client.read = lambda size: read(self._bounded(size))
        try:
            self._sign_in(account, words)
            # Some servers offer IDLE only to those who signed in.
            self.idles = b"IDLE" in self.client.capability()[1][-1].upper().split()
        except BROKEN:
            self.drop()
            raise

    def _sign_in(self, account: AccountView, words: str) -> None:
        user, password = account.settings.get("imap_user", ""), account.settings.get("imap_password") or ""
        if not words:
            login = self.mailbox.login if (user + password).isascii() else self.mailbox.login_utf8
            login(user, password, initial_folder=None)
            return
        try:
            self.client.authenticate("XOAUTH2", lambda challenge: b"" if challenge else words.encode())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            oauth.forget(account)
            raise MailboxLoginError(("NO", [str(error).encode()]), "OK") from error

    def examine(self, folder: str) -> tuple[int, int]:
        """Open a folder for reading only: (its UIDVALIDITY, the UID it will give next or 0 where it does not say)."""
        try:
            self.mailbox.folder.set(folder, readonly=True)
        except MailboxFolderSelectError as error:
            raise NoSuchFolder(folder, str(error)) from error
        self._heard()
        return self._number("UIDVALIDITY"), self._number("UIDNEXT")

    def sizes(self, uids: str) -> list[tuple[int, int]]:
        """(uid, size in bytes) of the messages in a range of UIDs such as ``7:200`` or ``7:*``, oldest first."""
        sizes = ((UID.search(text), SIZE.search(text)) for text, _ in self._fetch(uids, "(UID RFC822.SIZE)"))
        return sorted((int(uid[1]), int(size[1])) for uid, size in sizes if uid and size)

    def messages(self, uids: Iterable[int], beginning: int = 0) -> dict[int, bytes]:
        """Raw messages by UID, or the first ``beginning`` bytes of each; those that are gone are not among them."""
        wanted = f"(UID BODY.PEEK[]<0.{beginning}>)" if beginning else "(UID BODY.PEEK[])"
        raws = {}
        for text, literal in self._fetch(",".join(map(str, uids)), wanted):
            uid = UID.search(text)
            if uid and b"BODY[]" in text:
                if literal is None:
                    raise imaplib.IMAP4.abort("a message without a body")
                raws[int(uid[1])] = literal
        return raws

    @contextmanager
    def listening(self):
        """Inside, the server announces changes of the open folder (IDLE, RFC 2177)."""
        self.idling = True
        try:
            with self.mailbox.idle:
                yield
            self._heard()  # whoever listened looks into the folders now
        finally:
            self.idling = False

    def has_news(self) -> bool:
        """True when the server has announced messages already."""
        return self._heard() or self._more_to_read()

    def hang_up(self) -> None:
        """Leave politely, if the server still listens; out of IDLE, at once and from any thread."""
        if self.idling:
            _quietly(self.client.sock.shutdown, socket.SHUT_RDWR)
        else:
            _quietly(self.client.sock.settimeout, 2)
            _quietly(self.client.logout)

    def drop(self) -> None:
        """Let go of a connection that is of no use any more."""
        _quietly(self.client.shutdown)

    def _bounded(self, size: int) -> int:
        """No server makes us hold more than a message may have."""
        if size > self.limit + SLACK:
            raise imaplib.IMAP4.abort(f"a literal of {size} bytes")
        return size

    def _fetch(self, uids: str, what: str) -> Iterable[tuple[bytes, bytes | None]]:
        """(text around the literal, literal or None) of each answer to UID FETCH."""
        status, answers = self.client.uid("FETCH", uids, what)
        if status != "OK":
            raise imaplib.IMAP4.error(f"FETCH: {status}")
        return _paired(answers)

    def _number(self, name: str) -> int:
        values = self.client.response(name)[1]
        return int(values[-1]) if values and values[-1] else 0

    def _heard(self) -> bool:
        """True when the server has announced messages since we last asked."""
        return self.client.response("EXISTS")[1] != [None]

    def _more_to_read(self) -> bool:
        """True when news arrived together with the answer to IDLE and waits in a buffer that no poll of the socket
        sees.
        """
        timeout = self.client.sock.gettimeout()
        self.client.sock.settimeout(0)
        try:
            return bool(self.client.file.peek(1))
        except OSError:
            return False
        finally:
            self.client.sock.settimeout(timeout)


def wait_for_news(connections: list[Connection], wait: float, closed: threading.Event) -> None:
    """Return when there is news in the folder any of them has open, after ``wait`` seconds, or when ``closed`` is
    set.
    """
    if not all(connection.idles for connection in connections):
        closed.wait(min(wait, WITHOUT_IDLE))
        return
    with ExitStack() as all_of_them, selectors.DefaultSelector() as selector:
        for connection in connections:
            all_of_them.enter_context(connection.listening())
            selector.register(connection.client.sock, selectors.EVENT_READ)
        if not (closed.is_set() or any(connection.has_news() for connection in connections)):
            selector.select(min(wait, LONGEST_IDLE))


def sentence(error: Exception, host: str, port: int) -> ChannelError:
    """What to tell the person who can act on one of ``BROKEN``."""
    text = _said(error)
    if isinstance(error, OSError):
        return unreachable(error, host, port)
    if PASSING.search(text):
        return TryAgain(_("The mail server asked us to try again later: %(answer)s"), after=60, answer=text)
    if isinstance(error, NoSuchFolder):
        return Misconfigured(
            _("There is no folder “%(folder)s” in the mailbox. Please check the list of folders."), folder=error.folder
        )
    if isinstance(error, MailboxLoginError) or "AUTHENTICATIONFAILED" in text:
        return Misconfigured(_("The mail server did not accept the user name or password: %(answer)s"), answer=text)
    if "TLS not supported" in text:
        return Misconfigured(
            _("%(host)s does not speak TLS on port %(port)s. Please check port and security."),
            host=host,
            port=str(port),
        )
    return TryAgain(BROKE_OFF, after=1, host=host)


def _said(error: Exception) -> str:
    """The server's own text, without the words that the library puts around it."""
    answers = getattr(error, "command_result", (None, []))[1]
    said = b" ".join(answer for answer in answers if isinstance(answer, bytes)).decode("utf-8", "replace")
    return one_line(said or str(error))[:300]


def _opened(settings: Mapping[str, Any], timeout: float) -> BaseMailBox:
    host, port, security = (
        domains.server(settings["imap_host"]),
        int(settings["imap_port"]),
        settings.get("imap_security", "tls"),
    )
    if security == "none":
        return MailBoxUnencrypted(host, port, timeout)
    context = ssl.create_default_context()
    return (
        MailBoxStartTls(host, port, timeout, context)
        if security == "starttls"
        else MailBox(host, port, timeout, ssl_context=context)
    )


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


def _quietly(act: Callable, *values) -> None:
    try:
        act(*values)
    except BROKEN:
        pass

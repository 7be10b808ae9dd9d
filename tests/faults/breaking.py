"""Calls that fail once: the k-th made by a cursor, a file or a socket, either not made at all or made and then not
answered.
"""

from __future__ import annotations

import errno
import io
import os
import socket
import sqlite3
from pathlib import Path

INJECTED = "injected"


class Breaker:
    """Counts calls and lets the k-th fail, once; with ``after`` it does its work first, as when only the answer is
    lost.
    """

    def __init__(self, k: int, after: bool = False):
        self.k, self.after, self.calls = k, after, 0

    def __call__(self, fault, call, *given, **named):
        self.calls += 1
        struck = self.calls == self.k
        if struck and not self.after:
            raise fault()
        answer = call(*given, **named)
        if struck:
            raise fault()
        return answer

    @property
    def struck(self) -> bool:
        return self.calls >= self.k


def _guard(names: tuple[str, ...], base: type, breaker: Breaker, fault):
    """A subclass whose methods of these names pass the breaker; ``fault(self)`` is what they throw."""

    def guarded(name):
        real = getattr(base, name)
        return lambda self, *given, **named: breaker(lambda: fault(self), real, self, *given, **named)

    return type(f"Faulty{base.__name__}", (base,), {name: guarded(name) for name in names})


# Databases: the driver's own cursors and connections -------------------------------------------------------------

CURSOR = ("execute", "executemany", "fetchone", "fetchmany", "fetchall")
CONNECTION = ("commit", "rollback")


def sqlite(breaker: Breaker):
    """What connects to SQLite with a disk that fails."""

    def fault(_self):
        error = sqlite3.OperationalError(f"disk I/O error ({INJECTED})")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        return error

    cursor = _guard(CURSOR, sqlite3.Cursor, breaker, fault)
    connection = _guard(CONNECTION, sqlite3.Connection, breaker, fault)
    connection.cursor = lambda self, factory=cursor: sqlite3.Connection.cursor(self, factory)
    return lambda _dialect, _record, given, named: sqlite3.connect(*given, **named, factory=connection)


def postgresql(breaker: Breaker):
    """What connects to PostgreSQL by a line that breaks."""
    import psycopg

    def fault(self):
        getattr(self, "connection", self).close()
        return psycopg.OperationalError(f"server closed the connection unexpectedly ({INJECTED})")

    cursor = _guard(CURSOR, psycopg.Cursor, breaker, fault)
    connection = _guard(CONNECTION, psycopg.Connection, breaker, fault)
    return lambda _dialect, _record, given, named: connection.connect(*given, **named, cursor_factory=cursor)


# Files -----------------------------------------------------------------------------------------------------------

FILES = ("open", "fsync", "replace", "mkdir", "write", "read")


class Files:
    """In this process one kind of call to the files below a folder passes the breaker until ``mend``."""

    def __init__(self, folder: Path, call: str, breaker: Breaker):
        self.folder, self.call, self.breaker = os.fspath(folder), call, breaker
        self.real = {name: getattr(os, name) for name in FILES[:4]}
        self.real_open = io.open
        if call in self.real:
            setattr(os, call, self._of_the_system)
        else:
            io.open = self._opened

    def mend(self) -> None:
        io.open = self.real_open
        for name, real in self.real.items():
            setattr(os, name, real)

    def _of_the_system(self, what, *given, **named):
        return self._pass(what, self.real[self.call], what, *given, **named)

    def _opened(self, what, mode="r", *given, **named):
        """As ``io.open``; the file's own reads or writes pass the breaker."""
        file = self.real_open(what, mode, *given, **named)
        real = getattr(file, self.call)
        if "b" not in mode or not self._ours(what):
            return file
        return _Proxy(file, self.call, lambda *data: self._pass(what, real, *data))

    def _pass(self, what, real, *given, **named):
        if not self._ours(what):
            return real(*given, **named)
        return self.breaker(lambda: OSError(errno.EIO, INJECTED), real, *given, **named)

    def _ours(self, what) -> bool:
        path = os.readlink(f"/proc/self/fd/{what}") if isinstance(what, int) else os.fspath(what)
        return path.startswith(self.folder)


class _Proxy:
    """A file with one method of its own."""

    def __init__(self, file, name: str, method):
        self._file = file
        setattr(self, name, method)

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._file.close()


# Sockets ---------------------------------------------------------------------------------------------------------

SOCKET = ("connect", "recv", "recv_into", "send", "sendall")


class Sockets:
    """The calls of one side of a connection pass the breaker until ``mend``: ``ours(socket)`` says whether it is
    that side's.
    """

    def __init__(self, ours, breaker: Breaker):
        self.real = {name: getattr(socket.socket, name) for name in SOCKET}
        for name, real in self.real.items():
            setattr(socket.socket, name, self._guarded(real, ours, breaker))

    def mend(self) -> None:
        for name in SOCKET:
            delattr(socket.socket, name)

    @staticmethod
    def _guarded(real, ours, breaker: Breaker):
        def call(self, *given):
            if not ours(self, given):
                return real(self, *given)
            return breaker(lambda: _broken_off(self), real, self, *given)

        return call


def _broken_off(line: socket.socket) -> OSError:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    return ConnectionResetError(errno.ECONNRESET, INJECTED)

"""How long a mail takes from a mail server to a ticket: put into a Dovecot mailbox, told by IDLE, fetched, stored,
read and filed.
"""

from __future__ import annotations

import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from helpdesk.testing.processes import ROOT, Served

sys.path.insert(0, str(ROOT / "tests/plugins/email"))  # for the Dovecot that the e-mail tests use

import servers

MAIL = b"From: mina@customer.example\r\nTo: support@desk.example\r\nMessage-ID: <%d@customer.example>\r\nSubject: Order %d\r\n\r\nHello\r\n"
FOLDERS = ("INBOX", "Sales")
LATEST = 60.0  # seconds


def run(size) -> dict:
    """Milliseconds from "taken" to the ticket, by folder, and to the server's bare word that something came; {}
    without Dovecot.
    """
    if not servers.DOVECOT:
        return {}
    with tempfile.TemporaryDirectory(prefix="hamdel-bench-") as name:
        folder = Path(name)
        (folder / "mailbox").mkdir()
        (folder / "desk").mkdir()
        with servers.dovecot(folder / "mailbox") as port, servers.signed_in(port) as program:
            program.create(FOLDERS[1])
            with servers.signed_in(port) as listener:
                bare = _bare(program, listener, size.changes)
            _account(folder / "desk", port)
            served = Served(folder / "desk", "run", HELPDESK_PLUGINS="email")
            try:
                waits = _measured(program, folder / "desk/hamdel.db", size.changes)
            finally:
                served.stop()
    return {
        where: {"median": statistics.median(each), "worst": max(each)}
        for where, each in {**waits, "bare": bare}.items()
    }


def _bare(program, listener, times: int) -> list[float]:
    """The same wait of a program that does nothing but listen."""
    waits = []
    for number in range(times):
        listener.select(FOLDERS[1])
        listener.send(b"x%d IDLE\r\n" % number)
        listener.readline()
        time.sleep(1)
        assert program.append(FOLDERS[1], None, None, MAIL % (0, 0))[0] == "OK"
        began = time.monotonic()
        while b"EXISTS" not in listener.readline():
            pass
        waits.append((time.monotonic() - began) * 1000)
        listener.send(b"DONE\r\n")
        while not listener.readline().startswith(b"x%d " % number):
            pass
    program.select(FOLDERS[1])
    program.store("1:*", "+FLAGS", "(\\Deleted)")
    program.close()
    return waits


def _account(folder: Path, port: int) -> None:
    """A desk whose only account fetches from the mailbox."""
    values = {"address": "support@desk.example", "imap_host": "127.0.0.1", "imap_port": port, "imap_security": "none"}
    values |= {"imap_user": servers.USER, "imap_password": servers.PASSWORD, "imap_folders": ",".join(FOLDERS)}
    settings = [word for name, value in values.items() for word in ("--set", f"{name}={value}")]
    for command in (["init"], ["account", "add", "email", "support", *settings]):
        environment = {"HELPDESK_DATA_DIR": str(folder), "HELPDESK_PLUGINS": "email", "PATH": "/usr/bin:/bin"}
        subprocess.run(
            [sys.executable, "-m", "helpdesk", *command], cwd=ROOT, env=environment, check=True, capture_output=True
        )


def _measured(program, database: Path, times: int) -> dict[str, list[float]]:
    """In turns a mail for each folder; the first ones, while the desk still starts, do not count."""
    waits: dict[str, list[float]] = {where: [] for where in FOLDERS}
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as reader:
        for number in range(1, (times + 1) * len(FOLDERS) + 1):
            where = FOLDERS[number % len(FOLDERS)]
            assert program.append(where, None, None, MAIL % (number, number))[0] == "OK"
            began = time.monotonic()
            while reader.execute("SELECT count(*) FROM ticket").fetchone()[0] < number:
                assert time.monotonic() - began < LATEST, "the mail has not come"
                time.sleep(0.002)
            if number > len(FOLDERS):
                waits[where].append((time.monotonic() - began) * 1000)
            time.sleep(1)
    return waits

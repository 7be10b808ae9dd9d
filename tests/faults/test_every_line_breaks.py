"""While one mail is fetched or handed over, read and answered, the line breaks at the k-th call to a socket, for every
k (check D02).

The line to the reader, to the mailbox that is polled, from the mail server that delivers, to the mail server that takes
our answer: afterwards the mail is absent and taken from its source again, or complete. An answer may leave twice, under
the same id.
"""

from __future__ import annotations

import smtplib
import socket
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.errors import Unavailable
from helpdesk.runtime.worker import Worker
from helpdesk.testing.processes import free_port
from helpdesk.testing.sizes import size

sys.path[:0] = [
    str(Path(__file__).parent),
    str(Path(__file__).parents[1] / "plugins/email"),
]  # modules beside us, and the IMAP servers

import servers  # noqa: E402
from breaking import Breaker, Sockets  # noqa: E402
from corridor import MAIL, assert_complete, recover, walk, work_off  # noqa: E402

ways = pytest.mark.parametrize("after", [False, True], ids=["not made", "not answered"])


@pytest.fixture
def every_k(fresh_runtime, world, progress):
    """every_k(ours, act, after) breaks call after call of the sockets that ``ours`` picks; returns how many there
    were.
    """

    def run(ours, act, after: bool, step: int = 1) -> int:
        k = 1
        while True:
            progress(f"call {k}")
            world.received.clear()
            runtime, account_id = fresh_runtime(shared=True)
            breaker = Breaker(k, after)
            broken = Sockets(ours, breaker)
            try:
                with suppress(Unavailable), runtime.uow() as uow:
                    act(uow, account_id)
            finally:
                broken.mend()
            recover(runtime, account_id, act)
            assert_complete(runtime, world)
            runtime.engine.dispose()
            if not breaker.struck:
                return k
            k += step

    return run


def port_of(line, given: tuple, far: bool) -> int:
    """The port of one end of a line, 0 when it has none."""
    if far and given and isinstance(given[0], tuple):
        return given[0][1]  # it is only now connected
    try:
        return (line.getpeername() if far else line.getsockname())[1]
    except (OSError, IndexError):
        return 0


@ways
def test_to_the_reader(every_k, after):
    def ours(line, _given):
        here = threading.current_thread()
        return here.name.startswith("reader") or (here is threading.main_thread() and line.family == socket.AF_UNIX)

    assert every_k(ours, walk, after) > 3


@ways
def test_to_the_mail_server_that_takes_our_answer(every_k, world, after):
    assert every_k(lambda line, given: port_of(line, given, far=True) == world.port, walk, after) > 10


@ways
def test_to_the_mailbox_that_is_polled(every_k, tmp_path, monkeypatch, after):
    """Polled while the line breaks, and once more afterwards."""
    monkeypatch.setattr("helpdesk.runtime.fetching.POLL_WAIT", 0)

    def poll(uow, account_id):
        known = dict(uow.session.get(Account, account_id).settings)
        accounts.update(uow, account_id, settings={**known, **settings})
        worker = Worker(uow.runtime, uow.runtime.notifier)
        worker.stopping.set()  # after a failure it would wait
        with closing(accounts.channel(uow, accounts.get(uow, account_id))) as channel:
            worker.fetchers.poll_once(account_id, channel)
        work_off(uow)

    with servers.pymap(tmp_path) as port, servers.signed_in(port) as program:
        program.create("Desk")
        program.append("Desk", None, None, MAIL)
        settings = {"imap_host": "127.0.0.1", "imap_port": port, "imap_security": "none", "imap_user": servers.USER}
        settings |= {"imap_password": servers.PASSWORD, "imap_folders": "Desk", "timeout": 5}
        assert every_k(lambda line, given: port_of(line, given, far=True) == port, poll, after, size(5, 1)) > 20


@ways
def test_from_the_mail_server_that_delivers(every_k, monkeypatch, after):
    """It tries again what was not acknowledged; what was stored and not acknowledged comes twice and is seen once."""
    port, refused = free_port(), []
    monkeypatch.setenv("HELPDESK_SMTP_PORT", str(port))

    def hand_over(desk, account_id):
        worker = Worker(desk.runtime, desk.runtime.notifier)
        worker._listen()
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=5) as server:
                server.sendmail("mina@customer.example", ["support@desk.example"], MAIL)
        except (OSError, smtplib.SMTPException) as error:
            refused.append(error)
        finally:
            worker.closers[0]()
        work_off(desk)

    assert every_k(lambda line, given: port_of(line, given, far=False) == port, hand_over, after) > 10
    assert len(refused) >= 10, "their mail server was not told"

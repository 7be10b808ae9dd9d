"""The disk is full: what cannot be stored is refused whole and comes again, and all goes on by itself once there is
room (TRUST D08).
"""

import hashlib
import os
import resource
import smtplib
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from helpdesk.app import create_app
from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.actor import DESK
from helpdesk.core.errors import out_of_space
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.people import api_tokens, users
from helpdesk.core.tickets.message_models import Message
from helpdesk.ops import health
from helpdesk.ops.health import findings
from helpdesk.runtime.worker import Worker
from helpdesk.testing import Letters, front_desk, letter, small_runtime

BIG = os.urandom(20_000_000)


def allow(pid: int, size: int) -> None:
    """Let a process and its children write no file larger than this, as a full disk would; -1 is without limit."""
    for process in [pid, *(int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def send_big(desk) -> int:
    """Hand over a mail with an attachment of 20 MB; the code of the answer."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "c@customer.example", "support@desk.example", "Pictures"
    message.set_content("ledger-1000")
    message.add_attachment(BIG, maintype="application", subtype="octet-stream", filename="big.bin")
    with smtplib.SMTP("127.0.0.1", desk.port, timeout=30) as server:
        try:
            server.send_message(message)
            return 250
        except smtplib.SMTPDataError as error:
            return error.smtp_code


def files(desk) -> list[int]:
    return sorted(path.stat().st_size for path in (desk.folder / "blobs").glob("*/*"))


def test_a_large_mail_is_refused_for_now_and_taken_when_there_is_room(desk):
    desk.start()
    allow(desk.process.pid, 10_000_000)
    assert send_big(desk) == 451
    assert desk.rows("SELECT count(*) FROM raw_message") == [(0,)]
    assert files(desk) == []
    assert desk.send("ledger-1"), "what has room is taken"
    desk.until(lambda: desk.tokens() == ["ledger-1"])
    resource.prlimit(desk.process.pid, resource.RLIMIT_FSIZE, (-1, -1))
    assert send_big(desk) == 250
    desk.until(lambda: "no room" in desk.rows("SELECT reason FROM raw_message ORDER BY id DESC LIMIT 1")[0][0])
    assert desk.rows("SELECT state, attempts FROM raw_message ORDER BY id DESC LIMIT 1") == [("new", 0)], (
        "the reader's files had none: no fault of the mail"
    )
    assert desk.send("ledger-2")
    assert len(files(desk)) == 1
    allow(desk.process.pid, -1)
    desk.change("UPDATE raw_message SET lease_until = NULL")
    desk.until(lambda: desk.tokens() == ["ledger-1", "ledger-1000", "ledger-2"])
    assert desk.rows("SELECT sha256, size FROM attachment") == [(hashlib.sha256(BIG).hexdigest(), len(BIG))]


@contextmanager
def full(runtime, room: int = 2):
    """Inside, the database may grow by so many pages and no more."""
    limit = []

    def set_limit(connection, _record=None):
        connection.execute(f"PRAGMA max_page_count={limit[0]}")

    with runtime.engine.connect() as connection:
        limit.append(connection.exec_driver_sql("PRAGMA page_count").scalar() + room)
    runtime.engine.dispose()
    event.listen(runtime.engine, "connect", set_limit)
    try:
        yield
    finally:
        event.remove(runtime.engine, "connect", set_limit)
        runtime.engine.dispose()


class Polled(Letters):
    """Letters that are fetched: what lies there is behind the cursor."""

    waiting: list = []

    def poll(self, cursor, wait):
        seen = cursor.get("seen", 0)
        return self.waiting[seen:], {"seen": len(self.waiting)}


@pytest.fixture
def runtime(tmp_path):
    Letters.posted.clear()
    runtime = small_runtime(tmp_path, Polled)
    with runtime.uow() as uow:
        front_desk(uow, "letters")
        users.add(uow, "admin@desk.example", "Mina", "admin")
        runtime.token = api_tokens.add_token(uow, 1, "tests")
        intake.accept(uow, 1, letter("Hello"))
        raw_worker.drain(uow)
    yield runtime
    runtime.engine.dispose()


def test_little_room_is_said_before_there_is_none(runtime, monkeypatch):
    assert all(finding.well for finding in findings(runtime) if finding.part == "files")
    monkeypatch.setattr(health, "LEAST", 10**9)
    assert [
        finding.values["path"] for finding in findings(runtime) if not finding.well and finding.part == "files"
    ] == [str(runtime.data_dir)]


def counted(runtime) -> tuple[int, int]:
    with runtime.uow() as uow:
        return uow.session.query(RawMessage).count(), uow.session.query(Message).count()


def test_a_database_without_room_takes_nothing_half(runtime):
    with full(runtime), runtime.uow() as uow:
        with pytest.raises(OperationalError) as caught:
            intake.accept_many(uow, 1, [letter("x" * 50_000), letter("y" * 50_000)])
        assert out_of_space(caught.value)
        assert counted(runtime) == (1, 1)
    with runtime.uow() as uow:
        first = intake.accept(uow, 1, letter("x" * 50_000))
    with full(runtime), runtime.uow() as uow:
        with pytest.raises(OperationalError):
            raw_worker.drain(uow)
        assert counted(runtime) == (2, 1)
    with runtime.uow() as uow:
        assert uow.session.get(RawMessage, first).attempts == 0
        raw_worker.drain(uow)
    assert counted(runtime) == (2, 2)


def test_what_is_fetched_stays_where_it_was(runtime):
    Polled.waiting = [letter("z" * 50_000)]
    worker = Worker(runtime, runtime.notifier)
    worker.stopping.set()
    with runtime.uow(DESK) as uow:
        channel = accounts.channel(uow, uow.session.get(Account, 1))
    with full(runtime, room=0):
        assert not worker.fetchers.poll_once(1, channel)
    with runtime.uow() as uow:
        assert uow.session.get(Account, 1).cursor == {}
    assert worker.fetchers.poll_once(1, channel)
    with runtime.uow() as uow:
        assert uow.session.get(Account, 1).cursor == {"seen": 1}
        assert "error" not in uow.session.get(Account, 1).health
    assert counted(runtime) == (2, 1)


def test_who_writes_is_told_and_nothing_is_stored(runtime):
    client = create_app(runtime.config, runtime).test_client()
    bearer = {"Authorization": f"Bearer {runtime.token}"}
    with full(runtime, room=0):
        answer = client.post("/api/v1/tickets/1/replies", json={"text": "w" * 100_000}, headers=bearer)
        assert (answer.status_code, answer.headers["Retry-After"]) == (507, "5")
        assert "no space left" in answer.json["title"]
    assert counted(runtime) == (1, 1)
    assert client.post("/api/v1/tickets/1/replies", json={"text": "w" * 100_000}, headers=bearer).status_code == 201

"""The disk is full: what cannot be stored is refused whole and comes again, and all goes on by itself once there is room (TRUST D08)."""

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

from helpdesk import condition
from helpdesk.app import create_app
from helpdesk.condition import findings
from helpdesk.core import accounts, intake, processing, users
from helpdesk.core.database import out_of_space
from helpdesk.core.models import Account, Message, Parcel
from helpdesk.core.rights import DESK
from helpdesk.testing import Letters, front_desk, letter, small_house
from helpdesk.worker import Worker

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
    assert desk.rows("SELECT count(*) FROM parcel") == [(0,)]
    assert files(desk) == []
    assert desk.send("ledger-1"), "what has room is taken"
    desk.until(lambda: desk.tokens() == ["ledger-1"])
    resource.prlimit(desk.process.pid, resource.RLIMIT_FSIZE, (-1, -1))
    assert send_big(desk) == 250
    desk.until(lambda: "no room" in desk.rows("SELECT reason FROM parcel ORDER BY id DESC LIMIT 1")[0][0])
    assert desk.rows("SELECT state, attempts FROM parcel ORDER BY id DESC LIMIT 1") == [("new", 0)], "the reader's files had none: no fault of the mail"
    assert desk.send("ledger-2")
    assert len(files(desk)) == 1
    allow(desk.process.pid, -1)
    desk.change("UPDATE parcel SET lease_until = NULL")
    desk.until(lambda: desk.tokens() == ["ledger-1", "ledger-1000", "ledger-2"])
    assert desk.rows("SELECT sha256, size FROM attachment") == [(hashlib.sha256(BIG).hexdigest(), len(BIG))]


@contextmanager
def full(house, room: int = 2):
    """Inside, the database may grow by so many pages and no more."""
    limit = []

    def set_limit(connection, _record=None):
        connection.execute(f"PRAGMA max_page_count={limit[0]}")

    with house.engine.connect() as connection:
        limit.append(connection.exec_driver_sql("PRAGMA page_count").scalar() + room)
    house.engine.dispose()
    event.listen(house.engine, "connect", set_limit)
    try:
        yield
    finally:
        event.remove(house.engine, "connect", set_limit)
        house.engine.dispose()


class Polled(Letters):
    """Letters that are fetched: what lies there is behind the cursor."""

    waiting: list = []

    def poll(self, cursor, wait):
        seen = cursor.get("seen", 0)
        return self.waiting[seen:], {"seen": len(self.waiting)}


@pytest.fixture
def house(tmp_path):
    Letters.posted.clear()
    house = small_house(tmp_path, Polled)
    with house.desk() as desk:
        front_desk(desk, "letters")
        users.add(desk, "admin@desk.example", "Mina", "admin")
        house.token = users.add_token(desk, 1, "tests")
        intake.accept(desk, 1, letter("Hello"))
        processing.drain(desk)
    yield house
    house.engine.dispose()


def test_little_room_is_said_before_there_is_none(house, monkeypatch):
    assert all(finding.well for finding in findings(house) if finding.part == "files")
    monkeypatch.setattr(condition, "LEAST", 10**9)
    assert [finding.values["path"] for finding in findings(house) if not finding.well and finding.part == "files"] == [str(house.data_dir)]


def counted(house) -> tuple[int, int]:
    with house.desk() as desk:
        return desk.session.query(Parcel).count(), desk.session.query(Message).count()


def test_a_database_without_room_takes_nothing_half(house):
    with full(house), house.desk() as desk:
        with pytest.raises(OperationalError) as caught:
            intake.accept_many(desk, 1, [letter("x" * 50_000), letter("y" * 50_000)])
        assert out_of_space(caught.value)
        assert counted(house) == (1, 1)
    with house.desk() as desk:
        first = intake.accept(desk, 1, letter("x" * 50_000))
    with full(house), house.desk() as desk:
        with pytest.raises(OperationalError):
            processing.drain(desk)
        assert counted(house) == (2, 1)
    with house.desk() as desk:
        assert desk.session.get(Parcel, first).attempts == 0
        processing.drain(desk)
    assert counted(house) == (2, 2)


def test_what_is_fetched_stays_where_it_was(house):
    Polled.waiting = [letter("z" * 50_000)]
    worker = Worker(house, house.bell)
    worker.stopping.set()
    with house.desk(DESK) as desk:
        channel = accounts.channel(desk, desk.session.get(Account, 1))
    with full(house, room=0):
        assert not worker._poll_once(1, channel)
    with house.desk() as desk:
        assert desk.session.get(Account, 1).cursor == {}
    assert worker._poll_once(1, channel)
    with house.desk() as desk:
        assert desk.session.get(Account, 1).cursor == {"seen": 1}
        assert "error" not in desk.session.get(Account, 1).health
    assert counted(house) == (2, 1)


def test_who_writes_is_told_and_nothing_is_stored(house):
    client = create_app(house.config, house).test_client()
    bearer = {"Authorization": f"Bearer {house.token}"}
    with full(house, room=0):
        answer = client.post("/api/v1/tickets/1/replies", json={"text": "w" * 100_000}, headers=bearer)
        assert (answer.status_code, answer.headers["Retry-After"]) == (507, "5")
        assert "no space left" in answer.json["title"]
    assert counted(house) == (1, 1)
    assert client.post("/api/v1/tickets/1/replies", json={"text": "w" * 100_000}, headers=bearer).status_code == 201

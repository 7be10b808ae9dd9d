"""The operator's commands: what doctor finds, and a backup taken under load that comes back whole and silent (TRUST D18)."""

import gzip
import json
import socket
import stat
import threading
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import MetaData, func, select

from helpdesk import migrate, operations
from helpdesk.app import build_house
from helpdesk.backup import NOT_OURS, backup, restore, resume
from helpdesk.cli import cli
from helpdesk.config import from_environment
from helpdesk.core import accounts, intake, outbox, search, teams, users
from helpdesk.core.base import utcnow
from helpdesk.core.channels import Parcel
from helpdesk.core.errors import Conflict, Invalid, NotFound
from helpdesk.core.events.intake import DeskResumed
from helpdesk.core.events.tickets import TicketOpened
from helpdesk.core.models import Customer, Delivery, Event, Message, MessageText, Ticket
from helpdesk.core.text import joined, normalise

pytestmark = pytest.mark.clock


PASSWORD = "the account's password"


@pytest.fixture
def houses(tmp_path, request):
    """houses("name", url) is a desk with a data folder of its own."""
    made = []

    def make(name="first", database_url=""):
        environment = {"HELPDESK_DATA_DIR": str(tmp_path / name), "HELPDESK_PLUGINS": "email", "HELPDESK_DATABASE_URL": database_url}
        made.append(build_house(from_environment(environment)))
        return made[-1]

    yield make
    for house in made:
        house.parser.close()
        house.engine.dispose()


def lived_in(house):
    """Make a desk in which something of every kind is: a merged ticket, files, an account with a password, a reply that is due."""
    migrate.upgrade(house)
    with house.desk() as desk:
        queue = teams.add_queue(desk, "Front", [])
        settings = {"address": "support@desk.example", "smtp_host": "127.0.0.1", "smtp_port": 9, "smtp_password": PASSWORD}
        account = accounts.create(desk, "email", "support", settings, queue.id)
        intake.accept(desk, account.id, Parcel("large", b"\x00\xff" * 50_000, utcnow()))
        intake.accept(desk, account.id, Parcel("small", b"\x00\xfe raw", utcnow()))
        with desk.writing() as session:
            session.add(Customer(id=1, name="مینا"))
            for number in (1, 2):
                row = {"subject": "می‌خواهم", "queue_id": queue.id, "customer_id": 1, "account_id": account.id, "channel": "email"}
                session.add(Ticket(id=number, **row))
                session.flush()
            session.get(Ticket, 1).merged_into_id = 2
            session.add(Message(id=1, ticket_id=2, kind="out", text="می‌خواهم"))
            session.flush()
            session.add(MessageText(message_id=1, spaced=normalise("می‌خواهم"), joined=joined("می‌خواهم")))
            to = [{"kind": "email", "value": "mina@customer.example", "name": ""}]
            session.add(Delivery(message_id=1, account_id=account.id, external_id="1@desk.example", to=to, due_at=utcnow() - timedelta(hours=1)))
    return house


def contents(house):
    """{table: rows} of everything in a database."""
    metadata = MetaData()
    with house.engine.connect() as connection:
        metadata.reflect(connection, only=lambda name, _: not name.startswith(NOT_OURS))
        return {t.name: connection.execute(select(t).order_by(*t.primary_key.columns)).all() for t in metadata.sorted_tables}


def counts(house):
    return {name: len(rows) for name, rows in contents(house).items()}


def test_a_backup_comes_back_whole(houses, tmp_path):
    first = lived_in(houses())
    about = backup(first, tmp_path / "backup")
    before = contents(first)
    second = houses("second")
    assert restore(second, tmp_path / "backup") == about
    after = contents(second)
    assert [event.kind for event in after["event"]][-1] == "desk.restored"
    del after["event"][-1], after["setting"][:]
    assert after == before | {"setting": []}
    assert {p.name for p in second.blobs.folder.glob("*/*")} == {p.name for p in first.blobs.folder.glob("*/*")} != set()
    with second.desk() as desk:
        assert search.find(desk, "ميخواهم").items[0]["id"] == 2, "found by the search, too"
        with desk.writing():
            desk.record(DeskResumed())
        assert desk.session.scalar(select(func.max(Event.seq))) > max(event.seq for event in before["event"]) + 1


@pytest.mark.parametrize("way", ["to PostgreSQL", "from PostgreSQL"])
def test_a_desk_can_move_to_the_other_database(houses, tmp_path, postgres_url, way):
    here, there = ("", postgres_url) if way == "to PostgreSQL" else (postgres_url, "")
    first = lived_in(houses("first", here))
    backup(first, tmp_path / "backup")
    second = houses("second", there)
    restore(second, tmp_path / "backup")
    expected = counts(first)
    assert counts(second) == expected | {"event": expected["event"] + 1, "setting": 1}
    with first.desk() as one, second.desk() as other:
        query = select(Ticket).order_by(Ticket.id)
        told = [[(t.id, t.subject, t.created_at, t.due_at, t.tags, t.merged_into_id) for t in d.session.scalars(query)] for d in (one, other)]
        assert told[0] == told[1]
        assert search.find(other, "ميخواهم").items[0]["id"] == 2
        with other.writing() as session:
            session.add(Customer(name="the next one"))
            session.flush()


def test_a_backup_under_load_is_of_one_moment(houses, tmp_path):
    """Every journal row's ticket is there, nothing is half; the desk goes on meanwhile."""
    house = lived_in(houses())
    stop, written = threading.Event(), []

    def load():
        with house.desk() as desk:
            while not stop.is_set():
                with desk.writing() as session:
                    ticket = Ticket(subject="x", queue_id=1, customer_id=1, account_id=1, channel="email")
                    session.add(ticket)
                    session.flush()
                    desk.record(TicketOpened(ticket_id=ticket.id, after={}))
                written.append(ticket.id)

    busy = threading.Thread(target=load)
    busy.start()
    try:
        for number in range(3):
            about = backup(house, tmp_path / "backup")
            before = len(written)
    finally:
        stop.set()
        busy.join()
    assert before > 10
    second = houses("second")
    restore(second, tmp_path / "backup")
    with second.desk() as desk:
        opened = set(desk.session.scalars(select(Event.ticket_id).where(Event.kind == "ticket.opened")))
        assert opened == set(desk.session.scalars(select(Ticket.id))) - {1, 2}
        assert len(opened) == about["tables"]["ticket"] - 2 > 10


def test_a_restored_desk_sends_nothing_until_told(houses, tmp_path):
    backup(lived_in(houses()), tmp_path / "backup", with_key=True)
    second = houses("second")
    restore(second, tmp_path / "backup")
    with second.desk() as desk:
        assert outbox.work(desk) == 0
    assert resume(second) and not resume(second)
    with second.desk() as desk:
        assert outbox.work(desk) == 1


def test_the_key_stays_out_unless_asked_for(houses, tmp_path):
    first = lived_in(houses())
    backup(first, tmp_path / "backup")
    everything = b"".join(p.read_bytes() for p in (tmp_path / "backup").glob("*") if p.is_file())
    everything += gzip.decompress((tmp_path / "backup" / "rows.jsonl.gz").read_bytes())
    assert first.config.secret_key.encode() not in everything and PASSWORD.encode() not in everything
    backup(first, tmp_path / "backup", with_key=True)
    assert (tmp_path / "backup" / "secret.key").read_text() == first.config.secret_key
    assert all(stat.S_IMODE(p.stat().st_mode) & 0o077 == 0 for p in (tmp_path / "backup").glob("*.*"))
    restore(houses("second"), tmp_path / "backup")
    reopened = houses("second")
    with reopened.desk() as desk:
        assert accounts.view(desk, accounts.get(desk, 1)).settings["smtp_password"] == PASSWORD


def test_again_into_the_same_folder_copies_only_what_is_new(houses, tmp_path):
    first = lived_in(houses())
    backup(first, tmp_path / "backup")
    kept = next((tmp_path / "backup" / "blobs").glob("*/*"))
    stamp = kept.stat().st_mtime_ns
    first.blobs.put(b"another file")
    assert backup(first, tmp_path / "backup")["files"] == 2
    assert kept.stat().st_mtime_ns == stamp


def test_a_desk_in_use_is_not_overwritten(houses, tmp_path):
    first = lived_in(houses())
    backup(first, tmp_path / "backup")
    before = counts(first)
    with first.desk() as desk:
        users.add(desk, "a@desk.example", "A")
    with pytest.raises(Conflict, match="in use"):
        restore(first, tmp_path / "backup")
    assert counts(first) == before | {"user": 1, "event": before["event"] + 1}


def test_what_is_no_backup_is_a_sentence_and_leaves_nothing(houses, tmp_path):
    second = houses("second")
    with pytest.raises(NotFound, match="no backup"):
        restore(second, tmp_path / "nothing")
    backup(lived_in(houses()), tmp_path / "backup")
    rows = tmp_path / "backup" / "rows.jsonl.gz"
    lines = gzip.decompress(rows.read_bytes()).splitlines(True)
    rows.write_bytes(gzip.compress(b"".join(lines[:-1])))
    with pytest.raises(Invalid, match="not whole"):
        restore(second, tmp_path / "backup")
    assert counts(second) == {}
    about = json.loads((tmp_path / "backup" / "desk.json").read_text())
    (tmp_path / "backup" / "desk.json").write_text(json.dumps(about | {"format": 99}))
    with pytest.raises(Invalid, match="another version"):
        restore(second, tmp_path / "backup")


# Commands ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def helpdesk(tmp_path, monkeypatch):
    """helpdesk("doctor") runs the command line on a desk of its own; (exit code, output)."""
    monkeypatch.setenv("HELPDESK_DATA_DIR", str(tmp_path / "desk"))
    monkeypatch.setenv("HELPDESK_PLUGINS", "email")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HELPDESK_PORT", str(probe.getsockname()[1]))

    def run(*words):
        result = CliRunner().invoke(cli, words)
        return result.exit_code, result.output

    return run


def test_doctor_says_what_to_do(helpdesk, tmp_path, monkeypatch):
    code, said = helpdesk("doctor")
    assert code == 1 and "helpdesk init" in said and said.count("!!") == 1
    assert helpdesk("init")[0] == 0
    code, said = helpdesk("doctor")
    assert code == 0, said
    (tmp_path / "desk" / "secret.key").chmod(0o644)
    monkeypatch.setattr(operations, "SPACE", 2**62)
    code, said = helpdesk("doctor")
    assert code == 1 and "chmod 600" in said and "MB are left" in said


def test_doctor_names_a_taken_port(helpdesk, monkeypatch):
    helpdesk("init")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("HELPDESK_PORT", str(taken.getsockname()[1]))
        code, said = helpdesk("doctor")
    assert code == 1 and "HELPDESK_PORT" in said


def test_backup_and_restore_on_the_command_line(helpdesk, tmp_path, monkeypatch):
    assert helpdesk("init") == (0, "")
    code, said = helpdesk("backup", str(tmp_path / "backup"))
    assert code == 0 and "secret.key" in said
    monkeypatch.setenv("HELPDESK_DATA_DIR", str(tmp_path / "other"))
    code, said = helpdesk("restore", str(tmp_path / "backup"))
    assert code == 0 and "helpdesk resume" in said
    assert helpdesk("resume") == (0, "The desk sends again.\n")


def test_pages_alone_ask_for_a_database_that_is_up_to_date(helpdesk):
    code, said = helpdesk("web")
    assert code == 1 and "helpdesk init" in said

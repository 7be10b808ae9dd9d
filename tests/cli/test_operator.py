"""The operator's commands: what doctor finds, and a backup taken under load that comes back whole and silent (TRUST
D18).
"""

import gzip
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import MetaData, func, select

from helpdesk.app import build_runtime
from helpdesk.cli import operator
from helpdesk.cli.main import cli
from helpdesk.config import from_environment
from helpdesk.core.accounts import accounts
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.errors import Conflict, HelpdeskError, Invalid, NotFound
from helpdesk.core.events.intake import DeskResumed
from helpdesk.core.events.tickets import TicketOpened
from helpdesk.core.intake import intake
from helpdesk.core.journal.models import Event
from helpdesk.core.outbox import outbox
from helpdesk.core.people import teams, users
from helpdesk.core.people.models import Customer
from helpdesk.core.storage.blobs import Blobs
from helpdesk.core.text import joined, normalise
from helpdesk.core.tickets import counters, search
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message, MessageText
from helpdesk.core.tickets.models import Ticket
from helpdesk.ops.backup import NOT_OURS, backup, restore, resume
from helpdesk.ops.backup_check import hash_of
from helpdesk.testing import databases

AT = datetime(2026, 10, 15, 9, tzinfo=UTC)


ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "the account's password"


@pytest.fixture
def runtimes(tmp_path, request):
    """houses("name", url) is a desk with a data folder of its own."""
    made = []

    def make(name="first", database_url=""):
        environment = {
            "HELPDESK_DATA_DIR": str(tmp_path / name),
            "HELPDESK_PLUGINS": "email",
            "HELPDESK_DATABASE_URL": database_url,
        }
        made.append(build_runtime(from_environment(environment)))
        return made[-1]

    yield make
    for runtime in made:
        runtime.parser.close()
        runtime.engine.dispose()


def lived_in(runtime):
    """Make a desk in which something of every kind is: a merged ticket, files, an account with a password, a reply
    that is due.
    """
    databases.upgrade(runtime)
    with runtime.uow() as uow:
        queue = teams.add_queue(uow, "Front", [])
        settings = {
            "address": "support@desk.example",
            "smtp_host": "127.0.0.1",
            "smtp_port": 9,
            "smtp_password": PASSWORD,
        }
        account = accounts.create(uow, "email", "support", settings, queue.id)
        intake.accept(uow, account.id, RawMessage("large", b"\x00\xff" * 50_000, AT))
        intake.accept(uow, account.id, RawMessage("small", b"\x00\xfe raw", AT))
        with uow.writing() as session:
            session.add(Customer(id=1, name="مینا"))
            for number in (1, 2):
                row = {
                    "subject": "می‌خواهم",
                    "queue_id": queue.id,
                    "customer_id": 1,
                    "account_id": account.id,
                    "channel": "email",
                }
                session.add(Ticket(id=number, **row))
                session.flush()
            session.get(Ticket, 1).merged_into_id = 2
            session.add(Message(id=1, ticket_id=2, kind="out", text="می‌خواهم"))
            session.flush()
            session.add(MessageText(message_id=1, spaced=normalise("می‌خواهم"), joined=joined("می‌خواهم")))
            to = [{"kind": "email", "value": "mina@customer.example", "name": ""}]
            session.add(
                Delivery(
                    message_id=1,
                    account_id=account.id,
                    external_id="1@desk.example",
                    to=to,
                    due_at=AT,
                )
            )
    return runtime


def contents(runtime):
    """{table: rows} of everything in a database."""
    metadata = MetaData()
    with runtime.engine.connect() as connection:
        metadata.reflect(connection, only=lambda name, _: not name.startswith(NOT_OURS))
        return {
            t.name: connection.execute(select(t).order_by(*t.primary_key.columns)).all() for t in metadata.sorted_tables
        }


def counts(runtime):
    return {name: len(rows) for name, rows in contents(runtime).items()}


@pytest.mark.clock
def test_a_backup_comes_back_whole(runtimes, tmp_path):
    first = lived_in(runtimes())
    about = backup(first, tmp_path / "backup")
    before = contents(first)
    second = runtimes("second")
    assert restore(second, tmp_path / "backup") == about
    after = contents(second)
    assert [event.kind for event in after["event"]][-1] == "desk.restored"
    del after["event"][-1], after["setting"][:]
    assert after == before | {"setting": []}
    assert (
        {p.name for p in second.blobs.folder.glob("*/*")} == {p.name for p in first.blobs.folder.glob("*/*")} != set()
    )
    with second.uow() as uow:
        assert counters.wrong(uow.session) == 0, "counted, too"
        assert search.find(uow, "ميخواهم").items[0]["id"] == 2, "found by the search, too"
        with uow.writing():
            uow.record(DeskResumed())
        assert uow.session.scalar(select(func.max(Event.seq))) > max(event.seq for event in before["event"]) + 1


@pytest.mark.parametrize("way", ["to PostgreSQL", "from PostgreSQL"])
def test_a_desk_can_move_to_the_other_database(runtimes, tmp_path, postgres_url, way):
    here, there = ("", postgres_url) if way == "to PostgreSQL" else (postgres_url, "")
    first = lived_in(runtimes("first", here))
    backup(first, tmp_path / "backup")
    second = runtimes("second", there)
    restore(second, tmp_path / "backup")
    expected = counts(first)
    assert counts(second) == expected | {"event": expected["event"] + 1, "setting": 1}
    with first.uow() as one, second.uow() as other:
        query = select(Ticket).order_by(Ticket.id)
        reported = [
            [(t.id, t.subject, t.created_at, t.target_at, t.tags, t.merged_into_id) for t in d.session.scalars(query)]
            for d in (one, other)
        ]
        assert reported[0] == reported[1]
        assert search.find(other, "ميخواهم").items[0]["id"] == 2
        with other.writing() as session:
            session.add(Customer(name="the next one"))
            session.flush()


def test_a_backup_under_load_is_of_one_moment(runtimes, tmp_path):
    """Every journal row's ticket is there, nothing is half; the desk goes on meanwhile."""
    runtime = lived_in(runtimes())
    stop, written = threading.Event(), []

    def load():
        with runtime.uow() as uow:
            while not stop.is_set():
                with uow.writing() as session:
                    ticket = Ticket(subject="x", queue_id=1, customer_id=1, account_id=1, channel="email")
                    session.add(ticket)
                    session.flush()
                    uow.record(TicketOpened(ticket_id=ticket.id, after={}))
                written.append(ticket.id)

    busy = threading.Thread(target=load)
    busy.start()
    try:
        for number in range(3):
            about = backup(runtime, tmp_path / "backup")
            before = len(written)
    finally:
        stop.set()
        busy.join()
    assert before > 10
    second = runtimes("second")
    restore(second, tmp_path / "backup")
    with second.uow() as uow:
        opened = set(uow.session.scalars(select(Event.ticket_id).where(Event.kind == "ticket.opened")))
        assert opened == set(uow.session.scalars(select(Ticket.id))) - {1, 2}
        assert len(opened) == about["tables"]["ticket"] - 2 > 10


@pytest.mark.clock
def test_a_restored_desk_sends_nothing_until_told(runtimes, tmp_path):
    backup(lived_in(runtimes()), tmp_path / "backup", with_key=True)
    second = runtimes("second")
    restore(second, tmp_path / "backup")
    with second.uow() as uow:
        assert outbox.work(uow) == 0
    assert resume(second) and not resume(second)
    with second.uow() as uow:
        assert outbox.work(uow) == 1


def test_the_key_stays_out_unless_asked_for(runtimes, tmp_path):
    first = lived_in(runtimes())
    backup(first, tmp_path / "backup")
    everything = b"".join(p.read_bytes() for p in (tmp_path / "backup").glob("*") if p.is_file())
    everything += gzip.decompress((tmp_path / "backup" / "rows.jsonl.gz").read_bytes())
    assert first.config.secret_key.encode() not in everything and PASSWORD.encode() not in everything
    backup(first, tmp_path / "backup", with_key=True)
    assert (tmp_path / "backup" / "secret.key").read_text() == first.config.secret_key
    assert all(stat.S_IMODE(p.stat().st_mode) & 0o077 == 0 for p in (tmp_path / "backup").glob("*.*"))
    restore(runtimes("second"), tmp_path / "backup")
    reopened = runtimes("second")
    with reopened.uow() as uow:
        assert accounts.view(uow, accounts.get(uow, 1)).settings["smtp_password"] == PASSWORD


def test_again_into_the_same_folder_copies_only_what_is_new(runtimes, tmp_path):
    first = lived_in(runtimes())
    backup(first, tmp_path / "backup")
    kept = next((tmp_path / "backup" / "blobs").glob("*/*"))
    stamp = kept.stat().st_mtime_ns
    first.blobs.put(b"another file")
    assert backup(first, tmp_path / "backup")["files"] == 2
    assert kept.stat().st_mtime_ns == stamp


def test_a_desk_in_use_is_not_overwritten(runtimes, tmp_path):
    first = lived_in(runtimes())
    backup(first, tmp_path / "backup")
    before = counts(first)
    with first.uow() as uow:
        users.add(uow, "a@desk.example", "A")
    with pytest.raises(Conflict, match="in use"):
        restore(first, tmp_path / "backup")
    assert counts(first) == before | {"user": 1, "event": before["event"] + 1}


def test_what_is_no_backup_is_a_sentence(runtimes, tmp_path):
    second = runtimes("second")
    with pytest.raises(NotFound, match="no backup"):
        restore(second, tmp_path / "nothing")
    backup(lived_in(runtimes()), tmp_path / "backup")
    about = json.loads((tmp_path / "backup" / "desk.json").read_text())
    (tmp_path / "backup" / "desk.json").write_text(json.dumps(about | {"format": 99}))
    with pytest.raises(Invalid, match="another version"):
        restore(second, tmp_path / "backup")


def shortened(folder: Path) -> None:
    rows = folder / "rows.jsonl.gz"
    rows.write_bytes(gzip.compress(b"".join(gzip.decompress(rows.read_bytes()).splitlines(True)[:-1])))


def rewritten(folder: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Rows that look whole to their hash, as somebody who writes both would make them."""
    rows = folder / "rows.jsonl.gz"
    rows.write_bytes(gzip.compress(b"\n".join(change(gzip.decompress(rows.read_bytes()).splitlines()))))
    about = json.loads((folder / "desk.json").read_text()) | {"rows_sha256": hash_of(rows)}
    (folder / "desk.json").write_text(json.dumps(about))


def replaced_by_a_link(path: Path) -> None:
    target = path.with_suffix(".elsewhere")
    path.rename(target)
    path.symlink_to(target)


def a_file(folder: Path) -> Path:
    return next((folder / "blobs").glob("*/*"))


DAMAGE = {
    "rows cut short": (shortened, "rows.jsonl.gz was changed"),
    "rows broken off": (
        lambda f: (f / "rows.jsonl.gz").write_bytes((f / "rows.jsonl.gz").read_bytes()[:-20]),
        "was changed",
    ),
    "rows gone": (lambda f: (f / "rows.jsonl.gz").unlink(), "rows.jsonl.gz is missing"),
    "rows a link": (lambda f: replaced_by_a_link(f / "rows.jsonl.gz"), "link"),
    "a row lost": (lambda f: rewritten(f, lambda rows: rows[:-1]), "other rows"),
    "a row too short": (lambda f: rewritten(f, lambda rows: [*rows[:-1], b"[1]"]), "other rows"),
    "a row no JSON": (lambda f: rewritten(f, lambda rows: [*rows[:-1], b"{"]), "other rows"),
    "a row before its table": (lambda f: rewritten(f, lambda rows: [b"[1]", *rows]), "other rows"),
    "a number for a row": (lambda f: rewritten(f, lambda rows: [*rows, b"7"]), "other rows"),
    "deep JSON": (lambda f: rewritten(f, lambda rows: [*rows[:-1], b"[" * 100_000]), "other rows"),
    "a file gone": (lambda f: a_file(f).unlink(), "is missing"),
    "a file changed": (lambda f: a_file(f).write_bytes(b"other"), "was changed"),
    "a file a link": (lambda f: replaced_by_a_link(a_file(f)), "link"),
    "a file a folder": (
        lambda f: (a_file(f).unlink(), (f / "blobs/aa" / ("a" * 64)).mkdir(parents=True)),
        "is missing",
    ),
    "the files' folder a link": (lambda f: replaced_by_a_link(f / "blobs"), "link"),
    "a description of nothing": (lambda f: (f / "desk.json").write_text('{"format": 1}'), "other rows"),
    "a description cut short": (lambda f: (f / "desk.json").write_text('{"format"'), "no backup"),
    "a description that is a list": (lambda f: (f / "desk.json").write_text("[]"), "another version"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_backup_is_a_sentence_and_changes_nothing(runtimes, tmp_path, damage):
    """S6: nothing is touched until every row and every file is what it should be."""
    folder, second = tmp_path / "backup", runtimes("second")
    backup(lived_in(runtimes()), folder)
    spoil, sentence = DAMAGE[damage]
    spoil(folder)
    with pytest.raises(HelpdeskError, match=sentence):
        restore(second, folder)
    assert counts(second) == {} and not list(second.blobs.folder.glob("*/*"))


def test_a_file_the_desk_had_lost_already_keeps_no_backup_from_coming_back(runtimes, tmp_path):
    first = lived_in(runtimes())
    with first.uow() as uow, uow.writing() as session:
        session.add(Attachment(message_id=1, name="lost.pdf", type="application/pdf", sha256="a" * 64))
    assert backup(first, tmp_path / "backup")["missing"] == ["a" * 64]
    second = runtimes("second")
    restore(second, tmp_path / "backup")
    assert counts(second)["attachment"] == 1


def test_a_backup_of_a_newer_desk_says_so(runtimes, tmp_path):
    backup(lived_in(runtimes()), tmp_path / "backup")
    about = json.loads((tmp_path / "backup" / "desk.json").read_text())
    (tmp_path / "backup" / "desk.json").write_text(json.dumps(about | {"versions": {"core": "9999_from_tomorrow"}}))
    with pytest.raises(Invalid, match="newer version"):
        restore(runtimes("second"), tmp_path / "backup")


def test_no_file_of_a_backup_is_readable_by_others(runtimes, tmp_path):
    backup(lived_in(runtimes()), tmp_path / "backup", with_key=True)
    modes = {
        path.relative_to(tmp_path): stat.S_IMODE(path.stat().st_mode) & 0o077
        for path in (tmp_path / "backup").rglob("*")
        if path.is_file()
    }
    assert (
        len(modes) >= 4 and set(modes.values()) == {0} and stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700
    )


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
    monkeypatch.setattr(operator, "SPACE", 2**62)
    code, said = helpdesk("doctor")
    assert code == 1 and "chmod 600" in said and "MB are left" in said


def test_a_data_folder_made_beforehand_is_closed_at_start(tmp_path):
    """S11: whoever made it, what customers write is nobody else's to read; what the desk cannot close, doctor names."""
    folder = tmp_path / "made before"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    from_environment({"HELPDESK_DATA_DIR": str(folder)})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_doctor_names_an_open_data_folder(helpdesk, tmp_path, monkeypatch):
    helpdesk("init")
    (tmp_path / "desk").chmod(0o755)
    monkeypatch.setattr("os.geteuid", lambda: 4321)
    code, said = helpdesk("doctor")
    assert code == 1 and "!!  data folder" in said and "chmod 700" in said


def test_what_the_desk_writes_is_its_own(tmp_path):
    """Also a database beside the data folder."""
    place = {"HELPDESK_DATA_DIR": str(tmp_path / "desk"), "HELPDESK_DATABASE_URL": f"sqlite:///{tmp_path / 'else.db'}"}
    done = subprocess.run(
        [sys.executable, "-m", "helpdesk", "init"],
        env=os.environ | place,
        cwd=ROOT,
        capture_output=True,
        text=True,
        umask=0o022,
    )
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE((tmp_path / "else.db").stat().st_mode) == 0o600


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


def test_bytes_that_are_no_text_are_a_sentence(helpdesk, tmp_path):
    """S16: what a terminal hands over that no encoding can express never ends in a traceback."""
    helpdesk("init")
    half, mails = "n\udcff\ud800", tmp_path / "mails.mbox"
    mails.write_text("From x Thu Jan  1 00:00:00 2026\nSubject: x\n\nx\n")
    for words in (
        ("email", "import", str(mails), "--account", half),
        ("email", "pipe", "--account", half),
        ("token", "add", "--user", half),
        ("account", "add", half, "x"),
        ("account", "add", "email", half, "--set", f"address={half}"),
        ("account", "add", "email", "x", "--set", f"{half}=1"),
    ):
        code, said = helpdesk(*words)
        assert code and said and "Traceback" not in said and "UnicodeEncodeError" not in said, words


def test_a_database_made_beforehand_is_closed_at_start_and_named_while_it_is_open(helpdesk, tmp_path, monkeypatch):
    """S11: also where it stands beside the data folder."""
    elsewhere = tmp_path / "else.db"
    monkeypatch.setenv("HELPDESK_DATABASE_URL", f"sqlite:///{elsewhere}")
    elsewhere.touch(mode=0o644)
    elsewhere.chmod(0o644)
    assert helpdesk("init")[0] == 0
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600
    elsewhere.chmod(0o644)
    monkeypatch.setattr("pathlib.Path.chmod", lambda path, mode: None)
    code, said = helpdesk("doctor")
    assert code == 1 and "!!  database file" in said and f"chmod 600 {elsewhere}" in said


def test_blobs_in_a_backup_are_nobody_elses(helpdesk, tmp_path):
    """S11: whatever modes an earlier backup in the same folder had."""
    helpdesk("init")
    blobs, kept = Blobs(tmp_path / "desk" / "blobs"), tmp_path / "kept"
    name = blobs.put(b"what a customer sent")
    assert helpdesk("backup", str(kept))[0] == 0
    copy = kept / "blobs" / name[:2] / name
    copy.chmod(0o644)
    assert helpdesk("backup", str(kept))[0] == 0
    modes = {
        path: stat.S_IMODE(path.stat().st_mode) for path in [kept, *kept.rglob("*")] if path.is_dir() or path.is_file()
    }
    assert {path for path, mode in modes.items() if path.is_file() and mode & 0o077} == set()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700

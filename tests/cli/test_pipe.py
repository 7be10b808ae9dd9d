"""``helpdesk email pipe`` beside a running desk: what it stores, what it answers, and how little it imports."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from helpdesk.cli import pipe
from helpdesk.core.intake.models import RawMessage
from helpdesk.runtime.intake_socket import IntakeSocket
from helpdesk.testing.desks import front_desk, small_runtime

ROOT = Path(__file__).parents[2]
MAIL = b"From: ali@example.com\nSubject: hello\n\nhello\n"
HEAVY = ("sqlalchemy", "flask", "gevent", "click", "babel", "importlib.metadata", "email", "asyncio", "plugins")
MAIN = (
    "import atexit, sys; from helpdesk.__main__ import main\n"
    "atexit.register(lambda: print(*sys.modules, sep='\\n'))\n"
    "main()"
)


@pytest.fixture
def runtime(tmp_path):
    """A desk with an account named front, that listens on its intake socket."""
    runtime = small_runtime(tmp_path, plugins="email")
    with runtime.uow() as uow:
        front_desk(uow, "email", address="support@desk.example")
    listening = IntakeSocket(runtime)
    yield runtime
    listening.close()
    runtime.engine.dispose()


def run(folder, *words, given=MAIL):
    """The real program on this folder, in Persian; it prints the names of all modules it imported."""
    environment = os.environ | {
        "HELPDESK_DATA_DIR": str(folder),
        "HELPDESK_LANGUAGE": "fa",
        "HELPDESK_PLUGINS": "email",
    }
    command = [sys.executable, "-c", MAIN, *words]
    return subprocess.run(command, cwd=ROOT, env=environment, input=given, capture_output=True, timeout=120)


def stored(runtime):
    with runtime.uow() as uow:
        return [(row.state, row.imported) for row in uow.session.scalars(select(RawMessage))]


def test_a_pipe_to_a_running_desk_stores_the_mail_and_imports_next_to_nothing(runtime):
    done = run(runtime.data_dir, "email", "pipe", "--account", "front")
    assert (done.returncode, done.stderr) == (0, b"")
    assert stored(runtime) == [("new", False)]
    imported = set(done.stdout.decode().split())
    assert not imported.intersection(HEAVY)
    ours = {name for name in imported if name.startswith("helpdesk.")}
    assert ours == {
        "helpdesk.__main__", "helpdesk.cli", "helpdesk.cli.pipe", "helpdesk.core", "helpdesk.core.intake",
        "helpdesk.core.intake.frames", "helpdesk.runtime", "helpdesk.runtime.intake_client",
    }  # fmt: skip


@pytest.mark.parametrize("words", [("email", "nobody"), ("chat", "front")])
def test_an_account_that_is_not_there_or_of_another_channel_is_a_sentence_and_75(runtime, words):
    channel, account = words
    done = run(runtime.data_dir, channel, "pipe", "--account", account)
    assert done.returncode == 75 and account in done.stderr.decode() and "حساب" in done.stderr.decode()
    assert stored(runtime) == []


def test_a_desk_that_goes_away_before_it_stored_the_mail_is_75(runtime, monkeypatch):
    monkeypatch.setattr(IntakeSocket, "_take", lambda self, uow, connection: connection.recv(1))
    done = run(runtime.data_dir, "email", "pipe", "--account", "front")
    assert done.returncode == 75 and done.stderr and b"Traceback" not in done.stderr
    assert stored(runtime) == []


def test_a_mail_larger_than_the_quick_way_takes_arrives_whole(runtime):
    large = MAIL + b"x" * 70 + b"\n" * pipe.LARGEST
    done = run(runtime.data_dir, "email", "pipe", "--account", "front", given=large)
    assert done.returncode == 0, done.stderr
    with runtime.uow() as uow:
        assert uow.session.scalars(select(RawMessage)).one().size == len(large)


def test_without_a_running_desk_the_whole_command_line_takes_over(tmp_path):
    assert pipe.piped(["email", "pipe", "--account", "front"], {"HELPDESK_DATA_DIR": str(tmp_path)}) is None
    assert pipe.piped(["email", "pipe", "--help"], {"HELPDESK_DATA_DIR": str(tmp_path)}) is None

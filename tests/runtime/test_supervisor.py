"""The supervisor: a desk that dies comes back, a plugin that kills or freezes it is named and left out, told to stop
it stops.
"""

import os
import signal
import smtplib
import socket
import sqlite3
import subprocess
import sys
import time
from email.message import EmailMessage

import pytest

from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.accounts import accounts
from helpdesk.core.people import teams
from helpdesk.runtime import supervisor
from helpdesk.runtime.heartbeat import Heartbeat
from helpdesk.runtime.intake_socket import _is_answered
from helpdesk.runtime.supervisor import Supervisor
from helpdesk.testing.databases import upgrade
from helpdesk.testing.processes import ROOT, Served

KILLER = """
import os
from helpdesk.api import API, hookimpl

@hookimpl
def filter_inbound(inbound, account):
    os.abort()
"""


# Decisions, on lives that are quickly over -----------------------------------------------------------------------


def life(script):
    """A supervisor of a desk that runs this script with ``watch``, ``number`` (of its life) and ``without`` at hand."""
    head = (
        "import os, signal, sys, time; from pathlib import Path; from helpdesk.runtime.heartbeat import Heartbeat;"
        "watch = Heartbeat(int(sys.argv[sys.argv.index('--watched') + 1]));"
        "without = [a.partition('=')[2] for a in sys.argv if a.startswith('--without')];"
        "counter = Path(sys.argv[1]); number = int(counter.read_text() or 0) + 1; counter.write_text(str(number));"
        "stop = lambda *_: sys.exit(0); signal.signal(signal.SIGTERM, stop)\n"
    )
    return lambda counter: Supervisor([sys.executable, "-c", head + script, str(counter)])


@pytest.fixture
def supervised(tmp_path, monkeypatch):
    """supervised(script) runs lives until one stops its supervisor; (exit code, lives, plugins left out)."""
    monkeypatch.setattr(supervisor, "PAUSES", (0.01,))
    monkeypatch.setattr(supervisor, "LOOK", 0.1)
    monkeypatch.setattr(supervisor, "FROZEN", 5)
    monkeypatch.setattr(supervisor, "BUSY", 50)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    counter = tmp_path / "lives"
    counter.write_text("")
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}

    def run(script):
        one = life(script)(counter)
        code = one.run()
        return code, int(counter.read_text()), one.stopped

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


# a signal just before a long sleep is heard after it
STOP = "os.kill(os.getppid(), signal.SIGTERM)\nwhile True: time.sleep(0.05)"


def test_a_desk_that_dies_comes_back(supervised):
    assert supervised(f"watch.be_ready()\nif number < 3: os._exit(7)\n{STOP}") == (0, 3, [])


def test_a_desk_that_cannot_start_is_not_tried_again(supervised):
    assert supervised("sys.exit(1)") == (1, 1, [])


@pytest.mark.parametrize("end", ["os.abort()", "os._exit(0)", "os._exit(9)"])
def test_the_plugin_that_was_being_called_is_left_out(supervised, end):
    script = (
        "watch.be_ready(); watch.call('other'); watch.call('')\nif 'fax' not in without: watch.call('fax'); "
        f"{end}\n{STOP}"
    )
    assert supervised(script) == (0, 2, ["fax"])


def test_a_plugin_that_freezes_the_desk_is_left_out(supervised):
    script = f"watch.be_ready(); watch.beat()\nif 'fax' not in without: watch.call('fax'); time.sleep(60)\n{STOP}"
    assert supervised(script) == (0, 2, ["fax"])


def test_a_plugin_that_computes_without_end_is_left_out(supervised):
    script = f"watch.be_ready(); watch.beat()\nif 'fax' not in without:\n watch.call('fax')\n while True: pass\n{STOP}"
    assert supervised(script) == (0, 2, ["fax"])


def test_a_desk_that_is_busy_is_not_killed(supervised, monkeypatch):
    """Three times the looks after which an idle one would be: killing it would only help whoever keeps it busy."""
    monkeypatch.setattr(supervisor, "BUSY", 1000)  # the machine may be busy with others as well
    busy = "end = time.process_time() + 1.5\nwhile time.process_time() < end: pass"
    assert supervised(f"watch.be_ready(); watch.beat()\n{busy}\nwatch.beat()\n{STOP}") == (0, 1, [])


def test_a_desk_that_stays_busy_or_does_nothing_is_begun_again(supervised, monkeypatch):
    monkeypatch.setattr(supervisor, "BUSY", 10)
    for frozen in ("while True: pass", "time.sleep(60)"):
        assert supervised(f"watch.be_ready(); watch.beat()\nif number % 2:\n {frozen}\n{STOP}")[2] == []


def test_a_desk_that_was_ready_comes_back_soon_however_often_it_ends(supervised, monkeypatch):
    """Else whoever can make it end once a minute would keep it away by the pauses."""
    pauses = []
    monkeypatch.setattr(supervisor, "PAUSES", (0.5, 30.0))
    monkeypatch.setattr(supervisor.Supervisor, "_pause", lambda _self, seconds: pauses.append(seconds))
    assert supervised(f"watch.be_ready()\nif number < 5: os._exit(7)\n{STOP}") == (0, 5, [])
    assert supervised(f"if number < 8: os.abort()\nwatch.be_ready()\n{STOP}")[0] == 0
    assert pauses[:4] == [0.5, 1.0, 1.0, 1.0] and pauses[4:] == [0.5, 30.0]


def test_a_plugin_that_keeps_the_desk_from_starting_is_left_out(supervised):
    assert supervised(f"if 'fax' not in without: watch.call('fax'); os.abort()\n{STOP}") == (0, 2, ["fax"])


def test_a_kill_from_outside_is_blamed_on_a_plugin_only_the_second_time(supervised):
    script = f"watch.be_ready()\nif number <= 2: watch.call('fax'); os.kill(os.getpid(), signal.SIGKILL)\n{STOP}"
    assert supervised(script) == (0, 3, ["fax"])
    assert supervised(
        f"watch.be_ready()\nif number == 4: watch.call('fax'); os.kill(os.getpid(), signal.SIGKILL)\n{STOP}"
    ) == (0, 5, [])


def test_calls_side_by_side_are_told_apart():
    import threading

    watch = Heartbeat()
    watch.call("slow")
    other = threading.Thread(target=lambda: [watch.call("quick"), watch.call("")])
    other.start()
    other.join()
    assert watch.calling == "slow"
    watch.call("")
    assert watch.calling == ""


def test_the_supervisor_needs_the_standard_library_alone():
    script = (
        "import sys, helpdesk.runtime.supervisor; print([n for n in ('gevent', 'flask', 'sqlalchemy', 'click') "
        "if n in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, text=True).strip() == "[]"


# The real desk ---------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A desk with an account, and beside it a plugin that ends the process it runs in."""
    runtime = build_runtime(from_environment({"HELPDESK_DATA_DIR": str(tmp_path), "HELPDESK_PLUGINS": "email"}))
    upgrade(runtime)
    with runtime.uow() as uow:
        queue = teams.add_queue(uow, "Front", [])
        accounts.create(uow, "email", "support", {"address": "support@desk.example"}, queue.id)
    runtime.engine.dispose()
    package = tmp_path / "packages"
    (package / "killer-1.dist-info").mkdir(parents=True)
    (package / "killer.py").write_text(KILLER)
    (package / "killer-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: killer\nVersion: 1\n")
    (package / "killer-1.dist-info" / "entry_points.txt").write_text("[helpdesk.plugins]\nkiller = killer\n")
    return tmp_path


@pytest.fixture
def running(folder):
    started = []

    def run(**environment):
        started.append(Served(folder, "run", **environment))
        started[-1].until(lambda: "The desk is at" in started[-1].log)  # said when everything is up, the listener too
        return started[-1]

    yield run
    for one in started:
        one.kill()


def child_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return int((file.read().split() or [0])[0])


def rows(folder, query):
    connection = sqlite3.connect(folder / "hamdel.db")
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def send(desk):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = (
        "mina@customer.example",
        "support@desk.example",
        "Hello",
        "<1@customer.example>",
    )
    mail.set_content("My order has not come.")
    with smtplib.SMTP("127.0.0.1", int(desk.environment["HELPDESK_SMTP_PORT"]), timeout=10) as server:
        server.send_message(mail)


def test_a_plugin_that_kills_the_desk_is_switched_off_and_the_mail_goes_on(folder, running):
    desk = running(HELPDESK_PLUGINS="email,killer", PYTHONPATH=str(folder / "packages"))
    first = child_of(desk.process.pid)
    send(desk)
    desk.until(lambda: rows(folder, "SELECT subject FROM ticket") == [("Hello",)])
    desk.until(desk.answers)
    assert child_of(desk.process.pid) != first
    assert "killer was being called and is switched off" in desk.log


def test_a_second_desk_on_the_same_folder_says_so_and_leaves_the_first_alone(folder, running):
    first = running(HELPDESK_PLUGINS="email")
    second = Served(folder, "run", wait=False, HELPDESK_PLUGINS="email")
    assert second.process.wait(60) != 0
    assert second.log.startswith(f"A desk is running on {folder} already.") and "Traceback" not in second.log
    assert first.answers() and _is_answered(folder), "what takes mail from the command line is still the first's"


def test_a_killed_desk_comes_back_and_a_told_one_stops(folder, running):
    desk = running(HELPDESK_PLUGINS="email")
    first = child_of(desk.process.pid)
    os.kill(first, signal.SIGKILL)
    desk.until(lambda: child_of(desk.process.pid) not in (0, first) and desk.get("/healthz")[0] == 200)
    began = time.monotonic()
    assert desk.stop() == 0
    assert time.monotonic() - began < 15
    assert "Traceback" not in desk.log
    assert desk.get("/healthz")[0] == 0, "nothing is left behind"


def test_an_orphaned_desk_stops(folder, running):
    desk = running(HELPDESK_PLUGINS="email")
    desk.process.kill()
    desk.until(lambda: desk.get("/healthz")[0] == 0, 20)


def test_a_taken_port_is_one_sentence_that_names_the_variable(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        desk = Served(folder, "run", wait=False, HELPDESK_PORT=str(port), HELPDESK_PLUGINS="email")
        assert desk.process.wait(60) != 0
    assert desk.log.strip() == f"Port {port} is taken. Please stop what uses it, or set HELPDESK_PORT to another port."

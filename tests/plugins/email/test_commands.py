"""``helpdesk email import`` and ``helpdesk email pipe`` as an operator and a mail server run them: the real program."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpdesk.cli.main import Commands, cli
from plugins.email.plugin import register_commands

from corpus import CORPUS  # isort: skip

MAIL = CORPUS / "mail"

ROOT = Path(__file__).parents[3]
COUNTS = ["received", "messages", "tickets", "duplicates", "reports", "quarantined", "skipped", "seconds"]


def mail(number: int, more: str = "") -> bytes:
    return (
        f"From: Ali <ali@example.com>\nTo: support@desk.example\nMessage-ID: <{number}@x>\n{more}Subject: "
        f"n{number}\n\nhello {number}\n"
    ).encode()


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A data folder of its own, and nothing of the real desk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPDESK_DATA_DIR", str(tmp_path_factory.mktemp("desk")))
        patch.setenv("HELPDESK_PLUGINS", "email")
        patch.setenv("PYTHONPATH", str(ROOT))
        for name in ("HELPDESK_DATABASE_URL", "HELPDESK_REDIS_URL", "HELPDESK_SAFE_MODE"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def desk(environment):
    """Runs ``helpdesk`` commands on a desk that has an account named support."""
    commands = Commands()

    def run(*arguments, given: bytes = b"", code: int = 0, obj=commands):
        done = CliRunner().invoke(cli, arguments, obj=obj, input=given)
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.stderr
        return done

    register_commands(cli)
    run("init")
    run("account", "add", "email", "support", "--set", "address=support@desk.example")
    yield run
    commands.runtime.parser.close()


def test_import_counts_what_became_of_everything(desk, tmp_path):
    (tmp_path / "1.eml").write_bytes(mail(1))
    (tmp_path / "2.eml").write_bytes(mail(2, "In-Reply-To: <1@x>\n"))
    (tmp_path / "3.eml").write_bytes(b"")
    (tmp_path / "4.eml").write_bytes(b"Received: again\n" + mail(1))
    (tmp_path / "box").write_bytes(
        b"From x Sat Nov 21 16:20:00 2026\n" + mail(5) + b"\nFrom x Sat Nov 21 16:20:00 2026\n" + mail(6) + b"\n"
    )
    (tmp_path / "list.txt").write_text("no mail here\n")
    done = desk("email", "import", str(tmp_path), "--account", "support")
    reported = json.loads(done.stdout)
    assert list(reported) == COUNTS and "list.txt" in done.stderr
    seconds = reported.pop("seconds")
    assert (
        reported
        == {"received": 6, "messages": 4, "tickets": 3, "duplicates": 1, "reports": 0, "quarantined": 1, "skipped": 1}
        and 0 < seconds < 60
    )
    again = json.loads(desk("email", "import", str(tmp_path), "--account", "support").stdout)
    assert (again["received"], again["messages"], again["duplicates"]) == (6, 0, 6)


def test_pipe_takes_one_mail(desk):
    desk("email", "pipe", "--account", "support", given=mail(10))
    desk("email", "pipe", "--account", "support", given=b"\xff\x00 no mail at all")


@pytest.mark.parametrize("database", ["sqlite:////nowhere/at/all.db", "postgresql://127.0.0.1:1/x"])
def test_pipe_says_try_later_when_it_could_not_store(desk, monkeypatch, database):
    assert desk("email", "pipe", "--account", "nobody", given=mail(11), code=75).stderr
    monkeypatch.setenv("HELPDESK_DATABASE_URL", database)
    assert (
        "hand it over again later"
        in desk("email", "pipe", "--account", "support", given=mail(11), code=75, obj=Commands()).stderr
    )


def test_import_of_what_is_not_there_is_a_sentence(desk, tmp_path):
    assert "does not exist" in desk("email", "import", str(tmp_path / "nothing"), "--account", "support", code=2).stderr
    (tmp_path / "a.eml").write_bytes(mail(12))
    assert "nobody" in desk("email", "import", str(tmp_path), "--account", "nobody", code=1).stderr


def test_the_real_program_as_a_mail_server_runs_it(desk):
    command = [sys.executable, "-m", "helpdesk", "email", "pipe", "--account"]
    done = [
        subprocess.Popen([*command, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for name in ("support", "nobody")
    ]
    errors = [process.communicate(mail(20), timeout=120)[1] for process in done]
    assert [process.returncode for process in done] == [0, 75], errors
    assert b"nobody" in errors[1] and b"Traceback" not in errors[1]


@pytest.mark.parametrize(
    "setting", ["HELPDESK_PORT=abc", "HELPDESK_DATA_DIR=/proc/nothing", "HELPDESK_SAFE_MODE=1", "HELPDESK_PLUGINS="]
)
def test_a_desk_that_is_set_up_wrong_bounces_nobodys_mail(desk, setting):
    """A mail server gives a mail back to its sender for any other code than 75; the operator mends the setting and
    it comes again.
    """
    environment = os.environ | dict([setting.split("=")])
    command = [sys.executable, "-m", "helpdesk", "email", "pipe", "--account", "support"]
    done = subprocess.run(command, input=mail(21), env=environment, capture_output=True, timeout=120)
    assert done.returncode == 75 and done.stderr and b"Traceback" not in done.stderr


def test_a_reply_whose_name_comes_before_its_parents_makes_one_ticket_with_it(desk, tmp_path):
    (tmp_path / "a-reply.eml").write_bytes(mail(72, "In-Reply-To: <71@x>\n").replace(b"Ali <ali@", b"Omid <omid@"))
    (tmp_path / "b-parent.eml").write_bytes(mail(71))
    reported = json.loads(desk("email", "import", str(tmp_path), "--account", "support").stdout)
    assert (reported["messages"], reported["tickets"]) == (2, 1)


@pytest.mark.parametrize("case", sorted(CORPUS.glob("cases/*/")), ids=lambda path: path.name)
def test_a_folder_of_mails_comes_out_as_its_case_says(desk, case):
    reported = json.loads(desk("email", "import", str(case), "--account", "support").stdout)
    assert reported["tickets"] == json.loads(case.with_suffix(".json").read_text("utf-8"))["tickets"]


@pytest.mark.skipif(not MAIL.exists(), reason="the corpus is not here")
def test_the_whole_corpus_goes_in(desk):
    reported = json.loads(desk("email", "import", str(MAIL), "--account", "support").stdout)
    files = sum(path.is_file() for path in MAIL.rglob("*"))
    assert reported["received"] >= files
    assert (
        reported["messages"] + reported["duplicates"] + reported["reports"] + reported["quarantined"]
        == reported["received"]
    )
    assert reported["quarantined"] <= max(2, reported["received"] / 100)

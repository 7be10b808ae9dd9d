"""``helpdesk email import`` and ``helpdesk email pipe`` as an operator and a mail server run them: the real program."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CORPUS = ROOT / "../shared/corpus/mail"
COUNTS = ["parcels", "messages", "tickets", "duplicates", "reports", "quarantined", "seconds"]


def mail(number: int, more: str = "") -> bytes:
    return f"From: Ali <ali@example.com>\nTo: support@desk.example\nMessage-ID: <{number}@x>\n{more}Subject: n{number}\n\nhello {number}\n".encode()


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Runs ``helpdesk`` on a data folder of its own that has an account named support."""
    data = tmp_path_factory.mktemp("desk")
    environment = {**os.environ, "HELPDESK_DATA_DIR": str(data), "HELPDESK_PLUGINS": "email", "PYTHONPATH": str(ROOT)}
    for name in ("HELPDESK_DATABASE_URL", "HELPDESK_REDIS_URL"):
        environment.pop(name, None)

    def run(*arguments, given: bytes = b"", code: int = 0, **changes):
        done = subprocess.run(
            [sys.executable, "-m", "helpdesk", *arguments], input=given, capture_output=True, timeout=120, cwd=data, env={**environment, **changes}
        )
        assert done.returncode == code, done.stderr.decode()
        return done

    run("init")
    run("account", "add", "email", "support", "--set", "address=support@desk.example")
    return run


def test_import_counts_what_became_of_everything(desk, tmp_path):
    (tmp_path / "1.eml").write_bytes(mail(1))
    (tmp_path / "2.eml").write_bytes(mail(2, "In-Reply-To: <1@x>\n"))
    (tmp_path / "3.eml").write_bytes(b"")
    (tmp_path / "4.eml").write_bytes(b"Received: again\n" + mail(1))
    (tmp_path / "box").write_bytes(b"From x Sat Nov 21 16:20:00 2026\n" + mail(5) + b"\nFrom x Sat Nov 21 16:20:00 2026\n" + mail(6) + b"\n")
    told = json.loads(desk("email", "import", str(tmp_path), "--account", "support").stdout)
    assert list(told) == COUNTS
    seconds = told.pop("seconds")
    assert told == {"parcels": 6, "messages": 4, "tickets": 3, "duplicates": 1, "reports": 0, "quarantined": 1} and 0 < seconds < 60
    again = json.loads(desk("email", "import", str(tmp_path), "--account", "support").stdout)
    assert (again["parcels"], again["messages"], again["duplicates"]) == (6, 0, 6)


def test_pipe_takes_one_mail(desk):
    desk("email", "pipe", "--account", "support", given=mail(10))
    desk("email", "pipe", "--account", "support", given=b"\xff\x00 no mail at all")


@pytest.mark.parametrize(
    ("account", "changes"),
    [("nobody", {}), ("support", {"HELPDESK_DATABASE_URL": "sqlite:////nowhere/at/all.db"}), ("support", {"HELPDESK_DATABASE_URL": "postgresql://127.0.0.1:1/x"})],
)
def test_pipe_says_try_later_when_it_could_not_store(desk, account, changes):
    done = desk("email", "pipe", "--account", account, given=mail(11), code=75, **changes)
    assert done.stderr and b"Traceback" not in done.stderr


def test_import_of_what_is_not_there_is_a_sentence(desk, tmp_path):
    done = desk("email", "import", str(tmp_path / "nothing"), "--account", "support", code=2)
    assert b"does not exist" in done.stderr and b"Traceback" not in done.stderr
    (tmp_path / "a.eml").write_bytes(mail(12))
    done = desk("email", "import", str(tmp_path), "--account", "nobody", code=1)
    assert b"nobody" in done.stderr and b"Traceback" not in done.stderr


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_the_whole_corpus_goes_in(desk):
    told = json.loads(desk("email", "import", str(CORPUS), "--account", "support").stdout)
    files = sum(path.is_file() for path in CORPUS.rglob("*"))
    assert told["parcels"] >= files
    assert told["messages"] + told["duplicates"] + told["reports"] + told["quarantined"] == told["parcels"]
    assert told["quarantined"] <= max(2, told["parcels"] / 100)

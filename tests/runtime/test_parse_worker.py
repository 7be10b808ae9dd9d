"""What a parsing child loads: the class of a channel when it is needed, and nothing its plugin needs for other things."""

import json
import subprocess
import sys

from helpdesk import app as wiring
from helpdesk.config import Config, bundled
from helpdesk.hooks.loader import Hooks
from helpdesk.runtime.parse_worker import Channels
from helpdesk.testing.processes import ROOT

HEAVY = ("sqlalchemy", "flask", "gevent", "aiosmtpd", "asyncio", "imap_tools", "httpx")
CODE = "import sys; from helpdesk.runtime.parse_worker import Channels; print(Channels({places})['email']); " + (
    f"print([name for name in {HEAVY} if name in sys.modules])"
)


def places(folder):
    hooks = Hooks()
    hooks.load(bundled())
    given = wiring._environment(Config(folder, "sqlite://"), wiring._channels(hooks))
    return json.loads(given["PARSE_CHANNELS"])


def test_a_child_that_reads_mail_loads_neither_the_database_nor_what_fetches_and_sends(tmp_path):
    code = CODE.format(places={"email": places(tmp_path)["email"]})
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    kind, heavy = done.stdout.splitlines() or ("", "")
    assert "Email" in kind and heavy == "[]", (heavy, done.stderr)


def test_a_child_finds_every_channel_that_comes_with_the_desk(tmp_path):
    found = Channels(places(tmp_path))
    assert {name: found[name].name for name in found.places} == {name: name for name in found.places}


def test_a_child_has_ready_what_somebody_waits_for_and_nothing_else():
    given = {"quick": ["tests.bench.chat_channel", "BenchChat", True], "slow": ["no.such.module", "Nothing", False]}
    found = Channels(given)
    assert list(found) == []
    found.load_interactive()
    assert list(found) == ["quick"]

"""What a parsing child loads: the plugins that bring channels, and nothing they need for other things."""

import subprocess
import sys

from helpdesk import app as wiring
from helpdesk.config import Config, bundled
from helpdesk.hooks.loader import Hooks
from helpdesk.testing.processes import ROOT

LOADED = "import sys; from helpdesk.runtime import parse_worker; print(sorted(parse_worker.channels_of({names!r}))); "
HEAVY = ("sqlalchemy", "flask", "gevent", "aiosmtpd", "asyncio", "imap_tools", "httpx")


def read_plugins(folder):
    hooks = Hooks()
    hooks.load(bundled())
    return wiring._environment(Config(folder, "sqlite://"), hooks)["HELPDESK_PLUGINS"].split(",")


def test_a_child_is_told_of_plugins_with_channels_only(tmp_path):
    names = read_plugins(tmp_path)
    assert "email" in names and "sla" not in names and "replies" not in names


def test_a_child_loads_neither_the_database_nor_what_fetches_and_sends(tmp_path):
    code = LOADED.format(names=read_plugins(tmp_path)) + f"print([n for n in {HEAVY} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    channels, heavy = done.stdout.splitlines()
    assert "email" in channels and heavy == "[]", done.stderr

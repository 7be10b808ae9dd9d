"""``helpdesk channel check``: each proof with its mark, what is left out by name, and an exit code that tells."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpdesk.cli.main import Commands, cli
from helpdesk.testing import ChannelContract, Letters, letter
from helpdesk.testing.run import proofs

ROOT = Path(__file__).parents[2]
WITHOUT_PYTEST = "import sys; sys.modules['pytest'] = None; from helpdesk.__main__ import main; main()"


def bare(self, text, external_id, references):
    return letter(text, external_id=external_id).raw


class Careless(Letters):
    """Says that it can edit, and cannot."""

    name, accepts = "careless", type(Letters.accepts)(edit=True)


def test_an_installed_channel_is_proved_without_pytest(tmp_path):
    """As in an installation of ``make run``, where the packages of tests are missing."""
    environment = {"HELPDESK_DATA_DIR": str(tmp_path), "HELPDESK_PLUGINS": "email", "HELPDESK_LANGUAGE": "en"}
    command = [sys.executable, "-c", WITHOUT_PYTEST, "channel", "check", "email"]
    done = subprocess.run(command, env={**os.environ, **environment}, cwd=ROOT, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ garbage is malformed or read never anything else" in lines
    assert "✓ a provider that fails is tried again: busy" in lines
    assert "– a forged push is refused" in lines, "nobody pushes to it"
    assert "○ polling brings what is new and goes on from its cursor" in lines
    assert any("tests/plugins/email/test_imap.py" in line for line in lines), "what is left out says why"
    assert not any(line.startswith("✗") for line in lines) and "2 left out" in lines


def test_a_channel_that_does_not_keep_its_word_fails(tmp_path):
    contract = type("Contract", (ChannelContract,), {"channel": Careless, "message": bare})
    found = {proof.name: proof for proof in proofs(contract)}
    assert found["there are samples"].state == "failed" and "give at least one" in found["there are samples"].told
    assert found["edit and delete"].state == "failed" and "edit is declared" in found["edit and delete"].told


@pytest.mark.parametrize(("name", "told"), [("pigeons", "brings a channel named"), ("", "Missing argument")])
def test_a_channel_that_is_not_there(tmp_path, monkeypatch, name, told):
    monkeypatch.setenv("HELPDESK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HELPDESK_PLUGINS", "email")
    result = CliRunner().invoke(cli, ["channel", "check", *filter(None, [name])], obj=Commands())
    assert result.exit_code and told in result.output

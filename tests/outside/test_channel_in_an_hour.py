"""``docs/channel-in-an-hour.md`` followed literally: its files written and its commands typed, in their order, in a copy
of the project; only the two ports it names are free ones. At the end the new channel takes a message and answers it.
"""

import importlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.security import http
from helpdesk.testing import fixture
from helpdesk.testing.processes import ROOT, free_port
from helpdesk.testing.run import proofs

PAGE = ROOT / "docs/channel-in-an-hour.md"
LEFT = (".git", ".venv", "node_modules", "var", "__pycache__", "*.egg-info", ".*_cache")
BLOCK = re.compile(r"^```\w*\n# (?P<file>\S+)\n(?P<text>.*?)^```$|(?P<commands>(?:^    \S[^\n]*\n)+)", re.M | re.S)
PATIENCE = 240  # seconds for the whole page


def steps(folder, page):
    """One shell script of all that the page wants: files are copied to their places, commands are as they stand."""
    for number, block in enumerate(BLOCK.finditer(page)):
        if block["file"]:
            kept = folder / f"block-{number}"
            kept.write_text(block["text"], "utf-8")
            yield f"cp {shlex.quote(str(kept))} {shlex.quote(block['file'])}"
        else:
            yield re.sub(r"^    ", "", block["commands"], flags=re.M)


def environment_of(copy):
    """The virtual environment again, for the copy: packages are links, what belongs to the project is its own."""
    here, there = Path(sys.prefix), copy / ".venv"
    packages = Path(pytest.__file__).parents[1]
    place = there / packages.relative_to(here)
    place.mkdir(parents=True)
    for one in packages.iterdir():
        if "hamdel" not in one.name.lower():
            (place / one.name).symlink_to(one)
        elif one.is_dir():
            shutil.copytree(one, place / one.name)
        else:
            shutil.copy2(one, place / one.name)
    shutil.copytree(here / "bin", there / "bin", symlinks=True)
    for script in (there / "bin").iterdir():
        if not script.is_symlink() and script.read_bytes()[:2] == b"#!":
            script.write_bytes(script.read_bytes().replace(str(here).encode(), str(there).encode()))
    for one in here.glob("*"):
        if one.is_file():
            shutil.copy2(one, there / one.name)


@pytest.fixture
def project(tmp_path):
    """The project as somebody has it who ran ``make test`` once."""
    copy = tmp_path / "hamdel"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT))
    environment_of(copy)
    (copy / "node_modules").symlink_to(ROOT / "node_modules")
    return copy


@pytest.fixture
def shell(project, tmp_path):
    """shell(script) runs a script in the project; (exit code, what it said). What it began ends with the test."""
    begun = []

    def run(script, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HELPDESK_", "PYTEST_"))}
        with (tmp_path / "said").open("wb") as said:
            begun.append(
                subprocess.Popen(
                    ["bash", "-euo", "pipefail", "-x", "-c", script],
                    cwd=project,
                    env=kept | environment,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                )
            )
            try:
                code = begun[0].wait(PATIENCE)
            except subprocess.TimeoutExpired:
                code = None
        return code, (tmp_path / "said").read_text(errors="replace")

    yield run
    for process in begun:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                break
            process.wait(20)


@pytest.mark.soak
def test_whoever_does_what_the_page_says_has_a_channel_that_takes_messages_and_answers_them(project, shell, tmp_path):
    desk, loft = str(free_port()), str(free_port())
    page = PAGE.read_text("utf-8").replace("8000", desk).replace("9900", loft)
    script = "\n".join(steps(tmp_path, page))
    code, said = shell(script, HELPDESK_PORT=desk, HELPDESK_SMTP_PORT=str(free_port()))
    assert code == 0, said[-6000:]
    assert "On its way." in (project / "loft.txt").read_text("utf-8")


def test_the_channel_of_the_page_passes_its_contract(tmp_path, monkeypatch):
    """The files alone, in this process: quick enough for every run."""
    folder = tmp_path / "pigeon_of_the_page"
    folder.mkdir()
    for block in BLOCK.finditer(PAGE.read_text("utf-8")):
        if block["file"]:
            (folder / Path(block["file"]).name).write_text(block["text"], "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    contract = importlib.import_module(f"{folder.name}.contract")
    monkeypatch.setattr(f"{folder.name}.channel.PATIENCE", 0.5)

    class WithLoft(contract.PigeonContract):
        __test__ = False

        @fixture
        def provider(self):
            loft = importlib.import_module(f"{folder.name}.loft").Loft().begin()
            http.allow_own([loft.server_port])
            yield loft
            http.allow_own([])
            loft.shutdown()
            loft.server_close()

    given = list(proofs(WithLoft))
    assert [(proof.name, proof.told) for proof in given if proof.state in ("failed", "left out")] == []

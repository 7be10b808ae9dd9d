"""The bench works: every part at a size that says nothing about speed, and a page of figures from it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = (
    "import",
    "arrival",
    "scale",
    "fanout",
    "beside",
    "footprint",
    "chat",
    "clocks",
    "upgrade",
    "views",
    "waiting",
    "training",
    "webhooks",
)


def bench(*words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "tests.bench", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def figures(folder: Path, *parts: str) -> dict:
    """What these parts, or all, measured at the smallest size and wrote into this folder."""
    done = bench(*parts, "--tiny", "--into", str(folder))
    assert done.returncode == 0, done.stderr
    return {name: entry["figures"] for name, entry in json.loads((folder / "figures.json").read_text()).items()}


def test_a_part_measures_and_is_written_down(tmp_path):
    known = figures(tmp_path, "import")
    assert set(known) == {"import"} and all(round_["floor"] > 0 for round_ in known["import"]["rounds"])
    assert (tmp_path / "figures.md").read_text().count("\n## ") == 1


@pytest.mark.soak
def test_every_part_measures_and_is_written_down(tmp_path):
    known = figures(tmp_path)
    assert set(known) == set(PARTS)
    assert known["fanout"]["told"] == known["fanout"]["people"] and known["fanout"]["told outside"] == 0
    assert all(round_["floor"] > 0 for round_ in known["import"]["rounds"])
    page = (tmp_path / "figures.md").read_text()
    assert page.count("\n## ") == len(PARTS) and "reply by the API" in page


def test_a_part_nobody_knows_is_refused():
    done = bench("speed")
    assert done.returncode == 2 and "speed" in done.stderr

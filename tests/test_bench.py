"""The bench works: every part at a size that says nothing about speed, and a page of figures from it."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_part_measures_and_is_written_down(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--tiny", "--into", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    known = {name: entry["figures"] for name, entry in json.loads((tmp_path / "figures.json").read_text()).items()}
    assert set(known) == {
        "import",
        "arrival",
        "scale",
        "fanout",
        "beside",
        "footprint",
        "chat",
        "clocks",
        "upgrade",
    }
    assert known["fanout"]["told"] == known["fanout"]["people"] and known["fanout"]["told outside"] == 0
    assert all(round_["floor"] > 0 for round_ in known["import"]["rounds"])
    page = (tmp_path / "figures.md").read_text()
    assert page.count("\n## ") == 9 and "reply by the API" in page


def test_a_part_nobody_knows_is_refused():
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "speed"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2 and "speed" in done.stderr

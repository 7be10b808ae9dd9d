"""Tests that look at the clock pass at any date and hour and in any zone: they run again under a false clock."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.testing.sizes import SOAK

TESTS = Path(__file__).parent
CLOCK_CALLS = frozenset({"now", "utcnow", "today", "clock"})
PARTS = 3  # so many runs for each moment, each of some seconds
ZONES = ("UTC", "Asia/Tehran", "Pacific/Kiritimati")
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
MOMENTS = {  # local time of the zone beside it; the first four run each time, all of them in `make soak`
    "a minute to midnight": ("2026-11-28 23:59:00", "UTC"),
    "29 February": ("2028-02-29 12:00:00", "Pacific/Kiritimati"),
    "Nowruz": ("2027-03-20 23:59:30", "Asia/Tehran"),
    "a European clock goes back": ("2026-10-25 02:59:30", "Europe/Berlin"),
    **{
        f"{hour}:40 UTC": (f"2026-12-{hour + 1:02} {hour:02}:40:00", ZONES[hour % 3])
        for hour in (1, 4, 7, 10, 13, 16, 20, 22)
    },
    "a European clock goes forward": ("2027-03-28 01:59:30", "Europe/Berlin"),
    "New Year's Eve": ("2026-12-31 23:59:30", "Pacific/Kiritimati"),
    "New Year's Day": ("2027-01-01 00:00:10", "UTC"),
    "the last day of a Jalali leap year": ("2030-03-20 20:00:00", "Asia/Tehran"),
    "the day after Esfand": ("2030-03-21 00:00:30", "Asia/Tehran"),
    "the end of a week": ("2026-11-27 23:58:00", "Asia/Tehran"),
    "the first of Mehr": ("2027-09-23 00:10:00", "Asia/Tehran"),
    "the end of a short month": ("2027-02-28 23:59:30", "UTC"),
    "an hour without summer time": ("2027-06-15 12:00:00", "Europe/Berlin"),
    "in ten years": ("2036-11-30 20:31:00", "UTC"),
    "after 2038": ("2038-01-19 03:14:00", "UTC"),
    "yesterday evening elsewhere": ("2026-11-28 13:30:00", "Pacific/Kiritimati"),
}


def looks_at_clock(node: ast.AST) -> bool:
    """True when this piece of a module asks for the present time."""
    for call in (part for part in ast.walk(node) if isinstance(part, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        owner = getattr(getattr(call.func, "value", None), "id", "")
        if name in CLOCK_CALLS or (owner, name) == ("time", "time"):
            return True
    return False


def named_in(node: ast.AST) -> set[str]:
    """Every name a definition mentions, its fixtures included."""
    return {getattr(part, "id", getattr(part, "arg", "")) for part in ast.walk(node)}


def unmarked(source: str) -> list[str]:
    """The tests of a module that look at the clock, themselves or by what they call, without the mark."""
    definitions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    known = {node.name for node in definitions if looks_at_clock(node)}
    for _ in definitions:
        known |= {node.name for node in definitions if named_in(node) & known}
    lines = source.splitlines()
    marked = {
        node.name for node in definitions if any("mark.clock" in lines[d.lineno - 1] for d in node.decorator_list)
    }
    tests = {node.name for node in definitions if node.name.startswith("test_")}
    return [] if "pytestmark = pytest.mark.clock" in source else sorted(tests & known - marked)


def test_what_looks_at_the_clock_is_marked():
    modules = {
        str(path): unmarked(path.read_text("utf-8")) for path in TESTS.rglob("test_*.py") if "e2e" not in path.parts
    }
    assert {path: tests for path, tests in modules.items() if tests} == {}


def test_the_mark_is_missed_where_a_helper_looks_at_the_clock():
    source = "def late():\n    return utcnow()\n\n\ndef test_a():\n    late()\n\n\ndef test_b(): ...\n"
    assert unmarked(source) == ["test_a"] and unmarked("pytestmark = pytest.mark.clock\n" + source) == []


def test_there_are_24_moments():
    assert len(MOMENTS) == 24 and {zone for _, zone in MOMENTS.values()} >= set(ZONES)


def parts() -> list[list[str]]:
    """The modules with tests that look at the clock, in portions that take about as long."""
    modules = [path for path in sorted(TESTS.rglob("test_*.py")) if SOAK or "faults" not in path.parts]
    marked = [str(path) for path in modules if "mark.clock" in path.read_text("utf-8")]
    return [marked[part::PARTS] for part in range(PARTS)]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("moment", list(MOMENTS) if SOAK else list(MOMENTS)[:4])
def test_tests_pass_at(moment, part, tmp_path):
    """The clock starts at the moment and runs on; waits are real, so only what reads the wall clock is deceived."""
    if not LIBRARIES:
        pytest.skip("faketime is not installed")
    at, zone = MOMENTS[moment]
    false = {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME": f"@{at}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "TZ": zone,
        "PYTHONPATH": str(TESTS / "false_clock"),
    }
    wanted = "clock and not e2e" if SOAK else "clock and not e2e and not alone and not soak"
    # a process that is forked while another of its threads asks faketime for the time waits for ever
    options = [
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:schemathesis",  # a second of imports that no marked test needs
        "-m",
        wanted,
        "-k",
        "not when_the_process_dies",
        f"--basetemp={tmp_path / 'x'}",
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *parts()[part]],
        cwd=TESTS.parent,
        env=environment | false,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]

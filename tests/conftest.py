"""What runs alone and what first; at the end the time of each folder, the tests that took long, and what this machine
could not test, by name: under CI that is a failure.
"""

import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from helpdesk.testing.sizes import SOAK

pytest_plugins = ["helpdesk.testing.services"]

ALONE = {"e2e", "outside"}  # what people see is taken back within seconds: their browsers get the machine to themselves
FOREIGN = {"postgres_server", "redis_url", "postgresql", "dovecot", "pymap"}  # programs that keep the real time
LONGEST = ("test_any_date.py", "faults", "runtime")  # begun first, so that no worker is idle at the end
LONG = 20  # seconds that a test may take outside the soak
LENT = "corpus"  # the mail corpus is lent to developers and no part of the project, so it may be absent anywhere

sys.dont_write_bytecode = False  # else each desk and each worker that a test starts compiles every module anew
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_ignore_collect(collection_path, config):
    """When only what runs alone is asked for, the other modules are not even imported, which takes as long as a test."""
    if config.option.markexpr.endswith("and alone") and collection_path.name.startswith("test_"):
        parts = collection_path.relative_to(Path(__file__).parent).parts
        return (ALONE.isdisjoint(parts) and "mark.alone" not in collection_path.read_text("utf-8")) or None
    return None


def left_out(config):
    """The skipped reports of this run whose missing part a machine should have: `(test, reason)` pairs."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    pairs = [(report.nodeid, report.longrepr[2].removeprefix("Skipped: ")) for report in skipped]
    return [(test, reason) for test, reason in pairs if LENT not in reason]


def needs_foreign(item):
    """True when a test starts a server that is not ours, by a fixture or by a parameter."""
    params = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return not FOREIGN.isdisjoint([*item.fixturenames, *(value for value in params if isinstance(value, str))])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark what starts whole desks as alone; under a false clock, leave out what needs a program with the real one."""
    if "FAKETIME" in os.environ:
        foreign = [item for item in items if needs_foreign(item)]
        config.hook.pytest_deselected(items=foreign)
        items[:] = [item for item in items if not needs_foreign(item)]
    for item in items:
        if not ALONE.isdisjoint(place(item)):
            item.add_marker("alone")
    items.sort(key=lambda item: min((LONGEST.index(part) for part in place(item) if part in LONGEST), default=9))


def place(item):
    """The folders and the file of a test, below the folder of all tests."""
    return item.path.relative_to(Path(__file__).parent).parts


@pytest.fixture
def progress(request):
    """progress(text) tells whoever watches a long test how far it is, every ten seconds at most."""
    plugins, reported = request.config.pluginmanager, time.monotonic()

    def tell(text: str) -> None:
        nonlocal reported
        if time.monotonic() - reported < 10 or not plugins.get_plugin("terminalreporter"):
            return
        reported = time.monotonic()
        with plugins.get_plugin("capturemanager").global_and_fixture_disabled():
            plugins.get_plugin("terminalreporter").write_line(f"\n    {request.node.name}: {text}")

    return tell


def pytest_sessionfinish(session, exitstatus):
    if os.environ.get("CI") and exitstatus == 0 and left_out(session.config):
        session.exitstatus = 1


def times(reporter):
    """The seconds of each folder and of each test, set-up and end included: two counters."""
    folders, tests = Counter(), Counter()
    for report in (one for some in reporter.stats.values() for one in some if hasattr(one, "duration")):
        tests[report.nodeid] += report.duration
        folders["/".join(report.nodeid.split("::")[0].split("/")[:2])] += report.duration
    return folders, tests


def pytest_terminal_summary(terminalreporter, config):
    folders, tests = times(terminalreporter)
    if len(folders) > 1:
        terminalreporter.section("seconds")
        for folder, seconds in folders.most_common():
            terminalreporter.line(f"{seconds:7.1f} {folder}")
    slow = [(test, seconds) for test, seconds in tests.most_common() if seconds > LONG and not SOAK]
    for test, seconds in slow:
        terminalreporter.line(
            f"{test} took {seconds:.0f} s; outside make soak a test takes {LONG} s at most.", red=True
        )
    missing = left_out(config)
    if not missing:
        return
    terminalreporter.section("left out on this machine")
    for test, reason in missing:
        terminalreporter.line(f"{test}: {reason}")
    if os.environ.get("CI"):
        terminalreporter.line("Under CI anything left out is a failure.", red=True)

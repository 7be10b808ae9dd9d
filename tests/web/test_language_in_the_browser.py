"""What the browser writes is what the server writes: the same sentences, days, times and numbers for every reader."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helpdesk import i18n
from helpdesk.i18n import LOCALES, Reader, browser_messages, for_browser, reading
from helpdesk.i18n.time_left import time_left

SCRIPT = Path(i18n.__file__).parents[1] / "web/static/js/language.js"
NODE = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
NOW = datetime(2026, 11, 21, 12, 50, tzinfo=UTC)
EVERY = [
    LOCALES["fa"],
    LOCALES["en"],
    Reader("en", "jalali", "fa"),
    Reader("fa", "gregorian", "en", "America/New_York"),
    Reader("fa", "jalali", "en", "No/Where"),
]

RUN = """
const { page, messages, source, calls } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { language, dir, ...dataset } = page;
globalThis.document = { documentElement: { lang: language, dir, dataset }, getElementById: () => ({ textContent: JSON.stringify(messages) }) };
import("data:text/javascript;charset=utf-8," + encodeURIComponent(source)).then((module) =>
  console.log(JSON.stringify(calls.map(([name, ...given]) => module[name](...given)))));
"""

pytestmark = pytest.mark.skipif(not NODE, reason="no node to run scripts with")


def said(reader, *calls):
    """What the browser's functions answer to these calls, each [name, argument, …]."""
    reported = {
        "page": for_browser(reader),
        "messages": browser_messages(reader.language),
        "source": SCRIPT.read_text("utf-8"),
        "calls": calls,
    }
    done = subprocess.run(
        [NODE, "-e", RUN], input=json.dumps(reported), capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def stamp(at):
    return at.isoformat().replace("+00:00", "Z")


@pytest.fixture(params=EVERY, ids=lambda reader: "-".join([reader.language, reader.calendar, reader.digits]))
def reader(request):
    with reading(request.param) as reader:
        yield reader


def test_days_and_times(reader):
    moments = [NOW + timedelta(days=number * 11, minutes=number * 37) for number in range(-400, 400)]
    days = said(reader, *(["date", stamp(at)] for at in moments))
    assert days == [i18n.date(at) for at in moments]
    both = said(
        reader, *(["datetime", stamp(at)] for at in moments[:50]), *(["time", stamp(at)] for at in moments[:50])
    )
    assert both == [i18n.datetime_(at) for at in moments[:50]] + [i18n.time_(at) for at in moments[:50]]


def test_relative_times(reader):
    steps = [0, 59, 60, 119, 3599, 3600, 7200, *range(4 * 3600, 9 * 86400, 3 * 3600 + 7), 200 * 86400, 400 * 86400]
    moments = [NOW + timedelta(seconds=sign * step) for step in steps for sign in (-1, 1)]
    assert said(reader, *(["relative", stamp(at), stamp(NOW)] for at in moments)) == [
        i18n.relative(at, NOW) for at in moments
    ]


def test_numbers(reader):
    values = [0, 7, 1405, 1234567, -3, 0.5, 1234.567, -1234.25]
    assert said(reader, *(["number", value] for value in values)) == [i18n.number(value) for value in values]


def test_sentences_with_values(reader):
    given = [3, 0.25, "سارا", "Sara", "#1405", "1405", "https://desk.example/", i18n.isolate("x")]
    assert said(reader, *(["t", "%(a)s 100%%", {"a": value}] for value in given)) == [
        i18n.gettext("%(a)s 100%%", a=value) for value in given
    ]


def test_things_counted(reader):
    counted = said(reader, *(["tn", "%(num)s minute ago", "%(num)s minutes ago", count] for count in (0, 1, 2, 1200)))
    assert counted == [i18n.ngettext("%(num)s minute ago", "%(num)s minutes ago", count) for count in (0, 1, 2, 1200)]


def test_a_missing_value_stays_a_place_and_an_unknown_sentence_itself():
    assert said(LOCALES["fa"], ["t", "No such sentence %(a)s"]) == ["No such sentence %(a)s"]


TIMES_LEFT = [(0, "00:00"), (59.9, "00:59"), (252, "04:12"), (3599, "59:59"), (3600, "1 h"), (7199, "1 h"), (86399, "23 h"), (86400, "1 d"), (172799, "1 d"),
            (-1, "late"), (-60, "1 min late"), (-420, "7 min late"), (-3660, "61 min late"), (-7199, "119 min late"), (-7200, "2 h late"), (-10799, "2 h late"), (-90000, "1 d late")]  # fmt: skip


def test_the_time_left_until_a_target():
    assert said(LOCALES["en"], *(["timeLeft", seconds] for seconds, _ in TIMES_LEFT)) == [
        text for _, text in TIMES_LEFT
    ]
    assert said(LOCALES["fa"], ["timeLeft", 252], ["timeLeft", 7300], ["timeLeft", -420]) == [
        "۰۴:۱۲",
        "۲ ساعت",
        "۷ دقیقه دیر",
    ]


def test_the_time_left_reads_alike_on_the_first_paint_and_in_the_browser(reader):
    assert said(reader, *(["timeLeft", seconds] for seconds, _ in TIMES_LEFT)) == [
        time_left(seconds) for seconds, _ in TIMES_LEFT
    ]

"""What a reader reads: sentences, calendars, numbers and times, in Persian and in English."""

from datetime import UTC, date, datetime, timedelta

import jinja2
import pytest
from markupsafe import Markup

from helpdesk import i18n
from helpdesk.core.errors import Forbidden, Invalid, NotFound, dump_message, load_message
from helpdesk.i18n import LOCALES, Reader, calendars, catalogues, reading
from helpdesk.i18n import catalogues as catalogues_
from helpdesk.i18n.names import named

NOON = datetime(2026, 11, 21, 12, 50, tzinfo=UTC)  # 16:20 in Tehran, Saturday 30 Aban 1405
FSI, PDI = "\u2068", "\u2069"


@pytest.fixture
def persian():
    with reading(LOCALES["fa"]) as reader:
        yield reader


# Calendars


def test_every_jalali_day_from_1390_to_1420_goes_there_and_back():
    day, before = date(2011, 3, 21), (1389, 12, 29)
    while day < date(2042, 3, 21):
        year, month, number = jalali(day)
        assert calendars.parse_date(f"{year}/{month}/{number}") == day
        assert (year, month, number) == following(*before)
        day, before = day + timedelta(1), (year, month, number)
    assert before == (1420, 12, 30)


MONTHS = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند".split()


def jalali(day):
    with reading(Reader("fa", "jalali", "en")):
        number, month, year = i18n.date(day).split()
    return int(year), MONTHS.index(month) + 1, int(number)


def following(year, month, day):
    """The next day by the rule of the calendar, written here by hand: six months of 31, five of 30, Esfand of 29 or
    30.
    """
    leap = year in (1391, 1395, 1399, 1403, 1408, 1412, 1416, 1420)
    length = 31 if month <= 6 else 30 if month <= 11 or leap else 29
    assert calendars.jalali_month_days(year, month) == length
    if day < length:
        return year, month, day + 1
    return (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)


@pytest.mark.parametrize(
    ("gregorian", "persian_day"),
    [
        (date(2021, 3, 20), "۳۰ اسفند ۱۳۹۹"), (date(2021, 3, 21), "۱ فروردین ۱۴۰۰"), (date(2025, 3, 20), "۳۰ اسفند ۱۴۰۳"),
        (date(2025, 3, 21), "۱ فروردین ۱۴۰۴"), (date(2026, 3, 20), "۲۹ اسفند ۱۴۰۴"), (date(2030, 3, 20), "۳۰ اسفند ۱۴۰۸"),
        (date(2026, 9, 22), "۳۱ شهریور ۱۴۰۵"), (date(2026, 11, 21), "۳۰ آبان ۱۴۰۵"),
    ],
)  # fmt: skip
def test_ends_of_months_and_leap_years(persian, gregorian, persian_day):
    assert i18n.date(gregorian) == persian_day


@pytest.mark.parametrize("typed", ["۱۴۰۵/۰۸/۳۰", "1405-8-30", " ١٤٠٥.٨.٣٠ ", "2026-11-21", "۲۰۲۶/۱۱/۲۱"])
def test_a_typed_day(typed):
    assert calendars.parse_date(typed) == date(2026, 11, 21)


@pytest.mark.parametrize(
    "typed", ["", "1405/12/30", "1405/13/1", "0000-01-01", "2026-02-30", "فردا", "1405/08/30/1", "12345-1-1"]
)
def test_a_day_that_is_none(typed):
    assert calendars.parse_date(typed) is None


def test_a_week_begins_on_saturday_by_the_jalali_calendar():
    assert i18n.first_weekday(LOCALES["fa"]) == date(2026, 11, 21).weekday() == 5
    assert i18n.first_weekday(LOCALES["en"]) == 0


# Times


def test_a_moment_in_both_languages_and_calendars():
    written = {}
    for reader in (
        LOCALES["fa"],
        LOCALES["en"],
        Reader("en", "jalali"),
        Reader("fa", "gregorian", "en", "Europe/London"),
    ):
        with reading(reader):
            written[reader] = i18n.datetime_(NOON)
    assert list(written.values()) == [
        "۳۰ آبان ۱۴۰۵، ساعت ۱۶:۲۰",
        "21 November 2026, 16:20",
        "30 Aban 1405, 16:20",
        "21 نوامبر 2026، ساعت 12:50",
    ]


@pytest.mark.parametrize(
    ("ago", "persian_words", "english_words"),
    [
        (timedelta(seconds=30), "همین حالا", "just now"),
        (timedelta(minutes=1), "۱ دقیقه پیش", "1 minute ago"),
        (timedelta(minutes=5, seconds=59), "۵ دقیقه پیش", "5 minutes ago"),
        (timedelta(hours=2), "۲ ساعت پیش", "2 hours ago"),
        (timedelta(hours=16, minutes=19), "۱۶ ساعت پیش", "16 hours ago"),
        (timedelta(hours=16, minutes=21), "دیروز", "yesterday"),
        (timedelta(days=2), "۲ روز پیش", "2 days ago"),
        (timedelta(days=6), "۶ روز پیش", "6 days ago"),
        (timedelta(days=7), "۲۳ آبان", "14 November"),
        (timedelta(days=300), "۵ بهمن ۱۴۰۴", "25 January"),
        (-timedelta(seconds=30), "چند لحظه دیگر", "in a moment"),
        (-timedelta(minutes=5), "۵ دقیقه دیگر", "in 5 minutes"),
        (-timedelta(hours=3), "۳ ساعت دیگر", "in 3 hours"),
        (-timedelta(hours=20), "فردا", "tomorrow"),
        (-timedelta(days=3), "۳ روز دیگر", "in 3 days"),
        (-timedelta(days=10), "۱۰ آذر", "1 December"),
    ],
)
def test_relative_times(ago, persian_words, english_words):
    assert i18n.relative(NOON - ago, NOON) == english_words
    with reading(LOCALES["fa"]):
        assert i18n.relative(NOON - ago, NOON) == persian_words


def test_just_after_midnight_an_hour_is_still_an_hour(persian):
    assert (
        i18n.relative(datetime(2026, 11, 21, 19, 40, tzinfo=UTC), datetime(2026, 11, 21, 21, 40, tzinfo=UTC))
        == "۲ ساعت پیش"
    )


@pytest.mark.parametrize(
    "at",
    [
        datetime.min,
        datetime.max,
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime(600, 1, 1),
    ],
)
@pytest.mark.parametrize("reader", LOCALES.values(), ids=LOCALES)
def test_no_moment_is_too_far_to_be_shown(reader, at):
    with reading(reader):
        assert i18n.datetime_(at) and i18n.relative(at, NOON)


def test_an_unknown_time_zone_is_utc():
    with reading(Reader(timezone="Nowhere/../etc")):
        assert i18n.time_(NOON) == i18n.time_(NOON.replace(tzinfo=None)) == "12:50"


# Numbers


def test_numbers(persian):
    assert i18n.number(1234567) == "۱٬۲۳۴٬۵۶۷"
    assert i18n.number(1234.5) == "۱٬۲۳۴٫۵"
    assert i18n.number(-3) == "\u200e−۳"
    assert i18n.percent(0.254) == "۲۵٪"
    assert i18n.file_size(999) == "۹۹۹ بایت"
    assert i18n.file_size(1_250_000) == "۱٫۲ مگابایت"
    assert i18n.duration(7800) == "۲ ساعت و ۱۰ دقیقه"


def test_numbers_in_english():
    assert [i18n.number(value) for value in (1234567, 0.5, -3.25, 2.0)] == ["1,234,567", "0.5", "-3.25", "2"]
    assert [i18n.file_size(size) for size in (1, 999, 1000, 64_000, 999_999, 5_300_000_000)] == [
        "1 byte",
        "999 bytes",
        "1 kB",
        "64 kB",
        "1 MB",
        "5.3 GB",
    ]
    assert [i18n.duration(seconds) for seconds in (1, 59, 60, 3600, 90_000, 172_800)] == [
        "1 second",
        "59 seconds",
        "1 minute",
        "1 hour",
        "1 day and 1 hour",
        "2 days",
    ]


def test_digits_are_a_choice_of_their_own():
    with reading(Reader("fa", "jalali", "en")):
        assert i18n.number(1234.5) == "1,234.5" and i18n.time_(NOON) == "16:20"


# Sentences


def test_a_sentence_and_an_error_in_the_readers_language(persian):
    error = Forbidden()
    assert i18n.render_message(error) == i18n.gettext(error.sentence) != error.sentence
    with reading(LOCALES["en"]):
        assert i18n.render_message(error) == error.sentence
        assert i18n.render_message(Invalid("At most %(limit)s files.", limit=20)) == "At most 20 files."


def test_values_are_written_the_readers_way(persian):
    assert i18n.gettext("%(a)s", a=1405) == "۱۴۰۵"
    assert i18n.gettext("%(a)s", a=0.5) == "۰٫۵"
    assert i18n.gettext("%(a)s", a=NOON) == "۳۰ آبان ۱۴۰۵، ساعت ۱۶:۲۰"
    assert i18n.gettext("%(a)s", a=date(2026, 11, 21)) == "۳۰ آبان ۱۴۰۵"
    assert i18n.gettext("%(a)s", a=timedelta(hours=2)) == "۲ ساعت"
    assert i18n.gettext("%(a)s", a="سارا") == "سارا"
    assert i18n.gettext("%(a)s", a="Sara") == f"{FSI}Sara{PDI}"
    assert i18n.gettext("%(a)s", a="#1405") == f"{FSI}#1405{PDI}"
    assert i18n.gettext("%(a)s", a="https://desk.example/") == "https://desk.example/"


def test_values_in_english_are_isolated_only_when_they_run_the_other_way():
    assert i18n.gettext("%(a)s of %(b)s", a="Sara", b="سارا") == f"Sara of {FSI}سارا{PDI}"


def test_percent_signs_are_doubled_in_messages():
    assert i18n.gettext("100%% sure") == "100% sure"
    assert i18n.gettext("%(a)s%% sure", a=7) == "7% sure"


def test_plurals(persian):
    assert i18n.ngettext("%(num)s minute ago", "%(num)s minutes ago", 1200) == "۱٬۲۰۰ دقیقه پیش"
    with reading(LOCALES["en"]):
        assert i18n.ngettext("%(num)s minute ago", "%(num)s minutes ago", 1) == "1 minute ago"


def test_the_verb_of_several_people_is_plural(persian):
    one, many = "%(names)s is viewing this too", "%(names)s are viewing this too"
    assert i18n.ngettext(one, many, 1, names="سارا") == "سارا هم این را می‌بیند"
    assert i18n.ngettext(one, many, 2, names="سارا، کیان") == "سارا، کیان هم این را می‌بینند"
    assert catalogues_.browser_messages("fa")[one] == ["%(names)s هم این را می‌بیند", "%(names)s هم این را می‌بینند"]


def test_reading_ends_with_its_block():
    with reading(LOCALES["fa"]), reading(Reader(timezone="UTC")):
        assert i18n.current.get().language == "en"
    assert i18n.current.get() == LOCALES["en"]


def test_a_plugin_brings_its_own_sentences(persian, tmp_path):
    folder = tmp_path / "fa/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=3; plural=(n == 0 ? 0 : n == 1 ? 1 : 2);\\n"\n\n'
        'msgid "Good day"\nmsgstr "روز خوش"\n\n#, fuzzy\nmsgid "Maybe"\nmsgstr "شاید"\n\n#. browser\nmsgid '
        '"yesterday"\nmsgstr "دیشب"\n\n'
        'msgid "%(num)s star"\nmsgid_plural "%(num)s stars"\nmsgstr[0] "هیچ"\nmsgstr[1] "یکی"\nmsgstr[2] "%(num)s تا"\n'
    )
    catalogues_.add_catalogues(tmp_path)
    try:
        assert i18n.gettext("Good day") == "روز خوش"
        assert i18n.gettext("Maybe") == "Maybe"
        assert i18n.gettext("yesterday") == "دیروز" == catalogues_.browser_messages("fa")["yesterday"]
        stars = [i18n.ngettext("%(num)s star", "%(num)s stars", number) for number in range(3)]
        assert stars == ["هیچ", "یکی", "۲ تا"]  # by the plural rule of the plugin's own catalogue
        assert i18n.ngettext("%(num)s day", "%(num)s days", 0) == "۰ روز"
    finally:
        catalogues._folders.remove(tmp_path)
        catalogues._forget()


def test_templates(persian):
    environment = jinja2.Environment(autoescape=True)
    i18n.install(environment)

    def render(source, **values):
        return environment.from_string(source).render(**values)

    assert render("{{ _('yesterday') }}") == "دیروز"
    assert render("{{ _('<i>%(a)s</i>', a='<b>') }}") == f"&lt;i&gt;{FSI}&lt;b&gt;{PDI}&lt;/i&gt;"
    assert render("{{ _('<i>%(a)s</i>', a=a) }}", a=Markup("<b>x</b>")) == "&lt;i&gt;<b>x</b>&lt;/i&gt;"
    assert render("{% trans a='<b>' %}<i>{{ a }}</i> 100%{% endtrans %}") == f"<i>{FSI}&lt;b&gt;{PDI}</i> 100%"
    assert (
        render(
            "{% trans num=3 %}%(num)s day ago{% pluralize %}%(num)s days ago{% endtrans %}".replace(
                "%(num)s", "{{ num }}"
            )
        )
        == "۳ روز پیش"
    )
    assert (
        render("{{ ngettext('%(num)s day', '%(num)s days', 4) }} {{ 1405|number }} {{ at|time }}", at=NOON)
        == "۴ روز ۱٬۴۰۵ ۱۶:۲۰"
    )


def test_what_the_browser_is_told(persian):
    assert i18n.for_browser(persian) == {
        "language": "fa",
        "dir": "rtl",
        "calendar": "jalali",
        "digits": "fa",
        "timezone": "Asia/Tehran",
    }
    assert catalogues_.browser_messages("fa")["yesterday"] == "دیروز"
    assert catalogues_.browser_messages("en") == {}
    assert "%(size)s MB" not in catalogues_.browser_messages("fa")


# What waits in a row


def test_a_stored_reason_is_said_to_whoever_reads_it():
    stored = dump_message(Invalid("There is no queue named %(name)s.", name="Orders"))
    assert i18n.render_stored(stored) == "There is no queue named Orders."
    with reading(LOCALES["fa"]):
        assert i18n.render_stored(stored) == i18n.render_message("There is no queue named %(name)s.", name="Orders")
        assert "Orders" in i18n.render_stored(stored) and "queue" not in i18n.render_stored(stored)
        assert i18n.render_stored(dump_message(NotFound())) == i18n.render_message(NotFound())
        within = i18n.render_message(
            "This message did not reach the customer: %(reason)s", reason=load_message(dump_message(NotFound()))
        )
        assert i18n.render_message(NotFound()) in within
    assert str(load_message(stored)) == "There is no queue named Orders." and i18n.render_stored("") == ""


@pytest.mark.parametrize(
    "words",
    [
        "550 5.1.1 No such user",
        "100% full",
        "%(name)s",
        '{"sentence": "%(a)999999999s", "values": {"a": 1}}',
        "{",
        "a\x00\ud800",
    ],
)
@pytest.mark.parametrize("reader", LOCALES.values(), ids=LOCALES)
def test_words_that_are_not_ours_stay_as_they_are(reader, words):
    with reading(reader):
        shown = i18n.render_stored(dump_message(words))
    assert shown == words.replace("\x00", "").replace("\ud800", "?")


def test_what_waits_in_a_row_is_never_long_and_can_always_be_stored():
    stored = dump_message("It said: %(words)s", words="\x00\ud800" + "x" * 100_000, seconds=2.5)
    stored.encode()
    assert (
        len(stored) < 2000
        and "\x00" not in i18n.render_stored(stored)
        and load_message(stored).values["seconds"] == 2.5
    )


@pytest.mark.parametrize(
    ("name", "persian", "english"),
    [
        ("Orders | سفارش‌ها", "سفارش‌ها", "Orders"),
        ("سفارش‌ها | Orders", "سفارش‌ها", "Orders"),
        ("Orders", "Orders", "Orders"),
        ("Orders | Delivery", "Orders", "Orders"),
        ("a|b", "a|b", "a|b"),
        (" | ", " | ", " | "),
    ],
)
def test_a_name_may_carry_one_for_each_language(name, persian, english):
    with reading(LOCALES["fa"]):
        assert named(name) == persian
    with reading(LOCALES["en"]):
        assert named(name) == english

"""Special days: holidays of countries, iCal files, days that recur in either calendar, and their order."""

from datetime import date

import pytest
from persiantools.jdatetime import JalaliDate

from plugins.sla import days
from plugins.sla.days import BadFile, Country, JalaliYearly, OnDate, SpecialDay, Yearly, first_of, read_ical, shifts_by
from plugins.sla.hours import Shift

CLOSED = SpecialDay((), {"en": "Closed", "fa": "تعطیل"})
HALF = SpecialDay((Shift(540, 780),))


def ical(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\nUID:{number}\r\n{event}\r\nEND:VEVENT\r\n" for number, event in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n{body}END:VCALENDAR\r\n".encode()


def lines(*rows: str) -> str:
    return "\r\n".join(rows)


def test_an_iranian_holiday_has_its_name_in_both_languages():
    nowruz = Country("IR").on(date(2026, 3, 23))
    assert nowruz.shifts == () and "نوروز" in nowruz.name("fa") and "Nowruz" in nowruz.name("en")
    assert Country("IR").on(date(2026, 3, 25)) is None


def test_another_country_and_its_region():
    assert Country("DE").on(date(2026, 1, 6)) is None and Country("DE", "BY").on(date(2026, 1, 6)).shifts == ()


def test_jalali_days_recur_by_the_jalali_year():
    thirtieth = JalaliYearly(12, 30, CLOSED)
    assert thirtieth.on(JalaliDate(1408, 12, 30).to_gregorian()) == CLOSED
    days = [date.fromordinal(number) for number in range(date(2021, 3, 1).toordinal(), date(2034, 3, 1).toordinal())]
    assert [JalaliDate(day).year for day in days if thirtieth.on(day)] == [1399, 1403, 1408]
    assert [day.year for day in days if Yearly(2, 29, CLOSED).on(day)] == [2024, 2028, 2032]


def test_an_event_closes_each_of_its_days_and_not_its_end():
    found = read_ical(ical(lines("SUMMARY:Stocktaking", "DTSTART;VALUE=DATE:20270102", "DTEND;VALUE=DATE:20270104")))
    assert (
        sorted(found.days) == [date(2027, 1, 2), date(2027, 1, 3)]
        and found.on(date(2027, 1, 2)).name("fa") == "Stocktaking"
    )


def test_events_with_hours_close_the_days_they_touch():
    found = read_ical(
        ical(
            lines("DTSTART:20270102T080000", "DTEND:20270103T000000"), lines("DTSTART:20270110T220000", "DURATION:PT4H")
        )
    )
    assert sorted(found.days) == [date(2027, 1, 2), date(2027, 1, 10), date(2027, 1, 11)]


def test_recurring_events_and_their_exceptions():
    yearly = lines("DTSTART;VALUE=DATE:20200706", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20210706")
    monthly = lines("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=MONTHLY;UNTIL=20260315", "RDATE;VALUE=DATE:20260405")
    found = read_ical(ical(yearly, monthly))
    assert found.on(date(2099, 7, 6)) and not found.on(date(2021, 7, 6))
    assert [day for day in sorted(found.days) if day.month != 7] == [
        date(2026, 1, 1),
        date(2026, 2, 1),
        date(2026, 3, 1),
        date(2026, 4, 5),
    ]


def test_a_cancelled_event_makes_a_holiday_an_ordinary_day():
    """How a holiday that was moved is corrected: the file comes before the country."""
    file = read_ical(
        ical(lines("SUMMARY:Moved", "DTSTART;VALUE=DATE:20260323", "STATUS:CANCELLED"), "DTSTART;VALUE=DATE:20260326")
    )
    look = shifts_by(first_of([file, Country("IR")]))
    assert (look(date(2026, 3, 23)), look(date(2026, 3, 24)), look(date(2026, 3, 26)), look(date(2026, 3, 28))) == (
        None,
        (),
        (),
        None,
    )


def test_the_first_source_decides():
    look = first_of([OnDate(date(2026, 3, 23), HALF), Country("IR")])
    assert look(date(2026, 3, 23)) == HALF and look(date(2026, 3, 24)).shifts == ()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", b"\xff\xfe" * 50, b"x" * 1_000_001,
        ical("SUMMARY:no start"), ical("DTSTART;VALUE=DATE:20261399"),
        ical(lines("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=OFTEN")),
        ical(lines("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=SECONDLY;BYYEARDAY=400")),
        ical(*["DTSTART;VALUE=DATE:20260101"] * 5001),
        ical(*[lines(f"DTSTART;VALUE=DATE:2026010{n}", "RRULE:FREQ=DAILY") for n in range(1, 5)]),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_refused(content):
    with pytest.raises(BadFile):
        read_ical(content)


RECURRING = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n%sEND:VCALENDAR\r\n"
EVENT = "BEGIN:VEVENT\r\nUID:%d\r\nDTSTART;VALUE=DATE:20260101\r\nSUMMARY:x\r\nRRULE:%s\r\nEND:VEVENT\r\n"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYYEARDAY=366;BYWEEKNO=10",
        "FREQ=DAILY;BYHOUR=1,2;BYSECOND=1,2",
    ],
)
def test_a_day_that_never_comes_is_not_looked_for_to_the_end_of_time(rule, monkeypatch):
    """One such rule takes seconds, and a file holds thousands."""
    monkeypatch.setattr(days, "rrulestr", None)
    with pytest.raises(BadFile, match="not understood"):
        read_ical((RECURRING % (EVENT % (1, rule))).encode())


def test_the_recurrences_of_one_file_have_a_time_together(monkeypatch):
    monkeypatch.setattr(days, "PATIENCE", -1.0)
    with pytest.raises(BadFile, match="recurrences"):
        read_ical((RECURRING % (EVENT % (1, "FREQ=YEARLY"))).encode())


@pytest.mark.parametrize(
    "rule", ["FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=MONTHLY;BYMONTHDAY=13", "FREQ=WEEKLY;BYDAY=FR;WKST=SA"]
)
def test_rules_of_real_calendars_are_understood(rule):
    assert len(read_ical((RECURRING % (EVENT % (1, rule))).encode()).days) > 70

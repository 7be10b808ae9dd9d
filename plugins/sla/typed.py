"""What people type into the forms: hours of a day, spans of time, special days; and the same as they read it again."""

from __future__ import annotations

import re
from typing import Any

from helpdesk.api.errors import Invalid, _
from helpdesk.api.i18n import parse_date
from helpdesk.api.text import digits

UNITS = {"m": 1, "h": 60, "d": 24 * 60}
SPAN = re.compile(r"(\d{1,5})\s*([mhd]?)")
SHIFT = re.compile(r"(\d{1,2})(?::(\d\d))?\s*[-–]\s*(\d{1,2})(?::(\d\d))?")
YEARLY = re.compile(r"(jalali|gregorian)\s+(\d{1,2})/(\d{1,2})")
LONGEST = 366 * 24 * 60  # minutes of a goal
SPECIAL_DAYS = 400  # lines


def minutes(text: str) -> int | None:
    """Minutes of "30m", "4h" or "2d", of plain minutes too; None for nothing."""
    text = digits(text, "en").strip().lower()
    found = SPAN.fullmatch(text)
    if not text:
        return None
    amount = int(found[1]) * UNITS[found[2] or "m"] if found else 0
    if not 0 < amount <= LONGEST:
        raise Invalid(_("Please write a time such as 30m, 4h or 2d, not “%(given)s”."), given=text[:40])
    return amount


def span(amount: int | None) -> str:
    """Minutes as ``minutes`` reads them."""
    if not amount:
        return ""
    unit = next(unit for unit in ("d", "h", "m") if amount % UNITS[unit] == 0)
    return f"{amount // UNITS[unit]}{unit}"


def hours(text: str) -> list[list[int]]:
    """[start, end] in minutes after midnight of "9:00-13:00, 14:00-17:00"; nothing is closed."""
    found = []
    for part in filter(None, (part.strip() for part in re.split("[,،]", digits(text, "en")))):
        match = SHIFT.fullmatch(part)
        start, end = (int(match[i]) * 60 + int(match[i + 1] or 0) for i in (1, 3)) if match else (0, 0)
        if not 0 <= start < end <= 24 * 60 or (found and start < found[-1][1]):
            raise Invalid(_("Please write hours such as 9:00-13:00, 14:00-17:00, not “%(given)s”."), given=text[:80])
        found.append([start, end])
    return found


def shown_hours(shifts: list[list[int]]) -> str:
    """Shifts as ``hours`` reads them."""
    return ", ".join("-".join(f"{at // 60}:{at % 60:02}" for at in shift) for shift in shifts)


def special_days(text: str) -> list[dict[str, Any]]:
    """One day a line: "1405/7/2 | 9:00-12:00 | Name", "jalali 1/13 | | Name"; without hours it is closed."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > SPECIAL_DAYS:
        raise Invalid(_("At most %(most)s special days."), most=SPECIAL_DAYS)
    return [_special(line) for line in lines]


def _special(line: str) -> dict[str, Any]:
    day, open_, name = [*(part.strip() for part in line.split("|", 2)), "", ""][:3]
    said = {"shifts": hours(open_), "name": name[:100]}
    yearly = YEARLY.fullmatch(digits(day, "en").lower())
    if yearly and 1 <= int(yearly[2]) <= 12 and 1 <= int(yearly[3]) <= 31:
        return {"by": yearly[1], "month": int(yearly[2]), "day": int(yearly[3])} | said
    once = parse_date(day)
    if once is None:
        raise Invalid(_("“%(given)s” is not a day. Please write 1405/7/2 or jalali 1/13."), given=day[:40])
    return {"date": once.isoformat()} | said


def shown_days(days: list[dict[str, Any]]) -> str:
    """Special days as ``special_days`` reads them."""
    lines = []
    for row in days:
        day = row["date"].replace("-", "/") if "date" in row else f"{row['by']} {row['month']}/{row['day']}"
        lines.append(f"{day} | {shown_hours(row['shifts'])} | {row['name']}")
    return "\n".join(lines)

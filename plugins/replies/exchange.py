"""Saved replies as files: our own JSON, and CSV for spreadsheets; read within bounds, each refused row reported with
its reason.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from helpdesk.api import people
from helpdesk.api.errors import HelpdeskError, Invalid
from helpdesk.api.i18n import LOCALES, _

from . import store
from .checking import read as read_shape
from .tables import SavedReply

LARGEST, ROWS = 2_000_000, 500  # bytes of a file, replies in it
DEPTH = 12  # of nested JSON
FORMAT = "hamdel.saved-replies.1"
COLUMNS = (
    "name",
    "folder",
    "scope",
    "team",
    *(f"{language}_{part}" for language in ("fa", "en") for part in ("subject", "text")),
    "actions",
)
CHOOSE = _("Please choose a file.")
FORMULAS = "=+-@\t\r"  # with what a spreadsheet begins a formula (CWE-1236)


@dataclass
class Report:
    """What an import did: how many came in, and (row, reason) of each that was refused."""

    added: int = 0
    refused: list[tuple[int, HelpdeskError]] = field(default_factory=list)
    problem: HelpdeskError | None = None


def as_given(row: SavedReply, teams: dict[int, str]) -> dict:
    """A saved reply in the shape of ``checking.Given``, its team by name, so that another desk understands it. Files
    stay behind.
    """
    return {
        "name": row.name,
        "folder": row.folder,
        "scope": row.scope,
        "team": teams.get(row.team_id or 0, ""),
        "texts": row.texts,
        "actions": row.actions,
    }


def write_json(uow, rows: Iterable[SavedReply]) -> tuple[str, str]:
    """Our own format, and its type."""
    teams = {team.id: team.name for team in people.teams(uow)}
    replies = [as_given(row, teams) for row in rows]
    return json.dumps({"format": FORMAT, "replies": replies}, ensure_ascii=False, indent=1), "application/json"


def write_csv(uow, rows: Iterable[SavedReply]) -> tuple[bytes, str]:
    """One line a reply, UTF-8 with the mark that spreadsheets look for; what would be a formula there begins with an
    apostrophe.
    """
    teams = {team.id: team.name for team in people.teams(uow)}
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for given in (as_given(row, teams) for row in rows):
        table.writerow([_cell(given, column) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8"


WRITERS = {"json": write_json, "csv": write_csv}


def _cell(given: dict, column: str) -> str:
    language, _underscore, part = column.partition("_")
    if language in LOCALES and part:
        text = given["texts"].get(language, {}).get(part, "")
    else:
        text = json.dumps(given[column], ensure_ascii=False) if column == "actions" else given[column]
    return f"'{text}" if text.startswith(tuple(FORMULAS)) else text


def read(uow, name: str, content: bytes) -> Report:
    """Take in a file of either kind. Invalid when it is neither, too large, or has too many rows; nothing is taken in
    then.
    """
    if len(content) > LARGEST:
        raise Invalid(_("This file is larger than %(size)s MB."), size=LARGEST // 10**6)
    try:
        text = content.decode("utf-8-sig")
        rows = _json_rows(text) if name.lower().endswith(".json") else _csv_rows(text)
    except (UnicodeDecodeError, ValueError, RecursionError, csv.Error):
        raise Invalid(
            _("This is no file of saved replies: it must be JSON or CSV in UTF-8, as an export writes them.")
        ) from None
    if len(rows) > ROWS:
        raise Invalid(_("A file can have %(most)s saved replies at most."), most=ROWS)
    return _take(uow, rows)


def _json_rows(text: str) -> list[dict]:
    if _depth(text) > DEPTH:
        raise ValueError
    data = json.loads(text)
    replies = data.get("replies") if isinstance(data, dict) and data.get("format") == FORMAT else None
    if not isinstance(replies, list):
        raise ValueError
    return replies


def _depth(text: str) -> int:
    """How deep brackets are nested at most, those in strings counted too: a bound, not a parser."""
    depth = most = 0
    for sign in text:
        depth += (sign in "[{") - (sign in "]}")
        most = max(most, depth)
    return most


def _csv_rows(text: str) -> list[dict]:
    table = csv.DictReader(io.StringIO(text))
    if not {"name"} <= set(table.fieldnames or ()):
        raise ValueError
    return [_from_cells(row) for _number, row in zip(range(ROWS + 1), table, strict=False)]


def _from_cells(row: dict[str, str]) -> dict:
    cells = {name: _plain(row.get(name) or "") for name in COLUMNS}
    texts = {language: {part: cells[f"{language}_{part}"] for part in ("subject", "text")} for language in LOCALES}
    try:
        actions = (
            json.loads(cells["actions"] or "[]")
            if len(cells["actions"]) < 50_000 and _depth(cells["actions"]) <= DEPTH
            else None
        )
    except ValueError:
        actions = None
    kept = {name: cells[name] for name in ("name", "folder", "team")}
    return kept | {"scope": cells["scope"] or "personal", "texts": texts, "actions": actions}


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:2] and cell[1] in FORMULAS else cell


def _take(uow, rows: list) -> Report:
    """Each row by itself: a refused one stops no other."""
    teams, report = {team.name: team.id for team in store.teams(uow)}, Report()
    for number, row in enumerate(rows, 1):
        try:
            store.add(uow, read_shape(_with_team(row, teams)))
            report.added += 1
        except HelpdeskError as problem:
            report.refused.append((number, problem))
    return report


def _with_team(row, teams: dict[str, int]):
    """The row with its team's id in place of its name."""
    if not isinstance(row, dict):
        return row
    team = row.get("team") or None
    if isinstance(team, str) and team not in teams:
        raise Invalid(_("There is no team named “%(name)s”."), name=team[:100])
    return row | {"team": teams.get(team) if isinstance(team, str) else team}

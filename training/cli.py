"""``helpdesk training …``: what authors and tools ask of scenarios, workshops and runs. Each prints one JSON line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click

from helpdesk.api.errors import HelpdeskError, NotFound

MOST = 8_000_000  # bytes of a file that is read at all
MOST_LINE = 64_000  # bytes of a line
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST)


def _answer(value: dict[str, Any], code: int) -> NoReturn:
    click.echo(json.dumps(value, ensure_ascii=False))
    raise SystemExit(code)


def _released(commands: Any, hash_: str) -> Any:
    """The release in the desk's database; None when there is no such release, or no desk here."""
    from sqlalchemy.exc import DatabaseError

    from .releases import scenario_of

    if not commands.config.data_dir.exists():  # asking would make one
        return None
    try:
        with commands.runtime.uow() as uow:
            return scenario_of(uow, hash_)
    except (DatabaseError, NotFound):
        return None


@click.group("training")
def training() -> None:
    """Check scenarios and workshops, read replies, replay runs."""


@training.command("check")
@click.argument("path", type=FILE)
def check_command(path: Path) -> None:
    """Check a scenario or workshop: schema, lint, its own tests, the bots. Prints one JSON line."""
    from .checking import check, check_workshop  # here, so that no other command pays for its libraries
    from .matching import read
    from .rubric import levels

    content = _content(path)
    report = check_workshop(content, read, levels) if path.suffix == ".ipynb" else check(content, read, levels)
    for cell, finding in report.remarks():
        place = f"{path}:{f'cell {cell}:' if cell else ''}{finding.line}"
        click.echo(f"{place}: {finding.severity}: {finding.message}", err=True)
    _answer({"path": str(path), **report.dump()}, 0 if report.ok else 1)


def _lines() -> Iterator[bytes]:
    """The lines of standard input; of a line that is too long, its beginning."""
    rest = False
    while line := sys.stdin.buffer.readline(MOST_LINE):
        if not rest:
            yield line
        rest = not line.endswith(b"\n")


LANG = click.option("--lang", type=click.Choice(["fa", "en"]), required=True, help="The language of the text.")


@training.command("acts")
@LANG
def acts_command(lang: str) -> None:
    """Read replies, one a line; print one JSON line for each: its acts with the words that show them."""
    from .matching import read
    from .matching.normalise import LONGEST

    for line in _lines():
        text = line.decode("utf-8", "replace").rstrip("\r\n")[:LONGEST]
        acts = [{**asdict(act), "text": text[act.start : act.end]} for act in read(text, lang).acts]
        click.echo(json.dumps({"acts": acts}, ensure_ascii=False))


@training.command("score")
@LANG
def score_command(lang: str) -> None:
    """Score a conversation, one JSON line for a message with from, text and at. Prints one JSON line."""
    from .rubric import parse, score

    try:
        card = score(parse(_lines()), lang)
    except HelpdeskError as error:
        _answer({"problem": str(error)}, 2)
    _answer(card.dump(), 0)


@training.command("replay")
@click.argument("run", type=FILE)
@click.option("--workshop", type=FILE, help="The workshop or scenario of the run, when the desk does not have it.")
@click.pass_obj
def replay_command(commands: Any, run: Path, workshop: Path | None) -> None:
    """Play a run again: the same bytes, or the first difference. Prints one JSON line; 2 without the release."""
    from .matching import read
    from .notebook import read_run
    from .replaying import compare, release_in

    try:
        recording = read_run(_content(run))
        scenario = release_in(_content(workshop), recording.hash) if workshop else _released(commands, recording.hash)
    except HelpdeskError as error:
        _answer({"path": str(run), "same": False, "problem": str(error)}, 2)
    if scenario is None:
        problem = f"There is no release {recording.hash} here. Name the workshop of the run: --workshop PATH."
        _answer({"path": str(run), "same": False, "problem": problem}, 2)
    try:
        result = compare(recording, scenario, read)
    except HelpdeskError as error:
        _answer({"path": str(run), "same": False, "problem": str(error)}, 1)
    _answer({"path": str(run), **result}, 0 if result["same"] else 1)


@training.command("practise")
@click.argument("scenario")
@click.option("--as", "email", required=True, help="The sign-in of whoever practises.")
@click.option("--lang", type=click.Choice(["fa", "en"]), default="fa", show_default=True)
@click.option(
    "--form", type=click.Choice(["chat", "mail", "call"]), help="How the customer writes; else as the scenario says."
)
@click.pass_obj
def practise_command(commands: Any, scenario: str, email: str, lang: str, form: str | None) -> None:
    """Begin a released scenario (its id, or a hash) as a practice ticket in the console. Prints one JSON line."""
    from helpdesk.api import people

    from .console import play, rest

    try:
        with commands.runtime.uow() as uow:
            mine = uow.acting(people.actor(uow, people.by_sign_in(uow, email).id))
            _answer(rest.told(play.begin(mine, rest.newest(mine, scenario), lang, form=form or "")), 0)
    except HelpdeskError as error:
        _answer({"problem": str(error)}, 2)

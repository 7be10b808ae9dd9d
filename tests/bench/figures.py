"""The figures as a page of ``docs/``, each beside what it should be, written from what was measured last."""

from __future__ import annotations

import json
import statistics
from datetime import UTC, datetime
from pathlib import Path

from . import measure

HEAD = """# Figures

Written by `make bench`; do not edit. One part is measured anew with `.venv/bin/python -m tests.bench import` (or `arrival`, `scale`, `fanout`,
`beside`, `footprint`); `--full` adds the desk of a million tickets. What was measured lies in `figures.json`.

Costs are processor time of the server's process, all threads together, which says more than a stopwatch on a machine that does other
things, too. Pages are measured in six rounds with everything else in between; desks of two sizes run side by side and are asked in turn. The yardstick beside each part is a fixed piece of Python (a thousand times a small JSON there and back), measured in
the same run: on a machine where it takes twice as long, so does everything here.
"""


def keep(folder: Path, part: str, figures: dict, yardstick: float) -> None:
    """Put a part's figures beside those of the others, and write the page anew."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "figures.json"
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    known[part] = {
        "at": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": measure.machine(),
        "yardstick": round(yardstick, 1),
        "figures": figures,
    }
    path.write_text(json.dumps(known, indent=1, sort_keys=True, default=str) + "\n", "utf-8")
    (folder / "figures.md").write_text(page(known), "utf-8")


def page(known: dict) -> str:
    """The whole page."""
    parts = [part(known[name]) for name, part in PARTS.items() if name in known]
    return "\n".join([HEAD, *parts])


def _section(title: str, entry: dict, intro: str, head: tuple, rows: list[tuple]) -> str:
    lines = [f"## {title}", "", intro, "", _line(head), _line(["---"] * len(head)), *map(_line, rows)]
    return "\n".join([*lines, "", f"*{entry['at']}; {entry['machine']}; yardstick {entry['yardstick']} ms.*", ""])


def _line(cells) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _importing(entry: dict) -> str:
    figures = entry["figures"]
    mails, best = figures["mails"], figures["best"]
    rows = [
        (
            "`email import` by itself",
            f"{mails / best['alone']:.0f} a second",
            f"{best['alone'] / best['floor']:.2f}",
            "300 a second, ratio 2",
        ),
        (
            "the same with a desk running on the data",
            f"{mails / best['beside']:.0f} a second",
            f"{best['beside'] / best['floor']:.2f}",
            "never above 4",
        ),
        ("the floor", f"{mails / best['floor']:.0f} a second", "1", ""),
    ]
    ratios = ", ".join(f"{each['alone'] / each['floor']:.2f}" for each in figures["rounds"])
    intro = (
        f"{mails} realistic mails of {figures['bytes'] / 1e6:.1f} MB (plain, HTML, Persian, quoted-printable, "
        "a file of 50 kB in one of ten, a third replies) "
        "into SQLite with `synchronous=FULL`. The floor reads each with `email.policy.default`, takes "
        "subject and body, and commits one INSERT; "
        f"each round has its own beside it. Ratios of all rounds: {ratios}."
    )
    return _section("Mail comes in", entry, intro, ("", "mails", "ratio to the floor", "goal"), rows)


def _arrival(entry: dict) -> str:
    names = {"bare": "Dovecot's word to a program that only listens"}
    rows = [
        (names.get(where, where), f"{each['median']:.0f} ms", f"{each['worst']:.0f} ms")
        for where, each in entry["figures"].items()
    ]
    intro = (
        "A mail put into a folder of a Dovecot mailbox, until its ticket is in the database: told by IDLE, "
        "fetched, stored, read in a child process, filed. "
        "Each folder has a connection of its own. Dovecot itself takes its time before it tells, as the last row shows."
    )
    return _section(
        "From the mail server to a ticket",
        entry,
        intro,
        ("folder", "median", "worst"),
        rows or [("not measured: Dovecot is not installed", "", "")],
    )


GOALS = {"queue page": 12, "all open": 12, "ticket with its list": 25, "the same, cold": 25, "search": 15}


def _scale(entry: dict) -> str:
    figures = entry["figures"]
    sizes = sorted(figures, key=int)
    rows = [
        (name, *(_spread(figures[size]["pages"][name]) for size in sizes), *_growth(figures, sizes, name), _goal(name))
        for name in figures[sizes[0]]["pages"]
    ]
    for title, read in (
        ("lists a second for 8 clients", lambda desk: f"{desk['list']['a second']:.0f}"),
        ("milliseconds of each of these", lambda desk: f"{desk['list']['cost']:.1f}"),
        ("memory afterwards, MB", lambda desk: f"{desk['memory']:.0f}"),
    ):
        rows.append(
            (title, *(read(figures[size]) for size in sizes), *_blank(sizes), "150" * title.startswith("lists"))
        )
    intro = (
        "Milliseconds of processor time of one request: the median of the rounds and in brackets the lowest and the "
        "highest, each the mean of some requests in a row. Agents have 2 queues, of which one has 25,000 open tickets, "
        "or 50 with at least 1,000 each, and 200 people work here. *Cold*: every row is another than any that was shown before. *All it asks next* "
        "are the frames of its formatted messages (5 of 20) and the word that it was read. Goals besides those named: flat "
        "within 20 % from the smaller to the larger desk and from 2 to 50 queues. Left out: the first requests after a start, "
        "TLS, what the browser does, and PostgreSQL."
    )
    head = ("", *(f"{int(size):,} tickets" for size in sizes), *(["growth"] if len(sizes) > 1 else []), "goal")
    return _section("Pages of a large desk", entry, intro, head, rows)


def _goal(name: str) -> str:
    return next((str(goal) for beginning, goal in GOALS.items() if name.startswith(beginning)), "")


def _growth(figures: dict, sizes: list[str], name: str) -> list[str]:
    first, last = (statistics.median(figures[size]["pages"][name]) for size in (sizes[0], sizes[-1]))
    return [f"{last / first - 1:+.0%}"] if len(sizes) > 1 else []


def _blank(sizes: list[str]) -> list[str]:
    return [""] * (len(sizes) > 1)


def _views(entry: dict) -> str:
    f = entry["figures"]
    intro = (
        "Milliseconds of processor time to say of one change in which of the saved views that are shown just now its "
        "ticket stands: each view of other conditions and each about “me”, too, shown by somebody else. The median of "
        f"{len(f['rounds'])} changes and in brackets the lowest and the highest. Left out: sending it to the consoles."
    )
    rows = [(f"{f['views']} distinct views", _spread(f["rounds"]), "5")]
    return _section("One change, many saved views", entry, intro, ("", "measured", "goal"), rows)


def _fanout(entry: dict) -> str:
    f = entry["figures"]
    rows = [
        ("the desk, 99 of 100 told within", f"{f['p99'] * 1000:.0f} ms", ""),
        ("a bare emit, 99 of 100 told within", f"{f['bare p99'] * 1000:.0f} ms", ""),
        ("ratio", f"{f['ratio']:.2f}", "1.5"),
        ("consoles told", f["told"], f["people"]),
        ("people without rights told", f["told outside"], 0),
        ("bytes of one change", f["bytes"], ""),
        ("memory at rest and with all consoles, MB", f"{f['rest']:.0f} and {f['memory']:.0f}", "150 and 300"),
    ]
    intro = (
        f"A change of a ticket, from the request that makes it until {f['people']} consoles (half of them "
        "Persian, on two queues) have it, with "
        f"{f['outside']} more connected that may not see it. The bare emit sends the same bytes to as many "
        "connections with the same library and nothing "
        "behind it. Both in turns; the median of the changes. A change carries its row, so no console asks "
        "for anything."
    )
    return _section("One change, a thousand consoles", entry, intro, ("", "measured", "goal"), rows)


def _beside(entry: dict) -> str:
    f = entry["figures"]
    rows = [
        (
            f"{label}, {name}",
            _spread(f[part]["quiet"][name]),
            _spread(f[part]["busy"][name]),
            _spread(f[part]["ratio"]) if name == "p99" else "",
            "3" * (name == "p99"),
        )
        for part, label in {"healthz": "`/healthz`", "live": f"a change told to {f['people']} consoles"}.items()
        for name in ("p50", "p95", "p99")
    ]
    intro = (
        f"Milliseconds, alone and beside {f['greedy']} API clients that ask for lists on connections that "
        f"stay open, without a pause ({f['requests']} requests a second "
        "between them), in turns; the median of the rounds and in brackets the lowest and the highest. One "
        "desk process."
    )
    return _section(
        "Everybody else beside clients that never pause", entry, intro, ("", "quiet", "busy", "ratio", "goal"), rows
    )


def _chat(entry: dict) -> str:
    f = entry["figures"]
    rows = [
        (name, _spread(f["quiet"][name]), _spread(f["busy"][name]), "150" * (name == "p99"))
        for name in ("p50", "p95", "p99", "worst")
    ]
    intro = (
        "Milliseconds from the request with a chat message until an agent's console has it, alone and while a process of its "
        f"own hands {f['mails']} mails to the desk ({_spread(f['import'])} seconds; {sum(f['busy']['messages'])} messages "
        "meanwhile). The median of the rounds and in brackets the lowest and the highest. One desk process (`helpdesk run`)."
    )
    return _section("A chat message while mail comes in", entry, intro, ("", "quiet", "busy", "goal"), rows)


def _spread(rounds: list[float]) -> str:
    return f"{statistics.median(rounds):.1f} ({min(rounds):.1f} to {max(rounds):.1f})"


def _webhooks(entry: dict) -> str:
    f = entry["figures"]
    rows = [(name, f"{f[name]:.1f}", "50" * (name == "p99")) for name in ("p50", "p95", "p99", "worst")]
    rows += [("answers other than 200", f["other"], "0"), ("processor seconds a second", f"{f['processor']:.2f}", "")]
    intro = (
        f"{f['rate']} pushes a second for {f['seconds']:.0f} seconds over 25 connections to one desk process (`helpdesk run`, SQLite with "
        "`synchronous=FULL`), which files each as a ticket and tells a handler that takes a second for every answer. Milliseconds from the "
        "moment a push was due until its 200, which comes after the commit."
    )
    return _section("Webhooks come in", entry, intro, ("", "milliseconds", "goal"), rows)


def _footprint(entry: dict) -> str:
    f = entry["figures"]
    rows = [
        ("ready after the start, database to be made", f"{f['ready new']:.2f} s", ""),
        ("ready after the start", f"{f['ready']:.2f} s", "2 s"),
        ("memory at rest", f"{f['rest']:.0f} MB", "150 MB"),
        ("memory while mail comes in and eight agents turn pages", f"{f['work']:.0f} MB", "300 MB"),
        *(
            (
                f"first page over the wire ({language})",
                f"{each['bytes'] / 1000:.0f} kB in {each['files']} files",
                "150 kB",
            )
            for language, each in f["pages"].items()
        ),
    ]
    intro = (
        "`helpdesk run` with its supervisor and parsing children, memory they share counted once (PSS). The "
        "first page is that of a queue with everything "
        "it names, compressed, nothing in the browser's cache."
    )
    return _section("What the desk weighs", entry, intro, ("", "measured", "goal"), rows)


def _clocks(entry: dict) -> str:
    figures = entry["figures"]
    rows = [
        ("the queue's page, quiet", _percentiles(figures["quiet"]), ""),
        ("the queue's page meanwhile", _percentiles(figures["meanwhile"]), "p95 50 ms"),
        ("until all have their new targets", f"{figures['seconds']:.0f} s", ""),
        ("processor time of the desk meanwhile, pages included", f"{figures['cpu']:.0f} s", ""),
    ]
    intro = (
        f"{figures['clocks']} open tickets, each with a running clock; a policy with working hours takes the place of "
        f"none. Progress was told {figures['steps']} times. Pages as their reader waits for them: median / p95 / p99."
    )
    return _section("A policy changes", entry, intro, ("", "measured", "goal"), rows)


def _percentiles(values: list[float]) -> str:
    shares = (measure.percentile(values, share) for share in (0.95, 0.99))
    return " / ".join(f"{value:.0f}" for value in (statistics.median(values), *shares)) + " ms"


def _upgrade(entry: dict) -> str:
    f = entry["figures"]
    rows = [
        ("until the desk is of this version", f"{f['seconds']:.0f} s", "600 s for a million"),
        ("processor time", f"{f['cpu']:.0f} s", ""),
    ]
    intro = (
        f"{f['messages']} messages in the tables of the first version ({f['megabytes']:.0f} MB afterwards, SQLite), each "
        "with words in the search index and an event. Keys and search are checked within this time."
    )
    return _section("An older desk comes over", entry, intro, ("", "measured", "goal"), rows)


def _waiting(entry: dict) -> str:
    figures = entry["figures"]

    def row(name: str, found: dict, goal: str = "") -> tuple:
        return name, found["people"], f"{found['within a quarter']:.0%}", f"{found['in the range']:.0%}", goal

    rows = [
        *(row(f"told {name}", found, "80 %, range 80 %") for name, found in figures["when"].items()),
        *(row(f"told when they join, {name} in line", found) for name, found in figures["places"].items()),
        row("told when they join by who knows the true distribution", figures["knowing"]),
    ]
    intro = (
        "Simulated weeks of a desk with two peaks a day, three to five people, services of seven minutes (lognormal, coefficient of "
        f"variation 0.5) and people who leave. Who waits at least half a minute waits {figures['minutes']:.1f} minutes in the mean. "
        "Within a quarter: the wait was at most 25 % from what was told. No estimate can reach the goal for a short line: "
        "the last row knows more than any desk does."
    )
    return _section(
        "The waiting time that is told", entry, intro, ("", "people", "within 25 %", "in the range told", "goal"), rows
    )


def _training(entry: dict) -> str:
    figures = entry["figures"]

    def row(name: str, times: dict, goal: str) -> tuple:
        clock, processor = (f"{p50} / {p99}" for p50, p99 in (times["clock"], times["processor"]))
        return name, clock, processor, f"{times['second']:,}", goal

    rows = [
        row("a turn in the engine", figures["engine"], ""),
        row("a turn as the desk keeps it", figures["desk"], "p99 50 ms"),
        (f"growth of memory by {figures['runs']} runs", f"{figures['megabytes']} MB", "", "", "200 MB"),
        ("runs that replay to the same bytes", f"{figures['replayed']} of {figures['runs']}", "", "", "all"),
        (f"slowest refusal of {figures['hostile']} hostile files", "", figures["slowest"], "", "200 ms"),
    ]
    intro = (
        f"Milliseconds, median / 99th percentile, one turn after the other with {figures['runs']} runs live. "
        "As the desk keeps it: the moments of the run are read and folded, the turn is decided, one commit in SQLite adds it."
    )
    return _section("Role-play", entry, intro, ("", "clock", "processor", "a second", "goal"), rows)


PARTS = {
    "import": _importing,
    "arrival": _arrival,
    "scale": _scale,
    "views": _views,
    "fanout": _fanout,
    "beside": _beside,
    "chat": _chat,
    "footprint": _footprint,
    "clocks": _clocks,
    "upgrade": _upgrade,
    "waiting": _waiting,
    "training": _training,
    "webhooks": _webhooks,
}

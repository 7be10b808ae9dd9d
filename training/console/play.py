"""A run in the real console: begun, played by the replies that leave, told by messages that come in, and closed.

Each step can be done again: lines have external ids, a reply is a turn once (``ConsoleTurn``), the note is claimed.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from helpdesk.api import accounts, intake, messages, people, tables, tickets
from helpdesk.api.errors import Conflict, HelpdeskError, Invalid, NotFound, _
from helpdesk.api.i18n import LOCALES, gettext, reading
from helpdesk.api.text import digits
from helpdesk.api.tickets import Step, apply
from helpdesk.api.work import UnitOfWork, plugin_actor

from .. import practice
from ..engine import Run, events, load
from ..permissions import PRACTISE, REVIEW
from ..tables import ConsoleRun, ConsoleTurn, PracticeMoment, PracticeRun
from .channel import FORMS, Practice, pack

NAME = "Practice | تمرین"  # of its account, queue and team
FORM_OF = {"mail": "mail", "phone": "call"}  # by the scenario's channel; the others are chats
THREAD = "run-"
WATCHED = timedelta(days=1)  # so long a customer goes on waiting
AT_ONCE = 200  # runs of one sweep
MARK = {"fa": "%(name)s · تمرین", "en": "%(name)s · practice"}  # real customers never have this name


def begin(uow: UnitOfWork, hash_: str, lang: str, *, form: str = "", seed: int | None = None) -> ConsoleRun:
    """Begin a released scenario in the console, for whoever acts. The ticket comes as soon as intake has read it."""
    uow.actor.must(PRACTISE)
    uow.actor.must("tickets.write")
    if form and form not in FORMS:
        raise Invalid(_("Please choose chat, mail or call."))
    account(uow)
    run = practice.begin(uow, hash_, lang, seed=seed)
    form = form or FORM_OF.get(run.run.scenario.persona.channel, "chat")
    row = {"run_id": run.id, "ticket_id": None, "form": form, "told": 0, "closed": False, "at": uow.clock()}
    tables.insert(uow, ConsoleRun, **row)
    console = of_run(uow, run.id)
    tell(_itself(uow), console)
    return console


def account(uow: UnitOfWork) -> accounts.Account:
    """The account that practice comes by, with its queue and the team of those who review."""
    return accounts.ensure_simulated(_itself(uow), Practice.name, NAME, REVIEW)


def of_run(uow: UnitOfWork, run_id: int) -> ConsoleRun:
    """The console side of a run; NotFound for a run of the notebook."""
    row = uow.session.get(ConsoleRun, run_id, populate_existing=True)
    if row is None:
        raise NotFound()
    return row


def of_ticket(uow: UnitOfWork, ticket_id: int) -> ConsoleRun | None:
    """The run that a ticket is played by, if it is one."""
    return uow.session.scalar(select(ConsoleRun).where(ConsoleRun.ticket_id == ticket_id))


def turn(uow: UnitOfWork, thread: str, external_id: str) -> None:
    """Play a reply that leaves, as its writer wrote it (no signature), and let the customer answer. Conflict when two
    meet.
    """
    console = of_run(uow, _number(thread))
    if uow.session.get(ConsoleTurn, external_id, populate_existing=True) is None:
        mine = _player(uow, console)
        now, sent = practice.get(mine, console.run_id), messages.known_as(uow, account(uow).id, external_id)
        played = Step(tables.insert, ConsoleTurn, external_id=external_id, run_id=console.run_id)
        practice.reply(mine, console.run_id, now.version, sent.text if sent else "", besides=[played])
    settle(uow, console)


def settle(uow: UnitOfWork, console: ConsoleRun) -> None:
    """Tell what was not told yet, give the ticket to its trainee, and close what has ended."""
    place(uow, console)
    tell(uow, console)
    close(uow, console)


def tell(uow: UnitOfWork, console: ConsoleRun) -> None:
    """Hand the customer's lines since the last time over to intake, where they are stored first."""
    run_id, told = console.run_id, console.told
    query = select(PracticeMoment).where(PracticeMoment.run_id == run_id, PracticeMoment.number > told)
    new = [(m.number, m.events) for m in uow.session.scalars(query.order_by(PracticeMoment.number))]
    if not new:
        return
    run, to = practice.get(_player(uow, console), run_id).run, account(uow).id
    for number, recorded in new:
        said = [event for event in map(load, recorded) if isinstance(event, events.Said)]
        for place_, event in enumerate(said):
            line = _line(run, console, event, _external_id(run_id, number, place_))
            given = intake.RawMessage(str(line["id"]), pack(line), uow.clock(), conversation=str(line["thread"]))
            intake.take(uow, to, given)
    tables.update(uow, ConsoleRun, ConsoleRun.run_id == run_id, ConsoleRun.told < new[-1][0], told=new[-1][0])


def place(uow: UnitOfWork, console: ConsoleRun) -> None:
    """Give the ticket that the first line opened to whose run it is."""
    if console.ticket_id:
        return
    first = messages.known_as(uow, account(uow).id, _external_id(console.run_id, 1, 0))
    if first is None:
        return
    row = uow.session.get_one(PracticeRun, console.run_id)
    unplaced = (ConsoleRun.run_id == console.run_id, ConsoleRun.ticket_id.is_(None))
    try:
        apply(
            uow,
            [
                Step(tables.claim, ConsoleRun, *unplaced, ticket_id=first.ticket_id),
                Step(tickets.change, first.ticket_id, assignee_id=row.user_id),
            ],
        )
    except Conflict:
        return  # another worker did


def close(uow: UnitOfWork, console: ConsoleRun) -> None:
    """Write how the run ended on the ticket, for colleagues' eyes."""
    console = of_run(uow, console.run_id)
    row = uow.session.get_one(PracticeRun, console.run_id, populate_existing=True)
    if not row.end or console.closed or not console.ticket_id or not _all_filed(uow, console):
        return
    run = practice.get(_player(uow, console), console.run_id).run
    still_open = (ConsoleRun.run_id == console.run_id, ConsoleRun.closed.is_(False))
    note = Step(messages.note, console.ticket_id, ending(run))
    try:
        apply(uow, [Step(tables.claim, ConsoleRun, *still_open, closed=True), note])
    except Conflict:
        return  # another worker did


def _all_filed(uow: UnitOfWork, console: ConsoleRun) -> bool:
    """True when the customer's last line stands on the ticket."""
    query = select(PracticeMoment).where(PracticeMoment.run_id == console.run_id)
    for moment in uow.session.scalars(query.order_by(PracticeMoment.number.desc())):
        said = sum(event["kind"] == events.Said.kind for event in moment.events)
        if said:
            last = _external_id(console.run_id, moment.number, said - 1)
            return messages.known_as(uow, account(uow).id, last) is not None
    return True


def ending(run: Run) -> str:
    """How a run ended, in its own language."""
    found = next((one.title for one in run.scenario.endings if one.name == run.end), {})
    title = found.get(run.lang) or next(iter(found.values()), run.end)
    with reading(LOCALES[run.lang]):
        percent = digits(str(round(100 * run.score)), run.lang)
        return gettext("The practice is over: %(ending)s. It counts %(percent)s of 100.", ending=title, percent=percent)


def sweep(uow: UnitOfWork, _job: object = None) -> None:
    """Let customers who wait lose patience, and finish what a process that died left."""
    since = uow.clock() - WATCHED
    query = select(ConsoleRun.run_id).where(ConsoleRun.closed.is_(False), ConsoleRun.at > since)
    for run_id in list(uow.session.scalars(query.order_by(ConsoleRun.run_id.desc()).limit(AT_ONCE))):
        console = of_run(uow, run_id)
        try:
            if console.ticket_id:
                practice.wait(_player(uow, console), run_id)
            settle(uow, console)
        except HelpdeskError:
            continue  # whose run it is may have left, or lost the right


def filed(uow: UnitOfWork, message_id: int) -> None:
    """This line of a customer stands on a ticket now: give that to whose run it is, and close what has ended."""
    number = _number(str(messages.get(uow, message_id).details.get("thread", "")))
    console = uow.session.get(ConsoleRun, number) if number else None
    if console:
        place(uow, console)
        close(uow, console)


def _line(run: Run, console: ConsoleRun, event: events.Said, external_id: str) -> dict[str, str]:
    speaker = run.scenario.cast.get(event.who, run.scenario.persona)
    name = speaker.name.get(run.lang) or next(iter(speaker.name.values()))
    return {
        "id": external_id,
        "thread": f"{THREAD}{console.run_id}",
        "from": f"{run.scenario.id}.{run.lang}.{event.who}".rstrip("."),
        "name": MARK[run.lang] % {"name": name},
        "subject": run.scenario.title.get(run.lang, "") if console.form == "mail" else "",
        "text": event.text,
        "lang": run.lang,
        "form": console.form,
    }


def _number(thread: str) -> int:
    number = thread.removeprefix(THREAD)
    return (
        int(number) if thread.startswith(THREAD) and number.isascii() and number.isdigit() and len(number) < 19 else 0
    )


def _external_id(run_id: int, moment: int, place_: int) -> str:
    return f"{THREAD}{run_id}-{moment}-{place_}"


def _itself(uow: UnitOfWork) -> UnitOfWork:
    return uow.acting(plugin_actor("training"))


def _player(uow: UnitOfWork, console: ConsoleRun) -> UnitOfWork:
    row = uow.session.get_one(PracticeRun, console.run_id)
    return uow.acting(people.actor(uow, row.user_id))

"""Handing raw messages to the desk from the command line: to a desk that runs on this data folder, else straight into
the database.

A running desk listens on ``intake.sock`` in its data folder, so that two writers never contend for one SQLite file (law
7). A frame is four bytes of length and JSON; the raw bytes of a raw message follow its frame. Each load of raw messages
is answered when it is stored; the end is answered, where the other side waits, when every raw message has become
something.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import func, select

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.types import RawMessage as Received
from helpdesk.core.database import leases
from helpdesk.core.errors import HelpdeskError, NotFound, Unavailable, _, dump_message, load_message
from helpdesk.core.intake import attempts, intake, raw_worker, turns
from helpdesk.core.intake.frames import frame, read_exactly, read_frame
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.journal.models import Event
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.runtime import Runtime
from helpdesk.core.text import storable
from helpdesk.core.tickets.message_models import Message

from . import intake_client

log = logging.getLogger("hamdel.intake")
BATCH = 50
HEAVY = 32 * 1024 * 1024  # bytes
STATES = {"done": "messages", "duplicate": "duplicates", "report": "reports", "quarantined": "quarantined"}
EMPTY = {"received": 0, "messages": 0, "tickets": 0, "duplicates": 0, "reports": 0, "quarantined": 0}


def hand_over(
    runtime: Runtime, account: str, raw_messages: Iterable[Received], wait: bool = True, progress=lambda done: None
) -> dict:
    """Give raw messages to the account of this name; with ``wait`` return when each has become something, and say what.

    Counts: received messages tickets duplicates reports quarantined. They are history: nobody is written to because of
    them when ``wait`` is set. NotFound for an unknown account, Unavailable when they could not be stored.
    """
    connection = intake_client.connect(runtime.data_dir)
    if connection is None:
        return _bring_in(runtime, account, raw_messages, wait, progress)
    with connection, _gone_is_unavailable():
        intake_client.begin(connection, account, wait)
        done = 0
        for batch in _loads(raw_messages):
            load = ((each.external_id, each.at.isoformat(), each.raw) for each in batch)
            done += _checked(intake_client.store(connection, load))["stored"]
            progress(done)
        return _checked(intake_client.finish(connection))


@contextmanager
def _gone_is_unavailable() -> Iterator[None]:
    try:
        yield
    except (EOFError, ConnectionError):
        raise Unavailable(_("The desk went away before it had stored everything.")) from None


def _checked(answer: dict) -> dict:
    if "error" in answer:
        error = load_message(answer["error"])
        raise Unavailable(error.sentence, **error.values)
    return answer


def _is_answered(data_dir: Path) -> bool:
    """True when a process listens on the socket in this folder."""
    connection = intake_client.connect(data_dir)
    if connection:
        connection.close()
    return connection is not None


def _bring_in(runtime: Runtime, account: str, raw_messages: Iterable[Received], wait: bool, progress) -> dict:
    """Store a batch while the children read the one before and the one before that is written."""
    counts = dict(EMPTY)
    with runtime.uow() as uow:
        account_id = _account_id(uow, account)
        accepted, ahead = [], None
        for batch in _loads(raw_messages):
            accepted += intake.accept_many(uow, account_id, batch, imported=wait)
            following = raw_worker.start(uow, beside=ahead) if wait else None
            if ahead:
                raw_worker.finish(uow, ahead)
                progress(len(accepted))
            ahead = following
        if ahead:
            raw_worker.finish(uow, ahead)
        for part in _batches(accepted):
            if wait:
                _until_settled(uow, part, lambda: _work_on(uow))
            _add(counts, _became(uow, part, wait))
    return counts


def _work_on(uow: UnitOfWork) -> None:
    """Do what the loops of a running desk would do for raw messages."""
    leases.release_orphaned_leases(uow)
    attempts.quarantine_crashing(uow)
    raw_worker.drain(uow)
    raw_worker.work_slowly(uow)


def _account_id(uow: UnitOfWork, name: str, channel: str = "") -> int:
    name = storable(name)
    query = select(Account.id).where(Account.name == name)
    account_id = uow.session.scalar(query.where(Account.channel == storable(channel)) if channel else query)
    if account_id is None:
        raise NotFound(_("There is no account named %(name)s."), name=name)
    return account_id


def _became(uow: UnitOfWork, accepted: list[intake.Accepted], wait: bool) -> dict:
    """What these raw messages became; one that was there before counts as a duplicate."""
    counts = {**EMPTY, "received": len(accepted), "duplicates": sum(not a.new for a in accepted)}
    new = [a.id for a in accepted if a.new]
    if not wait or not new:
        return counts
    uow.session.rollback()
    for state, number in uow.session.execute(
        select(RawMessage.state, func.count()).where(RawMessage.id.in_(new)).group_by(RawMessage.state)
    ):
        if state in STATES:
            counts[STATES[state]] += number
    messages = select(Message.id).where(Message.raw_message_id.in_(new))
    opened = (
        select(func.count()).select_from(Event).where(Event.kind == "ticket.opened", Event.message_id.in_(messages))
    )
    counts["tickets"] = uow.session.scalar(opened)
    return counts


def _loads(raw_messages: Iterable[Received]) -> Iterator[list[Received]]:
    """RawMessages in loads of at most ``BATCH``, and of few bytes where they are heavy."""
    load, weight = [], 0
    for raw_message in raw_messages:
        load.append(raw_message)
        weight += len(raw_message.raw)
        if len(load) == BATCH or weight > HEAVY:
            yield load
            load, weight = [], 0
    if load:
        yield load


def _batches(items: Iterable) -> Iterator[list]:
    source = iter(items)
    while batch := list(islice(source, BATCH)):
        yield batch


def _add(counts: dict, more: dict) -> None:
    for name in counts:
        counts[name] += more.get(name, 0)


# The running desk's side -----------------------------------------------------------------------------------------


class IntakeSocket:
    """The desk's own socket for handed-over raw messages; another process on the same folder that has it already
    keeps it.
    """

    def __init__(self, runtime: Runtime):
        self.runtime = runtime
        self.path = runtime.data_dir / "intake.sock"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.ours = not _is_answered(runtime.data_dir)
        if self.ours:
            self._open()

    def _open(self) -> None:
        self.path.unlink(missing_ok=True)
        self.socket.bind(intake_client.short(self.path))
        self.path.chmod(0o600)
        self.socket.listen(16)
        threading.Thread(target=self._serve, daemon=True, name="handover").start()

    def close(self) -> None:
        """Take no more."""
        if self.ours:
            self.path.unlink(missing_ok=True)
        self.socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True, name="handover").start()

    def _one(self, connection: socket.socket) -> None:
        try:
            with connection, self.runtime.uow() as uow:
                self._take(uow, connection)
        except (EOFError, OSError):
            pass
        except Exception:
            log.exception("a hand-over failed")

    def _take(self, uow: UnitOfWork, connection: socket.socket) -> None:
        head = read_frame(connection)
        wait, load, accepted = head["wait"], [], []
        since = time.monotonic()
        while not (about := read_frame(connection)).get("end"):
            since = turns.give_turn(uow.runtime.pause_bulk, since)
            if not about.get("flush"):
                raw = read_exactly(connection, about["size"])
                load.append(Received(about["external_id"], raw, datetime.fromisoformat(about["at"])))
                continue
            try:
                account_id = _account_id(uow, head["account"], head.get("channel", ""))
                accepted += intake.accept_many(uow, account_id, load, imported=wait)
                answer = {"stored": len(load)}
            except HelpdeskError as error:
                answer = {"error": dump_message(error)}
            connection.sendall(frame(answer))
            load = []
        counts = dict(EMPTY)
        for part in _batches(accepted):
            if wait:
                _until_settled(uow, part)
            _add(counts, _became(uow, part, wait))
        connection.sendall(frame(counts))


def _until_settled(uow: UnitOfWork, accepted: list[intake.Accepted], work: Callable[[], None] = lambda: None) -> None:
    """Wait until these raw messages have become something, whoever claimed them; ``work`` is done meanwhile."""
    query = select(RawMessage.id).where(RawMessage.id.in_([a.id for a in accepted]), RawMessage.state == "new").limit(1)
    while uow.session.scalar(query) is not None:
        uow.session.rollback()
        work()
        time.sleep(0.02)

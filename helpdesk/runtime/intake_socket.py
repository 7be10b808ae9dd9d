"""Handing parcels to the desk from the command line: to a desk that runs on this data folder, else straight into the database.

A running desk listens on ``intake.sock`` in its data folder, so that two writers never contend for one SQLite file (law 7). A
frame is four bytes of length and JSON; the raw bytes of a parcel follow its frame. Each load of parcels is answered when it is
stored; the end is answered, where the other side waits, when every parcel has become something.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import func, select

from .core import intake, processing
from .core.channels import Parcel as Arrived
from .core.errors import HelpdeskError, NotFound, Unavailable, _
from .core.house import House
from .core.models import Account, Event, Message, Parcel
from .core.parsing import frame, read_exactly, read_frame

log = logging.getLogger("hamdel.handover")
BATCH = 50
HEAVY = 32 * 1024 * 1024  # bytes
STATES = {"done": "messages", "duplicate": "duplicates", "report": "reports", "quarantined": "quarantined"}
EMPTY = {"parcels": 0, "messages": 0, "tickets": 0, "duplicates": 0, "reports": 0, "quarantined": 0}


def hand_over(house: House, account: str, parcels: Iterable[Arrived], wait: bool = True, progress=lambda done: None) -> dict:
    """Give parcels to the account of this name; with ``wait`` return when each has become something, and say what.

    Counts: parcels messages tickets duplicates reports quarantined. They are history: nobody is written to because of them
    when ``wait`` is set. NotFound for an unknown account, Unavailable when they could not be stored.
    """
    connection = _running_desk(house.data_dir)
    if connection is None:
        return _bring_in(house, account, parcels, wait, progress)
    with connection:
        connection.sendall(frame({"account": account, "wait": wait}))
        done = 0
        for batch in _loads(parcels):
            for parcel in batch:
                head = {"external_id": parcel.external_id, "at": parcel.at.isoformat(), "size": len(parcel.raw)}
                connection.sendall(frame(head) + parcel.raw)
            connection.sendall(frame({"flush": True}))
            done += _answer(connection)["stored"]
            progress(done)
        connection.sendall(frame({"end": True}))
        return _answer(connection)


def _answer(connection: socket.socket) -> dict:
    try:
        answer = read_frame(connection)
    except (EOFError, OSError):
        raise Unavailable(_("The desk went away before it had stored everything.")) from None
    if "error" in answer:
        raise Unavailable(answer["error"])
    return answer


def _running_desk(data_dir: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(_short(data_dir / "intake.sock"))
    except OSError:
        connection.close()
        return None
    return connection


def _bring_in(house: House, account: str, parcels: Iterable[Arrived], wait: bool, progress) -> dict:
    """Store a batch while the children read the one before and the one before that is written."""
    counts = dict(EMPTY)
    with house.desk() as desk:
        account_id = _account_id(desk, account)
        accepted, ahead = [], None
        for parcels_now in _loads(parcels):
            accepted += intake.accept_many(desk, account_id, parcels_now, quiet=wait)
            following = processing.start(desk, beside=ahead) if wait else None
            if ahead:
                processing.finish(desk, ahead)
                progress(len(accepted))
            ahead = following
        if ahead:
            processing.finish(desk, ahead)
        if wait:
            processing.drain(desk)
        for part in _batches(accepted):
            _add(counts, _became(desk, part, wait))
    return counts


def _account_id(desk, name: str) -> int:
    account_id = desk.session.scalar(select(Account.id).where(Account.name == name))
    if account_id is None:
        raise NotFound(_("There is no account named %(name)s."), name=name)
    return account_id


def _became(desk, accepted: list[intake.Accepted], wait: bool) -> dict:
    """What these parcels became; one that was there before counts as a duplicate."""
    counts = {**EMPTY, "parcels": len(accepted), "duplicates": sum(not a.new for a in accepted)}
    new = [a.id for a in accepted if a.new]
    if not wait or not new:
        return counts
    desk.session.rollback()
    for state, number in desk.session.execute(select(Parcel.state, func.count()).where(Parcel.id.in_(new)).group_by(Parcel.state)):
        if state in STATES:
            counts[STATES[state]] += number
    messages = select(Message.id).where(Message.parcel_id.in_(new))
    opened = select(func.count()).select_from(Event).where(Event.kind == "ticket.opened", Event.message_id.in_(messages))
    counts["tickets"] = desk.session.scalar(opened)
    return counts


def _loads(parcels: Iterable[Arrived]) -> Iterator[list[Arrived]]:
    """Parcels in loads of at most ``BATCH``, and of few bytes where they are heavy."""
    load, weight = [], 0
    for parcel in parcels:
        load.append(parcel)
        weight += len(parcel.raw)
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


def _short(path: Path) -> str:
    """A socket's path may have 107 bytes; a long one is reached through this process's view of its folder."""
    if len(os.fsencode(path)) < 100:
        return str(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    return f"/proc/self/fd/{folder}/{path.name}"


# The running desk's side -----------------------------------------------------------------------------------------


class Door:
    """The desk's own socket for handed-over parcels."""

    def __init__(self, house: House):
        self.house = house
        self.path = house.data_dir / "intake.sock"
        self.path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(_short(self.path))
        self.path.chmod(0o600)
        self.socket.listen(16)
        threading.Thread(target=self._serve, daemon=True, name="handover").start()

    def close(self) -> None:
        """Take no more."""
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
            with connection, self.house.desk() as desk:
                self._take(desk, connection)
        except (EOFError, OSError):
            pass
        except Exception:
            log.exception("a hand-over failed")

    def _take(self, desk, connection: socket.socket) -> None:
        head = read_frame(connection)
        wait, load, accepted = head["wait"], [], []
        while not (about := read_frame(connection)).get("end"):
            if not about.get("flush"):
                raw = read_exactly(connection, about["size"])
                load.append(Arrived(about["external_id"], raw, datetime.fromisoformat(about["at"])))
                continue
            try:
                accepted += intake.accept_many(desk, _account_id(desk, head["account"]), load, quiet=wait)
                answer = {"stored": len(load)}
            except HelpdeskError as error:
                answer = {"error": str(error)}
            connection.sendall(frame(answer))
            load = []
        counts = dict(EMPTY)
        for part in _batches(accepted):
            if wait:
                _until_done(desk, [a.id for a in part])
            _add(counts, _became(desk, part, wait))
        connection.sendall(frame(counts))


def _until_done(desk, ids: list[int]) -> None:
    """Wait for the desk's own workers to get through these parcels."""
    query = select(Parcel.id).where(Parcel.id.in_(ids), Parcel.state == "new").limit(1)
    while desk.session.scalar(query) is not None:
        desk.session.rollback()
        time.sleep(0.02)

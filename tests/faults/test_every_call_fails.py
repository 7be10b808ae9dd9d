"""While one mail is taken in, the k-th call to the database, to a file or to a socket fails, for every k (check D02).

After the failure, with everything working again, the mail is absent and taken from its source again, or complete: never half.
"""

from __future__ import annotations

import os
import socket
import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, func, select

from helpdesk.core import intake, processing
from helpdesk.core.channels import Parcel as Arrived
from helpdesk.core.models import Attachment, Event, Message, MessageText, Parcel, Ticket

MAIL = (
    b"From: Mina <mina@customer.example>\r\nTo: support@desk.example\r\nSubject: Late parcel\r\nMessage-ID: <1@customer.example>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nWhere is it?\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=big.bin\r\n\r\n"
    + b"x" * 90_000
    + b"\r\n--b--\r\n"
)


class Broken(OSError, sqlite3.OperationalError):
    """What a disk, a database or a socket throws when it gives up."""


class Breaker:
    """Counts calls and lets the k-th fail, once."""

    def __init__(self, k: int):
        self.k, self.calls = k, 0

    def __call__(self):
        self.calls += 1
        if self.calls == self.k:
            raise Broken("injected")

    @property
    def struck(self) -> bool:
        return self.calls >= self.k


def take_in(desk, account_id: int) -> None:
    """What a poll and the workers do: store, then work off; a failure leaves the source to try again."""
    intake.accept(desk, account_id, Arrived("inbox:1:1", MAIL, datetime.now(UTC)))
    processing.drain(desk)


def recover(house, account_id: int) -> None:
    with house.desk() as desk:
        take_in(desk, account_id)
        desk.session.rollback()


def assert_complete(house) -> None:
    with house.desk() as desk:
        def count(model):
            return desk.session.scalar(select(func.count()).select_from(model))

        parcel = desk.session.scalars(select(Parcel)).one()
        assert parcel.state == "done", parcel.reason
        assert {m.__name__: count(m) for m in (Parcel, Ticket, Message, MessageText, Attachment)} == {
            "Parcel": 1, "Ticket": 1, "Message": 1, "MessageText": 1, "Attachment": 1,
        }
        assert [e.kind for e in desk.session.scalars(select(Event).where(Event.ticket_id.is_not(None)))] == ["ticket.opened"]
        attachment = desk.session.scalars(select(Attachment)).one()
        assert len(house.blobs.get(attachment.sha256)) == 90_000


def run(house, account_id: int, breaker: Breaker) -> None:
    try:
        with house.desk() as desk:
            take_in(desk, account_id)
    except (Broken, sqlite3.OperationalError):
        pass
    except Exception as error:
        assert "injected" in str(error), error


def every_k(make_house, install, shared: bool = False) -> int:
    """Run with k = 1, 2, 3 … until nothing is left to break; returns how many calls there were."""
    k = 0
    while True:
        k += 1
        house, account_id = make_house(shared)
        breaker = Breaker(k)
        remove = install(house, breaker)
        try:
            run(house, account_id, breaker)
        finally:
            remove()
        recover(house, account_id)
        assert_complete(house)
        if not shared:
            house.parser.close()
        house.engine.dispose()
        if not breaker.struck:
            return k - 1


def test_every_database_call(fresh_house):
    def install(house, breaker):
        def before(connection, cursor, statement, parameters, context, executemany):
            breaker()

        event.listen(house.engine, "before_cursor_execute", before)
        return lambda: event.remove(house.engine, "before_cursor_execute", before)

    assert every_k(fresh_house, install, shared=True) > 20


def test_every_commit(fresh_house):
    def install(house, breaker):
        def before(connection):
            breaker()

        event.listen(house.engine, "commit", before)
        return lambda: event.remove(house.engine, "commit", before)

    assert every_k(fresh_house, install, shared=True) >= 3


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
def test_every_file_call(fresh_house, monkeypatch, call):
    real = getattr(os, call)

    def install(house, breaker):
        def broken(*given, **named):
            if str(house.data_dir) in repr(given) or call == "fsync":
                breaker()
            return real(*given, **named)

        monkeypatch.setattr(os, call, broken)
        return lambda: monkeypatch.setattr(os, call, real)

    assert every_k(fresh_house, install) >= 1


@pytest.mark.parametrize("call", ["sendall", "recv_into"])
def test_every_socket_call(fresh_house, monkeypatch, call):
    """The sockets here lead to the parsing child."""
    class Faulty(socket.socket):
        breaker = Breaker(0)

        def sendall(self, *given):
            if call == "sendall":
                Faulty.breaker()
            return super().sendall(*given)

        def recv_into(self, *given):
            if call == "recv_into":
                Faulty.breaker()
            return super().recv_into(*given)

    real = socket.socketpair

    def install(house, breaker):
        Faulty.breaker = breaker

        def pair():
            ours, theirs = real()
            return Faulty(fileno=ours.detach()), theirs

        monkeypatch.setattr(socket, "socketpair", pair)
        return lambda: monkeypatch.setattr(socket, "socketpair", real)

    assert every_k(fresh_house, install) >= 1

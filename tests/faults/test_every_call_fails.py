"""While one mail is taken in and answered, the k-th call of a database cursor or to a file fails, for every k (check D02).

Each failure comes in two ways: the call is not made, or it is made and its answer lost. After it, with everything working again,
the mail is absent and taken from its source again, or complete: never half. Nor is the mail blamed for it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import event

from helpdesk.core.models import Parcel
from helpdesk.core.parsing import ParserPool
from helpdesk.testing.sizes import size

sys.path.insert(0, str(Path(__file__).parent))  # for the modules beside us

import breaking  # noqa: E402
from breaking import INJECTED, Breaker, Files  # noqa: E402
from corridor import assert_complete, recover, walk  # noqa: E402

ways = pytest.mark.parametrize("after", [False, True], ids=["not made", "not answered"])


def run(house, account_id: int) -> None:
    """Until something breaks; nothing but what was injected may break."""
    try:
        with house.desk() as desk:
            walk(desk, account_id)
    except Exception as error:
        assert INJECTED in str(error), error


def every_k(make_house, world, break_it, after: bool, progress, step: int = 1, counted: int = 1) -> int:
    """Break the calls number 1, 1 + step, … until nothing is left to break; returns how many calls there were."""
    k = 1
    while True:
        progress(f"call {k}")
        world.received.clear()
        house, account_id = make_house()
        breaker = Breaker(k, after)
        mend = break_it(house, breaker)
        try:
            run(house, account_id)
        finally:
            mend()
        recover(house, account_id)
        assert_complete(house, world)
        with house.desk() as desk:
            assert desk.session.query(Parcel).one().attempts <= counted, "the mail had no part in it"
        house.engine.dispose()
        if not breaker.struck:
            return k
        k += step


def broken_database(house, breaker):
    connect = getattr(breaking, house.engine.dialect.name)(breaker)
    house.engine.dispose()
    event.listen(house.engine, "do_connect", connect)

    def mend():
        event.remove(house.engine, "do_connect", connect)
        house.engine.dispose()

    return mend


@ways
def test_every_call_to_sqlite(fresh_house, world, after, progress):
    assert every_k(lambda: fresh_house(shared=True), world, broken_database, after, progress, size(5, 1)) > 100


@ways
def test_every_call_to_postgresql(fresh_house, world, postgres_server, after, progress):
    names = []

    def make():
        names.append(f"k{uuid4().hex[:12]}")
        postgres_server.psql(f"CREATE DATABASE {names[-1]}")
        return fresh_house(shared=True, url=postgres_server.get_uri(database=names[-1]))

    assert every_k(make, world, broken_database, after, progress, size(25, 1)) > 100
    for name in names:
        postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE)")


@ways
@pytest.mark.parametrize("call", breaking.FILES)
def test_every_file_call_of_the_desk(fresh_house, world, call, after, progress):
    """What the desk itself stores and reads: the mail is larger than a row takes."""

    def break_it(house, breaker):
        return Files(house.blobs.folder, call, breaker).mend

    assert every_k(fresh_house, world, break_it, after, progress, counted=2 if call == "read" else 1) > 1


@ways
@pytest.mark.parametrize("call", [call for call in breaking.FILES if call != "read"])
def test_every_file_call_of_the_reader(fresh_house, world, call, after):
    """What a parsing child stores: its attachments."""
    struck = 0
    for k in range(1, 10):
        world.received.clear()
        house, account_id = fresh_house()
        command = [sys.executable, str(Path(__file__).with_name("failing_reader.py")), json.dumps([str(house.blobs.folder), call, k, after])]
        house.parser.close()
        house.parser = ParserPool(house.parser.environment, command)
        recover(house, account_id)
        house.parser.close()
        assert_complete(house, world)
        with house.desk() as desk:
            attempts = desk.session.query(Parcel).one().attempts
        assert attempts <= 2, "one failure, one more try"
        struck += attempts - 1
        if attempts == 1:
            break
    assert struck or (call, after) == ("mkdir", True), "a folder that is there all the same is no fault"

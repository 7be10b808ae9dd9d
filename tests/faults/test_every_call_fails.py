"""While one mail is taken in and answered, the k-th call of a database cursor or to a file fails, for every k (check
D02).

Each failure comes in two ways: the call is not made, or it is made and its answer lost. After it, with everything
working again, the mail is absent and taken from its source again, or complete: never half. Nor is the mail blamed for
it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import event

from helpdesk.core.intake.models import RawMessage
from helpdesk.core.intake.parser_pool import ParserPool
from helpdesk.testing.sizes import size

sys.path.insert(0, str(Path(__file__).parent))  # for the modules beside us

import breaking  # noqa: E402
from breaking import INJECTED, Breaker, Files  # noqa: E402
from corridor import assert_complete, recover, walk  # noqa: E402

ways = pytest.mark.parametrize("after", [False, True], ids=["not made", "not answered"])


def run(runtime, account_id: int) -> None:
    """Until something breaks; nothing but what was injected may break."""
    try:
        with runtime.uow() as uow:
            walk(uow, account_id)
    except Exception as error:
        assert INJECTED in str(error), error


def every_k(make_runtime, world, break_it, after: bool, progress, step: int = 1, counted: int = 1) -> int:
    """Break the calls number 1, 1 + step, … until nothing is left to break; returns how many calls there were."""
    k = 1
    while True:
        progress(f"call {k}")
        world.received.clear()
        runtime, account_id = make_runtime()
        breaker = Breaker(k, after)
        mend = break_it(runtime, breaker)
        try:
            run(runtime, account_id)
        finally:
            mend()
        recover(runtime, account_id)
        assert_complete(runtime, world)
        with runtime.uow() as uow:
            assert uow.session.query(RawMessage).one().attempts <= counted, "the mail had no part in it"
        runtime.engine.dispose()
        if not breaker.struck:
            return k
        k += step


def broken_database(runtime, breaker):
    connect = getattr(breaking, runtime.engine.dialect.name)(breaker)
    runtime.engine.dispose()
    event.listen(runtime.engine, "do_connect", connect)

    def mend():
        event.remove(runtime.engine, "do_connect", connect)
        runtime.engine.dispose()

    return mend


@ways
def test_every_call_to_sqlite(fresh_runtime, world, after, progress):
    assert every_k(lambda: fresh_runtime(shared=True), world, broken_database, after, progress, size(5, 1)) > 100


@ways
def test_every_call_to_postgresql(fresh_runtime, world, postgres_server, after, progress):
    names = []

    def make():
        names.append(f"k{uuid4().hex[:12]}")
        postgres_server.psql(f"CREATE DATABASE {names[-1]}")
        return fresh_runtime(shared=True, url=postgres_server.get_uri(database=names[-1]))

    assert every_k(make, world, broken_database, after, progress, size(25, 1)) > 100
    for name in names:
        postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE)")


@ways
@pytest.mark.parametrize("call", breaking.FILES)
def test_every_file_call_of_the_desk(fresh_runtime, world, call, after, progress):
    """What the desk itself stores and reads: the mail is larger than a row takes."""

    def break_it(runtime, breaker):
        return Files(runtime.blobs.folder, call, breaker).mend

    assert every_k(fresh_runtime, world, break_it, after, progress, counted=2 if call == "read" else 1) > 1


@ways
@pytest.mark.parametrize("call", [call for call in breaking.FILES if call != "read"])
def test_every_file_call_of_the_reader(fresh_runtime, world, call, after):
    """What a parsing child stores: its attachments."""
    struck = 0
    for k in range(1, 10):
        world.received.clear()
        runtime, account_id = fresh_runtime()
        command = [
            sys.executable,
            str(Path(__file__).with_name("failing_reader.py")),
            json.dumps([str(runtime.blobs.folder), call, k, after]),
        ]
        runtime.parser.close()
        runtime.parser = ParserPool(runtime.parser.environment, command)
        recover(runtime, account_id)
        runtime.parser.close()
        assert_complete(runtime, world)
        with runtime.uow() as uow:
            attempts = uow.session.query(RawMessage).one().attempts
        assert attempts <= 2, "one failure, one more try"
        struck += attempts - 1
        if attempts == 1:
            break
    assert struck or (call, after) == ("mkdir", True), "a folder that is there all the same is no fault"

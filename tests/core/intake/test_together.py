"""What several push at the same moment is one commit; one that fails or breaks off stops nobody else."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select

from helpdesk.core.channels.types import RawMessage
from helpdesk.core.database.base import utcnow
from helpdesk.core.errors import TryAgain
from helpdesk.core.intake import together
from helpdesk.core.intake.models import RawMessage as Row
from helpdesk.testing import Letters, front_desk, small_runtime

PUSHES = 12


@pytest.fixture
def desk(tmp_path):
    runtime = small_runtime(tmp_path, Letters)
    with runtime.uow() as uow:
        runtime.account = front_desk(uow, "letters")
    yield runtime
    runtime.engine.dispose()


def push(desk, number, account=None):
    with desk.uow() as uow:
        raw = RawMessage(f"m{number}", b"x", utcnow())
        return together.accept(uow, account or desk.account, [raw])[0]


@pytest.fixture
def at_once(desk, monkeypatch):
    """at_once(*acts) runs them in threads; the first leads once all the others wait."""

    def run(*acts):
        group = together.GROUPS.setdefault(desk.engine, together.Group())

        def sleep(_seconds):
            ends.wait(10)

        ends = threading.Event()
        monkeypatch.setattr(together.time, "sleep", sleep)
        with ThreadPoolExecutor(len(acts)) as pool:
            results = [pool.submit(act) for act in acts]
            while len(group.waiting) < len(acts):
                ends.wait(0.01)
            ends.set()
            return [result.exception() or result.result() for result in results]

    return run


def kept(desk):
    with desk.uow() as uow:
        return set(uow.session.scalars(select(Row.external_id)))


@pytest.mark.clock
def test_what_is_pushed_together_is_one_commit(desk, at_once):
    commits = []
    event.listen(desk.engine, "commit", lambda connection: commits.append(1))
    stored = at_once(*(lambda number=number: push(desk, number) for number in range(PUSHES)))
    assert len(commits) == 1 and all(one.new for one in stored) and len({one.id for one in stored}) == PUSHES
    assert kept(desk) == {f"m{number}" for number in range(PUSHES)}
    again = push(desk, 3)
    assert (again.id, again.new) == (stored[3].id, False)


@pytest.mark.clock
def test_one_that_fails_fails_alone(desk, at_once):
    wrong = at_once(lambda: push(desk, 1), lambda: push(desk, 2, account=999), lambda: push(desk, 3))
    assert [isinstance(one, Exception) for one in wrong] == [False, True, False]
    assert kept(desk) == {"m1", "m3"}


@pytest.mark.clock
def test_who_breaks_off_leaves_the_lead_to_the_next(desk, monkeypatch):
    class Killed(BaseException):
        pass

    def die(_seconds):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(together.time, "sleep", die)
        with pytest.raises(Killed):
            push(desk, 1)
    assert push(desk, 2).new and kept(desk) == {"m2"}


@pytest.mark.clock
def test_who_waits_too_long_is_told_to_come_again(desk, monkeypatch):
    monkeypatch.setattr(together, "PATIENCE", 0.05)
    group = together.GROUPS.setdefault(desk.engine, together.Group())
    group.led = True  # somebody leads and does not come to an end
    with pytest.raises(TryAgain):
        push(desk, 1)
    assert group.waiting == [] and kept(desk) == set()


@pytest.mark.clock
@pytest.mark.parametrize(("size", "rows", "commits"), [(1, 1, 1), (1, 60, 3), (60_000, 7, 2)])
def test_one_commit_holds_so_much_and_the_rest_is_the_next(desk, at_once, size, rows, commits):
    made = []
    event.listen(desk.engine, "commit", lambda connection: made.append(1))

    def bring(number):
        with desk.uow() as uow:
            raw = [RawMessage(f"m{number}-{one}", b"x" * size, utcnow()) for one in range(rows)]
            return together.accept(uow, desk.account, raw)

    stored = at_once(*(lambda number=number: bring(number) for number in range(3)))
    assert [len(one) for one in stored] == [rows] * 3 and len(kept(desk)) == 3 * rows
    assert len(made) == commits


@pytest.mark.clock
def test_a_connection_that_breaks_while_joining_stops_nobody_else(desk, monkeypatch):
    monkeypatch.setattr(together, "PATIENCE", 0.05)
    with desk.uow() as uow:
        with monkeypatch.context() as patched, pytest.raises(ConnectionError):
            patched.setattr(type(uow.session), "rollback", broken)
            together.accept(uow, desk.account, [RawMessage("m1", b"x", utcnow())])
    assert push(desk, 2).new and kept(desk) == {"m2"}


def broken(_session):
    raise ConnectionError

"""What clocks cost: a statement or two for a mail, none for a page of the queue."""

from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event

from helpdesk.core.database.rows import add_many
from helpdesk.core.sla.models import Clock
from helpdesk.core.tickets import ticket_lists


@contextmanager
def counted(engine):
    """The statements that are sent meanwhile."""
    found = []

    def note(_connection, _cursor, statement, *_more):
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_mail_costs_one_statement_more_and_a_further_one_two(desk):
    def cost(**given):
        with counted(desk.runtime.engine) as found:
            desk.letter(**given)
        return len(found)

    desk.letter()
    with_clocks = cost(references=["a"]), cost(references=["a"])
    kinds = dict(desk.runtime.clocks)
    desk.runtime.clocks.clear()
    without = cost(references=["b"]), cost(references=["b"])
    desk.runtime.clocks.update(kinds)
    assert with_clocks[0] - without[0] == 1
    assert with_clocks[1] - without[1] <= 2


def test_the_queue_asks_no_clock(desk):
    """A page of the queue costs the same statements beside no clock and beside ten thousand."""
    desk.letter()
    desk.tell()
    with counted(desk.runtime.engine) as few:
        ticket_lists.page(desk.as_agent, "all")
    row = {
        "ticket_id": 1,
        "state": "met",
        "revision": 0,
        "started_at": desk.now,
        "spans": [],
        "used": 0,
        "reasons": {},
        "ended_at": desk.now + timedelta(hours=1),
    }
    with desk.uow.writing() as session:
        add_many(session, Clock, [{**row, "name": f"other_{number}"} for number in range(10_000)])
    with counted(desk.runtime.engine) as many:
        ticket_lists.page(desk.as_agent, "all")
    assert len(many) == len(few) and not any("clock" in statement for statement in many)

"""When the database stumbles for a moment nobody is blamed and nothing is skipped: the same is done again (TRUST
D06).
"""

from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.outbox import outbox, replies
from helpdesk.testing import Letters, letter


@contextmanager
def stumbling(flow, words: str):
    """Inside, statements with these words fail as they do when the line to the database breaks."""

    def fail(_connection, _cursor, statement, *_rest):
        if words in statement:
            raise OperationalError(statement, {}, ConnectionError("gone"), connection_invalidated=True)

    event.listen(flow.runtime.engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(flow.runtime.engine, "before_cursor_execute", fail)


def blamed(flow) -> list:
    return [plugin.name for plugin in flow.runtime.hooks.plugins.values() if plugin.faults]


def test_what_a_plugin_could_not_do_it_is_told_again(flow):
    flow.tell()
    flow.write("Hello")
    with stumbling(flow, "INSERT INTO automatic_send"), pytest.raises(OperationalError):
        flow.tell()
    assert blamed(flow) == []
    flow.tell()
    flow.send()
    assert [sent.automatic for sent in Letters.posted] == [True]


def test_a_raw_message_that_could_not_be_written_is_not_counted_against(flow):
    intake.accept(flow.uow, flow.account, letter("Hello"))
    for _time in range(5):
        with stumbling(flow, "INSERT INTO message "), pytest.raises(OperationalError):
            raw_worker.drain(flow.uow)
    assert flow.session.query(RawMessage).one().attempts == 0
    raw_worker.drain(flow.uow)
    assert flow.session.query(RawMessage).one().state == "done"
    assert len(flow.messages()) == 1


def test_a_delivery_that_could_not_be_read_is_neither_failed_nor_late(flow):
    flow.write("Hello")
    replies.reply(flow.as_agent, 1, "Hello!")
    with stumbling(flow, "FROM attachment"), pytest.raises(OperationalError):
        flow.send()
    assert blamed(flow) == []
    outbox.release_own_leases(flow.uow)
    flow.send()
    assert (flow.deliveries()[0].state, len(Letters.posted)) == ("sent", 1)

"""What is true for a moment reaches the consoles of every process, whichever process it came to (DESIGN §4)."""

from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from helpdesk.core.channels.types import RawMessage
from helpdesk.core.database.rows import add
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.live import rooms
from helpdesk.core.tickets import signals
from helpdesk.core.tickets.models import ConversationThread, Ticket
from helpdesk.testing.sockets import Console

pytestmark = pytest.mark.clock
MAIL = b"From: c@customer.example\r\nSubject: Late\r\n\r\nHello"


@pytest.fixture
def place(either):
    """A ticket that is reached by the thread "chat-7", and the rooms of those who see it."""
    with either.runtime.uow() as uow:
        intake.accept(uow, either.account, RawMessage("1", MAIL, datetime.now(UTC)))
        raw_worker.drain(uow)
        with uow.writing() as session:
            add(session, ConversationThread, account_id=either.account, thread_key="chat-7", ticket_id=1)
        ticket = uow.session.get_one(Ticket, 1)
        return rooms(ticket.queue_id, ticket.assignee_id)


def test_a_signal_and_what_a_plugin_emits_reach_the_consoles_of_two_web_processes(either, place):
    """They come from a third process, as a worker is one: this."""
    with ExitStack() as closing:
        webs = [either.web() for _ in range(2)]
        for web in webs:
            closing.callback(web.kill)
        consoles = [Console(web.port, either.cookie()) for web in webs]
        for console in consoles:
            closing.callback(console.close)
            console.ask("subscribe", {"since": 0})
        with either.runtime.uow() as uow:
            signals.show(uow, either.account, "chat-7", "typing")
        either.runtime.live.tell("/desk", "board", {"stars": 3}, place)
        for console in consoles:
            console.until(lambda console=console: len(told(console)) == 2)
            assert told(console) == [("signal", {"ticket": 1, "kind": "typing"}), ("board", {"stars": 3})]


def told(console) -> list:
    return [each for each in console.events if each[0] in ("signal", "board")]

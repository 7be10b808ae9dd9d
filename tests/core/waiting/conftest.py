"""A desk whose line has two kinds, and people whose consoles are open."""

from datetime import timedelta

import pytest

from helpdesk.core.settings.registry import write
from helpdesk.core.waiting import line, offers, states
from helpdesk.core.waiting.kinds import WaitingKind
from helpdesk.core.waiting.settings import group_for


class Line:
    """A queue with tickets that wait on it."""

    def __init__(self, small):
        self.small, self.uow = small, small.uow
        small.runtime.waiting_kinds.clear()
        kinds = [WaitingKind("talk", "Talk", capacity=2), WaitingKind("ring", "Ring", capacity=1, alone=True)]
        small.runtime.waiting_kinds.register("core", [*kinds, WaitingKind("still", "Still", ring=False)])
        small.runtime.settings["waiting"] = group_for(small.runtime.waiting_kinds.values())
        self.queue = small.queue()
        self.account = small.account(self.queue)

    def agent(self, name="Sara", queues=None, **more):
        """Somebody of the queue whose console is open."""
        user = self.small.user(name, queues=[self.queue] if queues is None else queues, **more)
        states.seen(self.uow, [user.id])
        return user

    def joins(self, kind="talk", ticket=None, **more):
        """Somebody joins; the entry."""
        ticket = ticket or self.small.plain_ticket(self.account)
        return line.join(self.uow, kind, ticket.id, label="Mina", **more)

    def later(self, seconds, *seen):
        """Time goes by, with the consoles of these people open; then the sweep looks."""
        self.small.now += timedelta(seconds=seconds)
        if seen:
            states.seen(self.uow, [user.id for user in seen])
        while offers.note_due(self.uow):
            pass

    def settings(self, **changed):
        """Change settings of the line."""
        write(self.uow, "waiting", changed)

    def told(self, kind):
        """The data of the journal's entries of this kind."""
        return [event.data for event in self.small.events(f"waiting.{kind}")]


@pytest.fixture
def desk(small):
    """The line of a small desk."""
    return Line(small)

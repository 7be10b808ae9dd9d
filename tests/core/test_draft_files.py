"""Files of drafts: they live on the server with the draft, go with its message, come back with it, and follow a
merge.
"""

from datetime import timedelta

import pytest

from helpdesk.core.channels.address_types import File
from helpdesk.core.errors import Invalid, NotFound
from helpdesk.core.outbox import replies
from helpdesk.core.tickets import draft_files, drafts, merge
from helpdesk.core.tickets.message_models import Attachment
from helpdesk.core.tickets.models import Draft, DraftFile


@pytest.fixture
def account(small):
    return small.account(small.queue())


@pytest.fixture
def ticket(small, account):
    return small.ticket(account)


@pytest.fixture
def another(small, account):
    return small.ticket(account, subject="Another")


@pytest.fixture
def uow(small, ticket):
    """The desk of an agent who answers the ticket's queue."""
    return small.as_(small.user(queues=[ticket.queue]))


@pytest.fixture
def colleague(small, ticket):
    return small.as_(small.user("Kian", queues=[ticket.queue]))


@pytest.fixture
def stranger(small):
    return small.as_(small.user("Omid", queues=[small.queue()]))


BILL = File("bill.pdf", "application/pdf", b"%PDF-1.4")


def names(uow, ticket_id, mode="reply"):
    return [file.name for file in draft_files.listed(uow, ticket_id, mode)]


def test_files_of_a_draft_wait_with_it_and_leave_with_its_message(uow, ticket, colleague):
    draft_files.add(uow, ticket.id, "reply", BILL)
    draft_files.add(uow, ticket.id, "note", File("دو.txt", content=b"two"))
    assert names(uow, ticket.id) == ["bill.pdf"] and names(colleague, ticket.id) == []
    assert drafts.drafted_tickets(uow) == [ticket.id], "a draft of files alone is a draft"
    drafts.save(uow, ticket.id, "reply", "  ")
    assert [row.name for row in drafts.load(uow, ticket.id)["files"]["reply"]] == ["bill.pdf"]
    message = replies.reply(
        uow, ticket.id, "Here it is.", undo=10, files=draft_files.for_message(uow, ticket.id, "reply")
    )
    assert [file.name for file in message.files] == ["bill.pdf"] and uow.blobs.get(
        message.files[0].sha256
    ) == BILL.content
    assert names(uow, ticket.id) == [] and names(uow, ticket.id, "note") == ["دو.txt"]
    replies.undo(uow, message.id)
    assert names(uow, ticket.id) == ["bill.pdf"]


def test_a_file_that_comes_while_its_message_leaves_stays_with_the_draft(uow, ticket):
    draft_files.add(uow, ticket.id, "reply", BILL)
    files = draft_files.for_message(uow, ticket.id, "reply")
    draft_files.add(uow, ticket.id, "reply", File("late.txt", content=b"late"))
    replies.reply(uow, ticket.id, "Here it is.", files=files)
    assert names(uow, ticket.id) == ["late.txt"] and drafts.load(uow, ticket.id)["reply"] == ""


def test_a_file_is_taken_out_by_its_owner_alone(uow, ticket, colleague):
    file = draft_files.add(uow, ticket.id, "reply", BILL)
    with pytest.raises(NotFound):
        draft_files.remove(colleague, file.id)
    draft_files.remove(uow, file.id)
    assert names(uow, ticket.id) == [] and uow.session.query(Draft).count() == 0


def test_files_are_bounded_in_number_and_bytes_for_drafts_and_messages(uow, ticket, monkeypatch):
    monkeypatch.setattr(draft_files, "LARGEST", 100)
    draft_files.add(uow, ticket.id, "reply", File("half", content=b"x" * 60))
    with pytest.raises(Invalid, match="MB"):
        draft_files.add(uow, ticket.id, "reply", File("other half", content=b"x" * 41))
    with pytest.raises(Invalid, match="MB"):
        replies.reply(uow, ticket.id, "Too much", files=[File("all", content=b"x" * 101)])
    for number in range(draft_files.MOST - 1):
        draft_files.add(uow, ticket.id, "reply", File(f"{number}", content=b"."))
    with pytest.raises(Invalid, match="files at most"):
        draft_files.add(uow, ticket.id, "reply", File("one more", content=b"."))
    with pytest.raises(Invalid, match="files at most"):
        replies.note(uow, ticket.id, "Too many", files=[File(f"{number}", content=b".") for number in range(21)])


def test_files_of_a_draft_follow_a_merge(uow, ticket, another):
    draft_files.add(uow, ticket.id, "reply", BILL)
    draft_files.add(uow, another.id, "reply", File("own.txt", content=b"own"))
    merge.merge(uow, ticket.id, another.id)
    assert sorted(names(uow, another.id)) == ["bill.pdf", "own.txt"] and names(uow, ticket.id) == []
    assert another.id in drafts.drafted_tickets(uow)


@pytest.mark.clock
def test_files_of_drafts_left_alone_for_months_are_forgotten(uow, ticket, another):
    draft_files.add(uow, ticket.id, "reply", BILL)
    draft_files.add(uow, another.id, "note", BILL)
    later = uow.clock() + draft_files.KEPT + timedelta(days=1)
    uow.clock = lambda: later
    drafts.save(uow, another.id, "note", "still here")
    assert draft_files.forget_old(uow) == 1
    assert [row.ticket_id for row in uow.session.query(DraftFile)] == [another.id]


def test_a_draft_takes_no_file_where_nobody_may_write(stranger, ticket):
    with pytest.raises(NotFound):
        draft_files.add(stranger, ticket.id, "reply", BILL)
    assert stranger.session.query(Attachment).count() == 0

"""What the desk says: to whom, when, once; taking it back; sending again; drafts; and who may not."""

from datetime import timedelta

import pytest

from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.database.base import NEVER
from helpdesk.core.errors import Conflict, Forbidden, Invalid, NotFound
from helpdesk.core.outbox import automatic, normal_form, outbox, replies
from helpdesk.core.people.models import Identity
from helpdesk.core.tickets import drafts, merge, tickets, timeline, tokens
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Draft, Participant, Ticket


@pytest.fixture
def shop(small):
    """(small, the agent's desk, a ticket of the agent's queue)"""
    queue = small.queue("Orders")
    return small, small.as_(small.user("Sara", queues=[queue])), small.ticket(small.account(queue))


def delivery_of(small, message) -> Delivery:
    return small.session.query(Delivery).filter_by(message_id=message.id).populate_existing().one()


def test_a_reply_is_a_message_and_a_delivery(shop):
    small, uow, ticket = shop
    message = replies.reply(uow, ticket.id, "It is on\r\nits way.\x00")
    assert (message.kind, message.text, message.author, message.user_id) == (
        "out",
        "It is on\nits way.",
        "Sara",
        uow.actor.user_id,
    )
    delivery = delivery_of(small, message)
    assert delivery.to == [{"kind": "postal", "value": "mina@post.example", "name": "Mina"}]
    assert (delivery.state, delivery.subject, delivery.account_id) == ("queued", ticket.subject, ticket.account_id)
    assert (ticket.status, ticket.target_at, ticket.assignee_id, ticket.unread) == (
        "waiting",
        NEVER,
        uow.actor.user_id,
        0,
    )
    assert (ticket.last_message_id, ticket.preview) == (message.id, "It is on its way.")
    (event,) = small.events("reply.queued")
    assert (event.data["before"]["status"], event.data["after"]["status"]) == ("open", "waiting")


def test_its_id_is_signed_for_who_it_is_written_to(shop):
    small, uow, ticket = shop
    message = replies.reply(uow, ticket.id, "Yes")
    signed = message.external_id.split(".")[0]
    ticket_id, identity_id = tokens.verify(uow.secrets, signed)
    assert ticket_id == ticket.id and small.session.get(Identity, identity_id).address == "mina@post.example"
    assert (
        message.external_id.endswith("@post.example") and delivery_of(small, message).external_id == message.external_id
    )
    answer = small.arrives(ticket.account, sender="mina", references=[message.external_id])
    assert answer.ticket_id == ticket.id and not answer.unverified


def test_it_goes_to_whoever_is_known_and_wrote_last(shop):
    small, uow, ticket = shop
    first = small.session.query(Message).filter_by(ticket_id=ticket.id).one()
    small.arrives(ticket.account, sender="eve", references=[first.external_id])
    assert delivery_of(small, replies.reply(uow, ticket.id, "a")).to[0]["value"] == "mina@post.example"
    asked = Address("postal", "office@post.example", "Office")
    small.arrives(ticket.account, references=[first.external_id], reply_to=[asked], authentic=True)
    assert delivery_of(small, replies.reply(uow, ticket.id, "b")).to == [asked.as_row()]


def test_somebody_of_another_channel_is_not_written_to_by_this_one(shop):
    small, uow, ticket = shop
    with small.uow.writing() as session:
        session.add(
            Message(ticket_id=ticket.id, kind="in", address="+989121234567", author="Mina", text="by telephone")
        )
        session.add(Participant(ticket_id=ticket.id, kind="phone", address="+989121234567"))
    assert delivery_of(small, replies.reply(uow, ticket.id, "a")).to[0]["value"] == "mina@post.example"


def test_one_may_write_to_others_and_they_may_answer(shop):
    small, uow, ticket = shop
    message = replies.reply(
        uow,
        ticket.id,
        "For you both",
        to=[Address("postal", "kian@post.example", "Kian"), Address("postal", "zahra@post.example")],
    )
    assert [a["value"] for a in delivery_of(small, message).to] == ["kian@post.example", "zahra@post.example"]
    assert not small.arrives(ticket.account, sender="zahra", references=[message.external_id]).unverified


@pytest.mark.parametrize("status", ["open", "pending", "solved", "closed"])
def test_the_status_after_a_reply_can_be_chosen(shop, status):
    _small, uow, ticket = shop
    replies.reply(uow, ticket.id, "Done", status=status)
    assert (ticket.status, ticket.active) == (status, status in ("open", "pending"))


def test_a_status_nobody_knows_is_refused_whole(shop):
    small, uow, ticket = shop
    with pytest.raises(Invalid):
        replies.reply(uow, ticket.id, "Done", status="nonsense")
    assert small.session.query(Delivery).count() == 0 and ticket.status == "open"


@pytest.mark.parametrize("text", ["", "  \n\t ", "\x00", "x" * 200_001])
def test_an_empty_or_endless_text_is_refused(shop, text):
    small, uow, ticket = shop
    for say in (replies.reply, replies.note):
        with pytest.raises(Invalid) as refused:
            say(uow, ticket.id, text)
        assert "text" in refused.value.fields
    assert small.session.query(Message).count() == 1


def test_files_alone_are_a_reply(shop):
    small, uow, ticket = shop
    message = replies.reply(uow, ticket.id, "", files=[File("a.txt", "text/plain", b"hello")])
    (kept,) = message.files
    assert (kept.name, kept.size, uow.blobs.get(kept.sha256)) == ("a.txt", 5, b"hello")


def test_a_newer_word_of_the_customer_stops_a_reply_once(shop):
    small, uow, ticket = shop
    seen = ticket.last_message_id
    newer = small.arrives(ticket.account, references=[small.session.get(Message, seen).external_id])
    with pytest.raises(Conflict):
        replies.reply(uow, ticket.id, "Old news", seen=seen)
    replies.reply(uow, ticket.id, "Read it", seen=newer.id)
    last = small.arrives(ticket.account, references=[newer.external_id])
    replies.reply(uow, ticket.id, "Anyway", seen=last.id)


def test_a_reply_may_be_timed(shop):
    small, uow, ticket = shop
    later = small.now + timedelta(days=2)
    assert delivery_of(small, replies.reply(uow, ticket.id, "later", send_at=later)).due_at == later
    past = replies.reply(uow, ticket.id, "past", send_at=small.now - timedelta(days=900_000 % 700))
    assert abs(delivery_of(small, past).due_at - small.now) < timedelta(seconds=1)
    with pytest.raises(Invalid) as refused:
        replies.reply(uow, ticket.id, "never", send_at=NEVER)
    assert "send_at" in refused.value.fields


def test_undo_brings_everything_back(shop):
    small, uow, ticket = shop
    due, preview, last = ticket.target_at, ticket.preview, ticket.last_message_id
    message = replies.reply(uow, ticket.id, "Too hasty", undo=10)
    assert delivery_of(small, message).due_at > small.now + timedelta(seconds=9)
    assert replies.undo(uow, message.id) == "Too hasty"
    assert (ticket.status, ticket.target_at, ticket.assignee_id) == ("open", due, None)
    assert (ticket.preview, ticket.last_message_id) == (preview, last)
    assert drafts.load(uow, ticket.id)["reply"] == "Too hasty"
    assert delivery_of(small, message).state == "withdrawn"
    assert [item["text"] for item in timeline.conversation(uow, ticket.id).items if item["is"] == "message"] == [
        "It has not come."
    ]
    (event,) = small.events("reply.withdrawn")
    assert (event.data["before"]["status"], event.data["after"]["status"]) == ("waiting", "open")


def test_undo_keeps_what_was_begun_since(shop):
    _small, uow, ticket = shop
    message = replies.reply(uow, ticket.id, "First thought", undo=10)
    drafts.save(uow, ticket.id, "reply", "Second thought")
    assert replies.undo(uow, message.id) == "First thought\n\nSecond thought"
    assert drafts.load(uow, ticket.id)["reply"] == "First thought\n\nSecond thought"


def test_undo_leaves_alone_what_went_on_since(shop):
    small, uow, ticket = shop
    message = replies.reply(uow, ticket.id, "Too hasty", undo=10)
    newer = small.arrives(ticket.account, references=[message.external_id])
    tickets.change(uow, ticket.id, status="solved")
    replies.undo(uow, message.id)
    assert (ticket.status, ticket.last_message_id) == ("solved", newer.id)


def test_undo_is_the_writers_and_in_time(shop):
    small, uow, ticket = shop
    message = replies.reply(uow, ticket.id, "Mine", undo=10)
    colleague = small.as_(small.user("Kian", queues=[ticket.queue]))
    with pytest.raises(Forbidden):
        replies.undo(colleague, message.id)
    stranger = small.as_(small.user("Omid", queues=[small.queue()]))
    for message_id in (message.id, 999, 2**70):
        with pytest.raises(NotFound):
            replies.undo(stranger, message_id)
    inbound = small.session.query(Message).filter_by(ticket_id=ticket.id, kind="in").one()
    with pytest.raises(NotFound):
        replies.undo(uow, inbound.id)
    with small.uow.writing():
        delivery_of(small, message).tries = 1
    with pytest.raises(Conflict):
        replies.undo(uow, message.id)
    assert not message.withdrawn


def test_what_was_taken_back_never_leaves(shop):
    small, uow, ticket = shop
    message = replies.reply(uow, ticket.id, "Too hasty", undo=10)
    replies.undo(uow, message.id)
    small.now += timedelta(days=1)
    assert outbox.work(small.uow) == 0


def test_only_what_did_not_arrive_is_sent_again(shop):
    small, uow, ticket = shop
    delivery = delivery_of(small, replies.reply(uow, ticket.id, "Hello"))
    with pytest.raises(Conflict):
        replies.retry(uow, delivery.id)
    with small.uow.writing():
        delivery.state, delivery.tries, delivery.reason = "failed", 9, "No such street"
    replies.retry(uow, delivery.id)
    assert (delivery.state, delivery.tries, delivery.reason) == ("queued", 0, "")
    stranger = small.as_(small.user("Omid", queues=[small.queue()]))
    for delivery_id in (delivery.id, 999, 2**70):
        with pytest.raises(NotFound):
            replies.retry(stranger, delivery_id)


def test_a_note_stays_among_colleagues(shop):
    small, uow, ticket = shop
    due, preview = ticket.target_at, ticket.preview
    drafts.save(uow, ticket.id, "note", "half a")
    note = replies.note(uow, ticket.id, "He is angry")
    assert (note.kind, note.author) == ("note", "Sara") and small.session.query(Delivery).count() == 0
    assert (ticket.status, ticket.target_at, ticket.preview, ticket.last_message_id) == ("open", due, preview, note.id)
    assert drafts.load(uow, ticket.id)["note"] == ""
    reply = replies.reply(uow, ticket.id, "Dear Mina")
    sent = normal_form.outbound_of(small.uow, delivery_of(small, reply))
    assert "angry" not in f"{sent.text}{sent.history}{sent.references}"


def test_drafts_are_ones_own(shop):
    small, uow, ticket = shop
    colleague = small.as_(small.user("Kian", queues=[ticket.queue]))
    drafts.save(uow, ticket.id, "reply", "Dear Mi")
    drafts.save(uow, ticket.id, "reply", "Dear Mina")
    assert drafts.load(uow, ticket.id)["reply"] == "Dear Mina"
    assert drafts.load(colleague, ticket.id)["reply"] == ""
    assert drafts.drafted_tickets(uow) == [ticket.id] and drafts.drafted_tickets(colleague) == []
    replies.reply(colleague, ticket.id, "I am quicker")
    assert drafts.load(uow, ticket.id)["reply"] == "Dear Mina"
    drafts.save(uow, ticket.id, "reply", "  ")
    assert small.session.query(Draft).count() == 0
    with pytest.raises(Invalid):
        drafts.save(uow, ticket.id, "poem", "x")
    stranger = small.as_(small.user("Omid", queues=[small.queue()]))
    with pytest.raises(NotFound):
        drafts.save(stranger, ticket.id, "reply", "x")


def test_nothing_is_said_on_a_merged_or_foreign_ticket(shop):
    small, uow, ticket = shop
    other = small.ticket(ticket.account)
    merge.merge(uow, other.id, ticket.id)
    stranger = small.as_(small.user("Omid", queues=[small.queue()]))
    for say in (replies.reply, replies.note):
        with pytest.raises(Conflict):
            say(uow, other.id, "Hello")
        for ticket_id in (ticket.id, 999, 2**70):
            with pytest.raises(NotFound):
                say(stranger, ticket_id, "Hello")


def test_automatic_words_to_one_address_are_capped(shop):
    small, _uow, ticket = shop
    sent = 0
    for _ in range(40):
        with small.uow.writing() as session:
            to = [Address("postal", "loop@post.example")]
            sent += (
                automatic.send(
                    small.uow,
                    session.get(Ticket, ticket.id),
                    ticket.account,
                    "We got it",
                    to,
                    subject="Your request",
                    proved=True,
                )
                is not None
            )
        small.now += timedelta(minutes=1)
    assert sent == 8
    with small.uow.writing() as session:
        other = [Address("postal", "other@post.example")]
        assert automatic.send(
            small.uow,
            session.get(Ticket, ticket.id),
            ticket.account,
            "We got it",
            other,
            subject="Your request",
            proved=True,
        )


def test_the_earlier_page_of_a_conversation_has_its_own_events_and_none_is_lost(shop):
    _small, uow, ticket = shop
    for number in range(6):
        replies.note(uow, ticket.id, f"note {number}")
        tickets.change(uow, ticket.id, priority=("high", "low")[number % 2])
    pages, before = [], None
    while True:
        page = timeline.conversation(uow, ticket.id, before=before, limit=2)
        pages.insert(0, page.items)
        before = page.before
        if before is None:
            break
    whole = timeline.conversation(uow, ticket.id, limit=100).items
    key = lambda item: (item["is"], item.get("seq") or item["id"])
    assert [key(item) for items in pages for item in items] == [key(item) for item in whole]
    assert len(whole) == 13


def test_messages_for_tools_are_oldest_first_and_notes_only_when_asked(shop):
    small, uow, ticket = shop
    replies.note(uow, ticket.id, "between us")
    replies.reply(uow, ticket.id, "to you")
    hasty = replies.reply(uow, ticket.id, "hasty", undo=10)
    replies.undo(uow, hasty.id)
    assert [m["text"] for m in timeline.messages(uow, ticket.id)[0]] == ["It has not come.", "to you"]
    items, last = timeline.messages(uow, ticket.id, notes=True, limit=2)
    assert [m["text"] for m in items] == ["It has not come.", "between us"]
    assert [m["text"] for m in timeline.messages(uow, ticket.id, notes=True, after=last)[0]] == ["to you"]
    with pytest.raises(NotFound):
        timeline.messages(small.as_(small.user(queues=[small.queue()])), ticket.id)

"""Edits, deletions, reactions and reports find the message they name by any of its ids, also when they come first."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import event as listening

from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Deleted, Edited, Inbound, Outcome, Reaction, Report
from helpdesk.core.channels.json import to_json
from helpdesk.core.channels.outbound import Sent
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.intake import waiting_events
from helpdesk.core.intake.models import RawMessage as Row
from helpdesk.core.journal.models import Event
from helpdesk.core.outbox import replies
from helpdesk.core.outbox.models import WaitingEvent
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets.message_models import MessageExternalId
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.search import find
from helpdesk.testing import Letters, letter

AT = datetime(2026, 10, 15, 9, tzinfo=UTC)

MINA = Address("postal", "mina", "Mina")


_numbers = count(1)


def events(*given):
    return RawMessage(f"events-{next(_numbers)}", json.dumps(to_json(list(given))).encode(), AT)


def kinds(flow):
    return [event.kind for event in flow.session.query(Event).order_by(Event.seq)]


def answered(flow, monkeypatch, *ids):
    """A reply that the other side took under these ids."""
    ticket = flow.write("Where is it?").ticket_id
    message = replies.reply(flow.as_agent, ticket, "On its way")
    monkeypatch.setattr(Letters, "send", lambda self, outbound: Sent(external_ids=ids))
    flow.send()
    return message.id


def test_an_edit_changes_the_words_and_keeps_the_earlier_ones(flow):
    message = flow.write("Tomorow", external_id="m1")
    flow.arrive(events(Edited("m1", "Tomorrow, please", sender=MINA, at=datetime(2030, 1, 1, tzinfo=UTC))))
    assert (message.text, message.edited_at) == ("Tomorrow, please", datetime(2030, 1, 1, tzinfo=UTC))
    assert [version["text"] for version in message.details["earlier"]] == ["Tomorow"]
    assert flow.tickets()[0].preview == "Tomorrow, please" and kinds(flow)[-1] == "message.edited"
    assert find(flow.uow, "tomorrow").items and not find(flow.uow, "tomorow").items
    flow.arrive(events(Edited("m1", "Older", at=datetime(2029, 1, 1, tzinfo=UTC))))
    assert message.text == "Tomorrow, please", "an older edit that comes late changes nothing"
    assert "Tomorrow" not in str([event.data for event in flow.session.query(Event)]), "words stay out of the journal"


def test_nobody_else_edits_or_deletes_a_message(flow, monkeypatch):
    message = flow.write("Mine", external_id="m1")
    flow.arrive(
        events(
            Edited("m1", "Not mine", sender=Address("postal", "eve")), Deleted("m1", sender=Address("postal", "eve"))
        )
    )
    assert (message.text, message.edited_at, message.deleted_at) == ("Mine", None, None)
    ours = answered(flow, monkeypatch, "ours-1")
    flow.arrive(events(Edited("ours-1", "We never said so"), Deleted("ours-1")))
    written = next(m for m in flow.messages() if m.id == ours)
    assert (written.text, written.deleted_at) == ("On its way", None)


def test_a_deletion_marks_the_message_and_takes_it_out_of_search(flow):
    message = flow.write("A secret word", external_id="m1")
    flow.arrive(events(Deleted("m1", sender=MINA)))
    assert message.deleted_at and message.text == "A secret word" and kinds(flow)[-1] == "message.deleted"
    assert not find(flow.uow, "secret").items
    flow.arrive(events(Edited("m1", "Again")))
    assert message.text == "A secret word"


@pytest.mark.clock
def test_a_reaction_takes_the_place_of_the_one_before(flow, monkeypatch):
    ours = answered(flow, monkeypatch, "ours-1")
    at = datetime.now(UTC)
    flow.arrive(
        events(Reaction("ours-1", MINA, "👍", at=at)), events(Reaction("ours-1", Address("postal", "ali"), "👎", at=at))
    )
    flow.arrive(
        events(Reaction("ours-1", MINA, "❤", at=at + timedelta(seconds=1))),
        events(Reaction("ours-1", MINA, "👍", at=at)),
    )
    message = next(m for m in flow.messages() if m.id == ours)
    assert {(r["address"], r["emoji"]) for r in message.reactions} == {("mina", "❤"), ("ali", "👎")}
    flow.arrive(events(Reaction("ours-1", MINA, "", at=at + timedelta(seconds=2))))
    assert [r["address"] for r in message.reactions] == ["ali"]


def test_every_id_the_other_side_gave_is_found_again(flow, monkeypatch):
    answered(flow, monkeypatch, "chat-1:77", "wamid-77")
    for number, known in enumerate(("chat-1:77", "wamid-77")):
        flow.arrive(letter(f"Thanks {number}", references=[known]))
    assert {m.ticket_id for m in flow.messages()} == {1}
    flow.arrive(events(Report([Outcome(Address("", ""), "delivered")], references=["wamid-77"])))
    (delivery,) = flow.deliveries()
    assert delivery.delivered_at and delivery.state == "sent"


def test_delivered_and_read_only_ever_go_forward(flow, monkeypatch):
    answered(flow, monkeypatch, "ours-1")
    first, later = datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 1, 2, tzinfo=UTC)
    nobody = Address("", "")
    flow.arrive(events(Report([Outcome(nobody, "read")], references=["ours-1"], at=first)))
    (delivery,) = flow.deliveries()
    assert (delivery.delivered_at, delivery.read_at) == (first, first)
    reported = kinds(flow)
    flow.arrive(
        events(Report([Outcome(nobody, "delivered")], references=["ours-1"], at=later)),
        events(Report([Outcome(nobody, "failed")], references=["ours-1"])),
    )
    (delivery,) = flow.deliveries()
    assert (delivery.state, delivery.delivered_at, delivery.read_at) == ("sent", first, first) and kinds(
        flow
    ) == reported


def test_a_report_may_come_before_send_returns(flow, monkeypatch):
    flow.write("Where is it?")
    replies.reply(flow.as_agent, 1, "On its way")

    def send(self, outbound):
        with flow.runtime.uow() as other:
            from helpdesk.core.intake import intake, raw_worker

            intake.accept(
                other, flow.account, events(Report([Outcome(Address("", ""), "read")], references=["theirs-1"]))
            )
            raw_worker.drain(other)
        return Sent(external_ids=("theirs-1",))

    monkeypatch.setattr(Letters, "send", send)
    flow.send()
    (delivery,) = flow.deliveries()
    assert delivery.state == "sent" and delivery.read_at
    assert flow.session.query(WaitingEvent).count() == 0


def test_what_names_an_unknown_message_waits_for_it(flow):
    flow.arrive(events(Edited("m9", "Better", sender=MINA)))
    assert flow.session.query(WaitingEvent).count() == 1 and flow.session.query(Row).one().state == "event"
    message = flow.write("Good", external_id="m9")
    assert waiting_events.settle(flow.uow) == 1
    flow.session.expire_all()
    assert message.text == "Better" and flow.session.query(WaitingEvent).count() == 0


@pytest.mark.clock
def test_after_ten_minutes_it_stands_as_a_remark(flow):
    flow.arrive(events(Reaction("nowhere", MINA, "👍")))
    start = datetime.now(UTC)
    flow.uow.clock = lambda: start + timedelta(minutes=9)
    assert waiting_events.settle(flow.uow) == 0
    flow.uow.clock = lambda: start + timedelta(minutes=11)
    assert waiting_events.settle(flow.uow) == 1
    flow.session.expire_all()
    row = flow.session.query(Row).one()
    assert row.state == "event" and "does not know" in row.reason and kinds(flow)[-1] == "message.unknown"
    assert waiting_events.settle(flow.uow) == 0


def test_one_raw_message_may_say_several_things(flow):
    first = Inbound(MINA, "One", external_id="a1", thread="chat")
    flow.arrive(events(first, Inbound(MINA, "Two", external_id="a2", thread="chat"), Reaction("a1", MINA, "👍")))
    assert [m.text for m in flow.messages()] == ["One", "Two"] and len({m.ticket_id for m in flow.messages()}) == 1
    assert flow.messages()[0].reactions and flow.session.query(Row).one().state == "done"


def test_a_sender_is_known_by_any_of_their_addresses(flow):
    handle, number = Address("handle", "@mina"), Address("phone", "+989121234567")
    flow.write("Hello", identities=[handle, number])
    assert {(i.kind, i.address) for i in flow.session.query(Identity)} == {
        ("postal", "mina"),
        ("handle", "@mina"),
        ("phone", "+989121234567"),
    }
    flow.write("From elsewhere", sender="mina-2", identities=[number])
    assert flow.session.query(Customer).count() == 1
    assert {m.customer_id for m in flow.messages()} == {1}


def test_form_and_visibility_are_kept(flow):
    message = flow.write("I called", form="call", visibility="public")
    assert (message.form, message.visibility, message.account_id) == ("call", "public", flow.account)
    assert (flow.write("x", form="dance", visibility="internal").form, flow.messages()[-1].visibility) == (
        "text",
        "private",
    )


def test_more_than_can_be_said_at_once_is_not_cut(flow):
    flow.arrive(events(*(Inbound(MINA, str(number), external_id=f"n{number}") for number in range(201))))
    assert flow.session.query(Row).one().state == "quarantined" and not flow.messages()


@pytest.mark.parametrize("references", [0, 20])
def test_a_mail_costs_few_statements_however_many_it_names(flow, references):
    flow.write("First")
    statements = []
    listening.listen(flow.runtime.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    flow.write(
        "Second",
        sender="ali",
        external_id="s1",
        references=[f"r{number}" for number in range(references)],
        cc=[Address("postal", "c")] * 5,
    )
    written = [statement for statement in statements if statement.startswith(("INSERT", "UPDATE"))]
    assert len(written) <= 13 + bool(references), written
    assert flow.session.query(MessageExternalId).count() == 2 and flow.session.query(Ticket).count() == 2

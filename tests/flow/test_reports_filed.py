"""Which delivery a report speaks of, and what it may do (FAULTS A6, A13, S14)."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Inbound, Outcome, Report
from helpdesk.core.channels.json import to_json
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.intake.models import RawMessage as Stored
from helpdesk.core.outbox import replies
from helpdesk.core.people.models import Identity
from helpdesk.core.tickets.message_models import Delivery

AT = datetime(2026, 10, 15, 9, tzinfo=UTC)


_numbers = count(1)


@pytest.fixture
def sent(flow):
    """What the agent sent to Mina, who wrote first."""
    flow.tell()
    flow.write("Hello")
    message = replies.reply(flow.as_agent, 1, "Hello!")
    flow.send()
    return flow.session.query(Delivery).filter_by(message_id=message.id).one()


def failed(value="mina", status="5.1.1"):
    return Outcome(Address("postal", value), "failed", status, "No such box")


def reports(flow, *outcomes, words=False, **given):
    """A report comes; with ``words`` it is one that its channel knows by its words only."""
    if words:
        given["otherwise"] = Inbound(
            Address("postal", "daemon"),
            "It was rejected",
            subject="Failure",
            external_id=f"d{next(_numbers)}",
            automatic="reply",
        )
    raw = json.dumps(to_json(Report(list(outcomes), **given))).encode()
    flow.arrive(RawMessage(f"report {next(_numbers)}", raw, AT))


def mark(flow, address="mina"):
    flow.session.expire_all()
    return flow.session.query(Identity).filter_by(address=address).one().bounced


def token_of(delivery):
    return delivery.external_id.split(".")[0]


@pytest.mark.clock
def test_a_report_finds_its_delivery_by_a_genuine_token(flow, sent):
    """A6."""
    reports(flow, failed(), tokens=["t1-1-" + "a" * 16, token_of(sent).upper()])
    assert (flow.deliveries()[0].state, mark(flow)) == ("bounced", "5.1.1")


def test_else_by_its_recipient_and_then_it_marks_no_address(flow, sent):
    """A6, S14: anybody can write such a report."""
    reports(flow, failed())
    assert (flow.deliveries()[0].state, mark(flow)) == ("bounced", "")


@pytest.mark.clock
def test_no_delivery_of_long_ago_is_found_by_its_recipient(flow, sent):
    with flow.uow.writing():
        flow.deliveries()[0].sent_at -= timedelta(days=8)
    reports(flow, failed())
    assert flow.deliveries()[0].state == "sent"


def test_a_report_in_words_that_finds_nothing_is_a_quiet_message(flow, sent):
    """A6: never nothing."""
    reports(flow, failed("nobody we know"), words=True)
    message, ticket = flow.messages()[-1], flow.tickets()[-1]
    assert (message.text, message.automatic, ticket.id, ticket.priority) == ("It was rejected", "reply", 2, "low")
    reports(flow, words=True)
    assert len(flow.tickets()) == 3 and {row.state for row in flow.session.query(Stored)} == {"done"}
    flow.tell()
    assert {delivery.message.ticket_id for delivery in flow.deliveries()} == {1}, "nobody is written to because of it"


def test_a_report_in_words_that_names_nobody_marks_what_it_speaks_of(flow, sent):
    reports(flow, words=True, text="It could not be delivered.", tokens=[token_of(sent)])
    assert (flow.deliveries()[0].state, flow.deliveries()[0].reason, len(flow.tickets())) == (
        "bounced",
        "It could not be delivered.",
        1,
    )


def test_a_report_marks_only_recipients_of_the_delivery_it_speaks_of(flow, sent):
    """S14: not any address of any customer."""
    flow.write("Hello", sender="sara", name="Sara")
    reports(flow, failed("sara"), tokens=[token_of(sent)])
    assert (mark(flow, "sara"), mark(flow)) == ("", "")


@pytest.mark.parametrize("how", ["mail", "report"])
def test_the_mark_goes_when_the_address_works_again(flow, sent, how):
    """A13: they wrote, or a delivery was confirmed."""
    reports(flow, failed(), tokens=[token_of(sent)])
    assert mark(flow) == "5.1.1"
    if how == "mail":
        flow.write("Beep", automatic="reply")
        flow.write("It was not me", authentic=False)
        assert mark(flow) == "5.1.1"
        flow.write("I am back")
    else:
        reports(flow, Outcome(Address("postal", "mina"), "delivered"), tokens=["t1-1-" + "a" * 16])
        assert mark(flow) == "5.1.1", "nothing proves this one"
        reports(flow, Outcome(Address("postal", "mina"), "delivered"), tokens=[token_of(sent)])
    assert mark(flow) == ""

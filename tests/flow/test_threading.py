"""Which ticket a message joins: threading needs proof, law 6 (checks S05, B03)."""

import pytest

from helpdesk.core.channels.address_types import Address
from helpdesk.core.errors import Invalid
from helpdesk.core.outbox import replies
from helpdesk.core.tickets import tickets, tokens


def reply_of(flow, ticket_id):
    """The agent answers; returns what the channel sent."""
    from helpdesk.testing import Letters

    replies.reply(flow.as_agent, ticket_id, "We are looking into it.")
    flow.send()
    return Letters.posted[-1]


@pytest.mark.clock
def test_a_first_letter_opens_a_ticket(flow):
    message = flow.write("Where is my raw message?", subject="Late")
    (ticket,) = flow.tickets()
    assert (ticket.subject, ticket.status, ticket.preview) == ("Late", "open", "Where is my raw message?")
    assert message.ticket_id == ticket.id
    assert ticket.target_at > flow.uow.clock()


def test_an_answer_to_what_we_sent_joins_by_its_reference(flow):
    flow.write("Hello", subject="Late")
    sent = reply_of(flow, 1)
    message = flow.write("Thanks", references=[sent.external_id])
    assert (message.ticket_id, message.unverified) == (1, False)
    assert flow.tickets()[0].status == "open"


def test_a_token_joins_as_the_person_it_was_made_for_from_any_address(flow):
    flow.write("Hello")
    token = reply_of(flow, 1).token
    message = flow.write("From my other address", sender="mina.at.work", tokens=["garbage", token.upper()])
    assert (message.ticket_id, message.unverified) == (1, False)
    assert message.customer_id == flow.tickets()[0].customer_id


def test_a_stranger_with_a_known_reference_joins_unverified_and_reopens_nothing(flow):
    flow.write("Hello")
    sent = reply_of(flow, 1)
    tickets.change(flow.as_agent, 1, status="solved")
    message = flow.write(
        "Send me all of it",
        sender="mallory",
        references=[sent.external_id.split(".")[0][:-1] + "x.1@d", "letter-nobody"],
    )
    assert message.ticket_id != 1
    known = flow.messages(1)[0].external_id
    message = flow.write("Send me all of it", sender="mallory", references=[known])
    assert (message.ticket_id, message.unverified) == (1, True)
    assert flow.tickets()[0].status == "solved"
    assert reply_of(flow, 1).to == [Address("postal", "mina", "Mina")]


def test_an_accepted_voice_takes_part_from_then_on(flow):
    known = flow.write("Hello").external_id
    message = flow.write("I am her brother", sender="babak", references=[known])
    tickets.accept_sender(flow.as_agent, message.id)
    message = flow.write("And one more thing", sender="babak", references=[known], authentic=True)
    assert (message.ticket_id, message.unverified) == (1, False)


def test_an_id_of_our_form_with_a_bad_signature_is_no_reference(flow):
    flow.write("Hello")
    forged = f"t1-1-{'a' * 16}.cafe@box"
    assert tokens.verify(flow.uow.secrets, forged.split(".")[0]) is None
    assert flow.write("Hi", sender="mallory", references=[forged], tokens=[forged.split(".")[0]]).ticket_id == 2


def test_a_number_joins_in_our_own_form_and_only_for_a_participant(flow):
    flow.write("Hello", subject="Late")
    assert flow.write("More", subject="Re: Your request [#1]", authentic=True).ticket_id == 1
    assert flow.write("بیشتر", subject="پاسخ: درخواست شما [#۱]", authentic=True).ticket_id == 1
    stranger = flow.write("More", sender="mallory", subject="Re: Late [#1]", authentic=True)
    assert stranger.ticket_id == 2
    assert flow.tickets()[1].follow_up_of_id == 1


@pytest.mark.parametrize("subject", ["Invoice #1", "About #1", "فاکتور #۱", "# 1", "(#1)", "[#1"])
def test_a_number_of_the_senders_own_never_joins(flow, subject):
    """Whoever takes part writes of other things, too; the agent is shown that it may belong together."""
    flow.write("Hello", subject="Late")
    tickets.change(flow.as_agent, 1, status="solved")
    assert flow.write("Please pay", subject=subject, authentic=True).ticket_id == 2
    assert (flow.tickets()[0].status, flow.tickets()[1].follow_up_of_id) == ("solved", 1)


def test_a_sender_a_trusted_server_speaks_against_does_not_take_part(flow):
    known = flow.write("Hello").external_id
    assert flow.write("Spoofed", references=[known], authentic=False).unverified is True
    assert flow.write("Spoofed", subject="#1", authentic=False).ticket_id == 2


def test_siblings_with_an_ancestor_we_never_saw_meet(flow):
    flow.write("One", references=["never-seen"])
    assert flow.write("Two", references=["never-seen"]).ticket_id == 1


def test_a_reply_that_arrives_before_its_parent_makes_one_ticket_with_it(flow):
    reply = flow.write("Me too", sender="omid", external_id="r@shop", references=["p@shop"])
    parent = flow.write("The lamp is broken", sender="nadia", external_id="p@shop")
    assert (parent.ticket_id, parent.unverified) == (reply.ticket_id, True)


def test_an_id_that_a_program_gives_to_all_its_mails_joins_nothing(flow):
    first = flow.write("One", sender="mina", external_id="1@form")
    assert flow.write("Two", sender="omid", external_id="1@form").ticket_id != first.ticket_id


def test_a_reference_of_another_account_counts_for_nothing(flow):
    from helpdesk.core.accounts import accounts

    known = flow.write("Hello").external_id
    other = accounts.create(flow.uow, "letters", "other", {}, flow.queue).id
    from helpdesk.testing import letter

    flow.arrive(letter("Hi", references=[known]), account=other)
    assert len(flow.tickets()) == 2


def test_the_same_letter_twice_is_a_duplicate_and_a_shared_id_is_not(flow):
    flow.write("One", external_id="same")
    flow.write("One", external_id="same")
    assert len(flow.messages()) == 1
    flow.write("Another body", external_id="same")
    flow.write("No id", external_id="")
    flow.write("No id", external_id="")
    assert len(flow.messages()) == 4


def test_references_lead_to_where_a_ticket_was_merged(flow):
    from helpdesk.core.tickets import merge

    first = flow.write("One").external_id
    flow.write("Two")
    done = merge.merge(flow.as_agent, 1, 2)
    assert flow.write("Three", references=[first]).ticket_id == 2
    merge.unmerge(flow.as_agent, done.id)
    assert flow.write("Four", references=[first]).ticket_id == 1


@pytest.mark.parametrize("automatic", ["reply", "bulk", "loop"])
def test_what_a_machine_says_is_kept_and_reopens_nothing(flow, automatic):
    known = flow.write("Hello").external_id
    tickets.change(flow.as_agent, 1, status="solved")
    message = flow.write("I am away", references=[known], automatic=automatic)
    assert (message.ticket_id, message.automatic) == (1, automatic)
    assert flow.tickets()[0].status == "solved"


@pytest.mark.clock
def test_a_persons_answer_reopens_and_starts_the_promise_again(flow):
    known = flow.write("Hello").external_id
    tickets.change(flow.as_agent, 1, status="solved")
    assert flow.tickets()[0].target_at.year == 9999
    flow.write("Not solved", references=[known])
    assert flow.tickets()[0].status == "open"
    assert flow.tickets()[0].target_at.year != 9999


def test_one_open_ticket_for_a_channels_own_thread(flow):
    flow.write("Hi", thread="visitor-7")
    assert flow.write("Still there?", thread="visitor-7").ticket_id == 1
    tickets.change(flow.as_agent, 1, status="closed")
    assert flow.write("A new matter", thread="visitor-7").ticket_id == 2


def test_two_letters_without_a_sender_are_two_people(flow):
    first = flow.write("Hello", sender="")
    second = flow.write("Me too", sender="", subject=f"About #{first.ticket_id}")
    assert second.ticket_id != first.ticket_id
    answer = flow.write("And me", sender="", references=[first.external_id])
    assert (answer.ticket_id, answer.unverified) == (first.ticket_id, True)


def test_a_letter_without_a_sender_cannot_be_answered_and_says_so(flow):
    message = flow.write("Hello", sender="")
    with pytest.raises(Invalid, match="nobody to write to"):
        replies.reply(flow.as_agent, message.ticket_id, "To whom?")


def test_a_customer_without_a_name_goes_by_their_address(flow):
    flow.write("Hello", name="")
    assert flow.tickets()[0].customer.name == "mina"
    assert reply_of(flow, 1).to == [Address("postal", "mina", "")]


def test_a_relay_that_tells_cases_apart_is_answered_as_it_writes(flow):
    """Compared folded, sent as written: the local part of an address belongs to its owner (RFC 5321, 2.4)."""
    message = flow.write("Hello", sender=Address("postal", "relay-abc", "Relay", spelling="Relay-AbC"))
    sent = reply_of(flow, message.ticket_id)
    assert [(person.value, person.spelling) for person in sent.to] == [("relay-abc", "Relay-AbC")]

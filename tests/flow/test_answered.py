"""Who is answered, and whose message it is (FAULTS section 1): one rule for composer, API and acknowledgement."""

import pytest
from sqlalchemy import select

from helpdesk.core.accounts import accounts
from helpdesk.core.channels.address_types import Address
from helpdesk.core.errors import Invalid, Overtaken
from helpdesk.core.intake.threading import numbered
from helpdesk.core.outbox import replies
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets import addressees, customers, tickets
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Participant
from helpdesk.testing import Letters


class Boxes(Letters):
    """Letters to boxes, which may have a compartment behind a plus."""

    @classmethod
    def bare(cls, value):
        return value.lower().partition("+")[0]


@pytest.fixture
def flow(flow):
    """The desk's own boxes are "box" and "other box"."""
    flow.runtime.channels["letters"] = Boxes
    accounts.update(flow.uow, flow.account, settings={"address": "box"})
    accounts.create(flow.uow, "letters", "other", {"address": "Other Box"}, flow.queue)
    flow.tell()
    return flow


def post(value, name=""):
    return Address("postal", value, name)


def values(people):
    return [person.value for person in people]


def with_account(flow, number=0):
    ticket = flow.tickets()[number]
    return ticket, ticket.account


def answered(flow, ticket_id=1):
    found = addressees.of(flow.as_agent, *with_account(flow, ticket_id - 1))
    return values(found.to), values(found.cc)


def answer(flow, ticket_id=1, **given):
    """The agent answers; returns what the channel sent."""
    replies.reply(flow.as_agent, ticket_id, "We are looking into it.", **given)
    flow.send()
    return Letters.posted[-1]


def participants(flow, ticket_id=1):
    return set(flow.session.scalars(select(Participant.address).where(Participant.ticket_id == ticket_id)))


OURS = [post("box"), post("box+t1-1-abc"), post("OTHER BOX"), post("other box+x")]


@pytest.mark.parametrize("ours", OURS, ids=lambda person: person.value)
def test_an_address_of_ours_is_never_answered_and_never_takes_part(flow, ours):
    """A1: as sender, in Reply-To, in Cc and in To."""
    flow.write("Hello", to=[ours], cc=[ours, post("colleague")], reply_to=[ours])
    assert answered(flow) == (["mina"], ["colleague"]) and participants(flow) == {"mina", "colleague"}
    flow.write("From ourselves", sender=ours.value, name="Support", tokens=[answer(flow).token])
    assert flow.messages()[-1].ticket_id == 1
    assert answered(flow)[0] == ["mina"] and participants(flow) == {"mina", "colleague"}
    flow.write("From ourselves, about nothing", sender=ours.value, name="Support")
    assert answered(flow, 2) == ([], []) and participants(flow, 2) == set()
    assert flow.session.query(Identity).filter(Identity.address.contains("box")).count() == 0


@pytest.mark.parametrize("ours", OURS, ids=lambda person: person.value)
def test_nobody_can_write_to_the_desk_itself(flow, ours):
    """A1: neither console nor API, nor is it put on a customer's card."""
    flow.write("Hello")
    for given in ({"to": [ours]}, {"to": [post("mina"), ours]}, {"cc": [ours]}):
        with pytest.raises(Invalid, match="desk itself"):
            replies.reply(flow.as_agent, 1, "To whom?", **given)
    with pytest.raises(Invalid, match="desk itself"):
        customers.add_identity(flow.as_agent, flow.tickets()[0].customer_id, "postal", ours.value)


@pytest.mark.parametrize("automatic", ["reply", "bulk", "loop"])
def test_a_machine_never_chooses_who_is_answered(flow, automatic):
    """A2: nor is it quoted, nor does it take part."""
    flow.write("Hello")
    token = answer(flow).token
    flow.write(
        "Beep", sender="robot", tokens=[token], automatic=automatic, reply_to=[post("robots")], cc=[post("robot 2")]
    )
    assert participants(flow) == {"mina"} and flow.messages()[-1].ticket_id == 1
    sent = answer(flow)
    assert values(sent.to) == ["mina"] and sent.cc == [] and "Beep" not in str(sent.history)


def test_acknowledgement_and_answer_go_to_the_same(flow):
    """A3, A18: where the customer asked to be answered, to all of them."""
    flow.write("Hello", reply_to=[post("office", "Office"), post("home"), post("box+x")])
    flow.tell()
    flow.send()
    assert values(Letters.posted[-1].to) == ["office", "home"] and Letters.posted[-1].automatic
    assert values(answer(flow).to) == ["office", "home"] == answered(flow)[0]


def test_users_of_a_form_that_sends_as_us_are_people_of_their_own(flow):
    """A3: the person is the Reply-To, and nobody vouched for them, whatever was said of our own address."""
    for name in ("ali", "sara"):
        flow.write("By the form", sender="box", name="Our form", reply_to=[post(name, name.title())], authentic=True)
    first, second = flow.tickets()
    assert first.customer_id != second.customer_id
    assert [ticket.customer.name for ticket in (first, second)] == ["Ali", "Sara"]
    assert answered(flow) == (["ali"], []) and answered(flow, 2) == (["sara"], [])
    assert flow.session.query(Identity).filter(Identity.verified_at.is_not(None)).count() == 0


def test_whoever_holds_a_token_joins_and_is_written_to_only_when_accepted(flow):
    """A4."""
    flow.write("Hello")
    token = answer(flow).token
    bearer = flow.write("Me, too", sender="mallory", tokens=[token], reply_to=[post("elsewhere")], cc=[post("friend")])
    assert (bearer.ticket_id, bearer.unverified, bearer.details["doubt"]) == (1, False, "bearer")
    assert flow.tickets()[0].status == "open"
    assert answered(flow) == (["mina"], []) and participants(flow) == {"mina"}
    tickets.accept_sender(flow.as_agent, bearer.id)
    flow.session.expire_all()
    assert "doubt" not in flow.messages()[-2 if flow.messages()[-1].kind != "in" else -1].details
    assert answered(flow) == (["elsewhere"], ["friend"])


def test_senders_without_an_address_have_a_card_each(flow):
    """A7."""
    for name in ("Only Name", "Somebody Else", "Only Name"):
        flow.write("Hello", sender="", name=name)
    assert len({ticket.customer_id for ticket in flow.tickets()}) == 3
    assert flow.session.query(Identity).filter_by(address="").count() == 0
    assert [flow.session.get(Customer, ticket.customer_id).name for ticket in flow.tickets()] == [
        "Only Name",
        "Somebody Else",
        "Only Name",
    ]


@pytest.mark.parametrize("proof", [{"authentic": True}, {"authentic": None}], ids=["proved", "unproved"])
def test_whoever_was_written_to_takes_part_like_whoever_had_a_copy(flow, proof):
    """A8."""
    known = flow.write("Hello", to=[post("box"), post("in to")], cc=[post("in cc")]).external_id
    assert participants(flow) == {"mina", "in to", "in cc"}
    doubts = [
        flow.write("Reply to all", sender=who, references=[known], **proof).details.get("doubt")
        for who in ("in to", "in cc")
    ]
    assert doubts == [None, None] if proof["authentic"] else doubts == ["unproved", "unproved"]


def test_everybody_of_the_conversation_has_a_copy_of_the_answer(flow):
    """U3: reply-all is what the rule gives; whoever is named instead goes before it."""
    flow.write("Hello", to=[post("box"), post("in to")], cc=[post("in cc"), post("mina")])
    sent = answer(flow)
    assert (values(sent.to), values(sent.cc)) == (["mina"], ["in to", "in cc"])
    sent = answer(flow, to=[post("kian")])
    assert (values(sent.to), values(sent.cc)) == (["kian"], [])
    sent = answer(flow, cc=[post("kian")])
    assert (values(sent.to), values(sent.cc)) == (["mina"], ["kian"])


def test_the_first_real_name_takes_the_place_of_an_address(flow):
    """A12: but never of a name that an agent chose."""
    known = flow.write("Hello", name="").external_id
    assert flow.tickets()[0].customer.name == "mina"
    flow.write("Beep", name="Mallory", references=[known], authentic=False)
    flow.write("Beep", name="Robot", references=[known], automatic="reply")
    assert flow.tickets()[0].customer.name == "mina"
    flow.write("More", name="Mina R.", references=[known])
    assert flow.tickets()[0].customer.name == "Mina R."
    flow.write("More", name="Mina Rastegar", references=[known])
    assert flow.tickets()[0].customer.name == "Mina R."
    customers.rename(flow.as_agent, flow.tickets()[0].customer_id, "Mrs Rastegar")
    flow.write("More", name="Mina", references=[known])
    assert flow.tickets()[0].customer.name == "Mrs Rastegar"


def test_two_who_answer_at_once_are_told_of_each_other(flow):
    """A14: sending anyway names what was looked at, so that pressing twice sends nothing."""
    from helpdesk.core.people import users
    from helpdesk.core.people.actors import actor_for

    seen = flow.write("Hello").id
    colleague = users.add(flow.uow, "babak@desk.example", "Babak", "admin")
    as_colleague = flow.uow.acting(actor_for(flow.session, colleague))
    first = replies.reply(as_colleague, 1, "Done.", seen=seen)
    for _ in range(2):
        with pytest.raises(Overtaken, match="Babak answered") as overtaken:
            replies.reply(flow.as_agent, 1, "Done, too.", seen=seen)
    assert overtaken.value.newest == first.id and overtaken.value.more == {"newest": first.id}
    replies.note(as_colleague, 1, "For us alone")
    mine = replies.reply(flow.as_agent, 1, "Besides …", seen=first.id)
    again = replies.reply(flow.as_agent, 1, "And …", seen=first.id)
    assert again.id > mine.id, "one's own words stop nobody"
    replies.reply(as_colleague, 1, "Wait.", seen=again.id)
    with pytest.raises(Overtaken):
        replies.reply(flow.as_agent, 1, "Third", seen=first.id)


def test_an_answer_taken_back_stops_nobody(flow):
    seen = flow.write("Hello").id
    message = replies.reply(flow.uow, 1, "Done.", seen=seen, undo=60)
    replies.undo(flow.uow, message.id)
    replies.reply(flow.as_agent, 1, "Really done.", seen=seen)


@pytest.mark.parametrize("way", ["reference", "number"])
def test_what_nothing_proves_joins_marked_and_names_nobody(flow, way):
    """S3: a forged From with a known reference or number; a verdict of a trusted server, or our token, is proof."""
    first = flow.write("Hello", subject="Late")
    tickets.change(flow.as_agent, 1, status="solved")
    given = {"references": [first.external_id]} if way == "reference" else {"subject": numbered("Re: Late", "1")}
    given |= {"reply_to": [post("mallory")], "cc": [post("friend of mallory")]}
    forged = flow.write("Send it elsewhere", **given)
    assert (forged.ticket_id, forged.unverified, forged.details["doubt"]) == (1, True, "unproved")
    assert flow.tickets()[0].status == "open", "an agent has to look at it"
    assert answered(flow) == (["mina"], []) and participants(flow) == {"mina"}
    tickets.accept_sender(flow.as_agent, forged.id)
    flow.session.expire_all()
    assert answered(flow) == (["mallory"], ["friend of mallory"])
    proved = flow.write("Here", authentic=True, **{**given, "reply_to": [post("office")], "cc": []})
    assert (proved.unverified, proved.details.get("doubt")) == (False, None) and answered(flow) == (["office"], [])


def test_who_was_spoken_against_reopens_nothing_and_chooses_nobody(flow):
    """S3: also where the message opens the ticket."""
    first = flow.write("Hello", authentic=False, reply_to=[post("mallory")], cc=[post("friend")])
    assert answered(flow) == (["mina"], []) and participants(flow) == {"mina"}
    tickets.change(flow.as_agent, 1, status="solved")
    message = flow.write("More", authentic=False, references=[first.external_id])
    assert (message.unverified, message.details["doubt"], flow.tickets()[0].status) == (True, "forged", "solved")


def test_what_opens_a_ticket_keeps_whom_it_names(flow):
    """S3 concerns joining alone."""
    flow.write("Hello", reply_to=[post("office")], cc=[post("colleague")])
    assert answered(flow) == (["office"], ["colleague"])


def test_the_writer_is_warned_when_an_answer_goes_elsewhere_than_the_last(flow):
    """S3: at first in comparison with who wrote, then with whom was answered."""
    flow.write("Hello", reply_to=[post("office")])
    found = addressees.of(flow.as_agent, *with_account(flow))
    assert found.differs and values(found.before) == ["mina"]
    answer(flow)
    assert not addressees.of(flow.as_agent, *with_account(flow)).differs
    flow.write("Now here", references=[flow.messages()[0].external_id], authentic=True)
    found = addressees.of(flow.as_agent, *with_account(flow))
    assert found.differs and (values(found.to), values(found.before)) == (["mina"], ["office"])


def test_our_own_id_is_proof_without_any_token_beside_it(flow):
    flow.write("Hello")
    sent = answer(flow)
    message = flow.write("Thanks", references=["unknown", sent.external_id])
    assert (message.ticket_id, message.unverified, message.details.get("doubt")) == (1, False, None)
    forged = sent.external_id.replace(sent.token, sent.token[:-1] + ("a" if sent.token[-1] != "a" else "b"))
    assert flow.write("Thanks", references=[forged]).ticket_id == 2


def test_what_nobody_proved_does_not_become_the_words_of_its_customer(flow):
    """A participant who answers by our token to somebody else speaks for themselves."""
    flow.write("Hello", cc=[post("colleague")])
    sent = answer(flow)
    message = flow.write("I saw it", sender="colleague", name="A colleague", tokens=[sent.token])
    assert message.customer_id != flow.tickets()[0].customer_id and message.details.get("doubt") is None


def test_an_acknowledgement_to_an_unproved_address_has_no_strangers_words(flow):
    """S8: neither subject nor name; where a trusted server vouched they are the customer's own."""
    flow.write("Buy pills", subject="Buy pills", name="Cheap pills")
    flow.write("Late", subject="My order", sender="sara", name="Sara", authentic=True)
    flow.tell()
    flow.send()
    unproved, proved = Letters.posted
    assert "pills" not in f"{unproved.subject} {unproved.text} {unproved.to} {unproved.history}"
    assert unproved.subject == "Your request [#1]"
    assert (proved.subject, proved.to) == ("My order", [post("sara", "Sara")])


def test_acknowledgements_to_unproved_addresses_have_a_budget(flow, monkeypatch):
    """S8: for an hour in all, and for each source; admins are told."""
    from helpdesk.core.outbox import automatic

    monkeypatch.setattr(automatic, "TOTAL", 5)
    for number in range(8):
        flow.write("Hello", sender=f"stranger {number}")
    flow.write("Hello", sender="sara", authentic=True)
    flow.tell()
    flow.send()
    assert values(person for sent in Letters.posted for person in sent.to) == [
        *(f"stranger {number}" for number in range(5)),
        "sara",
    ]
    flow.tell()
    assert any("in an hour" in text for _, text in flow.runtime.hooks.plugins["acknowledge"].faults)


def test_one_source_does_not_use_up_the_budget_of_all(flow, monkeypatch):
    from helpdesk.core.outbox import automatic

    monkeypatch.setattr(automatic, "SOURCE", 3)
    monkeypatch.setattr(Boxes, "source", classmethod(lambda cls, value: value.split()[0]))
    for sender in (*(f"evil {number}" for number in range(5)), "good 1"):
        flow.write("Hello", sender=sender)
    flow.tell()
    flow.send()
    assert values(person for sent in Letters.posted for person in sent.to) == ["evil 0", "evil 1", "evil 2", "good 1"]
    assert flow.session.query(Message).filter_by(kind="in").count() == 6


def test_an_answer_quotes_only_what_all_its_recipients_have_read(flow):
    """A16: after a merge there are two customers, and each gets their own words."""
    from helpdesk.core.tickets import merge

    flow.write("The first one's secret")
    flow.write("The second one's secret", sender="sara", name="Sara")
    merge.merge(flow.as_agent, 2, 1)
    sent = answer(flow)
    assert values(sent.to) == ["sara"] and [said for _, _, said in sent.history] == ["The second one's secret"]
    sent = answer(flow, to=[post("mina")])
    assert [said for _, _, said in sent.history] == ["The first one's secret"]
    assert answer(flow, to=[post("mina")], cc=[post("kian")]).history == []


def test_references_carry_no_token_that_was_made_for_somebody_else(flow):
    """S17: nor the ids of what they never got."""
    first = flow.write("Hello")
    to_mina = answer(flow).external_id
    to_kian = answer(flow, to=[post("kian")])
    assert (to_kian.references, to_kian.in_reply_to) == ([], "")
    again = answer(flow, to=[post("mina")], cc=[post("kian")])
    assert (again.references, again.in_reply_to) == ([first.external_id, to_mina], first.external_id)
    assert answer(flow, to=[post("kian")]).references == [to_kian.external_id]

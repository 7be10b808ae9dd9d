"""The contract of sending: a provider that takes it, that fails, whose answer is lost, and a sender that dies."""

from __future__ import annotations

import os
from datetime import timedelta

from helpdesk.core import failpoints
from helpdesk.core.database import leases
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import outbox, replies
from helpdesk.core.tickets.message_models import Delivery, Message

from .contract_parts import LONG_AGO, Parts
from .proofs import each

WORDS = "On its way"
STEPS = ("outbox.claimed", "outbox.begun", "outbox.sent", "outbox.committed")


class Sending(Parts):
    """A message on its way to the other side."""

    @property
    def sends(self) -> bool:
        """True when a reply can be proved: the channel carries it by itself."""
        return self.channel.accepts.replies and not self.channel.accepts.by_hand

    def answered(self, uow: UnitOfWork, ticket: int, provider, text: str = WORDS, **how) -> Message | None:
        """A reply that the stand-in took; None, with a printed remark, where there is none."""
        if not self.sends:
            self.unneeded()
            return None
        if provider is None:
            self.leave_out("send, for want of a stand-in")
            return None
        message = replies.reply(uow, ticket, text, **how)
        assert self.send(uow).state == "sent"
        return message

    def test_a_reply_reaches_the_other_side(self, uow, ticket, provider):
        if self.answered(uow, ticket, provider):
            assert WORDS in provider.taken[-1]["text"]

    @each("fault", ["down", "slow", "busy"])
    def test_a_provider_that_fails_is_tried_again(self, fault, uow, ticket, provider):
        if not self.sends:
            return self.unneeded()
        if provider is None:
            return self.leave_out(f"a provider that is {fault}, for want of a stand-in")
        replies.reply(uow, ticket, WORDS)
        provider.fail = fault
        delivery = self.send(uow)
        assert delivery.tries == 1 and delivery.reason
        if fault != "busy" and not self.channel(self.view(provider)).knows_repeats:
            assert delivery.state == "uncertain", "it may have been taken, so a person decides"
            replies.retry(uow, delivery.id)
        assert delivery.state == "queued"
        if fault == "busy":
            assert delivery.due_at >= uow.clock() + timedelta(seconds=provider.after - 2), (
                "it waits as long as it was asked to"
            )
        provider.fail, delivery.due_at = "", LONG_AGO
        uow.session.commit()
        assert self.send(uow).state == "sent"
        assert [WORDS in taken["text"] for taken in provider.taken] == [True], "taken once, however often it was tried"

    def test_an_answer_that_is_lost_doubles_nothing(self, uow, ticket, provider):
        """The provider takes it, and the line breaks before it says so."""
        if not self.sends:
            return self.unneeded()
        if not getattr(provider, "loses", False):
            return self.leave_out("an answer that is lost, for want of a stand-in that can")
        replies.reply(uow, ticket, WORDS)
        provider.fail = "lost"
        delivery = self.send(uow)
        provider.fail, delivery.due_at = "", LONG_AGO
        uow.session.commit()
        if self.channel(self.view(provider)).knows_repeats:
            assert delivery.state == "queued" and self.send(uow).state == "sent"
            assert len({str(taken.get("id")) for taken in provider.taken}) == 1, "by the same id each time"
            return
        assert delivery.state == "uncertain" and self.send(uow).state == "uncertain" and len(provider.taken) == 1
        assert uow.session.query(Message).filter_by(kind="note").one().details["uncertain"], "the agents are told"
        assert replies.arrived(uow, delivery.id).state == "sent" and len(provider.taken) == 1

    @each("step", STEPS)
    def test_a_reply_is_sent_once_or_said_to_be_uncertain_when_its_sender_dies_at(
        self, step, runtime, uow, ticket, provider
    ):
        """Sent again with the same id where the other side knows it by that; else a person decides."""
        if not self.sends:
            return self.unneeded()
        if provider is None:
            return self.leave_out("a sender that dies, for want of a stand-in")
        knows = self.channel(self.view(provider)).knows_repeats
        if knows and step == "outbox.begun":
            return self.unneeded()
        replies.reply(uow, ticket, WORDS)
        uow.session.rollback()
        child = os.fork()
        if not child:
            self._die_sending(runtime, step)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), f"it never passed {step}"
        leases.release_orphaned_leases(uow, Delivery)
        certain = knows or step in ("outbox.claimed", "outbox.committed")
        assert self.send(uow).state == ("sent" if certain else "uncertain")
        assert len(provider.taken) == 1 or (step == "outbox.begun" and not provider.taken) or knows
        assert len({str(taken.get("id")) for taken in provider.taken}) <= 1, "by the same id each time"

    def _die_sending(self, runtime, step: str) -> None:
        """In a child: send until the step at which the process is killed."""
        try:
            failpoints._name, failpoints._left = step, 1
            runtime.engine.dispose(close=False)
            with runtime.uow() as uow:
                outbox.work(uow)
        finally:
            os._exit(0)

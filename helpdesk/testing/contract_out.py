"""The contract of what goes out: ids that come back, and every line of ``Accepts``."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.core.channels.address_types import File
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.errors import Invalid
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import by_hand, new_ticket, outbox, own_reactions, replies, sent_changes
from helpdesk.core.tickets import external_ids
from helpdesk.core.tickets.message_models import Delivery, Message

from .contract_sending import WORDS, Sending
from .proofs import each, raising


class Outgoing(Sending):
    """What goes out."""

    # Ids that come back ------------------------------------------------------------------------------------------

    def theirs(self, message: Message) -> list[str]:
        """The ids by which the other side names a message of ours: its own, or ours where it gives none."""
        known = [i.external_id for i in message.external_ids]
        return [i for i in known if i != message.delivery.external_id] or known

    def test_an_answer_that_names_our_message_joins_its_ticket(self, uow, account, ticket, provider):
        message = self.answered(uow, ticket, provider)
        if not message:
            return
        for number, known in enumerate(self.theirs(message)):
            self.take(uow, account, self.message(f"Thanks {number}", f"answer-{number}", [known]))
        assert {m.ticket_id for m in uow.session.query(Message)} == {ticket}

    @each("state", ["delivered", "read", "failed"])
    def test_a_report_finds_the_message_it_names(self, state, uow, account, ticket, provider):
        declared = state == "read" and self.channel.accepts.read_receipts
        if not self.wanted(declared, self.reported, "reported(external_id, state)"):
            return
        message = self.answered(uow, ticket, provider)
        raw = self.reported(self.theirs(message)[0], state) if message else None
        if raw is None:
            return
        self.take(uow, account, raw)
        delivery = uow.session.query(Delivery).one()
        found = {"delivered": delivery.delivered_at, "read": delivery.read_at, "failed": delivery.state == "bounced"}
        assert found[state]

    def test_a_report_may_come_before_send_returns(self, uow, account, ticket, provider, runtime):
        if not (self.sends and self.reported):
            return self.unneeded()
        if provider is None or not hasattr(provider, "before_answer"):
            return self.leave_out("a report that comes before send returns, for want of a stand-in that can")

        def report(ids):
            with runtime.uow() as other:
                said = (self.reported(ids[0], state) for state in ("delivered", "read"))
                self.take(other, account, next(raw for raw in said if raw))

        provider.before_answer = report
        self.answered(uow, ticket, provider)
        delivery = uow.session.query(Delivery).one()
        assert delivery.delivered_at or delivery.read_at

    # Every line of Accepts ---------------------------------------------------------------------------------------

    def refused(self, uow: UnitOfWork, ticket: int, text: str = WORDS, **how) -> None:
        """It is refused with a sentence, and nothing is queued."""
        before = uow.session.query(Delivery).count()
        with raising(Invalid) as caught:
            replies.reply(uow, ticket, text, **how)
        assert str(caught.value) and caught.value.fields
        assert uow.session.query(Delivery).count() == before

    def test_replies(self, uow, ticket):
        if not self.channel.accepts.replies:
            return self.refused(uow, ticket)
        assert replies.reply(uow, ticket, WORDS).id

    def test_max_chars(self, uow, ticket):
        most = self.channel.accepts.max_chars
        if not (most and self.channel.accepts.replies):
            self.unneeded()
        else:
            self.refused(uow, ticket, "x" * (most + 1))
            assert replies.reply(uow, ticket, "x" * most).id

    def test_attachments(self, uow, ticket, provider):
        allowed = self.channel.accepts.attachments
        if not self.channel.accepts.replies:
            return self.unneeded()
        if allowed is None:
            return self.refused(uow, ticket, files=[File("a.txt", "text/plain", b"x")])
        kind = (allowed.types or ("text/plain",))[0].replace("*", "x")
        if allowed.types:
            self.refused(uow, ticket, files=[File("a.bin", "application/x-nothing", b"x")])
        if allowed.size:
            self.refused(uow, ticket, files=[File("a", kind, b"x" * (allowed.size + 1))])
        if allowed.count:
            self.refused(uow, ticket, files=[File(str(n), kind, b"x") for n in range(allowed.count + 1)])
        self.answered(uow, ticket, provider, files=[File("a", kind, b"x")])

    def test_window(self, uow, ticket, provider):
        hours = self.channel.accepts.window
        if not hours:
            return self.unneeded()
        now = uow.clock() + timedelta(hours=hours, minutes=1)
        uow.clock = lambda: now
        self.refused(uow, ticket)
        if not self.channel.has("templates"):
            return  # nothing passes its closed window
        if provider is None:
            return self.leave_out("templates, for want of a stand-in")
        template = self.channel(self.view(provider)).templates()[0]
        chosen = {"name": template.name, "language": template.language, "values": ["1"] * 20}
        assert self.answered(uow, ticket, provider, text="", template=chosen)
        assert provider.taken[-1].get("template"), "the provider is told which template it is"

    def test_public(self, uow, ticket, provider):
        if not self.channel.accepts.replies:
            return self.unneeded()
        if not self.channel.accepts.public:
            return self.refused(uow, ticket, visibility="public")
        if self.answered(uow, ticket, provider, visibility="public"):
            assert provider.taken[-1].get("visibility") == "public"

    def test_first(self, uow, account, provider):
        sender = next((e.sender for raw in self.samples for e in self.events(raw) if isinstance(e, Inbound)), None)
        if not self.channel.accepts.first:
            with raising(Invalid):
                new_ticket.open_ticket(uow, account, sender.value, "Hello", WORDS)
            return
        new_ticket.open_ticket(uow, account, sender.value, "Hello", WORDS)
        if provider and self.sends:
            assert self.send(uow).state == "sent" and WORDS in provider.taken[-1]["text"]

    def test_by_hand(self, uow, ticket):
        if not self.channel.accepts.replies:
            return self.unneeded()
        replies.reply(uow, ticket, WORDS, by_hand=True)
        delivery = self.send(uow)
        assert delivery.state == outbox.BY_HAND, "the outbox leaves it to a person"
        by_hand.outcome(uow, delivery.id, "busy")
        by_hand.outcome(uow, delivery.id, "reached")
        assert uow.session.query(Delivery).one().state == "sent"

    def test_edit_and_delete(self, uow, ticket, provider):
        for name, act in (
            ("edit", lambda m: sent_changes.edit(uow, m.id, "Better")),
            ("delete", lambda m: sent_changes.delete(uow, m.id)),
        ):
            declared = getattr(self.channel.accepts, name) or self.unneeded()
            assert self.channel.has(name) or not declared, f"{name} is declared, so it is written"
            message = self.answered(uow, ticket, provider) if declared else None
            if message:
                act(message)
                self.work(uow)
                assert len({"edit": provider.edited, "delete": provider.deleted}[name]) == 1

    def test_buttons(self, uow, ticket, provider):
        allowed = self.channel.accepts.buttons
        if not self.channel.accepts.replies:
            return self.unneeded()
        if allowed is None:
            return self.refused(uow, ticket, buttons=["Yes"])
        self.refused(uow, ticket, buttons=[str(number) for number in range(allowed.count + 1)])
        self.refused(uow, ticket, buttons=["x" * (allowed.chars + 1)])
        self.refused(uow, ticket, text="", files=[File("a.txt", "text/plain", b"x")], buttons=["Yes"])
        if allowed.max_chars:
            self.refused(uow, ticket, text="x" * (allowed.max_chars + 1), buttons=["Yes"])
        labels = [f"{number:x<{allowed.chars}}" for number in range(allowed.count)]
        if self.answered(uow, ticket, provider, buttons=labels):
            assert provider.taken[-1]["buttons"] == labels

    def test_own_reactions(self, uow, account, ticket, provider):
        signs = self.channel.accepts.own_reactions
        theirs = uow.session.query(Message).filter_by(kind="in").first()
        if not signs:
            with raising(Invalid):
                own_reactions.react(uow, theirs.id, "👍")
            return
        assert self.channel.has("react"), "own_reactions are declared, so react is written"
        with raising(Invalid):
            own_reactions.react(uow, theirs.id, "none such")
        own_reactions.react(uow, theirs.id, signs[0])
        if provider is None:
            return self.leave_out("own_reactions, for want of a stand-in")
        provider.know([known.external_id for known in theirs.external_ids])
        self.work(uow)
        own_reactions.react(uow, theirs.id, "")
        self.work(uow)
        assert [one["emoji"] for one in provider.reacted] == [signs[0], ""]

    def test_typing(self, provider):
        assert self.channel.has("signal") or not self.channel.accepts.typing, "typing is declared, so signal is written"
        if not self.channel.accepts.typing:
            self.unneeded()
        elif provider is None:
            self.leave_out("typing, for want of a stand-in")
        else:
            channel = self.channel(self.view(provider))
            channel.signal("typing", self.thread)
            channel.close()
            assert len(provider.signals) == 1

    def test_ids_of_ours_are_kept_by_the_account(self, uow, account, ticket, provider):
        message = self.answered(uow, ticket, provider)
        if message:
            assert {external_ids.message_of(uow, account, [known]) for known in self.theirs(message)} == {message.id}

"""What the parts of the channel contract share: a small desk with the channel, and the stand-in of its provider."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

from helpdesk.core.channels.channel_events import ChannelEvent, as_list
from helpdesk.core.channels.types import AccountView, Channel, RawMessage, Webhook
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.jobs import runner
from helpdesk.core.jobs.models import Job
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import outbox
from helpdesk.core.tickets.message_models import Delivery, Message

from .desks import front_desk, small_runtime
from .proofs import fixture

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class LeftOut(UserWarning):
    """A proof of the contract that could not be given, for want of a sample or a stand-in; pytest prints it."""


class Provider(Protocol):
    """A stand-in for the channel's provider, on loopback.

    ``settings`` lead an account to it. ``taken``, ``edited``, ``deleted``, ``reacted`` and ``signals`` are what it was
    given, in order; what was taken has at least "text", with quick replies also "buttons" (their labels); a reaction
    has "emoji". ``fail`` says how it answers from now on: "", "down", "slow" (slower than the channel waits) or "busy"
    (with ``after`` seconds to wait); one with ``loses`` True knows "lost", too: it takes what it is given, and the line
    breaks. ``arrive(body)`` is something for a channel that polls; ``know(ids)`` tells it of customers' messages that
    may be reacted to.
    """

    settings: dict[str, Any]
    taken: list[dict]
    edited: list
    deleted: list
    signals: list
    fail: str
    after: float

    def arrive(self, body: bytes) -> None: ...


class Parts:
    """Fixtures and hands of the contract. See ``ChannelContract`` for what its author gives."""

    channel: ClassVar[type[Channel]]
    settings: ClassVar[dict[str, Any]] = {}
    samples: ClassVar[list[bytes]] = []
    forged: ClassVar[list[Webhook]] = []
    message = edited = deleted = reacted = reported = signed = None
    thread = "thread-1"  # a conversation's key as parse gives it, for signals
    undeclared = False  # set by a proof that finds nothing to prove

    @fixture
    def provider(self):
        """The stand-in; None leaves out what needs one."""
        return None

    @fixture
    def runtime(self, tmp_path):
        runtime = small_runtime(tmp_path, self.channel)
        yield runtime
        runtime.engine.dispose()

    @fixture
    def uow(self, runtime):
        with runtime.uow() as uow:
            yield uow

    @fixture
    def account(self, uow, provider) -> int:
        return front_desk(uow, self.channel.name, **self.all_settings(provider))

    @fixture
    def ticket(self, uow, account) -> int:
        """A ticket that a customer's message opened."""
        if not self.message:
            raise AssertionError("give message(text, external_id, references): a customer's message as raw bytes")
        self.take(uow, account, self.message("Where is my order?", "first", []))
        return uow.session.query(Message).one().ticket_id

    def all_settings(self, provider) -> dict[str, Any]:
        """The account's settings, leading to the stand-in where there is one."""
        return {**self.settings, **(provider.settings if provider else {})}

    def view(self, provider=None) -> AccountView:
        """The account as the channel sees it."""
        given = self.all_settings(provider)
        return AccountView(1, "contract", self.channel.Settings().load(given), str(given.get("address", "")))

    def events(self, raw: bytes) -> list[ChannelEvent]:
        """What the channel says a sample means."""
        return as_list(self.channel(self.view()).parse(self.raw_message(raw)))

    def raw_message(self, raw: bytes, number: object = 0) -> RawMessage:
        """A sample on its way."""
        return RawMessage(f"contract:{number}", raw, datetime.now(UTC))

    def take(self, uow: UnitOfWork, account: int, *raws: bytes) -> None:
        """Through intake and all the way, each as a raw message of its own."""
        for raw in raws:
            intake.accept(uow, account, self.raw_message(raw, hash(raw)))
        self.drain(uow)

    def drain(self, uow: UnitOfWork) -> None:
        """File what waits."""
        raw_worker.drain(uow)
        uow.session.rollback()
        uow.session.expire_all()

    def send(self, uow: UnitOfWork) -> Delivery:
        """Let the outbox send what is due; the newest delivery."""
        outbox.work(uow)
        uow.session.expire_all()
        return uow.session.query(Delivery).order_by(Delivery.id.desc()).first()

    def work(self, uow: UnitOfWork) -> None:
        """Run what jobs there are, without their waits."""
        while (job := runner.claim(uow)) is not None:
            runner.run(uow, job)
            uow.session.query(Job).filter_by(id=job, state="queued").update({"due_at": LONG_AGO})
            uow.session.commit()
        uow.session.expire_all()

    def wanted(self, declared: bool, given: object, what: str) -> bool:
        """True when a proof can be given; what is declared must be, what is not may be left out."""
        if declared and not given:
            raise AssertionError(f"{self.channel.__name__} declares it, so give {what}")
        if not given:
            self.unneeded()
        return bool(given)

    def unneeded(self) -> None:
        """Say that the channel declares nothing of what would be proved."""
        self.undeclared = True

    def leave_out(self, what: str) -> None:
        """Say that a proof is not given."""
        warnings.warn(LeftOut(f"{type(self).__name__} proves nothing of {what}"), stacklevel=2)

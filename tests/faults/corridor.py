"""One mail's whole way through the desk, as the loops of the worker walk it, and what must be there at its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from helpdesk.core.channels.types import RawMessage as Received
from helpdesk.core.database.base import utcnow
from helpdesk.core.intake import claims, intake, raw_worker
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.journal.models import Event
from helpdesk.core.outbox import outbox
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message, MessageText
from helpdesk.core.tickets.models import Ticket
from helpdesk.runtime.worker import Worker

MAIL = (
    b"From: Mina <mina@customer.example>\r\nTo: support@desk.example\r\nSubject: Late raw message\r\nMessage-ID: <1@customer.example>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nWhere is it?\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=big.bin\r\n\r\n"
    + b"x" * 90_000
    + b"\r\n--b--\r\n"
)
LATER = timedelta(minutes=10)  # by then what was refused for now is due again
ONE_OF_EACH = {"RawMessage": 1, "Ticket": 1, "Message": 2, "MessageText": 2, "Attachment": 1, "Delivery": 1}


def take_in(desk, account_id: int) -> None:
    """Store what the source has, and work it off; a failure leaves the source to try again."""
    intake.accept(desk, account_id, Received("inbox:1:1", MAIL, datetime.now(UTC)))
    raw_worker.drain(desk)


def work_off(uow) -> None:
    """What the worker does with what others stored."""
    uow.session.rollback()
    raw_worker.drain(uow)
    send_out(uow)


def send_out(desk) -> None:
    """Let plugins hear of it, and let what they answer leave."""
    worker = Worker(desk.runtime, desk.runtime.notifier)
    while worker._announce(desk, "acknowledge"):
        pass
    while outbox.work(desk):
        pass


def walk(desk, account_id: int) -> None:
    """From the door to the customer's mail server."""
    take_in(desk, account_id)
    send_out(desk)


def recover(runtime, account_id: int, act=walk) -> None:
    """What the worker's loops do when they begin anew after a fault, and again some minutes later."""
    with runtime.uow() as uow:
        claims.release_own_leases(uow)
        outbox.release_own_leases(uow)
        act(uow, account_id)
        uow.clock = lambda: utcnow() + LATER
        send_out(uow)


def assert_complete(runtime, world) -> None:
    """Everything once; sent once or twice, always under the same id."""
    with runtime.uow() as uow:
        session = uow.session
        raw_message = session.scalars(select(RawMessage).where(RawMessage.state != "duplicate")).one()
        assert raw_message.state == "done", raw_message.reason
        counts = {
            m.__name__: session.scalar(select(func.count()).select_from(m))
            for m in (Ticket, Message, MessageText, Attachment, Delivery)
        }
        assert {"RawMessage": 1, **counts} == ONE_OF_EACH
        kinds = [e.kind for e in session.scalars(select(Event).where(Event.ticket_id.is_not(None)).order_by(Event.seq))]
        assert [kind for kind in kinds if kind != "delivery.delayed"] == [
            "ticket.opened",
            "reply.automatic",
            "delivery.sent",
        ]
        attachment = session.scalars(select(Attachment)).one()
        assert len(runtime.blobs.get(attachment.sha256)) == 90_000
        delivery = session.scalars(select(Delivery)).one()
        assert delivery.state == "sent", delivery.reason
        assert [message_id for message_id, _mail in world.received] in (
            [delivery.external_id],
            [delivery.external_id] * 2,
        )

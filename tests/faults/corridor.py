"""One mail's whole way through the desk, as the loops of the worker walk it, and what must be there at its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from helpdesk.core import intake, outbox, processing
from helpdesk.core.base import utcnow
from helpdesk.core.channels import Parcel as Arrived
from helpdesk.core.models import Attachment, Delivery, Event, Message, MessageText, Parcel, Ticket
from helpdesk.worker import Worker

MAIL = (
    b"From: Mina <mina@customer.example>\r\nTo: support@desk.example\r\nSubject: Late parcel\r\nMessage-ID: <1@customer.example>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nWhere is it?\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=big.bin\r\n\r\n"
    + b"x" * 90_000
    + b"\r\n--b--\r\n"
)
LATER = timedelta(minutes=10)  # by then what was refused for now is due again
ONE_OF_EACH = {"Parcel": 1, "Ticket": 1, "Message": 2, "MessageText": 2, "Attachment": 1, "Delivery": 1}


def take_in(desk, account_id: int) -> None:
    """Store what the source has, and work it off; a failure leaves the source to try again."""
    intake.accept(desk, account_id, Arrived("inbox:1:1", MAIL, datetime.now(UTC)))
    processing.drain(desk)


def work_off(desk) -> None:
    """What the worker does with what others stored."""
    desk.session.rollback()
    processing.drain(desk)
    send_out(desk)


def send_out(desk) -> None:
    """Let plugins hear of it, and let what they answer leave."""
    worker = Worker(desk.house, desk.house.bell)
    while worker._tell(desk, "acknowledge"):
        pass
    while outbox.work(desk):
        pass


def walk(desk, account_id: int) -> None:
    """From the door to the customer's mail server."""
    take_in(desk, account_id)
    send_out(desk)


def recover(house, account_id: int, act=walk) -> None:
    """What the worker's loops do when they begin anew after a fault, and again some minutes later."""
    with house.desk() as desk:
        processing.take_back(desk)
        outbox.take_back(desk)
        act(desk, account_id)
        desk.clock = lambda: utcnow() + LATER
        send_out(desk)


def assert_complete(house, world) -> None:
    """Everything once; sent once or twice, always under the same id."""
    with house.desk() as desk:
        session = desk.session
        parcel = session.scalars(select(Parcel).where(Parcel.state != "duplicate")).one()
        assert parcel.state == "done", parcel.reason
        counts = {m.__name__: session.scalar(select(func.count()).select_from(m)) for m in (Ticket, Message, MessageText, Attachment, Delivery)}
        assert {"Parcel": 1, **counts} == ONE_OF_EACH
        kinds = [e.kind for e in session.scalars(select(Event).where(Event.ticket_id.is_not(None)).order_by(Event.seq))]
        assert [kind for kind in kinds if kind != "delivery.delayed"] == ["ticket.opened", "reply.automatic", "delivery.sent"]
        attachment = session.scalars(select(Attachment)).one()
        assert len(house.blobs.get(attachment.sha256)) == 90_000
        delivery = session.scalars(select(Delivery)).one()
        assert delivery.state == "sent", delivery.reason
        assert [message_id for message_id, _mail in world.received] in ([delivery.external_id], [delivery.external_id] * 2)

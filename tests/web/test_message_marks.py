"""The ticket page shows what became of a message, in both languages: edits, deletion, reactions, waiting files, marks of reading."""

from datetime import UTC, datetime

import pytest

from helpdesk.core.people.models import User
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SAID = {
    "en": ["edited", "Before it was edited", "Tomorow", "👍", "is being fetched", "Public", "Call", "Read", "Deleted"],
    "fa": ["ویرایش‌شده", "پیش از ویرایش", "👍", "در حال دریافت", "عمومی", "تماس تلفنی", "خوانده شد", "حذف‌شده"],
}


@pytest.mark.parametrize("language", ["en", "fa"])
def test_what_became_of_a_message_is_shown(agent, runtime, arrives, people, language):
    ticket = arrives("An order", "Tomorrow")
    with runtime.uow() as uow:
        with uow.writing() as session:
            session.get(User, people["agent"].id).language = language
            row = session.query(Message).filter_by(ticket_id=ticket).one()
            row.edited_at, row.visibility, row.form = AT, "public", "call"
            row.details = {**row.details, "earlier": [{"text": "Tomorow", "html": "", "at": AT.isoformat()}]}
            row.reactions = [{"emoji": "👍", "kind": "post", "address": "x", "name": "X", "at": AT.isoformat()}]
            session.add(Attachment(message_id=row.id, name="a.png", type="image/png", sha256="", state="waiting"))
            gone = Message(ticket_id=row.ticket_id, account_id=row.account_id, kind="in", text="x", deleted_at=AT)
            ours = Message(ticket_id=row.ticket_id, account_id=row.account_id, kind="out", text="Yes")
            session.add_all([gone, ours])
            session.flush()
            sent = {"state": "sent", "read_at": AT, "delivered_at": AT, "external_id": "x"}
            session.add(Delivery(message_id=ours.id, account_id=row.account_id, **sent))
    page = agent.get(f"/tickets/{ticket}", headers={"HX-Request": "true", "HX-Target": "ticket"}).text
    assert [words for words in SAID[language] if words not in page] == []

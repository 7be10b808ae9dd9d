"""The demo's calls, in both languages: missed, with a note, promised in a slot, and overdue."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from helpdesk.api import customers, messages, sla
from helpdesk.api.errors import TryAgain
from helpdesk.core.accounts import accounts
from helpdesk.core.tickets.models import Ticket
from plugins.phone import calls, demo
from plugins.phone.call_backs import CallBack

from .conftest import SATURDAY, arrive


def test_the_demo_has_calls_of_every_kind_in_both_languages(uow, line):
    accounts.update(uow, line.id, settings={**line.settings, "number": demo.LINE, "secret": "s", "files_key": ""})
    with pytest.raises(TryAgain):
        demo.tell(uow, SimpleNamespace())
    arrive(uow)
    calls.follow_filed(uow)
    for _again in range(2):
        demo.tell(uow, SimpleNamespace())
        arrive(uow)
    states = [call.state for call in uow.session.query(calls.Call).order_by(calls.Call.call_id)]
    assert states == ["missed", "missed", "ended", "ended"]
    noted = [
        message.text
        for ticket in uow.session.query(Ticket)
        for message in messages.of_ticket(uow, ticket.id, notes=True)
        if message.kind == "note"
    ]
    assert len(noted) == 2 and {"ق" in text for text in noted} == {True, False}
    names = {customers.get(uow, ticket.customer_id).name for ticket in uow.session.query(Ticket)}
    assert {"کاوه صالحی", "Grace Tanner"} <= names
    rows = uow.session.query(CallBack).all()
    assert {row.state for row in rows} == {"waiting"} and len(rows) == 4
    assert (
        {row.language for row in rows if row.slot_at}
        == {row.language for row in rows if not row.slot_at}
        == {"fa", "en"}
    )
    late = [row for row in rows if row.promised_at < SATURDAY]
    assert len(late) == 2 and all(sla.of_ticket(uow, row.ticket_id)[0].target_at == row.promised_at for row in late)
    assert all(row.promised_at > SATURDAY - timedelta(hours=2) for row in late)

"""Business hours and the time until an answer, as visitors are told them; the calendar is one of the plugin sla."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.api import accounts, sla, tables
from helpdesk.api.i18n import LOCALES, reading
from helpdesk.api.work import plugin_actor
from helpdesk.testing import front_desk, small_runtime
from plugins.chat import config, following, hours, state, visitors
from plugins.chat.channel import Chat
from plugins.chat.tables import Base, Item
from plugins.sla import store
from plugins.sla.models import Base as SlaBase

NINE_TO_FIVE = {"id": 4, "name": "Office", "zone": "Asia/Tehran", "week": [[[540, 1020]]] * 7}
NOON = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)  # in Tehran


class Clock:
    now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def uow(tmp_path):
    """At noon, with a chat account that follows a calendar; the clock stands where ``uow.clock.now`` says."""
    runtime = small_runtime(tmp_path, Chat, plugins="chat,sla")
    for base in (Base, SlaBase):
        base.metadata.create_all(runtime.engine)
    with runtime.uow() as uow:
        store.save(uow, 0, [NINE_TO_FIVE], [])
        front_desk(uow, "chat", origins="https://shop.example", calendar="sla.4")
        yield replace(uow.acting(plugin_actor("chat")), clock=Clock())
    runtime.engine.dispose()


def shown(uow, calendar="sla.4"):
    """The configuration as a page reads it."""
    account = accounts.get(uow, 1)
    account = replace(account, settings=account.settings | {"calendar": calendar})
    with reading(LOCALES["fa"]):
        return config.document(uow, account, LOCALES["fa"])


def test_outside_its_hours_an_account_says_when_it_opens(uow, monkeypatch):
    monkeypatch.setattr(state, "present", lambda uow, account: [type("Sara", (), {"name": "سارا", "user_id": 1})])
    assert sla.calendars(uow) == [("sla.4", "Office")]
    assert hours.choices(uow)[1:] == [("sla.4", "Office")]
    assert (shown(uow)["open"], shown(uow)["opens_at"]) == (True, None)
    uow.clock.now = NOON + timedelta(hours=9)
    assert (shown(uow)["open"], shown(uow)["opens_at"]) == (False, "2026-11-30T05:30:00Z")
    assert shown(uow)["agents"] == []
    for other in ("", "sla.9", "sla.x", "gone.1", "nonsense"):
        assert (shown(uow, other)["open"], shown(uow, other)["opens_at"]) == (True, None), other
    monkeypatch.setattr(state, "present", lambda uow, account: [])
    assert shown(uow, "")["open"] is False


def test_who_wrote_before_it_opened_joins_the_line_then(uow, monkeypatch):
    monkeypatch.setattr(state, "present", lambda uow, account: [1])
    joined = []
    visitor, _token = visitors.begin(uow, 1, "192.0.2.1", "fa")
    visitors.change(uow, visitor, phase="waiting", ticket_id=None)
    monkeypatch.setattr(following, "_join", lambda uow, visitor, opened: joined.append(opened))
    for moment, opened in ((NOON - timedelta(hours=9), False), (NOON, True)):
        uow.clock.now = moment
        visitors.change(uow, visitor, seen_at=moment)
        following.OPENED.run(uow, None)
        assert joined.pop() is opened


def test_the_time_until_an_answer_is_of_working_hours_and_counts_those_without(uow):
    """Five wrote: three were answered in 2, 4 and 6 minutes, one half an hour before closing and ten minutes after
    opening, one never.
    """
    evening = NOON.replace(hour=13) - timedelta(days=1)
    said = [(NOON - timedelta(hours=n), timedelta(minutes=2 * n)) for n in (1, 2, 3)]
    said += [(evening, timedelta(hours=16, minutes=40)), (NOON - timedelta(hours=2), None)]
    for number, (at, answered) in enumerate(said):
        assert hours.answers_in(uow, accounts.get(uow, 1)) is None, "too few"
        visitor, _token = visitors.begin(uow, 1, "192.0.2.1", "en")
        visitors.change(uow, visitor, phase="open")
        for key, by, moment in (("v", "visitor", at), ("o", "agent", answered and at + answered)):
            if moment:
                row = {"visitor_id": visitor.id, "key": f"{key}:{number}", "kind": "message", "at": moment}
                tables.insert(uow, Item, **row, data={"from": by, "text": "x"})
    assert shown(uow)["answers_in"] == 6 * 60
    assert shown(uow, "")["answers_in"] == 6 * 60
    assert sla.worked(uow, "sla.4", [(evening, evening + timedelta(hours=16, minutes=40))]) == [timedelta(minutes=40)]

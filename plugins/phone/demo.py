"""What the demo desk has of calls in both languages: missed, with a note, call-backs in a slot and overdue."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from helpdesk.api import accounts, customers, intake, jobs, messages, slots, tables
from helpdesk.api.channels import RawMessage
from helpdesk.api.errors import TryAgain, _
from helpdesk.api.jobs import JobKind, Running
from helpdesk.api.work import UnitOfWork, plugin_actor, work

from . import call_backs
from .call_backs import CallBack, Wish

LINE = "+982188776655"
LATER = timedelta(seconds=20)  # the desk is made first
WAITING_FOR = _("The calls of the demo are still coming in.")
# (id, number, name, seconds ago of each event, note)
CALLS: tuple[dict[str, Any], ...] = (
    {"id": "demo-1", "from": "+989121110011", "name": "پریسا نادری", "events": {"ringing": 1500, "missed": 1470}},
    {"id": "demo-2", "from": "+442079460018", "name": "Alan Whitby", "events": {"ringing": 5400, "missed": 5350}},
    {
        "id": "demo-3",
        "from": "+989121110033",
        "name": "کاوه صالحی",
        "events": {"ringing": 7300, "answered": 7285, "ended": 6967},
        "agent": "سارا محمدی",
        "duration": 318,
        "note": "سفارش ۴۸۲۱۷ دو بار پرداخت شده است. قول دادم تا فردا مبلغ دوم برگردد؛ رسید را با ایمیل می‌فرستد.",
    },
    {
        "id": "demo-4",
        "from": "+442079460044",
        "name": "Grace Tanner",
        "events": {"ringing": 9800, "answered": 9775, "ended": 9544},
        "agent": "James Carter",
        "duration": 231,
        "note": "The lamp arrived without its shade. She wants the shade alone; I promised word by Monday.",
    },
)
SOON: tuple[dict[str, Any], ...] = (
    {"number": "+989121110055", "name": "مینا رستگار", "words": "دربارهٔ اندازهٔ فرش پیش از سفارش", "language": "fa"},
    {
        "number": "+442079460066",
        "name": "Oliver Hughes",
        "words": "Which of the two sofas fits a lift",
        "language": "en",
    },
)
LATE: tuple[dict[str, Any], ...] = (
    {"number": "+989121110077", "name": "حسین رضایی", "words": "پولم هنوز برنگشته است", "language": "fa"},
    {"number": "+442079460088", "name": "Nora Fields", "words": "My parcel is at the wrong address", "language": "en"},
)


def fill() -> None:
    """Let the calls come in once the desk is made."""
    with work(plugin_actor("phone")) as uow:
        jobs.add(uow, DEMO, {}, key="demo", at=uow.clock() + LATER)


def tell(uow: UnitOfWork, job: Running) -> None:
    """The calls, then the notes about them; again until those calls are filed."""
    line = next((one for one in accounts.of_channel(uow, "phone") if one.settings["number"] == LINE), None)
    if line is None:
        return
    now = uow.clock()
    for call in CALLS:
        _ring(uow, line.id, call, now)
    _wish(uow, line, now)
    filed = [messages.known_as(uow, line.id, call["id"]) for call in CALLS]
    for call, message in zip(CALLS, filed, strict=True):
        if message is not None:
            _known(uow, call, message)
    if not all(filed):
        raise TryAgain(WAITING_FOR)


DEMO = JobKind("phone.demo", run=tell, label=_("Calls of the demo"))


def _ring(uow: UnitOfWork, account_id: int, call: dict[str, Any], now: datetime) -> None:
    for name, ago in call["events"].items():
        said = {"event": name, "call_id": call["id"], "from": call["from"], "to": LINE, "agent": call.get("agent", "")}
        said |= {"at": (now - timedelta(seconds=ago)).isoformat()}
        said |= {"duration": call["duration"]} if name == "ended" else {}
        raw = json.dumps(said, ensure_ascii=False).encode()
        intake.take(uow, account_id, RawMessage(f"{call['id']}:{name}", raw, now, conversation=call["id"]))


def _wish(uow: UnitOfWork, line: accounts.Account, now: datetime) -> None:
    free = [slot.at for slot in slots.bookable(line.settings, now)]
    for number, wish in enumerate(SOON):
        _promise(uow, Wish(line, slot_at=free[1 + number] if len(free) > 1 + number else None, **wish))
    for number, wish in enumerate(LATE):
        minutes = timedelta(minutes=25 + 30 * number)
        _promise(uow, Wish(line, **wish), promised_at=now - minutes, created_at=now - minutes - timedelta(hours=1))


def _promise(uow: UnitOfWork, wish: Wish, **known: datetime) -> None:
    """A wish with what is known of it, before it is handed over."""
    row = call_backs.ask_once(uow, wish, f"demo-{wish.number}")
    if row is None or row.state != "asked":
        return
    if known:
        tables.update(uow, CallBack, CallBack.key == row.key, **known)
    call_backs.hand_over(uow, call_backs.get(uow, row.key))


def _known(uow: UnitOfWork, call: dict[str, Any], message: messages.Message) -> None:
    """The caller's name and the note, once."""
    if message.customer_id and customers.get(uow, message.customer_id).name != call["name"]:
        customers.rename(uow, message.customer_id, call["name"])
        if call.get("note"):
            messages.note(uow, message.ticket_id, call["note"])

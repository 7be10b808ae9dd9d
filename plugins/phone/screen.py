"""What the pages of agents show: the call-backs of one's queues in groups, one call with all that is known, callers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from helpdesk.api import accounts, customers, fields, messages, tickets, waiting
from helpdesk.api.channels import Address
from helpdesk.api.errors import NotFound, _
from helpdesk.api.i18n import current, gettext
from helpdesk.api.text import phone_for_reading
from helpdesk.api.work import UnitOfWork

from . import call_backs, calls, dialling, outgoing, pages, promise, wording
from .call_backs import CallBack

SOON = timedelta(minutes=15)  # before a slot its call is one of now
SHOWN = 50  # callers and slots
LAST = 4  # messages beside a call
OUTCOMES = (
    ("reached", _("Reached"), "st-solved"),
    ("no_answer", _("No answer"), "call"),
    ("busy", _("Busy"), "clock"),
    ("voicemail", _("Voicemail"), "pause"),
    ("wrong_number", _("Wrong number"), "alert"),
)
OTHERS = {"promised_again": _("Another time was agreed"), "unwanted": _("Wants no calls")}


@dataclass(frozen=True)
class Row:
    """A call-back as the list shows it. ``due`` is the next try, ``by`` when the promise ends."""

    key: str
    name: str
    number: str
    words: str
    slot: str
    due: datetime
    by: datetime
    taken_by: int | None


def rows(uow: UnitOfWork) -> dict[str, list[Row]]:
    """The open call-backs whose tickets the actor sees: those of now, later ones of today, and the others."""
    entries = {entry.ticket_id: entry for entry in waiting.line(uow, kind=promise.LINE.name)}
    now = uow.clock()
    found: dict[str, list[Row]] = {"now": [], "later": []}
    for row in call_backs.opened(uow):
        entry = entries.get(row.ticket_id or 0)
        if entry is not None:
            due = entry.since()
            found["now" if due <= now + SOON else "later"].append(_row(row, due, entry.taken_by))
    return found


def _row(row: CallBack, due: datetime, taken_by: int | None) -> Row:
    slot = promise.moment(row.slot_at) if row.slot_at else ""
    return Row(row.key, row.name, readable(row.number), row.words, slot, due, row.promised_at, taken_by)


def readable(number: str) -> str:
    """A number as people of its country write it."""
    return phone_for_reading(number)[0] or number


def call(uow: UnitOfWork, key: str) -> dict[str, Any]:
    """One call-back with everything known; NotFound unless the actor sees its ticket."""
    row = call_backs.get(uow, key)
    ticket = tickets.get(uow, row.ticket_id or 0)
    account = accounts.get(uow, row.account_id)
    delivery = messages.delivery(uow, row.message_id) if row.message_id else None
    entry = waiting.get(uow, row.entry_id) if row.entry_id else None
    return {
        "row": row,
        "number": readable(row.number),
        "name": row.name or _name(uow, ticket.customer_id),
        "ticket": ticket,
        "entry": entry,
        "mine": bool(entry and entry.taken_by == uow.actor.user_id),
        "open": row.state in call_backs.OPEN and delivery is not None and delivery.state == "waiting_for_person",
        "link": dialling.link(account.settings, row.number),
        "unwanted": customers.is_unwanted(uow, "phone", Address("phone", row.number)),
        "made": outgoing.of_message(uow, row.message_id) if row.message_id else [],
        "script": wording.steps(account.settings["script"]),
        "plan": plan(uow, row, delivery),
        "known": known(uow, ticket),
        "others": [one for one in customers.tickets(uow, ticket.customer_id) if one["id"] != ticket.id],
        "last": messages.of_ticket(uow, ticket.id, limit=SHOWN)[-LAST:],
        "outcomes": OUTCOMES,
    }


def _name(uow: UnitOfWork, customer_id: int) -> str:
    return customers.get(uow, customer_id).name


def plan(uow: UnitOfWork, row: CallBack, delivery: messages.Delivery | None) -> list[dict[str, Any]]:
    """The tries as steps in time: {kind: done, now or limit, at, words}."""
    if delivery is None:
        return []
    labels = {code: words for code, words, _icon in OUTCOMES} | OTHERS
    done = [
        {"kind": "done", "at": one.at, "words": gettext(labels.get(one.outcome, one.outcome)), "note": one.note}
        for one in delivery.attempts
    ]
    done += [
        {"kind": "made", "at": one.began_at, "words": made(one), "note": ""}
        for one in outgoing.of_message(uow, row.message_id or 0)
    ]
    done.sort(key=lambda step: step["at"])
    if delivery.state != "waiting_for_person":
        return done
    next_ = {"kind": "now", "at": max(delivery.due_at, uow.clock()), "words": gettext("Next try"), "note": ""}
    return [*done, next_, {"kind": "limit", "at": row.promised_at, "words": gettext("The promise ends"), "note": ""}]


def made(call: calls.Call) -> str:
    """How a call of the desk's stands, for the reader of the moment."""
    return wording.made(call.state, call.seconds)


def known(uow: UnitOfWork, ticket: tickets.Ticket) -> list[tuple[str, str]]:
    """What was collected already, by its label: nobody is asked for it again."""
    language = current.get().language
    customer = customers.get(uow, ticket.customer_id)
    mails = [one.address for one in customer.identities if one.kind == "email" and not one.bounced]
    found = [(gettext("E-mail address"), ", ".join(mails))] if mails else []
    for of, owner in (("ticket", ticket.id), ("customer", ticket.customer_id)):
        values = fields.values(uow, of, owner)
        for field in fields.all(uow, of):
            value = values.get(field.name)
            if value not in (None, "", [], ()):
                label = field.label.get(language) or next(iter(field.label.values()), field.name)
                found.append((label, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)))
    return found


def callers(uow: UnitOfWork) -> list[dict[str, Any]]:
    """Who rings, waits or is spoken with now, the longest first, as far as the actor sees their tickets. ``long`` is
    who waits for longer than the line's limit: they are offered a call-back.
    """
    limits = {one.id: timedelta(seconds=one.settings["offer_after"]) for one in accounts.of_channel(uow, "phone")}
    found = []
    for one in calls.live(uow)[:SHOWN]:
        try:
            ticket = tickets.get(uow, one.ticket_id or 0)
        except NotFound:
            continue
        waits = one.state in ("ringing", "waiting") and bool(one.number) and not one.outgoing
        long = waits and uow.clock() - one.began_at > limits.get(one.account_id, timedelta.max)
        said = {"number": readable(one.number), "name": _name(uow, ticket.customer_id), "long": long}
        told = wording.made(one.state, 0) if one.outgoing else wording.told(one.state, one.agent, 0)
        found.append({"call": one, "told": told, "offered": one.offered_at is not None, **said})
    return found


def slots_of(uow: UnitOfWork) -> list[dict[str, Any]]:
    """The lines of the actor's queues, each with its days and slots."""
    lines = [account for account in accounts.of_channel(uow, "phone") if account.active]
    return [
        {"name": one.name, "days": pages.days(uow, one), "most": one.settings["slot_calls"]}
        for one in lines
        if uow.actor.serves(one.queue_id)
    ]


def panel(uow: UnitOfWork, ticket_id: int) -> dict[str, Any] | None:
    """Beside a conversation: its call-backs and calls, and a form that starts one; None without a line."""
    lines = [account for account in accounts.of_channel(uow, "phone") if account.active]
    if not lines:
        return None
    ticket = tickets.get(uow, ticket_id)
    line = min(lines, key=lambda account: account.queue_id != ticket.queue_id)
    free = [
        part | {"day": day["weekday"]} for day in pages.days(uow, line) for part in day["slots"] if part["free"] > 0
    ]
    customer = customers.get(uow, ticket.customer_id)
    phones = [one.address for one in customer.identities if one.kind == "phone"]
    return {
        "ticket": ticket_id,
        "wishes": [
            {"row": one, "when": promise.moment(one.slot_at) if one.slot_at else ""}
            for one in call_backs.of_ticket(uow, ticket_id)
        ],
        "made": [(one.began_at, made(one)) for one in calls.of_ticket(uow, ticket_id) if one.outgoing],
        "unwanted": [one for one in phones if customers.is_unwanted(uow, "phone", Address("phone", one))],
        "recordings": [one for one in calls.of_ticket(uow, ticket_id) if one.recording],
        "number": phones[0] if phones else "",
        "free": free[:SHOWN],
    }

"""E-mail for chats: the proof of an address by a code or a link, what is mailed to whoever is gone, and transcripts."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.api import accounts, events, jobs, messages, tables
from helpdesk.api.channels import Address, File
from helpdesk.api.i18n import _, datetime_, gettext, reading
from helpdesk.api.web import signed_link
from helpdesk.api.work import UnitOfWork

from . import channel, items, visitors
from .languages import reader
from .settings import EMAIL
from .tables import ChatEmailProved, Item, Visitor

VALID = timedelta(hours=1)
TRIES = 5  # of one code
ASKED, OF_ADDRESS, OF_NETWORK = 3, 5, 30  # codes an hour for one visitor, one address, one network
LOOKS = 24 * 60  # how often it is looked, a minute apart, whether an unread answer can be mailed
LATER = timedelta(seconds=2)  # for a ticket that is not there yet
PURPOSE = "chat.proof"


def ask(uow: UnitOfWork, visitor: Visitor, address: Any) -> str:
    """Mail a code and a link to this address, soon; returns the code of what is wrong, or ""."""
    if not isinstance(address, str) or not EMAIL.fullmatch(address.strip()):
        return "address"
    if not messages.reaches(uow, "email"):
        return "not_now"
    address, now = address.strip().lower(), uow.clock()
    lately = _asked(uow, visitor)
    if len(lately) >= ASKED or _asked_by_others(uow, visitor, address):
        return "slow_down"
    code = {"nonce": secrets.token_hex(8), "until": (now + VALID).isoformat()}
    code["asked"] = [*lately, f"{now.isoformat()} {address}"]
    visitor = visitors.change(uow, visitor, email=address, proven=False, code=code, tries=0)
    jobs.add(uow, MAIL_PROOF, {"visitor": visitor.id, "nonce": code["nonce"]})
    return ""


def _asked(uow: UnitOfWork, visitor: Visitor) -> list[str]:
    """When a visitor asked for codes within the hour, and for which address."""
    return [asked for asked in visitor.code.get("asked", []) if asked > (uow.clock() - VALID).isoformat()]


def _asked_by_others(uow: UnitOfWork, visitor: Visitor, address: str) -> bool:
    """True when enough codes were asked for this address, or from this network, whoever asked: each can be guessed."""
    lately = (Visitor.seen_at > uow.clock() - VALID - visitors.GONE, Visitor.email != "")
    from_here = to_there = 0
    for one in uow.session.scalars(select(Visitor).where(*lately)):
        asked = _asked(uow, one)
        from_here += len(asked) if one.network == visitor.network else 0
        to_there += sum(each.endswith(f" {address}") for each in asked)
    return from_here >= OF_NETWORK or to_there >= OF_ADDRESS


def note(uow: UnitOfWork, visitor: Visitor, address: str) -> Visitor:
    """Write down the address a visitor typed, unless one is proven or a code for another is on its way."""
    if not visitor.code.get("nonce"):
        known = (Visitor.id == visitor.id, ~Visitor.proven, Visitor.tries == visitor.tries)
        tables.update(uow, Visitor, *known, email=address)
    return visitors.by_id(uow, visitor.id)


def digits_of(uow: UnitOfWork, visitor: Visitor) -> str:
    """The six digits, made of what the row keeps and a key that it does not."""
    said = f"{visitor.id}:{visitor.email}:{visitor.code.get('nonce', '')}".encode()
    return f"{int(hmac.new(uow.secret, said, hashlib.sha256).hexdigest()[:12], 16) % 1_000_000:06}"


def prove(uow: UnitOfWork, visitor: Visitor, given: Any) -> bool:
    """True when this is the code; five tries each."""
    code = visitor.code
    fresh = bool(code.get("nonce")) and datetime.fromisoformat(code["until"]) > uow.clock() and visitor.tries < TRIES
    if not fresh or not isinstance(given, str):
        return False
    this_one = (Visitor.id == visitor.id, Visitor.tries == visitor.tries)
    if not tables.update(uow, Visitor, *this_one, tries=visitor.tries + 1):
        return False  # somebody tries others at the same moment
    visitor = visitors.by_id(uow, visitor.id)
    if not hmac.compare_digest(digits_of(uow, visitor).encode(), given.strip().encode()):
        return False
    return prove_by_mail(uow, visitor, visitor.email)


def prove_by_mail(uow: UnitOfWork, visitor: Visitor, address: str) -> bool:
    """The visitor read what was mailed to this address: they are the customer who has it. False when they gave another
    meanwhile.
    """
    this_one = (Visitor.id == visitor.id, Visitor.email == address, ~Visitor.proven)
    if not tables.update(uow, Visitor, *this_one, proven=True, code={"asked": visitor.code.get("asked", [])}):
        return False
    visitor = visitors.by_id(uow, visitor.id)
    if visitor.ticket_id:
        events.record(uow, ChatEmailProved(ticket_id=visitor.ticket_id))
    visitors.join_customer(uow, visitor, "email", visitor.email)
    jobs.add(uow, FOLLOW, {"visitor": visitor.id}, at=uow.clock() + channel.PATIENCE)  # what came before the proof
    return True


# Mails ------------------------------------------------------------------------------------------------------------


def _mail_proof(uow: UnitOfWork, job: Any) -> None:
    """Mail the code and the link, once the chat has its ticket."""
    visitor = uow.session.get(Visitor, job.args["visitor"], populate_existing=True)
    if visitor is None or visitor.code.get("nonce") != job.args["nonce"] or visitor.proven:
        return
    if visitor.ticket_id is None:
        waited = job.args.get("waited", 0)
        if waited < 60:
            jobs.add(uow, MAIL_PROOF, {**job.args, "waited": waited + 1}, at=uow.clock() + LATER)
        return
    account = accounts.get(uow, visitor.account_id)
    path = f"/chat/{account.public_key}/proof"
    known = {"visitor": visitor.id, "nonce": visitor.code["nonce"], "email": visitor.email}
    link = signed_link(uow, path, PURPOSE, VALID, **known)
    with reading(reader(visitor.language)):
        said = (
            gettext("Somebody asked in a chat with us that the answers come to this address."),
            gettext("If it was you, enter this code there: %(code)s", code=digits_of(uow, visitor)),
            gettext("Or open this page: %(link)s", link=link),
            gettext("If it was not you, there is nothing to do."),
        )
        mailed = messages.write_to(
            uow,
            visitor.ticket_id,
            Address("email", visitor.email),
            "\n\n".join(said),
            subject=gettext("Your code for our chat"),
        )
    if mailed is None:  # nobody can read this code, so nobody shall guess it
        code = {"asked": visitor.code["asked"]}
        tables.update(uow, Visitor, Visitor.id == visitor.id, Visitor.email == visitor.email, code=code)


def _follow_up(uow: UnitOfWork, job: Any) -> None:
    """Mail what was said to somebody who is gone and has not read it; looked at again while they are there, and while
    no mail may leave.
    """
    visitor = uow.session.get(Visitor, job.args["visitor"], populate_existing=True)
    if visitor is None or not visitor.proven or visitor.ticket_id is None:
        return
    waiting = items.unread(uow, visitor, max(visitor.visitor_read, visitor.mailed))
    if not waiting:
        return
    if visitors.is_gone(uow, visitor) and _mail_unread(uow, visitor, waiting):
        visitors.change(uow, visitor, mailed=waiting[-1][0].id)
    elif job.args.get("looked", 0) < LOOKS:
        again = {"visitor": visitor.id, "looked": job.args.get("looked", 0) + 1}
        jobs.add(uow, FOLLOW, again, at=uow.clock() + channel.PATIENCE)


def _mail_unread(uow: UnitOfWork, visitor: Visitor, waiting: list[tuple[Item, dict[str, Any]]]) -> bool:
    with reading(reader(visitor.language)):
        text = "\n\n".join(said["text"] for _item, said in waiting)
        text += "\n\n" + gettext("You left our chat before you could read this. Simply answer this mail to go on.")
        return write(uow, visitor, text, gettext("Our answer in the chat"))


def mail_transcript(uow: UnitOfWork, visitor: Visitor) -> bool:
    """Mail what was said to the proven address."""
    rows = uow.session.query(Item).filter(Item.visitor_id == visitor.id, Item.kind == "message").order_by(Item.id)
    with reading(reader(visitor.language)):
        said = items.worded(uow, visitor, list(rows.limit(500)))
        lines = [_line(item, words) for item, words in said if words is not None]
        return write(uow, visitor, "\n\n".join(lines), gettext("What was said in our chat"))


def _line(item: Item, said: dict[str, Any]) -> str:
    name = said["author"]["name"] or gettext(_("You") if said["from"] == "visitor" else _("We"))
    files = "".join(f"\n[{file['name']}]" for file in said.get("files", []))
    return f"{name}, {datetime_(item.at)}\n{said['text']}{files}"


def write(uow: UnitOfWork, visitor: Visitor, text: str, subject: str) -> bool:
    """Mail something to the proven address, on the chat's ticket."""
    to = Address("email", visitor.email, str(visitor.answers.get("name", "")))
    ticket = visitor.ticket_id or 0
    return messages.write_to(uow, ticket, to, text, subject=subject, proved=True) is not None


def described(number: int, file: File) -> dict[str, Any]:
    """A file of the visitor's as its item keeps it; the bytes are with the message."""
    sha256 = hashlib.sha256(file.content).hexdigest()
    return {"number": number, "name": file.name, "type": file.type, "size": len(file.content), "sha256": sha256}


MAIL_PROOF = jobs.JobKind("chat.mail_proof", _mail_proof, _("Mail the code of a chat"))
FOLLOW = jobs.JobKind(channel.FOLLOW_UP, _follow_up, _("Mail an answer to whoever left the chat"))

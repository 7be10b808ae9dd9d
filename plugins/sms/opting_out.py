"""Numbers that asked for no more messages: a word by SMS is enough, and holds until another word takes it back."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import tables
from helpdesk.api.text import digits, normalise
from helpdesk.api.work import UnitOfWork, plugin_actor, work

Base = tables.base("sms")
STOP = "stop, stopall, unsubscribe, لغو, لغو11, لغو عضویت, لغو اشتراک"
START = "start, unstop, subscribe, شروع, عضویت"


class OptedOut(Base):
    """A number that an account is not to write to."""

    __tablename__ = "sms_opted_out"
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[str] = mapped_column(String(40), primary_key=True)


def wish(text: str, stop: str = STOP, start: str = START) -> str:
    """ "stop" or "start" when the whole text is one of these words, else ""."""
    word = _bare(text)
    return "stop" if word and word in _words(stop) else "start" if word and word in _words(start) else ""


def _words(listed: str) -> set[str]:
    return {_bare(word) for word in listed.replace("،", ",").split(",")} - {""}


def _bare(text: str) -> str:
    return normalise(digits(text[:60], "en")).replace(" ", "")


def remember(account_id: int, number: str, wished: str) -> None:
    """Do as the number wishes from now on."""
    row = {"account_id": account_id, "number": number}
    with work(plugin_actor("sms")) as uow:
        if wished == "stop":
            tables.insert_new(uow, OptedOut, **row)
        else:
            tables.delete(uow, OptedOut, OptedOut.account_id == account_id, OptedOut.number == number)


def has(account_id: int, number: str) -> bool:
    """True when this number asked for no more messages of this account."""
    with work(plugin_actor("sms")) as uow:
        return _row(uow, account_id, number) is not None


def _row(uow: UnitOfWork, account_id: int, number: str) -> OptedOut | None:
    query = select(OptedOut).where(OptedOut.account_id == account_id, OptedOut.number == number)
    return uow.session.scalar(query)

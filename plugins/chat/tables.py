"""The tables of chat: visitors with their proof, what was said, and who is blocked; and the events of chats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import events, tables
from helpdesk.api.i18n import _

Base = tables.base("chat")


class Visitor(Base):
    """Somebody on a web site. ``public`` is the id and ``secret`` the hash of the proof they hold; both change when
    they identify. ``address`` is what the desk knows them by, for ever. ``site_user`` is the site's own id, proved.

    ``chat`` counts their chats, ``phase`` is that of the last: new, waiting, open or ended; ``agent`` who serves it.
    ``email`` counts only once ``proven``; ``code`` is {nonce, until, asked}, tried ``tries`` times.
    ``desk_read`` and ``visitor_read`` are items.
    """

    __tablename__ = "chat_visitor"
    id: Mapped[int] = tables.key()
    account_id: Mapped[int] = mapped_column(BigInteger, index=True)
    public: Mapped[str] = mapped_column(String(32), unique=True)
    secret: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(40), unique=True)
    site_user: Mapped[str] = mapped_column(String(200), default="")
    customer_id: Mapped[int | None] = tables.reference("customer", ondelete="SET NULL", index=True)
    ticket_id: Mapped[int | None] = tables.reference("ticket", ondelete="SET NULL", index=True)
    chat: Mapped[int] = mapped_column(default=1)
    phase: Mapped[str] = mapped_column(String(10), default="new")
    agent: Mapped[dict] = mapped_column(default=dict)
    answers: Mapped[dict] = mapped_column(default=dict)
    page: Mapped[dict] = mapped_column(default=dict)
    language: Mapped[str] = mapped_column(String(10), default="")
    network: Mapped[str] = mapped_column(String(60), default="", index=True)
    email: Mapped[str] = mapped_column(String(254), default="")
    proven: Mapped[bool] = mapped_column(default=False)
    code: Mapped[dict] = mapped_column(default=dict)
    tries: Mapped[int] = mapped_column(default=0)
    rated: Mapped[str] = mapped_column(String(10), default="")
    desk_read: Mapped[int] = mapped_column(default=0)
    visitor_read: Mapped[int] = mapped_column(default=0)
    mailed: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]

    @property
    def thread(self) -> str:
        """The key of the running chat's conversation."""
        return f"{self.address}.{self.chat}"


class Item(Base):
    """Something that was said, or done to what was said. ``key`` is unique for the visitor: "v:<client id>" for their
    messages, "o:<external id>" for the desk's. ``about`` is the message an edit or deletion concerns.
    """

    __tablename__ = "chat_item"
    __table_args__ = (UniqueConstraint("visitor_id", "key"),)
    id: Mapped[int] = tables.key()
    visitor_id: Mapped[int] = mapped_column(BigInteger, index=True)
    key: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(10))
    about: Mapped[int | None]
    data: Mapped[dict]
    at: Mapped[datetime]


class Blocked(Base):
    """A visitor, by address, or a network whose pages may not chat with an account."""

    __tablename__ = "chat_blocked"
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    what: Mapped[str] = mapped_column(String(60), primary_key=True)


@dataclass(frozen=True, kw_only=True)
class ChatRated(
    events.DomainEvent,
    kind="chat.rated",
    label=_("Chat rated"),
    icon="smile",
    timeline=_("Was the question solved? The customer says: %(score)s"),
    words={"yes": _("Yes"), "partly": _("Partly"), "no": _("No")},
):
    """A visitor said whether their question was solved: yes, partly or no."""

    score: str


@dataclass(frozen=True, kw_only=True)
class ChatEnded(
    events.DomainEvent,
    kind="chat.ended",
    label=_("Chat ended"),
    icon="chat",
    timeline=_("The chat ended: %(why)s"),
    words={
        "visitor": _("the visitor ended it"),
        "agent": _("a colleague ended it"),
        "idle": _("nobody said a word"),
        "solved": _("the ticket was solved"),
        "blocked": _("the visitor was blocked"),
    },
):
    """A chat is over: ``why`` is visitor, agent, idle, solved or blocked."""

    why: str


@dataclass(frozen=True, kw_only=True)
class ChatEmailProved(
    events.DomainEvent,
    kind="chat.email_proved",
    label=_("E-mail address proved in a chat"),
    icon="check",
    timeline=_("The visitor proved their e-mail address"),
):
    """The visitor read what was mailed to the address they gave."""


@dataclass(frozen=True, kw_only=True)
class ChatBlocked(
    events.DomainEvent,
    kind="chat.blocked",
    label=_("Visitor blocked"),
    icon="lock",
    timeline=_("%(who)s blocked the visitor"),
):
    """Somebody blocked a visitor, and their network where ``network`` is true."""

    network: bool


EVENTS = [ChatRated, ChatEnded, ChatEmailProved, ChatBlocked]

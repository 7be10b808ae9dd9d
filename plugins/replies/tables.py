"""The table of saved replies, and the events of macros."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.api import events, tables
from helpdesk.api.i18n import _

Base = tables.base("replies")


class SavedReply(Base):
    """A text for many tickets; with ``actions`` it is a macro. Without team and person it is the whole desk's.

    ``texts`` is {language: {"subject", "text"}}, ``actions`` a list of {"action", "value"}, ``files`` one of {"name",
    "type", "size",
    "sha256"}. ``words`` is all of it as search compares it. ``version`` goes up with each change.
    """

    __tablename__ = "replies_reply"
    id: Mapped[int] = tables.key()
    name: Mapped[str] = mapped_column(String(200))
    folder: Mapped[str] = mapped_column(String(120))
    team_id: Mapped[int | None] = tables.reference("team", ondelete="CASCADE", index=True)
    user_id: Mapped[int | None] = tables.reference("user", ondelete="CASCADE", index=True)
    texts: Mapped[dict]
    actions: Mapped[list]
    files: Mapped[list]
    words: Mapped[str] = mapped_column(Text)
    uses: Mapped[int]
    used_at: Mapped[datetime | None]
    version: Mapped[int]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    @property
    def scope(self) -> str:
        """Whose it is: "desk", "team" or "personal"."""
        return "personal" if self.user_id else "team" if self.team_id else "desk"


@dataclass(frozen=True, kw_only=True)
class MacroApplied(
    events.DomainEvent,
    kind="replies.applied",
    label=_("Macro applied"),
    icon="bolt",
    timeline=_("%(who)s applied the macro “%(name)s”"),
):
    """Somebody applied a macro, by the name it had."""

    reply: int
    name: str


@dataclass(frozen=True, kw_only=True)
class MacroUndone(
    events.DomainEvent,
    kind="replies.undone",
    label=_("Macro undone"),
    icon="rewind",
    timeline=_("%(who)s took back the macro “%(name)s”"),
):
    """Everything a macro did was taken back."""

    reply: int
    name: str

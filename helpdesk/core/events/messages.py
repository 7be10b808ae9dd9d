"""What becomes of a message after it stands: it is changed, taken back, reacted to, its files come."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.core.errors import _

from .registry import DomainEvent


@dataclass(frozen=True, kw_only=True)
class MessageEdited(DomainEvent, kind="message.edited", label=_("Message edited")):
    """Who wrote a message changed its words; the earlier ones are kept with it."""


@dataclass(frozen=True, kw_only=True)
class MessageDeleted(DomainEvent, kind="message.deleted", label=_("Message deleted")):
    """Who wrote a message took it back; it stays, marked."""


@dataclass(frozen=True, kw_only=True)
class MessageReacted(DomainEvent, kind="message.reacted", label=_("Reaction to a message")):
    """Somebody's reaction to a message came, changed or went."""


@dataclass(frozen=True, kw_only=True)
class MessageUnknown(
    DomainEvent,
    kind="message.unknown",
    label=_("Event of an unknown message"),
    icon="info",
    timeline=_("Something came about a message that this desk does not know"),
):
    """An edit, deletion, reaction or report waited in vain for the message it names; its bytes are the raw message
    ``raw_message``. The ticket is that of its conversation or sender, where one is known; ``what`` is which of them.
    """

    account: int
    raw_message: int
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class _OfFile(DomainEvent):
    file: int


@dataclass(frozen=True, kw_only=True)
class FileReady(_OfFile, kind="file.ready", label=_("File downloaded")):
    """A file that a message named was downloaded."""


@dataclass(frozen=True, kw_only=True)
class FileFailed(_OfFile, kind="file.failed", label=_("File not downloaded"), icon="alert"):
    """A file that a message named cannot be downloaded."""


@dataclass(frozen=True, kw_only=True)
class FileAwaited(_OfFile, kind="file.awaited", label=_("File awaited again"), icon="clock"):
    """Somebody let a file that could not be downloaded be tried again."""


KINDS = (MessageEdited, MessageDeleted, MessageReacted, MessageUnknown, FileReady, FileFailed, FileAwaited)

"""The exception tree. Every error carries one sentence for the person who can act on it.

A sentence is an English message id; it is put into the reader's language where it is shown
(``helpdesk.i18n.render_message``), with ``values`` filled in afterwards. What waits in a row meanwhile is written by
``dump_message``.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .text import storable

NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
LONGEST = 1000  # characters of one value that a row keeps
SQLITE_FULL = 13  # sqlite3.SQLITE_FULL; importing sqlite3 for it would cost the parsing children memory


def _(sentence: str) -> str:
    """Mark a sentence for the catalogue without translating it here."""
    return sentence


class HelpdeskError(Exception):
    """An error that is shown to a person. ``sentence`` is a message id, ``values`` fill its ``%(name)s`` places."""

    status = 500
    more: Mapping[str, Any] = {}  # what an API client gets beside the sentence

    def __init__(self, sentence: str, **values: Any) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values


class NotFound(HelpdeskError):
    """No such thing, or not for this person: both look the same from outside."""

    status = 404

    def __init__(
        self, sentence: str = _("There is nothing at this address, or it is not for you."), **values: Any
    ) -> None:
        super().__init__(sentence, **values)


class Forbidden(HelpdeskError):
    """The person may see this but not do that."""

    status = 403

    def __init__(self, sentence: str = _("Your role does not allow this."), **values: Any) -> None:
        super().__init__(sentence, **values)


class Invalid(HelpdeskError):
    """What was given does not fit; ``fields`` names the places, each with a sentence."""

    status = 422

    def __init__(self, sentence: str, fields: dict[str, str] | None = None, **values: Any) -> None:
        super().__init__(sentence, **values)
        self.fields = fields or {}


class TooMuch(HelpdeskError):
    """More than is read at once, in bytes or in items."""

    status = 413

    def __init__(self, sentence: str = _("This is too large. Please send less at once."), **values: Any) -> None:
        super().__init__(sentence, **values)


class Conflict(HelpdeskError):
    """Somebody else was first; the sentence says what changed."""

    status = 409


class Overtaken(Conflict):
    """A ticket has words which the writer has not read; whoever writes anyway names ``newest``, the id of the last
    of them.
    """

    def __init__(self, sentence: str, newest: int, **values: Any) -> None:
        super().__init__(sentence, **values)
        self.newest = newest
        self.more = {"newest": newest}


class Unavailable(HelpdeskError):
    """Cannot be done now and may work later; ``after`` is in seconds."""

    status = 503

    def __init__(self, sentence: str, after: int = 5, **values: Any) -> None:
        super().__init__(sentence, **values)
        self.after = after


class Unanswered(Unavailable):
    """The other side was asked and did not answer: what it did of it is not known."""


class ChannelError(HelpdeskError):
    """What a channel may raise. Anything else counts as a fault of the channel's plugin."""


class Malformed(ChannelError):
    """The raw bytes cannot be read at all; they go to quarantine with this reason."""

    status = 422


class Refused(ChannelError):
    """The other side refused for good (bad signature, rejected message)."""

    status = 403


class TryAgain(ChannelError):
    """A passing fault; ``after`` is the shortest useful wait in seconds, or None."""

    status = 503

    def __init__(self, sentence: str, after: float | None = None, **values: Any) -> None:
        super().__init__(sentence, **values)
        self.after = after


class Uncertain(TryAgain):
    """The other side may have taken it: the line broke before it answered. Tried again only where it knows repeats
    (``Channel.knows_repeats``) or nothing can be doubled.
    """


class Undeliverable(ChannelError):
    """This recipient can never be reached this way (no such address)."""


class Misconfigured(ChannelError):
    """The account's settings do not work; the sentence says what the admin should change."""


def dump_message(what: str | HelpdeskError, /, **values: Any) -> str:
    """A sentence, or what an error has to say, as text for a row; words that are not ours stay as they are.

    ``helpdesk.i18n.render_stored`` says it in the language of whoever reads the row.
    """
    if isinstance(what, HelpdeskError):
        return dump_message(what.sentence, **what.values)
    sentence = str(storable(what))[:LONGEST]
    if not values and not sentence.startswith("{"):
        return sentence
    kept = {name: _kept(value) for name, value in values.items()}
    return json.dumps({"sentence": sentence, "values": kept}, ensure_ascii=False)


def _kept(value: Any) -> Any:
    """A value of a sentence as JSON; a moment stays one."""
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return value if isinstance(value, int | float) else storable(str(value))[:LONGEST]


def load_message(stored: str) -> HelpdeskError:
    """What ``dump_message`` made a text of, as an error again: in English it is its ``str``."""
    if not stored.startswith("{"):
        return HelpdeskError(stored)
    kept = json.loads(stored)
    values = {
        name: datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value
        for name, value in kept["values"].items()
    }
    return HelpdeskError(kept["sentence"], **values)


def out_of_space(error: BaseException) -> bool:
    """True when the disk had no room, for a file or for the database."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, OSError):
        return cause.errno in NO_SPACE
    return getattr(cause, "sqlite_errorcode", None) == SQLITE_FULL or getattr(cause, "sqlstate", None) == "53100"

"""What a channel can carry, and the sentence that refuses what it cannot: before anything is queued, and again
before it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatch

from helpdesk.core.errors import Invalid, _

from .address_types import File


@dataclass(frozen=True)
class Attachments:
    """Which files a channel carries: ``types`` as in ``image/*`` (none named: any), each of ``size`` bytes at most,
    ``count`` at most; 0: no limit.
    """

    types: tuple[str, ...] = ()
    size: int = 0
    count: int = 0

    def takes(self, kind: str) -> bool:
        """True for a media type it carries."""
        return not self.types or any(fnmatch(kind.lower(), pattern) for pattern in self.types)


@dataclass(frozen=True)
class Buttons:
    """Short answers a customer gives by one tap: ``count`` below a text at most, each of ``chars`` characters.
    ``max_chars`` is how long the text above them may be, where that is less than without them.
    """

    count: int
    chars: int
    max_chars: int = 0


@dataclass(frozen=True)
class Accepts:
    """What a channel can carry; all of it is enforced. ``attachments`` None: no files. ``max_chars`` 0: no limit.

    ``window`` is hours after the customer's last word, after which only templates may be sent; 0: always open.
    ``first``: the desk may write first, since answers bring back the token or the external id of what they answer.
    ``any_ticket``: it may at least answer by it on a ticket that came another way, where it knows the address.
    ``public``: messages may be for everybody to read. ``by_hand``: a person carries the message out and reports the
    outcome. ``edit``, ``delete``, ``reactions``, ``typing`` and ``read_receipts`` say what both sides can do to a
    message that was sent; ``own_reactions`` are the reactions the desk may give a customer's message. ``buttons`` None:
    no quick replies.
    """

    html: bool = False
    attachments: Attachments | None = None
    subject: bool = False
    replies: bool = True
    max_chars: int = 0
    window: int = 0
    first: bool = False
    any_ticket: bool = False
    public: bool = False
    edit: bool = False
    delete: bool = False
    reactions: bool = False
    typing: bool = False
    read_receipts: bool = False
    by_hand: bool = False
    buttons: Buttons | None = None
    own_reactions: tuple[str, ...] = ()

    def is_open(self, last_word: datetime | None, at: datetime) -> bool:
        """True while the window is open: what leaves at ``at`` needs no template."""
        return not self.window or (last_word is not None and at - last_word <= timedelta(hours=self.window))


@dataclass
class Written:
    """A message as somebody wrote it, to be held against ``Accepts``. ``last_word`` is when the customer last wrote
    on this channel.
    """

    text: str
    files: tuple[File, ...] = ()
    visibility: str = "private"
    template: bool = False
    first: bool = False
    last_word: datetime | None = None
    buttons: tuple[str, ...] = ()


def refuse(accepts: Accepts, written: Written, at: datetime) -> None:
    """Invalid, with a sentence for whoever wrote it, when this channel cannot carry the message at the moment
    ``at``.
    """
    if not accepts.first if written.first else not accepts.replies:
        sentence = (
            _("This account cannot start a conversation.") if written.first else _("This channel carries no replies.")
        )
        raise Invalid(sentence, {"account": _("Please choose another account.")})
    if written.visibility == "public" and not accepts.public:
        raise Invalid(
            _("This channel carries no public messages."), {"visibility": _("Please choose another account.")}
        )
    if accepts.max_chars and len(written.text) > accepts.max_chars:
        sentence = _("This channel carries %(most)s characters at most; these are %(given)s.")
        raise Invalid(sentence, {"text": _("This is too long.")}, most=accepts.max_chars, given=len(written.text))
    refuse_files(accepts.attachments, written.files)
    if written.template and written.buttons:
        raise Invalid(_("A template brings its own quick replies."), {"buttons": _("Please remove them.")})
    refuse_buttons(accepts.buttons, written.text, written.buttons)
    if not written.first and not written.template and not accepts.is_open(written.last_word, at):
        sentence = _(
            "The customer last wrote more than %(hours)s hours before this would leave; until they write "
            "again only a template can be sent."
        )
        raise Invalid(sentence, {"template": _("Please choose a template.")}, hours=accepts.window)


def refuse_files(allowed: Attachments | None, files: Iterable[File]) -> None:
    """Invalid, with a sentence, for files a channel does not carry."""
    files = list(files)
    if not files:
        return
    if allowed is None:
        raise Invalid(_("This channel carries no files."), {"files": _("This channel carries no files.")})
    if allowed.count and len(files) > allowed.count:
        raise Invalid(
            _("These are more files than this channel carries: %(most)s at most."),
            {"files": _("These are too many files.")},
            most=allowed.count,
        )
    for file in files:
        if not allowed.takes(file.type):
            raise Invalid(
                _("This channel does not carry files like %(name)s (%(type)s)."),
                {"files": _("Please remove it.")},
                name=file.name,
                type=file.type,
            )
        if allowed.size and file.size > allowed.size:
            raise Invalid(
                _("The file %(name)s is too large for this channel."), {"files": _("Please remove it.")}, name=file.name
            )


def refuse_buttons(allowed: Buttons | None, text: str, labels: Sequence[str]) -> None:
    """Invalid, with a sentence, for quick replies that a channel does not carry below this text."""
    if not labels:
        return
    if allowed is None:
        raise Invalid(_("This channel carries no quick replies."), {"buttons": _("Please remove them.")})
    if not text.strip():
        sentence = _("Quick replies stand below a text. Please write one.")
        raise Invalid(sentence, {"text": sentence})
    if len(labels) > allowed.count:
        sentence = _("This channel carries %(most)s quick replies at most.")
        raise Invalid(sentence, {"buttons": _("These are too many.")}, most=allowed.count)
    if long := next((label for label in labels if len(label) > allowed.chars), ""):
        sentence = _("“%(label)s” is too long for a quick reply: %(most)s characters at most.")
        raise Invalid(sentence, {"buttons": _("This is too long.")}, label=long, most=allowed.chars)
    if allowed.max_chars and len(text) > allowed.max_chars:
        sentence = _("Above quick replies a text has %(most)s characters at most; these are %(given)s.")
        raise Invalid(sentence, {"text": _("This is too long.")}, most=allowed.max_chars, given=len(text))

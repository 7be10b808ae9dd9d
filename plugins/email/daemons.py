"""Telling mail that machines write from mail of people: mail servers' daemons, automatic answers, bulk and loops
(RFC 3834).
"""

from __future__ import annotations

import re
from functools import lru_cache

from .address_fields import Fields, words
from .failure_words import AUTOMATIC_SUBJECT
from .parts import Part

MAX_HOPS = 50

_DAEMON = re.compile(
    r"\b(?:mail(?:er)?[ _.-]?daemon|mdaemon|mail[ _.-]?delivery[ _.-]?(?:sub)?system|delivery[ _-]?subsystem|"
    r"delivery status notification|microsoftexchange[0-9a-f]*|double-?bounce)\b|\bbounces?(?=[@+])|"
    r"^\W*(?:internet )?mail (?:delivery(?: service)?|system|router|transport)\W*(?:[<(]|$)",
    re.I,
)
_PERHAPS = re.compile(
    r"\b(?:post-?master|(?:system|mail|e-?mail|exchange|server)[ _-]?administrat(?:or|eur|ör)|systemadministrator|administrador del sistema|"
    r"mail ?(?:server|gateway|relay|system)|mailmarshal|postmeister)\b",
    re.I,
)
_ENVELOPE = re.compile(r"<?(?:>|$|#@\[\]|mailer-?daemon\b|double-bounce\b)", re.I)
_NO_REPLY = re.compile(r"\b(?:no|do-?not)[-_.]?reply@", re.I)
_REPORTS = ("multipart/report", "message/delivery-status", "message/global-delivery-status")


def null_envelope(head: Fields) -> bool:
    """True when the mail says that its own bounces go nowhere, or to a daemon."""
    return any(_ENVELOPE.match(value.strip()) for value in head.all("return-path", "x-envelope-from"))


def submitted(head: Fields) -> str:
    """The word of Auto-Submitted in lower case, "" for people's mail."""
    word = head.get("auto-submitted").partition(";")[0].strip().lower()
    return "" if word == "no" else word


def is_daemon(head: Fields) -> bool:
    """True for what a mail server writes. A person may sit behind "postmaster": there the mail must be a machine's
    otherwise too.
    """
    named = named_like(head)
    return (
        named == "daemon"
        or (named == "perhaps" and (null_envelope(head) or bool(submitted(head))))
        or "x-failed-recipients" in head
    )


def named_like(head: Fields) -> str:
    """Gives "daemon" or "perhaps" by what the sender is called, else ""."""
    return _named(" ".join(head.all("from", "sender"))[:2_000])


@lru_cache(maxsize=1024)
def _named(written: str) -> str:
    names = words(written)
    return "daemon" if _DAEMON.search(names) else "perhaps" if _PERHAPS.search(names) else ""


def looks_automatic(head: Fields, answers_us: bool) -> bool:
    """True when only the subject says that a machine answers us: in the form machines use, the answered subject
    behind a colon.
    """
    return (answers_us or "in-reply-to" in head) and bool(AUTOMATIC_SUBJECT.match(head.line("subject")))


def automatic(root: Part, answers_us: bool = False) -> str:
    """ "" for a person's mail, else "reply", "bulk" or "loop" (RFC 3834 and what programs did before it).

    Whatever answers us from an address that says it takes no answers, and asks for none elsewhere, is a machine.
    """
    head = root.head
    if head.count("received") > MAX_HOPS:
        return "loop"
    precedence = head.get("precedence").strip().lower()
    if submitted(head) or precedence in ("auto_reply", "auto-reply", "autoreply"):
        return "reply"
    if any(
        name in head
        for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply", "x-auto-reply-from")
    ):
        return "reply"
    if is_daemon(head) or null_envelope(head) or root.type in _REPORTS:
        return "reply"
    if answers_us and "reply-to" not in head and _NO_REPLY.search(head.get("from")):
        return "reply"
    if precedence in ("bulk", "list", "junk") or any(
        name in head for name in ("list-id", "list-unsubscribe", "x-loop")
    ):
        return "bulk"
    suppress = head.get("x-auto-response-suppress").lower()
    return "reply" if "all" in suppress or "autoreply" in suppress else ""

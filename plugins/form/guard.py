"""What keeps spam out without anybody else's service: a little work of the browser, a field nobody sees, and time.

A form begins with a signed word (``begin``) that holds when it was given out and how much work it asks for: a number
for which SHA-256 of word and number begins with so many zero bits (as in Hashcash). A browser without script gives
none, and needs the time a person needs. Each word is good for one post, so that every post costs its time and work.
What does not pass is marked, never lost.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select

from helpdesk.api import tables
from helpdesk.api.errors import NotFound, _
from helpdesk.api.jobs import Every, JobKind, Running
from helpdesk.api.web import open_link, signed_link

from .tables import Word

PURPOSE = "form.begin"
VALID = timedelta(days=1)
WITH_PROOF, WITHOUT_PROOF = 2, 6  # seconds between opening a form and sending it
TRAP = "website"  # the field nobody sees
TRAPPED = _("It may be spam: a field that people do not see was filled in.")
UNKNOWN = _("It may be spam: it did not come from an open page of the form.")
QUICK = _("It may be spam: it was sent quicker than a person writes.")
REUSED = _("It may be spam: something else was sent from the same open page before.")
WITHOUT_FILES = _("Its files were left out.")
UNWORKED = _("It may be spam: the work asked of the browser was not done.")


def begin(uow, difficulty: int) -> str:
    """A word for a form that is shown now."""
    given = {"at": now_of(uow), "bits": difficulty, "is": secrets.token_urlsafe(9)}
    return signed_link(uow, "/", PURPOSE, VALID, **given).rpartition("/")[2]


def marks(uow, form: Mapping[str, str], post: str) -> list[str]:
    """Why the post of this id may be spam, each a sentence; none for what a person sent."""
    found = [TRAPPED] if form.get(TRAP) else []
    try:
        given = open_link(uow, form.get("begin", "")[:500], PURPOSE)
    except NotFound:
        return [*found, UNKNOWN]
    if not _belongs(uow, given["is"], post):
        found.append(REUSED)
    elapsed, proof = now_of(uow) - given["at"], form.get("proof", "")[:20]
    if given["bits"] and proof and not worked(form["begin"], proof, given["bits"]):
        return [*found, UNWORKED]
    if elapsed < (WITH_PROOF if proof or not given["bits"] else WITHOUT_PROOF):
        found.append(QUICK)
    return found


def _belongs(uow, word: str, post: str) -> bool:
    """Use a word up for a post; False when it was used up for another."""
    if tables.insert_new(uow, Word, word=word, post=post, at=uow.clock()):
        return True
    return uow.session.scalar(select(Word.post).where(Word.word == word)) == post


def forget(uow, job: Running | None = None) -> None:
    """Forget words that are over, which nothing takes any more."""
    tables.delete(uow, Word, Word.at < uow.clock() - 2 * VALID)


FORGET = JobKind(
    "form.forget", forget, label=_("Forget old pages of forms"), schedule=Every(timedelta(hours=1)), catch_up="once"
)


def now_of(uow) -> float:
    """This moment, in seconds since 1970."""
    return uow.clock().timestamp()


def worked(word: str, proof: str, bits: int) -> bool:
    """True when SHA-256 of ``word.proof`` begins with so many zero bits."""
    digest = hashlib.sha256(f"{word}.{proof}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0

"""What keeps spam out without anybody else's service: a little work of the browser, a field nobody sees, and time.

A form begins with a signed word (``begin``) that holds when it was given out and how much work it asks for: a number
for which SHA-256 of word and number begins with so many zero bits (as in Hashcash). A browser without script gives
none, and needs the time a person needs. What does not pass is marked, never lost.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

from helpdesk.api.errors import NotFound, _
from helpdesk.api.web import open_link, signed_link

PURPOSE = "form.begin"
VALID = timedelta(days=1)
WITH_PROOF, WITHOUT_PROOF = 2, 6  # seconds between opening a form and sending it
TRAP = "website"  # the field nobody sees
TRAPPED = _("It may be spam: a field that people do not see was filled in.")
UNKNOWN = _("It may be spam: it did not come from an open page of the form.")
QUICK = _("It may be spam: it was sent quicker than a person writes.")
UNWORKED = _("It may be spam: the work asked of the browser was not done.")


def begin(uow, difficulty: int) -> str:
    """A word for a form that is shown now."""
    given = {"at": now_of(uow), "bits": difficulty, "is": secrets.token_urlsafe(9)}
    return signed_link(uow, "/", PURPOSE, VALID, **given).rpartition("/")[2]


def marks(uow, form: Mapping[str, str]) -> list[str]:
    """Why what was sent may be spam, each a sentence; none for what a person sent."""
    found = [TRAPPED] if form.get(TRAP) else []
    try:
        given = open_link(uow, form.get("begin", "")[:500], PURPOSE)
    except NotFound:
        return [*found, UNKNOWN]
    elapsed, proof = now_of(uow) - given["at"], form.get("proof", "")[:20]
    if given["bits"] and proof and not worked(form["begin"], proof, given["bits"]):
        return [*found, UNWORKED]
    if elapsed < (WITH_PROOF if proof or not given["bits"] else WITHOUT_PROOF):
        found.append(QUICK)
    return found


def now_of(uow) -> float:
    """This moment, in seconds since 1970."""
    return uow.clock().timestamp()


def worked(word: str, proof: str, bits: int) -> bool:
    """True when SHA-256 of ``word.proof`` begins with so many zero bits."""
    digest = hashlib.sha256(f"{word}.{proof}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0

"""What we say in our mails ourselves: in the customer's language, with their calendar and digits."""

from __future__ import annotations

from datetime import datetime

from helpdesk.core.errors import _
from helpdesk.language import READERS, reading, say


def attribution(who: str, at: datetime, language: str) -> str:
    """The line above a quoted message."""
    with reading(READERS["fa" if language.startswith("fa") else "en"]):
        return say(_("On %(date)s, %(who)s wrote:"), date=at, who=who)


def sender(person: str, desk: str, language: str) -> str:
    """The name customers see as the sender: the person, and the desk they write for."""
    if not person or person == desk:
        return desk
    with reading(READERS["fa" if language.startswith("fa") else "en"]):
        return say(_("%(person)s via %(desk)s"), person=person, desk=desk)

"""What we say in our mails ourselves: in the customer's language, with their calendar and digits."""

from __future__ import annotations

from datetime import datetime

from helpdesk.api.errors import _
from helpdesk.api.i18n import Reader, gettext, reading

ISOLATES = dict.fromkeys(
    range(0x2066, 0x206A)
)  # marks of direction for sentences; in a header they would belong to the name
READERS = {"fa": Reader("fa", "jalali", "fa"), "en": Reader()}


def attribution(who: str, at: datetime, language: str) -> str:
    """The line above a quoted message."""
    with reading(_reader(language)):
        return gettext(_("On %(date)s, %(who)s wrote:"), date=at, who=who)


def sender(person: str, desk: str, language: str) -> str:
    """The name customers see as the sender: the person, and the desk they write for."""
    if not person or person == desk:
        return desk
    with reading(_reader(language)):
        return gettext(_("%(person)s via %(desk)s"), person=person, desk=desk).translate(ISOLATES)


def _reader(language: str) -> Reader:
    return READERS["fa" if language.startswith("fa") else "en"]

"""The formatting that comes with what our people write by the API, made safe: at once when it is light, else in a
child process with limits.
"""

from __future__ import annotations

from helpdesk.core.errors import Invalid, _
from helpdesk.core.intake.parser_child import ParserDied
from helpdesk.security import sanitise

from . import runtime

LIGHT = 500  # marks of HTML: cleaning takes time that grows with the square of their depth
HEAVY = _("This formatting is too heavy. Please send it as plain text or with fewer elements.")


def clean(html: str) -> str:
    """As ``sanitise.clean``; Invalid when that needs more time or memory than a letter deserves."""
    if html.count("<") <= LIGHT:
        return sanitise.clean(html)
    try:
        return runtime().parser.clean(html)
    except ParserDied:
        raise Invalid(HEAVY, {"html": HEAVY}) from None

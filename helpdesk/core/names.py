"""Names that people give to things and to each other: on one line, with something to see."""

from __future__ import annotations

from .errors import Invalid, _
from .text import plain, unseen

LONGEST = 120  # characters


def one_line(name: str, longest: int = LONGEST) -> str:
    """The name on one line, cut after ``longest`` characters; "" when nothing of it can be seen."""
    line = " ".join(plain(name).split())[:longest]
    return "" if unseen(line) else line


def given(name: str, longest: int = LONGEST) -> str:
    """The same of something that must have one; Invalid when it is empty."""
    line = one_line(name, longest)
    if not line:
        raise Invalid(_("Please give it a name."), {"name": _("Please give it a name.")})
    return line

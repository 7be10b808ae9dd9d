"""Names that a desk gives itself (of queues, teams, tags) and that may carry one for each language: "Orders |
سفارش‌ها".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import current

BAR = re.compile(r"\s+\|\s+")
PERSIAN = re.compile("[\u0600-\u06ff]")


def named(name: str) -> str:
    """The reader's part of a name whose parts stand between bars; the first where none is in their language, and a
    name without bars as it is.
    """
    if "|" not in name:
        return name
    parts = [part.strip() for part in BAR.split(name) if part.strip()]
    own = [part for part in parts if bool(PERSIAN.search(part)) == (current.get().language == "fa")]
    return (own or parts or [name])[0]


def in_language(texts: Mapping[str, str]) -> str:
    """The text in the reader's language, else in another one; "" where there is none."""
    return texts.get(current.get().language) or next((text for text in texts.values() if text), "")

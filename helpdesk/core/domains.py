"""Domain names in their own letters and as the wire wants them: IDNA 2008 by UTS 46, non-transitional, in this one
place.

``idna`` is imported at the first name that is not ASCII. Python's own codec knows IDNA 2003 only and is never used.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_STOPS = str.maketrans("\u3002\uff0e\uff61", "...")


@lru_cache(maxsize=4096)
def shown(domain: str) -> str:
    """The domain in lower case and its own letters: «مثال.ایران» and its "xn--" form are the same place."""
    domain = domain.lower().translate(_STOPS)
    if domain.isascii() and "xn--" not in domain:
        return domain
    import idna

    try:
        return _same(idna.decode(wire(domain)))
    except (UnicodeError, ValueError):
        return domain


def wire(domain: str) -> str:
    """The domain in ASCII. Raises ValueError where that would write other letters than were given."""
    domain = domain.lower().translate(_STOPS)
    if domain.isascii():
        return domain
    import idna

    return idna.encode(_same(domain), uts46=True, transitional=False).decode()


def _same(domain: str) -> str:
    """The domain in its normal form (NFC); ValueError where UTS 46 would replace or drop a letter of it."""
    import idna

    normal = unicodedata.normalize("NFC", domain)
    if idna.uts46_remap(normal, std3_rules=False, transitional=False) != normal:
        raise ValueError("not written as a domain is")
    return normal

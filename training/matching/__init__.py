"""What a reply says: its normal form, phrases in it, and the acts they amount to."""

from .normalise import normalise
from .reading import Act, Reader, Reading

__all__ = ["Act", "Reader", "Reading", "normalise", "read"]


def read(text: str, lang: str, said: str = "") -> Reading:
    """What a reply in "fa" or "en" says to the customer's words ``said``."""
    return Reading(normalise(text, lang))

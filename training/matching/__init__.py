"""What a reply says: its normal form, phrases in it, and the acts they amount to."""

from .normalise import normalise
from .reader import read
from .reading import Act, Reader, Reading

__all__ = ["Act", "Reader", "Reading", "normalise", "read"]

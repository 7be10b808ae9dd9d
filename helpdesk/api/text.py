"""Text: normalised, shortened, digits and telephone numbers in one form."""

from helpdesk.core.text import digits, excerpt, joined, normalise, phone, plain

__all__ = ["digits", "excerpt", "joined", "normalise", "phone", "plain"]

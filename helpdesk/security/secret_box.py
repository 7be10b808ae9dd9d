"""Seals secrets before they are stored, with a key made from the desk's secret key; older keys still open them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from helpdesk.config import revealed
from helpdesk.core.errors import Misconfigured, _

MARK = "sealed:"
ELSEWHERE = ("$env:", "$file:")


class SecretBox:
    """``seal`` before storing, ``open`` when used. ``$env:`` and ``$file:`` values are looked up at the time of use."""

    def __init__(self, secret_key: str, older: Iterable[str] = ()):
        self._current = _fernet(secret_key)
        self._fernet = MultiFernet([self._current, *map(_fernet, older)])

    def seal(self, value: str) -> str:
        """What may be stored."""
        return MARK + self._fernet.encrypt(json.dumps(value).encode()).decode()

    def open(self, stored: str) -> str:
        """The secret itself; Misconfigured when it was sealed with another key or cannot be read where it is kept."""
        try:
            return revealed(self._unsealed(stored))
        except (OSError, ValueError):
            raise Misconfigured(
                _("A secret that is kept in a file cannot be read; please check the file and its owner.")
            ) from None

    def seal_anew(self, stored: str) -> str:
        """The same secret sealed with the current key; what is so already stays. Misconfigured when no key opens it."""
        token = stored[len(MARK) :].encode()
        try:
            self._current.decrypt(token)
        except InvalidToken:
            self._unsealed(stored)
            return MARK + self._fernet.rotate(token).decode()
        return stored

    def points_elsewhere(self, value: str) -> bool:
        """True when a value, as typed, asks for the content of a file or of an environment variable."""
        return value.startswith(ELSEWHERE)

    def refers(self, stored: str) -> bool:
        """True when it only tells where the secret is."""
        return self._unsealed(stored).startswith(ELSEWHERE)

    def _unsealed(self, stored: str) -> str:
        if not stored.startswith(MARK):
            return stored
        try:
            return json.loads(self._fernet.decrypt(stored[len(MARK) :].encode()))
        except (InvalidToken, ValueError):
            raise Misconfigured(_("A stored secret cannot be opened with this desk's key; enter it again.")) from None


def _fernet(secret_key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"vault:" + secret_key.encode()).digest()))

"""Passwords as argon2id hashes (RFC 9106), computed beside the event loop so that nobody else waits for one."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type
from gevent import get_hub, monkey

from helpdesk.core.errors import Invalid, _

SHORTEST, LONGEST = 10, 200  # characters

_hasher = PasswordHasher(type=Type.ID)
_nobodys = ""


def weaken() -> None:
    """Hash as cheaply as argon2 allows: for tests alone."""
    global _hasher, _nobodys
    _hasher, _nobodys = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, type=Type.ID), ""


def hash_password(password: str) -> str:
    """What is stored instead of a password; Invalid when it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        sentence = _("A password has between %(shortest)s and %(longest)s characters.")
        raise Invalid(sentence, {"password": sentence}, shortest=SHORTEST, longest=LONGEST)
    return _aside(_hasher.hash, password)


def matches(stored: str, password: str) -> bool:
    """True when this is the password of that hash. An empty hash takes as long and never matches."""
    return _aside(_verified, stored or _of_nobody(), password[:LONGEST]) and bool(stored)


def invented() -> str:
    """A new password nobody has thought of, easy to read aloud: 80 random bits in four groups."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _place in range(4)) for _group in range(4))


def _of_nobody() -> str:
    global _nobodys
    _nobodys = _nobodys or _hasher.hash(secrets.token_hex())
    return _nobodys


def _verified(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _aside(work: Callable, *given):
    """In a thread of its own under gevent: a hash takes a tenth of a second of pure computing."""
    if monkey.is_module_patched("socket"):
        return get_hub().threadpool.apply(work, given)
    return work(*given)

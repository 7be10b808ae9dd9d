"""How often somebody tried a password: counted in rows, so that neither a restart nor another process begins anew."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, select, update

from helpdesk.core.database.rows import insert_if_new
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .models import SignInTry


def count(uow: UnitOfWork, keys: Collection[str], within: timedelta, cost: int = 1) -> int:
    """Count a try (or with ``cost`` -1 take it back) for each key.

    The largest count of one of them, from the first try on and for ``within``.
    """
    digests = sorted(hashlib.sha256(key.encode()).hexdigest() for key in keys)
    with uow.writing() as session:
        now = uow.clock()
        session.execute(delete(SignInTry).where(SignInTry.ends_at <= now))
        for digest in digests:
            insert_if_new(session, SignInTry, digest=digest, count=0, ends_at=now + within)
        theirs = SignInTry.digest.in_(digests)
        session.execute(update(SignInTry).where(theirs).values(count=SignInTry.count + cost))
        return max(session.scalars(select(SignInTry.count).where(theirs)))

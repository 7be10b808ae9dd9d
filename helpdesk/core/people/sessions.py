"""Sessions of the console: whose one is, and ending one or all of somebody."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.orm import Session

from helpdesk.core.database.engine import is_transient
from helpdesk.core.database.rows import insert_if_new
from helpdesk.core.events.people import UserSession, UserSessions
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.storage.reserve import essential

from . import users
from .models import EndedSession, User

SESSION = timedelta(days=31)  # a cookie lives no longer without a visit
MOST_UNWRITTEN = 10_000


_unwritten: dict[
    str, int | None
] = {}  # ended in this process, not yet in the database: the user's id by the session's key

log = logging.getLogger("hamdel.people")


@essential
def end_sessions(uow: UnitOfWork, user_id: int) -> None:
    """Sign somebody out everywhere: one's own sessions, or anybody's with the right to settings.

    Tokens go on working.
    """
    uow.actor.must_manage(user_id)
    with uow.writing():
        user = users.get(uow, user_id)
        user.epoch += 1
        uow.record(UserSessions(user=user_id))


def end_session(uow: UnitOfWork, key: str) -> None:
    """Sign the acting user out of the one session that goes by this key, at once.

    Where it cannot be written down (no room at all, no database) this process remembers it until it can.
    """
    uow.actor.must_manage(uow.actor.user_id)
    _unwritten[key] = uow.actor.user_id
    try:
        write_ends(uow)
    except Exception as error:
        if not is_transient(error) or len(_unwritten) > MOST_UNWRITTEN:
            raise
        log.warning("the end of a session was not written down yet")


@essential
def write_ends(uow: UnitOfWork) -> None:
    """Write down the sessions whose end this process only remembers."""
    ends = dict(_unwritten)
    with uow.writing() as session:
        session.execute(delete(EndedSession).where(EndedSession.at < uow.clock() - SESSION))
        for key, user_id in ends.items():
            insert_if_new(session, EndedSession, key=key, at=uow.clock())
            uow.record(UserSession(user=user_id))
    for key in ends:
        _unwritten.pop(key, None)


SESSION_USER_QUERY = select(User).where(
    User.id == bindparam("user"),
    User.epoch == bindparam("epoch"),
    User.active,
    ~exists().where(EndedSession.key == bindparam("key")),
)


def by_session(session: Session, user_id: int, epoch: int, key: str) -> User | None:
    """The active user of a session that has not ended."""
    if key in _unwritten:
        return None
    return session.scalar(SESSION_USER_QUERY, {"user": user_id, "epoch": epoch, "key": key})


def ended(session: Session, keys: Collection[str]) -> set[str]:
    """Those of these sessions that somebody signed out of."""
    written = session.scalars(select(EndedSession.key).where(EndedSession.key.in_(keys)))
    return {*written, *(_unwritten.keys() & set(keys))}

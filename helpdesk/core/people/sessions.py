"""Sessions of the console: whose one is, and ending one or all of somebody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.orm import Session

from helpdesk.core.database.rows import insert_if_new
from helpdesk.core.events.people import UserSession, UserSessions
from helpdesk.core.journal.unit_of_work import UnitOfWork

from . import users
from .models import EndedSession, User

SESSION = timedelta(days=31)  # a cookie lives no longer without a visit


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
    """Sign the acting user out of the one session that goes by this key."""
    uow.actor.must_manage(uow.actor.user_id)
    with uow.writing() as session:
        session.execute(delete(EndedSession).where(EndedSession.at < uow.clock() - SESSION))
        insert_if_new(session, EndedSession, key=key, at=uow.clock())
        uow.record(UserSession(user=uow.actor.user_id))


SESSION_USER_QUERY = select(User).where(
    User.id == bindparam("user"),
    User.epoch == bindparam("epoch"),
    User.active,
    ~exists().where(EndedSession.key == bindparam("key")),
)


def by_session(session: Session, user_id: int, epoch: int, key: str) -> User | None:
    """The active user of a session that has not ended."""
    return session.scalar(SESSION_USER_QUERY, {"user": user_id, "epoch": epoch, "key": key})


def ended(session: Session, keys: Collection[str]) -> set[str]:
    """Those of these sessions that somebody signed out of."""
    return set(session.scalars(select(EndedSession.key).where(EndedSession.key.in_(keys))))

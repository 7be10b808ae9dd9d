"""API tokens: making, finding and revoking them. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from helpdesk.core.database.base import utcnow
from helpdesk.core.database.locks import without_waiting
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Invalid, NotFound, _
from helpdesk.core.events.people import UserToken, UserTokenDropped
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.names import LONGEST, one_line
from helpdesk.core.storage.reserve import essential

from .models import Token, User

MOST = 50  # of one user
USE_NOTED = timedelta(minutes=1)  # at most once


def add_token(
    uow: UnitOfWork,
    user_id: int,
    name: str = "",
    scopes: Collection[str] | None = None,
    expires_at: datetime | None = None,
) -> str:
    """A new bearer token in the clear: the only time anybody sees it.

    ``scopes`` are names of permissions (None: everything its owner may do, now and later). Invalid for an unknown one,
    for none at all, for an end in the past and for one token too many.
    """
    uow.actor.must_manage(user_id)
    _check_scopes(uow, scopes)
    if expires_at is not None and expires_at <= uow.clock():
        raise Invalid(_("Please choose an end that is still to come."), {"expires": _("This moment is over.")})
    token = "hd_" + secrets.token_urlsafe(32)
    row = {"scopes": None if scopes is None else sorted(set(scopes)), "expires_at": expires_at}
    with uow.writing():
        if len(tokens_of(uow, user_id)) >= MOST:
            raise Invalid(_("There are %(most)s tokens already; please revoke one first."), most=MOST)
        uow.session.add(Token(user_id=user_id, name=one_line(name), digest=_digest(token), **row))
        uow.record(UserToken(user=user_id))
    return token


def tokens_of(uow: UnitOfWork, user_id: int) -> list[Token]:
    """Somebody's tokens (one's own, or anybody's with the right to settings), oldest first."""
    uow.actor.must_manage(user_id)
    return list(uow.session.scalars(select(Token).where(Token.user_id == user_id).order_by(Token.id)))


@essential
def drop_token(uow: UnitOfWork, token_id: int) -> int:
    """Revoke a token and return its owner's id; NotFound when it is not one's own (or, for an admin, anybody's)."""
    with uow.writing():
        token = by_id(uow.session, Token, token_id)
        if token is None or not uow.actor.manages(token.user_id):
            raise NotFound()
        uow.session.delete(token)
        uow.record(UserTokenDropped(user=token.user_id))
        return token.user_id


def revoke_all(uow: UnitOfWork, user_id: int) -> None:
    """Revoke all tokens of a user. Inside ``writing``."""
    for token in uow.session.scalars(select(Token).where(Token.user_id == user_id)).all():
        uow.session.delete(token)
        uow.record(UserTokenDropped(user=user_id))


class Bearer(NamedTuple):
    """Who brings a token, and the token."""

    user: User
    token: Token


BEARER_QUERY = (
    select(User, Token)
    .join(Token, Token.user_id == User.id)
    .where(
        Token.digest == bindparam("digest"),
        User.active,
        Token.expires_at.is_(None) | (Token.expires_at > bindparam("now")),
    )
)


def by_token(session: Session, token: str) -> Bearer | None:
    """The active user of a bearer token that has not expired."""
    if not token or not token.startswith("hd_"):
        return None
    found = session.execute(BEARER_QUERY, {"digest": _digest(token), "now": utcnow()}).first()
    return found and Bearer(*found)


def note_use(uow: UnitOfWork, token: Token) -> None:
    """Write down that a token was used now, at most once in ``USE_NOTED``; transient when others are writing."""
    now = uow.clock()
    if token.used_at is not None and token.used_at > now - USE_NOTED:
        return
    with without_waiting(), uow.writing() as session:
        session.execute(update(Token).where(Token.id == token.id).values(used_at=now))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _check_scopes(uow: UnitOfWork, scopes: Collection[str] | None) -> None:
    if scopes is None:
        return
    if not scopes:
        sentence = _("Please choose what the token may do.")
        raise Invalid(sentence, {"scope": sentence})
    unknown = sorted(set(scopes) - set(uow.runtime.permissions))
    if unknown:
        raise Invalid(_("There is no permission named %(name)s."), name=unknown[0][:LONGEST])

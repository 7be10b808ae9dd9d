"""People of the desk: adding them, their roles and passwords (already hashed)."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.core.database.rows import by_id, insert_if_new
from helpdesk.core.errors import Conflict, Invalid, NotFound, _
from helpdesk.core.events.people import UserAdded, UserChanged, UserPassword, Values
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.names import LONGEST, one_line
from helpdesk.core.storage.reserve import essential
from helpdesk.core.text import by_name, plain

from . import api_tokens, roles
from .models import QueueTeam, TeamMember, User

ADDRESS_PATTERN = re.compile(r"[^\s@]+@[^\s@]+")


def by_email(session: Session, email: str) -> User | None:
    """The user who signs in with this address, however it is written."""
    forms = {normal_form(email), plain(email).strip().lower()}  # an address of before need not have the normal form
    return session.scalars(select(User).where(func.lower(User.email).in_(forms)).order_by(User.id)).first()


def by_sign_in(uow: UnitOfWork, address: str) -> User:
    """The same, or NotFound."""
    user = by_email(uow.session, address)
    if user is None:
        raise NotFound(_("Nobody signs in with this address."))
    return user


def normal_form(email: str) -> str:
    """The one form of all ways to write a sign-in address: lower case, full-width letters as usual ones, no spaces and
    no control and format characters.
    """
    folded = unicodedata.normalize("NFKC", plain(email)).lower()
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] not in "CZ")[:254]


def add(
    uow: UnitOfWork,
    email: str,
    name: str,
    role: str = "agent",
    password_hash: str = "",
    language: str = "en",
    preferences: dict[str, Any] | None = None,
) -> User:
    """A new user; Conflict when the address is taken, Invalid for an unknown role."""
    uow.actor.must("settings")
    email = plain(email).strip()
    if not ADDRESS_PATTERN.fullmatch(email) or len(email) > 254:
        raise Invalid(_("Please check the e-mail address."), {"email": _("Write it like name@example.com.")})
    email = normal_form(email)
    roles.check(uow.session, role)
    name = one_line(name) or email[:LONGEST]
    values = {
        "name": name,
        "role": role,
        "password_hash": password_hash,
        "language": language,
        "preferences": preferences or {},
    }
    with uow.writing():
        if not insert_if_new(uow.session, User, email=email, **values):
            raise Conflict(_("Somebody signs in with this address already."))
        user = uow.session.scalars(select(User).where(User.email == email)).one()
        uow.record(UserAdded(user=user.id, role=role))
    return user


def get(uow: UnitOfWork, user_id: int) -> User:
    """The user, or NotFound."""
    user = by_id(uow.session, User, user_id)
    if user is None:
        raise NotFound()
    return user


def visible_colleagues(uow: UnitOfWork, right: str = "") -> list[User]:
    """The active people who answer the acting user's queues, by name; everybody for those who see all queues.

    With a ``right``, those of them who have it.
    """
    uow.actor.must("tickets.read")
    query = select(User).where(User.active)
    if right:
        query = query.where(User.role.in_(roles.having(uow, right)))
    if not uow.actor.may("all queues"):
        teams = select(QueueTeam.team_id).where(QueueTeam.queue_id.in_(sorted(uow.actor.queues)))
        members = select(TeamMember.user_id).where(TeamMember.team_id.in_(teams))
        query = query.where(User.id.in_(members) | (User.id == uow.actor.user_id))
    return by_name(uow.session.scalars(query))


@essential
def set_password(uow: UnitOfWork, user_id: int, password_hash: str, revoke_tokens: bool = False) -> None:
    """Change a password (one's own, or anybody's with the right to settings) and end every session of that user.

    With ``revoke_tokens`` their API tokens end, too.
    """
    uow.actor.must_manage(user_id)
    with uow.writing():
        if revoke_tokens:
            api_tokens.revoke_all(uow, user_id)
        user = get(uow, user_id)
        user.password_hash = password_hash
        user.epoch += 1
        uow.record(UserPassword(user=user_id))


@essential
def change(
    uow: UnitOfWork, user_id: int, *, name: str | None = None, role: str | None = None, active: bool | None = None
) -> User:
    """Change who somebody is here. A new role or being switched off ends every session of that user.

    Being switched off also ends their API tokens, for good.
    """
    uow.actor.must("settings")
    if role is not None:
        roles.check(uow.session, role)
    with uow.writing():
        user = get(uow, user_id)
        before = _facts(user)
        if user_id == uow.actor.user_id and (role not in (None, user.role) or active is False):
            raise Invalid(_("You cannot take your own rights away; ask another admin."))
        user.name = one_line(name or "") or user.name
        user.role = role or user.role
        user.active = user.active if active is None else active
        after = _facts(user)
        if before != after:
            user.epoch += 1
        if not user.active:
            api_tokens.revoke_all(uow, user_id)
        uow.record(UserChanged(user=user_id, before=before, after=after))
    return user


def prefer(uow: UnitOfWork, user_id: int, language: str | None = None, **preferences: Any) -> User:
    """Keep somebody's own choices: language, theme, calendar, digits, timezone, keys."""
    uow.actor.must_manage(user_id)
    with uow.writing():
        user = get(uow, user_id)
        user.language = language or user.language
        user.preferences = {**user.preferences, **{k: v for k, v in preferences.items() if v is not None}}
    return user


def _facts(user: User) -> Values:
    return {"role": user.role, "active": user.active}

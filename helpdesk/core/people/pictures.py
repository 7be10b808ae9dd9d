"""Pictures of the people who work here: small, square, and made anew in a child process, so that nothing of what was
uploaded is ever served.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from sqlalchemy import delete, select

from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import HelpdeskError, Invalid, NotFound, Unavailable, _
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .models import User, UserPicture

LARGEST = 8 * 1024 * 1024  # bytes of what is uploaded
KEPT = 256 * 1024  # bytes of what is made of it
NO_PICTURE = _("This cannot be read as a picture. Please choose a PNG, JPEG or WebP file of up to 8 MB.")


def set_picture(uow: UnitOfWork, user_id: int, content: bytes) -> None:
    """Make the picture of somebody from a file; Invalid for what is none."""
    uow.actor.must_manage(user_id)
    if not 0 < len(content) <= LARGEST:
        raise Invalid(NO_PICTURE, {"picture": NO_PICTURE})
    try:
        made = uow.runtime.parser.picture(content)
    except Unavailable:
        raise
    except HelpdeskError:
        raise Invalid(NO_PICTURE, {"picture": NO_PICTURE}) from None
    _keep(uow, user_id, made if len(made) <= KEPT else b"")


def drop_picture(uow: UnitOfWork, user_id: int) -> None:
    """Have no picture any more."""
    uow.actor.must_manage(user_id)
    _keep(uow, user_id, b"")


def _keep(uow: UnitOfWork, user_id: int, made: bytes) -> None:
    digest = hashlib.sha256(made).hexdigest()[:40] if made else ""
    with uow.writing() as session:
        user = by_id(session, User, user_id, populate_existing=True, with_for_update=True)  # one picture at a time
        if user is None:
            raise NotFound()
        session.execute(delete(UserPicture).where(UserPicture.user_id == user_id))
        if made:
            session.add(UserPicture(user_id=user_id, digest=digest, content=made))
        user.preferences = {name: value for name, value in user.preferences.items() if name != "picture"} | (
            {"picture": digest} if made else {}
        )


def content(uow: UnitOfWork, digest: str) -> bytes:
    """The picture of this digest, as WebP; NotFound for one that nobody has any more."""
    found = uow.session.connection().scalar(select(UserPicture.content).where(UserPicture.digest == digest).limit(1))
    if found is None:
        raise NotFound()
    return bytes(found)


def digests(uow: UnitOfWork, user_ids: Collection[int]) -> dict[int, str]:
    """The digests of the pictures of these people, of those who have one."""
    query = select(UserPicture.user_id, UserPicture.digest).where(UserPicture.user_id.in_(user_ids))
    return {row[0]: row[1] for row in uow.session.connection().execute(query)} if user_ids else {}

"""Drafts on tickets that are merged: they move with their files below those of the target, and back when the merge
is undone.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from helpdesk.core.database.rows import upsert
from helpdesk.core.journal.unit_of_work import UnitOfWork

from . import draft_files
from .models import Draft, DraftFile


def move(uow: UnitOfWork, source_id: int, target_id: int) -> dict[str, Any]:
    """Move everybody's drafts; returns {texts: [user, mode, moved text, text above it], files: ids} for
    ``move_back``. Inside ``writing``.
    """
    files = list(uow.session.scalars(select(DraftFile.id).where(DraftFile.ticket_id == source_id)))
    texts = []
    for draft in uow.session.scalars(select(Draft).where(Draft.ticket_id == source_id)).all():
        above = _text(uow, draft.user_id, target_id, draft.mode)
        texts.append([draft.user_id, draft.mode, draft.text, above])
        _keep(uow, draft.user_id, target_id, draft.mode, _below(above, draft.text))
    draft_files.move(uow, source_id, target_id)
    uow.session.execute(delete(Draft).where(Draft.ticket_id == source_id))
    return {"texts": texts, "files": files}


def move_back(uow: UnitOfWork, source_id: int, target_id: int, moved: dict[str, Any]) -> None:
    """Return the drafts nobody has touched since; what somebody went on writing stays where they write. Inside
    ``writing``.
    """
    for user_id, mode, text, above in moved["texts"]:
        if _text(uow, user_id, target_id, mode) != _below(above, text):
            continue
        _keep(uow, user_id, source_id, mode, text)
        theirs = (DraftFile.id.in_(moved["files"]), DraftFile.user_id == user_id, DraftFile.mode == mode)
        uow.session.execute(update(DraftFile).where(*theirs).values(ticket_id=source_id))
        key = {"user_id": user_id, "ticket_id": target_id, "mode": mode}
        if above or uow.session.scalar(select(DraftFile.id).filter_by(**key).limit(1)):
            _keep(uow, user_id, target_id, mode, above)
        else:
            uow.session.execute(delete(Draft).filter_by(**key))


def _below(above: str, text: str) -> str:
    return "\n\n".join(part for part in (above, text) if part)


def _text(uow: UnitOfWork, user_id: int, ticket_id: int, mode: str) -> str:
    return uow.session.scalar(select(Draft.text).filter_by(user_id=user_id, ticket_id=ticket_id, mode=mode)) or ""


def _keep(uow: UnitOfWork, user_id: int, ticket_id: int, mode: str, text: str) -> None:
    upsert(
        uow.session,
        Draft,
        {"user_id": user_id, "ticket_id": ticket_id, "mode": mode},
        {"text": text, "updated_at": uow.clock()},
    )

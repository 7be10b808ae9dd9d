"""Files that a message only names: downloaded later by a job of the message's commit, in pieces, up to a size."""

from __future__ import annotations

from typing import Any

from helpdesk.core.accounts import accounts
from helpdesk.core.channels.address_types import File
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import HelpdeskError, NotFound, TryAgain, Unavailable, _, dump_message
from helpdesk.core.events.messages import FileAwaited, FileFailed, FileReady
from helpdesk.core.jobs import queue
from helpdesk.core.jobs.kinds import JobKind
from helpdesk.core.jobs.runner import Running
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .message_models import Attachment, Message
from .visibility import visible_ticket

LARGEST = 100 * 1024 * 1024  # bytes of one file
TRIES = 8


class TooLarge(HelpdeskError):
    """The other side sends more than is kept."""

    status = 413


def fetch_later(uow: UnitOfWork, account_id: int, message_id: int, files: list[File]) -> None:
    """Write the job that fetches the files a message waits for, if there are any. Inside ``writing``."""
    if any(file.ref and not file.sha256 for file in files):
        queue.add(uow, FETCH, {"message": message_id}, lane=f"files of account {account_id}")


def _fetch_files(uow: UnitOfWork, job: Running) -> None:
    """Fetch what waits, each file in a write of its own: a second run goes on where the first was broken off."""
    message = by_id(uow.session, Message, job.args["message"])
    if message is None:
        return
    waiting = [file for file in message.files if file.state == "waiting"]
    for number, file in enumerate(waiting):
        _fetch(uow, message, file, last=job.tries >= TRIES)
        job.progress(number + 1, len(waiting))


def _fetch(uow: UnitOfWork, message: Message, file: Attachment, last: bool) -> None:
    account_id, wanted = (
        message.account_id or 0,
        File(file.name, file.type, size=file.size, cid=file.cid, inline=file.inline, ref=dict(file.ref)),
    )
    try:
        sha256, size = _download(uow, account_id, wanted)
    except (TryAgain, Unavailable) as error:
        if not last:
            raise
        _settle(uow, file.id, state="failed", reason=dump_message(error))
    except HelpdeskError as error:
        _settle(uow, file.id, state="failed", reason=dump_message(error))
    else:
        _settle(uow, file.id, state="ready", sha256=sha256, size=size, reason="")


def _download(uow: UnitOfWork, account_id: int, wanted: File) -> tuple[str, int]:
    """The hash and the size of the bytes, safe on the disk. No transaction stays open meanwhile."""
    channel = accounts.channel(uow, accounts.get(uow, account_id))
    uow.session.rollback()
    with uow.blobs.writing() as blob:

        def write(piece: bytes) -> None:
            if blob.size + len(piece) > LARGEST:
                raise TooLarge(_("The file is larger than %(most)s MB."), most=LARGEST // 1024 // 1024)
            blob.write(piece)

        try:
            channel.fetch(wanted, write)
        finally:
            channel.close()
        return blob.keep(), blob.size


def _settle(uow: UnitOfWork, attachment_id: int, **values: Any) -> None:
    with uow.writing() as session:
        file = session.get_one(Attachment, attachment_id, populate_existing=True)
        message = session.get_one(Message, file.message_id)
        for name, value in values.items():
            setattr(file, name, value)
        kind = FileReady if file.state == "ready" else FileFailed
        uow.record(kind(ticket_id=message.ticket_id, message_id=message.id, file=attachment_id))


def again(uow: UnitOfWork, attachment_id: int) -> None:
    """Try a file that could not be fetched once more; NotFound unless it is such a one, on a ticket of the actor's."""
    file = by_id(uow.session, Attachment, attachment_id)
    if file is None or file.state != "failed":
        raise NotFound()
    visible_ticket(uow, uow.session.get_one(Message, file.message_id).ticket_id, "tickets.write")
    with uow.writing() as session:
        file = session.get_one(Attachment, attachment_id, populate_existing=True)
        file.state, file.reason = "waiting", ""
        message = session.get_one(Message, file.message_id)
        queue.add(uow, FETCH, {"message": message.id}, lane=f"files of account {message.account_id}")
        uow.record(FileAwaited(ticket_id=message.ticket_id, message_id=message.id, file=attachment_id))


FETCH = JobKind("core.fetch_files", _fetch_files, _("Download the files of a message"), tries=TRIES)

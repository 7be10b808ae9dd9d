"""The power is cut right after a commit: every file that a row points to is on the disk by then, and so are its name
and its folders' names.
"""

import os
from pathlib import Path

import pytest
from sqlalchemy import event

from helpdesk.core.channels.address_types import File
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.outbox import replies
from helpdesk.core.storage.blobs import Blobs
from helpdesk.core.tickets.message_models import Attachment
from helpdesk.testing import Letters, front_desk, letter, small_runtime


class Disk:
    """What would be there after the power came back: contents (by inode) and names that were flushed."""

    def __init__(self, before: Path):
        self.contents: set[int] = set()
        self.names = {before, *before.parents}

    def flushed(self, handle: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        self.contents.add(os.fstat(handle).st_ino)
        if path.is_dir():
            self.names |= set(path.iterdir())

    def keeps(self, path: Path) -> bool:
        return path.stat().st_ino in self.contents and {path, *path.parents} <= self.names


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """Watches what is flushed in this process."""
    disk, real = Disk(tmp_path), os.fsync

    def fsync(handle):
        real(handle)
        disk.flushed(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return disk


def test_files_are_on_the_disk_before_the_row_that_points_to_them(tmp_path, disk):
    """The names of new folders used not to be flushed: after a power cut a stored mail had no bytes."""
    runtime = small_runtime(tmp_path / "desk", Letters)
    disk.names.add(tmp_path / "desk")
    with runtime.uow() as uow:
        front_desk(uow, "letters")
    commits = []

    def committed(_connection):
        files = list(runtime.blobs.folder.glob("*/*"))
        assert all(disk.keeps(path) for path in files)
        commits.append(len(files))

    event.listen(runtime.engine, "commit", committed)
    with runtime.uow() as uow:
        intake.accept(uow, 1, letter("x" * 100_000, files=[File("a.bin", "application/octet-stream", b"a" * 90_000)]))
        raw_worker.drain(uow)
        replies.reply(uow, 1, "This too", files=[File("b.bin", "application/octet-stream", b"b" * 90_000)])
        kept = {row.blob for row in uow.session.query(RawMessage)} | {
            row.sha256 for row in uow.session.query(Attachment)
        }
    assert (len(kept), max(commits)) == (3, 3)
    runtime.engine.dispose()


def test_what_another_process_wrote_and_died_is_flushed_before_it_is_relied_on(tmp_path, disk):
    """Killed between giving the file its name and flushing the folder; the same bytes come again, then the power is
    cut.
    """
    blobs = Blobs(tmp_path / "blobs")
    path = blobs.path(blobs.put(b"the same"))
    disk.names.discard(path)
    blobs.put(b"the same")
    assert disk.keeps(path)

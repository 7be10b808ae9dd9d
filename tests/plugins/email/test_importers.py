"""Mail in files: one a file, many in an mbox, Maildir folders, and folders of all these."""

import hashlib
import io
import mailbox
import os
import tracemalloc
from pathlib import Path

import pytest

from plugins.email import importers

from corpus import CORPUS  # isort: skip

MAIL = CORPUS / "mail"


def mail(number, body: bytes = b"hello\n") -> bytes:
    return b"Message-ID: <%d@x>\nSubject: %d\n\n%s" % (number, number, body)


def subjects(path) -> list[int]:
    return [int(raw.split(b"Subject: ")[1].split(b"\n")[0]) for raw in importers.messages(path)]


def test_a_file_is_one_mail_byte_for_byte(tmp_path):
    raw = bytes(range(256)) * 10
    (tmp_path / "a.eml").write_bytes(raw)
    (raw_message,) = importers.raw_messages(tmp_path / "a.eml")
    assert (
        raw_message.raw == raw
        and raw_message.external_id == "sha256:" + hashlib.sha256(raw).hexdigest()
        and raw_message.at.tzinfo
    )


def test_an_mbox_comes_in_its_own_order(tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    bodies = [b"From the beginning, at 12:30 in 2026\nFrom: nobody\n", b"\nFrom afar\n\n>From far\n\n", b"last\n", b""]
    for number, body in enumerate(bodies):
        box.add(mail(number, body))
    box.close()
    found = list(importers.messages(tmp_path / "box"))
    assert [raw.rstrip(b"\n") for raw in found] == [
        mail(number, body).replace(b"\n>From far", b"\nFrom far").rstrip(b"\n") for number, body in enumerate(bodies)
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_mbox_postmarks_of_many_programs(tmp_path, end):
    marks = [
        b"From ali@example.com Sat Nov 21 16:20:00 2026",
        b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
        b"From - Mon Jan 01 00:00:00 1990",
        b"From x@y Sat Nov 21 16:20 2026 +0330",
        b"From ali@example.com  Sat, 21 Nov 2026 16:20:00 +0330 (IRST)",
    ]
    text = b"".join(
        mark + b"\n" + mail(number, b"x\nFrom me\n\nFrom here we go\n") + b"\n" for number, mark in enumerate(marks)
    )
    (tmp_path / "box").write_bytes(text.replace(b"\n", end))
    assert [int(raw.split(b"Subject: ")[1].split(end)[0]) for raw in importers.messages(tmp_path / "box")] == [
        0,
        1,
        2,
        3,
        4,
    ]


def test_maildir_with_subfolders(tmp_path):
    box = mailbox.Maildir(tmp_path / "Mail", create=True)
    names = [Path(box.add(mail(number))) for number in range(3)]
    box.add_folder("Sent").add(mail(9))
    (tmp_path / "Mail/tmp/half").write_bytes(mail(99))
    (tmp_path / "Mail/dovecot.index").write_bytes(b"\x00\x01")
    for number, name in enumerate(names):
        os.rename(tmp_path / "Mail/new" / name, tmp_path / f"Mail/{'cur' if number else 'new'}/{number}.host:2,S")
    assert sorted(subjects(tmp_path / "Mail")) == [0, 1, 2, 9]


def test_a_folder_is_taken_by_name_and_what_is_no_mail_is_left(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b/2.eml").write_bytes(mail(2))
    (tmp_path / "a.EML").write_bytes(mail(1))
    (tmp_path / "c").write_bytes(b"Received: from x\n\n" + mail(3))
    (tmp_path / "d.eml").write_bytes(b"")
    (tmp_path / "README").write_text("These are mails.")
    (tmp_path / "notes.md").write_text("# Notes\n")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    (tmp_path / ".hidden").write_bytes(mail(8))
    (tmp_path / "z.mbox").write_bytes(b"From x Sat Nov 21 16:20:00 2026\n" + mail(4) + b"\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    skipped = []
    found = [path.name for path in importers.files(tmp_path, skipped.append)]
    assert found == ["a.EML", "2.eml", "c", "d.eml", "z.mbox"]
    assert [path.name for path in skipped] == [".hidden", "README", "image.png", "notes.md"]


def test_mail_beside_the_folders_of_a_maildir_is_taken(tmp_path):
    mailbox.Maildir(tmp_path / "Mail", create=True).add(mail(1))
    (tmp_path / "Mail/lost").write_bytes(mail(2))
    (tmp_path / "Mail/maildirfolder").write_bytes(b"")
    (tmp_path / "Mail/dovecot-uidlist").write_bytes(b"3 V1700000000 N4\n1 :one\n")
    skipped = []
    assert sorted(
        int(raw.split(b"Subject: ")[1].split(b"\n")[0]) for raw in importers.messages(tmp_path / "Mail", skipped.append)
    ) == [1, 2]
    assert sorted(path.name for path in skipped) == ["dovecot-uidlist", "maildirfolder"]


def test_an_mbox_of_bare_carriage_returns(tmp_path):
    box = b"".join(b"From x Sat Nov 21 16:20:00 2026\n" + mail(number, b"one\n\ntwo\n") + b"\n" for number in range(3))
    (tmp_path / "box").write_bytes(box.replace(b"\n", b"\r"))
    assert [raw.replace(b"\r", b"\n") for raw in importers.messages(tmp_path / "box")] == [
        mail(number, b"one\n\ntwo\n") for number in range(3)
    ]


PATCH = b"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n"


def test_a_patch_inside_a_mail_does_not_split_it_but_a_file_of_patches_is_split(tmp_path):
    inside = mail(1, b"My change:\n\n" + PATCH + b"From: x\nSubject: 7\n\n---\n")
    (tmp_path / "box").write_bytes(b"From x Sat Nov 21 16:20:00 2026\n" + inside + b"\n")
    (tmp_path / "patches.mbox").write_bytes(b"".join(PATCH + mail(number) + b"\n" for number in range(3)))
    assert list(importers.messages(tmp_path / "box")) == [inside]
    assert len(list(importers.messages(tmp_path / "patches.mbox"))) == 3


def test_too_large_a_mail_comes_with_its_beginning(tmp_path, monkeypatch):
    monkeypatch.setattr(importers, "LARGEST", 1000)
    large = mail(2, b"x" * 79 + b"\n" + b"y\n" * 5000)
    (tmp_path / "box").write_bytes(
        b"".join(b"From x Sat Nov 21 16:20:00 2026\n" + raw + b"\n" for raw in (mail(1), large, mail(3)))
    )
    (tmp_path / "large.eml").write_bytes(large)
    assert subjects(tmp_path) == [1, 2, 3, 2]
    marked = [raw for raw in importers.messages(tmp_path) if raw.startswith(b"X-Hamdel-Oversize: 101")]
    assert len(marked) == 2 and all(len(raw) < 1100 for raw in marked)
    assert importers.read(io.BytesIO(large)).startswith(b"X-Hamdel-Oversize: %d\r\n" % len(large))


def test_a_file_without_line_ends_or_without_mail_is_read_all_the_same(tmp_path):
    (tmp_path / "a").write_bytes(b"From x\n" + b"z" * 3_000_000)
    (tmp_path / "empty.mbox").write_bytes(b"")
    assert list(importers.messages(tmp_path)) == [b"z" * 3_000_000, b""]


def test_a_large_mailbox_is_never_whole_in_memory(tmp_path):
    with (tmp_path / "box").open("wb") as file:
        for number in range(300):
            file.write(b"From x Sat Nov 21 16:20:00 2026\n" + mail(number, b"x" * 70 * 1500 + b"\n") + b"\n")
    tracemalloc.start()
    try:
        assert sum(1 for _ in importers.raw_messages(tmp_path / "box")) == 300
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(not MAIL.exists(), reason="the corpus is not here")
def test_every_file_of_the_corpus_is_mail():
    taken = set(importers.files(MAIL))
    assert taken == {path for path in MAIL.rglob("*") if path.is_file()}

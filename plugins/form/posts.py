"""A post of a form as raw bytes: one line of JSON, and behind it the bytes of its files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from helpdesk.api.channels import File
from helpdesk.api.errors import Malformed, _

HEAD = 400_000  # bytes of the line
TEXTS = {
    "id": 100,
    "thread": 100,
    "name": 200,
    "email": 254,
    "subject": 300,
    "text": 100_000,
    "language": 8,
    "topic": 40,
}


@dataclass
class Post:
    """What somebody sent. ``values`` are those of custom fields by name, ``lines`` the same as people read them.

    ``marks`` say why it may be spam. ``proved``: whoever sent it holds a link that went to the address.
    """

    id: str
    thread: str
    email: str
    name: str = ""
    subject: str = ""
    text: str = ""
    language: str = "en"
    topic: str = ""
    queue: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    lines: list[list[str]] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    proved: bool = False


def dump(post: Post, files: Sequence[File] = ()) -> bytes:
    """The post as raw bytes."""
    listed = [{"name": file.name, "type": file.type, "size": len(file.content)} for file in files]
    head = json.dumps({**asdict(post), "files": listed}, ensure_ascii=False).encode()
    return b"\n".join([head, b"".join(file.content for file in files)])


def load(raw: bytes) -> tuple[Post, list[File]]:
    """The post in raw bytes, with its files. Malformed for anything else."""
    head, _line, rest = raw[: HEAD + 1].partition(b"\n")
    try:
        said = json.loads(head)
        files = [(str(each["name"])[:200], str(each["type"])[:100], int(each["size"])) for each in said.pop("files")]
        post = Post(**said)
        texts = all(
            isinstance(getattr(post, name), str) and len(getattr(post, name)) <= most for name, most in TEXTS.items()
        )
        lines = all(isinstance(part, str) for line in post.lines for part in line) and all(
            len(line) == 2 for line in post.lines
        )
        fits = texts and lines and isinstance(post.values, dict) and all(isinstance(mark, str) for mark in post.marks)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Malformed(_("This is not a post of a form.")) from None
    if not fits or not post.id or not post.email or not isinstance(post.queue, int | None):
        raise Malformed(_("This is not a post of a form."))
    return post, _cut(raw[len(head) + 1 :], files)


def _cut(rest: bytes, listed: list[tuple[str, str, int]]) -> list[File]:
    files, begin = [], 0
    for name, kind, size in listed:
        if size < 0 or begin + size > len(rest):
            raise Malformed(_("This is not a post of a form."))
        files.append(File(name, kind, content=rest[begin : begin + size]))
        begin += size
    return files

"""Files that old programs write into the text itself (uuencode)."""

from __future__ import annotations

import re

from helpdesk.api.channels import File

from .attachments import named_type, safe_name
from .transfer import uu_bytes

_FILE = re.compile(r"^begin [0-7]{3,4} ?([^\n]{0,200})\n((?:[!-`][ -`]{0,84}+\n)++)(?:[ `]?\n)?end[ \t]*$\n?", re.M)


def taken_out(text: str) -> tuple[str, list[File]]:
    """The text without the files in it, and those files. What is no whole file stays in the text."""
    files: list[File] = []

    def take(found: re.Match) -> str:
        content = uu_bytes(found[2].encode())
        if content is None:
            return found[0]
        name = safe_name(found[1]) or "attachment.bin"
        files.append(File(name, named_type(name), content, size=len(content)))
        return ""

    return _FILE.sub(take, text), files

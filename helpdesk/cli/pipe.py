"""``helpdesk CHANNEL pipe --account NAME`` where the desk runs: standard input goes straight to its intake socket.

Standard library only until something is wrong (see ``intake_client``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from helpdesk.runtime import intake_client

TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h
LARGEST = 16 * 1024 * 1024  # bytes; the channel's own command decides what becomes of more
PATIENCE = 60.0  # seconds without an answer after which the sender should come again


def piped(words: Sequence[str], environ: Mapping[str, str] = os.environ) -> int | None:
    """The exit code; None when this is for the whole command line: other words, no running desk, a large message."""
    if len(words) != 4 or words[1:3] != ["pipe", "--account"]:
        return None
    connection = intake_client.connect(Path(environ.get("HELPDESK_DATA_DIR") or "var").absolute())
    if connection is None:
        return None
    connection.settimeout(PATIENCE)
    with connection:
        raw = sys.stdin.buffer.read(LARGEST + 1)
        if len(raw) > LARGEST:
            return _put_back(raw)
        try:
            intake_client.begin(connection, words[3], wait=False, channel=words[0])
            moment = datetime.now(UTC).isoformat()
            answer = intake_client.store(connection, [(f"pipe:{os.urandom(16).hex()}", moment, raw)])
        except (EOFError, OSError, ValueError):
            answer = {}
    return 0 if answer.get("stored") == 1 else _later(str(answer.get("error", "")))


def _put_back(beginning: bytes) -> None:
    """Let standard input begin again with these bytes."""
    import shutil
    import tempfile

    with tempfile.TemporaryFile() as file:
        file.write(beginning)
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.seek(0)
        os.dup2(file.fileno(), sys.stdin.fileno())


def _later(fault: str) -> int:
    """Say in the operator's language why it was not stored."""
    from helpdesk.core.errors import _
    from helpdesk.i18n import render_message, render_stored

    from .i18n import operator, speak_to

    speak_to(operator())
    said = render_stored(fault) or render_message(_("The desk went away before it had stored everything."))
    print(said, file=sys.stderr)
    return TRY_LATER

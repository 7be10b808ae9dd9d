"""What the desk writes to its log: one JSON object a line, without secrets and without customers' words."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime

from helpdesk.core.database.engine import is_transient

# they would write down what strangers send, and addresses of providers that hold a token
QUIET = ("engineio", "socketio", "geventwebsocket", "werkzeug", "alembic", "httpx", "httpcore")


class Lines(logging.Formatter):
    """A record as one line of JSON. Of an exception: its type and where it was raised; its text may be somebody's
    words.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line: at, level, name, text, and where it happened when something failed."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "name": record.name, "text": record.getMessage()[:2000]}
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = _trace(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


class People(logging.Formatter):
    """The same for somebody who watches a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and below it where something failed."""
        text = f"{record.levelname.lower():7} {record.name.removeprefix('hamdel.')}: {record.getMessage()[:2000]}"
        if record.exc_info and record.exc_info[0]:
            text += f" ({record.exc_info[0].__name__})\n" + "\n".join(
                f"        {place}" for place in _trace(record.exc_info[2])
            )
        return text


def _trace(tracebacks) -> list[str]:
    """Files, lines and functions, innermost last."""
    return [f"{os.path.relpath(f.filename)}:{f.lineno} {f.name}" for f in traceback.extract_tb(tracebacks)[-12:]]


def begin(stream=None) -> None:
    """Log to standard error: for people on a terminal, else as JSON lines."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(People() if stream.isatty() else Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def log_fault(log: logging.Logger, error: Exception, text: str, *values) -> None:
    """What passes by itself, such as a database that is away, is a line; anything else is a fault with its place."""
    if is_transient(error):
        log.warning(f"{text}: %s", *values, type(error).__name__)
    else:
        log.error(text, *values, exc_info=error)

"""Named steps at which a test may end the process, to prove that nothing is lost between them (law 1).

``HELPDESK_FAIL_POINT=intake.stored`` kills the process (as ``kill -9`` would) the first time it passes that step;
``HELPDESK_FAIL_POINT=outbox.sent:3`` the third time. Unset, a step costs one comparison.
"""

from __future__ import annotations

import os
import signal

FAILPOINTS = (
    "intake.before",
    "intake.stored",
    "ingest.parsed",
    "ingest.written",
    "ingest.committed",
    "reply.committed",
    "outbox.claimed",
    "outbox.begun",
    "outbox.sent",
    "outbox.committed",
    "jobs.claimed",
    "jobs.run",
    "jobs.committed",
    "poll.taken",
    "poll.committed",
    "key.replaced",
    "key.sealed",
)

_name, _, _count = os.environ.get("HELPDESK_FAIL_POINT", "").partition(":")
_left = int(_count or 1)


def failpoint(name: str) -> None:
    """Pass a named step."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)

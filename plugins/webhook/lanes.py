"""The service that sends: each endpoint in a lane of its own, so that a slow one delays nobody else."""

from __future__ import annotations

import logging
import threading

from helpdesk.api.work import plugin_actor, work

from . import sending

LOOK = 1.0  # seconds between two looks at what is due
BATCH = 50  # calls after which a lane ends, to be opened again
ACTOR = plugin_actor("webhook")

log = logging.getLogger("hamdel.webhook")
BELL = threading.Event()  # rung in the process that writes calls; others see the rows within ``LOOK``


class Lanes:
    """The sending threads of one process, by endpoint."""

    def __init__(self, stopping: threading.Event):
        self.stopping = stopping
        self.lanes: dict[int, threading.Thread] = {}

    def open(self) -> list[threading.Thread]:
        """Open a lane for each endpoint that has something due and none yet."""
        with work(ACTOR) as uow:
            due = [endpoint_id for endpoint_id in sending.due_endpoints(uow) if endpoint_id not in self.lanes]
        opened = []
        for endpoint_id in due:
            lane = threading.Thread(target=self._send, args=(endpoint_id,), name=f"webhook {endpoint_id}", daemon=True)
            self.lanes[endpoint_id] = lane
            lane.start()
            opened.append(lane)
        return opened

    def _send(self, endpoint_id: int) -> None:
        try:
            with work(ACTOR) as uow:
                for _turn in range(BATCH):
                    if self.stopping.is_set() or not sending.work(uow, endpoint_id):
                        break
        except Exception:
            log.exception("sending to webhook %s failed", endpoint_id)
            self.stopping.wait(LOOK)
        finally:
            del self.lanes[endpoint_id]


def serve(runtime, stopping: threading.Event) -> None:
    """Send what is due until told to stop."""
    lanes = Lanes(stopping)
    while not stopping.is_set():
        lanes.open()
        BELL.wait(LOOK)
        BELL.clear()

"""A parsing child whose channel does what its bytes say: hangs, eats memory, dies, or reads a letter."""

import json
import os
import socket
import sys
import time
from pathlib import Path

from helpdesk.core.channels.json import from_json
from helpdesk.core.channels.types import Channel
from helpdesk.core.intake.frames import frame
from helpdesk.core.intake.parse_server import limit_memory, serve
from helpdesk.core.storage.blobs import Blobs


class Poisoned(Channel):
    def parse(self, raw_message):
        if raw_message.raw == b"slow":
            return time.sleep(2)
        if raw_message.raw == b"hang":
            time.sleep(60)
        if raw_message.raw == b"eat":
            return [bytearray(50_000_000) for _ in range(100)]
        if raw_message.raw == b"die":
            os._exit(9)
        if raw_message.raw == b"fail":
            raise ZeroDivisionError("a bug of the channel")
        if raw_message.raw == b"lie":
            os.write(
                int(sys.argv[1]),
                frame(
                    {"parsed": {"is": "Inbound", "of": "a later version, or of somebody who took this process over"}}
                ),
            )
        return from_json(json.loads(raw_message.raw))


if __name__ == "__main__":
    serve(
        socket.socket(fileno=int(sys.argv[1])),
        {"letters": Poisoned},
        Blobs(Path(sys.argv[0]).parent),
        limit_memory,
        str,
        bytes,
    )

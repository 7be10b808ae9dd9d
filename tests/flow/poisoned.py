"""A parsing child whose channel does what its bytes say: hangs, eats memory, dies, or reads a letter."""

import json
import os
import socket
import sys
import time
from pathlib import Path

from helpdesk.core.blobs import Blobs
from helpdesk.core.channels import Channel, from_json
from helpdesk.core.parsing import frame, limit_memory, serve


class Poisoned(Channel):
    def parse(self, parcel):
        if parcel.raw == b"hang":
            time.sleep(60)
        if parcel.raw == b"eat":
            return [bytearray(50_000_000) for _ in range(100)]
        if parcel.raw == b"die":
            os._exit(9)
        if parcel.raw == b"fail":
            raise ZeroDivisionError("a bug of the channel")
        if parcel.raw == b"lie":
            os.write(int(sys.argv[1]), frame({"parsed": {"is": "Inbound", "of": "a later version, or of somebody who took this process over"}}))
        return from_json(json.loads(parcel.raw))


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), {"letters": Poisoned}, Blobs(Path(sys.argv[0]).parent), limit_memory, str)

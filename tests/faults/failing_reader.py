"""A parsing child whose k-th call to a file fails: its arguments are [folder, call, k, after] as JSON, and the
socket.
"""

import json
import sys
from pathlib import Path

import breaking

from helpdesk.runtime import parse_worker

if __name__ == "__main__":
    folder, call, k, after = json.loads(sys.argv.pop(1))
    breaking.Files(Path(folder), call, breaking.Breaker(k, after))
    parse_worker.main()

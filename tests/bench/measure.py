"""What is measured and how: processor time and memory of a process, percentiles, and the machine it was measured on."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import time
from pathlib import Path


def cpu(pid: int) -> float:
    """Seconds of processor time a process has used, all its threads together (clock_getcpuclockid(3))."""
    return time.clock_gettime(~pid << 3 | 2)


def cpu_of_all(pid: int) -> float:
    """The same of a process and everything it began, as long as those live (proc(5), stat: utime and stime)."""
    ticks = (sum(map(int, _stat(each)[11:13])) for each in _family(pid))
    return sum(ticks) / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return ["0"] * 20


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def memory(pid: int) -> float:
    """Resident megabytes of a process and everything it began, pages they share counted once."""
    return sum(_share(each) for each in _family(pid)) / 1024


def _family(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            children.setdefault(_parent(entry), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def _share(pid: int) -> int:
    """Kilobytes: each page by how many processes it is divided among (proc(5), smaps_rollup)."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:"))


def yardstick() -> float:
    """Milliseconds of processor time for a fixed piece of Python: what else runs on the machine makes it, and
    everything here, dearer.
    """
    row = {"number": 7, "words": ["raw_message"] * 40, "more": {"text": "x" * 100}}
    before = time.process_time()
    for _turn in range(1000):
        json.loads(json.dumps(row))
    return (time.process_time() - before) * 1000


def machine() -> str:
    """One line about where this runs."""
    names = [
        row.partition(":")[2].strip()
        for row in Path("/proc/cpuinfo").read_text().splitlines()
        if row.startswith("model name")
    ]
    about = [
        names[0] if names else platform.machine(),
        f"{os.cpu_count()} cores",
        f"{platform.system()} {platform.release().partition('-')[0]}",
    ]
    about += [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    return ", ".join(about)

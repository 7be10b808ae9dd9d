"""The disk has no byte left: whoever signs out is out all the same (FAULTS S18)."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("filled.py")
MOUNT = 'mount -t tmpfs -o size=8m tmpfs "$1" && exec "$2" "$3" "$1"'


def small_disk(folder: Path, *command: str) -> subprocess.CompletedProcess:
    """Run a command where ``folder`` is a disk of 8 MB, in a mount namespace of its own that ends with it."""
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNT, "sh", str(folder), *command]
    return subprocess.run(inside, cwd=SCRIPT.parents[2], capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def disk(tmp_path):
    if not shutil.which("unshare") or small_disk(tmp_path, "ls", "-d").returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    return tmp_path


def test_s18_signing_out_works_without_a_byte_left(disk):
    done = small_disk(disk, sys.executable, str(SCRIPT))
    assert done.returncode == 0, done.stdout + done.stderr

"""The page hashes as the desk does, so that honest work is always taken for it."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from plugins import form

SCRIPT = Path(form.__file__).parent / "static" / "form.js"


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_the_scripts_hash_is_sha_256():
    texts = ["", "abc", *("x" * length for length in (54, 55, 56, 63, 64, 119, 120, 300)), "WzE4.MTE0-OTU0.12"]
    program = f"import {{ firstBits }} from {json.dumps(SCRIPT.as_uri())}; console.log(JSON.stringify({json.dumps(texts)}.map(firstBits)))"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program], capture_output=True, text=True, timeout=30, check=True
    )
    known = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") for text in texts]
    assert json.loads(done.stdout) == known

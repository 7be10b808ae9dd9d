"""The page counts parts as the desk does."""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from plugins.sms import parts

SCRIPT = Path(parts.__file__).parent / "static" / "parts.js"
LETTERS = "aZ 9€{^سی\u200cه😀\n"


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_both_count_alike():
    chance = random.Random(1405)
    texts = [
        "".join(chance.choices(LETTERS[: chance.randint(1, len(LETTERS))], k=chance.randint(0, 400)))
        for _ in range(300)
    ]
    program = f"import {{ parts }} from {json.dumps(SCRIPT.as_uri())}; console.log(JSON.stringify({json.dumps(texts)}.map(parts)))"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert json.loads(done.stdout) == [parts.parts(text) for text in texts]

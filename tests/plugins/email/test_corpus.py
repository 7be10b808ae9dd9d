"""Real mail goes in: never an exception but Malformed, and what a reader finds in a file is what we found."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpdesk.api.channels import Inbound, Report
from helpdesk.api.errors import Malformed
from plugins.email.mime import parse

from corpus import CORPUS  # isort: skip

HERE = Path(__file__).parent
FILES = sorted(path for folder in ("mail", "replies") for path in (CORPUS / folder).rglob("*") if path.is_file())
EXPECTED = json.loads(
    (HERE / "expected.json").read_text("utf-8")
)  # written by reading the files, before any parser saw them
pytestmark = pytest.mark.skipif(not FILES, reason="the mail corpus is not here")


def test_everything_goes_in():
    malformed = []
    for path in FILES:
        begun = time.monotonic()
        try:
            parsed = parse(path.read_bytes())
        except Malformed as error:
            assert error.sentence
            malformed.append(path.name)
        else:
            assert isinstance(parsed, Inbound | Report)
        assert time.monotonic() - begun < 10, path
    assert len(malformed) <= len(FILES) // 100, malformed


def test_everything_goes_in_with_little_memory():
    """In a process of its own, whose peak is this and nothing else."""
    program = (
        "import sys; from pathlib import Path; from helpdesk.api.errors import Malformed; from plugins.email.mime "
        "import parse\n"
        "for name in sys.stdin.read().splitlines():\n"
        "    try: parse(Path(name).read_bytes())\n"
        "    except Malformed: pass\n"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    names = "\n".join(map(str, FILES))
    done = subprocess.run(
        [sys.executable, "-c", program], input=names, capture_output=True, text=True, check=True, timeout=120
    )
    assert int(done.stdout) < 400 * 1024, "kilobytes"


def test_enough_is_expected():
    assert len(EXPECTED) >= 60 and sum(bool(wanted.get("broken")) for wanted in EXPECTED.values()) >= 20


@pytest.mark.parametrize("name", EXPECTED)
def test_expected_fields(name):
    wanted = EXPECTED[name]
    parsed = parse((CORPUS / "mail" / name).read_bytes())
    if "report" in wanted:
        assert isinstance(parsed, Report)
        assert [[outcome.address.value, outcome.state, outcome.status] for outcome in parsed.outcomes] == wanted[
            "report"
        ]
        assert parsed.references == wanted.get("references", parsed.references)
        return
    assert isinstance(parsed, Inbound)
    names = [file.name for file in parsed.files]
    found = {
        "subject": parsed.subject,
        "from": parsed.sender.value,
        "name": parsed.sender.name,
        "to": [person.value for person in parsed.to],
        "cc": [person.value for person in parsed.cc],
        "to_name": parsed.to[0].name if parsed.to else "",
        "files": names,
        "file_count": len(names),
        "automatic": parsed.automatic,
        "references": parsed.references,
        "external_id": parsed.external_id,
        "at": parsed.at.isoformat() if parsed.at else "",
    }
    assert {key: found[key] for key in wanted if key in found} == {key: wanted[key] for key in wanted if key in found}
    assert wanted.get("text", "") in parsed.text
    assert parsed.sender.name.startswith(wanted.get("name_start", ""))
    assert "file_has" not in wanted or wanted["file_has"] in names
    assert "file_start" not in wanted or names[0].startswith(wanted["file_start"])

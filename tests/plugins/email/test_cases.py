"""Each small mail of the corpus stands for a kind of fault and says what must come out of it."""

import json

import pytest

from helpdesk.api import Inbound, Report
from plugins.email import mailfiles
from plugins.email.mime import parse

from corpus import CORPUS  # isort: skip

CASES = sorted((CORPUS / "cases").glob("*.json"))
pytestmark = pytest.mark.skipif(not CASES, reason="the mail corpus is not here")


def flat(text):
    return " ".join(text.split())


def of_message(message, wanted):
    """What a message says, for the keys that are wanted of it."""
    assert isinstance(message, Inbound)
    return {
        "from": message.sender.value,
        "from_name": message.sender.name,
        "subject": message.subject,
        "to": [person.value for person in message.to],
        "text": flat(wanted["text"]) if wanted.get("or_a_remark") and message.remarks else flat(message.text),
        "text_starts": flat(message.text)[: len(flat(wanted.get("text_starts", "")))],
        "text_contains": [words for words in wanted.get("text_contains", ()) if words in message.text],
        "files": [[file.name, file.size] for file in message.files],
    }


def of_report(report, wanted):
    assert isinstance(report, Report)
    states = {outcome.state for outcome in report.outcomes}
    return {
        "recipients": sorted(outcome.address.value for outcome in report.outcomes),
        "state": states.pop() if len(states) == 1 else states,
        "statuses": {outcome.address.value: outcome.status for outcome in report.outcomes},
        "original": wanted.get("original") if wanted.get("original") in report.references else report.references,
    }


@pytest.mark.parametrize("path", [case for case in CASES if "via" not in json.loads(case.read_text("utf-8"))], ids=lambda path: path.stem)
def test_a_mail_comes_out_as_its_case_says(path):
    wanted = json.loads(path.read_text("utf-8"))
    parsed = parse(path.with_suffix(".eml").read_bytes())
    if wanted.pop("automatic", False):
        assert isinstance(parsed, Report) or parsed.automatic
    kind = wanted.pop("kind", "")
    if kind:
        found = of_report(parsed, wanted) if kind == "report" else of_message(parsed, wanted)
        wanted |= {key: flat(wanted[key]) for key in ("text", "text_starts") if key in wanted}
        wanted.pop("or_a_remark", None)
        assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize("path", [case for case in CASES if '"mailfiles"' in case.read_text("utf-8")], ids=lambda path: path.stem)
def test_a_file_of_mails_comes_out_as_its_case_says(path):
    wanted = json.loads(path.read_text("utf-8"))
    found = list(mailfiles.messages(path.with_suffix(".mbox")))
    assert len(found) == wanted["messages"]
    assert any(wanted.get("contains", "") in parse(raw).text for raw in found)

"""Each small mail of the corpus stands for a kind of fault and says what must come out of it."""

import json

import pytest

from helpdesk.api.channels import Inbound, Report
from plugins.email import importers
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


@pytest.mark.parametrize(
    "path", [case for case in CASES if "via" not in json.loads(case.read_text("utf-8"))], ids=lambda path: path.stem
)
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


@pytest.mark.parametrize(
    "path", [case for case in CASES if '"mailfiles"' in case.read_text("utf-8")], ids=lambda path: path.stem
)
def test_a_file_of_mails_comes_out_as_its_case_says(path):
    wanted = json.loads(path.read_text("utf-8"))
    found = list(importers.messages(path.with_suffix(".mbox")))
    assert len(found) == wanted["messages"]
    assert any(wanted.get("contains", "") in parse(raw).text for raw in found)


REPORTED = {  # the beginning of the file's name: what must come out, by reading the file
    "01-": {"text": "The lamp flickers since Monday — café corner."},
    "02-": {"text": "Please see the drawing.", "files": [["drawing.pdf", 13]]},
    "03-": {"text": "The blue kettle leaks; can I swap it? سلام"},
    "03b": {"text": "The green kettle leaks; can I swap it?"},
    "04-": {"text": "Sheet attached.", "files": [["sheet.csv", 140]]},
    "05-": {"text": "First half of my letter. Second half: order 7731 never came.", "files": [["log.bin", 768]]},
    "06-": {"text": "お世話になります。 ①注文の件です。㈱山田商店 よろしく"},
    "06b": {"text": "お世話になります。 注文の件です。山田商店 よろしく"},
    "07-": {"text": "Dobrý den, žádám o výměnu. Šroub a žárovka nefungují, děkuji. Těším se."},
    "08-": {"text": "Grüße aus Köln, die Tür klemmt ständig.", "quoted": "-- Unser Büro ist für Sie geöffnet"},
    "29-": {"from_name": "Cané? Bell", "subject": "29 Where is it? My café order"},
    "33-": {"text": "The signed words: my stove smokes.", "files": []},
    "41e": {
        "text": "Please handle. From: Lila Marsh <lila@customer.example> Sent: Tuesday, 3 June 2025 10:11 To: "
        "sales@desk.example Subject: My order My order never came."
    },
    "43a": {"lines": ["Log:", "line one", "  line two", "line three", "a", " b", " c"]},
    "45-": {"text": "first", "references": []},
    "45r": {"references": ["45base@customer.example"]},
    "45s": {"references": ["45base@customer.example"]},
    "46-": {"text": "سلام فاصله"},
    "46b": {"text": "kettle eight bit quote"},
    "46c": {"text": "commented base64"},
    "46d": {"text": "Süd kettle"},
    "47a": {"text": "comma type"},
    "47b": {"text": "quoted type"},
    "47c": {"text": "only html"},
    "47d": {"text": "colon"},
    "47e": {"text": "doubled name"},
    "47f": {"text": "spaced type"},
    **{f"48{letter}": {"text": "the words", "files": [["a.pdf", 4]]} for letter in "abdef"},
    "48c": {"text": "plain words"},
    "49a": {"from": "nora@customer.example", "reply_to": []},
    "49b": {"from": "nora@customer.example", "reply_to": []},
    "49c": {"from": "info-mail@bb.customer.example", "from_name": "r für"},
    "49d": {"from": "my_addr@server.example"},
    "49e": {"from": "name2@customer.example"},
    "49f": {"from": "", "from_name": "Only Name"},
    "49g": {"from": "rio@customer.example", "from_name": "Distri Cel; Río grande."},
    "49h": {"from": "ann@customer.example", "from_name": "Ann"},
    "49i": {"from": "john@customer.example", "from_name": "Doe, John"},
    "49j": {"from": "", "from_name": ""},
    "49k": {"from": "kim@customer.example"},
    "49l": {"from": "ali@customer.example", "from_name": "علی"},
    "49m": {"from": "shift@customer.example", "from_name": "Shift 12:30 desk"},
    "49n": {"from": "order@customer.example", "from_name": "Order no: 55"},
}


@pytest.mark.parametrize("number", REPORTED)
def test_what_was_reported_comes_out_right(number):
    (path,) = (CORPUS / "reported").glob(f"{number}*.eml")
    message = parse(path.read_bytes())
    found = {
        "from": message.sender.value,
        "from_name": message.sender.name,
        "reply_to": [person.value for person in message.reply_to],
        "subject": message.subject,
        "text": flat(message.text),
        "quoted": flat(message.quoted),
        "lines": [line for line in message.text.split("\n") if line],
        "files": [[file.name, file.size] for file in message.files],
        "references": message.references,
    }
    assert {key: found[key] for key in REPORTED[number]} == REPORTED[number]

"""Mail of many programs, servers and languages, written down with what must come out of it before any parser saw it."""

import html as entities
import json
from pathlib import Path

import pytest

from helpdesk.api.channels import Inbound, Report
from plugins.email.mime import parse

SAMPLES = Path(__file__).parent / "samples"


def samples(name):
    return [
        pytest.param(sample, id=sample["name"]) for sample in json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    ]


def flat(text):
    return " ".join(text.split())


def raw(sample):
    return sample.get("end", "\n").join(sample["mail"]).encode(sample.get("encode", "utf-8"))


@pytest.mark.parametrize("sample", samples("mails"))
def test_mails(sample):
    wanted = sample["expect"]
    message = parse(raw(sample))
    assert isinstance(message, Inbound)
    found = {
        "from": message.sender.value,
        "from_name": message.sender.name,
        "reply_to": [person.value for person in message.reply_to],
        "to": [person.value for person in message.to],
        "cc": [person.value for person in message.cc],
        "subject": flat(message.subject),
        "text": flat(message.text),
        "text_contains": [
            words for words in wanted.get("text_contains", ()) if words in f"{message.text}\n{message.quoted}"
        ],
        "files": [
            [file.name, size and file.size]
            for file, (_, size) in zip(message.files, wanted.get("files", ()), strict=False)
        ],
        "automatic": message.automatic,
        "language": message.language,
        "at": message.at.isoformat() if message.at else "",
    }
    wanted |= {key: flat(wanted[key]) for key in ("text", "subject") if key in wanted}
    assert {key: found[key] for key in wanted} == wanted
    assert "files" not in wanted or len(message.files) == len(wanted["files"])


@pytest.mark.parametrize("sample", samples("bounces"))
def test_bounces(sample):
    parsed = parse(raw(sample))
    if sample["kind"] == "person":
        assert isinstance(parsed, Inbound) and not parsed.automatic
        return
    if sample["kind"] == "machine":
        assert isinstance(parsed, Report) or parsed.automatic == "reply"
        return
    assert isinstance(parsed, Report)
    outcomes = sorted([outcome.address.value, outcome.state, outcome.status] for outcome in parsed.outcomes)
    assert outcomes == [
        [who, state, found[2] if status is None else status]
        for (who, state, status), found in zip(sample["outcomes"], outcomes, strict=False)
    ]
    assert len(outcomes) == len(sample["outcomes"])
    assert not sample["original"] or "out7@desk.example" in parsed.references


@pytest.mark.parametrize("sample", samples("replies"))
def test_replies(sample):
    mail = f"From: nadia@shop.example\nSubject: Re: Lamp\nContent-Type: text/plain; charset=utf-8\n\n{sample['text']}\n"
    message = parse(mail.encode())
    assert flat(message.text) == flat(sample["own"])
    assert sorted(f"{message.text} {message.quoted}".split()) == sorted(sample["text"].split())


def as_html(text):
    """The same words as an HTML mail: a block for each line, quotes for marked ones."""
    pieces, depth = [], 0
    for line in text.split("\n"):
        words = line.lstrip("> ")
        marks = line[: len(line) - len(words)].count(">")
        pieces += ['<blockquote type="cite">'] * (marks - depth) + ["</blockquote>"] * (depth - marks)
        depth = marks
        pieces.append(f"<div>{entities.escape(words.strip()) or '<br>'}</div>")
    return "\n".join([*pieces, *["</blockquote>"] * depth])


def unmarked(text):
    return [word for word in text.split() if word.strip(">")]


@pytest.mark.parametrize("sample", [param for param in samples("replies") if not param.values[0].get("text_only")])
def test_replies_in_html(sample):
    mail = (
        "From: nadia@shop.example\nSubject: Re: Lamp\nContent-Type: text/html; "
        f"charset=utf-8\n\n{as_html(sample['text'])}\n"
    )
    message = parse(mail.encode())
    assert unmarked(message.text) == unmarked(sample["own"])

"""Mail of many programs, servers and languages, written down with what must come out of it before any reader saw it."""

import html as entities
import re

import pytest

from helpdesk.api.channels import Inbound, Report
from plugins.email.mime import parse

import written  # isort: skip

OLD = "Friday?\n\nRegards\nLamp House"
OWN = {
    language: [words for name, words in written.lines("own") if name == language]
    for language, _ in written.lines("own")
}


def flat(text):
    return " ".join(text.split())


def reply(text, kind="text/plain"):
    head = f"From: nadia@shop.example\nSubject: Re: Lamp\nContent-Type: {kind}; charset=utf-8"
    return parse(f"{head}\n\n{text}\n".encode())


def marked(text):
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def below(line):
    """Old text below what a program puts above it: as programs write it that name fields, mark theirs too, or not."""
    if line.lstrip().startswith(">"):
        return f"{line}\n{marked(OLD)}"
    return f"{line}\n\n{OLD if line.count(chr(10)) > 1 else marked(OLD)}"


@pytest.mark.parametrize(("name", "line"), list(written.lines("attributions")), ids=lambda value: value[:40])
def test_old_text_below_an_attribution_is_folded(name, line):
    for own in OWN.get(name.split()[0], OWN["en"]):
        message = reply(f"{own}\n\n{below(line)}")
        assert flat(message.text) == flat(own)
        assert flat(message.quoted) == flat(below(line))


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in written.samples("replies")])
def test_what_a_reply_says_itself_is_told_from_the_rest(body):
    lines = body.split("\n")
    text = "\n".join(line[1:] for line in lines)
    message = reply(text)
    assert flat(message.text) == flat("\n".join(line[1:] for line in lines if line.startswith("|")))
    assert sorted(f"{message.text} {message.quoted}".split()) == sorted(text.split()), "nothing is lost"


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in written.samples("pages")])
def test_what_a_page_says_itself_is_told_from_the_rest(body):
    own = entities.unescape(re.sub(r"<[^>]*>", "", " ".join(re.findall(r"\[\[(.*?)\]\]", body))))
    message = reply(body.replace("[[", "").replace("]]", ""), "text/html")
    assert re.sub(r"\W+", "", message.text) == re.sub(r"\W+", "", own)


@pytest.mark.parametrize("sample", [pytest.param(sample, id=sample[0]) for sample in written.samples("reports")])
def test_machines_are_told_from_people(sample):
    title, body = sample
    wanted = title.rpartition(": ")[2]
    raw = written.report(body, wanted == "person")
    parsed = parse(raw)
    if wanted in ("person", "machine"):
        machine = isinstance(parsed, Report) or parsed.automatic or parsed.details.get("likely_automatic")
        assert bool(machine) == (wanted == "machine")
        return
    assert isinstance(parsed, Report) and (parsed.otherwise is None or parsed.otherwise.automatic), "not acknowledged"
    found = sorted([outcome.address.value, outcome.state, outcome.status] for outcome in parsed.outcomes)
    expected = sorted(outcome.split() for outcome in wanted.removeprefix("report ").split("; "))
    statuses = [other[2] if status == "-" else status for (_, _, status), other in zip(expected, found, strict=True)]
    assert found == [[*outcome[:2], status] for outcome, status in zip(expected, statuses, strict=True)]
    assert b"out7@desk" not in raw or "out7@desk.example" in parsed.references


def field(message, name, value):
    """What the message says of one field of a sample."""
    return {
        "from": lambda: message.sender.value,
        "name": lambda: message.sender.name,
        "subject": lambda: flat(message.subject),
        "to": lambda: ", ".join(person.value for person in message.to),
        "cc": lambda: ", ".join(person.value for person in message.cc),
        "reply": lambda: ", ".join(person.value for person in message.reply_to),
        "refs": lambda: ", ".join(message.references),
        "id": lambda: message.external_id,
        "at": lambda: message.at.isoformat(),
        "auto": lambda: message.automatic,
        "text": lambda: flat(message.text),
        "has": lambda: value if value in flat(f"{message.text} {message.quoted}") else flat(message.text),
        "files": lambda: str(len(message.files)),
        "file": lambda: next(
            (value for file in message.files if value in (f"{file.name} {file.size}", f"{file.name} -")), ""
        ),
    }[name]()


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in written.samples("letters")])
def test_letters_come_out_as_their_writers_meant_them(body):
    told = [line for line in body.split("\n\n")[0].split("\n") if line[:2] in ("? ", "! ") or line == "?"]
    options = {line[2:]: True for line in told if line[0] == "!"}
    message = parse(written.letter(body.split("\n", len(told))[-1] if told else body, **options))
    assert isinstance(message, Inbound)
    for line in told:
        name, _, value = line[2:].partition(" ")
        assert line[0] == "!" or (name, field(message, name, value)) == (name, value)

"""Reads samples of mail written by hand as plain text; ``samples/README.md`` says how they are written."""

import base64
import quopri
import re
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
ORIGINAL = "From: Help <help@desk.example>\nTo: g@c.example\nSubject: your lamp\nMessage-ID: <out7@desk.example>"
PIECE = re.compile(r"<<(\w+)[ |](?:([\w-]+)\|(.*?)|([0-9a-f]+))>>(?!>)", re.DOTALL)
PART = re.compile(r"^--(?=- (?:orig|headers|[a-z]+/)|\(|\))", re.MULTILINE)
MESSAGE = {"orig": "message/rfc822", "headers": "text/rfc822-headers"}


def lines(name):
    """The lines of a table, each parted at its first "|"; ⏎ is a line end."""
    for line in (SAMPLES / f"{name}.txt").read_text("utf-8").splitlines():
        title, _, words = line.partition("|")
        yield title, words.replace("⏎", "\n")


def samples(name):
    """(title, body) of each sample of a file."""
    for block in re.split(r"^= ", (SAMPLES / f"{name}.txt").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, _, body = block.partition("\n")
        yield title, body.removesuffix("\n")


def encoded(way, charset, text):
    """The bytes of one ``<<way charset|text>>``."""
    data = text.encode(charset)
    if way in "BQ":
        data = base64.b64encode(data) if way == "B" else quopri.encodestring(data, header=True).replace(b"=\n", b"")
        return f"=?{charset}?{way}?".encode() + data.replace(b"?", b"=3F") + b"?="
    return {"b64": base64.encodebytes, "qp": quopri.encodestring, "raw": bytes}[way](data)


def letter(text, *, bare=False, crlf=False):
    """The bytes of a mail; the fields it lacks are added unless it is ``bare``."""
    head = text.partition("\n\n")[0]
    for field in () if bare else ("From: n@c.example", "To: support@desk.example"):
        if not re.search(rf"^{field.partition(':')[0]}\s*:", head, re.IGNORECASE | re.MULTILINE):
            text = f"{field}\n{text}"
    found, end = [], 0
    for piece in PIECE.finditer(text):
        way, charset, words, number = piece.groups()
        made = (
            encoded(way, charset, words) if charset else bytes.fromhex(number) if way == "hex" else b"x" * int(number)
        )
        found += [text[end : piece.start()].encode(), made]
        end = piece.end()
    made = b"".join([*found, text[end:].encode()])
    return made.replace(b"\n", b"\r\n") if crlf else made


def report(text, person):
    """The bytes of what a machine (or a person) writes; machines send from a null envelope unless they say other."""
    head, *parts = PART.split(text)
    fields, _, body = head.partition("\n\n")
    if "Return-Path:" not in fields:
        sender = re.search(r"[^\s<]+@[^\s>]+", fields)[0] if person else ""
        fields = f"Return-Path: <{sender}>\n{fields}"
    fields = ("" if "\nTo:" in fields else "To: support@desk.example\n") + f"MIME-Version: 1.0\n{fields.rstrip()}"
    if not parts:
        return f"{fields}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n".encode()
    kind = re.search(r"\nContent-Type: (.*)", fields)
    kind, fields = (
        (kind[1], fields.replace(kind[0], "")) if kind else ("multipart/report; report-type=delivery-status", fields)
    )
    return "\n".join([f"{fields}\nContent-Type: {kind}; boundary=b0\n", *_parts(parts), "--b0--", ""]).encode()


def _parts(pieces):
    """The parts from their ``--- type``, ``--( type`` and ``--)`` lines on."""
    depth = 0
    for piece in pieces:
        line, _, body = piece[1:].strip().partition("\n")
        if piece[0] == "(":
            yield f"--b{depth}\nContent-Type: {line}; boundary=b{depth + 1}\n"
            depth += 1
        elif piece[0] == ")":
            yield f"--b{depth}--"
            depth -= 1
        else:
            yield f"--b{depth}\n{_part(line.strip(), body)}"


def _part(head, body):
    kind, _, transfer = head.partition(" {")
    if kind in MESSAGE:
        body = ORIGINAL if kind == "headers" else f"{ORIGINAL}\n\nhello"
    kind = MESSAGE.get(kind, kind)
    if transfer:
        return f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{encoded('b64', 'utf-8', body).decode()}"
    return f"Content-Type: {kind}; charset=utf-8\n\n{body}"

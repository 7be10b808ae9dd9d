"""Whatever bytes come, parsing gives a message, a report or Malformed; whatever people write comes out as they wrote
it.
"""

import base64
import json
import quopri
from email.header import Header

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from helpdesk.api.channels import Inbound, Report
from helpdesk.api.errors import Malformed
from helpdesk.core.channels.json import from_json, to_json
from helpdesk.testing.sizes import size
from plugins.email import charset, html, htmlquotes, quotes
from plugins.email.addresses import people
from plugins.email.attachments import safe_name
from plugins.email.mime import parse

from corpus import CORPUS  # isort: skip

MAIL = CORPUS / "mail"

SEEDS = [path.read_bytes()[:8_000] for path in sorted(MAIL.glob("*/*"))] or [b"From: a@b.c\nSubject: x\n\ntext"]
SCRAPS = [
    b"\n", b"\r\n", b"\n\n", b"--", b"=?utf-8?b?", b"?=", b"\0", b"\xff", b"\xd9", b"\x1b$B", b";", b'"', b"<", b">", b"(", b"&#0;", b"<div>",
    b"<!--", b"<blockquote>", b"> ", b"From: ", b"Content-Type: multipart/mixed; boundary=x\n\n--x\n", b"Content-Type: text/html\n\n",
    b"Content-Transfer-Encoding: base64\n", b"charset=utf-16", b"charset=utf-7", b"charset=hz", b"+2D8-", b"On 1 Apr 2012, a@b wrote:\n",
    b"Content-Type: message/delivery-status\n\n", b"Final-Recipient: rfc822;", b"[#t1-1-", b"\xe2\x80\xae", b"name*0*=", b"message/rfc822",
]  # fmt: skip
quick = settings(max_examples=size(150, 10_000), deadline=None, suppress_health_check=list(HealthCheck))
persian = st.text(
    st.sampled_from("ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیئآء‌ًّۀ، ؛؟«»۰۱۲۳۴۵۶۷۸۹ABCabc 123.-"), min_size=1, max_size=120
)
people_write = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Co", "Cn"]), max_size=200)


def check(raw):
    """Parse and fail unless the outcome can be stored, sent as JSON and shown."""
    try:
        parsed = parse(raw, ["mx.desk.example"])
    except Malformed as error:
        assert error.sentence
        return None
    assert isinstance(parsed, Inbound | Report)
    reported = json.dumps(to_json(parsed), ensure_ascii=False)
    reported.encode("utf-8")
    assert "\\u0000" not in reported
    assert from_json(json.loads(reported)) == parsed
    if isinstance(parsed, Inbound):
        assert not any(char in parsed.subject + parsed.sender.name for char in "\r\n\u202e\u2028")
        assert all(0 < len(file.name) <= 120 and not set(file.name) & set("/\\\r\n\u202e") for file in parsed.files)
        assert "<script" not in parsed.html and len(parsed.fingerprint) == 64
    return parsed


def is_utf8(data):
    try:
        return bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


@quick
@given(st.binary(max_size=4_000))
def test_any_bytes(raw):
    check(raw)


@quick
@given(st.lists(st.sampled_from(SCRAPS) | st.binary(max_size=20), max_size=60).map(b"".join))
def test_any_scraps_of_mail(raw):
    check(raw)


@quick
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(SCRAPS), st.integers(0, 40)), max_size=15),
)
def test_real_mail_with_damage(raw, damages):
    for place, scrap, cut in damages:
        position = int(place * len(raw))
        raw = raw[:position] + scrap + raw[position + cut :]
    check(raw)


@quick
@given(persian.map(str.strip).filter(bool), st.sampled_from(["utf-8", "cp1256"]), st.sampled_from(["b", "q", "raw"]))
def test_persian_names_and_subjects(text, codec, dress):
    text = " ".join(text.split())
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        text = text.translate(
            {ord("ی"): "ي", ord("ۀ"): "ه"} | dict(zip(map(ord, "۰۱۲۳۴۵۶۷۸۹"), "0123456789", strict=True))
        )
        data = text.encode(codec, "ignore")
        text = data.decode(codec)
    assume(codec == "utf-8" or data.isascii() or not is_utf8(data))  # what is both is UTF-8, nearly always
    if dress == "raw":
        word, codec = text.encode("utf-8"), "utf-8"
    elif dress == "b":
        word = b"=?" + codec.encode() + b"?b?" + base64.b64encode(data) + b"?="
    else:
        word = b"=?" + codec.encode() + b"?q?" + b"".join(b"=%02X" % byte for byte in data) + b"?="
    message = check(b'From: "' + word + b'" <sara@example.com>\nSubject: ' + word + b"\n\ntext")
    assert message.subject == text.strip()
    assert message.sender.value == "sara@example.com" and message.sender.name.strip("'") == text.strip().strip("'")


@quick
@given(people_write)
def test_subjects_folded_by_another_program(text):
    text = " ".join(text.split())
    folded = Header(text, "utf-8").encode()
    assert check(f"From: a@b.c\nSubject: {folded}\n\nx".encode()).subject == text


@quick
@given(
    st.lists(persian, min_size=1, max_size=20).map("\n".join),
    st.sampled_from(["8bit", "base64", "quoted-printable"]),
    st.sampled_from(["utf-8", "utf-16", "us-ascii", "iso-8859-1", ""]),
)
def test_persian_bodies(text, encoding, label):
    codec = "utf-16" if label == "utf-16" and encoding == "base64" else "utf-8"
    data = text.encode(codec)
    body = {"8bit": data, "base64": base64.encodebytes(data), "quoted-printable": quopri.encodestring(data)}[encoding]
    label = label if codec == label else "utf-8" if label == "utf-16" else label
    head = f"From: a@b.c\nContent-Type: text/plain; charset={label}\nContent-Transfer-Encoding: {encoding}\n\n"
    message = check(head.encode() + body)
    assert [line.strip() for line in f"{message.text}\n{message.quoted}".split()] == [
        line.strip() for line in text.split()
    ]


@quick
@given(st.text(max_size=400))
def test_folding_loses_no_word(text):
    own, old = quotes.fold(text)
    assert sorted(f"{own}\n{old}".split()) == sorted(text.split())


@quick
@given(st.lists(st.sampled_from(["<p>", "</p>", "<blockquote>", "</blockquote>", "On 1 Apr, a@b wrote:", "x", "<br>", "<b>", "<hr>", "From: a@b", "Sent: c",
                                 "Subject: d", "<table><td>", "<details>", "-- ", "&lt;p&gt;", "<font color=red>"]), max_size=40).map("".join))  # fmt: skip
def test_folded_html_stays_whole_and_clean(source):
    safe, _ = html.sanitise(source)
    whole, own, old = htmlquotes.fold(safe)
    assert sorted(html.plain(whole).replace("•••", "").split()) == sorted(html.plain(safe).split())
    for half in (own, old):
        assert html.sanitise(half)[0] == half


@quick
@given(st.binary(max_size=500), st.text(max_size=30))
def test_any_charset_label(data, label):
    charset.decode(data, label).encode("utf-8", "surrogatepass")


@quick
@given(st.text(max_size=300))
def test_any_file_name(name):
    safe = safe_name(name)
    assert len(safe) <= 120 and safe_name(safe) == safe and not set(safe) & set('/\\:*?"<>|\r\n\0\u202e')


@quick
@example("0@\0")
@example("x@xn--mgbaam7a8h\0;: <")
@given(st.text(max_size=300))
def test_any_address_field(value):
    for person in people([value]):
        assert (
            person.value.count("@") == 1
            and person.value == person.value.lower()
            and not set(person.value) & set(" \r\n<>,\0")
        )


@pytest.mark.parametrize("raw", SEEDS[:200], ids=range(len(SEEDS[:200])))
def test_cut_anywhere(raw):
    for cut in range(0, len(raw), max(len(raw) // 12, 1)):
        check(raw[:cut])

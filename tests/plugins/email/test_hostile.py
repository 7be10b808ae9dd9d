"""Input made to be dear costs no more than in proportion to its size, and nothing that bytes can say breaks a
reader.
"""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.api.errors import Malformed
from plugins.email import charset, iso2022, smime, transfer
from plugins.email.addresses import people
from plugins.email.mime import parse
from plugins.email.parameters import media_type, parameters

DAEMON = b"Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nTo: a@b.example\nSubject: Undeliverable\n"
PERSON = b"From: a@b.example\nTo: c@d.example\nSubject: x\n"
TYPE = PERSON + b"Content-Type: "
BASE64 = PERSON + b"Content-Transfer-Encoding: base64\n\n"
SIZE = 200_000
# What stands before, what is repeated, what stands after.
REPEATED = {
    "folded fields of an enclosed header": (DAEMON + b"\nundeliverable\nX-abc: ", b"d\n ", b"\n"),
    "fields of an enclosed header": (DAEMON + b"\nundeliverable\n", b"From: x\n", b""),
    "addresses on one line": (DAEMON + b"\nundeliverable\n", b"a@b.example ", b""),
    "addresses with codes": (DAEMON + b"\nundeliverable\n", b"550 <a@b.example>\n", b""),
    "words that may go on to a failure": (DAEMON + b"\n", b"deliver fail ", b""),
    "labels before an address": (DAEMON + b"\nundeliverable\n", b"to: ", b"a@b.example"),
    "recipients in one block": (
        DAEMON + b"Content-Type: message/delivery-status\n\n",
        b"Final-Recipient: rfc822; a@b.example\nAction: failed\n",
        b"",
    ),
    "words called base64": (BASE64, b"ab cd ", b""),
    "base64 with words at its end": (BASE64, b"AAAA", b"! no"),
    "padding in the middle": (BASE64, b"QQ==", b""),
    "beginnings of uuencoded files": (PERSON + b"Content-Transfer-Encoding: x-uuencode\n\n", b"begin 644 a\n", b""),
    "parameters without a sign": (TYPE + b"text/plain; ", b"a b ", b"\n\nx"),
    "blanks in a parameter": (TYPE + b"text/plain; a=", b"  b", b"\n\nx"),
    "types": (TYPE, b"a/", b"\n\nx"),
    "comments and quotes in a type": (TYPE, b'("', b"\n\nx"),
    "lines that are no fields": (PERSON, b"zzzz\n", b"To: x\n\nx"),
    "lines of blanks in a header": (PERSON, b" \n", b"X-A: b\n\nx"),
    "elements without an end": (TYPE + b"application/pkcs7-mime\n\n", b"\x30\x80", b""),
    "escape sequences": (PERSON + b"\n", b"\x1b$B", b""),
    "vendors' letters": (PERSON + b"\n\x1b$B-!", b"-!", b""),
    "double-byte letters": (PERSON + b"\n", b"\xb6\xa9", b""),
    "lines of many charsets": (PERSON + b"\n", b"\xb6\n\xc3\xa9\n", b""),
    "attributions without an end": (PERSON + b"\n", b"On 2026-02-02 09:12 a@b\n", b""),
    "attributions and blank lines": (PERSON + b"\n", b"2026 09:12 wrote:\n\n\n", b""),
    "addresses closed on the next line": (PERSON + b"\n", b"> x <a@b\n>:\n", b""),
    "rules": (PERSON + b"\n", b"__________\n", b""),
    "encoded words without an end": (b"From: a@b.example\nSubject: ", b"=?utf-8?q?a?b", b"\n\nx"),
    "ids without an end": (PERSON + b"References: ", b"<a b ", b"\n\nx"),
    "preformatted text": (TYPE + b"text/html\n\n", b"<pre>", b""),
    "comments without an end": (TYPE + b"text/html\n\n", b"<!-- ", b""),
    "marked signatures": (TYPE + b"text/html\n\n", b'<div class="signature">', b""),
    "attributes of what may be a signature": (TYPE + b"text/html\n\n<div signature ", b"class= a data-a ", b">x"),
    "elements of signatures": (TYPE + b"text/html\n\n", b"<sign>a</sign><signature ", b""),
    "blanks behind soft breaks": (PERSON + b"Content-Transfer-Encoding: quoted-printable\n\n", b"=    ", b"x"),
    "lines formed like fields": (PERSON + b"\n", b"Aa: A <a@b.example> 2026-01-01 10:00\nBb: 1\n", b""),
    "fields above attributions": (PERSON + b"\n", b"From: A <a@b.example> 2026-01-01 10:00:\n> a\n", b""),
    "titles of forwarded mail": (PERSON + b"\n", b"> Begin forwarded message:\n\n", b""),
    "clocks of half a day": (b"From: a@b.example\nDate: ", b"11:59 ", b"pm\n\nx"),
    "boundaries nobody named": (TYPE + b"multipart/mixed\n\n--a\n\n", b"--a\n\n", b""),
}


def cost(before, scrap, after, size):
    raw = before + scrap * (size // len(scrap)) + after
    begun = time.thread_time()
    try:
        parse(raw)
    except Malformed:
        pass
    return time.thread_time() - begun


@pytest.mark.parametrize("name", REPEATED)
def test_four_times_as_much_costs_about_four_times_as_much(name):
    small = cost(*REPEATED[name], SIZE)
    assert cost(*REPEATED[name], 4 * SIZE) < 12 * max(small, 0.05)


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data):
    smime.signed_content(data)
    iso2022.decode(data).encode()
    charset.decode(data, "iso-2022-jp")
    for encoding in ("base64", "quoted-printable", "uuencode"):
        content, rest = transfer.decoded(encoding, data)
        assert isinstance(content, bytes) and isinstance(rest, bytes)


@given(st.text(max_size=200))
def test_any_parameters_are_read(value):
    main, named = parameters(value)
    assert not set(main) & set(";,= \t") and all(name == name.lower() for name in named)
    assert media_type(value).count("/") <= 1


@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=5))
def test_base64_goes_on_after_its_padding(pieces):
    raw = b"\r\n".join(base64.b64encode(piece) for piece in pieces)
    assert transfer.decoded("base64", raw) == (b"".join(pieces), b"")


@given(
    st.text(st.sampled_from('a "\\<>(),;:@.é\t'), max_size=12),
    st.text(st.sampled_from("a <>(),;:.é\t"), max_size=12),
    st.sampled_from(
        ['"{}vera@victim.example{}"', '"{}vera@victim.example{}"@evil.example', "({}vera@victim.example{})"]
    ),
    st.sampled_from(
        ["{}", "<{}>", "Name <{}>", "{} <eve@evil.example>", "eve@evil.example {}", "{}, eve@evil.example"]
    ),
)
def test_an_address_inside_quotes_is_never_found(before, after, shell, place):
    before = before.replace("\\", "").replace('"', "").replace("(", "").replace(")", "")
    after = after.replace("(", "").replace(")", "")
    found = [person.value for person in people([place.format(shell.format(before, after))])]
    assert "vera@victim.example" not in found

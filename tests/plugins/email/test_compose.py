"""What we send, read again by Python's parser, by ours and by Perl's: whole, in the right direction, and no header
too many.
"""

import email
import email.policy
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest

from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.channels.outbound import Outbound
from helpdesk.core.channels.types import AccountView
from helpdesk.core.errors import Undeliverable
from plugins.email import mime
from plugins.email.compose import compose, plus_address, reply_subject
from plugins.email.encode_headers import encoded_words

ACCOUNT = AccountView(
    1, "support", {"address": "support@desk.example", "display_name": "پشتیبانی"}, "support@desk.example"
)
MARKED = replace(ACCOUNT, settings={**ACCOUNT.settings, "rewrites_headers": True})
LONG = "می‌خواهم سفارش شمارهٔ ۱۲۳۴ را پس بدهم؛ چه باید بکنم تا این کار بدون دردسر و خیلی زود انجام شود و پولم برگردد؟"
AT = datetime(2026, 11, 21, 12, 50, tzinfo=UTC)
INJECTIONS = [
    "a\r\nBcc: evil@example.com",
    "a\nX-Evil: 1",
    "a\rX-Evil: 1",
    "a\u2028X-Evil: 1",
    "a\x0bX-Evil: 1",
    "a\x85X-Evil: 1",
    "=?utf-8?q?=0AX-Evil?=",
    "\ud800\x00a",
]
ALLOWED = {
    *("date", "from", "reply-to", "to", "cc", "subject", "message-id", "in-reply-to", "references", "content-language"),
    *(
        "x-hamdel-loop",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "auto-submitted",
        "x-auto-response-suppress",
    ),
}


def outbound(**changes) -> Outbound:
    plain = {
        "external_id": "m.1.abc@desk.example",
        "to": [Address("email", "ali@example.com", "علی رضایی")],
        "text": "سلام",
        "at": AT,
        "language": "fa",
    }
    return Outbound(**{**plain, **changes})


def read(raw: bytes) -> EmailMessage:
    """Parsed; and while at it, what must hold of every mail we send."""
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw), "a bare line end"
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert {name.lower() for name in message.keys()} <= ALLOWED
    assert len(message.keys()) == len({name.lower() for name in message.keys()})
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def sent(**changes) -> EmailMessage:
    return read(compose(outbound(**changes), ACCOUNT))


def test_long_persian_subject_is_whole():
    for subject in (LONG, "a b", "order " * 60, "x" * 3000, "سلام " * 100, "می‌رود 🙂 a  b"):
        assert sent(subject=subject)["subject"] == " ".join(subject.split())


@pytest.mark.skipif(not shutil.which("perl"), reason="needs perl as the second program")
def test_a_second_program_reads_the_same():
    raw = compose(outbound(subject=LONG, sender_name="سارا محمدی"), ACCOUNT)
    program = 'use Encode; binmode STDOUT, ":utf8"; undef $/; print decode("MIME-Header", <STDIN>)'
    head = subprocess.run(
        ["perl", "-e", program], input=raw.split(b"\r\n\r\n")[0], capture_output=True, check=True
    ).stdout.decode()
    assert f"Subject: {LONG}" in head
    assert "From: سارا محمدی" in head and "To: علی رضایی <ali@example.com>" in head


def test_our_own_parser_reads_the_same():
    picture = File("نمودار.png", "image/png", b"\x89PNG", cid="one@desk", inline=True)
    raw = compose(
        outbound(
            subject=LONG,
            text="سلام\n\nخط دوم",
            html='<p>سلام</p><img src="cid:one@desk">',
            files=[picture],
            token="t1-2-abcdefghijklmnop",
        ),
        MARKED,
    )
    inbound = mime.parse(raw, [])
    assert inbound.subject == LONG and inbound.external_id == "m.1.abc@desk.example"
    assert inbound.sender.value == "support@desk.example" and inbound.to[0].name == "علی رضایی"
    assert inbound.text.startswith("سلام\n\nخط دوم") and "t1-2-abcdefghijklmnop" in inbound.tokens
    assert [(file.name, file.content, file.inline) for file in inbound.files] == [("نمودار.png", b"\x89PNG", True)]


@pytest.mark.parametrize(("language", "text"), [("fa", "سلام\n\nبه‌زودی می‌رسد."), ("en", "Hello\n\nIt comes soon.")])
def test_our_own_history_is_folded_like_anybodys(language, text):
    history = [("سارا Smith", AT, "کجاست؟\nwhere is it?")]
    inbound = mime.parse(
        compose(outbound(text=text, language=language, history=history, token="t1-2-abcdefghijklmnop"), ACCOUNT), []
    )
    assert inbound.text.strip() == text and "where is it?" in inbound.quoted


@pytest.mark.parametrize("hostile", INJECTIONS)
def test_nothing_written_by_people_adds_a_header(hostile):
    raw = compose(
        outbound(
            to=[Address("email", "ali@example.com", hostile)],
            cc=[Address("email", "sara@example.com", hostile)],
            subject=hostile,
            sender_name=hostile,
            language=hostile,
            token="t1-2-abc",
            in_reply_to=hostile,
            references=[hostile, "fine@example.com", "a@b>\r\nX-Evil: 1"],
            history=[(hostile, AT, hostile)],
            files=[File(hostile + ".pdf", hostile, b"x"), File("", "text/html; charset=x", b"x", cid=hostile)],
            text=hostile,
        ),
        ACCOUNT,
    )
    message = read(raw)
    assert message["references"] == "<fine@example.com>"
    for part in message.walk():
        assert {name.lower() for name in part.keys()} <= ALLOWED | {"content-disposition", "content-id"}
        assert not re.search(r"[\r\n\x00]", part.get_filename() or "")
        assert not any(re.search(r"[\r\n]", str(value)) for value in part.values())


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b@c", "a b@c.d", "a@b.c\r\nRCPT TO:<x@y>", "a@b\u2028.c", "<a@b.c>", "a@b,c@d", "a@" + "b" * 300],
)
def test_what_is_no_address_is_never_written_to(address):
    with pytest.raises(Undeliverable):
        compose(outbound(to=[Address("email", address)]), ACCOUNT)


def test_addresses_of_other_scripts():
    message = sent(to=[Address("email", "ali@مثال.ایران"), Address("email", "علی@example.com")])
    assert b"<ali@xn--mgbh0fb.xn--mgba3a4f16a>" in compose(outbound(to=[Address("email", "ali@مثال.ایران")]), ACCOUNT)
    assert "علی@example.com" in str(message["to"])


def test_who_writes_and_where_an_answer_goes():
    message = sent(
        sender_name="Sara, the 1st",
        token="t1-2-abcdefghijklmnop",
        in_reply_to="q@example.com",
        references=["a@x", "q@example.com"],
    )
    sender = message["from"].addresses[0]
    assert (
        sender.addr_spec == "support@desk.example"
        and "Sara, the 1st" in sender.display_name
        and "پشتیبانی" in sender.display_name
    )
    assert message["reply-to"].addresses[0].addr_spec == "support+t1-2-abcdefghijklmnop@desk.example"
    assert message["message-id"] == "<m.1.abc@desk.example>" and message["in-reply-to"] == "<q@example.com>"
    assert message["references"] == "<a@x> <q@example.com>"
    assert message["date"].datetime == AT
    assert "auto-submitted" not in message


def test_no_marks_of_direction_stand_in_a_name():
    for language, person in (("fa", "James Carter"), ("en", "سارا محمدی"), ("fa", "\u2068سارا\u2069")):
        name = sent(sender_name=person, language=language)["from"].addresses[0].display_name
        shown = name.replace(" ", "")  # Python leaves spaces between the encoded words of a name
        assert (
            person.strip("\u2068\u2069").replace(" ", "") in shown
            and "پشتیبانی" in shown
            and not set(name) & set("\u2066\u2067\u2068\u2069")
        )


def test_long_threads_keep_the_first_and_the_last_ids():
    ids = [f"{number}.{'x' * 60}@example.com" for number in range(500)]
    raw = compose(outbound(references=ids, in_reply_to=ids[-1]), ACCOUNT)
    kept = read(raw)["references"].split()
    assert kept[0] == f"<{ids[0]}>" and kept[1:] == [f"<{one}>" for one in ids[-19:]]
    assert all(len(row) <= 100 for row in raw.split(b"\r\n\r\n")[0].split(b"\r\n"))


def test_what_no_person_wrote_says_so():
    assert sent(automatic=True)["auto-submitted"] == "auto-generated"
    reply = sent(automatic=True, in_reply_to="q@example.com")
    assert reply["auto-submitted"] == "auto-replied" and reply["x-auto-response-suppress"] == "All"


@pytest.mark.parametrize(
    "before",
    ["Order", "Re: Order", "RE: re: Order", "پاسخ: Re: Order", "Re[2]: AW: Order", "Re：Order", "پاسخ : Order"],
)
def test_one_prefix_and_no_more(before):
    assert reply_subject(before, is_reply=True) == "Re: Order"


def test_a_new_subject_stays_as_it_is():
    assert reply_subject("Reorder: Re: x", is_reply=False) == "Reorder: Re: x"
    assert reply_subject("Reorder: x", is_reply=True) == "Re: Reorder: x"


def test_plus_address_stays_within_what_servers_take():
    assert plus_address("a@b.c", "t1") == "a+t1@b.c"
    assert plus_address("a@b.c", "t" * 70) == "a@b.c"
    assert "reply-to" in sent(token="t" * 70)


def bodies(message: EmailMessage) -> tuple[str, str]:
    return tuple(message.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))


def test_persian_mail_is_right_to_left_everywhere():
    text, html = bodies(sent(text="Invoice 12 را فرستادیم.\n\nبا سپاس"))
    assert text.startswith("\u200fInvoice 12")
    assert re.search(r'<table[^>]* dir="rtl" lang="fa"', html) and html.count('<p dir="auto">') == 2
    assert bodies(sent(text="سلام"))[0].startswith("سلام")
    assert bodies(sent(text="Hello", language="fa"))[0].startswith("Hello"), "an English answer stays English"


def test_english_mail_is_left_to_right():
    text, html = bodies(sent(text="سلام means hello", language="en"))
    assert text.startswith("\u200eسلام")
    assert re.search(r'<table[^>]* dir="ltr" lang="en"', html)


def test_history_keeps_its_own_direction():
    history = [("Ali", AT, "Hello\nthere"), ("سارا", AT, "سلام\n> نقل")]
    text, html = bodies(sent(history=history))
    assert re.search(r'<blockquote type="cite" dir="ltr"[^>]*>\s*<p dir="auto">Hello<br>there</p>', html)
    assert re.search(r'<blockquote type="cite" dir="rtl"[^>]*>\s*<p dir="auto">سلام<br>&gt; نقل</p>', html)
    assert "> Hello\n> there" in text and "> سلام\n> > نقل" in text
    assert text.index("Hello") < text.index("نقل")


def test_attribution_speaks_the_customers_language_and_calendar():
    fa, _ = bodies(sent(history=[("علی", AT, "سلام")]))
    en, _ = bodies(sent(history=[("Ali", AT, "Hi")], language="en", text="Hi"))
    assert re.search(r"در ۳۰ آبان ۱۴۰۵.*علی.*نوشت:\n> سلام", fa)
    assert re.search(r"On .*2026.*Ali.* wrote:\n> Hi", en)


def test_history_is_bounded():
    text, _ = bodies(sent(history=[("a", AT, "x" * 50_000)] * 5))
    assert text.count("x") == 64_000


def test_no_word_of_the_token_is_seen_where_headers_carry_it():
    """FAULTS U18."""
    message = sent(token="t1-2-abcdefghijklmnop", history=[("a", AT, "b")])
    assert "abcdefghijklmnop" not in "".join(bodies(message)) and "+t1-2-abcdefghijklmnop@" in message["reply-to"]


def test_the_token_is_the_last_quiet_line_where_a_provider_rewrites_the_headers():
    text, html = bodies(read(compose(outbound(token="t1-2-abcdefghijklmnop", history=[("a", AT, "b")]), MARKED)))
    assert text.rstrip().endswith("[#t1-2-abcdefghijklmnop]")
    assert re.search(r'<div dir="ltr" style="color:[^"]*">\[#t1-2-abcdefghijklmnop\]</div>\s*</td>', html)


def test_html_is_built_from_text_without_trusting_it():
    _, html = bodies(
        sent(
            text='<script>alert(1)</script>\nhttps://example.com/a?b=1&c="x and (https://ایران.ir/راه)،',
            history=[("<b>", AT, "<i>")],
        )
    )
    assert "<script" not in html and "<b>" not in html and "<i>" not in html
    assert '<a dir="ltr" href="https://example.com/a?b=1&amp;c=">' in html
    assert '<a dir="ltr" href="https://ایران.ir/راه">' in html


def test_given_html_gets_a_direction_for_each_block():
    _, html = bodies(
        sent(html='<p>سلام</p><p class="x">a</p><p dir="ltr">b</p><pre>c</pre><ul><li>d</li></ul>', text="سلام")
    )
    assert '<p dir="auto">سلام' in html and '<p dir="auto" class="x">a' in html and '<p dir="ltr">b' in html
    assert "<pre>c" in html and '<ul dir="auto"><li dir="auto">d' in html


def test_text_is_made_from_html_where_there_is_none():
    text, _ = bodies(sent(text="", html="<p>سلام</p><ul><li>یک</li></ul>"))
    assert "سلام" in text and "یک" in text


@pytest.mark.parametrize(
    "text",
    [
        "a" * 20_000,
        "سلام " * 5_000,
        "=" * 3_000,
        ".\n..\nFrom x\n.\n",
        "a \nb\t\nc",
        "",
        "x\r\ny\rz",
        "a\u2028b\x00c\ud800",
    ],
)
def test_bodies_are_seven_bit_and_come_back(text):
    raw = compose(outbound(text=text, language="en"), ACCOUNT)
    assert raw.isascii()
    body = read(raw).get_body(("plain",)).get_content()
    wanted = "\n".join(
        row.expandtabs(4).rstrip() for row in text.replace("\x00", "").replace("\ud800", "\ufffd").splitlines()
    ).strip("\n")
    assert body.replace("\r\n", "\n").strip("\n\u200e") == wanted


NAMES = [
    "گزارش ماهانهٔ فروش و پشتیبانی مشتریان در آبان ۱۴۰۵.pdf",
    "a b.txt",
    'q"uo\\te.txt',
    "naïve.txt",
    "x" * 150 + ".txt",
    "سلام.txt",
]


@pytest.mark.parametrize("name", NAMES)
def test_attachment_names_come_back(name):
    part = next(sent(files=[File(name, "application/pdf", b"data" * 100)]).iter_attachments())
    assert part.get_filename() == re.split(r"[/\\]", name)[-1]
    assert part.get_content() == b"data" * 100


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.txt", "y.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("", "attachment"),
        ("...", "attachment"),
        ("a" * 400 + ".pdf", "a" * 179 + ".pdf"),
    ],
)
def test_attachment_names_are_harmless(name, clean):
    assert next(sent(files=[File(name, "text/html", b"x")]).iter_attachments()).get_filename() == clean


def test_types_that_would_change_the_mail_go_as_bytes():
    types = ["multipart/mixed", "message/rfc822", "text/plain; charset=x", "", "a/b\r\nX: 1", "IMAGE/PNG"]
    found = [
        part.get_content_type() for part in sent(files=[File("a", kind, b"x") for kind in types]).iter_attachments()
    ]
    assert found == ["application/octet-stream"] * 5 + ["image/png"]


def test_pictures_in_the_text_are_related_and_the_rest_attached():
    files = [File("a.png", "image/png", b"A", cid="a@desk"), File("b.png", "image/png", b"B", cid="b@desk")]
    message = sent(files=files, html='<p>x<img src="cid:a@desk"></p>', text="x")
    shapes = [part.get_content_type() for part in message.walk()]
    assert shapes == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
    ]
    inline = [part for part in message.walk() if part["content-id"]]
    assert [part["content-id"] for part in inline] == ["<a@desk>"]


def test_files_are_read_through_the_outbound():
    stored = File("a.bin", sha256="00", size=3)
    part = next(sent(files=[stored], read=lambda file: b"abc" if file is stored else b"").iter_attachments())
    assert part.get_content() == b"abc"


def test_the_same_bytes_at_every_retry():
    mail = outbound(subject=LONG, token="t1-2-abc", files=[File("a", content=b"x")], history=[("a", AT, "b")])
    assert compose(mail, ACCOUNT) == compose(mail, ACCOUNT)


def test_names_and_subjects_are_split_between_words():
    """A program that shows a space between two encoded words shows it where there is one anyway."""
    name = "سارا احمدی از پشتیبانی فروشگاه"
    assert " ".join(str(sent(to=[Address("email", "a@b.example", name)])["To"]).split()) == f"{name} <a@b.example>"
    for text in (name, "پ" * 100, f" {name}  {'پ' * 60} "):
        words = encoded_words(text)
        assert max(map(len, words)) < 76 and str(make_header(decode_header("\n ".join(words)))) == text


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
def test_no_line_of_given_html_ends_in_any_other_way(ending):
    """A lone CR or LF around a dot is how one mail is smuggled inside another (TRUST A18)."""
    assert "<p>two</p>" in sent(html=f"<p>one</p>{ending}.{ending}<p>two</p>").as_string().replace(
        ' dir="auto"', ""
    ).replace(' dir=3D"auto"', "")

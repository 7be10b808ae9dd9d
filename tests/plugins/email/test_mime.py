"""Mail as the world sends it becomes the desk's normal form; bombs cost little and lose nothing."""

import base64
import binascii
import time

import pytest

from helpdesk.api.channels import Inbound
from helpdesk.api.errors import Malformed
from plugins.email import body, mime
from plugins.email.attachments import safe_name
from plugins.email.mime import parse

TOKEN = "t1z-9a-abcdefghij234567"
HEAD = b"From: Sara <sara@example.com>\nTo: support@desk.example\nSubject: x\n"
SALAM = "سلام، می‌خواهم سفارشم را پیگیری کنم."


def mail(body=b"text", *lines):
    return (
        HEAD
        + b"".join(line.encode() + b"\n" for line in lines)
        + b"\n"
        + (body.encode() if isinstance(body, str) else body)
    )


def multipart(*parts, kind="mixed", lines=()):
    body = b"".join(b"--b\n" + (part.encode() if isinstance(part, str) else part) + b"\n" for part in parts)
    return mail(body + b"--b--\n", f'Content-Type: multipart/{kind}; boundary="b"', *lines)


def names(message):
    return [file.name for file in message.files]


# The header


def test_a_whole_header():
    raw = (
        "From: =?utf-8?B?2LPYp9ix2Kcg2KfYrdmF2K/bjA==?= <Sara@Example.com>\nTo: Support "
        "<support@desk.example>, b@x.example\nCc: c@x.example\n"
        "Reply-To: other@example.com\nSubject: =?utf-8?Q?=D8=B3=D9=81=D8=A7=D8=B1=D8=B4?= 12\nDate: Sat, 21 "
        "Nov 2026 16:20:00 +0330\n"
        "Message-ID: <1@example.com>\nIn-Reply-To: <b@x>\nReferences: <a@x> <b@x>\nX-Mailer: "
        "Thunderbird\nList-Id: <l.example>\n\nسلام"
    ).encode()
    message = parse(raw)
    assert (message.sender.kind, message.sender.value, message.sender.name) == (
        "email",
        "sara@example.com",
        "سارا احمدی",
    )
    assert [(person.value, person.name) for person in message.to] == [
        ("support@desk.example", "Support"),
        ("b@x.example", ""),
    ]
    assert [person.value for person in message.cc] == ["c@x.example"] and [
        person.value for person in message.reply_to
    ] == ["other@example.com"]
    assert message.subject == "سفارش 12" and message.at.isoformat() == "2026-11-21T12:50:00+00:00"
    assert message.external_id == "1@example.com" and message.references == ["a@x", "b@x"]
    assert message.language == "fa" and message.details == {"program": "Thunderbird", "list": "<l.example>"}


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("Sara <sara@example.com>", "sara@example.com", "Sara"),
        ("sara@example.com (Sara A)", "sara@example.com", "Sara A"),
        ('"Ahmadi, Sara" <sara@example.com>', "sara@example.com", "Ahmadi, Sara"),
        ("Ahmadi, Sara <sara@example.com>", "sara@example.com", "Ahmadi, Sara"),
        ('"Sara \\"S\\" A" <sara@example.com>', "sara@example.com", 'Sara "S" A'),
        ("=?UTF-8?B?Rm9vLCBCYXI=?= <foo@example.com>", "foo@example.com", "Foo, Bar"),
        ('"=?utf-8?b?2LPYp9ix2Kc=?=" <sara@example.com>', "sara@example.com", "سارا"),
        ("=?utf-8?q?=D8=B3=D8?= =?utf-8?q?=A7=D8=B1=D8=A7?= <sara@example.com>", "sara@example.com", "سارا"),
        ("=?windows-1256?B?0sfRxw==?= <s@example.com>", "s@example.com", "زارا"),
        ("=?utf-8?B?2LPYp9ix2Kc?= <sara@example.com>", "sara@example.com", "سارا"),
        ("=?nonsense?Q?S=61ra?= <sara@example.com>", "sara@example.com", "Sara"),
        ("<sara@example.com>", "sara@example.com", ""),
        ("'sara@example.com' <sara@example.com>", "sara@example.com", ""),
        ("sara@example.com <sara@example.com>", "sara@example.com", ""),
        ("<@relay.example:sara@example.com>", "sara@example.com", ""),
        ("<mailto:sara@example.com>", "sara@example.com", ""),
        ("Group: sara@example.com, b@example.com;", "sara@example.com", ""),
        ('"boss@bank.example" <sara@example.com>', "sara@example.com", "boss@bank.example"),
        ("attacker(&email=victim@x.example&)@evil.example", "attacker@evil.example", "&email=victim@x.example&"),
        ('"<img src=x onerror=alert(1)>" <sara@example.com>', "sara@example.com", "<img src=x onerror=alert(1)>"),
        ('"Sara\tA\x00\x07" <sara@example.com>', "sara@example.com", "Sara A"),
        ("=?utf-8?q?Sara=0D=0ABcc:_x=40y?= <sara@example.com>", "sara@example.com", "Sara  Bcc: x@y"),
        ("=?utf-8?q?=E2=80=AESara?= <sara@example.com>", "sara@example.com", "Sara"),
        ('"Sara <sara@example.com>', "sara@example.com", "Sara"),
    ],
)
def test_senders(field, value, name):
    message = parse(f"From: {field}\nSubject: x\n\ntext".encode())
    assert (message.sender.value, message.sender.name) == (value, name)


@pytest.mark.parametrize("codec", ["utf-8", "cp1256"])
def test_raw_8_bit_header(codec):
    text = "سفارش من نرسيده است"
    raw = (
        b"From: "
        + "سارا".encode(codec)
        + b" <s@example.com>\nSubject: "
        + text.encode(codec)
        + b"\n\n"
        + text.encode(codec)
    )
    message = parse(raw)
    assert (message.subject, message.text, message.sender.name) == (text, text, "سارا")


def test_a_sender_is_found_elsewhere_when_from_is_empty():
    assert parse(b"From: \nReturn-Path: <sara@example.com>\n\ntext").sender.value == "sara@example.com"
    message = parse(b"Subject: x\n\ntext")
    assert message.sender.value == "" and mime.NO_SENDER in message.remarks


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("=?utf-8?q?a?=\n =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?q?=0AX-Evil: 1?=", "X-Evil: 1"),
        ("a\r\n\tb", "a b"),
        ("a\u2028b", "a b"),
        ("=?utf-8?b?8J+Yig==?= ok", "😊 ok"),
        ("=?utf-16?b?//5hAADY?=", "a\ufffd"),
        ("=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
    ],
)
def test_subjects(subject, shown):
    assert parse(f"From: a@b.c\nSubject: {subject}\n\ntext".encode()).subject == shown


def test_mbox_line_blank_lines_and_junk_before_and_in_the_header():
    raw = b"   \n\nFrom sara@example.com Sat Nov 21 16:20:00 2026\nFrom: sara@example.com\nthis is no field\nSubject: x\n\ntext"
    message = parse(raw)
    assert (message.sender.value, message.subject, message.text) == ("sara@example.com", "x", "text")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_line_ends(end):
    raw = end.join(
        [
            "From: a@b.c",
            "Subject: x",
            "Content-Type: multipart/mixed; boundary=b",
            "",
            "--b",
            "",
            "one",
            "--b",
            "",
            "two",
            "--b--",
        ]
    )
    message = parse(raw.encode())
    assert (message.subject, message.text) == ("x", "one\n\ntwo")


@pytest.mark.parametrize("raw", [b"", b" \r\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256))])
def test_what_is_no_mail(raw):
    with pytest.raises(Malformed) as caught:
        parse(raw)
    assert caught.value.sentence


# Bodies and their charsets


@pytest.mark.parametrize(
    "label", ["utf-8", "us-ascii", "iso-8859-1", "windows-1252", "windows-1256", "", "nonsense", "idna", "rot13"]
)
@pytest.mark.parametrize("codec", ["utf-8", "cp1256"])
def test_persian_under_any_label(codec, label):
    if (codec, label) == ("cp1256", "nonsense"):
        label = "x-unknown"
    text = "سلام، می‌خواهم سفارشم را پيگيري کنم. گزارش چاپ شد."
    typed = text.replace("ی", "ي")
    body = base64.b64encode(typed.encode(codec))
    message = parse(mail(body, f"Content-Type: text/plain; charset={label}", "Content-Transfer-Encoding: base64"))
    assert message.text == typed and message.language == "fa"


@pytest.mark.parametrize(
    ("codec", "label", "text"),
    [
        ("iso8859-6", "iso-8859-6", "مرحبا، لم يصل طلبي بعد"),
        ("cp1256", "iso-8859-6", "سلام، چرا پول من پس داده نشد؟ گزارش"),
        ("koi8-r", "koi8-r", "Здравствуйте, заказ не пришёл"),
        ("koi8-r", "us-ascii", "Здравствуйте, заказ не пришел"),
        ("cp1251", "iso-8859-1", "Здравствуйте, заказ не пришёл"),
        ("cp1253", "", "Καλημέρα σας, η παραγγελία μου"),
        ("cp1255", "us-ascii", "שלום לכולם, ההזמנה לא הגיעה"),
        ("cp1252", "iso-8859-1", "“Müller” – grüßt… 5 €"),
        ("cp1252", "us-ascii", "déjà vu à l’œuvre"),
        ("cp1252", "utf-8", "Müller grüßt"),
        ("iso8859-2", "iso-8859-2", "Łódź żółć"),
        ("gb18030", "gb2312", "你好，我的订单还没有到"),
        ("cp932", "shift_jis", "こんにちは、注文はまだ"),
        ("iso2022_jp", "iso-2022-jp", "こんにちは、注文はまだ"),
        ("euc_kr", "ks_c_5601-1987", "안녕하세요 주문이"),
        ("big5", "big5", "你好，我的訂單還沒有到"),
        ("utf-16", "utf-16", "سلام"),
        ("utf-8-sig", "iso-8859-1", "سلام"),
    ],
)
def test_charsets(codec, label, text):
    body = base64.b64encode(text.encode(codec))
    assert (
        parse(mail(body, f"Content-Type: text/plain; charset={label}", "Content-Transfer-Encoding: base64")).text
        == text
    )


def test_utf8_with_a_broken_byte_stays_readable():
    assert parse(mail(SALAM.encode()[:-1] + b"\xd9", "Content-Type: text/plain; charset=utf-8")).text.startswith(
        SALAM[:-1]
    )


def test_nul_controls_and_lone_surrogates_leave_no_trace():
    text = parse(mail(b"a\0b\x07c +2D8- \x0b", "Content-Type: text/plain; charset=utf-7")).text
    assert text == "abc \ufffd"
    text.encode("utf-8")


def test_quoted_printable_keeps_half_spaces():
    body = b"=D9=85=DB=8C=E2=80=8C=D8=AE=D9=88=\n=D8=A7=D9=87=D9=85"
    assert (
        parse(mail(body, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable")).text
        == "می‌خواهم"
    )


def test_flowed_text_is_joined():
    body = "A long \nline here.\n> quoted \n> text\nnot quoted\n-- \nSig \nned\n From"
    message = parse(mail(body, "Content-Type: text/plain; format=flowed"))
    assert message.text == "A long line here.\n> quoted text\nnot quoted" and message.quoted == "-- \nSig ned\nFrom"
    assert parse(mail("ab \ncd", "Content-Type: text/plain; format=flowed; delsp=yes")).text == "abcd"


def test_alternative_takes_plain_for_reading_and_html_for_showing():
    message = parse(
        multipart("Content-Type: text/plain\n\nplain", "Content-Type: text/html\n\n<p>html</p>", kind="alternative")
    )
    assert message.text == "plain" and "<p>html</p>" in message.html and message.files == []


def test_html_alone_gives_text_and_folded_history():
    source = (
        f"<html><body><p>{SALAM}</p><p>On 2 Apr 2012, A &lt;a@x.example&gt; "
        "wrote:</p><blockquote>old</blockquote></body></html>"
    )
    message = parse(mail(source, "Content-Type: text/html; charset=utf-8"))
    assert message.text.strip() == SALAM and "old" in message.quoted and "<details" in message.html


def test_html_charset_from_its_own_meta():
    source = (
        b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1256"><p>'
        + "سلام".encode("cp1256")
        + b"</p>"
    )
    assert parse(mail(source, "Content-Type: text/html")).text.strip() == "سلام"


def test_empty_plain_beside_html_gives_the_text_of_the_html():
    message = parse(
        multipart("Content-Type: text/plain\n\n \n", "Content-Type: text/html\n\n<p>html</p>", kind="alternative")
    )
    assert message.text.strip() == "html"


def test_texts_between_pictures_stay_in_order():
    message = parse(multipart("\none", "Content-Type: image/png; name=a.png\n\nx", "Content-Type: text/plain\n\ntwo"))
    assert message.text == "one\n\ntwo" and names(message) == ["a.png"]


def test_text_beside_html_is_shown_with_it():
    message = parse(multipart("Content-Type: text/html\n\n<p>one</p>", "Content-Type: text/plain\n\ntwo <b>"))
    assert (
        "<p>one</p>" in message.html
        and "two &lt;b&gt;" in message.html
        and message.text.split() == ["one", "two", "<b>"]
    )


def test_own_pictures_are_inline_and_others_are_not():
    message = parse(
        multipart(
            'Content-Type: text/html\n\n<img src="cid:a@x"><img src="https://e.example/p.gif">',
            "Content-Type: image/png\nContent-ID: <a@x>\n\nA",
            "Content-Type: image/png\nContent-ID: <b@x>\n\nB",
            kind="related",
        )
    )
    assert [(file.name, file.cid, file.inline) for file in message.files] == [
        ("attachment-1.png", "a@x", True), ("attachment-2.png", "b@x", False),
    ]  # fmt: skip
    assert 'src="cid:a@x"' in message.html and 'data-remote="https://e.example/p.gif"' in message.html


def test_a_forwarded_mail_is_not_folded():
    body = "Please see.\n\nFrom: A <a@x.example>\nSent: Monday\nTo: B\nSubject: c\n\nthe matter"
    message = parse(mail(body).replace(b"Subject: x", b"Subject: FW: c"))
    assert message.text == body and message.quoted == ""


# Files


def test_an_enclosed_message_keeps_its_bytes_and_goes_by_its_subject():
    inner = "Subject: =?utf-8?b?2LPZhNin2YU=?=\r\nFrom: a@b.c\r\n\r\nhello\r\n"
    message = parse(multipart("\nsee", f"Content-Type: message/rfc822\n\n{inner}"))
    assert names(message) == ["سلام.eml"] and message.files[0].content == inner.encode() and message.text == "see"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('Content-Disposition: attachment; filename="=?utf-8?B?2YHYp9qp2KrZiNixLnBkZg==?="', "فاکتور.pdf"),
        ("Content-Disposition: attachment; filename*=utf-8''%D9%81%D8%A7%DA%A9%D8%AA%D9%88%D8%B1.pdf", "فاکتور.pdf"),
        (
            "Content-Disposition: attachment;\n filename*0*=utf-8'fa'%D9%81%D8%A7%DA%A9%D8;\n "
            "filename*1*=%AA%D9%88%D8%B1;\n filename*2=.pdf",
            "فاکتور.pdf",
        ),
        ("Content-Disposition: attachment; filename=فاکتور.pdf", "فاکتور.pdf"),
        ("Content-Disposition: attachment; filename=my report.pdf", "my report.pdf"),
        ('Content-Disposition: attachment; filename="C:\\temp\\my report.pdf"', "my report.pdf"),
        ("Content-Disposition: inline; filename=../../etc/cron.d/x", "x"),
        ("Content-Disposition: attachment", "attachment-1.pdf"),
        ('Content-Disposition: attachment; filename=""', "attachment-1.pdf"),
        ("Content-Disposition: attachment; filename*=utf-8''%00%0D%0Aa%2F..%2Fb.pdf", "b.pdf"),
    ],
)
def test_file_names_in_every_dress(line, name):
    assert names(parse(multipart("\nsee", f"Content-Type: application/pdf\n{line}\n\nx"))) == [name]


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("a.pdf", "a.pdf"), ("../../etc/passwd", "passwd"), ("..\\..\\x.exe", "x.exe"), ("C:\\x", "x"), ("/", ""), ("", ""), ("...", ""),
        ("\u200b.htaccess", "htaccess"), (".htaccess", "htaccess"), ("a\0b.txt", "ab.txt"), ("a\r\nb.txt", "a  b.txt"), ("CON", "_CON"),
        ("con.txt", "_con.txt"), ("contract.txt", "contract.txt"), ("gpj.\u202eexe.txt", "gpj.exe.txt"), ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
        ("آ" * 300, "آ" * 120), ("<img src=x onerror=alert(1)>.png", "_img src=x onerror=alert(1)_.png"), ("نامهٔ می‌خواهم.docx", "نامهٔ می‌خواهم.docx"),
        ("a/b", "b"), ("a. ", "a"), ("\ud800.txt", "\ufffd.txt"), ("dir/", "dir"), ("lpt1", "_lpt1"), ("a|b?c*d.txt", "a_b_c_d.txt"),
    ],
)  # fmt: skip
def test_safe_names(given, safe):
    assert safe_name(given) == safe


def test_a_text_with_a_name_is_a_file_unless_it_is_the_whole_mail():
    assert names(parse(multipart("\nsee", "Content-Type: text/plain; name=log.txt\n\nlog"))) == ["log.txt"]
    message = parse(mail("log", "Content-Type: text/plain; name=log.txt", "Content-Disposition: attachment"))
    assert message.text == "log" and names(message) == ["log.txt"]


def test_a_named_text_is_shown_when_there_is_no_other():
    message = parse(multipart("Content-Type: text/plain; name=body.txt\n\nhello", "Content-Type: image/png\n\nx"))
    assert message.text == "hello" and names(message) == ["body.txt", "attachment-2.png"]
    assert (
        parse(multipart("Content-Type: text/plain; name=log.txt\nContent-Disposition: attachment\n\nhello")).text == ""
    )


@pytest.mark.parametrize(
    ("part", "name", "remark"),
    [
        ("Content-Type: application/ms-tnef; name=winmail.dat\n\nx", "winmail.dat", body.TNEF),
        ("Content-Type: application/octet-stream; name=WINMAIL.DAT\n\nx", "WINMAIL.DAT", body.TNEF),
        ("Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR", "invitation.ics", ""),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx", "smime.p7m", body.ENCRYPTED),
        ("Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx", "smime.p7m", ""),
        ("Content-Type: application/pkcs7-signature\n\nx", "smime.p7s", ""),
        ("Content-Type: application/pgp-signature\n\nx", "signature.asc", ""),
        ("Content-Type: text/plain\nContent-Transfer-Encoding: x-gzip64\n\nx", "attachment-1.bin", body.UNDECODED),
    ],
)
def test_special_parts_are_kept(part, name, remark):
    message = parse(multipart("\nsee", part))
    assert names(message) == [name] and message.text == "see" and message.remarks == ([remark] if remark else [])


def test_signed_text_is_shown_and_encrypted_is_kept():
    signed = parse(multipart("\nsee", "Content-Type: application/pgp-signature\n\nx", kind="signed"))
    assert signed.text == "see" and names(signed) == ["signature.asc"] and signed.remarks == []
    secret = parse(
        multipart(
            "Content-Type: application/pgp-encrypted\n\nVersion: 1",
            "Content-Type: application/octet-stream\n\nx",
            kind="encrypted",
        )
    )
    assert secret.remarks == [body.ENCRYPTED] and len(secret.files) == 2


def test_broken_multiparts_still_show_their_text():
    for text in ("no boundary at all", "--b\n\nno end", "preamble only\n--b--", "--other\n\nwrong boundary"):
        assert text.replace("-", " ").split()[-1] in parse(
            mail(text, "Content-Type: multipart/mixed; boundary=b")
        ).text.replace("-", " ")
    assert parse(mail("text", "Content-Type: multipart/mixed")).text == "text"


def test_an_encoded_multipart_is_decoded_first():
    body = base64.b64encode(b"--b\n\none\n--b--\n")
    assert (
        parse(mail(body, "Content-Type: multipart/mixed; boundary=b", "Content-Transfer-Encoding: base64")).text
        == "one"
    )


# Threads, duplicates, authenticity


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ([f"Delivered-To: support+{TOKEN}@desk.example"], "text"),
        ([f"X-Original-To: support+{TOKEN.upper()}@desk.example"], "text"),
        ([f"Cc: Support <support+{TOKEN}@desk.example>"], "text"),
        ([f"In-Reply-To: <{TOKEN}.4k2@desk.example>"], "text"),
        ([f"References: <a@b> <{TOKEN}.4k2@desk.example> <c@d>"], "text"),
        ([], f"text\n\n> old\n> [#{TOKEN}]"),
        ([], f"text\n[#{TOKEN.upper()}]\n"),
    ],
)
def test_tokens_are_found_everywhere(lines, body):
    assert parse(mail(body, *lines)).tokens == [TOKEN]


@pytest.mark.parametrize("body", [f"[#{TOKEN}x]", f"[# {TOKEN}]", "[#t1-2-short]", f"#{TOKEN}"])
def test_what_only_resembles_a_token_is_none(body):
    assert parse(mail(body, f"References: <x{TOKEN}@desk.example>", f"Cc: {TOKEN}@desk.example")).tokens == []


def test_an_answer_through_our_own_mailing_list_is_no_bulk_mail():
    lists = ["List-Id: <support.desk.example>", "Precedence: list"]
    assert parse(mail("text", *lists)).automatic == "bulk"
    assert parse(mail("text", *lists, f"In-Reply-To: <{TOKEN}.1@desk.example>")).automatic == ""


def test_the_marker_is_not_shown():
    html = f'<p>text</p><div style="font-size:11px">[#{TOKEN}]</div>'
    message = parse(multipart(f"\ntext\n\n[#{TOKEN}]\n", f"Content-Type: text/html\n\n{html}", kind="alternative"))
    assert message.text == "text" and TOKEN not in message.html and message.tokens == [TOKEN]


def test_references_are_capped_and_in_order():
    raw = mail("text", "References: " + " ".join(f"<{n}@x>" for n in range(10_000)), "In-Reply-To: <last@x>")
    references = parse(raw).references
    assert len(references) == 51 and references[0] == "0@x" and references[-2:] == ["9999@x", "last@x"]


def test_ids_without_brackets_and_none_at_all():
    assert parse(mail("text", "Message-ID: 102.1020")).external_id == "102.1020"
    assert parse(mail("text")).external_id == ""


def test_fingerprints_tell_bodies_apart():
    one = parse(mail("text", "Message-ID: <1@x>", "Received: from a by b")).fingerprint
    assert one == parse(mail("text", "Message-ID: <2@x>")).fingerprint and len(one) == 64
    assert one != parse(mail("other", "Message-ID: <1@x>")).fingerprint
    attached = [parse(multipart("\nsee", f"Content-Type: image/png\n\n{picture}")).fingerprint for picture in "ab"]
    assert attached[0] != attached[1]


def results(text, *after, sender="sara@example.com"):
    lines = [f"Authentication-Results: {text}", f"From: {sender}", *after]
    return parse("\n".join([*lines, "", "text"]).encode(), ["mx.desk.example"])


@pytest.mark.parametrize(
    ("text", "authentic"),
    [
        ("mx.desk.example; dmarc=pass header.from=example.com", True),
        ("MX.desk.example 1; dmarc=PASS (p=reject) header.from=example.com; spf=fail", True),
        ("mx.desk.example; dmarc=fail header.from=example.com; dkim=pass header.d=example.com", False),
        ("mx.desk.example; dkim=pass header.d=example.com", True),
        ("mx.desk.example; dkim=pass header.i=@mail.example.com header.s=x", True),
        ("mx.desk.example; spf=pass smtp.mailfrom=bounce@example.com", True),
        ("mx.desk.example; spf=pass smtp.mailfrom=bounce@evil.example; dkim=pass header.d=evil.example", None),
        ("mx.desk.example; dkim=pass header.d=notexample.com", None),
        ("mx.desk.example; dkim=pass header.d=com", None),
        ("mx.desk.example; dkim=fail header.d=example.com; spf=softfail", None),
        ("mx.desk.example; none", None),
        ("mx.desk.example; dkim=neutral (dmarc=pass) header.d=example.com", None),
        ("mx.evil.example; dmarc=pass header.from=example.com", None),
        ("mx.desk.example.evil.example; dmarc=pass", None),
        ("", None),
    ],
)
def test_authentication_results(text, authentic):
    assert results(text).authentic is authentic


def test_only_the_topmost_results_of_a_trusted_server_count():
    forged = "Authentication-Results: mx.desk.example; dmarc=pass"
    assert results("mx.desk.example; dmarc=fail", forged).authentic is False
    assert results("mx.desk.example; spf=none", "Received: from evil by mx", forged).authentic is None
    assert results("mx.other.example; dmarc=pass", forged).authentic is None
    assert parse(b"Authentication-Results: mx.desk.example; dmarc=pass\nFrom: a@b.c\n\ntext").authentic is None


def test_two_senders_are_never_authentic():
    message = results("mx.desk.example; dmarc=pass", "From: boss@bank.example")
    assert message.authentic is None and message.details["auth"] == {"dmarc": "pass"}


@pytest.mark.parametrize(
    ("text", "language"),
    [("Hello there", "en"), (SALAM, "fa"), ("Привет всем", ""), ("12 34", ""), (f"{SALAM} OK", "fa")],
)
def test_language(text, language):
    assert parse(mail(text).replace(b"Subject: x\n", b"")).language == language


# Bombs (check A26): each costs little time, and what is not shown is kept


def _nested(depth):
    return (
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)) + b"\ntext\n"
    )


BOMBS = {
    "10,000 nested multiparts": HEAD + _nested(10_000),
    "one boundary nested 10,000 times": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 10_000,
    "1,000 nested messages": HEAD + b"Content-Type: message/rfc822\n\n" * 1_000 + b"text",
    "1 MB header": HEAD + b"X-A: " + b"a" * 1_000_000 + b"\n\ntext",
    "1 MB subject": b"From: a@b.c\nSubject: " + b"=?utf-8?b?YWFh?= " * 60_000 + b"\n\ntext",
    "50,000 hops": b"Received: from a by b; Sat, 21 Nov 2026 16:20:00 +0330\n" * 50_000 + HEAD + b"\ntext",
    "20,000 recipients": HEAD + b"Cc: " + b", ".join(b"a%d@b.c" % n for n in range(20_000)) + b"\n\ntext",
    "20,000 recipient fields": HEAD + b"".join(b"Cc: a%d@b.c\n" % n for n in range(20_000)) + b"\ntext",
    "10,000 references": HEAD + b"References: " + b" ".join(b"<a%d@b.c>" % n for n in range(10_000)) + b"\n\ntext",
    "5,001 links": HEAD + b"Content-Type: text/html\n\n" + b"<a href='http://x/'>x</a>" * 5_001,
    "1,600 nested divs": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 1_600 + b"text" + b"</div>" * 1_600,
    "100,000 open divs": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 100_000 + b"text",
    "40,000 open fonts": HEAD
    + b"Content-Type: text/html\n\n"
    + b"".join(b"<font color=c%d><p>x" % n for n in range(40_000)),
    "a million of <": HEAD + b"Content-Type: text/html\n\n" + b"<" * 1_000_000,
    "a million of a@": HEAD + b"\n" + b"a@" * 1_000_000,
    "a million of a@ as recipient": HEAD + b"Cc: " + b"a@" * 1_000_000 + b"\n\ntext",
    "70 KB boundary": HEAD
    + b'Content-Type: multipart/mixed; boundary="'
    + b"b" * 70_000
    + b'"\n\n--'
    + b"b" * 70_000
    + b"\n\ntext\n",
    "base64, a letter a line": HEAD
    + b"Content-Transfer-Encoding: base64\n\n"
    + b"".join(b"%c\n" % c for c in b"aGVsbG8g" * 100_000),
    "a million almost-boundaries": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b x\n" * 1_000_000,
    "500,000 parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\na\n" * 500_000,
    "500,000 quoted lines": HEAD + b"\n" + b"> a\n" * 500_000,
    "500,000 attributions": HEAD + b"\n" + b"On 1 a@b wrote:\n" * 500_000,
    "500,000 signatures": HEAD + b"\n" + b"-- \n" * 500_000,
    "a million blank lines": HEAD + b"\n" + b"\n" * 1_000_000 + b"text",
    "a million brackets": b"From: " + b"(" * 500_000 + b"<" * 500_000 + b"\n\ntext",
    "200,000 parameters": HEAD + b"Content-Type: text/plain" + b"; a=b" * 200_000 + b"\n\ntext",
    "utf-32 that is none": HEAD + b"Content-Type: text/plain; charset=utf-32le\n\n" + b"abc\xff" * 300_000,
    "20 MB of text": HEAD + b"\n" + b"hello world\n" * 1_700_000,
    "gzip inline": HEAD + b"Content-Type: application/gzip\nContent-Encoding: gzip\n\n" + b"\x1f\x8b" * 20_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name):
    begun = time.thread_time()
    message = parse(BOMBS[name])
    assert time.thread_time() - begun < 5
    assert isinstance(message, Inbound)
    assert len(message.text) + len(message.quoted) <= mime.MAX_TEXT + 2 and len(message.html) <= 2_000_000
    assert (
        len(message.to) + len(message.cc) <= 2 * mime.MAX_PEOPLE
        and len(message.references) <= 51
        and len(message.subject) <= 998
    )


def test_what_a_bomb_hides_is_kept():
    long = parse(BOMBS["20 MB of text"])
    assert (
        mime.LONG in long.remarks and long.files[0].name == "message.txt" and long.files[0].size == 12 * 1_700_000 - 1
    )
    links = parse(BOMBS["5,001 links"])
    assert (
        mime.HEAVY in links.remarks
        and names(links) == ["message.html"]
        and links.text.count("x") == 5_001
        and links.html == ""
    )
    nested = parse(BOMBS["10,000 nested multiparts"])
    assert body.CUT_SHORT in nested.remarks and b"text" in nested.files[0].content
    assert mime.MANY_PEOPLE in parse(BOMBS["20,000 recipients"]).remarks
    assert parse(BOMBS["50,000 hops"]).automatic == "loop"
    assert parse(BOMBS["70 KB boundary"]).text == "text" and parse(BOMBS["1,600 nested divs"]).text == "text"


# What a second pair of eyes found in real and odd mail


@pytest.mark.parametrize(
    "date",
    [
        "2026-11-21T16:20:00+03:30", "2026-11-21 12:50:00", "2026-11-21T12:50:00Z", "Sat, 21 Nov 2026 16:20:00.123 +0330",
        "Sat, 21 Nov 2026 16:20:00,5 +0330",
    ],
)  # fmt: skip
def test_dates_that_programs_write_in_their_own_way(date):
    assert parse(HEAD + f"Date: {date}\n\nx".encode()).at.isoformat() == "2026-11-21T12:50:00+00:00"


def uuencoded(name: str, content: bytes) -> str:
    lines = (binascii.b2a_uu(content[at : at + 45], backtick=True).decode() for at in range(0, len(content), 45))
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


def test_uuencoded_files_are_taken_out_of_the_text():
    content = bytes(range(256)) * 3
    message = parse(mail(f"See:\n\n{uuencoded('../Report.pdf', content)}\nAli\n\n{uuencoded('', b'x')}"))
    assert "begin" not in message.text and message.text.endswith("Ali")
    assert [(file.name, file.type, file.content) for file in message.files] == [
        ("Report.pdf", "application/pdf", content),
        ("attachment.bin", "application/octet-stream", b"x"),
    ]


@pytest.mark.parametrize(
    "text", ["begin 644 a.txt\nplain words\nend", "begin 644 a.txt\nM1TE&.#\n", "begin the week\nand so to the\nend"]
)
def test_what_only_looks_uuencoded_stays(text):
    message = parse(mail(text))
    assert message.text == text.strip() and not message.files


@pytest.mark.parametrize("line", ["begin 644 x\n", "begin 644 x\nM1TE\n", "M" + "`" * 60 + "\n", "`\n", "end\n"])
def test_hostile_uuencoding_costs_linear_time(line):
    begun = time.thread_time()
    parse(mail("begin 644 x\n" + line * (1_000_000 // len(line)) + "\nend"))
    assert time.thread_time() - begun < 4


def test_a_page_without_a_content_type_is_shown_as_one():
    message = parse(mail("<!DOCTYPE html>\n<html><body><p>سلام <b>دوست</b></p></body></html>"))
    assert message.text == "سلام دوست" and "<b>" in message.html
    assert parse(mail("<html> is how pages begin", "Content-Type: text/plain")).html == ""


def test_a_line_that_a_mailbox_escaped():
    assert parse(mail("Hello\n\n>From here on it works.\nBye")).text == "Hello\n\nFrom here on it works.\nBye"
    old = "On 2 Apr 2026, A <a@b.example> wrote:\n> one\n>From two"
    assert parse(mail(f"Yes\n\n{old}\n")).quoted == old


def test_other_forms_of_the_same_text_are_no_attachments():
    message = parse(multipart("\nplain", "Content-Type: text/enriched\n\n<bold>plain</bold>", kind="alternative"))
    assert message.text == "plain" and not message.files


@pytest.mark.parametrize(
    ("name", "kind"), [("photo.JPG", "image/jpeg"), ("a.pdf", "application/pdf"), ("a.xyz", "application/octet-stream")]
)
def test_a_file_sent_as_plain_bytes_has_the_type_of_its_name(name, kind):
    message = parse(multipart("\nsee", f'Content-Type: application/octet-stream; name="{name}"\n\nx'))
    assert [(file.name, file.type) for file in message.files] == [(name, kind)]

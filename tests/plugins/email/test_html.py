"""A customer's HTML is shown safely: nothing runs, nothing is fetched, the mail's own look and direction stay."""

import re
from pathlib import Path

import lxml.html
import pytest

from plugins.email import html, htmlquotes

PAYLOADS = [
    line for line in (Path(__file__).parent / "xss.txt").read_text("utf-8").splitlines() if not line.startswith("# ")
]
ALIVE = {
    "script",
    "style",
    "link",
    "meta",
    "base",
    "iframe",
    "frame",
    "object",
    "embed",
    "applet",
    "form",
    "input",
    "button",
}
ALIVE |= {
    "svg",
    "math",
    "template",
    "video",
    "audio",
    "source",
    "picture",
    "textarea",
    "select",
    "map",
    "area",
    "dialog",
    "title",
}
ADDRESSES = {
    "href": ("http://", "https://", "mailto:", "tel:"),
    "src": ("cid:",),
    "data-remote": ("http://", "https://"),
}
OURS = {"class": "quoted-history"}


def shown(source):
    """The sanitised HTML, folded as a message is."""
    return htmlquotes.fold(html.sanitise(source)[0])[0]


def check_dead(safe):
    """Fail when anything in the document could act, fetch, cover or be mistaken for the page's own."""
    assert "<!--" not in safe
    for element in lxml.html.document_fromstring(f"<html><body>{safe}</body></html>").iter():
        assert element.tag not in ALIVE, safe
        for name, value in element.attrib.items():
            assert not name.startswith("on"), safe
            assert name not in {
                "id",
                "name",
                "srcset",
                "background",
                "ping",
                "action",
                "formaction",
                "is",
                "slot",
                "autofocus",
            }, safe
            assert not name.startswith(("hx-", "xlink")) and (not name.startswith("data-") or name == "data-remote"), (
                safe
            )
            if name in ADDRESSES:
                assert value.lower().startswith(ADDRESSES[name]), safe
            if name == "class":
                assert (element.tag, value) == ("details", "quoted-history"), safe
            if name == "style":
                assert not re.search(
                    r"url|\\|@|expression|position|z-index|behavior|binding|image|/\*|--", value, re.I
                ), safe
            assert "alert(1)" not in value or name in ("title", "alt", "color", "face", "href", "data-remote"), safe


def test_payloads_are_many():
    assert len(PAYLOADS) >= 100 and len(set(PAYLOADS)) == len(PAYLOADS)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_is_dead(payload):
    check_dead(shown(payload))
    check_dead(shown(f"<div dir='rtl'><p>سلام</p>{payload}<p>تمام</p></div>"))


def test_all_payloads_at_once_are_dead():
    check_dead(shown("\n".join(PAYLOADS)))


def test_the_check_itself_can_fail():
    for alive in (
        "<img src=x onerror=alert(1)>",
        "<script>1</script>",
        '<p style="background:url(x)">x</p>',
        '<a href="javascript:1">x</a>',
    ):
        with pytest.raises(AssertionError):
            check_dead(alive)


def test_remote_pictures_are_withheld():
    safe, files = html.sanitise(
        '<img src="https://e.example/a.png?x=1&y=2" width=5 alt="آ"><img src="//e.example/b.png"><img src="local.png">'
    )
    assert safe.count("data-remote=") == 2 and " src=" not in safe and not files
    assert (
        'data-remote="https://e.example/a.png?x=1&amp;y=2"' in safe and 'data-remote="https://e.example/b.png"' in safe
    )


@pytest.mark.parametrize("address", ["cid:logo@x", "CID:logo@x", "cid:logo%40x", "cid:<logo@x>"])
def test_own_pictures_stay(address):
    safe = html.sanitise(f'<img src="{address}">')[0]
    assert safe == '<img src="cid:logo@x">' and html.shown_cids(safe) == {"logo@x"}


@pytest.mark.parametrize(
    ("source", "safe"),
    [
        ('<html dir="rtl" lang="fa"><body>سلام</body></html>', '<div dir="rtl" lang="fa">سلام</div>'),
        ("<html><head></head><body dir=rtl>سلام</body></html>", '<div dir="rtl">سلام</div>'),
        ("<BODY bgcolor='#000' text=white>x</BODY>", '<div style="background-color:#000;color:white">x</div>'),
        ('<body style="font-family:Tahoma;position:fixed">x</body>', '<div style="font-family:Tahoma">x</div>'),
        ('<body dir="rtl&quot;><script>alert(1)</script>" onload="x">y</body>', "<div>y</div>"),
        (
            "<body style='font-family:&quot;Tahoma&quot;'>x</body>",
            '<div style="font-family:&quot;Tahoma&quot;">x</div>',
        ),
        ("<body>x</body>", "x"),
    ],
)
def test_direction_and_colours_of_the_document_stay(source, safe):
    assert html.sanitise(source)[0].strip() == safe


def test_pictures_written_as_data_become_files_once():
    picture = "data:image/png;base64,iVBORw0KGgo="
    safe, files = html.sanitise(
        f'<p><img src="{picture}"><img src="{picture}"><img src="DATA:image/jpg;base64,/9j/"></p>'
    )
    assert [(file.name, file.type, file.inline) for file in files] == [
        ("picture-1.png", "image/png", True), ("picture-2.jpeg", "image/jpeg", True),
    ]  # fmt: skip
    assert files[0].content == b"\x89PNG\r\n\x1a\n" and safe.count(f"cid:{files[0].cid}") == 2


def test_direction_language_and_look_stay():
    source = (
        '<div dir="rtl" lang="fa" style="font-family:Tahoma;color:#333;text-align:right;margin:4px 0">سلام، '
        "می‌خواهم</div>"
    )
    safe = html.sanitise(source)[0]
    assert 'dir="rtl"' in safe and 'lang="fa"' in safe and "می‌خواهم" in safe
    assert 'style="font-family:Tahoma;color:#333;text-align:right;margin:4px 0"' in safe


def test_styles_keep_what_is_harmless():
    safe = html.sanitise('<p style="color:rgb(1, 2, 3); position:fixed; background:url(x) red; padding : 3px;">x</p>')[
        0
    ]
    assert safe == '<p style="color:rgb(1, 2, 3);padding:3px">x</p>'


def test_links_open_apart_and_tell_nobody():
    assert html.sanitise('<a href="https://e.example/">x</a>')[0] == (
        '<a href="https://e.example/" target="_blank" rel="noopener noreferrer">x</a>'
    )


def test_title_and_style_leave_no_text():
    assert html.sanitise("<html><head><title>T</title><style>p{}</style></head><body>x</body></html>")[0].strip() == "x"


@pytest.mark.parametrize(
    ("source", "heavy"),
    [
        ("<a href=x>y</a>" * 5_001, True),
        ("<a href=x>y</a>" * 4_999, False),
        ("<div>" * 1_600 + "x" + "</div>" * 1_600, False),
        ("<div>" * 20_000, True),
        ("".join(f"<font color=c{n}><p>x" for n in range(4_000)), True),
        ("x" * 1_000_001, True),
        ("<p>a<p>b<li>c" * 5_000, False),
    ],
)
def test_what_is_too_heavy(source, heavy):
    assert html.too_heavy(source) is heavy


def test_text_of_html():
    source = "<p>سلام، می‌خواهم <b>گوشی</b> نو بخرم.</p><ul><li>یک</li><li>دو</li></ul>a &lt;b@c.example&gt;<br>d"
    text = html.text(html.sanitise(source)[0])
    assert (
        "سلام، می‌خواهم گوشی نو بخرم." in text and "\n  * یک\n  * دو\n" in text and text.endswith("a <b@c.example>\nd")
    )


def test_text_of_deep_html_is_whole():
    assert "ژرف" in html.text("<div>" * 1_600 + "ژرف" + "</div>" * 1_600)


@pytest.mark.parametrize("source", ["", " ", "<br>", "<img>", "<p></p>", "<table></table>", "&nbsp;"])
def test_text_of_nothing(source):
    assert html.text(source).strip() == ""


def test_plain_is_linear_and_leaves_scripts_out():
    assert html.plain("<style>p{}</style>a<br>b<script>c</script><p>d &amp; e") == "a\nb\nd & e"
    assert html.plain("<style>" * 100_000 + "x") == ""
    assert html.plain("<br" * 100_000).startswith("<br")


def test_plain_text_beside_html_keeps_lines_and_is_escaped():
    assert (
        html.from_text("a <b>\n\nسلام")
        == '<div dir="auto">a &lt;b&gt;</div><div dir="auto"><br></div><div dir="auto">سلام</div>'
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "<p>Log:</p><pre><code>line one\n  line two\n\nline three</code></pre>",
            "Log:\n\nline one\n  line two\n\nline three",
        ),
        ("<pre class=x><span>one</span>\n  <b>two</b> three<br>four</pre>", "one\n  two three\nfour"),
    ],
)
def test_preformatted_text_keeps_its_lines(source, text):
    assert html.text(html.sanitise(source)[0]) == text

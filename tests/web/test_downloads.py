"""Names under which files are saved: whole where a program can read them, and something sensible where it cannot."""

import pytest

from helpdesk.api.downloads import ascii_name, clean_name, handed

NAMES = {
    "سفارش.txt": "file.txt", "فاکتور ۱۲.pdf": "12.pdf", "سفارش KH-20814 نهایی.pdf": "KH-20814.pdf", "Café.png": "Cafe.png", "عکس": "file",
    "a.متن": "a", "report.txt": "report.txt", "-.txt": "file.txt",
}  # fmt: skip


@pytest.mark.parametrize(("name", "plain"), NAMES.items())
def test_every_name_has_a_sensible_form_in_ascii(name, plain):
    assert ascii_name(name) == plain


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        (" . ", "file"),
        ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
        ("a\u202egpj.exe", "a_gpj.exe"),
    ],
)
def test_no_name_leads_away_or_hides_its_ending(name, clean):
    assert clean_name(name) == clean


def test_a_persian_name_is_sent_both_ways(app, tmp_path):
    (tmp_path / "x").write_bytes(b"hi")
    with app.test_request_context():
        reported = handed(tmp_path / "x", "سفارش من.txt").headers["Content-Disposition"]
        shown = handed(tmp_path / "x", "عکس.png", shown_as="image/png").headers["Content-Disposition"]
    assert reported.startswith("attachment;") and "filename=file.txt" in reported
    assert "filename*=UTF-8''%D8%B3%D9%81%D8%A7%D8%B1%D8%B4%20%D9%85%D9%86.txt" in reported
    assert shown.startswith("inline;") and "filename=file.png" in shown

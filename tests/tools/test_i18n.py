"""Every sentence has its Persian, written with the marks of the style guide; and the lint that says so can fail."""

from itertools import combinations

import pytest
from babel.messages.catalog import Message

from tools import i18n

AREAS = [area for area in i18n.areas() if area.exists()]


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.name)
def test_every_sentence_has_good_persian(area):
    assert i18n.complaints(area) == []


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.name)
def test_catalogues_are_as_extract_writes_them(area):
    committed = area / i18n.PO
    fresh = i18n.merged(i18n.messages(area), i18n.catalogue(area))
    assert not len(fresh) or committed.read_text("utf-8") == i18n.written(fresh)


def test_one_sentence_says_the_same_everywhere():
    texts = {
        area.name: {message.id: message.string for message in i18n.catalogue(area) if message.id} for area in AREAS
    }
    for one, other in combinations(texts, 2):
        shared = texts[one].keys() & texts[other].keys()
        assert {key: texts[one][key] for key in shared} == {key: texts[other][key] for key in shared}, (one, other)


GOOD = [
    "نشانی ایمیل درست نیست؛ مثل name@example.com بنویسید.", "می‌شود تیکت‌ها را «یکی» کرد؟", "%(count)s پیام، ۲ فایل", "تنها انتهای میدان است و کلیدها و کارها",
    "سرور IMAP روی RFC 3501 و UTF-8 کار می‌کند", "گفت‌وگوی <b>%(name)s</b> و آن‌ها", "خانهٔ In [n] و Ctrl+K", "میانگین ۹۵٪ است: میزان بالا",
]  # fmt: skip
BAD = [
    "مشتري", "كارشناس", "خانۀ ما", "٣ پیام", "3 پیام", "پیـــام", 'نام "او"', "سلام, دوست", "چرا?", "سلام ، دوست", "نام :", "سلام،دوست", "« نام»",
    "صبر کنید...", "دو  فاصله", "می شود", "میشود", "نمیتوانید", "درست می‌باشد", "تیکت ها", "تیکتها", "بزرگ تر", "گفتگو", "گفت و گو", "خانه‌ی ما", "جهت ورود",
    "نیم‌ فاصله", "%(count)s تیکت ها", "%(name)s ،", "میز در دسترس نیست", "قلابی به نام", "این پرونده", "یادآوری بعدی", "دست کم ۳", "دست بالا ۳", "کلید‌ها", "گذرواژهٔ کنونی",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_good_persian_passes(text):
    assert i18n.marks(text) == []


@pytest.mark.parametrize(
    ("english", "persian"),
    [
        ("Copy the number", "رونوشت شماره"),
        ("Some fields do not fit.", "برخی از خانه‌ها درست نیستند."),
        ("Snooze…", "یادآوری…"),
        ("snoozed it", "کنار گذاشت"),
    ],
)
def test_a_word_that_means_another_thing_is_seen(english, persian):
    assert i18n.meant(english, persian) != []
    assert i18n.meant("In copy", persian) == [] == i18n.meant("Cell", "خانه")


@pytest.mark.parametrize("text", BAD)
def test_bad_marks_are_seen(text):
    assert i18n.marks(text) != []


@pytest.mark.parametrize(
    ("english", "persian", "flags"),
    [
        ("Close", "", ()), ("Close", "Close", ()), ("Close", "بستن", ("fuzzy",)), ("%(a)s files", "فایل", ()), ("%(a)s files", "%(b)s فایل", ()),
        ("%d files", "%d فایل", ()), ("100% sure", "۱۰۰٪", ()), ("<b>No</b>", "نه", ()), ("Sure?", "آیا", ()), ("Done.", "شد", ()), ("to ", "به", ()),
        (("%(num)s file", "%(num)s files"), ("فایل",), ()),
    ],
)  # fmt: skip
def test_faults_are_seen(english, persian, flags):
    assert i18n.faults(Message(english, persian, flags=flags)) != []


def test_a_good_message_has_no_fault():
    assert i18n.faults(Message("%(a)s is <b>not</b> here.", "%(a)s <b>اینجا نیست</b>.")) == []
    assert i18n.faults(Message(("%(num)s file", "%(num)s files"), ("%(num)s فایل",))) == []


SOURCES = {
    "views.py": 'from x import _\n_("In Python")\nngettext("%(num)s thing", "%(num)s things", 3)\nrender_message("Said '
    '%(a)s", a=1)\nrender_message(error)\n_(name)\n',
    "templates/page.html": '{% trans %}\n  In a\n  template\n{% endtrans %}{{ _("Short") }}{% do x %}{% trans num=n %}{{ num }} '
    "row{% pluralize %}{{ num }} rows{% endtrans %}",
    "templates/note.txt": "{{ _('In a text') }}",
    "static/page.js": 'import { t, tn } from "./language.js";\nconst a = t("In a script", {b: 1}) + tn("%(num)s click", '
    '"%(num)s clicks", 2) + `${t("Short")}`;\n',
    "static/other.min.js": 't("Not ours")',
    "node_modules/x.js": 't("Not ours")',
    "notes.txt": "{{ _('No template') }}",
}


@pytest.fixture
def area(tmp_path):
    for name, text in SOURCES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def test_messages_are_found_wherever_people_are_spoken_to(area):
    found = i18n.messages(area)
    keys = {message.id if isinstance(message.id, str) else message.id[0] for message in found if message.id}
    assert keys == {
        "In Python",
        "%(num)s thing",
        "Said %(a)s",
        "In a template",
        "Short",
        "%(num)s row",
        "In a text",
        "In a script",
        "%(num)s click",
    }
    assert {key for key in keys if "browser" in found.get(key).auto_comments} == {
        "In a script",
        "%(num)s click",
        "Short",
    }


def test_extraction_keeps_texts_and_changes_nothing_twice(area):
    assert i18n.extract_area(area) == 9
    path = area / i18n.PO
    path.write_text(
        path.read_text("utf-8").replace('msgid "Short"\nmsgstr ""', 'msgid "Short"\nmsgstr "کوتاه"'), "utf-8"
    )
    assert i18n.extract_area(area) == 8
    first = path.read_text("utf-8")
    assert "کوتاه" in first and "POT-Creation-Date" not in first and "page.html" not in first
    i18n.extract_area(area)
    assert path.read_text("utf-8") == first


def test_a_text_comes_back_with_its_sentence(area):
    i18n.extract_area(area)
    path = area / i18n.PO
    path.write_text(
        path.read_text("utf-8").replace('msgid "In Python"\nmsgstr ""', 'msgid "In Python"\nmsgstr "در پایتون"'),
        "utf-8",
    )
    source = area / "views.py"
    source.write_text("", "utf-8")
    i18n.extract_area(area)
    assert "در پایتون" in path.read_text("utf-8") and i18n.catalogue(area).get("In Python") is None
    source.write_text(SOURCES["views.py"], "utf-8")
    i18n.extract_area(area)
    assert i18n.catalogue(area).get("In Python").string == "در پایتون"


def test_a_sentence_not_yet_extracted_is_a_complaint(area):
    assert any("not in the catalogue" in line for line in i18n.complaints(area))


def test_a_source_that_cannot_be_read_is_named(area):
    (area / "templates/page.html").write_text("{% trans %}", "utf-8")
    with pytest.raises(SystemExit, match=r"page\.html"):
        i18n.messages(area)

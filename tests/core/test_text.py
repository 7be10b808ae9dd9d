"""Persian and English as search, sorting, phone numbers and storage see them."""

import sqlite3
import time
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.core import text

# Twelve phrases in forty spellings: whoever writes one of a line finds all of that line and nothing of another.
SPELLINGS = [
    ["می‌خواهم", "می خواهم", "میخواهم", "ميخواهم", "مي‌خواهم", "می\u00a0خواهم"],
    ["کتاب‌ها", "کتاب ها", "کتابها", "كتابها", "كتـــاب‌ها"],
    ["نمی‌توانم وارد شوم", "نمی توانم وارد شوم", "نميتوانم وارد شوم"],
    ["بزرگ‌ترین سفارش", "بزرگ ترین سفارش", "بزرگترين سفارش"],
    ["مسئولِ ارسال", "مسئول ارسال", "مسئول إرسال"],
    ["خانهٔ ما", "خانۀ ما", "خانة ما", "خانه ما"],
    ["فاکتور ۱۴۰۵", "فاكتور ١٤٠٥", "فاکتور 1405"],
    ["مؤسسه", "موسسه", "مُؤَسَّسه"],
    ["شئ گم‌شده", "شی گم شده"],
    ["Invoice PDF", "invoice pdf", "ＩＮＶＯＩＣＥ ＰＤＦ"],
    ["رنگ‌های روشن‌تر", "رنگ های روشن تر", "رنگهای روشنتر"],
    ["پیامک\u200fها", "پيامكها"],
]


def written(*texts):
    """An FTS5 table as the desk keeps it, holding these texts."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE message USING fts5(spaced, joined, tokenize='unicode61 remove_diacritics 0')")
    rows = ((number, text.normalise(one), text.joined(one)) for number, one in enumerate(texts))
    base.executemany("INSERT INTO message(rowid, spaced, joined) VALUES (?, ?, ?)", rows)
    return base


def found(base, query, *ending):
    query = text.fts5_query(query, *ending)
    return (
        {row for (row,) in base.execute("SELECT rowid FROM message WHERE message MATCH ?", (query,))}
        if query
        else set()
    )


def test_forty_spellings_of_twelve_phrases():
    assert len(SPELLINGS) == 12
    assert sum(map(len, SPELLINGS)) == 40


@pytest.mark.parametrize("line", range(12))
def test_each_spelling_finds_each(line):
    everything = [(number, spelling) for number, spellings in enumerate(SPELLINGS) for spelling in spellings]
    base = written(*(f"سلام، {spelling}؟ سپاس." for _, spelling in everything))
    same = {row for row, (number, _) in enumerate(everything) if number == line}
    for spelling in SPELLINGS[line]:
        assert found(base, spelling) == same, spelling


def test_postgresql_finds_what_sqlite_finds(postgres_url):
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    everything = [spelling for spellings in SPELLINGS for spelling in spellings] + [
        "a@b.example 12-34",
        "1e5 -5 1.5",
        "foo_bar/baz",
    ]
    base = written(*everything)
    vector = "to_tsvector('simple', spaced || ' ' || joined)"
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE message (id int, spaced text, joined text)")
        for number, one in enumerate(everything):
            connection.execute(
                "INSERT INTO message VALUES (%s, %s, %s)", (number, text.normalise(one), text.joined(one))
            )
        for query in [*everything, "خواهم", "سفا", "foo", "12-34", "34-12", "a@b", "' \\ :* & |"]:
            given = text.tsquery(query)
            rows = (
                connection.execute(
                    f"SELECT id FROM message WHERE {vector} @@ to_tsquery('simple', %s)", (given,)
                ).fetchall()
                if given
                else []
            )
            assert {row for (row,) in rows} == found(base, query), query


def test_the_last_word_counts_as_a_beginning():
    base = written("فاکتور سفارش فروشگاه", "سفیر", "می‌خواهم")
    assert found(base, "فاکتور سف") == {0}
    assert found(base, "سف") == {0, 1}
    assert found(base, "ميخوا") == {2}
    assert found(base, "فاک سفارش") == set()


def test_the_last_word_stands_for_what_it_is_asked_for_and_its_term_may_be_left_out():
    base = written("سفارش من", "سفیر من", "a teapot", "می‌خواهم", "میز")
    whole = lambda word: [word]
    assert found(base, "سف", whole) == set() and found(base, "سفیر", whole) == {1}
    assert found(base, "من سف", None) == {0, 1} and text.fts5_query("سف", None) == ""
    assert found(base, "س", lambda _word: ["سفارش", "سفیر"]) == {0, 1}
    assert found(base, "می‌خ", lambda word: [f"{word[:3]}*"]) == {3}
    assert found(base, "t") == {2} and text.last_words("a می‌خ") == ["خ", "میخ"]


def test_words_glued_differently_meet_in_one_query():
    assert found(written("کتاب‌ها را می‌خواهم"), "میخواهم کتابها را") == {0}
    assert found(written("نمی‌خواهم کتاب‌ها را"), "خواهم کتابها") == {0}


def test_addresses_and_numbers_are_found_whole():
    base = written("بنویسید به leila.sadr@desk.example", "sadr leila desk example", "order 12-34-56", "order 34 12 56")
    assert found(base, "leila.sadr@desk.example") == {0}
    assert found(base, "12-34-56") == {2}
    assert found(base, "۱۲-۳۴-۵۶") == {2}


@pytest.mark.parametrize("query", ["", "   ", '"', "'", "*", "()", "- ^ :", "\u200c", "ـــ", "؟!،", "\x00", "\ud800"])
def test_a_query_without_words_is_empty(query):
    assert text.fts5_query(query) == text.tsquery(query) == ""


@pytest.mark.parametrize(
    "query", ["foo-bar", "a@b", "AND", "NOT x", 'a "b', "NEAR(a b)", "x*", "spaced:x", "{a}", "a\x00b", "\ud83d می"]
)
def test_syntax_of_fts5_is_only_text(query):
    assert found(written(query), query) == {0}


messy = st.text(
    st.one_of(st.characters(), st.sampled_from("\"'*():^-+{}&|!<>\\ \u200c\u00a0\u0640ئءمیهاترابکنANDORT0123۴٤")),
    max_size=80,
)


@given(messy, messy)
@settings(max_examples=1000, deadline=None)
def test_no_text_is_a_syntax_error_and_every_text_finds_itself(one, other):
    one = text.plain(one)
    base = written(one)
    found(base, other)
    if text.fts5_query(one) and max(text.normalise(one)) < "\u0700":
        assert found(base, one) == {0}


@given(messy)
@settings(max_examples=500, deadline=None)
def test_a_query_is_joined_as_the_index_is(query):
    terms = text.search_terms(query)
    if len(terms) < text.QUERY_TERMS and not any(
        closed.isdecimal() for _, closed in terms
    ):  # telephone numbers stand behind the text
        assert " ".join(closed for _, closed in terms) == text.joined(query)
        assert " ".join(phrase for apart, _ in terms for phrase in apart) == text.normalise(query)


def test_what_postgresql_is_asked():
    assert text.tsquery("می‌خواهم pdf") == "((('می' <-> 'خواهم')) | ('میخواهم')) & ('pdf':*)"
    assert text.tsquery("foo-bar") == "('foo' <-> 'bar':*)"
    assert "\\" not in text.tsquery("a\\b ' c") and text.tsquery("a'bc") == "('a' <-> 'bc':*)"
    assert text.tsquery("a'b") == "('a' <-> 'b':*)"


@pytest.mark.parametrize(
    "hostile",
    [
        "a" + "\u0300\u0316" * 200_000,
        "می " * 200_000,
        "ا\u200c" * 200_000,
        "x" * 600_000,
        " ئ" * 200_000,
        "0912 " * 100_000,
        "+1" * 300_000,
    ],
)
def test_hostile_text_takes_linear_time(hostile):
    start = time.thread_time()
    for function in (text.normalise, text.joined, text.sort_key, text.plain, text.fts5_query, text.tsquery, text.phone):
        function(hostile)
    text.excerpt(hostile, 80)
    assert time.thread_time() - start < 2


def test_words_no_database_can_hold_are_cut_alike_in_text_and_query():
    assert max(map(len, text.tokens("ب" * 5000))) == 64
    assert found(written("ب" * 5000), "ب" * 300) == {0}


WAYS = [
    "۰۹۱۲ ۱۲۳ ۴۵۶۷",
    "0098 912 123 4567",
    "09121234567",
    "+98 912 123 4567",
    "۹۱۲۱۲۳۴۵۶۷",
    "0912-123-4567",
    "+98 (0)912 1234567",
]


@pytest.mark.parametrize("query", WAYS)
def test_a_phone_number_is_found_however_it_was_written_and_is_asked_for(query):
    base = written(
        *(f"سفارش 48213 را به {way} خبر بدهید، یا 021 8877 6655." for way in WAYS), "شماره‌ام 0912 123 9999 است"
    )
    assert found(base, query) == set(range(len(WAYS)))
    assert found(base, "02188776655") == set(range(len(WAYS)))
    assert found(base, f"سفارش {query.replace(' ', '').replace('(0)', '')}") == set(range(len(WAYS)))


@pytest.mark.parametrize(
    "written",
    ["۰۹۱۲ ۱۲۳ ۴۵۶۷", "0098 912 123 4567", "+98 912 123 4567", "912 123 4567", "٠٩١٢١٢٣٤٥٦٧", "0912-123-4567", "+98 (0)912 1234567",
     "989121234567", "\u202a+98\u00a0912 1234567\u202c", "0098۹۱۲1234567"],
)  # fmt: skip
def test_a_phone_number_however_written(written):
    assert text.phone(written) == "+989121234567"


@pytest.mark.parametrize(
    "written",
    ["", "110", "سلام", "۱۲۳۴۵۶۷", "+", "0912 abc 4567", "9" * 16, "+0912123456", "0" * 12, "12+34567890", "5" * 5000],
)
def test_what_is_no_phone_number(written):
    assert text.phone(written) == ""


def test_phone_numbers_of_elsewhere():
    assert (
        text.phone("+44 7700 900417")
        == text.phone("00447700900417")
        == text.phone("07700 900417", "44")
        == "+447700900417"
    )
    assert text.phone("021 8877 6655") == "+982188776655"
    assert text.phone("+1 (555) 010-9999") == "+15550109999"


def test_digits_of_either_kind():
    assert text.digits("سفارش 12 و ٣٤", "fa") == "سفارش ۱۲ و ۳۴"
    assert text.digits("سفارش ۱۲ و ٣٤", "en") == "سفارش 12 و 34"


def test_names_sort_by_the_persian_alphabet():
    alphabet = list("آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی")
    assert sorted(alphabet, key=text.sort_key) == alphabet
    names = [
        "۲ نفر",
        "آرش",
        "ابراهیم",
        "پروانه",
        "تینا",
        "چمران",
        "حسین",
        "ژاله",
        "کاوه",
        "گلناز",
        "لاله",
        "مؤید",
        "میثم",
        "وحید",
        "هاله",
        "یاسمن",
        "Adam",
        "zoe",
    ]
    assert sorted(names, key=text.sort_key) == names
    assert text.sort_key("كاوه") == text.sort_key("کاوه") == text.sort_key("کاوِه")
    assert text.sort_key("علی‌رضا") == text.sort_key("علیرضا")


def test_rows_stand_in_the_order_of_their_names():
    rows = [
        SimpleNamespace(name=name, id=number)
        for number, name in enumerate(["یاسمن", "Zoe", "آرش", "گلناز", "پروانه", "آرش"])
    ]
    assert [row.id for row in text.by_name(rows)] == [2, 5, 4, 3, 0, 1]


def test_plain_text_can_be_stored():
    assert text.plain("a\r\nb\rc\u2028d\x00\x07\x1b\x9f\te") == "a\nb\nc\nd\te"
    assert text.plain("\ud83d\ude00 \ud83d") == "😀 \ufffd"
    assert text.plain("می‌خواهم\u202e") == "می‌خواهم\u202e"


@given(st.text(st.characters(exclude_categories=[]), max_size=40))
def test_plain_text_is_always_utf8(anything):
    kept = text.plain(anything)
    kept.encode()
    assert "\x00" not in kept and text.plain(kept) == kept


def test_excerpts():
    assert text.excerpt("  سلام\n\n دنیا ", 20) == "سلام دنیا"
    assert text.excerpt("یکی بود یکی نبود زیر گنبد کبود", 20) == "یکی بود یکی نبود…"
    assert text.excerpt("x" * 100, 10) == "x" * 9 + "…"
    assert text.excerpt("\u202eabc", 10) == "abc"


@given(st.text(max_size=200), st.integers(1, 60))
def test_an_excerpt_is_never_longer(anything, length):
    kept = text.excerpt(anything, length)
    assert len(kept) <= length and "\n" not in kept

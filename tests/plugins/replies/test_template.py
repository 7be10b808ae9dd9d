"""Places of saved replies: what is filled, what is missing, and what is never evaluated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.replies.template import BadTemplate, check, fill, names

VALUES = {
    "customer.name": "Mina",
    "agent.name": "Sara",
    "نام مشتری": "مینا",
    "ticket.number": "42",
    "customer.city": "",
}


@pytest.mark.parametrize(
    ("template", "text", "missing"),
    [
        ("Dear {{customer.name}},", "Dear Mina,", ()),
        ("Dear {{ customer.name }},", "Dear Mina,", ()),
        ("{{نام مشتری}} عزیز، سلام", "مینا عزیز، سلام", ()),
        ("{{customer.city|your town}}", "your town", ()),
        ("{{customer.name|friend}}", "Mina", ()),
        (
            "{{customer.city}} and {{order.total}} and {{customer.city}}",
            "{{customer.city}} and {{order.total}} and {{customer.city}}",
            ("customer.city", "order.total"),
        ),
        ("{{customer.city|}}", "{{customer.city|}}", ("customer.city",)),
        ("a { b } {{ }} {{}} c", "a { b } {{ }} {{}} c", ()),
        ("", "", ()),
    ],
)
def test_places_are_filled(template, text, missing):
    filled = fill(template, VALUES)
    assert (filled.text, filled.missing) == (text, missing)


@pytest.mark.parametrize(
    "hostile",
    [
        "{{7*7}}", "{{customer.__class__}}", "{{customer.name.__init__.__globals__}}", "{{cycler.__init__.__globals__.os.popen('id')}}",
        "${7*7}", "%(customer.name)s", "{0.__class__}", "{% for x in y %}", "{{customer.name()}}", "{{customer['name']}}",
    ],
)  # fmt: skip
def test_nothing_is_evaluated(hostile):
    assert fill(hostile, VALUES).text == hostile


def test_what_was_filled_in_is_not_read_again():
    filled = fill("{{ticket.subject}}", {"ticket.subject": "{{agent.email}}", "agent.email": "secret"})
    assert (filled.text, filled.missing) == ("{{agent.email}}", ())


def test_names_in_order_and_once():
    assert names("{{b}} {{a|x}} {{b}} {{نام مشتری}}") == ("b", "a", "نام مشتری")


@pytest.mark.parametrize(
    ("template", "reason", "at"),
    [
        ("x" * 20_001, "too long", -1),
        ("{{customer.name}}" * 101, "too many places", 1700),
        ("Dear {{customer.name", "not closed", 5),
        ("Dear }} x", "not closed", 5),
        ("{{a}} {{b c", "not closed", 6),
        ("Hi {{customer.nmae}}", "customer.nmae", 3),
    ],
)
def test_what_cannot_be_saved_says_where(template, reason, at):
    with pytest.raises(BadTemplate, match=reason) as found:
        check(template, [*VALUES, "a"])
    assert found.value.at == at


@given(st.text(st.sampled_from("{}| .ab\n"), max_size=200))
def test_any_text_is_filled_or_kept(text):
    filled = fill(text, {"a": "1", "b": "2"})
    assert set(filled.missing) <= set(names(text)) and fill(text, {}).text.count("\n") == text.count("\n")


@pytest.mark.parametrize("unit", ["{{a ", "{{a.a.a.a", "{{" + "a " * 50, "a.", "{{a|", "{{" + "a" * 500])
def test_what_nearly_is_a_place_costs_no_more_than_its_length(unit):
    """A name has one way to be read, so nothing is tried twice: without that, these would not end."""
    assert fill(unit * (20_000 // len(unit)), VALUES).missing == ()

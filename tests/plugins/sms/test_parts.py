"""How many parts a text has, at the edges of both alphabets."""

import pytest

from plugins.sms.parts import parts


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # two places each
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 10, 2),
        ("س" * 70, 1),
        ("س" * 71, 2),
        ("س" * 134, 2),
        ("س" * 135, 3),
        ("a" * 69 + "س", 1),
        ("a" * 70 + "س", 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("س" * 66 + "😀" + "س" * 66, 3),  # a letter of two places is not cut in two
        ("می‌خواهم", 1),
    ],
)
def test_parts(text, count):
    assert parts(text) == count

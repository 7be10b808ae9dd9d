"""The people in address fields: RFC 5322 as programs really write it.

Nothing is ever looked for inside quotes or comments: there a sender could hide another person's address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from helpdesk.api.channels import Address

from .address_fields import ENCODED_WORD, clean, words
from .domains import one_form

MAX_ADDRESS = 254  # characters (RFC 5321); a longer one is none
REMEMBERED = 300  # characters of a field

_HELD = 0xF0000  # from here on one private character stands for each quoted string, encoded word or comment
_PRIVATE = re.compile("[\0\U000f0000-\U0010ffff]")
_TOKEN = re.compile(rf'"((?:[^"\\]|\\.)*+)"|({ENCODED_WORD})|\\(.)|([()])|[^"()\\=]++|["=\\]', re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)
_PIECE = re.compile(r"<(?:@[^<>]*:)?([^<>,;]*)>?|[,;:]|[^<,;:]+")
_GROUP_END = re.compile(r";[ \t]*(?:,|$)")
_SPACED = re.compile(r"\s*([.@])\s*")
_SPACED_DOMAIN = re.compile(r"\s*+[^\s@]{1,255}+(?:\s++\.\s*+[^\s@]{1,255}+)*+")
_SCHEME = re.compile(r"(?:mailto|smtp):", re.I)
_LOCAL = re.compile(r"[^\s<>\"(),;:@\[\]\\]{1,64}")
_QUOTED_LOCAL = re.compile(r"[^<>\"@\\\x00-\x1f]{1,62}")
_DOMAIN = re.compile(r"[^\s<>\"(),;:@\[\]\\]{1,253}|\[[^\s\[\]<>\"@]{1,60}\]")
_LOOSE = re.compile(r"(?<![^\s<,;:\[('])[^\s<>\"(),;:@\[\]\\']{1,64}@[^\s<>\"(),;:@\[\]\\']{1,253}")


def people(values: Iterable[str], limit: int = 500) -> list[Address]:
    """The people in address fields, at most ``limit``, each address once; what has no address is left out."""
    found: dict[str, Address] = {}
    for person in islice((person for value in values for person in _everybody(value)), 20 * limit):
        found.setdefault(person.value, person)
        if len(found) >= limit:
            break
    return list(found.values())


def _everybody(value: str) -> Iterable[Address]:
    """Everybody in one field; short fields, which the same mail and the next ones repeat, are remembered."""
    return _remembered(value) if len(value) < REMEMBERED else _people(value)


@lru_cache(maxsize=2048)
def _remembered(value: str) -> tuple[Address, ...]:
    return tuple(_people(value))


def _people(value: str, decoded: bool = False) -> Iterator[Address]:
    """Everybody in one field; where nobody is, an encoded word that holds the whole field is opened once."""
    field = _Field(value)
    none = True
    for person in field.everybody():
        none = False
        yield person
    if not none:
        return
    if not decoded and field.is_words():
        yield from _people(words(value), decoded=True)
    else:
        loose = field.flat if field.flat.isascii() else _PRIVATE.sub('"', field.flat)
        yield from (Address("email", one_form(address.rstrip("."))) for address in _LOOSE.findall(clean(loose, 10_000)))


class _Field:
    """One field as ``flat`` text, in which a single character stands for each quoted string, encoded word or
    comment.
    """

    def __init__(self, value: str):
        self.held: list[tuple[str, str]] = []  # ("quoted" | "word" | "comment", its text)
        tokens = list(_TOKEN.finditer(_PRIVATE.sub(" ", value)))
        closed_at = _comments(tokens)
        flat, index = [], 0
        while index < len(tokens):
            token = tokens[index]
            if token[4] == "(" and index in closed_at:
                end = closed_at[index]
                flat.append(self._hold("comment", "".join(inner[3] or inner[0] for inner in tokens[index + 1 : end])))
                index = end
            elif token[1] is not None:
                flat.append(self._hold("quoted", _ESCAPED.sub(r"\1", token[1])))
            else:
                flat.append(self._hold("word", token[2]) if token[2] else token[3] or token[0].replace('"', " "))
            index += 1
        self.flat = "".join(flat)

    def _hold(self, kind: str, text: str) -> str:
        self.held.append((kind, text))
        return chr(_HELD + len(self.held) - 1)

    def is_words(self) -> bool:
        """True when the field is nothing but encoded words."""
        return (
            bool(self.held) and all(kind == "word" for kind, _ in self.held) and not _PRIVATE.sub("", self.flat).strip()
        )

    def everybody(self) -> Iterator[Address]:
        """The person of each mailbox; "Family, Given <address>" without quotes is one."""
        phrase = angle = ""
        last_end = max((end.start() for end in _GROUP_END.finditer(self.flat)), default=-1)
        seen = in_group = False
        for piece in _PIECE.finditer(self.flat + ","):
            token = piece[0]
            if piece[1] is not None:
                angle, seen = angle or piece[1].strip(), True
            elif token in ",;":
                person = self._person(phrase, angle)
                if person:
                    yield person
                done = person or seen or token == ";" or not phrase.strip()
                phrase, angle, seen = "" if done else phrase + token, "", False
                in_group = in_group and token != ";"
            elif (
                token == ":"
                and not in_group
                and piece.start() < last_end
                and not seen
                and _names_group(self.flat, piece.start(), phrase)
            ):
                phrase, in_group = "", True
            else:
                phrase += token

    def _person(self, phrase: str, angle: str) -> Address | None:
        """The person of one mailbox, or None when it has no address."""
        comments = (text for kind, text in self._things(phrase + angle) if kind == "comment")
        address = self._spec(angle) if angle else ""
        if not address and "@" in phrase:
            address, phrase = self._bare(phrase)
        if not address:
            return None
        name = clean(words(self._said(phrase).strip(" ,\t")), 200) or clean(words(next(comments, "")), 200)
        name = name.strip("'\" ") if name[:1] in "'\"" else name
        value = one_form(address)
        written = address.rpartition("@")[0] + "@" + value.rpartition("@")[2]
        return Address("email", value, "" if one_form(name) == value else name, written if written != value else "")

    def _bare(self, phrase: str) -> tuple[str, str]:
        """The address that stands among the words of a phrase, and the other words."""
        at = -1
        for _ in range(5):
            at = phrase.find("@", at + 1)
            found = _SPACED_DOMAIN.match(phrase, at + 1) if at > 0 else None
            if found is None:
                continue
            before = phrase[:at].rstrip()
            start = max(before.rfind(" "), before.rfind("\t")) + 1
            address = self._spec(before[start:] + "@" + found[0])
            if address and (
                "." in address.rpartition("@")[2]
                or (phrase[at - 1] + found[0][:1]).strip() == phrase[at - 1] + found[0][:1]
            ):
                return address, f"{phrase[:start]} {phrase[found.end() :]}"
        return "", phrase

    def _spec(self, text: str) -> str:
        """The address that a text is, as it is written, or "" when it is none. A quoted local part stays whole, or
        there is none.
        """
        text = _PRIVATE.sub(lambda char: "" if self._thing(char[0])[0] == "comment" else char[0], text)
        text = _SCHEME.sub("", _SPACED.sub(r"\1", clean(text, 1_000)).strip(" \t'"), count=1)
        local, _, domain = text.rpartition("@")
        domain = domain.rstrip(".")
        if not _DOMAIN.fullmatch(domain) or _PRIVATE.search(domain):
            return ""
        kinds = {kind for kind, _ in self._things(local)}
        if kinds:
            local = self._quoted(local) if kinds == {"quoted"} else ""
        elif not _LOCAL.fullmatch(local):
            return ""
        address = f"{local}@{domain}"
        return address if local and len(one_form(address)) <= MAX_ADDRESS else ""

    def _quoted(self, local: str) -> str:
        """A local part with quotes in it: without them where it needs none, "" where it could be taken for another
        address.
        """
        text = self._said(local)
        if not _QUOTED_LOCAL.fullmatch(text):
            return ""
        plain = _LOCAL.fullmatch(text) and text.strip(".") == text and ".." not in text
        return text if plain else f'"{text}"'

    def _thing(self, char: str) -> tuple[str, str]:
        return self.held[ord(char) - _HELD]

    def _things(self, text: str) -> list[tuple[str, str]]:
        return [self._thing(char) for char in _PRIVATE.findall(text)]

    def _said(self, phrase: str) -> str:
        """A phrase with its quoted strings and encoded words back in place, and without its comments."""
        return _PRIVATE.sub(
            lambda char: "".join(text for kind, text in (self._thing(char[0]),) if kind != "comment"), phrase
        )


def _comments(tokens: list[re.Match]) -> dict[int, int]:
    """The places of parentheses that belong together; one that is never closed is a sign like any other."""
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for index, token in enumerate(tokens):
        if token[4] == "(":
            opened.append(index)
        elif token[4] == ")" and opened:
            pairs[opened.pop()] = index
    return pairs


def _names_group(flat: str, colon: int, phrase: str) -> bool:
    """True when the words before a colon name a group, and are not a time of day or a scheme."""
    return (
        bool(phrase.strip())
        and "@" not in phrase
        and not (flat[colon - 1].isdigit() and flat[colon + 1 : colon + 2].isdigit())
    )

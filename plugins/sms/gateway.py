"""A gateway as its settings describe it: what is sent to it, and what its answers and pushes say. Pure functions."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from helpdesk.api.errors import Invalid, Malformed, _

PLACE = re.compile(r"\{(to|text|from|id|key|user|basic)\}")
FORMS = ("+989121234567", "00989121234567", "989121234567", "09121234567")  # how the gateway writes numbers
FIELDS = 100  # of a push
NOT_READ = _("This is neither JSON nor a form.")


def in_form(number: str, form: str, home: str = "98") -> str:
    """A number of E.164 as the gateway wants it; ``home`` is the code of the country whose numbers begin with 0."""
    bare = number.removeprefix("+")
    if form == FORMS[1]:
        return f"00{bare}"
    if form == FORMS[2]:
        return bare
    return f"0{bare.removeprefix(home)}" if form == FORMS[3] and bare.startswith(home) else number


def values(settings: Mapping[str, Any], **of_message: str) -> dict[str, str]:
    """What stands in the places of the address, the headers and the body."""
    user, key = str(settings.get("user", "")), str(settings.get("key", ""))
    basic = base64.b64encode(f"{user}:{key}".encode()).decode()
    return {"from": str(settings["number"]), "user": user, "key": key, "basic": basic, **of_message}


def filled(template: str, given: Mapping[str, str]) -> str:
    """A template with its places filled; a value is never looked at for places itself."""
    return PLACE.sub(lambda place: given[place[1]], template)


def address(template: str, given: Mapping[str, str]) -> str:
    """The same for an address: values are quoted."""
    return filled(template, {name: quote(value, safe="") for name, value in given.items()})


def body(template: str, given: Mapping[str, str]) -> Any:
    """The body of a JSON template, its texts filled wherever they stand; Invalid when it is no JSON."""
    try:
        return _filled(json.loads(template), given)
    except (ValueError, RecursionError):
        raise Invalid(_("The body is not JSON.")) from None


def _filled(node: Any, given: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {name: _filled(value, given) for name, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, given) for value in node]
    return filled(node, given) if isinstance(node, str) else node


def fields(text: str, given: Mapping[str, str]) -> dict[str, str]:
    """{name: value} of "to={to}&text={text}"; a value is filled after it was split."""
    return _pairs(text.split("&"), "=", given)


def headers(text: str, given: Mapping[str, str]) -> dict[str, str]:
    """{name: value} of "Authorization: Basic {basic} | Accept: application/json"."""
    return _pairs(text.split("|"), ":", given)


def _pairs(parts: list[str], between: str, given: Mapping[str, str]) -> dict[str, str]:
    pairs = (part.partition(between) for part in parts if part.strip())
    return {name.strip(): filled(value.strip(), given) for name, _between, value in pairs}


def at(answer: Any, path: str) -> str:
    """The value at a path such as "entries.0.messageid" as text; "" when there is none."""
    for step in path.split("."):
        if isinstance(answer, list) and step.isascii() and step.isdecimal() and int(step) < len(answer):
            answer = answer[int(step)]
        elif isinstance(answer, dict) and step in answer:
            answer = answer[step]
        else:
            return ""
    return _text(answer)


def pushed(raw: bytes) -> dict[str, str]:
    """The fields of a push, JSON or a form, by their paths; Malformed when it is neither."""
    try:
        text = raw.decode("utf-8")
        if text.lstrip().startswith(("{", "[")):
            return dict(_leaves(json.loads(text), "", FIELDS))
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=FIELDS)
        return dict(pairs)
    except (ValueError, RecursionError):
        raise Malformed(NOT_READ) from None


def _leaves(node: Any, path: str, most: int) -> Iterator[tuple[str, str]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if items is None:
        yield path, _text(node)
        return
    for name, value in list(items)[:most]:
        yield from _leaves(value, f"{path}.{name}" if path else str(name), most)


def _text(value: Any) -> str:
    """Numbers and truth as JSON writes them; what has parts is none."""
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, dict | list) else json.dumps(value)

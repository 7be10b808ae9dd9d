"""What the receiving server found out about the sender: Authentication-Results (RFC 8601), believed from named
servers only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import domains
from .address_fields import Fields, clean
from .addresses import people

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*([a-z-]{2,20})(?:/\d+)?\s*=\s*([a-z]{2,20})\b", re.I)
_PROPERTY = re.compile(r"\b((?:header|smtp|policy)\.[a-z-]{1,20})\s*=\s*\"?([^\s;\"]{1,320})", re.I)


def read(head: Fields, sender: str, trusted_servers: Sequence[str]) -> tuple[bool | None, dict[str, str]]:
    """True when a trusted server vouches for the sender's own domain, False when it rejects the mail, None
    otherwise.

    Also gives the findings by method, for the curious. Only the topmost results are read: whatever stands below the
    next "Received" line, or below untrusted results, may have been written by the sender.
    """
    results = _topmost(head, {server.strip().lower() for server in trusted_servers if server.strip()})
    if not results:
        return None, {}
    found = {method: result for method, result, _ in reversed(results)}
    if head.count("from") != 1:
        return None, found
    if found.get("dmarc") == "fail":
        return False, found
    domain = sender.rpartition("@")[2]
    if [person.value for person in people(head.all("from"), 2)] != [sender]:
        return None, found
    if found.get("dmarc") == "pass":
        checked = next(where.get("header.from", "") for method, result, where in results if method == "dmarc")
        return (True if domains.shown(checked.rpartition("@")[2]) == domain else None), found
    vouched = any(result == "pass" and _aligned(method, where, domain) for method, result, where in results)
    return (True if vouched else None), found


def _topmost(head: Fields, trusted: set[str]) -> list[tuple[str, str, dict[str, str]]]:
    """The (method, result, properties) that the nearest trusted server wrote."""
    results: list[tuple[str, str, dict[str, str]]] = []
    for name, value in head.pairs if trusted else ():
        if name == "received" and results:
            break
        if name != "authentication-results":
            continue
        text = value.decode("ascii", "replace")
        for _ in range(3):
            text = _COMMENT.sub(" ", text)
        server, *findings = text.split(";")
        if not server.split() or server.split()[0].lower() not in trusted:
            break
        results += filter(None, map(_finding, findings[:50]))
    return results


def _finding(text: str) -> tuple[str, str, dict[str, str]] | None:
    result = _RESULT.match(text)
    if not result:
        return None
    where = {name.lower(): clean(value, 320) for name, value in _PROPERTY.findall(text)}
    return result[1].lower(), result[2].lower(), where


def _aligned(method: str, where: dict[str, str], domain: str) -> bool:
    """True when what was checked is the sender's own domain, or one is a part of the other (relaxed, RFC 7489)."""
    checked = {"dkim": where.get("header.d") or where.get("header.i", ""), "spf": where.get("smtp.mailfrom", "")}.get(
        method, ""
    )
    checked = domains.shown(checked.rpartition("@")[2].rstrip("."))
    if "." not in checked or "." not in domain:
        return False
    return checked == domain or domain.endswith("." + checked) or checked.endswith("." + domain)

"""What a channel understood as plain JSON, for the pipe from a parsing child: never pickle."""

from __future__ import annotations

import base64
from dataclasses import asdict
from datetime import datetime
from typing import Any

from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.channels.channel_events import (
    ChannelEvent,
    Deleted,
    Edited,
    Inbound,
    Outcome,
    Parsed,
    Reaction,
    Report,
)


def to_json(parsed: Parsed) -> dict[str, Any] | list[Any] | None:
    """Plain JSON of what a channel understood; file contents as base64 unless they are blobs already."""
    if parsed is None or isinstance(parsed, list):
        return parsed and [to_json(event) for event in parsed]
    data = asdict(parsed)
    data["is"] = type(parsed).__name__
    if parsed.at:
        data["at"] = parsed.at.isoformat()
    if isinstance(parsed, Report):
        data["otherwise"] = to_json(parsed.otherwise)
    for file in data.get("files", ()):
        file["content"] = base64.b64encode(file["content"]).decode()
    return data


def from_json(data: dict[str, Any] | list[Any] | None) -> Parsed:
    """The inverse of ``to_json``."""
    if data is None or isinstance(data, list):
        return data and [from_json(event) for event in data]
    return event_from_json(data)


def event_from_json(data: dict[str, Any]) -> ChannelEvent:
    """One event as ``to_json`` wrote it."""
    kinds: dict[str, type[ChannelEvent]] = {
        kind.__name__: kind for kind in (Inbound, Edited, Deleted, Reaction, Report)
    }
    given = dict(data)
    kind = kinds[given.pop("is")]
    given["at"] = datetime.fromisoformat(given["at"]) if given.get("at") else None
    if given.get("sender"):
        given["sender"] = Address(**given["sender"])
    for key in {"to", "cc", "reply_to", "identities"} & given.keys():
        given[key] = [Address(**address) for address in given[key]]
    if "outcomes" in given:
        given["outcomes"] = [
            Outcome(**{**outcome, "address": Address(**outcome["address"])}) for outcome in given["outcomes"]
        ]
    if "files" in given:
        given["files"] = [File(**{**file, "content": base64.b64decode(file["content"])}) for file in given["files"]]
    if "otherwise" in given:
        given["otherwise"] = event_from_json(given["otherwise"]) if given["otherwise"] else None
    return kind(**given)

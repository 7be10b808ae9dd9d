"""What hangs on a cell: pictures that a trainer attached, and outputs, of which only our own events are read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from helpdesk.api.errors import Invalid, _

EVENTS = "application/vnd.helpdesk.events+json"
PLAIN = ("text/plain", EVENTS)
PICTURES: Mapping[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}
LARGEST, MOST = 500_000, 20  # bytes of a picture, pictures or outputs of a cell


def checked_attachments(given: Any, number: int) -> Mapping[str, Any]:
    """{name: {media type: base64}} when all are small pictures. Invalid otherwise, with the cell's number."""
    if not given:
        return {}
    if not isinstance(given, dict) or len(given) > MOST:
        raise Invalid(_("Cell %(cell)s: its attachments are too many, or none."), cell=number)
    for name, bundle in given.items():
        if not isinstance(bundle, dict) or len(bundle) != 1 or len(name) > 200:
            raise Invalid(_("Cell %(cell)s: an attachment is one picture with a name."), cell=number)
        media, encoded = next(iter(bundle.items()))
        if media not in PICTURES:
            sentence = _("Cell %(cell)s: only PNG, JPEG, GIF and WebP pictures can be attached, not “%(type)s”.")
            raise Invalid(sentence, cell=number, type=media[:60])
        if not isinstance(encoded, str) or len(encoded) > LARGEST * 4 // 3 + 4:
            sentence = _("Cell %(cell)s: a picture can have %(most)s KB.")
            raise Invalid(sentence, cell=number, most=LARGEST // 1000)
        if not _decoded(encoded).startswith(PICTURES[media]):
            raise Invalid(_("Cell %(cell)s: an attachment is not the picture that it says it is."), cell=number)
    return given


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def checked_outputs(given: Any, number: int) -> tuple[Any, ...]:
    """The events in a cell's outputs. Plain text is dropped, all else refused: nobody shows what a file brings."""
    if not given:
        return ()
    if not isinstance(given, list) or len(given) > MOST:
        raise Invalid(_("Cell %(cell)s: its outputs are too many, or none."), cell=number)
    found: list[Any] = []
    for output in given:
        kind = output.get("output_type") if isinstance(output, dict) else None
        data = output.get("data", {}) if isinstance(output, dict) else None
        if kind not in ("stream", "error", "display_data", "execute_result") or not isinstance(data, dict):
            raise Invalid(_("Cell %(cell)s: an output is not of a kind that is known."), cell=number)
        foreign = sorted(set(data) - set(PLAIN))
        if foreign:
            sentence = _("Cell %(cell)s: its outputs hold “%(type)s”. Clear the outputs and try again.")
            raise Invalid(sentence, cell=number, type=foreign[0][:60])
        if EVENTS in data:
            found.append(data[EVENTS])
    return tuple(found)

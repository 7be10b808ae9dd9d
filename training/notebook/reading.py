"""A notebook as cells of ours, or a sentence that names the cell which is none.

Bounded before it is parsed; then every part that we do not know is refused rather than carried along, except what
editors add to metadata, which is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helpdesk.api.errors import HelpdeskError, Invalid, _
from helpdesk.api.text import bounded_json

from .media import checked_attachments, checked_outputs

BYTES, ITEMS, CELLS, SOURCE = 4_000_000, 30_000, 300, 70_000  # of a file; the last: characters of one cell
KERNEL, LANGUAGE = "roleplay", "yaml"
TYPES: Mapping[str, str] = {  # type of ours: cell type of nbformat
    "theory": "markdown",
    "reflection": "markdown",
    "rubric": "raw",
    "quiz": "code",
    "scenario": "code",
    "roleplay": "code",
    "reply": "code",
    "ticket": "code",
    "calibrate": "code",
    "checkpoint": "code",
    "choice": "code",
    "wait": "code",
}
KINDS: Mapping[str, str] = {  # what the first line of a code cell says: type
    "quiz": "quiz",
    "scenario": "scenario",
    "start": "roleplay",
    "reply": "reply",
    "ticket": "ticket",
    "calibrate": "calibrate",
    "expect": "checkpoint",
    "choice": "choice",
    "wait": "wait",
}
KEYS = frozenset("id type needs dims points locked visible_to solution checksum due".split())
_ID = re.compile(r"[a-z][a-z0-9-]{0,59}", re.ASCII)
_FIRST = re.compile(r"%%(?P<kind>[a-z]+)(?P<rest>[^\n]*)(?:\n|$)", re.ASCII)
_OPTION = re.compile(r"(?P<name>[a-z_]+)=(?P<value>[^\s=]{1,200})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell. ``kind`` and what stands behind it are of a code cell's first line, ``body`` is all below."""

    id: str
    type: str
    source: str
    kind: str = ""
    argument: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, Any] = field(default_factory=dict)
    outputs: tuple[Any, ...] = ()  # only what is ours: values of the media type of events
    number: int = 0  # from 1, where it stands in the file


@dataclass(frozen=True)
class Notebook:
    """The cells, and what ``metadata.helpdesk`` says of the whole."""

    meta: Mapping[str, Any]
    cells: tuple[Cell, ...]


def read(content: bytes) -> Notebook:
    """The notebook in a file. Invalid with a sentence; where a cell is at fault, it says which."""
    if len(content) > BYTES:
        raise Invalid(_("A notebook can have %(most)s MB."), most=BYTES // 10**6)
    try:
        value = bounded_json(content, ITEMS)
    except (ValueError, RecursionError):
        raise Invalid(_("This file is no notebook, or is nested too deeply.")) from None
    except HelpdeskError:
        raise Invalid(_("A notebook can have %(most)s parts."), most=ITEMS) from None
    if not isinstance(value, dict) or value.get("nbformat") != 4 or value.get("nbformat_minor") != 5:
        raise Invalid(_("This is not a notebook of the format 4.5. Save it with a current Jupyter."))
    meta = _notebook_meta(value.get("metadata"))
    given = value.get("cells")
    if not isinstance(given, list) or len(given) > CELLS:
        raise Invalid(_("A notebook has a list of at most %(most)s cells."), most=CELLS)
    cells = tuple(_cell(one, number) for number, one in enumerate(given, 1))
    seen: dict[str, int] = {}
    for cell in cells:
        if cell.id in seen:
            sentence = _("Cell %(cell)s has the id “%(id)s” of cell %(other)s.")
            raise Invalid(sentence, cell=cell.number, id=cell.id, other=seen[cell.id])
        seen[cell.id] = cell.number
    for cell in cells:
        for needed in cell.meta.get("needs", ()):
            if needed not in seen:
                raise Invalid(
                    _("Cell %(cell)s needs the cell “%(id)s”, which is not there."), cell=cell.number, id=needed
                )
    return Notebook(meta, cells)


def _notebook_meta(given: Any) -> Mapping[str, Any]:
    meta = given if isinstance(given, dict) else {}
    kernel = meta.get("kernelspec", {})
    name = kernel.get("name") if isinstance(kernel, dict) else kernel
    if name not in (None, KERNEL):
        sentence = _("This notebook asks for the kernel “%(name)s”. Only “roleplay” is played here.")
        raise Invalid(sentence, name=str(name)[:40])
    ours = meta.get("helpdesk")
    if not isinstance(ours, dict) or ours.get("schema") != 1:
        raise Invalid(_("This is a notebook, but no workshop and no run: it has no metadata “helpdesk” of schema 1."))
    return ours


def _cell(given: Any, number: int) -> Cell:
    def refuse(sentence: str, **values: Any) -> Invalid:
        return Invalid(sentence, cell=number, **values)

    if not isinstance(given, dict) or given.get("cell_type") not in ("markdown", "raw", "code"):
        raise refuse(_("Cell %(cell)s is neither markdown nor raw nor code."))
    source = given.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str) or len(source) > SOURCE:
        raise refuse(_("Cell %(cell)s: its source is no text, or longer than %(most)s characters."), most=SOURCE)
    source = source.replace("\r\n", "\n").rstrip()
    meta = _cell_meta(given, number)
    first = _first_line(source, number) if given["cell_type"] == "code" else {}
    kind = KINDS.get(str(first.get("kind")), "")
    type_ = meta.get("type", kind or ("theory" if given["cell_type"] == "markdown" else "rubric"))
    if TYPES.get(type_) != given["cell_type"] or (kind and kind != type_):
        raise refuse(_("Cell %(cell)s: its type “%(type)s” is not what its source is."), type=str(type_)[:40])
    return Cell(
        **{"body": source, **first},
        id=meta.get("id") or f"cell-{number}",
        type=type_,
        source=source,
        meta={name: value for name, value in meta.items() if name not in ("id", "type")},
        attachments=checked_attachments(given.get("attachments"), number),
        outputs=checked_outputs(given.get("outputs"), number),
        number=number,
    )


def _first_line(source: str, number: int) -> dict[str, Any]:
    found = _FIRST.match(source)
    if not found or found["kind"] not in KINDS:
        sentence = _("Cell %(cell)s: a code cell begins with one of %(kinds)s; this one with “%(line)s”.")
        kinds = ", ".join(f"%%{kind}" for kind in KINDS)
        raise Invalid(sentence, cell=number, kinds=kinds, line=source.split("\n")[0][:60])
    argument, options = "", {}
    for word in found["rest"].split():
        option = _OPTION.fullmatch(word)
        if option:
            options[option["name"]] = option["value"]
        elif argument or not re.fullmatch(r"[\w.@-]{1,80}", word):
            raise Invalid(_("Cell %(cell)s: “%(word)s” cannot stand in its first line."), cell=number, word=word[:60])
        else:
            argument = word
    return {"kind": found["kind"], "argument": argument, "options": options, "body": source[found.end() :]}


def _cell_meta(given: Mapping[str, Any], number: int) -> dict[str, Any]:
    meta = given.get("metadata", {})
    ours = meta.get("helpdesk", {}) if isinstance(meta, dict) else None
    if not isinstance(ours, dict):
        raise Invalid(_("Cell %(cell)s: its metadata are not names with values."), cell=number)
    unknown = sorted(set(ours) - KEYS)
    if unknown:
        sentence = _("Cell %(cell)s: the key “%(key)s” is none of a cell's.")
        raise Invalid(sentence, cell=number, key=unknown[0][:60])
    wrong = sorted(name for name, value in ours.items() if not _FITS.get(name, _is_short)(value))
    if wrong:
        raise Invalid(_("Cell %(cell)s: the value of “%(key)s” does not fit."), cell=number, key=wrong[0])
    return dict(ours)


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 200


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _are_ids(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 40 and all(_is_id(one) for one in value)


_FITS = {
    "id": _is_id,
    "needs": _are_ids,
    "dims": _are_ids,
    "points": lambda value: type(value) in (int, float) and 0 <= value <= 1000,
    "locked": lambda value: isinstance(value, bool),
    "visible_to": lambda value: value in ("trainee", "trainer"),
}

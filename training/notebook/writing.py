"""Notebooks as bytes: keys sorted, one line of source a line of the file, so that two versions differ where they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from .media import EVENTS
from .reading import KERNEL, LANGUAGE, TYPES

_NEW = {"markdown": new_markdown_cell, "raw": new_raw_cell, "code": new_code_cell}


def cell(type_: str, id_: str, source: str, count: int | None = None, **meta: Any) -> Any:
    """A cell of ours; its id in the file is the one of ours, so that it stays the same from version to version."""
    made = _NEW[TYPES[type_]](source, id=id_, metadata={"helpdesk": {"id": id_, "type": type_, **meta}})
    if count is not None:
        made.execution_count = count
    return made


def output(text: str, events: Sequence[Mapping[str, Any]], count: int) -> Any:
    """What a cell of a run gave: for people, and exactly."""
    return new_output("execute_result", data={"text/plain": text, EVENTS: list(events)}, execution_count=count)


def write(meta: Mapping[str, Any], cells: Sequence[Any]) -> bytes:
    """The file of a notebook, validated."""
    metadata = {
        "kernelspec": {"name": KERNEL, "display_name": "Role-play", "language": LANGUAGE},
        "language_info": {"name": KERNEL, "codemirror_mode": LANGUAGE},
        "helpdesk": {"schema": 1, **meta},
    }
    made = new_notebook(cells=list(cells), metadata=metadata)
    made.nbformat_minor = 5
    nbformat.validate(made)
    return (nbformat.writes(made, version=nbformat.NO_CONVERT) + "\n").encode()

"""What a notebook may not bring: each is refused with a sentence, where a cell is at fault with its number."""

import base64
import copy
import json
import re

import pytest

from helpdesk.api.errors import Invalid
from training.notebook import read, read_run, read_workshop

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"x" * 20).decode()
EVENTS = "application/vnd.helpdesk.events+json"


def cell(source, kind="code", **more):
    made = {"cell_type": kind, "id": "a", "metadata": {}, "source": source} | more
    return made | ({"outputs": [], "execution_count": None} if kind == "code" and "outputs" not in more else {})


def ours(source, kind="code", outputs=None, **meta):
    return cell(source, kind, metadata={"helpdesk": meta}, **({} if outputs is None else {"outputs": outputs}))


def book(*cells, **meta):
    title = {"fa": "کارگاه", "en": "Workshop"}
    helpdesk = {"schema": 1, "kind": "workshop", "id": "w", "version": 1, "title": title, "lang": ["fa", "en"]}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "roleplay"}, "helpdesk": helpdesk | meta},
        "cells": [cell("# Theory", "markdown"), *cells],
    }


def out(**data):
    return [{"output_type": "display_data", "data": data, "metadata": {}}]


def test_a_workshop_is_read(text):
    workshop = read_workshop(
        json.dumps(
            book(
                ours("%%scenario\n" + text, id="s"),
                ours("%%start wet-book seed=3", id="play", needs=["s"], dims=["empathy"]),
                ours("%%quiz q1\nquestion: {fa: ؟, en: '?'}\n", id="q"),
                ours("%%reply\n", id="r", points=3, locked=True, outputs=out(**{"text/plain": "old"})),
                ours("Say why.", "markdown", id="think", type="reflection"),
                cell("![](attachment:a.png)", "markdown", attachments={"a.png": {"image/png": PNG}}),
            )
        ).encode()
    )
    assert [one.type for one in workshop.cells] == "theory scenario roleplay quiz reply reflection theory".split()
    assert workshop.cells[2].options == {"seed": "3"} and workshop.cells[2].argument == "wet-book"
    assert workshop.by_hash(workshop.scenarios["wet-book"].hash) and workshop.cells[4].outputs == ()


CELLS = [  # of each, cell 2 is at fault
    cell("!rm -rf /"),
    cell("%python import os"),
    cell("%%python\nimport os"),
    cell("%%bash\nls"),
    cell("import os"),
    cell(""),
    cell("\n%%reply\nhm"),
    cell("%%reply; import os"),
    cell("%%reply at=20 a b"),
    cell("%%reply $(ls)"),
    cell("%%reply 'x'"),
    cell("%%scenario\nid: [" + "[" * 5000),
    cell("%%scenario\na: &x [1]\nb: [*x, *x]"),
    cell("%%scenario\na: !!python/object/apply:os.system [ls]"),
    cell("%%scenario\nid: x"),
    cell("%%scenario\n" + "a" * 66_000),
    cell("%%scenario\n" + "x" * 80_000),
    cell("%%quiz q\na: &x 1"),
    cell("%%quiz q\n- just\n- a list"),
    cell("%%expect\n{{{{"),
    cell("%%start nowhere seed=1"),
    cell("%%wait at=20"),
    cell("%%choice 1 at=20"),
    cell("x", "widget"),
    cell("x", "heading"),
    cell(["a", 1], "markdown"),
    cell({"a": 1}, "markdown"),
    cell(None, "markdown"),
    "text",
    None,
    cell("x", "markdown", metadata=[]),
    cell("x", "markdown", metadata={"helpdesk": []}),
    ours("x", "markdown", score=4),
    ours("x", "markdown", levels={"tone": 4}),
    ours("x", "markdown", id="Not an id"),
    ours("x", "markdown", id="<script>"),
    ours("x", "markdown", id=7),
    ours("x", "markdown", id="cell-1"),
    ours("x", "markdown", needs=["nothing"]),
    ours("x", "markdown", needs="all"),
    ours("x", "markdown", points=-1),
    ours("x", "markdown", points=True),
    ours("x", "markdown", locked="no"),
    ours("x", "markdown", visible_to="everybody"),
    ours("x", "markdown", type="code"),
    ours("x", "markdown", type="scenario"),
    ours("x", "markdown", type=["theory"]),
    ours("%%quiz q", type="reply"),
    ours("%%reply", type="theory"),
    ours("%%reply", outputs=out(**{"text/html": "<script>alert(1)</script>"})),
    ours("%%reply", outputs=out(**{"application/javascript": "alert(1)"})),
    ours("%%reply", outputs=out(**{"image/svg+xml": "<svg onload=alert(1)>"})),
    ours("%%reply", outputs=out(**{"application/vnd.jupyter.widget-view+json": {}})),
    ours("%%reply", outputs=[{"output_type": "magic"}]),
    ours("%%reply", outputs="x"),
    ours("%%reply", outputs=["x"] * 3),
    ours("%%reply", outputs=out(**{"text/plain": ""}) * 40),
    cell("x", "markdown", attachments={"a.svg": {"image/svg+xml": PNG}}),
    cell("x", "markdown", attachments={"a.html": {"text/html": PNG}}),
    cell("x", "markdown", attachments={"a.png": {"image/png": "A" * 900_000}}),
    cell("x", "markdown", attachments={"a.png": {"image/png": base64.b64encode(b"<html>").decode()}}),
    cell("x", "markdown", attachments={"a.png": {"image/png": "not base64!"}}),
    cell("x", "markdown", attachments={f"{n}.png": {"image/png": PNG} for n in range(40)}),
    cell("x", "markdown", attachments=[1]),
    cell("x", "markdown", attachments={"a": {"image/png": PNG, "text/html": "x"}}),
]


@pytest.mark.parametrize("wrong", CELLS, ids=lambda one: json.dumps(one)[30:110])
def test_a_cell_at_fault_is_named(wrong):
    with pytest.raises(Invalid, match=r"^Cell 2\b") as refused:
        read_workshop(json.dumps(book(wrong)).encode())
    assert len(str(refused.value)) < 400


WHOLE = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b"[" * 200_000,
    b'{"a":' * 50_000,
    b"x" * 4_000_001,
    json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": {}}).encode(),
    json.dumps({"nbformat": 3, "worksheets": []}).encode(),
    json.dumps(book() | {"nbformat_minor": 4}).encode(),
    json.dumps(book() | {"cells": {}}).encode(),
    json.dumps(book() | {"cells": [cell("x", "markdown")] * 301}).encode(),
    json.dumps(book() | {"cells": [[1] * 10] * 4000}).encode(),
    json.dumps(book() | {"metadata": {"helpdesk": []}}).encode(),
    json.dumps(book() | {"metadata": {"kernelspec": {"name": "python3"}}}).encode(),
    json.dumps(book() | {"metadata": {"kernelspec": "bash"}}).encode(),
    json.dumps(book(kind="run")).encode(),
    json.dumps(book(title="x")).encode(),
    json.dumps(book(id="../../etc")).encode(),
    json.dumps(book(score=1.0)).encode(),
    json.dumps(book(rubric="core")).encode(),
    json.dumps(book(lang=["de"])).encode(),
    json.dumps(book(**{"pass": {"min": 7}})).encode(),
]


@pytest.mark.parametrize("content", WHOLE, ids=lambda one: repr(one[:60]))
def test_a_file_that_is_no_workshop_is_refused_with_a_sentence(content):
    with pytest.raises(Invalid) as refused:
        read_workshop(content)
    assert re.search(r"[a-z]{3}", str(refused.value)) and len(str(refused.value)) < 400


def test_forged_ids_are_found_in_both_cells():
    with pytest.raises(Invalid, match="^Cell 3 has the id “twin” of cell 2"):
        read(json.dumps(book(*[ours("x", "markdown", id="twin")] * 2)).encode())


def test_there_are_enough():
    assert len(CELLS) + len(WHOLE) >= 60 and all(copy.deepcopy(one) == one for one in CELLS)
    with pytest.raises(Invalid):
        read_run(json.dumps(book()).encode())


def test_a_workshop_of_very_many_scenarios_is_refused_before_they_are_read():
    many = [ours(f"%%scenario\nid: s{n}", id=f"s{n}") for n in range(7)]
    with pytest.raises(Invalid, match="^Cell 8: .*6 scenarios"):
        read_workshop(json.dumps(book(*many)).encode())
    long = [ours("%%quiz q\n" + "#" * 60_000, id=f"q{n}") for n in range(5)]
    with pytest.raises(Invalid, match="^Cell 6: .*250000"):
        read_workshop(json.dumps(book(*long)).encode())

"""The operations of the REST API on a page, from the document that programs read."""

from __future__ import annotations

from itertools import groupby

from flask import current_app, render_template

from .pages import blueprint

METHODS = ("get", "post", "put", "patch", "delete")


@blueprint.get("/api")
def api():
    """Every operation with its title, by who brings it: the desk first."""
    document = current_app.extensions["rest"]()
    rows = [
        (*_owner(each), path, method, each)
        for path, item in document["paths"].items()
        for method, each in item.items()
        if method in METHODS
    ]
    groups = [
        (owner, list(those)) for owner, those in groupby(sorted(rows, key=lambda row: row[:4]), key=lambda row: row[1])
    ]
    return render_template("admin/api.html", groups=groups)


def _owner(operation: dict) -> tuple[bool, str]:
    """(True for a plugin, its name)."""
    tag = (operation.get("tags") or [""])[0]
    return (False, "") if tag == "rest" else (True, tag)

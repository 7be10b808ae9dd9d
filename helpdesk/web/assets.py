"""The files a page is made of: our own and those of the node packages by an allow list, under addresses that change with them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, send_file, send_from_directory


STATIC = Path(__file__).parent / "static"
PACKAGES = Path(__file__).parents[2] / "node_modules"
VENDOR = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "idiomorph.js": "idiomorph/dist/idiomorph.esm.js",
    "socket.io.js": "socket.io-client/dist/socket.io.esm.min.js",
    "vazirmatn.woff2": "@fontsource-variable/vazirmatn/files/vazirmatn-arabic-wght-normal.woff2",
}
YEAR = 365 * 24 * 3600

blueprint = Blueprint("assets", __name__)


@cache
def version() -> str:
    """A hash of every file of ours and of the packages' lock: in each address, so that a file may be kept for ever."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    for name in sorted(VENDOR.values()):
        path = PACKAGES / name
        digest.update(name.encode() + (path.read_bytes() if path.exists() else b""))
    return digest.hexdigest()[:12]


def static_url(name: str) -> str:
    """The address of a file in ``static/``, or ``vendor/<name>`` for one of ``VENDOR``.

    The hash stands before the name, so that modules, style sheets and fonts which name each other relatively keep it.
    """
    return f"/assets/{version()}/{name}"


@blueprint.get("/assets/<digest>/<path:name>")
def file(digest: str, name: str) -> Response:
    """A file of ours, kept by browsers for a year when asked for under its present hash."""
    return _kept(send_from_directory(STATIC, name), digest)


@blueprint.get("/assets/<digest>/vendor/<name>")
def vendor(digest: str, name: str) -> Response:
    """A file of a node package, by the allow list."""
    if name not in VENDOR or not (PACKAGES / VENDOR[name]).exists():
        abort(404)
    return _kept(send_file(PACKAGES / VENDOR[name]), digest)


def _kept(response: Response, digest: str) -> Response:
    response.cache_control.public = True
    if digest == version():
        response.cache_control.max_age = YEAR
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    return response


def register(app) -> None:
    """Serve the files with this application and let its templates name them, and the sentences that scripts say."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(static_url=static_url)

"""The files a page is made of: ours beside their feature or shared, those of node packages by an allow list, all under
addresses that change with them.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, send_file, send_from_directory

from .compressed_files import compress_once

SHARED = Path(__file__).parent / "static"
OF_FEATURES = {folder.parent.name: folder for folder in sorted(Path(__file__).parent.glob("*/static"))}
PACKAGES = Path(__file__).parents[2] / "node_modules"
VENDOR = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "idiomorph.js": "idiomorph/dist/idiomorph.min.js",
    "socket.io.js": "socket.io-client/dist/socket.io.esm.min.js",
    "vazirmatn.woff2": "@fontsource-variable/vazirmatn/files/vazirmatn-arabic-wght-normal.woff2",
}
LAYER = re.compile(r"[^a-z0-9-]")
YEAR = 365 * 24 * 3600

blueprint = Blueprint("assets", __name__)


@cache
def _own_version() -> str:
    digest = _digest(SHARED, *OF_FEATURES.values())
    for name in sorted(VENDOR.values()):
        path = PACKAGES / name
        digest.update(name.encode() + (path.read_bytes() if path.exists() else b""))
    return digest.hexdigest()[:12]


def _digest(*folders: Path):
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest


def version() -> str:
    """A hash of every file of ours, of the packages and of the plugins: in each address, so that a file may be kept
    for ever.
    """
    return current_app.extensions["assets"]


def static_url(name: str) -> str:
    """The address of a shared file, of ``<feature>/<name>`` in a feature's ``static/``, of ``vendor/<name>`` in
    ``VENDOR``, or of ``x/<plugin>/<name>`` in a plugin's ``static/``.

    The hash stands before the name, so that modules, style sheets and fonts which name each other relatively keep it.
    """
    return f"/assets/{version()}/{name}"


@blueprint.get("/assets/<digest>/<path:name>")
def file(digest: str, name: str) -> Response:
    """A file of ours, kept by browsers for a year when asked for under its present hash."""
    feature, _, rest = name.partition("/")
    folder, name = (OF_FEATURES[feature], rest) if feature in OF_FEATURES else (SHARED, name)
    return _kept(send_from_directory(folder, name), digest)


@blueprint.get("/assets/<digest>/vendor/<name>")
def vendor(digest: str, name: str) -> Response:
    """A file of a node package, by the allow list."""
    if name not in VENDOR or not (PACKAGES / VENDOR[name]).exists():
        abort(404)
    return _kept(send_file(PACKAGES / VENDOR[name]), digest)


@blueprint.get("/assets/<digest>/x/<plugin>/<path:name>")
def of_plugin(digest: str, plugin: str, name: str) -> Response:
    """A file of a plugin's ``static/``; its style sheets stand in the cascade layer of its name, whatever they hold."""
    known = current_app.extensions["runtime"].hooks.plugins.get(plugin)
    folder = folder_of(known) if known and known.state == "on" else None
    if folder is None:
        abort(404)
    response = send_from_directory(folder / "static", name)
    if response.mimetype == "text/css":
        response.direct_passthrough = False
        response.set_data(b"@layer plugins.%s {\n%s\n}\n" % (LAYER.sub("-", plugin).encode(), response.get_data()))
    return _kept(response, digest)


def folder_of(plugin) -> Path | None:
    """Where the files of a plugin stand; None while nothing of it is loaded."""
    file = getattr(plugin.module, "__file__", None)
    return Path(file).parent if file else None


def _kept(response: Response, digest: str) -> Response:
    if response.status_code == 200:
        response.direct_passthrough = False
        compress_once(response)
    response.cache_control.public = True
    if digest == version():
        response.cache_control.max_age = YEAR
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    return response


def register(app) -> None:
    """Serve the files with this application and let its templates name them."""
    folders = [folder_of(plugin) for plugin in app.extensions["runtime"].hooks.plugins.values()]
    app.extensions["assets"] = (
        _own_version()[:6] + _digest(*(folder / "static" for folder in folders if folder)).hexdigest()[:6]
    )
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(static_url=static_url)

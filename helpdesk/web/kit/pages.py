"""The pages of plugins: each kind of blueprint with its address, its guard, its limits and its headers."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, request
from limits import parse
from werkzeug.exceptions import TooManyRequests

from helpdesk.api.web import AGENTS, CUSTOMERS, DeskPages, Pages, PublicPages
from helpdesk.core.errors import HelpdeskError, _
from helpdesk.core.network import place
from helpdesk.web import uow
from helpdesk.web.assets import folder_of
from helpdesk.web.auth import throttle
from helpdesk.web.http.bounds import Bounds, allow, take_body

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri "
    "'none'; form-action 'self'; frame-ancestors {}"
)
FIELDS = 100  # of one form


class Misplaced(HelpdeskError):
    """A plugin gave pages that cannot be mounted."""


def mount(app: Flask) -> None:
    """Make every plugin's templates known and give its pages their addresses."""
    hooks, app.extensions["pages"] = app.extensions["runtime"].hooks, {}
    for plugin in hooks.plugins.values():
        folder = folder_of(plugin)
        if folder and (folder / "templates").is_dir():
            app.register_blueprint(Blueprint(f"of-{plugin.name}", __name__, template_folder=str(folder / "templates")))
    for plugin, pages in hooks.gather("register_pages"):
        _mount(app, plugin, pages)
    app.before_request(_guard)
    app.after_request(_dress)


def _mount(app: Flask, plugin: str, pages: Pages) -> None:
    if pages.name.partition("_")[0] != plugin or not isinstance(pages, DeskPages | PublicPages):
        raise Misplaced(
            _("Pages of the plugin %(plugin)s must be DeskPages or PublicPages named %(plugin)s or %(plugin)s_…."),
            plugin=plugin,
        )
    short = isinstance(pages, PublicPages) and pages.short
    place = "" if short else CUSTOMERS if isinstance(pages, PublicPages) else AGENTS
    if short:
        paths = app.extensions.setdefault("public paths", set())
        if f"/{plugin}/" not in paths and any(rule.rule.split("/")[1] == plugin for rule in app.url_map.iter_rules()):
            raise Misplaced(_("The address of the plugin %(plugin)s is taken by pages of the desk."), plugin=plugin)
        paths.add(f"/{plugin}/")
    app.register_blueprint(pages, url_prefix=f"{place}/{plugin}")
    app.extensions["pages"][pages.name] = pages


def _asked() -> Pages | None:
    return current_app.extensions["pages"].get(request.blueprint)


def _guard() -> None:
    """Ask for the permission of pages for the signed-in; bound what customers and strangers send before anything
    reads it.
    """
    pages = _asked()
    if isinstance(pages, DeskPages) and pages.permission:
        uow().actor.must(pages.permission)
    if isinstance(pages, PublicPages):
        _count(pages.limit, f"{pages.name} from {place(request.remote_addr)}")
        if pages.bytes_limit and (size := _size(pages.largest)):
            _count(pages.bytes_limit, f"bytes of {pages.name} from {place(request.remote_addr)}", size)
        allow(Bounds(pages.largest, pages.largest, FIELDS))
        take_body(forms=True)


def _count(limit: str, key: str, cost: int = 1) -> None:
    most = parse(limit)
    if not throttle.hit(most, key, cost):
        raise TooManyRequests(retry_after=int(most.get_expiry()))


def _size(largest: int) -> int:
    """Bytes of the body, before it is read: no more is read than the largest, and so much may come in chunks."""
    unknown = largest if request.environ.get("HTTP_TRANSFER_ENCODING") else 0
    return min(request.content_length or unknown, largest)


def _dress(response: Response) -> Response:
    """Send no referrer from public pages: their addresses may hold a key."""
    pages = _asked()
    if not isinstance(pages, PublicPages):
        return response
    response.headers.setdefault("Content-Security-Policy", POLICY.format("*" if pages.embedded else "'none'"))
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin" if pages.embedded else "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    if pages.embedded:
        response.headers.setdefault("Access-Control-Allow-Origin", "*")
    return response

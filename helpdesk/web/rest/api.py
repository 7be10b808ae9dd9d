"""How an endpoint is made, who may call it, and the document that describes them all."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from apispec.ext.marshmallow import MarshmallowPlugin, resolver
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask, Response, g, jsonify, request
from flask_smorest import Api, Blueprint
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Unauthorized, UnsupportedMediaType

from helpdesk import i18n
from helpdesk.api.web import Endpoint, Rest, as_plugin
from helpdesk.core import bounded_json
from helpdesk.core.database.engine import is_transient
from helpdesk.core.errors import Invalid, _
from helpdesk.core.people import api_tokens
from helpdesk.core.people.models import Token
from helpdesk.core.validation_messages import as_stored
from helpdesk.i18n import gettext
from helpdesk.web import db, uow
from helpdesk.web.http.bounds import Bounds, allow, take_body
from helpdesk.web.http.budgets import take_from_stranger
from helpdesk.web.http.locale import reader_of

from .schemas import Problem

PREFIX = "/api/v1"
ITEMS = 500  # names and values of a body
ALLOWED = Bounds(4 * 1024**2, 0, 0)  # JSON alone, no form
SAID = ("title", "summary")  # what the document says to people

log = logging.getLogger("hamdel.web")


class Parser(FlaskParser):
    """Reads what was sent; names that no schema knows are refused everywhere (check A7)."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}

    def _raw_load_json(self, req):
        if not req.get_data():
            raise Invalid(_("Please send a JSON object."))
        if not req.is_json:
            raise UnsupportedMediaType
        try:
            return bounded_json.loads(req.get_data(), ITEMS)
        except ValueError:
            raise BadRequest from None

    def handle_error(self, error, req, schema, *, error_status_code, error_headers):
        """Report the fields that do not fit in the form of every other error of the desk."""
        fields = {name: text for place in error.messages.values() for name, text in _flat(place)}
        raise Invalid(_("Some fields do not fit."), fields)


def _flat(messages, path: str = ""):
    """(dotted name, first sentence in our words) of each field in marshmallow's nested messages."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    else:
        yield path or "body", as_stored(messages)


class Described(Blueprint):
    """A blueprint whose routes are described."""

    ARGUMENTS_PARSER = Parser()


class Interface(Api):
    """flask-smorest's document, with errors as the desk gives them: problems (RFC 9457), answered by the frame."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self):
        pass

    def _register_responses(self):
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE


blueprint = Described("rest", __name__, url_prefix=PREFIX)


def endpoint(
    method: str, rule: str, title: str, gives, *, status: int = 200, query=None, body=None, kind: str | None = None
) -> Callable:
    """Make an endpoint of a function that returns plain data (or a Response, of the content type ``kind``).

    ``query`` and ``body`` are the schemas of what it is given first. Rows are plain already, so ``gives`` only
    describes.
    """

    def decorate(function: Callable) -> Callable:
        _describe(blueprint, Endpoint(method, rule, title, gives, function, "", status, query, body), kind=kind)
        return function

    return decorate


def _describe(blueprint: Described, made: Endpoint, kind: str | None = None, **document) -> None:
    """Put an endpoint on a blueprint, with what the document says of it."""

    @wraps(made.function)
    def view(*given, **ids):
        if made.permission:
            uow().actor.must(made.permission)
        data = made.function(*given, **ids)
        return data if isinstance(data, Response) else _answer(data, made.status)

    view = blueprint.doc(summary=made.title, **document)(
        blueprint.response(made.status, made.gives, content_type=kind)(view)
    )
    if made.query or made.body:
        view = blueprint.arguments(made.query or made.body, location="query" if made.query else "json")(view)
    blueprint.route(made.rule, methods=[made.method])(view)


def _must_be_free(app: Flask, plugin: str, name: str) -> None:
    """A resource has one owner: the desk, or the plugin that claimed its name first."""
    taken = {rule.rule.removeprefix(f"{PREFIX}/").partition("/")[0] for rule in app.url_map.iter_rules()}
    if name and name in taken:
        raise Invalid(
            _("The plugin %(plugin)s claims the resource %(name)s, which is taken."), plugin=plugin, name=name
        )


def _of_plugin(plugin: str, number: int, rest: Rest) -> Described:
    """A blueprint of a plugin's operations; what a token must be allowed stands at each of them (OpenAPI 3.1,
    security requirement).
    """
    mounted = Described(
        f"{plugin}_{number}", __name__, url_prefix=f"{PREFIX}/{rest.name or f'x/{plugin}'}", description=plugin
    )
    mounted.before_request(authenticate)
    for made in rest.endpoints:
        _describe(
            mounted,
            replace(made, function=as_plugin(plugin, made.function)),
            tags=[plugin],
            security=[{"token": [made.permission]}],
        )
    return mounted


def _answer(data, status: int) -> Response:
    text = "" if data is None else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, mimetype="application/json")


@blueprint.before_request
def authenticate() -> None:
    """Let in whoever brings a bearer token (RFC 6750); a browser's session counts for nothing here.

    A program that asks for no language gets its user's.
    """
    allow(ALLOWED)
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    bearer = api_tokens.by_token(db.session, token.strip()) if scheme.lower() == "bearer" else None
    g.user = bearer and bearer.user
    if bearer is None:
        take_from_stranger()
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "Hamdel"}))
    g.scopes = bearer.token.scopes
    _note_use(bearer.token)
    if "Accept-Language" not in request.headers:
        i18n.current.set(reader_of(g.user))
    take_body()


def _note_use(token: Token) -> None:
    """Write down the last use. A full disk or another writer keeps nobody from reading; a later request tries again."""
    try:
        api_tokens.note_use(uow(), token)
    except Exception as error:
        if not is_transient(error):
            raise
        log.debug("the last use of a token was not written down")


def register(app: Flask) -> None:
    """Serve the API and its description with this application."""
    api = Interface(
        app,
        spec_kwargs={
            "title": _("Hamdel: the desk for outside tools"),
            "version": "1",
            "openapi_version": "3.1.0",
            "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_schema_name),
        },
    )
    api.spec.options["security"] = [{"token": []}]
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.register_blueprint(blueprint)
    for number, (plugin, rest) in enumerate(app.extensions["runtime"].hooks.gather("register_rest")):
        _must_be_free(app, plugin, rest.name)
        api.register_blueprint(_of_plugin(plugin, number, rest))
    described = api.spec.to_dict()
    app.extensions["rest"] = lambda: _translated(described)
    app.add_url_rule(f"{PREFIX}/openapi.json", "rest_description", lambda: jsonify(_translated(described)))


def _schema_name(schema) -> str:
    """What a schema is called in the document: those of a plugin with its package before it, as two plugins may both
    have a ``Page``.
    """
    package, _dot, _module = resolve_schema_cls(schema).__module__.rpartition(".")
    name = resolver(schema)
    return (
        name
        if package.partition(".")[0] in ("", "helpdesk", "flask_smorest")
        else f"{package.rpartition('.')[2]}.{name}"
    )


def _translated(part):
    """The document with what it says to people in the reader's language."""
    if isinstance(part, list):
        return [_translated(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        name: gettext(text) if name in SAID and isinstance(text, str) else _translated(text)
        for name, text in part.items()
    }

"""Every private part of a library that the desk uses: named here, and checked as it is used, so that a new version that
changes one fails here and not on a desk.
"""

import ast
import codecs
import importlib
import inspect
import re
import smtplib
import ssl
from pathlib import Path

import click
import engineio.socket
import flask_smorest
import pytest
import simple_websocket.ws
import socketio
from flask import Flask, g
from flask_login import AnonymousUserMixin, LoginManager, current_user
from flask_smorest.error_handler import ErrorHandlerMixin
from flask_smorest.spec import APISpecMixin
from flask_sqlalchemy import SQLAlchemy
from gevent.pywsgi import Input, WSGIHandler
from webargs.core import Parser
from werkzeug.formparser import FormDataParser

from helpdesk.cli.i18n import SPEAKERS

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(path for folder in ("helpdesk", "plugins", "training") for path in (ROOT / folder).rglob("*.py"))
DOCUMENTED = {"_asdict", "_mapping", "_exit", "_deserialize", "_serialize"}  # public by their libraries' documentation
METHODS = {  # overridden or called, by what they are given
    (Input, "_discard"): ["self"],
    (WSGIHandler, "_log_error"): ["self", "t", "v", "tb"],
    (FormDataParser, "_parse_urlencoded"): ["self", "stream", "mimetype", "content_length", "options"],
    (ErrorHandlerMixin, "_register_error_handlers"): ["self"],
    (APISpecMixin, "_register_responses"): ["self"],
    (Parser, "_raw_load_json"): ["self", "req"],
    (SQLAlchemy, "_make_engine"): ["self", "bind_key", "options", "app"],
    (socketio.Server, "_handle_connect"): ["self", "eio_sid", "namespace", "data"],
    (socketio.Server, "_handle_eio_message"): ["self", "eio_sid", "data"],
}
VALUES = {"_async", "_chunked_input_error", "_host", "_is_text_encoding", "_login_user"}


@pytest.mark.parametrize(("owner", "name"), METHODS, ids=lambda part: getattr(part, "__name__", part))
def test_a_private_method_is_given_what_ours_takes(owner, name):
    assert list(inspect.signature(getattr(owner, name)).parameters) == METHODS[owner, name]
    inside = "".join(inspect.getsource(kind) for kind in (*owner.__mro__[:-1], WSGIHandler, flask_smorest.Api))
    assert f"self.{name}" in inside or f".{name}(" in inside, "the library itself calls it no more"


def test_the_live_server_makes_websockets_by_the_class_we_put_in_its_place():
    server = socketio.Server(async_mode="threading")
    kind = server.eio._async["websocket"]
    assert {"thread_class", "receive_bytes", "max_message_size"} <= inspect.signature(
        simple_websocket.Server
    ).parameters.keys()
    assert kind(lambda websocket: None, server.eio).server_args == {}
    assert "self.server._async['websocket'](" in inspect.getsource(engineio.socket)
    assert "thread_class(target=self._thread)" in inspect.getsource(simple_websocket.ws)


def test_a_request_body_remembers_that_its_chunks_were_wrong():
    body = Input(_Bytes(b"zz\r\n"), None, chunked_input=True)
    with pytest.raises(IOError):
        body.read()
    assert body._chunked_input_error is True


def test_a_certificate_is_checked_against_the_name_smtplib_keeps(monkeypatch):
    asked = []

    class Context:
        def wrap_socket(self, _socket, server_hostname):
            asked.append(server_hostname)
            raise ssl.SSLError("far enough")

    client = smtplib.SMTP()
    client._host = "mail.example"
    monkeypatch.setattr(client, "docmd", lambda *given: (220, b"go ahead"))
    client.esmtp_features, client.ehlo_resp, client.sock = {"starttls": ""}, b"hello", object()
    with pytest.raises(ssl.SSLError):
        client.starttls(context=Context())
    assert asked == ["mail.example"]


def test_codecs_say_whether_they_make_text():
    assert codecs.lookup("utf-8")._is_text_encoding and not codecs.lookup("base64")._is_text_encoding


def test_who_is_signed_in_is_looked_up_once():
    app = Flask(__name__)
    LoginManager(app)
    with app.test_request_context():
        g._login_user = nobody = AnonymousUserMixin()
        assert current_user._get_current_object() is nobody


def test_click_speaks_from_the_modules_that_are_taught_our_languages():
    folder = Path(click.__file__).parent
    speaking = {path.stem for path in folder.glob("*.py") if re.search(r"import n?gettext", path.read_text("utf-8"))}
    taught = {module.__name__.rpartition(".")[2] for module in SPEAKERS}
    to_developers = {"_termui_impl", "_winconsole", "shell_completion", "utils"}
    assert speaking - taught == to_developers, "click has another module that says something"
    assert all({"_", "ngettext"} & vars(module).keys() for module in SPEAKERS)


def test_no_other_private_part_is_used():
    """Attributes of ours begin with "_" as well; what none of our files defines is somebody else's."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}
    ours = {name for tree in trees.values() for node in ast.walk(tree) for name in _defined(node)}
    known = DOCUMENTED | VALUES | {name for _owner, name in METHODS}
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.attr}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _is_private(node.attr) and node.attr not in known
        if node.attr not in ours
    }
    assert found == set()


def test_no_other_private_method_is_overridden():
    known = DOCUMENTED | {name for _owner, name in METHODS}
    assert {f"{kind.__module__}.{kind.__name__}.{name}" for kind, name in _overridden() if name not in known} == set()


def _is_private(name):
    return name.startswith("_") and not name.startswith("__") and name != "_"


def _defined(node):
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.id if isinstance(node, ast.Name) else node.attr if _of_self(node) else ""


def _of_self(node):
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def _overridden():
    """Pairs of one of our classes and a private method of its own that a library's base has, too."""
    for path in SOURCES:
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[-1] in ("__main__", "__init__") or "migrations" in parts:
            continue
        module = importlib.import_module(".".join(parts))
        for kind in (kind for kind in vars(module).values() if inspect.isclass(kind)):
            if kind.__module__ == module.__name__:
                theirs = [base for base in kind.__mro__[1:] if base.__module__.partition(".")[0] not in _OURS]
                names = [
                    name
                    for name, part in vars(kind).items()
                    if _is_private(name) and getattr(part, "__module__", "") == module.__name__
                ]
                yield from ((kind, name) for name in names for base in theirs if name in vars(base))


_OURS = ("helpdesk", "plugins", "training")


class _Bytes:
    """A connection that says these bytes and no more."""

    def __init__(self, said):
        self.said = said

    def readline(self, _most=None):
        line, _end, self.said = self.said.partition(b"\n")
        return line + _end

    def read(self, size):
        read, self.said = self.said[:size], self.said[size:]
        return read

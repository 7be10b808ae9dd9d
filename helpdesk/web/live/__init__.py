"""Live updates: every open console receives the events its person may see."""

from __future__ import annotations

import logging
from functools import partial

from flask import Flask
from flask_socketio import SocketIO

from . import handshake, public
from .broadcaster import EventBroadcaster
from .hub import ConsoleHub
from .namespace import ConsoleNamespace
from .namespaces import OfPlugin

PATH = "/socket.io"
SILENT = logging.getLogger("hamdel.live.protocol")
SILENT.setLevel(logging.CRITICAL + 1)  # the protocol's own log would keep client bytes


def register(app: Flask) -> None:
    """Open the socket beside this application. Under gevent it is green, elsewhere (tests) it has threads."""
    socketio = SocketIO(
        app,
        async_mode="gevent" if _is_green() else "threading",
        transports=["websocket"],
        path=PATH,
        cors_allowed_origins=[],  # ``handshake`` checks the origin, and more
        max_http_buffer_size=handshake.FRAME,
        async_handlers=False,  # one frame of a console after the other
        manage_session=False,
        namespaces=[],
        logger=SILENT,
        engineio_logger=SILENT,
    )
    hub = ConsoleHub(app, socketio, EventBroadcaster)
    socketio.on_namespace(ConsoleNamespace(hub))
    for plugin, declared in app.extensions["runtime"].hooks.gather("register_namespaces"):
        socketio.on_namespace(OfPlugin(hub, plugin, declared))
    ask = partial(handshake.ask_signed_in, app)
    handshake.guard(app, socketio.server, PATH, ask, handshake.Limits())
    for plugin, declared in app.extensions["runtime"].hooks.gather("register_public_sockets"):
        hub.public[plugin] = public.open_server(app, plugin, declared, SILENT, socketio.async_mode)
    app.extensions["live"] = app.extensions["runtime"].live.pages = hub


def _is_green() -> bool:
    try:
        from gevent import monkey
    except ImportError:
        return False
    return monkey.is_module_patched("socket")

"""The least a server can do to tell many: the same library, one room, no desk behind it. ``python -m
tests.bench.bare PORT ROOM``.
"""

from gevent import monkey

monkey.patch_all()

import gc  # noqa: E402
import json  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402

import socketio  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402

NAMESPACE = "/desk"


def serve(port: int, members: int) -> None:
    """The first so many who come are in the room; a POST is told to everybody in it."""
    server = socketio.Server(async_mode="gevent", cors_allowed_origins="*", transports=["websocket"])

    @server.on("connect", namespace=NAMESPACE)
    def come(sid, environ, auth=None):
        nonlocal members
        if members > 0:
            members -= 1
            server.enter_room(sid, "room", NAMESPACE)

    def emit(environ, start_response):
        data = json.loads(environ["wsgi.input"].read())
        server.emit("changed", data, to="room", namespace=NAMESPACE)
        start_response("204 No Content", [])
        return [b""]

    gc.collect()
    gc.freeze()
    listener = WSGIServer(("127.0.0.1", port), socketio.WSGIApp(server, emit), log=None)
    listener.init_socket()
    listener.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))

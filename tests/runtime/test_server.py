"""Tests of how the server reads requests, over a real socket."""

from types import SimpleNamespace

import gevent
import pytest
from gevent import socket
from gevent.event import Event
from gevent.pywsgi import WSGIServer

from helpdesk.runtime import connections
from helpdesk.runtime.connections import Handler


def echo(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["QUERY_STRING"].encode("latin-1")]


@pytest.fixture
def answer():
    """What the server says to a first line of a request."""
    server = WSGIServer(("127.0.0.1", 0), echo, log=None, handler_class=Handler)
    server.start()

    def ask(line: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as peer:
            peer.sendall(line + b"\r\nHost: desk.example\r\nConnection: close\r\n\r\n")
            return b"".join(iter(lambda: peer.recv(4096), b""))

    yield ask
    server.stop(timeout=1)


@pytest.mark.parametrize(
    "words", ["ميخواهم", "می‌خواهم", "à"], ids=["NEL within", "zero-width", "no-break space within"]
)
def test_an_address_in_raw_utf8_is_read_like_one_that_is_encoded(answer, words):
    raw = words.encode()
    said = answer(b"GET /search?q=" + raw + b" HTTP/1.1")
    assert said.startswith(b"HTTP/1.1 200") and "".join(f"%{byte:02X}" for byte in raw).encode() in said


class Brisk(Handler):
    """Does not wait long."""

    idle = asking = 0.3


@pytest.fixture
def slow():
    """The port of a brisk server whose answers take longer than it waits for questions."""

    def answer(environ, start_response):
        gevent.sleep(0.6)
        return echo(environ, start_response)

    server = WSGIServer(("127.0.0.1", 0), answer, log=None, handler_class=Brisk)
    server.start()
    yield server.server_port
    server.stop(timeout=1)


def asked_once(port: int):
    """A connection with one answered request behind it."""
    peer = socket.create_connection(("127.0.0.1", port), timeout=5)
    peer.sendall(b"GET /first HTTP/1.1\r\nHost: x\r\n\r\n")
    assert peer.recv(4096).startswith(b"HTTP/1.1 200")
    return peer


def test_a_head_that_does_not_end_is_timed_out(slow):
    """Check L09: though a letter more comes every now and then; and an answer that takes long is waited for."""
    with asked_once(slow) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        peer.settimeout(0.05)
        assert next(filter(None, (dribbled(peer, b"a") for _letter in range(100)))).startswith(b"HTTP/1.1 408")


def test_an_idle_connection_is_closed_without_a_word(slow):
    """An answer to nothing would be taken for that to the next request, which is just on its way."""
    with asked_once(slow) as peer:
        assert peer.recv(4096) == b""


def dribbled(peer, letter: bytes) -> bytes:
    """What the server says to one more letter."""
    try:
        peer.sendall(letter)
        return peer.recv(4096)
    except TimeoutError:
        return b""


def test_a_body_that_comes_slowly_takes_nobodys_time(monkeypatch):
    """What a connection used decides whether it has to wait for others (``Turns``); its own waiting is no use."""
    clock, reading, used = SimpleNamespace(now=0.0), Event(), []
    monkeypatch.setattr(connections, "time", SimpleNamespace(monotonic=lambda: clock.now))

    class Noted(Handler):
        turns = SimpleNamespace(run=lambda seconds, act: (used.append(seconds), act())[1])

    def answer(environ, start_response):
        reading.set()
        environ["wsgi.input"].read()
        clock.now += 1.0
        return echo(environ, start_response)

    server = WSGIServer(("127.0.0.1", 0), answer, log=None, handler_class=Noted)
    server.start()
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as peer:
        peer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n")
        reading.wait(10)
        clock.now += 10.0
        peer.sendall(b"body")
        assert peer.recv(4096).startswith(b"HTTP/1.1 200")
        peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert peer.recv(4096).startswith(b"HTTP/1.1 200")
    server.stop(timeout=1)
    assert used == [0.0, 1.0]

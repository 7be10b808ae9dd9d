"""Tests of how the server reads requests, over a real socket."""

import gevent
import pytest
from gevent import socket
from gevent.pywsgi import WSGIServer

from helpdesk.server import Handler


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


@pytest.mark.parametrize("words", ["ميخواهم", "می‌خواهم", "à"], ids=["NEL within", "zero-width", "no-break space within"])
def test_an_address_in_raw_utf8_is_read_like_one_that_is_encoded(answer, words):
    raw = words.encode()
    said = answer(b"GET /search?q=" + raw + b" HTTP/1.1")
    assert said.startswith(b"HTTP/1.1 200") and "".join(f"%{byte:02X}" for byte in raw).encode() in said


class Brisk(Handler):
    """Does not wait as long for the end of a question."""

    asking = 0.3


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_who_never_comes_to_the_end_of_asking_is_hung_up_on(begun):
    """Check L09: though a letter more comes every now and then; and an answer that takes long is waited for."""

    def slow(environ, start_response):
        gevent.sleep(0.6)
        return echo(environ, start_response)

    server = WSGIServer(("127.0.0.1", 0), slow, log=None, handler_class=Brisk)
    server.start()
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as peer:
        peer.sendall(b"GET /first HTTP/1.1\r\nHost: x\r\n\r\n")
        assert peer.recv(4096).startswith(b"HTTP/1.1 200")
        peer.sendall(begun)
        peer.settimeout(0.05)
        assert next(filter(None, (dribbled(peer, begun[-1:]) for _letter in range(40)))).startswith(b"HTTP/1.1 408")
    server.stop(timeout=1)


def dribbled(peer, letter: bytes) -> bytes:
    """What the server says to one more letter."""
    try:
        peer.sendall(letter)
        return peer.recv(4096)
    except TimeoutError:
        return b""

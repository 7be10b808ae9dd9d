"""One connection cannot take the server from the others: pipelining, endless and ambiguous bodies, heads of any
size.
"""

import gevent
import pytest
from gevent import socket
from gevent.pywsgi import WSGIServer
from werkzeug.exceptions import HTTPException

from helpdesk.runtime import connections
from helpdesk.runtime.connections import Handler, Turns

MANY = 3_000


@pytest.fixture
def server():
    """A server that reads the body, and notes the order of the paths it answered."""
    order = []

    def application(environ, start_response):
        order.append(environ["PATH_INFO"])
        sum(range(20_000 if environ["PATH_INFO"] == "/greedy" else 0))  # what a page costs at least
        try:
            body = environ["wsgi.input"].read()
        except HTTPException as error:
            return error.get_response(environ)(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"%d" % len(body)]

    running = WSGIServer(("127.0.0.1", 0), application, log=None, handler_class=Handler)
    running.order = order
    running.start()
    yield running
    running.stop(timeout=1)


def connected(server):
    return socket.create_connection(("127.0.0.1", server.server_port), timeout=20)


def said(server, raw: bytes) -> bytes:
    """Everything the server answers to these bytes until it closes."""
    with connected(server) as peer:
        peer.sendall(raw)
        return b"".join(iter(lambda: peer.recv(65536), b""))


def one(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def test_pipelined_requests_let_others_in_between(server):
    with connected(server) as greedy, connected(server) as other:
        gevent.spawn(greedy.sendall, one("/greedy") * MANY)
        while not server.order:
            gevent.sleep(0)
        other.sendall(one("/other"))
        assert other.recv(4096).startswith(b"HTTP/1.1 200")
    assert server.order.index("/other") < 100


def test_a_connection_has_a_budget_of_requests_and_is_told_when_it_ends(server):
    answers = said(server, one("/") * (Handler.most + 1))
    assert server.order == ["/"] * Handler.most
    assert answers.count(b"Connection: close") == 1 and answers.count(b"HTTP/1.1 200") == Handler.most


def test_who_used_less_lately_is_served_first():
    turns, order = Turns(), []

    def ask(name, used):
        turns.run(used, lambda: (order.append(name), gevent.sleep(0.01)))

    first = gevent.spawn(ask, "holder", 1.0)
    gevent.sleep(0)
    later = [gevent.spawn(ask, name, used) for name, used in (("greedy", 3.0), ("busy", 2.0), ("quiet", 0.0))]
    gevent.joinall([first, *later])
    assert order[0] == "quiet" and order[1:] == ["holder", "busy", "greedy"]


def test_a_turn_that_does_not_end_holds_nobody_up():
    turns, done = Turns(), gevent.event.Event()
    holder = gevent.spawn(turns.run, 1.0, done.wait)
    gevent.sleep(0.05)
    assert turns.run(2.0, lambda: "answered") == "answered"
    done.set()
    holder.join()
    assert turns.run(2.0, lambda: "again") == "again" and turns._holder is None


AMBIGUOUS = [
    b"Content-Length: 3\r\nContent-Length: 3",
    b"Content-Length: 3\r\nContent-Length: 40",
    b"Content-Length: 3, 3",
    b"Content-Length: +3",
    b"Content-Length: 1_0",
    b"Content-Length : 3",
    b"Content-Length: 3\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: xchunked",
    b"no colon here\r\nContent-Length: 3",
]


@pytest.mark.parametrize("lines", AMBIGUOUS)
def test_a_body_whose_end_is_not_clear_is_refused(server, lines):
    """RFC 9112, section 6.3: else a proxy and we may take different bytes for the next request."""
    answer = said(
        server, b"POST / HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n\r\nabcGET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 400") and answer.count(b"HTTP/1.1") == 1 and server.order == []


@pytest.mark.parametrize(
    "lines, body", [(b"Content-Length: 3", b"abc"), (b"Transfer-Encoding: chunked", b"3\r\nabc\r\n0\r\n\r\n")]
)
def test_a_clear_body_is_read(server, lines, body):
    answer = said(server, b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines + b"\r\n\r\n" + body)
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"3")


@pytest.mark.parametrize(
    "lines",
    [b"Accept-Language: " + b"a," * 2_000, b"Cookie: " + b"a;" * 2_000, b"X: " + b"x" * 20_000, b"X: 1\r\n" * 200],
)
def test_a_head_is_bounded(server, lines):
    assert said(server, b"GET / HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert server.order == []


@pytest.mark.parametrize(
    "head, drop", [(b"Content-Length: 100000", b"a"), (b"Transfer-Encoding: chunked", b"1\r\na\r\n")]
)
def test_a_body_has_one_deadline(server, monkeypatch, head, drop):
    """Bytes that keep coming do not move it."""
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(connections, "BODY_RATE", 1e9)
    monkeypatch.setattr(connections, "LINGER", 0.1)
    with connected(server) as peer:
        peer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
        dripping = gevent.spawn(drip, peer, drop)
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
        dripping.kill()
    assert answer.startswith(b"HTTP/1.1 408")


def drip(peer, drop):
    while True:
        peer.sendall(drop)
        gevent.sleep(0.02)


def test_a_body_that_nobody_wants_is_read_so_that_the_answer_is_seen():
    def refuse(environ, start_response):
        start_response("413 Too Large", [("Content-Length", "2")])
        return [b"no"]

    running = WSGIServer(("127.0.0.1", 0), refuse, log=None, handler_class=Handler)
    running.start()
    body = b"a&" * 2_000_000
    with connected(running) as peer:
        peer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body + one("/next"))
        peer.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
    running.stop(timeout=1)
    assert answer.count(b"HTTP/1.1 413") == 2


def test_a_multipart_body_is_no_fault_of_its_head(server):
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.txt"\r\n\r\nhello\r\n--b--\r\n'
    head = (
        "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: "
        f"{len(body)}\r\nConnection: close\r\n\r\n"
    )
    assert said(server, head.encode() + body).endswith(b"%d" % len(body))

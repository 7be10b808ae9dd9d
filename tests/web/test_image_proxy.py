"""Pictures from elsewhere: what must never be fetched, at the moment of connecting, and what comes back when it may
be (check A11).
"""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

import pytest

from helpdesk.core.errors import HelpdeskError, Invalid, Unavailable
from helpdesk.security import guarded
from helpdesk.web.ticket import image_proxy

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
INSIDE = """
http://127.0.0.1/ http://127.1/ http://0/ http://2130706433/ http://0x7f.1/ http://0177.0.0.1/ http://[::1]/ http://[::]/ http://[::ffff:7f00:1]/
http://[::ffff:127.0.0.1]/ http://[::7f00:1]/ http://[64:ff9b::7f00:1]/ http://[2002:7f00:1::]/ http://169.254.169.254/latest/meta-data
http://100.64.0.1/ http://[fe80::1]/ http://[fe80::1%25lo]/ http://[fd00::1]/ http://10.1.2.3/ http://192.168.0.1/ http://172.16.0.1/ http://224.0.0.1/
http://255.255.255.255/ http://0.0.0.0/ http://localhost/ http://LOCALHOST/ http://localhost./ http://good.example@127.0.0.1/ http://127.0.0.1:8000/
http://127.0.0.1:22/ https://127.0.0.1/ https://[::1]/
""".split()
NO_ADDRESSES = [
    "file:///etc/passwd", "gopher://127.0.0.1/", "php://filter/x", "ftp://ftp.example/", "//far.example/x", "http:///x", "http://", "", "data:image/png;base64,AA",
    "http://far.example:22/", "http://far.example:99999/", "http://far.example:x/", "http://u:p@far.example/", "http://far.example/\r\nX: y", "http://far.example/a b",
    "http://[::1", "http://٠١٢.example/", "javascript:alert(1)",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_inside_is_ever_connected_to(address, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_given, **_more: pytest.fail(f"connected for {address}"))
    with pytest.raises((Invalid, Unavailable)):
        image_proxy.fetch(address)


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_of_a_picture_is_refused(address, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_given, **_more: pytest.fail(f"connected for {address}"))
    with pytest.raises(HelpdeskError):
        image_proxy.fetch(address)


class Elsewhere(BaseHTTPRequestHandler):
    """A server with what a stranger may have put there."""

    def do_GET(self):
        status, headers, content = self.server.answers[self.path]
        self.server.asked.append((self.path, dict(self.headers)))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(content)
        except OSError:
            pass

    def log_message(self, *_given):
        pass


@pytest.fixture
def elsewhere(monkeypatch):
    """A server that counts as the open internet, on this machine and port alone."""
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    server.answers, server.asked = {}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(guarded, "is_public", lambda ip: ip == "127.0.0.1")
    monkeypatch.setitem(image_proxy.PORTS, "http", server.server_port)
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def test_a_picture_comes_with_its_true_type_and_tells_nothing_of_us(elsewhere):
    elsewhere.answers["/a.png?x=1"] = (200, {"Content-Type": "text/html"}, PNG)
    assert image_proxy.fetch(f"{elsewhere.url}/a.png?x=1") == (PNG, "image/png")
    _path, headers = elsewhere.asked[0]
    assert not {"Cookie", "Referer", "Authorization"} & set(headers)


def test_a_way_on_is_looked_at_again(elsewhere):
    elsewhere.answers["/on"] = (302, {"Location": "/a.png"}, b"")
    elsewhere.answers["/a.png"] = (200, {}, PNG)
    assert image_proxy.fetch(f"{elsewhere.url}/on")[0] == PNG
    for inside in ("http://[::1]/", "http://10.0.0.1/", "file:///etc/passwd", "http://127.0.0.1:22/"):
        elsewhere.answers["/on"] = (302, {"Location": inside}, b"")
        with pytest.raises(HelpdeskError):
            image_proxy.fetch(f"{elsewhere.url}/on")


def test_going_round_in_a_circle_ends(elsewhere):
    elsewhere.answers["/on"] = (302, {"Location": "/on"}, b"")
    with pytest.raises(Unavailable):
        image_proxy.fetch(f"{elsewhere.url}/on")
    assert len(elsewhere.asked) == image_proxy.REDIRECTS + 1


@pytest.mark.parametrize("content", [b"<svg onload='alert(1)'/>", b"<html>", b"", b"%PDF-1.4"])
def test_what_is_no_raster_picture_is_not_handed_on(elsewhere, content):
    elsewhere.answers["/x"] = (200, {"Content-Type": "image/png"}, content)
    with pytest.raises(Invalid):
        image_proxy.fetch(f"{elsewhere.url}/x")


def test_too_much_is_not_read(elsewhere, monkeypatch):
    monkeypatch.setattr(image_proxy, "LARGEST", 50_000)
    elsewhere.answers["/x"] = (200, {}, PNG + b"\0" * 200_000)
    with pytest.raises(Invalid):
        image_proxy.fetch(f"{elsewhere.url}/x")


def test_an_error_elsewhere_is_a_sentence_here(elsewhere):
    elsewhere.answers["/x"] = (500, {}, b"trace")
    with pytest.raises(Unavailable):
        image_proxy.fetch(f"{elsewhere.url}/x")


class Dripping(BaseHTTPRequestHandler):
    """A server that says one letter after the other, in the headers or in the body, and never comes to the end."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/on":
            self.wfile.write(b"HTTP/1.1 302 On\r\nLocation: /headers\r\nContent-Length: 0\r\n\r\n")
            return
        begun = {
            "/headers": b"HTTP/1.1 200 OK\r\nX: ",
            "/body": b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + PNG,
            "/old": b"HTTP/1.0 200 OK\r\n\r\n" + PNG,
        }
        self.wfile.write(begun[self.path])
        while not self.server.given_up.wait(0.02):
            try:
                self.wfile.write(b"x")
            except OSError:
                self.server.hung_up.set()
                return

    def log_message(self, *_given):
        pass


@pytest.mark.parametrize("path", ["/headers", "/body", "/old", "/on"])
def test_one_deadline_holds_for_headers_body_and_redirects(monkeypatch, path):
    """FAULTS S15: bytes that keep coming do not move it; the other server notices that we went."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Dripping)
    server.given_up, server.hung_up = threading.Event(), threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(guarded, "is_public", lambda ip: True)
    monkeypatch.setattr(image_proxy, "SECONDS", 0.5)
    monkeypatch.setitem(image_proxy.PORTS, "http", server.server_port)
    with pytest.raises(Unavailable):
        image_proxy.fetch(f"http://127.0.0.1:{server.server_port}{path}")
    assert server.hung_up.wait(20)
    server.given_up.set()
    server.shutdown()
    server.server_close()


def test_the_deadline_holds_for_looking_up_the_name(monkeypatch):
    looked_up = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_more: [] if looked_up.wait(20) else [])
    monkeypatch.setattr(image_proxy, "SECONDS", 0.3)
    with pytest.raises(Unavailable):
        image_proxy.fetch("http://slow.example/a.png")
    assert not looked_up.is_set()
    looked_up.set()

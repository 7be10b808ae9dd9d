"""Outgoing HTTP: only to addresses that were checked, by one deadline, whatever redirects, names, proxies and bodies
say.
"""

import gzip
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from helpdesk.core.errors import Invalid, Unavailable
from helpdesk.security import http
from helpdesk.security.guarded import Deadline, GuardedTransport, is_public

NAME = "shop.example"


class Shop(BaseHTTPRequestHandler):
    """A server that does what the path says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Host"]))
        getattr(self, "at_" + self.path.strip("/").partition("?")[0].replace("/", "_"), self.at_)()

    do_POST = do_GET

    def say(self, body=b"hello", status=200, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def at_(self):
        self.say(b'{"said": "hello"}')

    def at_elsewhere(self):
        self.say(b"", 302, Location=self.server.elsewhere)

    def at_round(self):
        time.sleep(0.2)
        self.say(b"", 302, Location="/round")

    def at_bomb(self):
        self.say(gzip.compress(bytes(3_000_000)), Content_Encoding="gzip")

    def at_drip(self):
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        try:
            while not self.server.over.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()
        except OSError:
            return

    def log_message(self, *given):
        pass


@pytest.fixture
def serve():
    """serve() starts a server on 127.0.0.1; with a context it speaks TLS."""
    running = []

    def start(context=None):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
        server.asked, server.over, server.elsewhere = [], threading.Event(), ""
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.over.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def shop(serve):
    """A server that may be connected to."""
    http.allow_private(["127.0.0.1/32"])
    yield serve()
    http.allow_private([])


@pytest.fixture
def names(monkeypatch):
    """names["shop.example"] = ["127.0.0.1"]: what names resolve to; `asked` has the names that were resolved."""
    known, real = {}, socket.getaddrinfo

    def resolve(host, port, *given, **named):
        host = host.decode() if isinstance(host, bytes) else host
        known.setdefault("asked", []).append(host)
        if host in known:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in known[host]]
        return real(host, port, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


def url(server, path="/", host="127.0.0.1", scheme="http"):
    return f"{scheme}://{host}:{server.server_port}{path}"


def test_an_answer_is_whole_whatever_its_status(shop):
    answer = http.fetch("POST", url(shop, "/?q=1"), json={"a": 1}, headers={"X-Mine": "yes"})
    assert (answer.status, answer.json(), answer.headers["content-length"]) == (200, {"said": "hello"}, "17")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"])
def test_private_addresses_are_refused_before_a_connection(serve, host):
    server = serve()
    with pytest.raises((Invalid, Unavailable)):
        http.fetch("GET", url(server, host=host))
    assert server.asked == []


@pytest.mark.parametrize(
    "place", ["ftp://shop.example/", "file:///etc/passwd", "http://", "no address", "http://[", "http://a\n.example/"]
)
def test_what_is_no_address_of_the_web_is_a_sentence(place):
    with pytest.raises((Invalid, Unavailable)):
        http.fetch("GET", place)


def test_a_name_with_one_private_address_is_refused_as_a_whole(serve, names):
    server = serve()
    names[NAME] = ["93.184.215.14", "127.0.0.1"]
    with pytest.raises(Invalid):
        http.fetch("GET", url(server, host=NAME))
    assert server.asked == []


def test_a_name_is_resolved_once_and_that_address_connected_to(shop, names):
    names[NAME] = ["127.0.0.1"]
    assert http.fetch("GET", url(shop, host=NAME)).status == 200
    assert names["asked"].count(NAME) == 1
    assert shop.asked == [("/", f"{NAME}:{shop.server_port}")]


def test_the_next_address_is_tried_when_one_does_not_answer(shop, names):
    http.allow_private(["127.0.0.0/8"])
    names[NAME] = ["127.0.0.9", "127.0.0.1"]
    assert http.fetch("GET", url(shop, host=NAME)).status == 200


@pytest.mark.parametrize(
    "place", ["http://127.0.0.2:{port}/", "http://localhost.example:{port}/", "file:///etc/passwd"]
)
def test_a_redirect_is_checked_like_the_first_address(shop, names, place):
    names["localhost.example"] = ["127.0.0.3"]
    shop.elsewhere = place.format(port=shop.server_port)
    with pytest.raises(Invalid):
        http.fetch("GET", url(shop, "/elsewhere"))
    assert [path for path, _ in shop.asked] == ["/elsewhere"]


def test_redirects_can_be_left_to_the_caller(shop):
    shop.elsewhere = "/"
    assert http.fetch("GET", url(shop, "/elsewhere"), redirects=0).status == 302


def test_one_deadline_holds_over_all_redirects(shop):
    with pytest.raises(Unavailable, match="too long"):
        http.fetch("GET", url(shop, "/round"), seconds=1, redirects=100)
    assert 1 <= len(shop.asked) < 20


def test_one_deadline_holds_over_the_body(shop):
    with pytest.raises(Unavailable, match="too long"):
        http.fetch("GET", url(shop, "/drip"), seconds=0.5)


def test_a_deadline_holds_while_a_name_is_resolved(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **named: [] if over.wait(30) else [])
    with pytest.raises(Unavailable, match="too long"):
        http.fetch("GET", "http://slow.example/", seconds=0.2)
    over.set()


def test_a_body_is_bounded_after_unpacking(shop):
    with pytest.raises(Invalid, match="larger"):
        http.fetch("GET", url(shop, "/bomb"), largest=1_000_000)
    assert len(http.fetch("GET", url(shop, "/bomb"), largest=3_000_000).content) == 3_000_000
    with http.stream("GET", url(shop, "/bomb"), largest=3_000_000) as answer:
        assert max(map(len, answer.chunks)) <= 1_000_000


def test_no_proxy_and_no_password_file_of_the_environment_counts(shop, monkeypatch, tmp_path):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert http.fetch("GET", url(shop)).status == 200


def test_what_went_wrong_names_no_secret_of_the_address(serve):
    http.allow_private(["127.0.0.1/32"])
    server = serve()
    server.shutdown()
    server.server_close()
    try:
        with pytest.raises(Unavailable) as refused:
            http.fetch("GET", url(server, "/bot123:SECRET/send?key=SECRET"), seconds=3)
        assert "SECRET" not in str(refused.value) and refused.value.__cause__ is None
    finally:
        http.allow_private([])


def _certified(tmp_path, name):
    """(server context, client context) with a certificate for this name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
    )
    made = made.not_valid_before(now - timedelta(days=2)).not_valid_after(now + timedelta(days=2))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False).add_extension(
        x509.BasicConstraints(True, None), True
    )
    pem = tmp_path / "cert.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=pem)


@pytest.mark.clock
def test_the_certificate_and_sni_are_those_of_the_name(serve, names, tmp_path):
    ours, theirs = _certified(tmp_path, NAME)
    reported = []
    ours.sni_callback = lambda sock, name, context: reported.append(name)
    server = serve(ours)
    names[NAME] = names["other.example"] = ["127.0.0.1"]

    def get(host):
        with httpx.Client(transport=GuardedTransport(lambda ip: True, Deadline(5), theirs), trust_env=False) as client:
            return client.get(url(server, host=host, scheme="https")).status_code

    assert get(NAME) == 200
    with pytest.raises(httpx.ConnectError, match="(?i)certificate"):
        get("other.example")
    assert reported == [NAME, "other.example"]


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("93.184.215.14", True),
        ("2606:4700::1111", True),
        *[
            (ip, False)
            for ip in (
                "10.0.0.1",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "0.0.0.0",
                "224.0.0.1",
                "255.255.255.255",
            )
        ],
        *[
            (ip, False)
            for ip in (
                "::",
                "::1",
                "fe80::1%eth0",
                "fc00::1",
                "ff02::1",
                "::ffff:10.0.0.1",
                "64:ff9b::a00:1",
                "2002:a00:1::",
                "::7f00:1",
            )
        ],
    ],
)
def test_what_is_public(ip, public):
    assert is_public(ip) is public


def test_httpx_is_imported_at_the_first_call_only():
    code = "import sys, helpdesk.app, helpdesk.security.http; print('httpx' in sys.modules, 'httpcore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60).stdout.split() == [
        "False",
        "False",
    ]


GREEN = """
from gevent import monkey; monkey.patch_all()
import gevent, sys
from helpdesk.security import http
http.allow_private(["127.0.0.1/32"])
ticks = []
def tick():
    while True:
        ticks.append(1); gevent.sleep(0.01)
gevent.spawn(tick)
try:
    http.fetch("GET", sys.argv[1] + "/drip", seconds=0.5)
except Exception as error:
    print(type(error).__name__, len(ticks) > 5)
print(http.fetch("GET", sys.argv[1], seconds=5).status)
"""


def test_others_go_on_meanwhile_under_gevent(shop):
    done = subprocess.run([sys.executable, "-c", GREEN, url(shop, "")], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["Unanswered", "True", "200"], done.stderr

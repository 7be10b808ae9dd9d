"""No address takes the desk from others, known or not, and an office behind one address is served (TRUST A23, L09)."""

from dataclasses import replace

import gevent
import pytest
from gevent import socket
from gevent.pywsgi import WSGIServer

from helpdesk.app import create_app
from helpdesk.core.network import place
from helpdesk.runtime.connections import Handler
from helpdesk.runtime.places import Places
from helpdesk.web.http import budgets
from helpdesk.web.http.budgets import AT_ONCE, Seats, Strangers

# One address before anybody knows who asks ------------------------------------------------------------------------


@pytest.fixture
def few(app, monkeypatch):
    """A client of a desk on which strangers may ask three times."""
    monkeypatch.setattr(budgets, "AT_ONCE", 3)
    app.extensions["strangers"] = Strangers()
    return app.test_client()


def unknown(client, path="/", headers=None, **more):
    return client.get(path, headers={"Accept": "text/html", **(headers or {})}, **more)


def test_strangers_are_told_to_wait(few):
    assert [unknown(few).status_code for _ in range(5)] == [302, 302, 302, 429, 429]
    refused = unknown(few)
    assert "Please wait a while" in refused.text and 1 <= int(refused.headers["Retry-After"]) <= 60


def test_another_address_is_not_concerned(few):
    for _ in range(5):
        unknown(few)
    assert unknown(few, environ_overrides={"REMOTE_ADDR": "198.51.100.7"}).status_code == 302


def test_whoever_is_signed_in_is_served_from_an_address_that_is_used_up(agent, few):
    assert [unknown(few).status_code for _ in range(4)][-1] == 429
    assert [agent.get("/me").status_code for _ in range(10)] == [200] * 10


def test_a_valid_token_costs_nothing_and_a_wrong_one_counts(few, api):
    bad = {"Authorization": "Bearer wrong"}
    assert [few.get("/api/v1/me", headers=bad).status_code for _ in range(5)] == [401, 401, 401, 429, 429]
    assert [api("GET", "/me", "").status_code for _ in range(5)] == [200] * 5


def test_only_ones_own_proxy_is_believed(few, runtime, caplog):
    """Else whoever writes another address into each request is never counted."""
    asked = [unknown(few, headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(5)]
    assert asked[-1] == 429 and "HELPDESK_PROXIES" in caplog.text
    behind = create_app(runtime=replace_config(runtime, proxies=1)).test_client()
    asked = [unknown(behind, headers={"X-Forwarded-For": f"9.9.9.{n}, 203.0.113.{n}"}).status_code for n in range(5)]
    assert asked == [302] * 5
    asked = [unknown(behind, headers={"X-Forwarded-For": f"9.9.9.{n}, 203.0.113.7"}).status_code for n in range(5)]
    assert asked[-1] == 429, "only the last address is our proxy's own word"


def replace_config(runtime, **settings):
    runtime.config = replace(runtime.config, **settings)
    return runtime


def test_what_watches_the_desk_and_what_costs_nothing_is_free(few):
    for _ in range(5):
        unknown(few)
    assert few.get("/healthz").status_code == 200 and few.get("/readyz").status_code in (200, 503)
    assert few.get("/assets/x/css/tokens.css").status_code in (200, 404)


def test_strangers_counted_are_bounded_and_forget_nothing_that_matters():
    now = [0.0]
    strangers = Strangers(remembered=100, clock=lambda: now[0])
    for number in range(10_000):
        strangers.take(f"2001:db8:{number:x}::/64")
    assert len(strangers.budgets) == 100
    waits = [strangers.take("203.0.113.5") for _ in range(AT_ONCE + 500)]
    assert waits[:AT_ONCE] == [0] * AT_ONCE and 0 < max(waits) <= 3, "who is refused often waits no longer for it"
    now[0] = 5.0
    assert strangers.take("203.0.113.5") == 0


def test_an_household_of_ipv6_is_one_place():
    assert place("2001:db8::1") == place("2001:db8::ffff") != place("2001:db8:0:1::1")
    assert place("203.0.113.5") != place("203.0.113.6") and place(None) == place("nonsense") == "nowhere"


# Connections ------------------------------------------------------------------------------------------------------


@pytest.fixture
def crowded():
    """A server with ten places, five for one address."""

    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    class Small(Handler):
        places = Places(10)

    running = WSGIServer(("127.0.0.1", 0), application, log=None, handler_class=Small)
    running.start()
    yield running
    running.stop(timeout=1)


def connected(server):
    return socket.create_connection(("127.0.0.1", server.server_port), timeout=10)


def asked(peer) -> bytes:
    peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    return answer(peer)


def answer(peer) -> bytes:
    """Everything up to the body's last byte."""
    said = peer.recv(4096)
    while said and not said.endswith(b"ok"):
        more = peer.recv(4096)
        said += more
        if not more:
            break
    return said


def test_who_comes_takes_the_place_of_who_rests_the_longest(crowded):
    peers = [connected(crowded) for _ in range(5)]
    assert all(asked(peer).startswith(b"HTTP/1.1 200") for peer in peers)
    asked(peers[0])
    late = connected(crowded)
    assert asked(late).startswith(b"HTTP/1.1 200")
    assert peers[1].recv(1) == b"", "it had rested the longest"
    assert asked(peers[0]).startswith(b"HTTP/1.1 200")
    assert len(crowded.handler_class.places.all) == 5


def test_who_holds_every_place_without_resting_is_told_so(crowded):
    slow = [connected(crowded) for _ in range(5)]
    for peer in slow:
        peer.sendall(b"GET / HTTP/1.1\r\n")
    while sum(not each.resting for each in crowded.handler_class.places.all) < 5:
        gevent.sleep(0.01)
    refused = connected(crowded).recv(4096)
    assert (
        refused.startswith(b"HTTP/1.1 429") and b"Too many connections" in refused and b"Connection: close" in refused
    )
    slow[0].sendall(b"Host: x\r\n\r\n")
    assert answer(slow[0]).startswith(b"HTTP/1.1 200")


def test_places_are_given_back(crowded):
    for _ in range(30):
        with connected(crowded) as peer:
            assert asked(peer).startswith(b"HTTP/1.1 200")
    while crowded.handler_class.places.all:
        gevent.sleep(0.01)
    assert not crowded.handler_class.places.of


def test_behind_a_proxy_of_ones_own_only_the_whole_counts(crowded):
    crowded.handler_class.places.by_address = False
    peers = [connected(crowded) for _ in range(8)]
    assert all(asked(peer).startswith(b"HTTP/1.1 200") for peer in peers)
    assert all(asked(peer).startswith(b"HTTP/1.1 200") for peer in peers)


# Sockets ----------------------------------------------------------------------------------------------------------


def test_seats_are_counted_for_each_name_and_given_back():
    seats = Seats()
    with seats.taken({"a": 2, "x": 3}) as first, seats.taken({"a": 2, "x": 3}) as second:
        assert first and second
        with seats.taken({"a": 2, "x": 3}) as third, seats.taken({"b": 2, "x": 3}) as other:
            assert not third and other
    assert not seats.held

"""What is told to many consoles is made into a frame once, and arrives whole."""

import socket
import threading
from types import SimpleNamespace

import pytest
from simple_websocket import Server
from wsproto.connection import Connection, ConnectionType

from helpdesk.app import create_app
from helpdesk.web.live.frames import text_frame


@pytest.fixture
def side(runtime):
    """side() is the desk's side of a new connection and the socket of the other side."""
    server = create_app(runtime=runtime).extensions["socketio"].server
    opened = []

    def make():
        ours, theirs = socket.socketpair()
        opened.extend((ours, theirs))
        desk = server.eio._async["websocket"](lambda websocket: None, server.eio)
        desk.ws = SimpleNamespace(connected=True, sock=ours)
        return desk, theirs

    yield make
    for each in opened:
        each.close()


def read(data: bytes) -> str:
    """The text of one frame, as a browser's side of the protocol reads it."""
    browser = Connection(ConnectionType.CLIENT)
    browser.receive_data(data)
    return "".join(event.data for event in browser.events())


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_is_what_the_library_itself_would_send(size):
    sent, text = [], "س" * (size // 2) + "x" * (size % 2)
    library = SimpleNamespace(
        connected=True, ws=Connection(ConnectionType.SERVER), sock=SimpleNamespace(send=sent.append)
    )
    Server.send(library, text)
    assert [text_frame(text)] == sent and read(sent[0]) == text


def test_one_text_for_many_is_framed_once(side):
    consoles = [side() for _number in range(20)]
    text_frame.cache_clear()
    for text in ("2one", "2two"):
        for desk, _theirs in consoles:
            desk.send(text)
    assert text_frame.cache_info().misses == 2
    assert all(theirs.recv(1000) == text_frame("2one") + text_frame("2two") for _desk, theirs in consoles)


def test_a_frame_arrives_whole_however_slowly_it_is_read(side):
    (desk, theirs), text, got = side(), "x" * 3_000_000, bytearray()
    desk.ws.sock.settimeout(10)  # a socket with a time limit sends what fits at once
    sending = threading.Thread(target=desk.send, args=(text,))
    sending.start()
    while len(got) < len(text_frame(text)):
        got += theirs.recv(100_000)
    sending.join()
    assert read(bytes(got)) == text


def test_whoever_is_gone_is_told_nothing(side):
    desk, _theirs = side()
    desk.ws.connected = False
    with pytest.raises(OSError):
        desk.send("2")

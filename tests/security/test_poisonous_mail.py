"""Mail made to be dear to read is read in a bounded number of steps, and turned into a bounded number of files."""

import base64
import cProfile
import time
from datetime import UTC, datetime

import pytest

from helpdesk.core.channels.types import AccountView, RawMessage
from plugins.email import html
from plugins.email.channel import Email

HEAD = (
    "From: a@b.example\r\nTo: support@desk.example\r\nSubject: x\r\nMessage-ID: <1@b.example>\r\nContent-Type: "
    "{}; charset=utf-8\r\n\r\n"
)
LARGE = 12_000_000  # bytes
UNITS = [b"\0", b"a\0", b"\xff", b"\xff\n", b"<p>", b"<", b"<!--", b"&amp;", b"> x\r\n", b"\r\n", b"http://a "]


def read(kind, body):
    channel = Email(AccountView(1, "support", {"address": "support@desk.example"}, "support@desk.example"))
    return channel.parse(RawMessage("x", HEAD.format(kind).encode() + body, datetime(2026, 5, 1, tzinfo=UTC)))


def calls(act):
    """How many functions are called, those that a search calls back and the steps of generators among them."""
    profile = cProfile.Profile()
    profile.runcall(act)
    return sum(entry.callcount for entry in profile.getstats())


def cost(act):
    """CPU seconds of this thread alone, the least of three times: other threads and the collector of garbage are not
    meant.
    """

    def once():
        before = time.thread_time()
        act()
        return time.thread_time() - before

    return max(0.02, min(once() for _ in range(3)))


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_reading_takes_a_bounded_number_of_steps(kind, unit):
    """Nothing is done for each character or line of all that was sent."""
    assert calls(lambda: read(kind, unit * (LARGE // len(unit)))) < LARGE // 4


def pictures(number):
    return "".join(f'<img src="data:image/png;base64,{base64.b64encode(b"%06d" % n).decode()}">' for n in range(number))


def test_pictures_written_as_data_cost_the_same_each():
    few, many = pictures(2_500), pictures(10_000)
    assert cost(lambda: html.sanitise(many)) / cost(lambda: html.sanitise(few)) < 10
    assert len(html.sanitise(few + few)[1]) == 2_500, "each once"


def test_more_pictures_than_files_are_made_of_are_attached_as_one():
    mail = read("text/html", f"<p>Hello</p>{pictures(20_000)}".encode())
    assert (
        [file.name for file in mail.files] == ["message.html"]
        and mail.text == "Hello"
        and "too heavy" in mail.remarks[0]
    )
    mail = read("text/html", f"<p>Hello</p>{pictures(html.MAX_PICTURES)}".encode())
    assert len(mail.files) == html.MAX_PICTURES and mail.html

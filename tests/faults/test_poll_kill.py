"""Killed while mail is fetched, and right after an answer was accepted: each mail is one message, each answer leaves
(TRUST D03, D05).
"""

import http.cookiejar
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.testing.processes import Served

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins/email"))  # for the IMAP servers of the e-mail tests

import servers  # noqa: E402

MAIL = (
    "From: %(token)s@customer.example\r\nTo: support@desk.example\r\nMessage-ID: "
    "<%(token)s@customer.example>\r\nSubject: Hello\r\n\r\n%(token)s\r\n"
)


@pytest.fixture(scope="module")
def imap(tmp_path_factory):
    with servers.pymap(tmp_path_factory.mktemp("pymap")) as port:
        yield port


@pytest.fixture
def mailbox(imap, desk, request):
    """Another mail program on a folder that the desk fetches from."""
    folder = re.sub(r"\W", "", request.node.name)
    settings = {
        "imap_host": "127.0.0.1",
        "imap_port": imap,
        "imap_security": "none",
        "imap_user": servers.USER,
        "imap_password": servers.PASSWORD,
    }
    with desk.runtime.uow() as inside:
        known = {"address": "support@desk.example", **desk.sending}
        accounts.update(inside, desk.account, settings={**known, **settings, "imap_folders": folder, "timeout": 5})
    with servers.signed_in(imap) as program:
        assert program.create(folder)[0] == "OK"
        yield lambda *numbers: [
            program.append(folder, None, None, (MAIL % {"token": f"ledger-{n}"}).encode()) for n in numbers
        ]


@pytest.mark.parametrize("step", ["poll.taken", "poll.committed"])
def test_killed_while_fetching(desk, mailbox, step):
    """Between the fetch and the commit, and between the commit and the next poll."""
    mailbox(1, 2, 3)
    desk.start(fail_point=step)
    desk.until(lambda: desk.process.poll() is not None)
    stored = desk.rows("SELECT count(*) FROM raw_message")[0][0]
    assert stored == (0 if step == "poll.taken" else 3)
    mailbox(4)
    desk.start()
    desk.until(lambda: len(desk.tokens()) == 4 and desk.drained())
    mailbox(5)
    desk.until(lambda: len(desk.tokens()) == 5)
    assert desk.tokens() == [f"ledger-{n}" for n in range(1, 6)], "once, in order"
    assert desk.rows("SELECT count(*) FROM raw_message") == [(5,)]


def test_two_workers_fetch_from_one_mailbox(desk, mailbox):
    """Both see everything; the database knows what it has (TRUST D15)."""
    mailbox(*range(1, 6))
    desk.start()
    desk.another()
    for number in range(6, 12):
        mailbox(number)
    desk.until(lambda: len(desk.tokens()) >= 11 and desk.drained())
    mailbox(12)
    desk.until(lambda: len(desk.tokens()) >= 12)
    assert desk.tokens() == [f"ledger-{n}" for n in range(1, 13)], "once, in order"
    assert desk.rows("SELECT count(*) FROM raw_message") == [(12,)]


class Browser:
    """An agent's browser, signed in."""

    def __init__(self, web: Served, cookie: str):
        self.base = f"http://127.0.0.1:{web.port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        request = urllib.request.Request(f"{self.base}/me", headers={"Cookie": cookie})
        page = self.opener.open(request, timeout=10).read().decode()
        self.csrf = page.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]

    def post(self, path: str, **form) -> None:
        data = urllib.parse.urlencode({**form, "csrf_token": self.csrf}).encode()
        self.opener.open(f"{self.base}{path}", data, timeout=10).read()


def by_console(web, desk, text: str) -> None:
    Browser(web, desk.cookie()).post("/tickets/1/replies", text=text)


def by_api(web, desk, text: str) -> None:
    headers = {"Authorization": f"Bearer {desk.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(
        f"http://127.0.0.1:{web.port}/api/v1/tickets/1/replies", b'{"text": "%s"}' % text.encode(), headers
    )
    urllib.request.urlopen(request, timeout=10).read()


@pytest.mark.parametrize("way", [by_console, by_api])
def test_a_reply_leaves_although_the_desk_died_right_after_taking_it(desk, world, way):
    desk.start()
    assert desk.send("ledger-1")
    desk.until(lambda: desk.rows("SELECT state FROM delivery") == [("sent",)])  # the first word back
    desk.kill()
    web = desk.web(HELPDESK_FAIL_POINT="reply.committed")
    try:
        with pytest.raises(OSError):
            way(web, desk, "On its way")
        assert web.process.wait(10) == -9
    finally:
        web.kill()
    assert desk.rows("SELECT state FROM delivery ORDER BY id") == [("sent",), ("queued",)]
    desk.change("UPDATE delivery SET due_at = created_at")  # the time to change one's mind is over
    desk.start()
    desk.until(lambda: len(world.received) == 2)
    assert b"On its way" in world.received[1][1]
    desk.until(lambda: desk.rows("SELECT state FROM delivery ORDER BY id") == [("sent",), ("sent",)])

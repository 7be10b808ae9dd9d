"""The desk's own mail server, spoken to by Python's SMTP and LMTP clients and by hand."""

import logging
import os
import re
import smtplib
import socket
import subprocess
import sys
import textwrap
import threading
from contextlib import closing, contextmanager

import pytest
import servers

from helpdesk.core.channels.types import AccountView
from helpdesk.core.errors import Misconfigured
from plugins.email import listener
from plugins.email.channel import Email

MAIL = "Subject: سلام\r\n\r\nمتن\r\n..\r\n.\r\n".encode()


class Intake:
    """The desk's side: three accounts, and what was taken; ``refuses`` names accounts whose raw messages cannot be
    stored.
    """

    def __init__(self):
        self.taken: list = []
        self.refuses: set[int] = set()
        self.away = False
        self.views = [
            AccountView(1, "support", {"address": "support@desk.example", "listen": True}, "support@desk.example"),
            AccountView(2, "sales", {"address": "Sales@desk.example", "listen": True}, "sales@desk.example"),
            AccountView(3, "quiet", {"address": "quiet@desk.example", "listen": False}, "quiet@desk.example"),
        ]

    def accounts(self):
        if self.away:
            raise RuntimeError("database canary-91c is away")
        return self.views

    def take(self, account_id, raw_message):
        if account_id in self.refuses:
            raise OSError(28, "canary-91c: no space left on device")
        self.taken.append((account_id, raw_message))


@pytest.fixture
def intake(monkeypatch):
    monkeypatch.setenv("HELPDESK_SMTP_PORT", str(servers.free_port()))
    intake = Intake()
    stop = Email.listen(intake.accounts, intake.take)
    yield intake
    stop()


@contextmanager
def client(kind=smtplib.SMTP):
    with kind("127.0.0.1", int(os.environ["HELPDESK_SMTP_PORT"]), timeout=10) as talking:
        yield talking


def test_a_mail_is_stored_with_where_it_came_from(intake):
    with client() as talking:
        talking.sendmail("ali@example.com", ["support@desk.example"], MAIL)
    ((account, raw_message),) = intake.taken
    assert account == 1 and re.fullmatch("[0-9a-f]{32}", raw_message.external_id) and raw_message.at.tzinfo
    head, body = raw_message.raw.split(b"Subject:")
    assert head.startswith(b"Return-Path: <ali@example.com>\r\nDelivered-To: support@desk.example\r\nReceived: from ")
    assert b" id " + raw_message.external_id.encode() in head
    assert b"Subject:" + body == MAIL, "dots and bytes come as they were sent"


def test_plus_addresses_keep_their_token_whatever_the_case(intake):
    with client() as talking:
        talking.sendmail("ali@example.com", ["SUPPORT+T1-2-abc@Desk.Example", "sales@desk.example"], MAIL)
    assert [account for account, _ in intake.taken] == [1, 2]
    assert b"Delivered-To: SUPPORT+T1-2-abc@Desk.Example\r\n" in intake.taken[0][1].raw
    assert b"Delivered-To: sales@desk.example\r\n" in intake.taken[1][1].raw
    assert b"sales@" not in intake.taken[0][1].raw.split(b"Subject")[0]


def test_two_addresses_of_one_account_are_one_mail(intake):
    with client() as talking:
        talking.sendmail("ali@example.com", ["support@desk.example", "support+x@desk.example"], MAIL)
    ((_, raw_message),) = intake.taken
    assert raw_message.raw.count(b"Delivered-To:") == 2


@pytest.mark.parametrize(
    "address",
    [
        "nobody@desk.example",
        "support@other.example",
        "quiet@desk.example",
        "support@desk.example.evil",
        "+@desk.example",
        "xsupport@desk.example",
    ],
)
def test_nobody_else_is_known_here(intake, address):
    with client() as talking, pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        talking.sendmail("ali@example.com", [address], MAIL)
    assert [code for code, _ in caught.value.recipients.values()] == [550]
    assert not intake.taken


def test_an_account_added_now_is_known_now(intake):
    intake.views.append(AccountView(4, "new", {"listen": True}, "new@desk.example"))
    with client() as talking:
        talking.sendmail("ali@example.com", ["new@desk.example"], MAIL)
    assert [account for account, _ in intake.taken] == [4]


def test_what_cannot_be_stored_is_refused_for_now(intake):
    intake.refuses = {1}
    with client() as talking, pytest.raises(smtplib.SMTPDataError) as caught:
        talking.sendmail("ali@example.com", ["sales@desk.example", "support@desk.example"], MAIL)
    assert caught.value.smtp_code == 451 and b"canary" not in caught.value.smtp_error
    intake.refuses = set()
    with client() as talking:
        talking.sendmail("ali@example.com", ["sales@desk.example", "support@desk.example"], MAIL)
    assert 1 in [account for account, _ in intake.taken]


def test_a_desk_that_is_away_refuses_for_now(intake):
    with client() as talking:
        intake.away = True
        talking.ehlo()
        talking.mail("ali@example.com")
        code, text = talking.rcpt("support@desk.example")
        assert code == 451 and b"canary" not in text
        intake.away = False
        assert talking.rcpt("support@desk.example")[0] == 250
        intake.away = True
        assert talking.data(MAIL)[0] == 451


def test_lmtp_answers_for_each_recipient(intake):
    intake.refuses = {2}
    with client(smtplib.LMTP) as talking:
        talking.ehlo()
        talking.mail("ali@example.com")
        recipients = ["support@desk.example", "sales@desk.example", "support+x@desk.example"]
        assert [talking.rcpt(address)[0] for address in recipients] == [250] * 3
        assert talking.rcpt("nobody@desk.example")[0] == 550
        talking.putcmd("data")
        assert talking.getreply()[0] == 354
        talking.send(MAIL.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        assert [talking.getreply()[0] for _ in recipients] == [250, 451, 250]
        talking.mail("ali@example.com")
        assert talking.rcpt("support@desk.example")[0] == 250, "and is ready for the next"
    assert [account for account, _ in intake.taken] == [1]
    assert b" with LMTP\r\n" in intake.taken[0][1].raw


def test_smtp_after_lmtp_on_the_same_port(intake):
    for kind in (smtplib.LMTP, smtplib.SMTP, smtplib.LMTP):
        with client(kind) as talking:
            talking.sendmail("ali@example.com", ["support@desk.example"], MAIL)
    assert len(intake.taken) == 3


def test_old_programs_that_say_helo(intake):
    with client() as talking:
        talking.helo("old")
        talking.sendmail("ali@example.com", ["support@desk.example"], b"Subject: x\r\n\r\ny\r\n")
    assert len(intake.taken) == 1


def test_bounces_have_no_sender(intake):
    with client() as talking:
        talking.sendmail("", ["support@desk.example"], MAIL)
    assert intake.taken[0][1].raw.startswith(b"Return-Path: <>\r\n")


def test_addresses_in_other_letters(intake):
    with client() as talking:
        talking.sendmail("علی@example.com", ["support@desk.example"], MAIL, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    assert intake.taken[0][1].raw.startswith("Return-Path: <علی@example.com>\r\n".encode())


def test_lines_of_real_html_mail_are_taken(intake):
    body = b"Subject: x\r\n\r\n" + b"<p>" * 100_000 + b"\r\n" + bytes(range(128, 256)) + b"\r\n"
    with client() as talking:
        talking.sendmail("ali@example.com", ["support@desk.example"], body)
    assert intake.taken[0][1].raw.endswith(body)


def test_a_mail_that_is_too_large_is_refused(intake, monkeypatch):
    with client() as talking:
        talking.ehlo()
        assert talking.esmtp_features["size"] == str(listener.LARGEST)
        assert talking.docmd("MAIL", f"FROM:<ali@example.com> SIZE={listener.LARGEST + 1}")[0] == 552
    assert not intake.taken


def test_too_large_without_saying_so(monkeypatch):
    monkeypatch.setenv("HELPDESK_SMTP_PORT", str(servers.free_port()))
    monkeypatch.setattr(listener, "LARGEST", 100_000)
    intake = Intake()
    stop = Email.listen(intake.accounts, intake.take)
    try:
        with client() as talking:
            talking.ehlo()
            talking.mail("ali@example.com")
            talking.rcpt("support@desk.example")
            assert talking.data(b"x" * 70 + b"\r\n" + b"y" * 200_000 + b"\r\n")[0] == 552
            talking.sendmail("ali@example.com", ["support@desk.example"], MAIL)
    finally:
        stop()
    assert len(intake.taken) == 1


def spoken(*parts: bytes) -> bytes:
    """Everything a server answers to raw bytes."""
    with socket.create_connection(("127.0.0.1", int(os.environ["HELPDESK_SMTP_PORT"])), timeout=5) as peer:
        answers = peer.recv(1000)
        for part in parts:
            peer.sendall(part)
        peer.shutdown(socket.SHUT_WR)
        while more := peer.recv(10_000):
            answers += more
        return answers


@pytest.mark.parametrize("end", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r"])
def test_only_a_proper_end_is_the_end(intake, end):
    """A second mail must not be smuggled in behind an end that only some servers know."""
    smuggled = (
        b"MAIL FROM:<admin@desk.example>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\nSubject: forged\r\n\r\nx\r\n.\r\n"
    )
    spoken(
        b"EHLO x\r\nMAIL FROM:<evil@example.com>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\n",
        b"Subject: x\r\n\r\nfirst" + end + smuggled + b"QUIT\r\n",
    )
    assert len(intake.taken) == 1 and intake.taken[0][1].raw.startswith(b"Return-Path: <evil@example.com>")


@pytest.mark.parametrize("said", [b"x\rX-Evil: 1", b"x\x00y", b"(x)<y>", b"x y", "پ".encode(), b"\xff\xfe"])
def test_what_strangers_say_adds_no_header(intake, said):
    spoken(
        b"EHLO " + said + b"\r\nMAIL FROM:<a" + said + b"@example.com>\r\n",
        b"MAIL FROM:<ali@example.com>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\n",
        MAIL.replace(b"\r\n.", b"\r\n..") + b".\r\nQUIT\r\n",
    )
    for _, raw_message in intake.taken:
        head = raw_message.raw.split(b"Subject:")[0]
        assert not re.search(rb"\r(?!\n)|\x00", head)
        assert [row.split(b":")[0] for row in head.splitlines() if row[:1] != b" "] == [
            b"Return-Path",
            b"Delivered-To",
            b"Received",
        ]


@pytest.mark.parametrize(
    "noise",
    [
        b"\x00" * 5000 + b"\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"A" * 3_000_000 + b"\r\n",
        b"\xff\xfb\r\n",
        b"DATA\r\n.\r\n",
        b"EHLO\r\nRCPT TO:<support@desk.example>\r\n",
        b"EHLO x\r\nMAIL FROM:<\r\nRCPT TO:\r\n",
    ],
)
def test_noise_gets_an_error_and_nothing_else(intake, noise):
    with closing(socket.create_connection(("127.0.0.1", int(os.environ["HELPDESK_SMTP_PORT"])), timeout=5)) as peer:
        peer.recv(1000)
        peer.sendall(noise)
        assert re.match(rb"(\d{3}[ -]|$)", peer.recv(1000))
    with client() as talking:
        talking.sendmail("ali@example.com", ["support@desk.example"], MAIL)
    assert len(intake.taken) == 1


def test_a_connection_lost_in_the_middle_stores_nothing(intake):
    spoken(b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\n", b"Subject: half")
    assert not intake.taken


def test_many_at_once(intake):
    def send(number):
        with client() as talking:
            for _ in range(10):
                talking.sendmail(f"c{number}@example.com", ["support@desk.example"], MAIL)

    senders = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    [sender.start() for sender in senders]
    [sender.join() for sender in senders]
    assert len({raw_message.external_id for _, raw_message in intake.taken}) == 80


def test_nobodys_words_are_logged(intake, caplog):
    with caplog.at_level(logging.INFO), client() as talking:
        talking.sendmail("canary@example.com", ["support@desk.example"], b"Subject: canary\r\n\r\ncanary\r\n")
    assert "canary" not in caplog.text


def test_a_taken_port_is_named(monkeypatch):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        monkeypatch.setenv("HELPDESK_SMTP_PORT", str(taken.getsockname()[1]))
        with pytest.raises(Misconfigured, match=f"{taken.getsockname()[1]}.*HELPDESK_SMTP_PORT"):
            Email.listen(list, print)


@pytest.mark.parametrize("value", ["", "smtp", "0", "70000", "-1", "۲۵"])
def test_a_port_that_is_none_is_named(monkeypatch, value):
    monkeypatch.setenv("HELPDESK_SMTP_PORT", value)
    with pytest.raises(Misconfigured, match="HELPDESK_SMTP_PORT"):
        Email.listen(list, print)


def test_it_stops_and_the_port_is_free_again(monkeypatch):
    monkeypatch.setenv("HELPDESK_SMTP_PORT", str(servers.free_port()))
    for _ in range(2):
        stop = Email.listen(list, print)
        with client() as talking:
            talking.noop()
        stop()


def test_it_works_beside_gevent(tmp_path):
    """As in the running desk: patched, with the event loop in a greenlet, nobody else standing still."""
    program = textwrap.dedent(
        f"""
        from gevent import monkey; monkey.patch_all()
        import os, smtplib, threading, time
        os.environ["HELPDESK_SMTP_PORT"] = "{servers.free_port()}"
        from helpdesk.core.channels.types import AccountView
        from plugins.email.listener import listen
        taken, ticks, going = [], [], [True]
        def take(account, raw_message):
            time.sleep(0.02); taken.append(raw_message)
        def tick():
            while going:
                ticks.append(time.monotonic()); time.sleep(0.005)
        stop = listen(lambda: [AccountView(1, "a", {{}}, "a@b.c")], take)
        ticker = threading.Thread(target=tick); ticker.start()
        def send():
            with smtplib.SMTP("127.0.0.1", int(os.environ["HELPDESK_SMTP_PORT"])) as client:
                for _ in range(10): client.sendmail("x@y.z", ["a@b.c"], b"Subject: x\\r\\n\\r\\ny\\r\\n")
        senders = [threading.Thread(target=send) for _ in range(4)]
        [s.start() for s in senders]; [s.join() for s in senders]
        going.clear(); ticker.join(); stop()
        print(len(taken), max(b - a for a, b in zip(ticks, ticks[1:])))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    count, stall = done.stdout.split()
    assert count == "40" and float(stall) < 0.5


def megabytes(number: int) -> bytes:
    return (b"x" * 998 + b"\r\n") * (number * 1000)


def test_each_account_takes_as_much_as_its_settings_say(intake):
    support, sales, _quiet = intake.views
    support.settings["largest_megabytes"], sales.settings["largest_megabytes"] = 1, 3
    with client() as talking:
        talking.ehlo()
        assert talking.esmtp_features["size"] == "50000000", "the third account says nothing"
        code, sentence = talking.docmd("MAIL", "FROM:<ali@example.com> SIZE=50000001")
        assert code == 552 and b"larger than the 50 MB" in sentence
        with pytest.raises(smtplib.SMTPDataError, match="552.*larger than the 1 MB"):
            talking.sendmail("ali@example.com", ["support@desk.example"], megabytes(2))
        talking.sendmail("ali@example.com", ["sales@desk.example"], megabytes(2))
    assert [account for account, _raw_message in intake.taken] == [2]


def test_by_lmtp_each_recipient_hears_that_it_is_too_large(intake):
    for view in intake.views:
        view.settings["largest_megabytes"] = 1
    with client(smtplib.LMTP) as talking:
        talking.ehlo()
        for big in (b"x" * 70 + b"\r\n" + megabytes(2), b"y" * 1_500_000 + b"\r\n"):
            talking.mail("ali@example.com")
            talking.rcpt("support@desk.example")
            talking.rcpt("sales@desk.example")
            first = talking.data(big)[0]
            assert first == talking.getreply()[0] and first in (500, 552)
        assert talking.noop()[0] == 250, "nothing is left over of the answers"


def test_who_is_to_come_later_wins_over_who_is_refused(intake):
    intake.views[0].settings["largest_megabytes"], intake.refuses = 1, {2}
    with client() as talking, pytest.raises(smtplib.SMTPDataError) as caught:
        talking.sendmail("ali@example.com", ["support@desk.example", "sales@desk.example"], megabytes(2))
    assert caught.value.smtp_code == 451


def test_a_domain_in_its_own_letters_and_in_ascii_is_the_same(intake):
    intake.views.append(AccountView(4, "iran", {"listen": True}, "support@مثال.ایران"))
    with client() as talking:
        talking.sendmail("ali@example.com", ["support@xn--mgbh0fb.xn--mgba3a4f16a"], MAIL)
    assert [account for account, _raw_message in intake.taken] == [4]

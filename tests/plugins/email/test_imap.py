"""Fetching, from pymap and from Dovecot alike, and from servers that misbehave in every way we could think of."""

import itertools
import socket
import threading
import time
from contextlib import closing, contextmanager

import pytest
import servers

from helpdesk.core.channels.types import AccountView
from helpdesk.core.errors import Malformed, Misconfigured, TryAgain
from plugins.email import imap
from plugins.email.channel import Email
from plugins.email.placeholders import BEGINNING

fresh = itertools.count(1)


@pytest.fixture(scope="module", params=["pymap", "dovecot"])
def port(request, tmp_path_factory):
    if request.param == "dovecot" and not servers.DOVECOT:
        pytest.skip("Dovecot is not installed")
    with getattr(servers, request.param)(tmp_path_factory.mktemp(request.param)) as port:
        yield port


@pytest.fixture
def program(port):
    """Another mail program on the same mailbox."""
    with servers.signed_in(port) as client:
        yield client


@pytest.fixture
def folder(program):
    name = f"Folder{next(fresh)}"
    assert program.create(name)[0] == "OK"
    return name


def settings(port: int, **changes) -> dict:
    base = {
        "address": "support@desk.example",
        "imap_host": "127.0.0.1",
        "imap_port": port,
        "imap_security": "none",
        "timeout": 5,
    }
    return {**base, "imap_user": servers.USER, "imap_password": servers.PASSWORD, **changes}


@contextmanager
def account(port: int, **changes):
    channel = Email(AccountView(1, "support", settings(port, **changes), "support@desk.example"))
    with closing(channel):
        yield channel


def mail(number: int, size: int = 0) -> bytes:
    return b"Message-ID: <%d@x>\r\nSubject: %d\r\n\r\nhello\r\n%s" % (number, number, b"x" * 70 * (size // 70))


def put(program, folder: str, *numbers: int, flags=None) -> None:
    for number in numbers:
        assert program.append(folder, flags, None, mail(number))[0] == "OK"


def numbers(raw_messages) -> list[int]:
    return [int(raw_message.raw.split(b"<")[1].split(b"@")[0]) for raw_message in raw_messages]


def everything(channel, cursor=None) -> tuple[list, dict]:
    """Poll until nothing comes any more."""
    cursor, found = cursor or {}, []
    while True:
        raw_messages, cursor = channel.poll(cursor, 0)
        if not raw_messages:
            return found, cursor
        found += raw_messages


def test_the_backlog_comes_oldest_first_and_once(port, program, folder):
    put(program, folder, *range(1, 61))
    with account(port, imap_folders=folder) as channel:
        first, cursor = channel.poll({}, 0)
        assert numbers(first) == list(range(1, 51))
        rest, cursor = everything(channel, cursor)
        assert numbers(rest) == list(range(51, 61))
    assert len({raw_message.external_id for raw_message in first + rest}) == 60
    assert [raw_message.raw for raw_message in first] == [mail(number) for number in range(1, 51)]
    validity = cursor[folder]["uidvalidity"]
    assert first[0].external_id.startswith(f"{folder}:{validity}:") and first[0].at.tzinfo
    with account(port, imap_folders=folder) as channel:
        assert channel.poll(cursor, 0) == ([], cursor)


def test_what_other_programs_read_or_delete_does_not_matter(port, program, folder):
    put(program, folder, 1, 2, flags="\\Seen")
    put(program, folder, 3, 4, 5)
    program.select(folder)
    program.store("1:4", "+FLAGS", "\\Seen")
    program.store("2", "+FLAGS", "\\Deleted")
    program.expunge()
    with account(port, imap_folders=folder) as channel:
        found, cursor = everything(channel)
        assert numbers(found) == [1, 3, 4, 5]
        program.store("1:4", "-FLAGS", "\\Seen")
        put(program, folder, 6)
        assert numbers(everything(channel, cursor)[0]) == [6]
    program.select(folder)
    assert b"\\Seen" not in b"".join(program.fetch("1:*", "(FLAGS)")[1]), "we touched the flags"


def test_only_what_comes_from_now_on(port, program, folder):
    put(program, folder, 1, 2)
    with account(port, imap_folders=folder, imap_from="new") as channel:
        raw_messages, cursor = channel.poll({}, 0)
        assert raw_messages == []
        put(program, folder, 3)
        assert numbers(channel.poll(cursor, 0)[0]) == [3]
    with account(port, imap_folders=folder, imap_from="new") as channel:
        assert numbers(channel.poll(cursor, 0)[0]) == [3], "the cursor says where we were, not the setting"


def test_news_end_the_waiting(port, program):
    with account(port) as channel:
        _, cursor = everything(channel)
        put(program, "INBOX", 99)
        raw_messages, cursor = channel.poll(cursor, 5)
        assert numbers(raw_messages) == [99], "came before the waiting began"
        took = []
        for number in (100, 101, 102):
            sent = []
            other = threading.Timer(0.2, lambda: (sent.append(time.monotonic()), put(program, "INBOX", number)))
            other.start()
            raw_messages, cursor = channel.poll(cursor, 10)
            took.append(time.monotonic() - sent[0])
            other.join()
            assert numbers(raw_messages) == [number]
        assert min(took) < 1.5 and max(took) < 3, took


def test_waiting_ends_by_itself(port, program, folder):
    with account(port, imap_folders=folder) as channel:
        began = time.monotonic()
        assert channel.poll({}, 0.5)[0] == []
        assert 0.4 < time.monotonic() - began < 6


def test_hanging_up_ends_the_waiting(port, program, folder):
    with account(port, imap_folders=folder) as channel:
        began = time.monotonic()
        threading.Timer(0.3, channel.close).start()
        assert channel.poll({}, 20)[0] == []
        assert time.monotonic() - began < 3


def test_a_folder_that_begins_anew_is_read_anew(port, program, folder):
    put(program, folder, 1, 2)
    with account(port, imap_folders=folder) as channel:
        first, cursor = everything(channel)
        program.delete(folder)
        time.sleep(1.1)  # Dovecot takes the second as UIDVALIDITY
        program.create(folder)
        put(program, folder, 2, 3)
        second, cursor = everything(channel, cursor)
        assert numbers(second) == [2, 3]
        assert not {p.external_id for p in first} & {p.external_id for p in second}


def test_several_folders_each_with_its_own_place(port, program, folder):
    other = folder + "b"
    program.create(other)
    put(program, folder, *range(1, 29))
    put(program, other, 50, 51)
    with account(port, imap_folders=f"{folder}, {other}") as channel:
        first, cursor = channel.poll({}, 0)
        assert {50, 51} < set(numbers(first)), "a full folder does not hold up the next"
        rest, cursor = everything(channel, cursor)
        assert sorted(numbers(first + rest)) == [*range(1, 29), 50, 51]
        put(program, other, 52)
        assert numbers(channel.poll(cursor, 0)[0]) == [52]


def test_news_in_other_folders_end_the_waiting_too(port, program, folder):
    others = [folder + "b", folder + "c", folder + "d"]
    for other in others:
        program.create(other)
    with account(port, imap_folders=",".join([folder, *others])) as channel:
        _, cursor = everything(channel)
        assert channel.poll(cursor, 20)[0] == [], "the watching has only begun"
        for number, where in enumerate([others[0], others[1], folder, others[0]], 1):
            other = threading.Timer(0.2, put, (program, where, number))
            began = time.monotonic()
            other.start()
            raw_messages, cursor = channel.poll(cursor, 20)
            assert numbers(raw_messages) == [number] and time.monotonic() - began < 4, where
            other.join()
        assert len(channel.reader.watchers) == 2, "the fourth folder is asked at each poll"


def test_hanging_up_leaves_no_connection_behind(port, program, folder):
    program.create(folder + "b")
    with account(port, imap_folders=f"{folder},{folder}b") as channel:
        _, cursor = everything(channel)
        channel.poll(cursor, 20)
        sockets = [one.client.sock for one in (channel.reader.connection, *channel.reader.watchers)]
        began = time.monotonic()
        threading.Timer(0.3, channel.close).start()
        channel.poll(cursor, 20)
        assert time.monotonic() - began < 3 and len(sockets) == 2
    channel.reader._drop()
    assert all(one.fileno() == -1 for one in sockets)


def test_a_folder_in_persian(port, program):
    program.create('"&BiUGzAZFBswGRA-"')
    put(program, '"&BiUGzAZFBswGRA-"', 1)
    with account(port, imap_folders="إیمیل") as channel:
        assert numbers(everything(channel)[0]) == [1]


def test_a_missing_folder_is_named_and_does_not_stop_the_others(port, program, folder):
    put(program, folder, 1)
    with account(port, imap_folders=f"{folder},Nowhere") as channel:
        raw_messages, cursor = channel.poll({}, 0)
        assert numbers(raw_messages) == [1]
        with pytest.raises(Misconfigured, match="Nowhere"):
            channel.poll(cursor, 0)
        put(program, folder, 2)
        assert numbers(channel.poll(cursor, 0)[0]) == [2]


def test_a_wrong_password_is_said(port):
    with account(port, imap_password="canary-5e1") as channel:
        with pytest.raises(Misconfigured, match="user name or password") as caught:
            channel.poll({}, 0)
        assert "canary-5e1" not in str(caught.value)
        assert "expected" not in str(caught.value), "the library's words around the server's answer"
        assert not list(channel.check())[0].ok and "user name or password" in list(channel.check())[0].sentence


def test_the_test_button(port, folder):
    with account(port, imap_folders=folder) as channel:
        assert [step.ok for step in list(channel.check())] == [True, True]
    with account(port, imap_folders="Nowhere") as channel:
        assert not list(channel.check())[0].ok and "Nowhere" in str(list(channel.check())[0].values)
    with account(servers.free_port()) as channel:
        fetching, sending = list(channel.check())
        assert not fetching.ok and "does not answer" in fetching.sentence and sending.ok, (
            "one failure stops no other step"
        )


def test_too_large_a_message_comes_with_its_beginning(port, program, folder):
    put(program, folder, 1)
    assert program.append(folder, None, None, mail(2, 1_500_000))[0] == "OK"
    put(program, folder, 3)
    with account(port, imap_folders=folder, largest_megabytes=1) as channel:
        found, _ = everything(channel)
    assert numbers(found) == [1, 2, 3]
    marked = found[1].raw
    assert marked.startswith(b"X-Hamdel-Oversize: 15") and len(marked) < BEGINNING + 100
    mime = pytest.importorskip("plugins.email.mime")
    if mime.parse(mail(1), []):
        assert "larger than" in channel.parse(found[1]).remarks[0]


def test_many_bytes_are_several_polls(port, program, folder, monkeypatch):
    monkeypatch.setattr(imap, "BYTES", 1000)
    for number in (1, 2, 3):
        program.append(folder, None, None, mail(number, 700))
    with account(port, imap_folders=folder) as channel:
        first, cursor = channel.poll({}, 0)
        assert numbers(first) == [1]
        assert numbers(everything(channel, cursor)[0]) == [2, 3]


def test_gaps_between_numbers_are_crossed(port, program, folder, monkeypatch):
    monkeypatch.setattr(imap, "WINDOW", 2)
    put(program, folder, *range(1, 11))
    program.select(folder)
    program.store("2:9", "+FLAGS", "\\Deleted")
    program.expunge()
    with account(port, imap_folders=folder) as channel:
        assert numbers(everything(channel)[0]) == [1, 10]


def test_a_second_account_is_not_held_up(port, program, folder):
    put(program, folder, 1)
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as silent,
        account(silent.getsockname()[1], timeout=4) as stuck,
    ):
        waiting = threading.Thread(target=lambda: pytest.raises(TryAgain, stuck.poll, {}, 0))
        waiting.start()
        with account(port, imap_folders=folder) as channel:
            began = time.monotonic()
            assert numbers(channel.poll({}, 0)[0]) == [1]
            assert time.monotonic() - began < 2
    waiting.join()


def test_a_connection_that_died_between_polls_is_replaced(port, program, folder):
    put(program, folder, 1)
    with account(port, imap_folders=folder) as channel:
        _, cursor = everything(channel)
        channel.reader.connection.client.sock.shutdown(socket.SHUT_RDWR)
        put(program, folder, 2)
        assert numbers(channel.poll(cursor, 0)[0]) == [2]


# Servers that misbehave ----------------------------------------------------------------------------------------------


class Broken:
    """A server in raw bytes: ``{uid: message}`` and a function that may answer a FETCH of bodies in its own way."""

    def __init__(
        self,
        mails: dict[int, bytes],
        misbehave=lambda server, uid: None,
        validity=7,
        following=None,
        greeting=b"* OK hi\r\n",
        tls=None,
    ):
        self.mails, self.misbehave, self.validity, self.following, self.greeting = (
            mails,
            misbehave,
            validity,
            following,
            greeting,
        )
        self.tls = tls
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.commands: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer):
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            try:
                peer = self.tls.wrap_socket(peer, server_side=True)
            except OSError:
                return
        with peer, peer.makefile("rwb") as self.file:
            try:
                self.say(self.greeting)
                for row in self.file:
                    tag, _, command = row.decode().strip().partition(" ")
                    self.commands.append(command)
                    self._answer(tag.encode(), command)
            except (OSError, ValueError):
                pass

    def say(self, text: bytes) -> None:
        self.file.write(text)
        self.file.flush()

    def _answer(self, tag: bytes, command: str) -> None:
        if command.startswith("CAPABILITY"):
            self.say(b"* CAPABILITY IMAP4rev1\r\n")
        elif command.startswith("EXAMINE"):
            following = self.following or max(self.mails, default=0) + 1
            self.say(
                b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n* OK [UIDNEXT %d] x\r\n"
                % (len(self.mails), self.validity, following)
            )
        elif command.startswith("UID FETCH"):
            low, wanted = command.split(" ", 3)[2:]
            for place, uid in enumerate(self._uids(low), 1):
                if "SIZE" in wanted:
                    self.say(b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (place, uid, len(self.mails[uid])))
                elif not self.misbehave(self, uid):
                    self.say(
                        b"* %d FETCH (FLAGS (\\Recent) UID %d BODY[] {%d}\r\n%s)\r\n"
                        % (place, uid, len(self.mails[uid]), self.mails[uid])
                    )
        self.say(tag + b" OK done\r\n")

    def _uids(self, given: str) -> list[int]:
        if ":" not in given:
            return [int(uid) for uid in given.split(",") if int(uid) in self.mails]
        low, high = given.split(":")
        high = max(self.mails, default=0) if high == "*" else int(high)
        return [uid for uid in sorted(self.mails) if int(low) <= uid <= high or (given.endswith("*") and uid == high)]


class Idling(Broken):
    """Tells the news in the same breath as its answer to IDLE."""

    def _answer(self, tag, command):
        if command.startswith("CAPABILITY"):
            self.say(b"* CAPABILITY IMAP4rev1 IDLE\r\n" + tag + b" OK done\r\n")
        elif command == "IDLE":
            self.mails[len(self.mails) + 1] = mail(len(self.mails) + 1)
            self.idle = tag
            self.say(b"+ idling\r\n* %d EXISTS\r\n" % len(self.mails))
        elif tag == b"DONE":
            self.say(self.idle + b" OK done\r\n")
        else:
            super()._answer(tag, command)


@pytest.mark.parametrize("security", ["none", "tls"])
def test_news_that_come_together_with_idle_are_not_missed(security, certificate, monkeypatch):
    file, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    began = time.monotonic()
    with Idling({1: mail(1)}, tls=context if security == "tls" else None) as server:
        with account(
            server.port, imap_security=security, imap_host="localhost" if security == "tls" else "127.0.0.1"
        ) as channel:
            _, cursor = everything(channel)
            for number in (2, 3, 4):
                raw_messages, cursor = channel.poll(cursor, 10)
                assert numbers(raw_messages) == [number]
    assert time.monotonic() - began < 5


def test_a_certificate_that_is_not_trusted(certificate):
    with (
        Broken({1: mail(1)}, tls=certificate[1]) as server,
        account(server.port, imap_security="tls", imap_host="localhost") as channel,
    ):
        with pytest.raises(Misconfigured, match="certificate of localhost"):
            channel.poll({}, 0)


def bye(server, uid):
    server.say(b"* BYE going down\r\n")
    server.file.close()
    raise OSError


def short(server, uid):
    server.say(b"* 1 FETCH (UID %d BODY[] {5000}\r\nonly this" % uid)
    server.file.close()
    raise OSError


def nil(server, uid):
    server.say(b"* 1 FETCH (UID %d BODY[] NIL)\r\n" % uid)
    return True


def endless(server, uid):
    server.say(b"* 1 FETCH (UID %d BODY[] %s" % (uid, b"x" * 30_000_000))
    raise OSError


def huge(server, uid):
    server.say(b"* 1 FETCH (UID %d BODY[] {99999999999}\r\n" % uid)
    time.sleep(0.1)
    raise OSError


def patiently(channel, cursor=None, polls=60) -> tuple[list, dict]:
    """As the desk does it: poll again after every passing fault."""
    cursor, found = cursor or {}, []
    for _ in range(polls):
        try:
            raw_messages, cursor = channel.poll(cursor, 0)
        except TryAgain:
            continue
        if not raw_messages:
            return found, cursor
        found += raw_messages
    raise AssertionError("it never came to an end")


@pytest.mark.parametrize("fault", [bye, short, nil, endless, huge])
def test_one_poisoned_message_does_not_stop_the_rest(fault):
    mails = {uid: mail(uid) for uid in range(1, 13)}
    with (
        Broken(mails, lambda server, uid: fault(server, uid) if uid == 7 else None) as server,
        account(server.port) as channel,
    ):
        found, cursor = patiently(channel)
    assert [int(raw_message.external_id.rsplit(":")[-1]) for raw_message in found] == list(range(1, 13))
    assert cursor == {"INBOX": {"uidvalidity": 7, "uid": 12}}
    poisoned = found.pop(6)
    assert numbers(found) == [uid for uid in range(1, 13) if uid != 7]
    with pytest.raises(Malformed, match="INBOX.*7"):
        channel.parse(poisoned)


@pytest.mark.parametrize("fault", [bye, short, nil])
def test_a_fault_that_passes_loses_nothing(fault):
    moods = iter([True, True])
    with Broken(
        {uid: mail(uid) for uid in range(1, 13)},
        lambda server, uid: fault(server, uid) if uid == 7 and next(moods, False) else None,
    ) as server:
        with account(server.port) as channel:
            assert numbers(patiently(channel)[0]) == list(range(1, 13))


def test_what_vanishes_while_we_read_is_left_out():
    with (
        Broken({uid: mail(uid) for uid in (1, 2, 3)}, lambda server, uid: uid == 2) as server,
        account(server.port) as channel,
    ):
        assert numbers(everything(channel)[0]) == [1, 3]


def test_only_ranges_and_peeks_are_asked_for():
    with Broken({uid: mail(uid) for uid in (1, 2, 4_000_000)}) as server, account(server.port) as channel:
        assert len(everything(channel)[0]) == 3
    asked = " ".join(server.commands)
    assert (
        "BODY.PEEK[]" in asked
        and "SELECT" not in asked
        and "STORE" not in asked
        and "SEARCH" not in asked
        and "BODY[" not in asked
    )


def test_quoted_bodies_and_no_next_number():
    def quoted(server, uid):
        server.say(b'* 1 FETCH (BODY[] "Message-ID: <%d@x> \\"q\\"" UID %d)\r\n' % (uid, uid))
        return True

    with Broken({3: b"x", 5: b"x"}, quoted) as server, account(server.port) as channel:
        found, _ = everything(channel)
    assert [raw_message.raw for raw_message in found] == [b'Message-ID: <3@x> "q"', b'Message-ID: <5@x> "q"']


def test_numbers_that_go_back_under_the_same_validity_are_read_again():
    with Broken({uid: mail(uid) for uid in (1, 2, 3, 4)}) as server, account(server.port) as channel:
        first, cursor = everything(channel)
        server.mails = {1: mail(11), 2: mail(12)}
        second, cursor = everything(channel, cursor)
        assert numbers(second) == [11, 12]
        assert not {p.external_id for p in first} & {p.external_id for p in second}
        assert everything(channel, cursor)[0] == []


@pytest.mark.parametrize("greeting", [b"* BYE too busy\r\n", b"220 smtp\r\n", b"", b"\x00" * 100 + b"\r\n"])
def test_a_server_that_is_none_is_tried_again(greeting):
    with Broken({}, greeting=greeting) as server, account(server.port, timeout=0.5) as channel, pytest.raises(TryAgain):
        channel.poll({}, 0)


def test_a_login_refused_for_now_is_tried_again():
    class Busy(Broken):
        def _answer(self, tag, command):
            if command.startswith("LOGIN"):
                self.say(tag + b" NO [UNAVAILABLE] Temporary authentication failure\r\n")
            else:
                super()._answer(tag, command)

    with Busy({}) as server, account(server.port) as channel, pytest.raises(TryAgain, match="try again later"):
        channel.poll({}, 0)


def test_names_and_ports_that_are_wrong():
    with (
        account(1, imap_host="no-such-host.invalid") as channel,
        pytest.raises(Misconfigured, match="no-such-host|broke off"),
    ):
        channel.poll({}, 0)
    with account(servers.free_port()) as channel, pytest.raises(TryAgain, match="does not answer"):
        channel.poll({}, 0)
    with (
        Broken({}) as server,
        account(server.port, imap_security="tls") as channel,
        pytest.raises(Misconfigured, match="TLS"),
    ):
        channel.poll({}, 0)
    with (
        Broken({}) as server,
        account(server.port, imap_security="starttls") as channel,
        pytest.raises(Misconfigured, match="TLS"),
    ):
        channel.poll({}, 0)


def test_an_account_without_a_mailbox_has_nothing_to_fetch():
    with account(1, imap_host="") as channel:
        assert channel.poll({"a": 1}, 0) == ([], {"a": 1})


def test_a_long_folder_name_still_makes_a_short_id():
    with Broken({1: mail(1)}) as server, account(server.port, imap_folders="پ" * 300) as channel:
        assert len(everything(channel)[0][0].external_id) < 255

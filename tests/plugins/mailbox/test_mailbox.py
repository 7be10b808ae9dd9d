"""A newcomer plays the customer: writes, reads what the desk sent, answers; all of it by real mail."""

import io
import re
import smtplib
import threading
from email import message_from_bytes, policy

import pytest
from click.testing import CliRunner

from helpdesk.api.errors import Invalid, Unavailable
from helpdesk.core.outbox import replies
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from plugins.mailbox import commands, letters, openings
from plugins.mailbox.post import deliver
from plugins.mailbox.store import Store, header

from .conftest import until

HTML = {"Accept": "text/html"}
EVIL = '<p>Hello</p><script>alert(1)</script><img src="https://evil.example/x.gif">'
SENT = """From: Support <support@desk.example>
Reply-To: Support <support+t1-1-abc@desk.example>
To: Mina Rastegar <mina@customer.example>
Subject: {subject}
Message-ID: <two@desk.example>
In-Reply-To: <one@customer.example>
References: <one@customer.example>
Date: Thu, 15 Oct 2026 10:20:00 +0000
MIME-Version: 1.0
Content-Type: {type}; charset=utf-8

{text}
"""


def came(subject="Re: Where is it?", type="text/plain", text="It is on its way."):
    """The bytes of a mail of the desk."""
    return SENT.format(subject=subject, type=type, text=text).replace("\n", "\r\n").encode()


def understood(raw):
    return message_from_bytes(raw, policy=policy.default)


@pytest.fixture
def store(runtime):
    return Store(runtime.data_dir)


def rows(runtime, model):
    with runtime.uow() as uow:
        return uow.session.query(model).order_by(model.id).all()


# The whole way ----------------------------------------------------------------------------------------------------


def test_a_customer_writes_the_desk_answers_and_they_answer_again(at_work, client, store):
    files = {"files": (io.BytesIO("داده".encode()), "گزارش.txt", "text/plain")}
    sent = client.send(
        "/x/mailbox/new",
        name="مینا رستگار",
        address="mina@customer.example",
        subject="سفارش من",
        text="سلام، کجاست؟",
        html="",
        **files,
    )
    assert sent.status_code == 302
    ticket = until(lambda: rows(at_work, Ticket))[0]
    first = rows(at_work, Message)[0]
    assert (ticket.subject, first.author, first.text.strip()) == ("سفارش من", "مینا رستگار", "سلام، کجاست؟")
    with at_work.uow() as uow:
        assert [file.name for file in uow.session.get(Message, first.id).files] == ["گزارش.txt"]
        replies.reply(uow, ticket.id, "فردا می‌رسد.")
    mail = until(
        lambda: next(
            (line for line in store.lines() if line.came and "فردا" in letters.plain_text(store.read(line.key))), None
        )
    )
    assert (mail.sender, mail.to) == ("support", "مینا رستگار")
    page = client.get(f"/x/mailbox/{mail.key}").text
    assert "سفارش من" in page and "<iframe" in page
    assert client.send(f"/x/mailbox/{mail.key}/answer", text="سپاس، منتظرم.").status_code == 302
    until(lambda: [m for m in rows(at_work, Message) if m.kind == "in"][1:])
    assert len(rows(at_work, Ticket)) == 1
    answer = [m for m in rows(at_work, Message) if m.kind == "in"][1]
    assert answer.text.strip() == "سپاس، منتظرم." and not answer.unverified and "فردا" in answer.quoted


def test_customers_keep_writing(at_work, store):
    class Runtime:
        config = at_work.config

    done = CliRunner().invoke(commands.demo, ["live", "--count", "3", "--every", "0.01"], obj=Runtime)
    assert done.exit_code == 0, done.output
    assert len(
        until(
            lambda: (
                len(rows(at_work, Ticket)) + len([m for m in rows(at_work, Message) if m.kind == "in"]) >= 4
                and rows(at_work, Ticket)
            )
        )
    )
    assert sum(not line.came for line in store.lines()) == 3


def test_there_is_nobody_to_write_in_a_desk_that_is_no_demo(tmp_path):
    class Runtime:
        class config:
            data_dir = tmp_path

    done = CliRunner().invoke(commands.demo, ["live", "--count", "1"], obj=Runtime)
    assert done.exit_code == 1 and isinstance(done.exception, Invalid)


# Pages ------------------------------------------------------------------------------------------------------------


def test_the_page_is_there_in_a_demo_only(client, store):
    assert "/x/mailbox/" in client.get("/me", headers=HTML).text
    (store.folder.parent / "demo").unlink()
    assert client.get("/x/mailbox/", headers=HTML).status_code == 404
    assert "/x/mailbox/" not in client.get("/me", headers=HTML).text


def test_nobody_reads_it_without_signing_in(client, store):
    key = store.keep(came(), came=True)
    stranger = client.application.test_client()
    for path in ("", "new", "list", key, f"{key}/page"):
        assert stranger.get(f"/x/mailbox/{path}", headers=HTML).status_code == 302


def test_a_mail_in_all_its_views(client, store):
    key = store.keep(came(type="text/html", text="<p>It is <b>on</b> its way.</p>"), came=True)
    assert f'src="/x/mailbox/{key}/page"' in client.get(f"/x/mailbox/{key}").text
    assert "It is on its way." in re.sub("<[^>]*>", "", client.get(f"/x/mailbox/{key}?view=text").text)
    headers = client.get(f"/x/mailbox/{key}?view=headers").text
    assert "<dt>In-Reply-To</dt><dd>&lt;one@customer.example&gt;</dd>" in headers
    assert "Content-Type: text/html" in client.get(f"/x/mailbox/{key}?view=source").text


def test_the_date_of_a_mail_is_the_readers(client, store):
    key = store.keep(came(), came=True)
    client.send("/me/preferences", language="fa")
    page = client.get(f"/x/mailbox/{key}", headers=HTML).text
    assert "۲۳ مهر ۱۴۰۵" in page and "۱۳:۵۰" in page and "10:20:00" not in page


def test_a_mails_page_can_do_nothing(client, store):
    key = store.keep(came(type="text/html", text=EVIL), came=True)
    page = client.get(f"/x/mailbox/{key}/page")
    policy_ = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy_ and "sandbox" in policy_ and "img-src data:" in policy_
    around = client.get(f"/x/mailbox/{key}").text
    assert "sandbox title=" in around and "<script>alert" not in around


@pytest.mark.parametrize("key", ["nothing", "1-in", "..%2f..%2fsecret.key", "123456789012345678-in"])
def test_what_is_no_mail(client, key):
    assert client.get(f"/x/mailbox/{key}", headers=HTML).status_code == 404


def test_a_file_of_a_mail_is_saved_not_opened(client, store):
    mail = letters.compose("Mina", "mina@customer.example", "x", "text", files=[("a.svg", "image/svg+xml", b"<svg/>")])
    key = store.keep(mail.as_bytes(), came=False)
    file = client.get(f"/x/mailbox/{key}/files/0")
    assert file.data == b"<svg/>" and file.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"/x/mailbox/{key}/files/1", headers=HTML).status_code == 404


def test_a_desk_that_does_not_listen_is_named(client):
    answer = client.send("/x/mailbox/new", name="Mina", address="mina@customer.example", subject="x", text="kept words")
    assert answer.status_code == 503 and "Nobody answers on port" in answer.text and "kept words" in answer.text


def test_an_address_that_is_none(client):
    answer = client.send("/x/mailbox/new", name="Mina", address="not an address", subject="x", text="x")
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text


# Letters ----------------------------------------------------------------------------------------------------------


def test_an_answer_threads_and_quotes():
    answer = letters.answer(understood(came()), "Thank you.")
    assert header(answer, "To") == "Support <support+t1-1-abc@desk.example>"
    assert header(answer, "From") == "Mina Rastegar <mina@customer.example>"
    assert header(answer, "Subject") == "Re: Where is it?"
    assert header(answer, "In-Reply-To") == "<two@desk.example>"
    assert header(answer, "References") == "<one@customer.example> <two@desk.example>"
    assert answer.get_content().startswith("Thank you.\n\nOn ") and "\n> It is on its way." in answer.get_content()


def test_an_answer_in_persian_is_introduced_in_persian():
    assert "نوشت:" in letters.answer(understood(came()), "ممنون").get_content()


def test_no_header_can_be_added():
    mail = letters.compose("Mina\r\nBcc: all@x.example", "mina@customer.example", "a\nX-Evil: yes", "text")
    assert understood(mail.as_bytes())["X-Evil"] is None and understood(mail.as_bytes())["Bcc"] is None


@pytest.mark.parametrize(
    "address", ["", "mina", "a b@c.example", "a@b@c.example", "<a@b.example>", "مینا@customer.example"]
)
def test_addresses_that_are_none(address):
    with pytest.raises(Invalid):
        letters.compose("Mina", address, "x", "x")


def test_html_alone_has_its_words_as_text():
    mail = letters.compose("Mina", "mina@customer.example", "x", "", html="<p>One</p><p>Two</p>")
    assert letters.plain_text(mail).strip() == "One\nTwo"


def test_a_listener_that_is_not_there(monkeypatch):
    monkeypatch.setenv("HELPDESK_SMTP_PORT", "1")
    with pytest.raises(Unavailable):
        letters.send(letters.compose("Mina", "mina@customer.example", "x", "x"))


def test_openings_are_whole():
    import random

    chance = random.Random(1)
    for _number in range(300):
        name, address, subject, text = openings.letter(chance)
        assert "{" not in subject + text and text.endswith(name)
        letters.compose(name, address, subject, text)


def test_names_and_addresses_stand_apart(client, store):
    words = b" =?utf-8?B?2LPYp9ix2Kcg2YXYrdmF2K/bjCB2aWEg2b7YtNiq24zYqNin2YY=?=\r\n =?utf-8?B?24w=?="
    key = store.keep(came().replace(b" Support", words, 1), came=True)
    page = client.get(f"/x/mailbox/{key}").text
    assert (
        "<bdi>سارا محمدی via پشتیبانی</bdi>" in page
        and '<bdi class="meta" dir="ltr">support@desk.example</bdi>' in page
    )
    nobody = store.keep(b"To: nonsense <<>\r\n\r\nx", came=True)
    assert client.get(f"/x/mailbox/{nobody}").status_code == 200


# The customers' own mail server -----------------------------------------------------------------------------------


@pytest.fixture
def server(runtime):
    stopping = threading.Event()
    thread = threading.Thread(target=deliver, args=(runtime, stopping))
    thread.start()
    port = Store(runtime.data_dir).port
    until(lambda: _answers(port))
    yield port
    stopping.set()
    thread.join(10)
    assert not thread.is_alive()


def _answers(port):
    try:
        smtplib.SMTP("127.0.0.1", port, timeout=5).quit()
        return True
    except OSError:
        return False


def test_a_mail_is_kept_as_it_came_for_everybody_it_was_for(server, store):
    body = "From: a@b.example\r\nSubject: x\r\n\r\n.a line with a dot\r\n..\r\nسلام\r\n".encode()
    with smtplib.SMTP("127.0.0.1", server) as client:
        client.sendmail("support@desk.example", ["mina@customer.example", "nima@customer.example"], body)
        client.sendmail("support@desk.example", ["third@customer.example"], body)
    first = store.raw(store.lines()[1].key)
    assert first.endswith(body)
    assert b"Delivered-To: mina@customer.example\r\nDelivered-To: nima@customer.example\r\n" in first
    assert b"Return-Path: <support@desk.example>" in first


def test_the_server_says_what_it_does_not_understand(server):
    with smtplib.SMTP("127.0.0.1", server) as client:
        client.ehlo()
        assert client.docmd("VRFY", "mina")[0] == 500
        assert client.docmd("DATA")[0] == 503
        assert client.docmd("RCPT", "TO:<a@b.example>")[0] == 503
        assert client.docmd("MAIL", "FROM:nobody")[0] == 501
        assert client.docmd("__init__")[0] == 500
        assert client.noop()[0] == 250


def test_a_desk_that_is_no_demo_needs_no_server(tmp_path):
    class Runtime:
        data_dir = tmp_path

    deliver(Runtime, threading.Event())


def test_the_list_is_newest_first_and_reads_what_it_can(store):
    store.keep(came(subject="first"), came=True)
    store.keep(b"\xff\xfe\x00 no mail at all", came=True)
    store.keep(came(subject="=?utf-8?q?=D8=B3=D9=84=D8=A7=D9=85?="), came=False)
    (store.folder / "other.eml").write_text("not ours")
    assert [line.subject for line in store.lines()] == ["سلام", "", "first"]


def test_a_customers_mailbox_is_exported_and_goes_with_them(runtime):
    store = Store(runtime.data_dir)
    theirs = [
        store.keep(
            b"From: Mina <Mina@customer.example>\r\nTo: support@desk.example\r\nSubject: Hello\r\n\r\nx", came=False
        )
    ]
    theirs.append(
        store.keep(
            b"Delivered-To: mina@customer.example\r\nFrom: support@desk.example\r\nSubject: Re\r\n\r\nx", came=True
        )
    )
    other = store.keep(b"From: ali@customer.example\r\nTo: support@desk.example\r\nSubject: Other\r\n\r\nx", came=False)
    with runtime.uow() as uow, uow.writing() as session:
        customer = Customer(name="Mina")
        session.add(customer)
        session.flush()
        session.add(Identity(customer_id=customer.id, kind="email", address="mina@customer.example"))
    with runtime.uow() as uow:
        told = dict(uow.hooks.announce("export_customer", customer_id=customer.id, uow=uow))["mailbox"]
        assert [mail["subject"] for mail in told] == ["Hello", "Re"]
        uow.hooks.call_plugin("mailbox", "erase_customer", customer_id=customer.id, uow=uow)
    assert [store.raw(key) for key in theirs] == [None, None] and store.raw(other)

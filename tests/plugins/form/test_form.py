"""Forms as customers use them: what is sent is a ticket with its fields, spam is marked, nobody is bombed with mail."""

import hashlib
import io
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from helpdesk.api import customers, fields, messages, tickets
from helpdesk.api.channels import RawMessage
from helpdesk.api.work import plugin_actor
from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.address_types import Address
from helpdesk.core.database.base import utcnow
from helpdesk.core.intake import intake
from helpdesk.core.outbox import replies, ways_out
from helpdesk.core.outbox.models import AutomaticSend
from helpdesk.core.people.identities import identity_of
from helpdesk.core.people.models import Customer
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing.sizes import size
from plugins.form import demo, guard, public, topics
from plugins.form.contract import post
from plugins.form.tables import Word

from .conftest import ADDRESS


def test_a_form_shows_its_topics_its_fields_and_what_a_link_fills_in(desk):
    listed = desk.client.get(f"/p/form/{desk.key}/?lang=fa")
    assert "سفارش من" in listed.text and 'dir="rtl"' in listed.text
    page = desk.opened("order", lang="en", email=ADDRESS, order_number="12", problem="broken").text
    assert f'value="{ADDRESS}"' in page and 'value="12"' in page and 'value="broken" selected' in page
    assert "Only with “What is wrong?”: It is damaged" in page, "said in words where there is no script"
    assert desk.client.get(f"/p/form/{desk.key}/embed.js").mimetype == "text/javascript"
    assert desk.opened("nothing").status_code == 404 == desk.client.get("/p/form/unknown/").status_code
    with desk.uow() as uow:
        accounts.update(uow, desk.account, enabled=False)
    assert desk.opened("order").status_code == 404


def test_what_is_sent_is_one_ticket_with_its_fields_and_files(desk):
    said = {
        "field-your_name": "Mina",
        "field-order_number": "۱۲۳۴",
        "field-problem": "broken",
        "field-damage": "A crack",
    }
    missing = desk.sent("order", **{**said, "field-damage": "", "field-your_email": "mina"})
    assert missing.status_code == 422 and missing.text.count('aria-invalid="true"') == 2 and "۱۲۳۴" in missing.text
    big = io.BytesIO(b"x" * 10_000_000)
    sent = desk.sent("order", **said, **{"field-city": "Yazd"}, files=[(big, "scan.bin"), (io.BytesIO(b"hi"), "a.txt")])
    assert sent.status_code == 200 and ADDRESS in sent.text
    first, confirmation = desk.filed()
    assert "A crack" in first.text and "Order number: 1234" in first.text and first.address == ADDRESS
    with desk.uow() as uow:
        assert fields.values(uow, "ticket", first.ticket_id) == {
            "order_number": 1234,
            "problem": "broken",
            "damage": "A crack",
        }
        assert fields.values(uow, "customer", first.customer_id) == {"city": "Yazd"}
        assert [(file.name, file.size) for file in messages.files(uow, first.id)] == [
            ("scan.bin", 10_000_000),
            ("a.txt", 2),
        ]
        delivery = uow.session.query(Delivery).filter_by(message_id=confirmation.id).one()
        assert [person["value"] for person in delivery.to] == [ADDRESS] and "/p/form/ticket/" in confirmation.text
    assert desk.filed()[2:] == [], "heard twice, nothing happens twice"


def test_a_field_that_is_not_asked_for_is_not_taken(desk):
    desk.sent("order", **{"field-problem": "late", "field-damage": "smuggled"})
    message = desk.filed()[0]
    with desk.uow() as uow:
        assert fields.values(uow, "ticket", message.ticket_id) == {"problem": "late"} and "smuggled" not in message.text


def test_sending_twice_from_one_page_is_one_post(desk):
    page = desk.opened(lang="en").text
    form = {
        "begin": re.search(r'name="begin" value="([^"]+)"', page)[1],
        "field-your_email": ADDRESS,
        "field-your_message": "Once",
    }
    for _again in range(3):
        assert desk.client.post(f"/p/form/{desk.key}/other", data=form).status_code == 200
    assert sum(message.kind == "in" for message in desk.filed()) == 1


def test_a_topic_leads_to_its_queue_and_only_admins_build_topics(desk):
    with desk.uow() as uow:
        topics.save(uow, topics.Wanted("bills", {"en": "Bills"}, queue_id=desk.other_queue, files=False))
    desk.sent("bills", files=[(io.BytesIO(b"x"), "not-asked-for.txt")])
    message = desk.filed()[0]
    with desk.uow() as uow:
        assert tickets.get(uow, message.ticket_id).queue_id == desk.other_queue and not messages.files(uow, message.id)
    assert desk.client.get("/x/form/").status_code in (302, 401)


# Spam ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "waited", "mark"),
    [
        ({}, 10, None),
        ({guard.TRAP: "http://spam.example"}, 10, guard.TRAPPED),
        ({}, 3, guard.QUICK),
        ({"begin": "forged.word"}, 10, guard.UNKNOWN),
        ({"proof": "no number"}, 10, guard.UNWORKED),
        ({}, 25 * 3600, guard.UNKNOWN),
    ],
)
def test_what_looks_like_spam_is_marked_and_silent_but_there(desk, monkeypatch, said, waited, mark):
    if waited > 24 * 3600:
        monkeypatch.setattr(guard, "VALID", guard.VALID * -1)
    assert desk.sent(waited=waited, **said).status_code == 200, "nobody learns what was noticed"
    message = desk.filed()[0]
    assert message.details["remarks"] == ([mark] if mark else [])
    assert bool(message.automatic) == bool(mark)
    with desk.uow() as uow:
        assert uow.session.query(AutomaticSend).count() == (0 if mark else 1)


@pytest.mark.clock
def test_work_that_was_done_shortens_the_wait(desk):
    with desk.uow() as uow:
        word = guard.begin(uow, 8)
        proof = next(n for n in range(10**6) if hashlib.sha256(f"{word}.{n}".encode()).digest()[0] == 0)
        assert guard.worked(word, str(proof), 8) and not guard.worked(word, f"{proof}x", 8)
        assert guard.marks(uow, {"begin": word, "proof": str(proof)}, "a") == [guard.QUICK]
        later = uow.clock() + timedelta(seconds=3)
        uow.clock = lambda: later
        assert guard.marks(uow, {"begin": word, "proof": str(proof)}, "a") == []
        assert guard.marks(uow, {"begin": word}, "a") == [guard.QUICK]


@pytest.mark.clock
def test_many_posts_with_victims_addresses_are_no_mail_bomb(desk):
    with desk.uow() as uow:
        many, posts = [], size(200, 1000)
        for number in range(posts):
            victim = "victim@other.example" if number % 2 else f"v{number}@bank{number % 4}.example"
            raw = post("CLICK http://evil.example", f"bomb-{number}", subject="Buy http://evil.example")
            raw = raw.replace(b"mina@customer.example", victim.encode()).replace(b'"Mina"', b'"http://evil.example"')
            many.append(RawMessage(f"bomb-{number}", raw, datetime.now(UTC)))
        intake.accept_many(uow, desk.account, many)
    desk.filed()
    with desk.uow() as uow:
        sends = [row.address for row in uow.session.query(AutomaticSend)]
        assert sends.count("victim@other.example") <= 3 and len(sends) <= 300
        assert max(sum(address.endswith(f"bank{n}.example") for address in sends) for n in (0, 2)) <= 60
        for written in uow.session.query(Message).filter_by(kind="out"):
            assert "evil" not in written.text
        assert all("evil" not in f"{row.subject}{row.to}" for row in uow.session.query(Delivery))
        assert uow.session.query(Message).filter_by(kind="in").count() == posts, "and none was lost"


@pytest.mark.clock
def test_one_open_page_is_good_for_one_post(desk):
    begin = re.search(r'name="begin" value="([^"]+)"', desk.opened(lang="en").text)[1]
    for victim in ("a@x.example", "a@x.example", "b@x.example", "c@x.example"):
        said = {"begin": begin, "field-your_email": victim, "files": [(io.BytesIO(b"x" * 100), "a.bin")]}
        assert desk.sent(**said).status_code == 200
    found = [message for message in desk.filed() if message.kind == "in"]
    reused = [guard.REUSED, guard.WITHOUT_FILES]
    assert [(message.address[0], message.details["remarks"]) for message in found] == [
        ("a", []),
        ("b", reused),
        ("c", reused),
    ]
    with desk.uow() as uow:
        assert [len(messages.files(uow, message.id)) for message in found] == [1, 0, 0]
        assert [row.address for row in uow.session.query(AutomaticSend)] == ["a@x.example"]
        uow.clock = lambda: utcnow() + 3 * guard.VALID
        guard.forget(uow)
        assert uow.session.query(Word).count() == 0


def test_one_place_sends_so_many_bytes_and_no_more(desk, monkeypatch):
    monkeypatch.setattr(public.pages, "bytes_limit", "100000 per hour")
    statuses = [desk.sent(files=[(io.BytesIO(b"x" * 40_000), "a.bin")]).status_code for _again in range(4)]
    assert statuses == [200, 200, 429, 429] and desk.opened().status_code == 200


def test_more_than_fits_is_refused_before_it_is_read(desk):
    large = io.BytesIO(b"x" * 22_000_000)
    assert desk.sent(files=[(large, "huge.bin")]).status_code == 413
    assert desk.sent(**{f"more-{n}": "x" for n in range(200)}).status_code == 413
    assert desk.sent(**{"field-your_message": "x" * 20_001}).status_code == 422
    assert desk.sent(files=[(io.BytesIO(b"x"), f"{n}.txt") for n in range(6)]).status_code == 422
    assert desk.filed() == []


# Whose request it is ------------------------------------------------------------------------------------------------


def test_a_typed_address_is_a_card_of_its_own_until_its_owner_writes(desk):
    with desk.uow() as uow, uow.writing():
        owner = identity_of(uow, Address("email", ADDRESS, "The real Mina")).customer_id
    desk.sent(**{"field-your_name": "Somebody"})
    desk.sent(**{"field-your_name": "Somebody", "field-your_message": "Again"})
    first, second = (message for message in desk.filed() if message.kind == "in")
    assert first.customer_id == second.customer_id != owner, "one card for all who typed it, never the owner's"
    with desk.uow() as uow:
        assert uow.session.get(Customer, owner).name == "The real Mina"
        assert [identity.address for identity in customers.get(uow, first.customer_id).identities] == [ADDRESS]
        assert [way.channel.name for way in ways_of(uow, first.ticket_id)] == ["email"], "answers go by mail"
    link = desk.link_in(mails(desk)[0])
    desk.client.post(link, data={"act": "add", "text": "It is me."})
    desk.filed()
    with desk.uow() as uow:
        assert tickets.get(uow, first.ticket_id).customer_id == owner, "who holds the mail's link has the address"


def ways_of(uow, ticket_id):
    return ways_out.all_of(uow, uow.session.get(Ticket, ticket_id))


def mails(desk):
    with desk.uow() as uow:
        return [message.text for message in uow.session.query(Message).filter_by(kind="out").order_by(Message.id)]


@pytest.mark.clock
def test_the_page_of_a_request_shows_what_is_the_customers_and_nothing_else(desk):
    mine = desk.link_in(desk.sent(**{"field-your_subject": "My cup"}).text)
    assert "being filed" in desk.client.get(mine).text
    first = desk.filed()[0]
    proved = desk.link_in(mails(desk)[0])
    with desk.uow() as uow:
        messages.note(uow, first.ticket_id, "A word among us")
        answer = replies.reply(uow, first.ticket_id, "On its way")
        later = replies.reply(uow, first.ticket_id, "Not sent yet")
        with uow.writing():
            uow.session.query(Delivery).filter_by(message_id=answer.id).update(
                {"state": "sent", "sent_at": uow.clock()}
            )
        assert later.id
    page = desk.client.get(proved).text
    assert "Where is it?" in page and "On its way" in page and "My cup" in page
    assert "A word among us" not in page and "Not sent yet" not in page
    unproved = desk.client.get(mine).text
    assert "Where is it?" in unproved and "On its way" not in unproved, (
        "its holder may have typed somebody else's address"
    )
    for forged in (mine[:-3] + "xxx", "/p/form/ticket/x", mine.replace("ticket", "ticket/../ticket")[:40]):
        assert desk.client.get(forged).status_code == 404
    headers = desk.client.get(proved).headers
    assert (
        "frame-ancestors 'none'" in headers["Content-Security-Policy"] and headers["Referrer-Policy"] == "no-referrer"
    )


def test_a_customer_answers_closes_and_reopens(desk):
    desk.sent()
    ticket = desk.filed()[0].ticket_id
    link = desk.link_in(mails(desk)[0])

    def status():
        with desk.uow() as uow:
            return tickets.get(uow, ticket).status

    assert desk.client.post(link, data={"act": "close"}).status_code == 303 and status() == "solved"
    assert "Reopen" in desk.client.get(f"{link}?lang=en").text
    desk.client.post(link, data={"act": "reopen"})
    assert status() == "open"
    desk.client.post(link, data={"act": "close"})
    added = {"act": "add", "text": "One more thing", "begin": "page-1", "files": (io.BytesIO(b"x"), "photo.png")}
    for _again in range(2):
        added["files"] = (io.BytesIO(b"x"), "photo.png")
        desk.client.post(link, data=dict(added), content_type="multipart/form-data")
    said = [message for message in desk.filed() if message.kind == "in"]
    assert [message.text for message in said] == ["Where is it?", "One more thing"] and status() == "open"
    for content in (b"one", b"two"):  # they go back and send another file
        other = {"act": "add", "begin": "page-2", "files": (io.BytesIO(content), "photo.png")}
        desk.client.post(link, data=other, content_type="multipart/form-data")
    assert len([message for message in desk.filed() if message.kind == "in"]) == 4
    address = re.search(rf'href="([^"]+/{said[1].id}/[0-9]+)" download', desk.client.get(f"{link}?lang=en").text)[1]
    file = desk.client.get(address)
    assert (file.data, file.mimetype, file.headers["Content-Disposition"]) == (
        b"x",
        "application/octet-stream",
        "attachment; filename=photo.png",
    )
    assert file.headers["Cache-Control"] == "no-store"
    assert "sandbox" in file.headers["Content-Security-Policy"] and file.headers["X-Content-Type-Options"] == "nosniff"
    for wrong in (
        address.replace(f"/{said[1].id}/", f"/{said[0].id}/"),
        f"{address}9",
        address.replace("/p/form/ticket/", "/p/form/ticket/x"),
    ):
        assert desk.client.get(wrong).status_code == 404
    assert desk.client.post(link, data={"act": "add", "text": " "}).status_code == 422
    with desk.uow() as uow, uow.writing() as session:  # as by a channel on which words can be taken back
        session.get_one(Message, said[1].id).deleted_at = said[1].at
    assert "One more thing" not in desk.client.get(link).text and desk.client.get(address).status_code == 404


@pytest.mark.clock
def test_who_typed_a_victims_address_reads_none_of_their_mail_and_closes_nothing(desk):
    stranger = desk.link_in(desk.sent().text)
    first, confirmation = desk.filed()
    desk.client.post(desk.link_in(confirmation.text), data={"act": "add", "text": "My card ends 4242."})
    desk.client.post(stranger, data={"act": "add", "text": "Typed again."})
    with desk.uow() as uow:
        sent = uow.session.query(Delivery).filter_by(message_id=confirmation.id).one().external_id
        mail = uow.session.query(Account).filter_by(channel="email").one().id
        head = f"From: Mina <{ADDRESS}>\nTo: support@desk.example\nMessage-ID: <{{}}@customer.example>\nSubject: {{}}\n"
        answer = f"{head.format('a', 'Re')}In-Reply-To: <{sent}>\n\nMy door code is 7171."
        other = f"{head.format('b', 'My secret order')}\nMy street is Elm."
        received = [RawMessage(name, raw.encode(), datetime.now(UTC)) for name, raw in (("a", answer), ("b", other))]
        intake.accept_many(uow, mail, received)
    own = next(message for message in desk.filed() if "Elm" in message.text)
    with desk.uow() as uow:
        tickets.merge(uow, first.ticket_id, own.ticket_id)
    page = desk.client.get(f"{stranger}?lang=en").text
    assert "Where is it?" in page and "Typed again." in page
    assert not [word for word in ("4242", "7171", "Elm", "secret", 'value="close"') if word in page]
    assert desk.client.post(stranger, data={"act": "close"}).status_code == 404
    with desk.uow() as uow:
        assert tickets.get(uow, own.ticket_id).status == "open"
    assert "4242" in desk.client.get(desk.link_in(confirmation.text)).text


def test_the_demos_customers_send_the_form_once_in_both_languages(desk):
    with desk.uow() as uow:
        accounts.create(uow, "form", demo.NAME, {"confirm": False}, queue_id=desk.other_queue)
        for _again in range(2):
            demo._send(uow.acting(plugin_actor("form")), SimpleNamespace(progress=lambda done, total: None))
    said = [message for message in desk.filed() if message.kind == "in"]
    assert [message.author for message in said] == [one[2] for one in demo.SENT]
    assert "آسیب دیده است" in said[0].text and not any(message.details["remarks"] for message in said)
    with desk.uow() as uow:
        assert fields.values(uow, "ticket", said[0].ticket_id)["problem"] == "broken"

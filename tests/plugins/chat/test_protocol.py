"""The protocol of ``docs/protocols.md``, spoken by a client that was made of that page alone."""

import gzip
import hashlib
import hmac
import json

import pytest
from sqlalchemy import select

from helpdesk.api.web import signed_link
from helpdesk.api.work import plugin_actor
from helpdesk.core.channels.address_types import File
from helpdesk.core.outbox import replies, sent_changes
from helpdesk.core.people.models import Identity
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message
from helpdesk.core.tickets.models import Ticket
from plugins.chat import proofs, visitors
from plugins.chat.tables import Visitor

from .client import Refused
from .conftest import SECRET, SHOP

PNG = b"\x89PNG\r\n\x1a\n" + bytes(300)


def ticket_of(served, runtime, page):
    """The id of the ticket of a visitor's chat, once it is there."""
    found = []

    def there():
        with runtime.uow() as uow:
            row = uow.session.scalar(select(Visitor).where(Visitor.public == page.visitor))
            found[:] = [row.ticket_id] if row and row.ticket_id else []
        return bool(found)

    served.until(there, 20)
    return found[0]


def said(runtime, ticket_id, kind="in"):
    with runtime.uow() as uow:
        query = select(Message.text).where(Message.ticket_id == ticket_id, Message.kind == kind).order_by(Message.id)
        return list(uow.session.scalars(query))


def test_a_chat_from_the_first_word_to_the_rating(served, runtime, page, act):
    status, headers, body = page(join=False).http("/config?language=fa", token=False)
    config = json.loads(body)
    assert status == 200 and headers["Access-Control-Allow-Origin"] == SHOP
    assert (
        config["language"] == "fa"
        and config["direction"] == "rtl"
        and config["texts"]["open"]
        and (config["files"]["count"], config["files"]["together"]) == (5, 12_000_000)
    )
    mina = page()
    assert mina.state["phase"] in ("new", "away") and len(mina.visitor) == 32
    answer = mina.say("Is this bowl safe?")
    assert answer["id"] in {item["id"] for item in mina.items.values()} and answer["state"]
    ticket_id = ticket_of(served, runtime, mina)
    message = act(replies.reply, ticket_id, "Yes, it is.")
    mina.until(lambda: mina.texts == ["Is this bowl safe?", "Yes, it is."])
    theirs = mina.items[mina.since]
    assert (theirs["from"], theirs["author"]["name"]) == ("agent", "Sara")
    mina.until(lambda: mina.state["phase"] == "open")
    mina.until(lambda: mina.got("read"))
    assert mina.got("read")[0]["seq"] == answer["seq"]
    served.until(lambda: act(_state_of, message.id) == "sent")
    act(sent_changes.edit, message.id, "Yes, up to 250 degrees.")
    mina.until(lambda: "Yes, up to 250 degrees." in mina.texts)
    assert mina.ask("read", {"seq": mina.since}) == {}
    served.until(lambda: act(_read_at, message.id))
    assert mina.ask("rate", {"score": "yes"})["error"] == "not_now"
    assert mina.ask("end")["state"]["phase"] == "ended"
    assert mina.ask("rate", {"score": "yes", "comment": "Quick!"})["state"]["rated"] == "yes"
    assert mina.ask("rate", {"score": "no"})["error"] == "not_now"
    mina.say("One more thing")
    served.until(lambda: _tickets(runtime) == 2)
    assert said(runtime, ticket_id, "note") == ["The customer said about the chat: Quick!"]


def _tickets(runtime):
    with runtime.uow() as uow:
        return len(list(uow.session.scalars(select(Ticket.id))))


def _state_of(uow, message_id):
    return uow.session.scalar(select(Delivery.state).where(Delivery.message_id == message_id))


def test_the_widgets_scripts_are_kept_by_browsers(page):
    here = page(join=False)
    status, headers, body = here.http("/widget.js", token=False, **{"Accept-Encoding": "gzip"})
    assert status == 200 and headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Content-Encoding"] == "gzip" and b"widget-" in gzip.decompress(body)
    version = gzip.decompress(body).split(b"widget-")[1].split(b"/")[0].decode()
    for name in ("main.js", "client.js"):
        status, headers, _body = here.http(f"/widget-{version}/{name}", token=False)
        assert status == 200 and "immutable" in headers["Cache-Control"] and "javascript" in headers["Content-Type"]
    assert here.http(f"/widget-{version}/other.js", token=False)[0] == 404
    assert here.http("/widget.js", token=False, **{"If-None-Match": headers["ETag"]})[0] in (200, 304)


def _read_at(uow, message_id):
    return uow.session.scalar(select(Delivery.read_at).where(Delivery.message_id == message_id))


def test_nothing_is_lost_or_doubled(served, runtime, page, act):
    mina = page()
    first = mina.say("one", "client-id-1")
    other = page(token=mina.token)
    assert other.visitor == mina.visitor and other.texts == ["one"]
    again = other.say("one", "client-id-1")
    assert (again["id"], again["seq"]) == (first["id"], first["seq"])
    ticket_id = ticket_of(served, runtime, mina)
    mina.disconnect()
    act(replies.reply, ticket_id, "two")
    other.until(lambda: "two" in other.texts)
    other.say("three")
    mina.connect()
    assert mina.texts == other.texts == ["one", "two", "three"]
    assert mina.ask("edit", {"id": first["id"], "text": "ONE"})["seq"] > first["seq"]
    other.until(lambda: "ONE" in other.texts)
    assert mina.ask("delete", {"id": first["id"]})["seq"]
    other.until(lambda: other.texts == ["two", "three"])
    served.until(lambda: said(runtime, ticket_id) == ["ONE", "three"])
    theirs = next(item["id"] for item in mina.items.values() if item.get("from") == "agent")
    for id_ in (theirs, "m999999", None):
        assert mina.ask("delete", {"id": id_})["error"] == "unknown"
    assert mina.ask("history", {"since": 0})["items"] and mina.ask("here", {"visible": True})["seq"] == mina.since


def test_what_does_not_fit_is_refused_with_a_code(page):
    mina = page()
    for event, data, code in (
        ("message", {"client_id": "short", "text": "?"}, "refused"),
        ("message", {"client_id": "client-id-2", "text": 7}, "refused"),
        ("message", {"client_id": "client-id-2", "text": " "}, "empty"),
        ("message", {"client_id": "client-id-2", "text": "x" * 4001}, "too_long"),
        ("prove", {"code": "000000"}, "code"),
        ("email", {"address": "mina@example.com"}, "not_now"),
        ("transcript", {}, "not_now"),
        ("steal", {}, "refused"),
    ):
        assert mina.ask(event, data)["error"] == code, event
    mina.language = "fa"
    mina.disconnect()
    mina.connect()
    mina.say("سلام")
    assert "نشانی" in mina.ask("email", {"address": "no address"})["sentence"]
    codes = [mina.say(f"{number}").get("error") for number in range(40)]
    assert codes.count(None) == 29 and codes[-1] == "slow_down"


def test_only_pages_of_its_sites_and_only_proofs_of_ours(page, runtime):
    for origin in ("https://evil.example", "null", ""):
        with pytest.raises(Refused):
            page(origin=origin)
    with pytest.raises(Refused):
        page(key="x" * 24)
    mina = page()
    fixed = "f" * 32 + "." + "A" * 43
    assert page(token=fixed).visitor not in ("f" * 32, mina.visitor)
    assert page(token=mina.token[:-1] + ("A" if mina.token[-1] != "A" else "B")).visitor != mina.visitor
    assert mina.http("/files/1/0", token=False)[0] == 401
    for origin in ("https://evil.example", "null"):
        for path, how in (("/config", "GET"), ("/files/1/0", "GET"), ("/messages", "OPTIONS")):
            status, headers, _body = mina.http(path, token=False, origin=origin, method=how)
            assert (status, headers["Access-Control-Allow-Origin"]) == (403, SHOP), path
    assert mina.send_files("x", [], origin="https://evil.example")[0] == 403


def test_identifying_makes_id_and_token_new(page, runtime, served):
    planted = page()
    planted.say("planted by somebody")
    victim, thief = page(token=planted.token), page(token=planted.token)
    for user, proof in (("7", "0" * 64), ("8", signed("7")), ("", signed("")), ("7", None), ("x" * 300, "")):
        assert victim.ask("identify", {"user": user, "hash": proof})["error"] == "identity"
    stolen = victim.token
    answer = victim.ask("identify", {"user": "7", "hash": signed("7"), "name": "Laleh"})
    assert answer["token"] != stolen and answer["visitor"] != thief.visitor and answer["state"]["identified"]
    thief.until(lambda: thief.closed)
    assert thief.got("rotated") and not victim.got("rotated") and victim.say("mine")["id"]
    assert page(token=stolen).visitor != answer["visitor"] and page(token=answer["token"]).visitor == answer["visitor"]
    assert "token" not in victim.ask("identify", {"user": "7", "hash": signed("7")})
    first = ticket_of(served, runtime, victim)
    elsewhere = page()
    elsewhere.ask("identify", {"user": "7", "hash": signed("7")})
    elsewhere.say("from my telephone")
    second = ticket_of(served, runtime, elsewhere)
    with runtime.uow() as uow:
        owners = {uow.session.get(Ticket, number).customer_id for number in (first, second)}
    assert first != second and len(owners) == 1, "the same user is the same customer"


def test_a_second_person_at_a_browser_is_somebody_else(page, runtime, served):
    """Who signs in after somebody else has nothing of theirs: no chat, no customer, no proven address (TRUST A21)."""
    browser = page()
    browser.say("of the first person")
    first = ticket_of(served, runtime, browser)
    browser.ask("identify", {"user": "first@shop.example", "hash": signed("first@shop.example")})
    tab = page(token=browser.token)
    answer = browser.ask("identify", {"user": "second", "hash": signed("second")})
    assert answer["state"]["email"] is None and browser.ask("history", {"since": 0})["items"] == []
    tab.until(lambda: tab.closed)
    browser.say("of the second person")
    second = ticket_of(served, runtime, browser)
    with runtime.uow() as uow:
        assert uow.session.get(Ticket, first).customer_id != uow.session.get(Ticket, second).customer_id
        known = uow.session.scalars(select(Identity.customer_id).where(Identity.address == "first@shop.example")).one()
        assert known == uow.session.get(Ticket, first).customer_id


def test_the_page_of_a_link_proves_only_the_address_it_was_mailed_to(page, runtime, served):
    mina = page()
    mina.say("hello")
    ticket_of(served, runtime, mina)
    with runtime.uow() as uow:
        uow = uow.acting(plugin_actor("chat"))
        visitor = uow.session.scalars(select(Visitor).where(Visitor.public == mina.visitor)).one()
        visitor = visitors.change(uow, visitor, email="mine@example.com", code={"nonce": "n" * 16})
        key = f"/chat/{runtime.shop.public_key}/proof"
        known = {"visitor": visitor.id, "nonce": "n" * 16, "email": "mine@example.com"}
        link = signed_link(uow, key, proofs.PURPOSE, proofs.VALID, **known).partition("/proof/")[2]
        assert mina.http(f"/proof/{link}", token=False)[0] == 200
        visitors.change(uow, visitor, email="victim@example.com")
        assert mina.http(f"/proof/{link}", b"", token=False)[0] == 404
        assert not visitors.by_id(uow, visitor.id).proven


def signed(user):
    return hmac.new(SECRET.encode(), user.encode(), hashlib.sha256).hexdigest()


def test_files_go_both_ways(page, served, runtime, act):
    mina = page()
    status, answer = mina.send_files(
        "look", [("bowl.png", "image/png", PNG), ("نامه.txt", "text/plain", b"hello")], "file-id-1"
    )
    assert status == 201 and mina.send_files("look", [], "file-id-1")[1]["seq"] == answer["seq"]
    ticket_id = ticket_of(served, runtime, mina)
    with runtime.uow() as uow:
        query = select(Attachment.name).join(Message, Message.id == Attachment.message_id)
        assert set(uow.session.scalars(query.where(Message.ticket_id == ticket_id))) == {"bowl.png", "نامه.txt"}
    status, headers, body = mina.http(f"/files/{answer['seq']}/0")
    assert status == 200 and body == PNG and headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff" and page().http(f"/files/{answer['seq']}/0")[0] == 404
    act(replies.reply, ticket_id, "ours", files=[File("bill.pdf", "application/pdf", b"%PDF-1.4")])
    mina.until(lambda: "ours" in mina.texts)
    item = mina.items[mina.since]
    assert item["files"][0]["name"] == "bill.pdf" and mina.http(f"/files/{item['seq']}/0")[2] == b"%PDF-1.4"
    for files, code in (
        ([("x.exe", "application/x-msdownload", b"MZ")], "files"),
        ([("x.png", "image/png", PNG)] * 6, "files"),
        ([("x.png", "image/png", bytes(5_000_001))], "too_large"),
    ):
        assert mina.send_files("", files)[1]["error"] == code
    status, headers, _body = mina.http("/messages", method="OPTIONS", token=False)
    assert status == 200 and "Authorization" in headers["Access-Control-Allow-Headers"]


def test_an_identity_is_never_made_of_what_was_typed(page, served, runtime):
    mina = page()
    mina.ask("answers", {"answers": {"email": "ceo@example.com", "name": "The boss"}})
    mina.say("hello")
    ticket_of(served, runtime, mina)
    with runtime.uow() as uow:
        assert uow.session.scalar(select(Identity.id).where(Identity.address == "ceo@example.com")) is None

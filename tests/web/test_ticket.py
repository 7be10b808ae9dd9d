"""One ticket: what its page shows, every act on it, files that cannot act, and who may do none of this."""

import io
import json
import re
from itertools import cycle

import pytest

from helpdesk.core.errors import Invalid
from helpdesk.core.errors import dump_message as told_of
from helpdesk.core.journal import journal
from helpdesk.core.outbox import replies
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import User
from helpdesk.core.tickets import tickets
from helpdesk.core.tickets.changes import changed
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message
from helpdesk.core.tickets.models import Draft, Ticket
from helpdesk.web.live.hub import Console, rooms_of
from helpdesk.web.live.open_tickets import outlook_of, updates
from helpdesk.web.ticket import views

BESIDE = {"HX-Request": "true", "HX-Target": "ticket"}


@pytest.fixture
def ticket(arrives):
    return arrives("Where is my order?", "It has not come yet.\n\nSee https://shop.example/o/1?a=1&b=2.")


@pytest.fixture
def stored(runtime):
    """stored(model, id) reads a row as it is now."""

    def read(model, row_id):
        with runtime.uow() as uow:
            return uow.session.get(model, row_id)

    return read


def reported(answer) -> dict:
    assert answer.status_code == 200, answer.text
    return json.loads(answer.headers["HX-Trigger"])


# Reading ----------------------------------------------------------------------------------------------------------


def test_the_page_alone_and_beside_its_list(ticket, agent):
    whole = agent.get(f"/tickets/{ticket}").text
    assert whole.startswith("<!doctype html>")
    beside = agent.get(f"/tickets/{ticket}", headers=BESIDE).text
    assert beside.lstrip().startswith("<main")
    for page in (whole, beside):
        assert "It has not come yet." in page
        assert "mina@customer.example" in page
    assert '<a class="link" dir="ltr" href="https://shop.example/o/1?a=1&amp;b=2"' in beside


def test_the_list_around_it_is_the_one_it_was_opened_from(ticket, agent):
    assert 'data-key="unassigned"' in agent.get(f"/tickets/{ticket}?in=unassigned").text
    assert 'data-key="queue-1"' in agent.get(f"/tickets/{ticket}?in=queue-1").text
    for strange in ("queue-99", "nothing", "queue-x", "queue-1' OR 1=1"):
        assert 'data-key="mine"' in agent.get(f"/tickets/{ticket}", query_string={"in": strange}).text


def test_reading_changes_nothing(ticket, agent, stored):
    agent.get(f"/tickets/{ticket}")
    assert stored(Ticket, ticket).unread == 1
    assert agent.post(f"/tickets/{ticket}/read").status_code == 204
    assert stored(Ticket, ticket).unread == 0


def test_a_page_costs_the_same_queries_however_long_the_conversation(ticket, agent, runtime, people, counted):
    with runtime.uow() as uow:
        actor = uow.acting(actor_for(uow.session, people["agent"]))
        replies.note(actor, ticket, "One note")
        agent.get(f"/tickets/{ticket}")
        with counted() as short:
            agent.get(f"/tickets/{ticket}")
        for number in range(9):
            replies.note(actor, ticket, f"Note {number}")
        with counted() as long:
            agent.get(f"/tickets/{ticket}")
    assert len(long) == len(short) <= 32, long  # three of them for the line, on every page


def test_earlier_messages_are_one_click_away(ticket, agent, runtime, people):
    with runtime.uow() as uow:
        actor = uow.acting(actor_for(uow.session, people["agent"]))
        for number in range(25):
            replies.note(actor, ticket, f"Note {number}.")
        tickets.mark_read(actor, ticket)
    page = agent.get(f"/tickets/{ticket}", headers=BESIDE).text
    assert "Note 24." in page and "It has not come yet." not in page
    earlier = re.search(r'hx-get="(/tickets/\d+/earlier[^"]+)"', page)[1]
    before = agent.get(earlier).text
    assert "It has not come yet." in before and "Note 4." in before and "Note 5." not in before


def test_only_new_items_are_fetched(ticket, agent):
    message = reported(agent.post(f"/tickets/{ticket}/notes", {"text": "First"}))["ticket:said"]["message"]
    agent.post(f"/tickets/{ticket}/notes", {"text": "Second"})
    fresh = agent.get(f"/tickets/{ticket}/items?after={message}&event=0&again=").text
    assert "Second" in fresh and "First" not in fresh
    again = agent.get(f"/tickets/{ticket}/items?after={message}&event=0&again={message}").text
    assert "Second" in again and "First" in again


# Changing ---------------------------------------------------------------------------------------------------------


def test_every_fact_can_be_changed(ticket, agent, stored, people):
    url = f"/tickets/{ticket}/change"
    for form in (
        {"status": "pending"},
        {"priority": "urgent"},
        {"assignee": people["agent"].id},
        {"tags": "gift، late, gift"},
    ):
        assert reported(agent.post(url, form))["ticket:changed"]["ticket"] == ticket
    row = stored(Ticket, ticket)
    assert (row.status, row.priority, row.assignee_id, row.tags) == (
        "pending",
        "urgent",
        people["agent"].id,
        ["gift", "late"],
    )
    agent.post(url, {"assignee": ""})
    assert stored(Ticket, ticket).assignee_id is None
    page = agent.get(f"/tickets/{ticket}", headers=BESIDE).text
    assert (
        "set the ticket to pending" in page and "set the priority to urgent" in page and "unassigned the ticket" in page
    )


def test_what_does_not_fit_is_refused(ticket, agent, stored):
    url = f"/tickets/{ticket}/change"
    for form in ({"status": "gone"}, {"priority": "x"}, {"assignee": "99"}):
        assert agent.post(url, form, headers={"HX-Request": "true"}).status_code == 422
    assert agent.post(url, {"queue": "99"}).status_code == 404
    agent.post(url, {"number": "9", "created_at": "2000", "customer_id": "9", "active": "", "_sa_instance_state": "x"})
    assert stored(Ticket, ticket).status == "open"


@pytest.mark.clock
def test_a_reply_waits_for_its_undo_and_leaves(ticket, agent, runtime, stored):
    said = reported(
        agent.post(f"/tickets/{ticket}/replies", {"text": "We look into it.", "seen": "1", "status": "solved"})
    )["ticket:said"]
    assert said["seconds"] == 10
    assert stored(Ticket, ticket).status == "solved"
    with runtime.uow() as uow:
        delivery = uow.session.query(Delivery).filter_by(message_id=said["message"]).one()
        assert (delivery.due_at - uow.clock()).total_seconds() > 5


def test_a_reply_comes_back_into_the_composer(ticket, agent, stored):
    said = reported(agent.post(f"/tickets/{ticket}/replies", {"text": "Too early."}))["ticket:said"]
    back = reported(agent.post(said["undo"]))["ticket:unsaid"]
    assert (back["text"], back["message"]) == ("Too early.", said["message"])
    assert stored(Message, said["message"]).withdrawn
    assert "Too early.</textarea>" in agent.get(f"/tickets/{ticket}", headers=BESIDE).text
    assert stored(Ticket, ticket).status == "open"


def test_an_empty_reply_is_refused_in_words(ticket, agent):
    answer = agent.post(f"/tickets/{ticket}/replies", {"text": "  "})
    assert answer.status_code == 422 and "Please write something first." in answer.text


def test_what_came_meanwhile_is_asked_about_first(ticket, agent, runtime):
    with runtime.uow() as uow, uow.writing() as session:
        newer = Message(ticket_id=ticket, kind="in", text="And another thing", author="Mina")
        session.add(newer)
        session.flush()
        session.get(Ticket, ticket).last_inbound_id = newer.id
    form = {"text": "Here it is.", "seen": "1"}
    for _again in range(2):
        asked = agent.post(f"/tickets/{ticket}/replies", form)
        assert asked.status_code == 409, "the same act again never sends"
    assert "And another thing" in asked.text, "the question shows what it is about"
    past = re.search(r'form="say-reply" name="seen" value="(\d+)"', asked.text)[1]
    assert reported(agent.post(f"/tickets/{ticket}/replies", {"text": "Here it is.", "seen": ["1", past]}))


def test_the_composer_shows_whom_it_writes_to_and_warns_when_that_changed(ticket, agent, runtime):
    """FAULTS S3, U3: every address, those in copy too."""
    page = agent.get(f"/tickets/{ticket}").text
    assert "&lt;mina@customer.example&gt;" in page and 'data-slot="other-recipient"' not in page
    with runtime.uow() as uow, uow.writing() as session:
        told_to = [
            {"kind": "email", "value": value, "name": ""}
            for value in ("office@customer.example", "support+x@desk.example")
        ]
        session.query(Message).one().details = {
            "reply_to": told_to,
            "cc": [{"kind": "email", "value": "kian@customer.example", "name": "Kian"}],
        }
    page = agent.get(f"/tickets/{ticket}").text
    assert (
        "&lt;office@customer.example&gt;" in page
        and "&lt;kian@customer.example&gt;" in page
        and "support+x@" not in page
    )
    assert "This answer will go to office@customer.example instead of mina@customer.example." in page


def test_a_reply_goes_to_nobody_whom_the_composer_did_not_show(ticket, agent, runtime):
    """FAULTS S3: the answer shows them, and the same act again sends."""
    shown = re.search(r'name="shown" value="([^"]*)"', agent.get(f"/tickets/{ticket}").text)[1]
    assert shown == "mina@customer.example|"
    with runtime.uow() as uow, uow.writing() as session:
        session.query(Message).one().details = {
            "reply_to": [{"kind": "email", "value": "office@customer.example", "name": "Office"}]
        }
    refused = agent.post(f"/tickets/{ticket}/replies", {"text": "Hello", "shown": shown})
    assert refused.status_code == 409 and "have changed meanwhile" in refused.text
    assert 'id="way" hx-swap-oob="true"' in refused.text and "instead of mina@customer.example" in refused.text
    now = re.search(r'name="shown" value="([^"]*)"', refused.text)[1]
    assert reported(agent.post(f"/tickets/{ticket}/replies", {"text": "Hello", "shown": now}))
    with runtime.uow() as uow:
        assert [person["value"] for person in uow.session.query(Delivery).one().to] == ["office@customer.example"]


def test_a_merged_ticket_is_not_answered_and_offers_no_way_to(ticket, agent, arrives):
    """FAULTS A15: there is nothing to send anyway."""
    other = arrives("Another")
    reported(agent.post(f"/tickets/{ticket}/merge", {"target": other}))
    refused = agent.post(f"/tickets/{ticket}/replies", {"text": "Hello", "seen": "1"})
    assert refused.status_code == 422 and f"merged into #{other}" in refused.text and "Send anyway" not in refused.text


def test_more_files_than_a_message_takes_are_refused_with_a_sentence(ticket, agent, runtime):
    """None of them is left out in silence."""

    def send(number, act):
        return agent.post(
            f"/tickets/{ticket}/{act}",
            {"text": "See the files.", "files": [(io.BytesIO(b"x"), f"{n}.txt") for n in range(number)]},
        )

    for act in ("replies", "notes"):
        answer = send(25, act)
        assert answer.status_code == 422 and "20 files" in answer.text
    with runtime.uow() as uow:
        assert uow.session.query(Attachment).count() == 0
    assert send(20, "notes").status_code == 200
    with runtime.uow() as uow:
        assert uow.session.query(Attachment).count() == 20


def test_files_go_along_with_a_reply(ticket, agent, runtime):
    form = {"text": "See the file.", "files": [(io.BytesIO(b"%PDF-1.4"), "bill.pdf"), (io.BytesIO(b"two"), "دو.txt")]}
    message = reported(agent.post(f"/tickets/{ticket}/replies", form))["ticket:said"]["message"]
    with runtime.uow() as uow:
        files = uow.session.query(Attachment).filter_by(message_id=message).order_by(Attachment.id).all()
        assert [file.name for file in files] == ["bill.pdf", "دو.txt"]
        assert uow.blobs.get(files[0].sha256) == b"%PDF-1.4"


def test_files_of_a_draft_are_on_the_page_again_and_go_with_the_reply(ticket, agent, runtime):
    url = f"/tickets/{ticket}/draft/files"
    added = agent.post(url, {"mode": "reply", "file": (io.BytesIO(b"%PDF-1.4"), "bill.pdf")})
    assert added.status_code == 201 and "bill.pdf" in added.text
    removed = re.search(
        r'data-url="([^"]+)"', agent.post(url, {"mode": "reply", "file": (io.BytesIO(b"two"), "two.txt")}).text
    )[1]
    assert agent.post(removed).status_code == 204
    assert "bill.pdf" in agent.get(f"/tickets/{ticket}").text and "two.txt" not in agent.get(f"{url}?mode=reply").text
    refused = agent.post(url, {"mode": "reply", "file": (io.BytesIO(b"x" * 25_000_001), "film.mp4")})
    assert refused.status_code == 422 and "25 MB" in refused.text
    message = reported(agent.post(f"/tickets/{ticket}/replies", {"text": "See the file."}))["ticket:said"]["message"]
    with runtime.uow() as uow:
        assert [file.name for file in uow.session.query(Attachment).filter_by(message_id=message)] == ["bill.pdf"]
    assert "bill.pdf" not in agent.get(f"{url}?mode=reply").text


def test_more_files_than_a_message_can_have_are_refused_not_cut_off(ticket, agent):
    form = {"text": "See the files.", "files": [(io.BytesIO(b"."), f"{number}.txt") for number in range(21)]}
    refused = agent.post(f"/tickets/{ticket}/replies", form)
    assert refused.status_code == 422 and "20 files at most" in refused.text


def test_a_draft_is_kept_and_forgotten_with_the_reply(ticket, agent, runtime):
    assert agent.post(f"/tickets/{ticket}/draft", {"mode": "reply", "text": "Half a sent"}).status_code == 204
    assert "Half a sent</textarea>" in agent.get(f"/tickets/{ticket}").text
    assert agent.post(f"/tickets/{ticket}/draft", {"mode": "poem", "text": "x"}).status_code == 422
    agent.post(f"/tickets/{ticket}/replies", {"text": "A whole sentence."})
    with runtime.uow() as uow:
        assert uow.session.query(Draft).count() == 0


def test_merging_and_taking_it_back(ticket, agent, arrives, stored):
    other = arrives("My order, again")
    sheet = agent.get(f"/tickets/{other}/merge").text
    assert f'value="{ticket}"' in sheet
    merged = reported(agent.post(f"/tickets/{other}/merge", {"target": ticket}))["ticket:merged"]
    assert stored(Ticket, other).merged_into_id == ticket
    assert f"merged into #{ticket}" in agent.get(f"/tickets/{other}").text
    reported(agent.post(merged["undo"]))
    assert stored(Ticket, other).merged_into_id is None
    typed = agent.post(f"/tickets/{other}/merge", {"number": "#۹۹"})
    assert typed.status_code == 422 and "nothing at this address" in typed.text


def test_a_merge_into_nothing_says_what_is_missing(ticket, agent):
    refused = agent.post(f"/tickets/{ticket}/merge", {"target": ""})
    assert refused.status_code == 422 and "Please choose the ticket" in refused.text


def test_a_picker_finds_where_a_ticket_may_go_and_what_tags_are_in_use(ticket, agent, arrives):
    other = arrives("The samovar leaks", name="Bahar Nouri", address="bahar@customer.example")
    assert f'value="{other}"' in agent.get(f"/tickets/{ticket}/merge/targets?q=samovar").text
    assert f'value="{ticket}"' not in agent.get(f"/tickets/{ticket}/merge/targets?q=order").text
    agent.post(f"/tickets/{ticket}/change", {"tags": "gift,late"})
    agent.post(f"/tickets/{other}/change", {"tags": "late"})
    assert re.findall(r'value="(\w+)"', agent.get("/tags").text) == ["late", "gift"]


def test_all_unread_messages_are_on_the_page_and_only_those_shown_are_read(ticket, agent, runtime, stored):
    with runtime.uow() as uow, uow.writing() as session:
        for number in range(60):
            session.add(Message(ticket_id=ticket, kind="in", text=f"Word {number}.", author="Mina"))
        session.get(Ticket, ticket).unread = 59
    page = agent.get(f"/tickets/{ticket}", headers=BESIDE).text
    first = int(re.search(r'data-first-unread="(\d+)"', page)[1])
    assert stored(Message, first).text == "Word 1." and f'id="m-{first}"' in page and "Word 59." in page
    agent.post(f"/tickets/{ticket}/read", {"upto": str(first + 9)})
    assert stored(Ticket, ticket).unread == 49
    agent.post(f"/tickets/{ticket}/read", {"upto": str(first)})
    assert stored(Ticket, ticket).unread == 49, "an earlier report that comes late changes nothing"


def test_more_unread_than_a_page_holds_go_on_where_it_ends(ticket, agent, runtime):
    with runtime.uow() as uow, uow.writing() as session:
        session.add_all(
            [Message(ticket_id=ticket, kind="in", text=f"Word {number}.", author="Mina") for number in range(250)]
        )
        session.get(Ticket, ticket).unread = 250
    page = agent.get(f"/tickets/{ticket}", headers=BESIDE).text
    assert "Word 0." in page and "Word 249." not in page and 'id="later" hidden' not in page
    last = int(re.search(r'name="seen" value="(\d+)"', page)[1])
    more = agent.get(f"/tickets/{ticket}/items?after={last}").text
    assert "Word 249." in more and 'id="later" hidden' in more


def test_an_unverified_voice_is_marked_until_accepted(ticket, agent, runtime, stored):
    with runtime.uow() as uow, uow.writing() as session:
        message = Message(
            ticket_id=ticket, kind="in", text="I am her brother", author="X", address="x@y.example", unverified=True
        )
        session.add(message)
        session.flush()
        message_id = message.id
    page = agent.get(f"/tickets/{ticket}", headers=BESIDE).text
    assert "data-unverified" in page
    assert reported(agent.post(f"/messages/{message_id}/accept"))["ticket:changed"]["again"] == message_id
    assert not stored(Message, message_id).unverified


@pytest.mark.parametrize(
    ("state", "words", "act", "becomes"),
    [
        ("failed", "This message did not arrive.", "retry", "queued"),
        ("uncertain", "It is not known whether this message arrived.", "retry", "queued"),
        ("uncertain", "Sent again, it may arrive twice.", "arrived", "sent"),
    ],
)
def test_what_did_not_surely_arrive_says_why_and_what_can_be_done(ticket, agent, runtime, state, words, act, becomes):
    message = reported(agent.post(f"/tickets/{ticket}/replies", {"text": "Hello"}))["ticket:said"]["message"]
    with runtime.uow() as uow, uow.writing() as session:
        delivery = session.query(Delivery).filter_by(message_id=message).one()
        delivery.state, delivery.reason = state, "No such <address>."
        number = delivery.id
    page = agent.get(f"/tickets/{ticket}", headers=BESIDE).text
    assert words in page and "No such &lt;address&gt;." in page
    assert reported(agent.post(f"/deliveries/{number}/{act}"))
    with runtime.uow() as uow:
        assert uow.session.get(Delivery, number).state == becomes
    assert agent.post(f"/deliveries/{number}/{act}").status_code == 409


@pytest.mark.clock
def test_the_note_on_a_failure_is_in_the_readers_language(ticket, agent, runtime, people):
    with runtime.uow() as uow, uow.writing() as session:
        reason = told_of(Invalid("There is no queue named %(name)s.", name="<b>"))
        details = {"failed": 1, "reason": reason}
        session.add(
            Message(
                ticket_id=ticket,
                kind="note",
                at=uow.clock(),
                text="This message did not reach the customer: x",
                details=details,
            )
        )
        session.get(User, people["agent"].id).language = "fa"
    page = agent.get(f"/tickets/{ticket}", headers=BESIDE).text
    assert "این پیام به مشتری نرسید" in page and "صفی" in page and "&lt;b&gt;" in page and "did not reach" not in page


# What a message carries ---------------------------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30
FILES = {
    "a.svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
    "a.html": (b"<script>alert(1)</script>", "text/html"),
    "a.xhtml": (
        b"<html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>",
        "application/xhtml+xml",
    ),
    "a.xml": (b"<?xml-stylesheet href='x.xsl' type='text/xsl'?><a/>", "text/xml"),
    "utf7.html": (b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "text/html;charset=utf-7"),
    "not.png": (b"<html><script>alert(1)</script>", "image/png"),
    "a.pdf": (b"%PDF-1.4 /JavaScript", "application/pdf"),
}


@pytest.fixture
def carry(ticket, runtime):
    """carry(html, files) puts a message with these on the ticket; (message id, {name: file id})."""

    def put(html="", files=None):
        with runtime.uow() as uow, uow.writing() as session:
            message = Message(ticket_id=ticket, kind="in", text="words", html=html)
            session.add(message)
            session.flush()
            rows = {
                name: Attachment(
                    message_id=message.id,
                    name=name,
                    type=kind,
                    size=len(content),
                    sha256=uow.blobs.put(content),
                    cid=name,
                )
                for name, (content, kind) in (files or {}).items()
            }
            session.add_all(rows.values())
            session.flush()
            return message.id, {name: row.id for name, row in rows.items()}

    return put


def test_active_files_are_only_ever_saved(carry, agent):
    message, files = carry(files=FILES)
    for name, number in files.items():
        answer = agent.get(f"/messages/{message}/files/{number}")
        assert answer.status_code == 200, name
        assert answer.headers["Content-Disposition"].startswith("attachment"), name
        assert answer.headers["Content-Type"] == "application/octet-stream", name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert "sandbox" in answer.headers["Content-Security-Policy"], name


def test_a_raster_picture_may_be_shown(carry, agent):
    message, files = carry(files={"a.png": (PNG, "application/x-anything")})
    answer = agent.get(f"/messages/{message}/files/{files['a.png']}")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


NAMES = [
    "\u200b.htaccess",
    "../../etc/cron.d/x",
    "..\\..\\x",
    "C:\\x",
    "a\0b",
    "x" * 250 + ".txt",
    "gpj.\u202egnp.exe",
    "a/b",
    "",
    "a\r\nSet-Cookie: x",
]
LEADS_AWAY = re.compile(r"\.\./|\.\.\\|[/\\\x00\r\n\u200b\u202e]|%2F|%5C|%E2%80%AE|%E2%80%8B|filename=\"?\.")


def test_file_names_go_nowhere(ticket, carry, agent):
    message, files = carry(files=dict.fromkeys(NAMES, (b"x", "text/plain")))
    for name, number in files.items():
        disposition = agent.get(f"/messages/{message}/files/{number}").headers["Content-Disposition"]
        assert not LEADS_AWAY.search(disposition), disposition
        assert len(disposition) < 400
    assert agent.get(f"/tickets/{ticket}", headers=BESIDE).status_code == 200


def test_a_formatted_message_is_a_document_of_its_own(carry, agent):
    message, files = carry(
        '<p>Hi <img src="cid:a.png"><img src="cid:gone"><img data-remote="https://far.example/p.png?a=1&amp;b=2"></p>',
        {"a.png": (PNG, "image/png")},
    )
    answer = agent.get(f"/messages/{message}/body")
    policy = answer.headers["Content-Security-Policy"]
    assert (
        "default-src 'none'" in policy
        and "frame-ancestors 'self'" in policy
        and "sandbox" in policy
        and "allow-scripts" not in policy
    )
    assert f'src="/messages/{message}/files/{files["a.png"]}"' in answer.text
    assert "cid:" not in answer.text
    assert 'src="http' not in answer.text and "far.example" in answer.text
    clicked = agent.get(f"/messages/{message}/body?remote=1").text
    assert f'src="/messages/{message}/remote?u=https%3A%2F%2Ffar.example%2Fp.png%3Fa%3D1%26b%3D2"' in clicked
    page = agent.get("/tickets/1", headers=BESIDE).text
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in page
    assert "Pictures from other servers are not shown" in page


@pytest.mark.parametrize(
    ("words", "side"), [("سلام Ali", "rtl"), ("12. Hello سلام", "ltr"), ("۱۲", "auto"), ("", "auto")]
)
def test_a_letter_has_the_direction_of_its_first_letter(carry, agent, runtime, words, side):
    """Mail programs give each block a direction of its own, and what is folded among them would stand on the wrong
    side.
    """
    message, _files = carry('<div dir="rtl">x</div><details class="quoted-history"><summary>•••</summary>y</details>')
    with runtime.uow() as uow, uow.writing() as session:
        session.get(Message, message).text = words
    page = agent.get(f"/messages/{message}/body").text
    assert f'<body dir="{side}">' in page and 'content: "⋯ Quoted text"' in page


def test_only_pictures_the_message_names_are_fetched(carry, agent):
    message, _files = carry('<img data-remote="http://127.0.0.1:1/x.png">')
    assert agent.get(f"/messages/{message}/remote?u=https://elsewhere.example/").status_code == 404
    assert agent.get(f"/messages/{message}/remote?u=http://127.0.0.1:1/x.png").status_code == 422


def test_the_whole_of_a_long_text_is_one_click_away(ticket, agent, runtime):
    with runtime.uow() as uow, uow.writing() as session:
        message = Message(ticket_id=ticket, kind="in", text="start " + "long " * 20_000 + "the-very-end")
        session.add(message)
        session.flush()
        number = message.id
    page = agent.get(f"/tickets/{ticket}", headers=BESIDE).text
    assert "the-very-end" not in page and f"/messages/{number}/text" in page
    answer = agent.get(f"/messages/{number}/text")
    assert answer.text.endswith("the-very-end") and answer.headers["Content-Type"].startswith("text/plain")


# Rights -----------------------------------------------------------------------------------------------------------


def test_every_route_of_another_teams_ticket_is_not_found(ticket, carry, agent, signed_in, arrives, runtime):
    message, files = carry('<img data-remote="https://far.example/p.png">', {"a.png": (PNG, "image/png")})
    said = reported(agent.post(f"/tickets/{ticket}/replies", {"text": "Hello"}))["ticket:said"]
    with runtime.uow() as uow:
        delivery = uow.session.query(Delivery).filter_by(message_id=said["message"]).one().id
    merged = reported(agent.post(f"/tickets/{arrives('Other')}/merge", {"target": ticket}))["ticket:merged"]
    reading = [
        f"/tickets/{ticket}",
        f"/tickets/{ticket}/items",
        f"/tickets/{ticket}/earlier",
        f"/tickets/{ticket}/merge",
    ]
    reading += [
        f"/messages/{message}/{part}"
        for part in ("body", "text", "remote?u=https://far.example/p.png", f"files/{files['a.png']}")
    ]
    changing = [f"/tickets/{ticket}/{act}" for act in ("change", "read", "replies", "notes", "draft", "merge")]
    changing += [said["undo"], f"/messages/{message}/accept", f"/deliveries/{delivery}/retry", merged["undo"]]
    stranger = signed_in("stranger")
    form = {"csrf_token": stranger.csrf, "text": "x", "mode": "reply", "status": "solved", "target": "1"}
    answers = {url: stranger.get(url).status_code for url in reading} | {
        url: stranger.post(url, data=form).status_code for url in changing
    }
    assert set(answers.values()) == {404}, answers
    assert "Hello" in agent.get(f"/tickets/{ticket}").text


def test_a_file_under_another_message_is_not_found(carry, agent):
    first, files = carry(files={"a.png": (PNG, "image/png")})
    second, _none = carry()
    assert agent.get(f"/messages/{second}/files/{files['a.png']}").status_code == 404
    for huge in (2**63, 10**30):
        assert agent.get(f"/tickets/{huge}").status_code == 404
        assert agent.get(f"/messages/{huge}/body").status_code == 404
        assert agent.get(f"/messages/{first}/files/{huge}").status_code == 404


def test_nothing_changes_without_our_token(ticket, signed_in, stored):
    client = signed_in("agent")
    assert client.post(f"/tickets/{ticket}/change", data={"status": "closed"}).status_code == 403
    assert client.post(f"/tickets/{ticket}/change", data={"status": "closed", "csrf_token": "x"}).status_code == 403
    assert stored(Ticket, ticket).status == "open"


def test_hostile_names_stay_words(arrives, agent):
    ticket = arrives(
        "{{7*7}} <script>alert(1)</script>", 'http://x"onmouseover=alert(1)//', name="<img src=x onerror=alert(1)>"
    )
    page = agent.get(f"/tickets/{ticket}", headers=BESIDE).text
    assert "<script>alert" not in page and "<img" not in page and 'onmouseover=alert(1)//"' not in page
    assert "{{7*7}}" in page


def test_what_is_looked_at_again_counts_nothing(ticket, agent, counted):
    agent.get(f"/tickets/{ticket}/items")
    with counted() as statements:
        agent.get(f"/tickets/{ticket}/items")
    assert not [statement for statement in statements if "count(" in statement], statements
    assert len(statements) <= 10, statements


def test_a_thousand_consoles_that_show_a_ticket_cost_one_rendering_for_each_way_to_read_it(
    app, ticket, runtime, people, monkeypatch
):
    """P5, counted: what a change brings to them is made once for all who read alike and may do the same."""
    rendered, plain = [], views.changed
    monkeypatch.setattr(views, "changed", lambda *given: rendered.append(given) or plain(*given))
    with runtime.uow() as uow:
        who = [(people[role], actor_for(uow.session, people[role])) for role in ("agent", "admin")]
        consoles = [
            Console(str(n), user.id, 0, "", "", rooms=rooms_of(actor), outlook=outlook_of(user, actor))
            for n, (user, actor) in zip(range(1000), cycle(who), strict=False)
        ]
        change = changed(uow, journal.after(uow, 0))[-1]
        found = updates(app, uow, [change], {ticket: consoles})
    assert len(rendered) == 2
    assert sorted(len(update.sids) for update in found[change.seq]) == [500, 500]
    assert all("ticket-head" in update.payload["html"] for update in found[change.seq])
    monkeypatch.setattr(views, "changed", lambda *given: 1 / 0)
    with runtime.uow() as uow:
        assert updates(app, uow, [change], {ticket: consoles}) == {change.seq: []}, (
            "and the change is told all the same"
        )

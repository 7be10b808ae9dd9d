"""The API for outside tools: every endpoint, its shapes, its refusals, its cost; and that it gives nobody more than
the console does.
"""

import json
import re
import time
from itertools import count

import pytest
from marshmallow import RAISE

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.errors import dump_message
from helpdesk.core.intake import ingest
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.journal import journal
from helpdesk.core.outbox import replies
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import User
from helpdesk.core.tickets import tickets
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.web.rest import schemas

PNG = b"\x89PNG\r\n\x1a\nrest"


@pytest.fixture
def api(app, runtime, people):
    """api("agent") is a client whose requests carry that person's token; answers are (status, JSON)."""

    class Client:
        def __init__(self, token):
            self.http, self.headers = app.test_client(), {"Authorization": f"Bearer {token}"}

        def __call__(self, method, path, body=None, **options):
            answer = self.raw(method, path, body, **options)
            assert answer.headers["Cache-Control"] == "no-store"
            if answer.status_code >= 400:
                assert answer.content_type.startswith("application/problem+json")
                assert (
                    not schemas.Problem(unknown=RAISE).validate(answer.json)
                    and answer.json["status"] == answer.status_code
                )
            return answer.status_code, answer.json if answer.data else None

        def raw(self, method, path, body=None, **options):
            given = {"json": body} if body is not None else {}
            return self.http.open(
                f"/api/v1{path}",
                method=method,
                headers={**self.headers, **options.pop("headers", {})},
                **given,
                **options,
            )

    def make(name):
        with runtime.uow() as uow:
            return Client(api_tokens.add_token(uow, people[name].id))

    return make


@pytest.fixture
def arrives(runtime, people):
    """As the fixture of all pages, but understood already: no parsing child has to start."""
    numbers = count(1)

    def bring(
        subject="Where is my order?", text="It has not come yet.", address="mina@customer.example", name="Mina Rastegar"
    ):
        inbound = Inbound(
            sender=Address("email", address, name),
            subject=subject,
            text=text,
            external_id=f"{next(numbers)}@customer.example",
        )
        with runtime.uow() as uow:
            decided = ingest.decide(uow, uow.session.get(Account, 1), inbound)
        with runtime.uow() as uow, uow.writing() as session:
            raw_message = RawMessage(account_id=1, external_id=inbound.external_id, raw=b"", state="done")
            session.add(raw_message)
            session.flush()
            ingest.write(uow, raw_message.id, decided)
            return session.query(Message).filter_by(raw_message_id=raw_message.id).one().ticket_id

    return bring


@pytest.fixture
def agent(api):
    return api("agent")


@pytest.fixture
def ticket(arrives):
    return arrives()


def fits(schema, data):
    """The data has exactly the shape of its schema."""
    wrong = schema(unknown=RAISE).validate(data)
    assert not wrong, wrong
    return data


def walked(client, path, **query):
    """The items of all pages."""
    items, cursor = [], None
    while True:
        status, page = client("GET", path, query_string={**query, **({"cursor": cursor} if cursor else {})})
        assert status == 200 and len(page["items"]) <= query.get("limit", 50)
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


# Who may call -----------------------------------------------------------------------------------------------------


NO_TOKENS = (
    None,
    "",
    "Bearer",
    "Bearer ",
    "Bearer null",
    "Bearer hd_wrong",
    "Basic YTpi",
    "Token {token}",
    "Bearer {token}x",
    "{token}",
)


def test_without_a_token_nothing_is_told(app, runtime, people, ticket):
    with runtime.uow() as uow:
        token = api_tokens.add_token(uow, people["agent"].id)
    for value in NO_TOKENS:
        headers = {"Authorization": value.format(token=token)} if value is not None else {}
        for method, path in (
            ("GET", "/tickets"),
            ("GET", f"/tickets/{ticket}"),
            ("POST", f"/tickets/{ticket}/notes"),
            ("DELETE", "/merges/1"),
        ):
            answer = app.test_client().open(f"/api/v1{path}", method=method, headers=headers)
            assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].lower().startswith("bearer")
            assert answer.content_type == "application/problem+json"


def test_a_browsers_session_counts_for_nothing_here(signed_in, ticket):
    browser = signed_in("admin")
    assert browser.get("/api/v1/tickets").status_code == 401
    assert (
        browser.post(
            f"/api/v1/tickets/{ticket}/notes", json={"text": "x"}, headers={"X-CSRFToken": browser.csrf}
        ).status_code
        == 401
    )


def test_a_token_ends_with_its_person(agent, runtime, people):
    assert agent("GET", "/me")[0] == 200
    with runtime.uow() as uow:
        users.change(uow, people["agent"].id, active=False)
    assert agent("GET", "/me")[0] == 401


def test_me(api, people):
    status, me = api("supervisor")("GET", "/me")
    assert status == 200 and fits(schemas.Me, me) == {
        "id": people["supervisor"].id, "name": "The supervisor", "role": "supervisor", "email": "supervisor@desk.example", "language": "en", "queues": [1],
        "permissions": ["customers.read", "customers.write", "reports.read", "tickets.read", "tickets.write", "waiting.manage"],
    }  # fmt: skip


# Reading ----------------------------------------------------------------------------------------------------------


def test_tickets(agent, arrives):
    ids = [arrives(subject=f"Question {n}") for n in range(5)]
    status, page = agent("GET", "/tickets")
    assert (
        status == 200
        and [fits(schemas.Ticket, row)["id"] for row in page["items"]] == ids[::-1]
        and page["next"] is None
    )
    assert page["items"][0]["number"] == ids[-1] and page["items"][0]["customer"]["name"] == "Mina Rastegar"
    assert [row["id"] for row in walked(agent, "/tickets", limit=2)] == ids[::-1]
    assert fits(schemas.Ticket, agent("GET", f"/tickets/{ids[0]}")[1])["subject"] == "Question 0"


def test_tickets_by_their_facts(agent, arrives, people):
    one, two, three = (arrives(text=text) for text in ("a green parrot", "a red parrot", "nothing"))
    me = people["agent"].id
    agent("PATCH", f"/tickets/{one}", {"assignee": me, "status": "pending"})
    expected = {
        "status=pending": [one],
        f"assignee={me}": [one],
        "assignee=me": [one],
        "assignee=none": [three, two],
        "queue=1": [three, two, one],
        "q=parrot": [two, one],
        "q=parrot&assignee=me": [one],
        "q=parrot&status=open&queue=1": [two],
        f"q=%23{three}": [three],
    }
    for query, ids in expected.items():
        status, page = agent("GET", f"/tickets?{query}")
        assert (status, [row["id"] for row in page["items"]]) == (200, ids), query
    assert agent("GET", "/tickets?queue=2")[0] == agent("GET", "/tickets?queue=99")[0] == 404


def test_search(agent, arrives):
    ids = [arrives(text=f"می‌خواهم سفارش {n} را پس بدهم") for n in range(3)]
    items = walked(agent, "/search", q="ميخواهم", limit=2)
    assert [row["id"] for row in items] == ids[::-1]
    assert fits(schemas.Found, items[0])["found"] == "می‌خواهم سفارش 2 را پس بدهم"
    assert agent("GET", "/search")[0] == 422
    assert fits(schemas.Listed, agent("GET", "/tickets?q=3")[1]["items"][0])["found"] == "", (
        "asked for by number: as it is described"
    )


def test_messages_with_notes_only_when_asked(agent, ticket):
    agent("POST", f"/tickets/{ticket}/notes", {"text": "between us"})
    agent("POST", f"/tickets/{ticket}/replies", {"text": "to you"})
    reported = lambda query: [(m["kind"], m["text"]) for m in walked(agent, f"/tickets/{ticket}/messages", **query)]
    assert reported({}) == [("in", "It has not come yet."), ("out", "to you")]
    assert reported({"notes": "1", "limit": 1}) == [
        ("in", "It has not come yet."),
        ("note", "between us"),
        ("out", "to you"),
    ]
    for item in walked(agent, f"/tickets/{ticket}/messages", notes="1"):
        fits(schemas.Message, item)


def test_a_customer(agent, api, ticket):
    status, customer = agent("GET", "/customers/1")
    assert status == 200 and fits(schemas.Customer, customer)["name"] == "Mina Rastegar"
    assert [row["id"] for row in customer["tickets"]] == [ticket] and customer["total"] == 1
    assert [(i["address"], i["verified"]) for i in customer["identities"]] == [("mina@customer.example", False)]
    assert api("stranger")("GET", "/customers/1")[0] == 404


def test_events(agent, runtime, ticket):
    agent("PATCH", f"/tickets/{ticket}", {"status": "solved"})
    items = walked(agent, "/events", limit=1)
    assert [fits(schemas.Event, event)["kind"] for event in items] == ["ticket.opened", "ticket.changed"]
    assert [event["seq"] for event in agent("GET", f"/events?since={items[0]['seq']}")[1]["items"]] == [items[1]["seq"]]
    assert agent("GET", f"/events?since={2**63 - 1}")[1] == {"items": [], "next": None}
    with runtime.uow() as uow:
        assert journal.last(uow) >= items[1]["seq"]


def test_queues_and_people(agent, api):
    assert agent("GET", "/queues")[1] == {
        "items": [{"id": 1, "name": "Orders and delivery", "target_minutes": 1440}],
        "next": None,
    }
    names = lambda name: [fits(schemas.User, row)["name"] for row in api(name)("GET", "/users")[1]["items"]]
    assert names("agent") == ["The admin", "The agent", "The supervisor", "The trainer"]
    assert names("stranger") == ["A stranger"]
    assert len(names("admin")) == 5


def test_accounts_without_their_settings(agent, api, runtime):
    status, page = api("admin")("GET", "/accounts")
    assert status == 200 and [fits(schemas.Account, row)["name"] for row in page["items"]] == ["support"]
    assert "settings" not in json.dumps(page) and "cursor" not in json.dumps(page)
    assert agent("GET", "/accounts")[0] == 403


@pytest.fixture
def quarantined(runtime, people):
    with runtime.uow() as uow, uow.writing() as session:
        rows = [
            RawMessage(
                account_id=1,
                external_id=f"bad-{n}",
                raw=b"\xff",
                size=1,
                state="quarantined",
                reason="It cannot be read.",
            )
            for n in range(3)
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def test_reasons_are_in_the_language_of_the_tokens_user(api, runtime, people, quarantined):
    with runtime.uow() as uow, uow.writing() as session:
        session.get(RawMessage, quarantined[0]).reason = dump_message(
            "There is no queue named %(name)s.", name="Orders"
        )
        session.get(User, people["admin"].id).language = "fa"
    reasons = {row["id"]: row["reason"] for row in walked(api("admin"), "/quarantine", limit=2)}
    assert "صفی" in reasons[quarantined[0]] and "Orders" in reasons[quarantined[0]]
    assert reasons[quarantined[1]] == "It cannot be read."


def test_quarantine(agent, api, runtime, quarantined):
    admin = api("admin")
    items = walked(admin, "/quarantine", limit=2)
    assert [fits(schemas.RawMessage, row)["id"] for row in items] == quarantined[::-1]
    assert items[0]["account"] == {"id": 1, "name": "support"} and items[0]["reason"] == "It cannot be read."
    assert admin("POST", f"/quarantine/{quarantined[0]}/retry") == (204, None)
    assert admin("POST", f"/quarantine/{quarantined[1]}/discard") == (204, None)
    with runtime.uow() as uow:
        assert [uow.session.get(RawMessage, i).state for i in quarantined] == ["new", "discarded", "quarantined"]
    for act in ("retry", "discard"):
        assert admin("POST", f"/quarantine/{quarantined[0]}/{act}")[0] == 404
        assert agent("POST", f"/quarantine/{quarantined[2]}/{act}")[0] == 403
    assert agent("GET", "/quarantine")[0] == 403


def test_a_file_is_only_ever_saved(agent, api, runtime, ticket):
    with runtime.uow() as uow, uow.writing() as session:
        message = session.query(Message).filter_by(ticket_id=ticket).one()
        row = Attachment(
            message_id=message.id,
            name='../a\r\n"b\u202egnp.html',
            type="text/html",
            size=len(PNG),
            sha256=uow.blobs.put(PNG),
        )
        lost = Attachment(message_id=message.id, name="gone", type="text/plain", size=1, sha256="0" * 64)
        session.add_all([row, lost])
        session.flush()
        file_id, lost_id = row.id, lost.id
    answer = agent.raw("GET", f"/attachments/{file_id}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PNG, "application/octet-stream")
    assert (
        answer.headers["Content-Disposition"].startswith("attachment")
        and answer.headers["X-Content-Type-Options"] == "nosniff"
    )
    assert "/a" not in answer.headers["Content-Disposition"] and "sandbox" in answer.headers["Content-Security-Policy"]
    assert agent("GET", f"/attachments/{lost_id}")[0] == 404
    assert api("stranger")("GET", f"/attachments/{file_id}")[0] == 404
    assert [f["id"] for f in agent("GET", f"/tickets/{ticket}/messages")[1]["items"][0]["files"]] == [file_id, lost_id]


# Writing ----------------------------------------------------------------------------------------------------------


OPENING = {"account": 1, "to": "Kian@customer.example", "subject": "Your order", "text": "It has come."}


def test_writing_first(agent, arrives):
    status, row = agent("POST", "/tickets", {**OPENING, "html": "<p onclick='x()'>It has <b>come</b>.</p>"})
    assert status == 201 and fits(schemas.Ticket, row)
    assert (row["subject"], row["status"], row["assignee"]["name"], row["customer"]["name"]) == (
        "Your order",
        "waiting",
        "The agent",
        "kian@customer.example",
    )
    _status, said = agent("GET", f"/tickets/{row['id']}/messages")
    (message,) = said["items"]
    assert (message["kind"], message["delivery"]["state"], message["delivery"]["to"][0]["value"]) == (
        "out",
        "queued",
        "kian@customer.example",
    )
    assert "onclick" not in message["html"] and "<b>come</b>" in message["html"]
    assert arrives(subject=f"Re: Your order [#{row['id']}]", address="kian@customer.example", name="Kian") == row["id"]


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        ({"to": "kian"}, 422, "to"), ({"to": "support@desk.example"}, 422, "to"), ({"subject": ""}, 422, "subject"), ({"text": " "}, 422, "text"),
        ({"account": "1"}, 422, "account"), ({"account": 99}, 404, ""), ({"queue": 2}, 404, ""), ({"queue": 99}, 404, ""), ({"owner": 1}, 422, "owner"),
    ],
)  # fmt: skip
def test_writing_first_what_cannot_be(agent, given, status, field):
    answered, problem = agent("POST", "/tickets", {**OPENING, **given})
    assert answered == status and (not field or field in problem["errors"])
    assert agent("GET", "/tickets")[1]["items"] == []


def test_writing_first_is_for_those_of_the_accounts_queue(api):
    assert api("stranger")("POST", "/tickets", OPENING)[0] == 404
    assert api("trainer")("POST", "/tickets", OPENING)[0] == 403


def test_handing_over(agent, ticket, runtime, people):
    assert agent("PATCH", f"/tickets/{ticket}", {"queue": 2})[0] == 404
    with runtime.uow() as uow:
        teams.change_queue(uow, 2, handover=True)
    status, row = agent("PATCH", f"/tickets/{ticket}", {"queue": 2})
    assert status == 200 and row["queue"]["id"] == 2
    assert agent("GET", f"/tickets/{ticket}")[0] == 404


def test_change(agent, ticket, people):
    facts = {"status": "pending", "priority": "urgent", "assignee": people["agent"].id, "tags": ["late"], "queue": 1}
    status, row = agent("PATCH", f"/tickets/{ticket}", facts)
    assert status == 200 and fits(schemas.Ticket, row)["assignee"] == {"id": people["agent"].id, "name": "The agent"}
    assert (row["status"], row["priority"], row["tags"]) == ("pending", "urgent", ["late"])
    assert agent("PATCH", f"/tickets/{ticket}", {"assignee": None})[1]["assignee"] is None
    assert agent("PATCH", f"/tickets/{ticket}", {"assignee": float(people["agent"].id)})[0] == 200
    assert agent("PATCH", f"/tickets/{ticket}", {})[0] == 200


@pytest.mark.clock
def test_a_reply_is_listed_at_once_as_queued(agent, runtime, ticket):
    status, message = agent(
        "POST", f"/tickets/{ticket}/replies", {"text": "It is on its way.", "html": "<p>It is <b>on</b> its way.</p>"}
    )
    assert status == 201 and fits(schemas.Message, message)["kind"] == "out" and message["author"] == "The agent"
    assert message["delivery"]["state"] == "queued" and message["delivery"]["to"][0]["value"] == "mina@customer.example"
    assert agent("GET", f"/tickets/{ticket}/messages")[1]["items"][-1] == message
    assert agent("GET", f"/tickets/{ticket}")[1]["status"] == "waiting"
    with runtime.uow() as uow:
        assert uow.session.query(Delivery).one().due_at <= uow.clock()


@pytest.mark.clock
def test_a_reply_to_somebody_else_and_later(agent, ticket):
    given = {"text": "Hello", "to": [" Kian@Customer.example "], "send_at": "2026-12-01T08:00:00Z", "status": "solved"}
    later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))
    status, message = agent("POST", f"/tickets/{ticket}/replies", {**given, "send_at": later})
    assert status == 201 and message["delivery"]["to"] == [
        {"kind": "email", "value": "kian@customer.example", "name": ""}
    ]
    assert message["delivery"]["due_at"].startswith(later[:-1])
    assert agent("GET", f"/tickets/{ticket}")[1]["status"] == "solved"


def test_what_is_no_address_is_not_written_to(agent, ticket):
    for address in (
        "a@b.example\nBcc: c@d.example",
        "",
        " ",
        "a\u202eb@c.example",
        "a\x00@b.example",
        "x" * 255,
        "mina",
        "a@b@c.example",
    ):
        status, problem = agent("POST", f"/tickets/{ticket}/replies", {"text": "Hello", "to": [address]})
        assert status == 422 and any(name.startswith("to") for name in problem["errors"])


HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><animate attributeName=href values=javascript:alert(1) /><a>x",
    "<math><mtext><table><mglyph><style><!--</style><img src onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='data:text/html,x'>x</a>",
    "<style>*{background:url(//e.example/a)}</style>",
    "<p style='position:fixed'>x</p>",
    "<iframe src='//e.example'></iframe><form action='//e.example'><input name=x></form>",
]


def test_formatting_is_made_safe(agent, ticket):
    for html in HOSTILE:
        kept = agent("POST", f"/tickets/{ticket}/replies", {"text": "Hello", "html": html})[1]["html"]
        for forbidden in (
            "<script",
            "onerror=",
            "javascript:",
            "data:",
            "<style",
            "style=",
            "<svg",
            "<math",
            "<iframe",
            "<form",
            "<img",
            "e.example",
        ):
            assert forbidden not in kept, html


def test_what_a_letter_needs_is_kept(agent, ticket):
    html = (
        '<p dir="rtl">سلام <b>مینا</b><br>این <a href="https://shop.example/?a=1">اینجا</a> است</p><ul><li>یک</li></ul>'
    )
    kept = agent("POST", f"/tickets/{ticket}/replies", {"text": "Hello", "html": html})[1]["html"]
    assert kept == html.replace('?a=1"', '?a=1" rel="noopener noreferrer"')


def test_a_newer_word_of_anybody_stops_a_reply_that_asks_for_it(agent, api, ticket, arrives):
    """And a colleague's newer answer; sending anyway names the newest that was looked at (FAULTS A14)."""
    seen = agent("GET", f"/tickets/{ticket}")[1]["last_message"]
    assert arrives(subject=f"Re: [#{ticket}]", text="And a blue one") == ticket
    replies = f"/tickets/{ticket}/replies"
    for _ in range(2):
        status, problem = agent("POST", replies, {"text": "Old news", "seen": seen})
        assert status == 409 and [said["text"] for said in problem["newer"]] == ["And a blue one"]
        assert problem["newest"] == problem["newer"][-1]["id"] and "new message came" in problem["title"]
    answered = api("supervisor")("POST", replies, {"text": "Blue, then"})[1]
    status, overtaken = agent("POST", replies, {"text": "Anyway", "seen": problem["newest"]})
    assert (status, overtaken["newest"]) == (409, answered["id"]) and "The supervisor answered" in overtaken["title"]
    assert agent("POST", replies, {"text": "Anyway", "seen": overtaken["newest"]})[0] == 201


def test_the_desk_itself_is_nobody_to_write_to(agent, ticket):
    """As the console refuses it (FAULTS A1)."""
    for given in (
        {"to": ["support@desk.example"]},
        {"to": ["Support <SUPPORT+t1-1-x@desk.example>"]},
        {"cc": ["support+x@desk.example"]},
    ):
        status, problem = agent("POST", f"/tickets/{ticket}/replies", {"text": "Hello", **given})
        assert status == 422 and problem["errors"].keys() <= {"to", "cc"} and "desk itself" in problem["title"]
    status, message = agent("POST", f"/tickets/{ticket}/replies", {"text": "Hello", "cc": ["kian@customer.example"]})
    assert [person["value"] for person in message["delivery"]["cc"]] == ["kian@customer.example"]
    assert status == 201 and fits(schemas.Message, message)["delivery"]["to"][0]["value"] == "mina@customer.example"


def test_a_note(agent, ticket):
    status, message = agent("POST", f"/tickets/{ticket}/notes", {"text": "He is angry"})
    assert status == 201 and fits(schemas.Message, message)["kind"] == "note" and message["delivery"] is None


def test_merge_and_take_it_back(agent, api, arrives):
    one, two = arrives(text="one"), arrives(text="two")
    status, done = agent("POST", f"/tickets/{one}/merge", {"target": two})
    assert status == 200 and fits(schemas.Merge, done) | {"source": one, "target": two, "undone_at": None} == done
    assert agent("GET", f"/tickets/{one}")[1]["merged_into"] == two
    assert [m["text"] for m in agent("GET", f"/tickets/{two}/messages")[1]["items"]] == ["one", "two"]
    assert agent("PATCH", f"/tickets/{one}", {"status": "open"})[0] == 409
    assert api("stranger")("DELETE", f"/merges/{done['id']}")[0] == 404
    status, undone = agent("DELETE", f"/merges/{done['id']}")
    assert status == 200 and undone["undone_at"]
    assert agent("DELETE", f"/merges/{done['id']}")[0] == 409
    assert agent("POST", f"/tickets/{one}/merge", {"target": one})[0] == 422


# Refusals ---------------------------------------------------------------------------------------------------------


MASSES = ("role", "is_admin", "password", "password_hash", "epoch", "owner_id", "account_id", "customer_id", "queue_id", "created_at", "id", "number",
          "merged_into_id", "target_at", "unread", "_sa_instance_state", "__class__", "metadata", "user_id", "kind", "unverified", "automatic")  # fmt: skip


def test_nothing_is_assigned_that_no_schema_names(agent, runtime, ticket):
    """Check A7, S03."""

    def tables():
        with runtime.uow() as uow:
            return [str(vars(row)[column]) for model in (Ticket, Message, User) for row in uow.session.query(model).order_by(model.id)
                    for column in sorted(c.key for c in model.__table__.columns)]  # fmt: skip

    before = tables()
    for name in MASSES:
        for method, path, body in (
            ("PATCH", f"/tickets/{ticket}", {"status": "solved"}),
            ("POST", f"/tickets/{ticket}/replies", {"text": "x"}),
            ("POST", f"/tickets/{ticket}/notes", {"text": "x"}),
            ("POST", f"/tickets/{ticket}/merge", {"target": ticket}),
        ):
            status, problem = agent(method, path, {**body, name: 1})
            assert status == 422 and name in problem["errors"], path
        assert agent("GET", "/tickets", query_string={name: 1})[0] == 422
    assert tables() == before


def test_unknown_numbers_are_404_however_large(api, ticket):
    admin = api("admin")
    for method, path, body in (
        ("GET", "/tickets/{}", None),
        ("PATCH", "/tickets/{}", {"status": "open"}),
        ("GET", "/tickets/{}/messages", None),
        ("POST", "/tickets/{}/replies", {"text": "x"}),
        ("POST", "/tickets/{}/notes", {"text": "x"}),
        ("POST", "/tickets/{}/merge", {"target": ticket}),
        ("DELETE", "/merges/{}", None),
        ("GET", "/customers/{}", None),
        ("GET", "/attachments/{}", None),
        ("POST", "/quarantine/{}/retry", None),
        ("POST", "/quarantine/{}/discard", None),
    ):
        for bad in (999, 0, 2**63, 2**200):
            assert admin(method, path.format(bad), body)[0] == 404, path


WRONG_QUERIES = [
    ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=1.5", "limit"), ("limit=x", "limit"), ("limit=٣", "limit"), ("limit=1_0", "limit"),
    ("limit=1001", "limit"), (f"queue={2**63}", "queue"), ("status=nonsense", "status"), ("status=open%27%20OR%201=1--", "status"),
    ("assignee=you", "assignee"), ("assignee=1%0a", "assignee"), ("cursor=x", "cursor"), ("cursor=W3siYSI6MX1d", "cursor"),
    ("q=" + "x" * 201, "q"), ("order=name", "order"), ("Status=open", "Status"),
]  # fmt: skip


def test_a_query_that_does_not_fit_names_its_field(agent, ticket):
    for query, field in WRONG_QUERIES:
        status, problem = agent("GET", f"/tickets?{query}")
        assert status == 422 and field in problem["errors"], query


def test_a_number_is_a_json_integer(agent, ticket):
    for value in (1.5, "1", True, [], {}, 2**63, 0, -1, float("nan"), float("inf")):
        assert agent("PATCH", f"/tickets/{ticket}", {"queue": value})[0] == 422, value


WRONG_BODIES = [
    (b"", "application/json", 422), (b"{", "application/json", 400), (b"\xff", "application/json", 400), (b"[]", "application/json", 422),
    (b"null", "application/json", 422), (b'"x"', "application/json", 422), (b"[" * 100_000, "application/json", 400),
    (b'{"text": "x"}', "text/plain", 415), (b"text=x", "application/x-www-form-urlencoded", 415), (b'{"text": null}', "application/json", 422),
    (b'{"text": 5}', "application/json", 422), (b'{"text": "  "}', "application/json", 422), (b'{"text": "\\u0000"}', "application/json", 422),
]  # fmt: skip


def test_a_body_that_does_not_fit_is_a_problem(agent, ticket):
    for body, kind, status in WRONG_BODIES:
        assert agent("POST", f"/tickets/{ticket}/notes", data=body, content_type=kind)[0] == status, body[:50]


def test_any_text_is_kept_as_text(agent, ticket):
    for text in ("a\x00b", "😀 \u202e سلام", "=cmd|'/c calc'!A1", "{{7*7}}", "%(x)s"):
        status, message = agent(
            "POST", f"/tickets/{ticket}/notes", data=json.dumps({"text": f"x {text}"}), content_type="application/json"
        )
        assert status == 201 and message["text"] == f"x {text}".replace("\x00", "")


def test_a_moment_nobody_can_keep_and_one_that_is_past(agent, ticket):
    for moment in ("tomorrow", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59Z", "", 5, None):
        status, problem = agent("POST", f"/tickets/{ticket}/replies", {"text": "x", "send_at": moment})
        assert status == 422 and "send_at" in problem["errors"]
    for moment in ("0001-01-01T00:00:00+23:59", "2020-01-01T00:00:00", "2020-01-01T00:00:00-12:00"):
        assert agent("POST", f"/tickets/{ticket}/replies", {"text": "x", "send_at": moment})[0] == 201


def test_too_much_is_413(agent, ticket):
    assert agent("POST", f"/tickets/{ticket}/notes", {"text": "x" * 5_000_000})[0] == 413


def test_other_methods_and_addresses(agent, ticket):
    answer = agent.raw("DELETE", f"/tickets/{ticket}")
    assert answer.status_code == 405 and set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PATCH"}
    assert answer.content_type == "application/problem+json"
    assert agent("GET", "/nothing")[0] == agent("GET", "/tickets/x")[0] == agent("GET", "/tickets/-1")[0] == 404


def test_a_fault_tells_nothing_of_itself(agent, monkeypatch):
    monkeypatch.setattr("helpdesk.core.tickets.ticket_lists.listed", lambda *_a, **_k: 1 / 0)
    status, problem = agent("GET", "/tickets")
    assert status == 500 and "Zero" not in json.dumps(problem)


def test_sentences_are_in_the_readers_language(agent):
    problem = agent("GET", "/tickets?order=x", headers={"Accept-Language": "fa"})[1]
    assert all("\u0600" <= text[0] <= "\u06ff" for text in (problem["title"], problem["errors"]["order"]))


def test_the_description_is_for_everybody_and_in_their_language(app):
    english = app.test_client().get("/api/v1/openapi.json").json
    persian = app.test_client().get("/api/v1/openapi.json", headers={"Accept-Language": "fa"}).json
    assert english["openapi"] == "3.1.0" and english["security"] == [{"token": []}]
    titles = lambda described: [
        described["info"]["title"],
        *(act["summary"] for path in described["paths"].values() for act in path.values() if "summary" in act),
    ]
    assert len(titles(english)) > 18 and not set(titles(english)) & set(titles(persian))
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("rest.")]
    assert set(english["paths"]) == {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule) for rule in rules}


# Cost -------------------------------------------------------------------------------------------------------------


COSTS = {
    "/tickets": 5, "/tickets?assignee=me": 5, "/search?q=order": 8, "/tickets/{}": 5, "/tickets/{}/messages?notes=1": 6,
    "/customers/1": 8, "/events": 4, "/queues": 3, "/users": 3,
}  # fmt: skip


def test_so_many_queries_however_much_there_is(agent, arrives, counted, runtime, people):
    """A token, the queues of its person, and then the same number for one row and for many."""

    def cost(path):
        with counted() as statements:
            assert agent("GET", path.format(first))[0] == 200
        return [s for s in statements if not s.startswith("PRAGMA")]

    first = arrives(text="my order")
    agent("GET", "/me")  # the token's last use is written once a minute
    few = {path: cost(path) for path in COSTS}
    with runtime.uow() as uow:
        uow.actor = actor_for(uow.session, people["agent"])
        for _ in range(6):
            replies.reply(uow, first, "about your order")
            tickets.change(uow, arrives(text="my order"), assignee_id=people["agent"].id)
    for path, most in COSTS.items():
        many = cost(path)
        assert len(many) == len(few[path]) <= most, "\n".join(many)

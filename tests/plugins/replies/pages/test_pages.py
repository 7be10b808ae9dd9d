"""The pages of saved replies, what the composer asks for, and the operations for programs."""

import io
import json

import pytest

from helpdesk.core.people import api_tokens
from helpdesk.core.tickets.models import DraftFile, Ticket
from plugins.replies import demo, store

from ..conftest import given


@pytest.fixture
def saved(runtime, people):
    """saved(name, …) is the id of a reply of the whole desk."""

    def make(name="Late delivery", **more):
        with runtime.uow() as uow:
            return store.add(uow, given(name, **more))

    return make


def told(answer):
    """The events an answer fires on the page."""
    assert answer.status_code == 200, answer.text
    return json.loads(answer.headers["HX-Trigger"])


def test_a_reply_is_written_in_both_languages_and_shown(agent):
    form = {
        "name": "تأخیر | Late",
        "owner": "me",
        "fa_text": "سلام {{مشتری.نام}}",
        "en_text": "Hello",
        "folder": "سفارش",
    }
    page = agent.post("/x/replies/new", form, follow_redirects=True)
    assert page.status_code == 200 and "سلام {{مشتری.نام}}" in page.text
    listing = agent.get("/x/replies/").text
    assert "Late" in listing and "Persian and English" in listing and "Only me" in listing
    assert "No reply has these words" in agent.get("/x/replies/?q=nothing").text


def test_what_does_not_fit_keeps_what_was_typed(agent):
    page = agent.post("/x/replies/new", {"name": "Kept", "owner": "me", "en_text": "Hi {{nobody.knows}}"})
    assert page.status_code == 422
    assert "no variable fills" in page.text and "Hi {{nobody.knows}}" in page.text and 'value="Kept"' in page.text


def test_agents_read_the_desks_replies_and_supervisors_write_them(agent, signed_in, saved):
    reply_id = saved()
    assert "inert" in agent.get(f"/x/replies/{reply_id}").text
    assert agent.post(f"/x/replies/{reply_id}", {"name": "Mine", "owner": "me", "en_text": "x"}).status_code == 403
    supervisor = signed_in("supervisor")
    form = {"csrf_token": supervisor.csrf, "name": "Ours", "owner": "desk", "en_text": "x", "version": "1"}
    assert supervisor.post(f"/x/replies/{reply_id}", data=form).status_code == 302
    again = supervisor.post(f"/x/replies/{reply_id}", data=form | {"name": "Late writer"})
    assert again.status_code == 409 and "meanwhile" in again.text and 'value="Late writer"' in again.text


def test_a_deleted_reply_comes_back_by_undo(signed_in, saved):
    reply_id, supervisor = saved(), signed_in("supervisor")
    page = supervisor.post(f"/x/replies/{reply_id}/delete", data={"csrf_token": supervisor.csrf}, follow_redirects=True)
    assert f"/x/replies/{reply_id}/restore" in page.text
    supervisor.post(f"/x/replies/{reply_id}/restore", data={"csrf_token": supervisor.csrf})
    assert "Late delivery" in supervisor.get("/x/replies/").text


def test_files_come_with_the_form_and_are_only_saved(agent):
    form = {"name": "Guide", "owner": "me", "en_text": "Attached", "files": (io.BytesIO(b"<script>"), "راهنما.html")}
    agent.post("/x/replies/new", form, content_type="multipart/form-data")
    file = agent.get("/x/replies/1/files/0")
    assert file.data == b"<script>" and file.mimetype == "application/octet-stream"
    assert "attachment" in file.headers["Content-Disposition"]
    assert agent.get("/x/replies/1/files/1").status_code == 404


# The composer ---------------------------------------------------------------------------------------------------------


def test_the_picker_finds_and_previews_with_the_tickets_values(agent, arrives, saved):
    ticket, reply_id = (
        arrives("Order 48213"),
        saved(en="Order {{order.number}}, {{ticket.target}} {{order.number|x}}", fa="سفارش {{سفارش.شماره}}"),
    )
    assert 'data-tool="replies.pick"' in agent.get(f"/tickets/{ticket}").text
    assert 'data-source="/x/replies/options/reply"' in agent.get(f"/x/replies/pick?ticket={ticket}&mode=reply").text
    assert "Late delivery" in agent.get("/x/replies/options/reply?q=سفارش").text
    shown = agent.get(f"/x/replies/preview?ticket={ticket}&reply={reply_id}").text
    assert '<span class="fill">48213</span>' in shown and 'data-language="fa"' in shown
    assert "سفارش <span" in agent.get(f"/x/replies/preview?ticket={ticket}&reply={reply_id}&language=fa").text


def test_what_is_missing_is_amber_and_named_and_stops_nothing(agent, arrives, saved):
    ticket, reply_id = arrives("Hello"), saved(en="Order {{order.number}}")
    shown = agent.get(f"/x/replies/preview?ticket={ticket}&reply={reply_id}").text
    assert '<span class="hole">{{order.number}}</span>' in shown and "The number of the order" in shown
    events = told(agent.post(f"/x/replies/{reply_id}/insert", {"ticket": ticket, "mode": "reply"}))
    assert events["replies:insert"]["text"] == "Order {{order.number}}"


def test_inserting_counts_and_puts_the_files_with_the_draft(agent, arrives, runtime, people):
    ticket = arrives()
    with runtime.uow() as uow:
        files = store.stored(uow, [store.File("guide.pdf", "application/pdf", b"%PDF")])
        reply_id = store.add(uow, given(), files)
    assert told(agent.post(f"/x/replies/{reply_id}/insert", {"ticket": ticket, "mode": "reply"}))["replies:insert"][
        "files"
    ]
    with runtime.uow() as uow:
        assert [file.name for file in uow.session.query(DraftFile)] == ["guide.pdf"]
        row = store.get(uow, reply_id)
        assert row.uses == 1 and row.used_at


def test_a_macro_is_applied_and_undone_from_the_console(agent, arrives, saved, runtime):
    ticket = arrives()
    reply_id = saved(actions=[{"action": "status", "value": "solved"}, {"action": "add_tags", "value": ["late"]}])
    shown = agent.get(f"/x/replies/chosen?ticket={ticket}&reply={reply_id}").text
    assert "Status: Solved" in shown and "Tags: late" in shown
    events = told(agent.post(f"/x/replies/{reply_id}/apply", {"ticket": ticket, "text": "Changed by hand", "seen": ""}))
    assert events["ticket:said"]["seconds"] == 10
    back = told(agent.post(events["ticket:said"]["undo"]))
    assert back["ticket:unsaid"]["text"] == "Changed by hand"
    with runtime.uow() as uow:
        row = uow.session.get(Ticket, ticket)
        assert (row.status, row.tags) == ("open", [])


def test_other_peoples_tickets_and_replies_are_not_there(signed_in, arrives, saved):
    ticket, reply_id, stranger = (
        arrives(),
        saved(actions=[{"action": "priority", "value": "low"}]),
        signed_in("stranger"),
    )
    for url in (
        f"pick?ticket={ticket}",
        f"preview?ticket={ticket}&reply={reply_id}",
        f"chosen?ticket={ticket}&reply={reply_id}",
    ):
        assert stranger.get(f"/x/replies/{url}").status_code == 404, url
    form = {"csrf_token": stranger.csrf, "ticket": ticket}
    for act in ("insert", "apply"):
        assert stranger.post(f"/x/replies/{reply_id}/{act}", data=form).status_code == 404
    assert signed_in("trainer").get("/x/replies/").status_code == 403


def test_the_palette_finds_them_by_words(agent, saved):
    saved("Late | تأخیر")
    assert agent.get("/x/replies/found?q=تاخیر").json["items"][0]["label"] == "Late"


# Files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_what_was_carried_out_comes_in_again(signed_in, saved, runtime, kind):
    actions = [{"action": "note", "value": "=1+1"}, {"action": "add_tags", "value": ["a"]}]
    saved("=Late | تأخیر", fa="سلام،\n«خوب»", actions=actions, folder="-x")
    supervisor = signed_in("supervisor")
    content = supervisor.get(f"/x/replies/export.{kind}").data
    if kind == "csv":
        assert content.startswith("\ufeff".encode()) and b"\n'=Late" in content
    data = {"csrf_token": supervisor.csrf, "file": (io.BytesIO(content), f"replies.{kind}")}
    assert "1 saved reply came in." in supervisor.post("/x/replies/import", data=data).text
    with runtime.uow() as uow:
        first, second = store.page(uow, 0, 9)
        same = ("name", "folder", "texts", "actions", "scope")
        assert [getattr(first, name) for name in same] == [getattr(second, name) for name in same]
        assert first.name == "=Late | تأخیر"


def test_a_refused_row_is_told_and_stops_no_other(agent):
    rows = [
        given("Good", scope="personal"),
        given("", scope="personal"),
        given("Theirs", scope="desk"),
        7,
        given("Bad", en="{{x.y}}", scope="personal"),
    ]
    content = json.dumps({"format": "hamdel.saved-replies.1", "replies": rows}).encode()
    page = agent.post("/x/replies/import", {"file": (io.BytesIO(content), "a.json")}).text
    assert "1 saved reply came in." in page and "4 rows were refused" in page
    for number in (2, 3, 4, 5):
        assert f"Row {number}:" in page


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b"{"),
        ("a.json", b"[" * 100_000),
        ("a.json", b'{"replies": []}'),
        ("a.csv", b"\xff\xfe"),
        ("a.csv", b"x,y\n1,2"),
        ("a.json", b" " * 2_000_001),
        ("a.csv", b"name,en_text\n" + b"a,b\n" * 501),
    ],
)
def test_a_file_that_is_none_or_too_much_changes_nothing(agent, runtime, name, content):
    page = agent.post("/x/replies/import", {"file": (io.BytesIO(content), name)})
    assert page.status_code == 422 and 'role="alert"' in page.text
    with runtime.uow() as uow:
        assert store.page(uow, 0, 9) == []


# Programs -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def api(client, runtime, people):
    """api(method, path, json) asks as a supervisor's program."""
    with runtime.uow() as uow:
        bearer = {"Authorization": f"Bearer {api_tokens.add_token(uow, people['supervisor'].id, 'test')}"}
    return lambda method, path, **more: client.open(f"/api/v1/x/replies{path}", method=method, headers=bearer, **more)


def test_programs_write_read_change_and_delete(api):
    made = api("POST", "/replies", json=given(actions=[{"action": "assign", "value": "me"}]))
    assert made.status_code == 201
    number = made.json["id"]
    assert api("GET", f"/replies/{number}").json["texts"]["en"]["text"].startswith("Dear")
    assert api("PUT", f"/replies/{number}", json=given("Second") | {"version": 1}).json["name"] == "Second"
    assert api("PUT", f"/replies/{number}", json=given("Third") | {"version": 1}).status_code == 409
    api("POST", "/replies", json=given("Another"))
    first = api("GET", "/replies?limit=1").json
    second = api("GET", f"/replies?limit=1&cursor={first['next']}").json
    assert [page["items"][0]["name"] for page in (first, second)] == ["Second", "Another"] and second["next"] is None
    assert api("DELETE", f"/replies/{number}").status_code == 204
    assert api("GET", f"/replies/{number}").status_code == 404
    assert api("POST", "/replies", json=given(en="{{nothing}}")).json["errors"]["en_text"]


def test_programs_apply_and_are_not_let_past_what_is_missing(api, arrives, saved):
    ticket, reply_id = (
        arrives("Hello"),
        saved(en="Order {{order.number}}", actions=[{"action": "priority", "value": "high"}]),
    )
    shown = api("GET", f"/replies/{reply_id}/filled?ticket={ticket}").json
    assert shown["missing"] == ["The number of the order the customer names"]
    assert api("POST", f"/replies/{reply_id}/apply", json={"ticket": ticket}).status_code == 422
    done = api("POST", f"/replies/{reply_id}/apply", json={"ticket": ticket, "text": "Order 7"})
    assert done.status_code == 201 and done.json["message"]


def test_the_operations_are_described(client, people):
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    assert paths["/api/v1/x/replies/replies/{reply_id}/apply"]["post"]["security"] == [{"token": ["tickets.write"]}]


def test_the_demos_replies_are_good_in_both_languages(runtime, people):
    demo.fill(runtime)
    demo.fill(runtime)
    with runtime.uow() as uow:
        rows = store.find(uow)
        assert len(rows) == len(demo.REPLIES) == 8 and sum(bool(row.actions) for row in rows) == 3
        assert all(len(row.texts) == 2 for row in rows if row.texts)

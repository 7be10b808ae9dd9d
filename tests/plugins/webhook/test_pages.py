"""The pages of webhooks and their operations for programs; secrets go in and never come out, but for once."""

import json
import warnings

import pytest

from helpdesk.app import build_runtime, create_app
from helpdesk.core.accounts import accounts
from helpdesk.core.people import api_tokens
from helpdesk.testing import databases
from plugins.webhook import calls

from .conftest import SECRET


@pytest.fixture
def admin(signed_in):
    client = signed_in("admin")
    plain = client.post
    client.post = lambda url, data=None, **more: plain(url, data={"csrf_token": client.csrf, **(data or {})}, **more)
    return client


FORM = {"name": "Shop", "url": "https://shop.example/in?key=canary-path-72", "patterns": "ticket.*\nmessage.received"}


def test_an_endpoint_is_made_and_its_secret_seen_once(admin, runtime):
    page = admin.post("/x/webhook/new", FORM)
    secret = page.text.split("webhook-secret", 1)[1].split(">", 1)[1].split("<", 1)[0]
    assert page.status_code == 200 and secret.startswith("whsec_")
    pages = [admin.get(f"/x/webhook/{path}").text for path in ("", "1", "1/edit", "1/rows")]
    assert not any(secret in text for text in pages)
    assert "shop.example" in pages[0] and "canary-path-72" not in pages[0] + pages[1]
    again = admin.post("/x/webhook/1/secret").text
    assert "whsec_" in again and secret not in again


def test_what_does_not_fit_keeps_what_was_typed(admin):
    page = admin.post("/x/webhook/new", FORM | {"patterns": "Tickets!", "secret": SECRET})
    assert page.status_code == 422 and "one a line" in page.text and "Tickets!" in page.text and SECRET not in page.text


def test_the_log_shows_answers_and_tells_again(admin, uow, endpoint, receiver, arrives, tell, send):
    receiver.status, receiver.answer = 500, b"<b>no stock</b>"
    ticket = arrives()
    tell()
    send()
    page = admin.get(f"/x/webhook/{endpoint}").text
    assert (
        "ticket.opened" in page
        and "&lt;b&gt;no stock" in page
        and "It answered 500" in page
        and f"/tickets/{ticket}" in page
    )
    assert "every 3s" in page and SECRET not in page
    receiver.status = 200
    call = calls.page(uow, endpoint)[0]
    admin.post(f"/x/webhook/calls/{call.id}/replay")
    admin.post(f"/x/webhook/{endpoint}/ping")
    send()
    assert receiver.kinds == ["ticket.opened", "ticket.opened", "webhook.ping"] or len(receiver.taken) == 3
    assert "every 3s" not in admin.get(f"/x/webhook/{endpoint}/rows?state=sent").text
    page = admin.post(f"/x/webhook/{endpoint}/replay", {"span": "day"}, follow_redirects=True)
    assert "1 event is sent again" in page.text
    admin.post(f"/x/webhook/{endpoint}/switch")
    assert "Please switch it on first" in admin.post(f"/x/webhook/{endpoint}/ping", follow_redirects=True).text
    admin.post(f"/x/webhook/{endpoint}/delete")
    assert "No webhook yet" in admin.get("/x/webhook/").text


def test_others_see_nothing_of_it(signed_in, endpoint):
    supervisor = signed_in("supervisor")
    assert supervisor.get("/x/webhook/").status_code == 403
    assert "/x/webhook/" not in supervisor.get("/views/all").text


def test_programs_do_the_same(client, runtime, people, receiver, arrives, tell, send):
    with runtime.uow() as uow:
        headers = {"Authorization": f"Bearer {api_tokens.add_token(uow, people['admin'].id, 'shop')}"}

    def ask(method, path, body=None):
        answer = client.open(f"/api/v1/x/webhook{path}", method=method, json=body, headers=headers)
        assert SECRET not in answer.text
        return answer.status_code, answer.get_json(silent=True)

    facts = {"name": "Shop", "url": receiver.url, "events": ["ticket.*"], "secret": SECRET}
    status, made = ask("POST", "/endpoints", facts)
    assert (status, made["secret"], made["events"]) == (201, "", ["ticket.*"])
    assert ask("POST", "/endpoints", facts | {"secret": ""})[1]["secret"].startswith("whsec_")
    assert ask("PUT", "/endpoints/1", facts | {"events": ["ticket.opened"], "words": True, "secret": ""})[1]["words"]
    arrives()
    tell()
    send()
    (call,) = ask("GET", "/endpoints/1/calls")[1]["items"]
    assert (call["kind"], call["state"], call["status"]) == ("ticket.opened", "sent", 200)
    assert ask("POST", f"/calls/{call['id']}/replay")[1]["state"] == "waiting"
    assert ask("POST", "/endpoints/1/ping")[0] == 201
    assert ask("POST", "/endpoints/1/replay", {"since": "2020-01-01T00:00:00Z"})[1] == {"replayed": 0}
    assert ask("POST", "/endpoints/1/switch", {"active": False})[1]["held"] == 2
    assert ask("POST", "/endpoints/1/ping")[0] == 409 and ask("GET", "/endpoints/7")[0] == 404
    assert ask("DELETE", "/endpoints/1")[0] == 204 and len(ask("GET", "/endpoints")[1]["items"]) == 1


def test_the_form_of_an_inbound_account_tries_a_sample(admin, uow):
    account = accounts.create(uow, "webhook", "shop", {"secret": SECRET}, 1)
    page = admin.get(f"/settings/accounts/{account.id}").text
    assert "/settings/accounts/new/webhook/preview" in page and SECRET not in page
    form = {
        "set-sender": "$.by",
        "set-text": "$.words",
        "sample": json.dumps({"by": "m@x.example", "words": "<b>سلام"}),
    }
    shown = admin.post("/settings/accounts/new/webhook/preview", form).text
    assert "email: m@x.example" in shown and "&lt;b&gt;سلام" in shown
    assert "This is not JSON" in admin.post("/settings/accounts/new/webhook/preview", form | {"sample": "{"}).text
    assert "JSONPath" in admin.post("/settings/accounts/new/webhook/preview", form | {"set-text": "$.["}).text
    assert admin.post("/settings/accounts/new/email/preview", form).status_code in (200, 404)


def test_shapes_of_two_plugins_may_have_one_name(config):
    runtime = build_runtime(type(config)(**{**vars(config), "plugins": ("email", "replies", "webhook")}))
    databases.upgrade(runtime)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # apispec warns of a second schema of the same name
        app = create_app(runtime.config, runtime)
    shapes = app.test_client().get("/api/v1/openapi.json").json["components"]["schemas"]
    assert {"replies.PageShape", "webhook.PageShape", "Ticket", "PaginationMetadata"} <= set(shapes)
    runtime.engine.dispose()

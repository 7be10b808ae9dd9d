"""Webhooks both ways in a browser: an endpoint is made, fails, is told again; foreign JSON is mapped with a preview, comes in and
is told on.
"""

import json
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.accounts.models import Account
from helpdesk.core.people import teams, users
from helpdesk.security import passwords
from helpdesk.testing.databases import upgrade
from helpdesk.testing.processes import Served, free_port

from .receiver import Receiver

pytestmark = pytest.mark.e2e
PASSWORD, SECRET = "a long enough password", "canary-secret-0123456789"
SAMPLE = {"ref": "A1", "from": {"mail": "mina@customer.example"}, "body": "کجاست؟"}


@pytest.fixture
def served(tmp_path):
    """A desk at work with an admin and a queue."""
    environment = {"HELPDESK_PLUGINS": "webhook", "HELPDESK_PRIVATE_ADDRESSES": "1", "HELPDESK_PORT": str(free_port())}
    runtime = build_runtime(from_environment({"HELPDESK_DATA_DIR": str(tmp_path), **environment}))
    upgrade(runtime)
    passwords.weaken()
    with runtime.uow() as uow:
        admin = users.add(uow, "admin@desk.example", "Ada", "admin", passwords.hash_password(PASSWORD), "en")
        teams.add_queue(uow, "Front", [teams.add_team(uow, "Front", [admin.id]).id])
    desk = Served(tmp_path, "run", **environment)
    desk.runtime = runtime
    yield desk
    desk.stop()
    runtime.parser.close()
    runtime.engine.dispose()


def test_webhooks_both_ways(served, browser):
    receiver, url = Receiver(), f"http://127.0.0.1:{served.port}"
    context = browser.new_context(viewport={"width": 390, "height": 800}, base_url=url)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", "admin@desk.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)

    # out: a test fails, the log says why, and it is told again
    page.goto("/x/webhook/new")
    page.fill("[name=name]", "Shop")
    page.fill("[name=url]", receiver.url)
    page.fill("[name=patterns]", "ticket.*")
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("whsec_")
    receiver.status = 500
    page.goto("/x/webhook/1")
    page.click("text=Send a test")
    expect(page.locator("#calls")).to_contain_text("It answered 500", timeout=15_000)  # nobody reloads
    receiver.status = 200
    with served.runtime.uow() as uow:  # it would wait half a minute, and the endpoint five seconds
        from plugins.webhook.tables import Call

        with uow.writing() as session:
            session.query(Call).update({"state": "failed"})
    page.reload()
    page.click("#calls button:has-text('Replay')")
    expect(page.locator("#calls tbody tr").first).to_contain_text("200", timeout=15_000)
    assert len(receiver.taken) == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    # in: the mapping is tried on a sample while it is typed
    page.goto("/settings/accounts/new/webhook")
    page.fill("[name=name]", "Orders")
    page.fill("[name='set-secret']", SECRET)
    page.fill("[name='set-header']", "X-Key")
    page.fill("#sample", json.dumps(SAMPLE))
    expect(page.locator("#previewed")).to_contain_text("find")
    for part, path in (("sender", "$.from.mail"), ("text", "$.body"), ("id", "$.ref")):
        page.fill(f"#account [name='set-{part}']", path)
    expect(page.locator("#previewed")).to_contain_text("mina@customer.example", timeout=10_000)
    expect(page.locator("#previewed")).to_contain_text("کجاست؟")
    page.click(".savebar button[type=submit]")
    page.wait_for_url(lambda address: "/new/" not in address)
    with served.runtime.uow() as uow:
        key = uow.session.query(Account).filter_by(name="Orders").one().public_key
    headers = {"Content-Type": "application/json", "X-Key": SECRET}
    with urlopen(Request(f"{url}/in/{key}", json.dumps(SAMPLE).encode(), headers), timeout=10) as answer:
        assert answer.status == 200
    served.until(lambda: "ticket.opened" in receiver.kinds[2:])
    page.goto("/x/webhook/1")
    expect(page.locator("#calls")).to_contain_text("ticket.opened")
    context.close()
    receiver.close()

"""A customer's way in a real browser: the form inside another site, the mail's link, an answer, closing and reopening."""

import http.server
import re
import sqlite3
import threading

import pytest

from helpdesk.app import build_runtime
from helpdesk.config import from_environment
from helpdesk.core.outbox import replies
from helpdesk.core.people.models import Customer
from helpdesk.core.tickets.message_models import Message
from helpdesk.testing.processes import Served, free_port

pytestmark = pytest.mark.e2e

SITE = '<!doctype html><html lang="en"><title>The shop</title><main><h1>The shop</h1><script src="{}/p/form/{}/embed.js" data-topic="order" data-lang="fa" data-name="Mina"></script></main>'
POLICY = "default-src 'self'; script-src {0}; frame-src {0}"


class Site:
    """Another site, with a policy of its own, that shows the form."""

    def __init__(self, url, key):
        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = SITE.format(url, key).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Security-Policy", POLICY.format(url))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_said):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def desk(tmp_path):
    """A demo desk at work."""
    port = str(free_port())
    environment = {
        "HELPDESK_PLUGINS": "email,mailbox,form",
        "HELPDESK_PORT": port,
        "HELPDESK_SMTP_PORT": str(free_port()),
    }
    made = Served(tmp_path, "init", "--demo", wait=False, **environment)
    assert made.process.wait(60) == 0
    served = Served(tmp_path, "run", **environment)
    yield served
    served.stop()


def test_a_customer_writes_follows_closes_and_reopens(desk, browser, tmp_path):
    from playwright.sync_api import expect

    url = f"http://127.0.0.1:{desk.port}"
    with sqlite3.connect(tmp_path / "hamdel.db") as database:
        ((key,),) = database.execute("SELECT public_key FROM account WHERE channel = 'form'").fetchall()
    site = Site(url, key)
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(site.url)
    form = page.frame_locator("iframe")
    expect(form.locator("[name=field-your_name]")).to_have_value("Mina")
    assert form.locator("html").get_attribute("dir") == "rtl"
    expect(form.locator("[name=field-damage]")).to_be_hidden()
    form.locator("[name=field-problem]").select_option("broken")
    form.locator("[name=field-damage]").fill("ترک خورده است")
    form.locator("[name=field-your_email]").fill("mina@customer.example")
    form.locator("[name=field-your_message]").fill("کاسه‌ام شکسته رسید.")
    form.locator("[name=files]").set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": b"\x89PNG"})
    expect(form.locator("[name=proof]")).not_to_have_value("", timeout=15_000)
    used = form.locator("[name=begin]").input_value()  # a page that comes back out of the browser's memory was used up
    form.locator("[name=begin]").evaluate(
        "() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
    )
    expect(form.locator("[name=begin]")).not_to_have_value(used)
    expect(form.locator("[name=proof]")).not_to_have_value("", timeout=15_000)
    page.wait_for_timeout(2100)  # nobody writes quicker

    def written(like):
        with sqlite3.connect(tmp_path / "hamdel.db") as database:
            query = "SELECT text FROM message WHERE text LIKE ? ORDER BY id"
            return [text for (text,) in database.execute(query, (f"%{like}%",))]

    of_demo = len(written("/p/form/ticket/"))
    form.locator("button[type=submit]").click()
    expect(form.locator("[role=status] h1")).to_be_visible()
    frame = page.locator("iframe")
    desk.until(lambda: 100 < frame.bounding_box()["height"] < 600, 15)  # it is as high as what is in it

    desk.until(lambda: len(written("/p/form/ticket/")) > of_demo)
    link = re.search(r"/p/form/ticket/\S+", written("/p/form/ticket/")[-1])[0]
    page.goto(url + link)
    expect(page.locator(".form-said li")).to_have_count(1)
    with page.expect_download() as saved:
        page.click(".form-said a:has-text('photo.png')")
    assert saved.value.suggested_filename == "photo.png"
    runtime = build_runtime(from_environment(desk.environment))
    with runtime.uow() as uow:
        message = uow.session.query(Message).filter(Message.text.contains("کاسه‌ام شکسته رسید")).one()
        assert message.details["remarks"] == [], "no spam"
        replies.reply(uow, message.ticket_id, "یکی نو می‌فرستیم.")
        replies.note(uow, message.ticket_id, "Internal words.")
    runtime.engine.dispose()
    desk.until(lambda: page.reload() and page.locator(".form-said li").count() == 2)
    expect(page.locator(".form-said")).not_to_contain_text("Internal words")
    page.fill("[name=text]", "سپاس!")
    page.click("button[value=add]")
    expect(page.locator(".form-said li")).to_have_count(3, timeout=15_000)
    page.click("button[value=close]")
    page.click("button[value=reopen]")
    expect(page.locator("button[value=close]")).to_be_visible()
    with runtime.uow() as uow:
        assert {"mina@customer.example"} <= {
            i.address for c in uow.session.query(Customer).filter_by(name="Mina") for i in c.identities
        }
    runtime.engine.dispose()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out on a phone"
    site.stop()
    context.close()

"""A shop of another origin with a strict policy, in whose pages the widget stands; a desk and its agent behind it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from helpdesk.api import presence, waiting
from helpdesk.core.accounts import accounts
from helpdesk.core.outbox import replies
from helpdesk.core.people import users
from helpdesk.core.tickets.message_models import Message
from helpdesk.security import passwords

PAGE = """<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>The shop</title>
<link rel="stylesheet" href="/shop.css"><script src="/shop.js"></script>
<script src="{desk}/chat/{key}/widget.js" async></script></head>
<body><main><h1>A bowl</h1><p>Hand-made. <a href="#more">More</a></p></main></body></html>"""
STYLE = (
    "html { font-size: 62.5% } div, button { color: red; display: none } p { font: 40px serif } * { direction: ltr }"
)
SCRIPT = """window.heard = []; window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
document.addEventListener("hamdel:ready", () => {
  for (const name of ["open", "close", "message", "unread", "ended", "identified"])
    Hamdel.on(name, (detail) => heard.push([name, detail?.text ?? detail ?? null]));
});"""
POLICY = (
    "default-src 'self'; script-src 'self' {desk}; connect-src {desk} {sockets}; img-src 'self' {desk} blob:; "
    "media-src {desk}"
)


class Shop(BaseHTTPRequestHandler):
    """`/<key>/<language>` is a page of it with the widget of the account ``key``."""

    def do_GET(self):
        desk = self.server.desk
        kind, body = {"/shop.css": ("text/css", STYLE), "/shop.js": ("text/javascript", SCRIPT)}.get(
            self.path, ("text/html", "")
        )
        if not body:
            key, language = [*self.path.strip("/").split("/"), "en"][:2]
            direction = "rtl" if language == "fa" else "ltr"
            body = PAGE.format(language=language, direction=direction, desk=desk, key=key)
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY.format(desk=desk, sockets=desk.replace("http", "ws")))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_given):
        """Say nothing."""


@pytest.fixture(scope="module")
def shop(served):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.desk = f"http://127.0.0.1:{served.port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def account(runtime, shop):
    """account(**settings) is the public key of a chat account of the shop."""
    made = []

    def make(**settings):
        with runtime.uow() as uow:
            queue = runtime.shop.queue_id
            made.append(accounts.create(uow, "chat", f"web{len(made)}", {"origins": shop.url, **settings}, queue))
            return made[-1].public_key

    return make


@pytest.fixture(scope="module")
def key(account):
    """The account that most visitors come by."""
    return account(secret="canary-secret-of-the-site", callback="https://shop.example/call")


@pytest.fixture
def agent(act, runtime, served):
    """Sara, available for chats: ``takes(text)`` the chat in which that was said, then ``says`` something in it."""

    class Agent:
        def is_(self, state):
            act(presence.set, state)

        def knows(self, text):
            """The ticket of a visitor's words, once they are there."""
            found = []

            def there():
                with runtime.uow() as uow:
                    found[:] = uow.session.scalars(select(Message.ticket_id).where(Message.text == text)).all()
                return bool(found)

            served.until(there, 20)
            return found[0]

        def takes(self, text):
            self.ticket = self.knows(text)
            entries = []

            def waits():
                entries[:] = [one for one in act(waiting.of_ticket, self.ticket) if one.state in ("waiting", "offered")]
                return bool(entries)

            served.until(waits, 20)
            act(waiting.accept, entries[0].id)
            return self.ticket

        def says(self, text):
            return act(replies.reply, self.ticket, text)

        def heard(self):
            """What the visitor said, as the desk keeps it."""
            with runtime.uow() as uow:
                query = select(Message.text).where(Message.ticket_id == self.ticket, Message.kind == "in")
                return list(uow.session.scalars(query.order_by(Message.id)))

    sara = Agent()
    sara.is_("available")
    return sara


@pytest.fixture
def console(browser, runtime, shop):
    """console(user) is a page of the desk where somebody of the team is signed in; what a script complains of fails."""
    contexts, complaints = [], []

    def sign_in(user, **options):
        with runtime.uow() as uow:
            users.set_password(uow, user.id, passwords.hash_password("a long enough password"))
        contexts.append(browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{shop.desk}/sign-in?next=/x/chat/")
        page.fill("[name=email]", user.email)
        page.fill("[name=password]", "a long enough password")
        page.click("form button[type=submit]")
        page.wait_for_selector("html[data-live=on]")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def visitors(browser, shop):
    """visitors(key, language, **options) is a page of the shop in a browser of its own; ``within`` makes it another tab.
    What the page's policy forbids, an error and a request to anybody else fail the test.
    """
    contexts, pages, complaints = [], [], []

    def come(key, language="en", within=None, **options):
        if not within:
            within = browser.new_context(**{"viewport": {"width": 1000, "height": 720}, **options})
            contexts.append(within)
        page = within.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        allowed = (shop.url, shop.desk, "blob:", "data:")
        page.on("request", lambda asked: None if asked.url.startswith(allowed) else complaints.append(asked.url))
        page.goto(f"{shop.url}/{key}/{language}")
        page.wait_for_selector(".dock")
        return page

    yield come
    for page in pages:
        if not page.is_closed() and page.url.startswith(shop.url):
            assert page.evaluate("violations") == []
    for context in contexts:
        assert context.cookies() == []
        context.close()
    assert complaints == []

"""The widget in a real browser, on a strict page of another origin, talking with a real desk."""

import hashlib
import hmac
import re
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from helpdesk.core.tickets.message_models import Message

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[4]
AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8")
RUN = """async () => {
  const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
  return found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}"""
MARKUP = "<img src=x onerror=alert(1)> see https://shop.example/a?b=1."
FOCUSED = "document.querySelector('#hamdel-chat').shadowRoot.activeElement"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000080000000808020000004b6d29dc0000001349444154789c63f8cfc0f01f"
    "1b66180a120018b23fc1c80a76ba0000000049454e44ae426082"
)


def until(page, condition, patience=10):
    """Wait for an expression to be true. Playwright's own way is a script that the page's policy forbids."""
    end = time.monotonic() + patience
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(30)


def opened(page):
    """The page with the widget's window open and its line to the desk there."""
    page.click(".launcher")
    until(page, "Object.keys(localStorage).some((name) => name.endsWith(':token'))")
    return page


def write(page, text):
    page.fill(".affix textarea", text)
    page.press(".affix textarea", "Control+Enter")


def sees(page, *texts):
    """Wait until exactly this was said, after the greeting."""
    bubbles, end = page.locator(".log .bubble"), time.monotonic() + 10
    while (said := bubbles.all_inner_texts()[1:]) != list(texts):
        assert time.monotonic() < end, said
        page.wait_for_timeout(30)


def violations(page):
    page.evaluate(AXE)
    return page.evaluate(RUN)


def test_a_chat_from_the_first_word_to_the_rating(visitors, key, agent):
    page = opened(visitors(key))
    write(page, "Is this bowl safe?")
    page.wait_for_selector(".place:visible")
    assert page.inner_text(".place-number") == "1"
    agent.takes("Is this bowl safe?")
    page.wait_for_selector("#title:has-text('Sara')")
    agent.says(MARKUP)
    sees(page, "Is this bowl safe?", MARKUP)
    link = page.locator(".bubble a")
    assert link.get_attribute("href") == "https://shop.example/a?b=1" and "noopener" in link.get_attribute("rel")
    page.reload()
    page.wait_for_selector(".window:visible")
    sees(page, "Is this bowl safe?", MARKUP)
    page.evaluate("Hamdel.close()")
    agent.says("Anything else?")
    page.wait_for_selector(".badge:text('1')")
    assert page.evaluate("heard.filter(([name]) => ['message', 'unread'].includes(name))")[-2:] == [
        ["message", "Anything else?"],
        ["unread", 1],
    ]
    page.evaluate("Hamdel.open()")
    page.wait_for_selector(".badge", state="hidden")
    page.click(".menu-place > button")
    page.click(".option:has-text('End the chat')")
    page.click(".rate:has-text('Yes')")
    page.fill(".card textarea >> visible=true", "Quick!")
    page.click(".card .btn.primary:visible")
    page.wait_for_selector("text=Thank you")
    page.click("text=I still have a question")
    write(page, "One more thing")
    assert agent.knows("One more thing") != agent.ticket


def test_a_cut_line_loses_and_doubles_nothing(visitors, key, agent):
    page = opened(visitors(key))
    write(page, "one")
    agent.takes("one")
    page.context.set_offline(True)
    page.wait_for_selector(".strip:visible")
    write(page, "two")
    page.wait_for_selector(".mark:has-text('Waits for the connection')")
    agent.says("answered meanwhile")
    page.context.set_offline(False)
    page.wait_for_selector(".strip", state="hidden")
    sees(page, "one", "answered meanwhile", "two")
    agent.knows("two")
    page.context.set_offline(True)
    page.wait_for_selector(".strip:visible")
    write(page, "three")
    page.wait_for_selector(".mark:has-text('Waits for the connection')")
    context = page.context
    page.close()
    context.set_offline(False)
    page = visitors(key, within=context)
    page.wait_for_selector(".window:visible")
    agent.knows("three")
    sees(page, "one", "answered meanwhile", "two", "three")
    assert agent.heard() == ["one", "two", "three"]


def test_a_lost_answer_doubles_nothing(visitors, key, agent):
    """The desk keeps the message, and the line breaks before the visitor hears of it."""
    page, sent, cut = visitors(key), [], []

    def between(client):
        desk = client.connect_to_server()

        def up(frame):
            desk.send(frame)
            if '"message"' in frame:
                sent.append(frame)

        def down(frame):
            if len(sent) == 1 and not cut:
                cut.append(frame)
                client.close()
            else:
                client.send(frame)

        client.on_message(up)
        desk.on_message(down)

    page.route_web_socket(re.compile("/chat/socket.io/"), between)
    opened(page)
    write(page, "said once")
    page.wait_for_selector(".mark:has-text('Received'), .mark:has-text('Sent')")
    agent.takes("said once")
    assert len(cut) == 1
    assert agent.heard() == ["said once"]
    sees(page, "said once")


def test_two_tabs_are_one_visitor(visitors, key, agent, runtime):
    first = visitors(key)
    second = visitors(key, within=first.context)
    first.click(".launcher")
    second.click(".launcher")
    write(first, "from the first")
    write(second, "from the second")
    agent.takes("from the first")
    agent.knows("from the second")
    assert sorted(agent.heard()) == ["from the first", "from the second"]
    said = agent.heard()
    sees(first, *said)
    sees(second, *said)
    agent.says("to both")
    sees(first, *said, "to both")
    sees(second, *said, "to both")
    signed = hmac.new(b"canary-secret-of-the-site", b"mina-7", hashlib.sha256).hexdigest()
    token = "localStorage.getItem(Object.keys(localStorage).find((name) => name.endsWith(':token')))"
    before = first.evaluate(token)
    first.evaluate("(hash) => Hamdel.identify({ id: 'mina-7', hash })", signed)
    assert first.evaluate(token) != before
    write(second, "still the same")
    sees(first, *said, "to both", "still the same")
    assert agent.knows("still the same") == agent.ticket
    first.evaluate("Hamdel.forget()")
    sees(second)
    assert first.is_hidden(".window")


def test_files_are_shown_and_refused_before_they_are_sent(visitors, key, agent, runtime):
    page = opened(visitors(key))
    page.set_input_files(
        ".foot input[type=file]", {"name": "a.exe", "mimeType": "application/x-dosexec", "buffer": b"MZ"}
    )
    page.wait_for_selector(".foot .problem:has-text('a.exe')")
    page.set_input_files(".foot input[type=file]", {"name": "bowl.png", "mimeType": "image/png", "buffer": PNG})
    large = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": bytes(4_900_000)} for n in range(3)]
    page.set_input_files(".foot input[type=file]", large)
    page.wait_for_selector(".foot .problem:has-text('12 MB')")
    assert page.locator(".foot .files li").count() == 3, "the first, and two of the large ones"
    for _number in range(2):
        page.click(".foot .files li:last-child button")
    page.fill(".affix textarea", "A picture of it")
    page.click(".affix .btn.primary")
    agent.takes("A picture of it")
    page.wait_for_selector(".mark:has-text('Sent'), .mark:has-text('Received')")
    page.reload()
    until(page, "document.querySelector('#hamdel-chat')?.shadowRoot.querySelector('.picture img')?.naturalWidth === 8")
    page.click(".picture")
    page.wait_for_selector("dialog.enlarged:visible")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.enlarged", state="detached")
    assert page.is_visible(".window")


def test_ones_own_words_are_changed_and_taken_back(visitors, key, agent):
    page = opened(visitors(key))
    write(page, "Is it saef?")
    agent.takes("Is it saef?")
    page.fill(".affix textarea", "and another thing")
    page.hover(".said.mine")
    page.click(".acts [aria-label='Edit the message']")
    assert page.input_value(".affix textarea") == "Is it saef?"
    page.fill(".affix textarea", "Is it safe?")
    page.press(".affix textarea", "Control+Enter")
    sees(page, "Is it safe?")
    assert page.input_value(".affix textarea") == "and another thing", "what was being written is there again"
    assert agent.knows("Is it safe?") == agent.ticket
    page.press(".affix textarea", "Control+Enter")
    sees(page, "Is it safe?", "and another thing")
    page.hover(".said.mine >> nth=1")
    page.click(".said.mine >> nth=1 >> [aria-label='Delete the message']")
    page.click(".acts :text('Delete?')")
    sees(page, "Is it safe?", "This message was deleted")
    page.reload()
    page.wait_for_selector(".window:visible")
    sees(page, "Is it safe?", "This message was deleted")
    assert page.locator(".acts").count() == 1
    page.click(".menu-place > button")
    page.click(".option:has-text('End the chat')")
    page.wait_for_selector(".rates:visible")
    assert page.locator(".acts").count() == 0, "there is nothing to write them in any more"


def test_questions_come_first_and_a_message_may_be_left(visitors, account, agent):
    agent.is_("away")
    page = visitors(account(ask_name="required", consent="You may keep what I write."), "en")
    page.click(".launcher")
    page.click("button:has-text('Leave the message')")
    assert page.locator(".field [aria-invalid]").count() == 3
    page.fill("[name=name]", "Mina")
    page.check("[name=consent]")
    page.fill("form textarea:visible", "Is the shop open on Friday?")
    page.click("button:has-text('Leave the message')")
    sees_left = page.locator(".log .bubble:has-text('open on Friday')")
    sees_left.wait_for()
    agent.knows("Is the shop open on Friday?")
    page.fill(".card input[type=email]:visible", "no address")
    page.click("button:has-text('Send me a code')")
    page.wait_for_selector(".card .problem:visible")


def test_a_link_proves_an_address_and_the_conversation_is_mailed_there(visitors, key, agent, runtime, served):
    page = opened(visitors(key))
    write(page, "Do you sell it in red?")
    agent.takes("Do you sell it in red?")

    def mailed(part):
        found = []

        def there():
            with runtime.uow() as uow:
                ours = (Message.ticket_id == agent.ticket, Message.automatic != "", Message.text.contains(part))
                found[:] = uow.session.scalars(select(Message.text).where(*ours)).all()
            return bool(found)

        served.until(there, 20)
        return found[0]

    page.click(".menu-place > button")
    page.click(".option:has-text('E-mail me')")
    page.fill(".card input[type=email]:visible", "lena@customer.example")
    page.click("button:has-text('Send me a code')")
    page.wait_for_selector("text=The six digits we sent")
    link = re.search(r"/chat/\S+/proof/\S+", mailed("/proof/"))[0]
    elsewhere = page.context.browser.new_context()
    proving = elsewhere.new_page()
    proving.goto(f"http://127.0.0.1:{served.port}{link}")
    assert violations(proving) == []
    proving.click("button:has-text('Yes, this is my address')")
    proving.wait_for_selector("text=lena@customer.example")
    elsewhere.close()
    page.click(".card button:has-text('E-mail me the conversation')")
    page.wait_for_selector("text=is on its way to")
    assert mailed("in red?").endswith("Do you sell it in red?")


def test_a_greeting_is_shown_once(visitors, account, agent):
    key = account(greetings="/*/en | 0 | Need a hand with the size?")
    page = visitors(key)
    page.click(".greeting button:has-text('Need a hand')")
    assert page.inner_text(".log .bubble") == "Need a hand with the size?"
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_selector(".launcher:visible")
    assert page.is_hidden(".greeting")


def test_a_phone_shows_it_on_the_whole_screen_in_persian(visitors, key, agent):
    phone = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
    page = opened(visitors(key, "fa", **phone))
    box = page.locator(".window").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 780)
    assert page.get_attribute(".window", "aria-modal") == "true"
    assert page.evaluate(f"getComputedStyle({FOCUSED}).direction") == "rtl"
    write(page, "این کاسه برای فر مناسب است؟")
    agent.takes("این کاسه برای فر مناسب است؟")
    agent.says("بله، تا ۲۵۰ درجه.")
    page.wait_for_selector(".said:not(.mine) .bubble:has-text('۲۵۰')")
    mine, theirs = (page.locator(f".said{kind} .bubble").last.bounding_box() for kind in (".mine", ":not(.mine)"))
    assert mine["x"] < theirs["x"]
    assert "۰" <= page.inner_text(".by time")[0] <= "۹"
    seen = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        seen.add(page.evaluate(f"{FOCUSED}?.className + {FOCUSED}?.ariaLabel"))
    assert "undefinedundefined" not in seen and len(seen) > 4
    page.keyboard.press("Escape")
    assert page.evaluate(f"{FOCUSED}.className") == "launcher"


def test_everything_is_done_by_keyboard(visitors, key, agent):
    page = visitors(key)
    while page.evaluate(f"{FOCUSED}?.className") != "launcher":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, f"{FOCUSED}?.tagName === 'TEXTAREA'")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("alone")
    page.keyboard.press("Enter")
    agent.knows("By keyboard\nalone")
    while page.evaluate(f"{FOCUSED}?.ariaLabel") != "More":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(f"{FOCUSED}.innerText").startswith("E-mail me")
    page.keyboard.press("Escape")
    assert page.evaluate(f"{FOCUSED}.ariaLabel") == "More" and page.is_visible(".window")
    page.keyboard.press("Escape")
    assert page.is_hidden(".window") and page.evaluate(f"{FOCUSED}.className") == "launcher"


@pytest.mark.parametrize(
    ("language", "scheme", "colour"),
    [("fa", "light", "#f2d024"), ("fa", "dark", "#0e7490"), ("en", "light", "#0e7490"), ("en", "dark", "#101010")],
)
def test_nothing_keeps_anybody_out(visitors, account, agent, language, scheme, colour):
    """Whatever colour the operator chose: it is made readable on both grounds."""
    page = visitors(account(colour=colour), language, color_scheme=scheme, reduced_motion="reduce")
    assert violations(page) == []
    opened(page)
    text = f"What of {language} and {scheme}?"
    write(page, text)
    agent.takes(text)
    agent.says(MARKUP)
    page.wait_for_selector(".said:not(.mine) .bubble a")
    page.wait_for_selector("#title:has-text('Sara')")
    assert violations(page) == []
    page.click(".menu-place > button")
    page.click(".option:last-child")
    page.wait_for_selector(".rates:visible")
    assert violations(page) == []


def test_it_is_small_on_the_wire(visitors, key, shop, browser):
    """Bytes of bodies as they came: the script of the page, the module, and the client of Socket.IO."""
    context = browser.new_context()
    page, came = context.new_page(), []
    page.on("requestfinished", lambda asked: came.append(asked) if asked.url.endswith(".js") else None)
    page.goto(f"{shop.url}/{key}/en")
    opened(page)
    sizes = {asked.url: asked.sizes()["responseBodySize"] for asked in came if asked.url.startswith(shop.desk)}
    context.close()
    assert {url.rpartition("/")[2] for url in sizes} == {"widget.js", "main.js", "client.js"}
    assert sum(sizes.values()) < 40_000

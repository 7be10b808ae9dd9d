"""The console in a real browser: live rows, replies, keys by their place, the palette, drafts, two people on one
ticket.
"""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from helpdesk.core.outbox import replies
from helpdesk.core.tickets import tickets

from .conftest import letter, live, press

pytestmark = pytest.mark.e2e
XSS = Path(__file__).parents[1] / "plugins/email/xss.txt"


def test_a_row_appears_by_itself_and_is_right(running, as_):
    page = live(as_("sara"))
    before = int(page.locator(".nav [data-counter=unassigned]").get_attribute("data-count"))
    ticket = running.arrives(
        "بستهٔ KH-20814 هنوز نرسیده است", "سلام، خبری نیست.", name="مینا رستگار", address="mina1@customer.example"
    )
    row = page.locator(f"#t-{ticket}")
    expect(row).to_be_visible(timeout=3000)
    expect(row.locator("[data-slot=name]")).to_have_text("مینا رستگار")
    expect(row.locator("[data-slot=subject]")).to_have_text("بستهٔ KH-20814 هنوز نرسیده است")
    assert row.locator("[data-slot=number]").inner_text() == "#" + str(ticket).translate(
        str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    )
    expect(page.locator(".nav [data-counter=unassigned]")).to_have_attribute("data-count", str(before + 1))
    live_markup = row.evaluate("row => row.innerHTML.replace(/>[^<]*<\\/bdi>/g, '')")
    page.reload()
    page.wait_for_selector(f"#t-{ticket}")
    loaded = page.locator(f"#t-{ticket}").evaluate("row => row.innerHTML.replace(/>[^<]*<\\/bdi>/g, '')")
    shape = lambda markup: [part.split()[0] for part in markup.split("<")[1:]]
    assert shape(live_markup) == shape(loaded)


def test_a_reply_is_sent_seen_and_taken_back(running, as_):
    ticket = running.arrives("A question", "Do you ship to Yazd?", address="two@customer.example")
    page = live(as_("nima"), f"/tickets/{ticket}")
    page.keyboard.press("r")
    page.keyboard.type("Yes, we do.")
    page.keyboard.press("Control+Enter")
    sent = page.locator(".item", has_text="Yes, we do.")
    expect(sent).to_be_visible()
    expect(page.locator("#say-reply textarea")).to_have_value("")
    expect(page.locator("#menu-status summary")).to_contain_text("Waiting")
    page.get_by_role("button", name="Undo").click()
    expect(sent).to_have_count(0)
    expect(page.locator("#say-reply textarea")).to_have_value("Yes, we do.")
    expect(page.locator("#menu-status summary")).to_contain_text("Open")


def test_keys_by_their_place_whatever_the_layout(running, as_):
    first, second = (running.arrives(f"Key {number}", address=f"key{number}@customer.example") for number in (1, 2))
    page = live(as_("nima"))
    page.click(f"#t-{first} a")
    page.wait_for_selector(f"[data-ticket='{first}']")
    press(page, "KeyJ", "ت")
    page.wait_for_selector(f"[data-ticket='{second}']")
    assert page.url.endswith(f"/tickets/{second}?in=all")
    press(page, "KeyK", "ن")
    page.wait_for_selector(f"[data-ticket='{first}']")
    press(page, "KeyJ", "ت", isComposing=True)
    press(page, "KeyJ", "ت", modifierAltGraph=True)
    press(page, "KeyN", "د")
    expect(page.locator("#say-note textarea")).to_be_focused()
    page.keyboard.type("j k e")  # letters in a field are letters
    assert page.url.endswith(f"/tickets/{first}?in=all")
    press(page, "KeyR", "ق", altKey=True)
    expect(page.locator("#say-reply textarea")).to_be_focused()
    press(page, "Escape", "Escape")
    press(page, "KeyI", "ه")
    expect(page.locator("#menu-assignee summary")).to_contain_text("Nima Amini")
    press(page, "KeyE", "ث", shiftKey=True)
    page.wait_for_selector(f"[data-ticket='{second}']")
    press(page, "Slash", "؟", shiftKey=True)
    expect(page.locator("#keys")).to_be_visible()


def test_the_palette_acts_goes_and_finds(running, as_):
    ticket = running.arrives("The samovar leaks", name="Bahar Nouri", address="bahar@customer.example")
    page = live(as_("nima"), f"/tickets/{ticket}")
    page.keyboard.press("Control+k")
    page.keyboard.type("intern")
    expect(page.locator("#palette .option").first).to_contain_text("Internal note")
    page.keyboard.press("Enter")
    expect(page.locator("#say-note textarea")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("unassi")
    page.locator("#palette .option", has_text="Unassigned").first.click()
    page.wait_for_url("**/views/unassigned")
    page.wait_for_selector("html[data-live=on]")
    page.keyboard.press("Control+k")
    page.keyboard.type("samovar")
    expect(page.locator("#palette .option", has_text="The samovar leaks")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{ticket}")


def test_a_draft_survives_a_reload(running, as_):
    ticket = running.arrives("Draft", address="draft@customer.example")
    page = live(as_("sara"), f"/tickets/{ticket}")
    page.locator("#say-reply textarea").fill("سلام، نیمه‌کاره")
    expect(page.locator("#say-reply [data-slot=saved]")).not_to_be_empty()
    page.reload()
    expect(page.locator("#say-reply textarea")).to_have_value("سلام، نیمه‌کاره")


def test_two_people_on_one_ticket_know_of_each_other(running, as_):
    ticket = running.arrives("Two of us", address="both@customer.example")
    sara, nima = live(as_("sara"), f"/tickets/{ticket}"), live(as_("nima"), f"/tickets/{ticket}")
    expect(sara.locator("#looking")).to_contain_text("NA")
    nima.locator("#say-reply textarea").press_sequentially("I answer")
    expect(sara.locator("#looking")).to_contain_text("Nima Amini")
    sara.locator("#say-reply textarea").fill("من هم می‌نویسم")
    nima.keyboard.press("Control+Enter")
    expect(sara.locator(".item", has_text="I answer")).to_be_visible()
    expect(sara.locator("#notices .banner")).to_contain_text("Nima Amini")
    expect(sara.locator("#say-reply textarea")).to_have_value("من هم می‌نویسم")
    nima.goto("/views/mine")
    expect(sara.locator("#looking")).to_be_hidden()


def test_what_came_while_writing_is_asked_about(running, as_):
    ticket = running.arrives("Meanwhile", address="while@customer.example")
    page = live(as_("nima"), f"/tickets/{ticket}")
    page.route("**/items?*", lambda route: route.fulfill(status=204))  # the page has not shown it yet
    page.locator("#say-reply textarea").fill("Too quick")
    said = running.acting("sara", lambda desk: replies.reply(desk, ticket, "Which colour?", status="open").external_id)
    running.arrives("Re: Meanwhile", "The blue one.", address="while@customer.example", answers=said)
    for _again in range(2):
        page.locator("#say-reply textarea").press("Control+Enter")
        expect(page.locator("#notices .crossing")).to_contain_text("The blue one.")
    expect(page.locator("#say-reply textarea")).to_have_value("Too quick")
    page.unroute("**/items?*")
    page.locator("#notices button", has_text="Send anyway").click()
    expect(page.locator(".item", has_text="Too quick")).to_be_visible()
    expect(page.locator("#notices")).to_be_empty()


def test_sending_although_a_colleague_was_quicker(running, as_):
    ticket = running.arrives("Quicker", address="quicker@customer.example")
    page = live(as_("nima"), f"/tickets/{ticket}")
    page.locator("#say-reply textarea").fill("My own answer")
    said = running.acting("sara", lambda desk: replies.reply(desk, ticket, "Which size?", status="open").external_id)
    expect(page.locator("#notices")).to_contain_text("سارا محمدی")
    running.arrives("Re: Quicker", "Large.", address="quicker@customer.example", answers=said)
    expect(page.locator("#notices")).to_contain_text("Mina Rastegar")
    page.locator("#say-reply textarea").press("Control+Enter")
    expect(page.locator("#notices .crossing")).to_contain_text("Large.")
    page.locator("#say-reply textarea").press("Control+Enter")
    expect(page.locator("#say-reply textarea")).to_have_value("My own answer")
    page.locator("#notices button", has_text="Send anyway").click()
    expect(page.locator(".item", has_text="My own answer")).to_be_visible()
    expect(page.locator("#notices")).to_be_empty()


def test_a_row_that_came_by_itself_opens_without_loading_the_page_anew(running, as_):
    page = live(as_("sara"))
    ticket = running.arrives("Fresh", address="fresh@customer.example")
    page.evaluate("window.stayed = true")
    page.click(f"#t-{ticket} a")
    page.wait_for_selector(f"[data-ticket='{ticket}']")
    assert page.evaluate("window.stayed") is True
    assert page.url.endswith(f"/tickets/{ticket}?in=all")


def test_a_console_that_was_away_shows_what_it_missed_once(running, as_):
    page = live(as_("sara"))
    open_ticket = running.arrives("Before", address="before@customer.example")
    page.click(f"#t-{open_ticket} a")
    page.wait_for_selector(f"[data-ticket='{open_ticket}']")
    running.stop()
    expect(page.locator(".when-offline")).to_be_visible()
    page.locator("#say-reply textarea").fill("نوشته در قطعی")
    missed = [running.arrives(f"Missed {number}", address=f"missed{number}@customer.example") for number in range(3)]
    running.acting("nima", lambda desk: replies.note(desk, open_ticket, "A note meanwhile"))
    running.acting("nima", lambda desk: tickets.change(desk, open_ticket, priority="urgent"))
    running.start()
    page.wait_for_selector("html[data-live=on]", timeout=30_000)
    expect(page.locator(".when-offline")).to_be_hidden()
    for ticket in missed:
        expect(page.locator(f"#t-{ticket}")).to_have_count(1)
    shown = page.locator(".tickets > li[data-id]").evaluate_all("rows => rows.map(row => Number(row.dataset.id))")
    assert [ticket for ticket in shown if ticket in missed] == missed
    expect(page.locator(".thread .item", has_text="A note meanwhile")).to_have_count(1)
    assert page.locator("#say-reply textarea").input_value() == "نوشته در قطعی"
    page.reload()
    expect(page.locator("#say-reply textarea")).to_have_value("نوشته در قطعی")


def test_language_and_theme_are_the_readers_choice(as_):
    page = live(as_("nima"), "/views/mine")
    assert page.locator("html").get_attribute("dir") == "ltr"
    page.click("[data-prefer=theme]")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.click("[data-prefer=language]")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.wait_for_selector("html[data-theme=light][data-live=on]")
    page.click("[data-prefer=language]")
    expect(page.locator("html")).to_have_attribute("dir", "ltr")


def test_on_a_phone_one_pane_is_in_front(running, as_):
    ticket = running.arrives("On the way", address="phone@customer.example")
    page = as_("sara", has_touch=True)
    page.set_viewport_size({"width": 390, "height": 844})
    live(page)
    expect(page.locator(".thread-col")).to_be_hidden()
    page.click(f"#t-{ticket} a")
    expect(page.locator("[data-ticket]")).to_be_visible()
    expect(page.locator(".list")).to_be_hidden()
    page.click("[data-show=side]")
    expect(page.locator(".side")).to_be_visible()
    page.click(".side [data-show=thread]")
    page.click("[data-show=list]")
    expect(page.locator(".list")).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


DROP = """(form, name) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["a picture"], name, { type: "image/png" }));
  for (const kind of ["dragover", "drop"]) form.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
}"""


def test_files_wait_with_the_draft_on_the_server_and_come_back_with_a_message_that_is_taken_back(running, as_):
    ticket, other = (running.arrives(name, address=f"{name}@customer.example") for name in ("files", "elsewhere"))
    page = live(as_("nima"), f"/tickets/{ticket}?in=all")
    files = page.locator("#say-reply .chosen")
    page.set_input_files(
        "#say-reply input[type=file]", [{"name": "bill.txt", "mimeType": "text/plain", "buffer": b"hello"}]
    )
    page.locator("#say-reply").evaluate(DROP, "raw_message.png")
    expect(files).to_contain_text("bill.txt")
    expect(files).to_contain_text("raw_message.png")
    page.click(f"#t-{other} a")
    page.wait_for_selector(f"[data-ticket='{other}']")
    expect(files).to_be_empty()
    page.click(f"#t-{ticket} a")
    expect(files).to_contain_text("raw_message.png")
    page.reload()
    expect(files).to_contain_text("raw_message.png")
    page.set_input_files(
        "#say-reply input[type=file]", [{"name": "film.mp4", "mimeType": "video/mp4", "buffer": b"x" * 25_000_000}]
    )
    expect(page.locator(".toast.danger")).to_contain_text("25 MB at most")
    expect(files.locator("li")).to_have_count(2)
    page.locator("#say-reply textarea").fill("Here they are")
    page.keyboard.press("Control+Enter")
    sent = page.locator(".item", has_text="Here they are")
    expect(sent).to_contain_text("raw_message.png")
    expect(files).to_be_empty()
    page.get_by_role("button", name="Undo").click()
    expect(files).to_contain_text("bill.txt")
    files.locator("li", has_text="bill.txt").locator("button").click()
    expect(files).not_to_contain_text("bill.txt")
    page.locator("#say-reply textarea").press("Control+Enter")
    expect(sent).to_contain_text("raw_message.png")
    expect(sent).not_to_contain_text("bill.txt")


def test_a_reply_leaves_although_the_line_for_news_is_blocked(running, as_):
    """Some proxies know no WebSocket: what is asked and sent still works."""
    ticket = running.arrives("Through a proxy", address="proxy@customer.example")
    page = as_("nima")
    page.route_web_socket("**/*", lambda line: line.close())
    page.goto(f"/tickets/{ticket}")
    page.locator("#say-reply textarea").fill("It goes by foot")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".item", has_text="It goes by foot")).to_be_visible()
    assert page.locator("html[data-live=on]").count() == 0


def test_what_cannot_be_sent_stays_and_is_kept(running, as_):
    ticket = running.arrives("No line", address="noline@customer.example")
    page = live(as_("nima"), f"/tickets/{ticket}")
    page.context.set_offline(True)
    words = page.locator("#say-reply textarea")
    words.fill("Not lost")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Nothing is lost")
    expect(words).to_have_value("Not lost")
    expect(page.locator("#say-reply [data-slot=saved]")).to_have_text("Kept on this device")
    page.context.set_offline(False)
    page.reload()
    expect(words).to_have_value("Not lost")


def payloads():
    if not XSS.exists():
        return []
    return [line for line in XSS.read_text("utf-8").splitlines() if line and not line.startswith("# ")]


SEE_ALL = """async () => {
  for (const frame of document.querySelectorAll("iframe.letter-body")) {
    frame.scrollIntoView();
    while (frame.contentDocument?.readyState !== "complete" || frame.contentDocument.URL === "about:blank") await new Promise((seen) => setTimeout(seen, 5));
  }
}"""


def hostile(line: str, answers: str):
    """A payload as HTML body, plain text, subject and name."""
    name = line.replace('"', "'").replace("\\", "")[:60] or "x"
    return letter(line.replace("\n", " ")[:80], line, f"<p>hello</p>{line}", name, "evil@customer.example", answers)


@pytest.mark.skipif(not payloads(), reason="no list of hostile bodies")
def test_hostile_mail_does_nothing(running, as_):
    """Every payload in every place, ten to a ticket so that each is on a page (check W01)."""
    page, lines, letters = live(as_("nima"), "/views/all"), payloads(), []
    for number, line in enumerate(lines):
        letters.append(hostile(line, answers=letters[number - number % 10]["Message-ID"] if number % 10 else ""))
    tickets = list(dict.fromkeys(running.all_arrive(letters)))
    page.reload()
    shown = 0
    for ticket in tickets:
        page.goto(f"/tickets/{ticket}")
        page.wait_for_selector("[data-ticket]")
        page.evaluate(SEE_ALL)
        page.mouse.move(700, 400)
        shown += page.locator(".thread [data-kind=in]").count()
    assert shown == len(lines)
    page.wait_for_timeout(500)

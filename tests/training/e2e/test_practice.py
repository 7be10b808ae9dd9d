"""Two trainees practise in a browser: one in Persian from the workshop to the comparison, one in English on a phone."""

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

PERSIAN = [
    "سلام خانم رستمی. حق دارید ناراحت باشید، سه روز انتظار واقعاً سخت است. چه شده، بسته را برای چه لازم دارید؟",
    "متوجه شدم، هدیهٔ تولد است. خودم پیگیری می‌کنم. شمارهٔ سفارش را می‌فرمایید؟",
    "بسته در انبار پیک است. قول ساعت نمی‌دهم، ولی می‌توانید امشب از انبار تحویل بگیرید.",
    "نشانی انبار خیابان دماوند پلاک ۱۲ است و تا ساعت ۲۱ باز است. هزینهٔ ارسال را هم برمی‌گردانم.",
    "ممنون از صبرتان. کار دیگری هست که انجام بدهم؟",
]


def say(page, text, version):
    page.fill("#say textarea", text)
    page.press("#say textarea", "Control+Enter")
    page.wait_for_selector(f'#cells[data-version="{version}"]')


def ready(page):
    page.wait_for_selector("html[data-live=on], #say [data-written]:not(:empty)")


def test_from_the_workshop_to_two_runs_side_by_side(as_):
    page = as_("sara")
    page.goto("/x/training/")
    page.click("text=هفتهٔ اول در پشتیبانی")
    question = page.locator("#c-say-back")
    question.locator("label").nth(1).click()
    question.locator("button").click()
    expect(page.locator("#c-say-back [role=status]")).to_contain_text("درست")
    page.locator("#c-play-late-parcel button[value=fa]").click()
    ready(page)
    expect(page.locator("#say textarea")).to_be_focused()
    assert page.locator("#say textarea").get_attribute("dir") == "rtl"
    for version, text in enumerate(PERSIAN[:4], 2):
        say(page, text, version)
    expect(page.locator("#in-2 .gauge .value").first).to_contain_text("۵")
    expect(page.locator("#announcer")).to_contain_text("خشم")
    expect(page.locator("#say textarea")).to_have_value("")
    page.fill("#say textarea", PERSIAN[4])
    page.reload()
    ready(page)
    expect(page.locator("#say textarea")).to_have_value(PERSIAN[4])
    page.press("#say textarea", "Control+Enter")
    expect(page.locator("#end")).to_contain_text("بسته امشب به دستش می‌رسد")
    expect(page.locator(".criterion .levels").first).to_be_visible()
    expect(page.locator(".criterion .advice").first).to_be_visible()
    with page.expect_download() as file:
        page.click("a[href$='run.ipynb']")
    book = json.loads(file.value.path().read_text("utf-8"))
    assert book["metadata"]["helpdesk"]["end"] == "resolved" and len(book["cells"]) == 6
    page.locator("#in-4").hover()
    page.click("#again-3")
    page.wait_for_selector('#cells[data-version="3"]')
    ready(page)
    say(page, "تقصیر خودتان است، به ما چه ربطی دارد؟", 4)
    page.locator(".run-line + a").first.click()
    expect(page.locator(".versus .exchange.b .cell-in").first).to_contain_text("تقصیر خودتان")
    expect(page.locator(".versus .exchange.a .cell-in").first).to_contain_text("قول ساعت نمی‌دهم")
    expect(page.locator("svg.tree circle.tb")).to_have_count(1)


def test_on_a_phone_in_english_with_buttons(as_):
    page = as_("nima", has_touch=True)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/x/training/scenarios/late-parcel")
    page.click("button[value=en]")
    ready(page)
    for version, text in enumerate(("banana", "blue sky", "water"), 2):
        say(page, text, version)
    page.locator(".choices .choice").first.click()
    page.wait_for_selector('#cells[data-version="5"]')
    expect(page.locator("#in-5")).to_contain_text("By button")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert re.fullmatch(r"Out \[5\]:", page.locator("#in-5 .count-out").inner_text())

"""The front desk in a real browser: a number at the kiosk, its place on a phone, the call at the counter, the display."""

import os
import re

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.core.intake import raw_worker
from helpdesk.core.journal import journal

from .conftest import RunningDesk, passwords

SHOTS = os.environ.get("SHOTS", "")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    passwords.weaken()
    desk = RunningDesk(tmp_path_factory.mktemp("hall"), plugins="email,frontdesk")
    with desk.runtime.uow() as uow:
        made = accounts.create(uow, "frontdesk", "hall", {"place": "Kashaneh | کاشانه"}, queue_id=1)
        desk.hall = made.public_key
    yield desk
    desk.stop()
    desk.runtime.parser.close()


def work(running):
    """File what came and let the plugin hear of it, as the worker does."""
    with running.runtime.uow() as uow:
        raw_worker.drain(uow)
    with running.runtime.uow() as uow:
        for event in journal.after(uow, 0):
            running.runtime.hooks.call_plugin("frontdesk", "on_event", event=event, uow=uow)


def shot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def number_at(page, running, phone=""):
    """Take a number as a visitor does; the address that the code on the slip leads to."""
    page.goto(f"{running.url}/p/frontdesk/{running.hall}/kiosk?lang=fa")
    for button in page.locator("button:visible, a.btn:visible").all():
        assert button.bounding_box()["height"] >= 56
    shot(page, "kiosk")
    page.click("text=بازگرداندن کالا")
    page.fill("[name=phone]", phone)
    page.click("button[type=submit]")
    page.wait_for_selector(".slip .big-number")
    shot(page, "slip")
    work(running)
    return page.get_attribute("[data-link]", "data-link")


def test_a_visitor_is_called_from_the_kiosk_to_the_counter(browser, running, as_):
    hall = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fa-IR", color_scheme="light")
    kiosk, wall = hall.new_page(), hall.new_page()
    link = number_at(kiosk, running, "09121234567")
    number_at(kiosk, running)
    pocket = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark", locale="fa-IR")
    phone = pocket.new_page()
    phone.goto(re.sub(r"https?://[^/]+", running.url, link))
    assert "کسی پیش از شما نیست" in phone.inner_text("main")
    shot(phone, "phone-dark")
    wall.goto(f"{running.url}/p/frontdesk/{running.hall}/wall?lang=fa")
    counter = as_("sara")
    counter.goto("/x/frontdesk/")
    counter.fill("input[name=name]", "۲")
    counter.click("form[action$='/counter'] button")
    counter.click("[data-key=KeyN]")
    counter.locator(".serving [data-served]", has_text="۰۰:").wait_for(timeout=5000)
    shot(counter, "counter")
    wall.wait_for_selector(".now .where")
    assert "۲" in wall.inner_text(".now .where") and "۱" in wall.inner_text(".now .n")
    assert "9121234567" not in wall.content()
    shot(wall, "wall")
    counter.set_viewport_size({"width": 390, "height": 844})
    assert counter.evaluate("document.documentElement.scrollWidth") <= 390
    shot(counter, "counter-phone")
    counter.set_viewport_size({"width": 1440, "height": 900})
    counter.keyboard.press("n")
    counter.locator(".serving .n", has_text="۲").wait_for()
    for context in (hall, pocket):
        context.close()


def test_the_kiosk_forgets(browser, running):
    context = browser.new_context(viewport={"width": 800, "height": 1280}, color_scheme="dark")
    page = context.new_page()
    page.clock.install()
    page.goto(f"{running.url}/p/frontdesk/{running.hall}/kiosk?lang=en")
    page.click("text=Return something")
    page.fill("[name=phone]", "0912")
    shot(page, "kiosk-phone-en-dark")
    page.clock.fast_forward(19_000)
    assert page.input_value("[name=phone]") == "0912"
    page.clock.fast_forward(2_000)
    page.wait_for_selector(".tiles")
    assert page.locator("[name=phone]").count() == 0
    shot(page, "kiosk-en-dark")
    context.close()

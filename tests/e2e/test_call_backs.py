"""A customer books a call in Persian on a telephone, an agent calls and says what came of it by a digit, the customer
moves the call; a caller's card, and a call that is logged.
"""

from datetime import UTC, datetime
from urllib.request import Request, urlopen

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.core.intake import raw_worker
from helpdesk.core.tickets.message_models import Message
from helpdesk.security import passwords
from plugins.phone import call_backs, calls, console, promise
from plugins.phone.contract import SECRET, event, signed

from .conftest import RunningDesk, live, press

pytestmark = pytest.mark.e2e
LINE = {"number": "+982188776655", "holidays": "", "hours": "sat-fri 0:00-24:00", "script": "سلام", "secret": SECRET}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    passwords.weaken()
    desk = RunningDesk(tmp_path_factory.mktemp("desk"), plugins="email,phone")
    with desk.runtime.uow() as uow:
        desk.line = accounts.create(uow, "phone", "line", LINE, queue_id=1).public_key
    yield desk
    desk.stop()
    desk.runtime.parser.close()


def follow(running):
    """What the worker does: the wish comes in, and what was entered on it is followed."""
    with running.runtime.uow() as uow:
        raw_worker.drain(uow)
        promise.file_asked(uow)
        for row in call_backs.opened(uow):
            promise.follow(uow, row)


def test_a_call_is_booked_made_and_moved(browser, running, as_):
    context = browser.new_context(
        base_url=running.url, viewport={"width": 390, "height": 844}, locale="fa", java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"/p/phone/{running.line}/")
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.check("[value=slot]")
    page.locator(".time input:not([disabled])").nth(2).check(force=True)
    page.fill("[name=phone]", "۰۹۱۲ ۳۴۵ ۶۷۸۹")
    page.fill("[name=name]", "مینا رستگار")
    page.click("button.primary")
    before = page.inner_text(".when")
    follow(running)

    desk = as_("sara")
    desk.goto("/x/phone/")
    desk.click(".call-row")
    assert desk.get_attribute("[data-dial]", "href") == "tel:+989123456789"
    desk.wait_for_load_state()
    desk.wait_for_selector("html[data-live=on]")
    press(desk, "Digit2", "2")
    desk.wait_for_url("**/x/phone/", timeout=9000)
    follow(running)

    page.reload()
    page.click(".change > summary")
    page.locator(".time input:not([disabled])").nth(6).check(force=True)
    page.click("[value=move]")
    page.wait_for_selector(".done-card")
    assert page.inner_text(".when") != before
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("[value=cancel]")
    assert "لغو" in page.inner_text("h1")
    context.close()


def test_a_caller_is_shown_at_once_and_a_call_is_logged_by_two_keys(running, as_):
    desk = live(as_("sara"))
    said = signed(event("ringing", at=datetime.now(UTC).isoformat()))
    urlopen(Request(f"{running.url}/in/{running.line}", said.body, said.headers)).close()
    with running.runtime.uow() as uow:
        raw_worker.drain(uow)
        for call in calls.follow_filed(uow):
            console.tell(uow, call)
    desk.wait_for_selector(".phone-call", timeout=9000)
    assert "0912 123 4567" in desk.inner_text(".phone-call")
    desk.wait_for_selector(".phone-call li a")
    desk.click(".phone-call li a")
    desk.wait_for_url("**/tickets/*")
    desk.wait_for_selector("html[data-live=on]")
    press(desk, "KeyT", "ف")
    desk.wait_for_selector(".phone-log [data-digit='2']")
    press(desk, "Digit2", "2")
    desk.wait_for_selector(".phone-log", state="detached")
    desk.locator(".toast", has_text="تماس گرفتیم، پاسخ نداد").wait_for(timeout=9000)
    with running.runtime.uow() as uow:
        assert uow.session.query(Message).where(Message.kind == "note").count() == 1

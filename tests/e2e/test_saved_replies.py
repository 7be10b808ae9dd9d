"""Saved replies under the keyboard, in a real browser: the slash, the filled preview, the answer, and a macro with its undo."""

import pytest
from playwright.sync_api import expect

from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.security import passwords
from plugins.replies import demo

from .conftest import RunningDesk, live

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    passwords.weaken()
    desk = RunningDesk(tmp_path_factory.mktemp("desk"), plugins="email,replies")
    demo.fill(desk.runtime)
    yield desk
    desk.stop()
    desk.runtime.parser.close()


def stored(running, ticket):
    with running.runtime.uow() as uow:
        row = uow.session.get(Ticket, ticket)
        said = uow.session.query(Message).filter_by(ticket_id=ticket, withdrawn=False).order_by(Message.id)
        return row.status, row.tags, [message.text for message in said if message.kind != "in"]


def test_a_slash_finds_fills_inserts_and_the_answer_is_sent(running, as_):
    ticket = running.arrives("Where is order 48213?")
    page = live(as_("nima"), f"/tickets/{ticket}")
    area = page.locator("#say-reply textarea")
    area.click()
    page.keyboard.press("/")
    picker = page.locator("#replies-pick")
    expect(picker.locator("[role=option]").first).to_be_visible()
    page.keyboard.type("کجاست")
    expect(picker.locator("[role=option]:visible")).to_have_count(1)
    expect(picker.locator(".preview .fill").nth(1)).to_have_text("48213")
    picker.locator("[data-language=fa].tab").click()
    expect(picker.locator(".preview-words[lang=fa]")).to_be_visible()
    picker.locator("[data-language=en].tab").click()
    expect(picker.locator(".preview-words[lang=en]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(picker).to_be_hidden()
    expect(area).to_be_focused()
    assert area.input_value().startswith("Hello Mina,\n\nI have just looked up order 48213")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts .toast", has_text="leaves in a moment")).to_be_visible()
    assert stored(running, ticket)[2][0].startswith("Hello Mina,")


def test_whoever_closes_the_picker_meant_the_slash(running, as_):
    page = live(as_("nima"), f"/tickets/{running.arrives('A slash')}")
    area = page.locator("#say-reply textarea")
    area.click()
    page.keyboard.press("/")
    expect(page.locator("#replies-pick [role=option]").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    page.keyboard.type("var/log")
    assert area.input_value() == "/var/log"


def test_a_macro_from_the_palette_sends_and_acts_and_undo_takes_all_back(running, as_):
    ticket = running.arrives("Refund for order 51907")
    page = live(as_("nima"), f"/tickets/{ticket}")
    page.locator("#say-reply textarea").fill("Dear Mina,")
    page.keyboard.press("Control+KeyK")
    page.keyboard.type("Refunded")
    page.locator("#palette .option", has_text="Refunded: tell and close").click()
    form = page.locator("#replies-macro")
    expect(form.locator(".acts")).to_contain_text("Status: Solved")
    assert form.locator("textarea").input_value().startswith("Dear Mina,\n\nHello Mina,")
    form.locator("[type=submit]").click()
    toast = page.locator("#toasts .toast", has_text="leaves in a moment")
    expect(toast).to_be_visible()
    expect(page.locator("#ticket-head")).to_have_attribute("data-status", "solved")
    assert stored(running, ticket)[:2] == ("solved", ["refund"])
    toast.locator("button").click()
    expect(page.locator("#ticket-head")).to_have_attribute("data-status", "open")
    assert stored(running, ticket) == ("open", [], [])

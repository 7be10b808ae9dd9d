"""Menus, pickers and the conversation under the keyboard, in a real browser."""

import pytest
from playwright.sync_api import expect

from helpdesk.core.tickets import merge, tickets
from helpdesk.core.tickets.models import Ticket

from .conftest import letter, live, press

pytestmark = pytest.mark.e2e


def status_of(running, ticket):
    with running.runtime.uow() as uow:
        return uow.session.get(Ticket, ticket).status


def test_no_letter_typed_into_an_open_menu_runs_a_command(running, as_):
    ticket = running.arrives("Menus", address="menus@customer.example")
    page = live(as_("nima"), f"/tickets/{ticket}")
    page.keyboard.press("a")
    picker = page.locator("#menu-assignee .picker")
    expect(picker.locator("[role=combobox]")).to_be_focused()
    page.keyboard.type("e")
    page.keyboard.press("Shift+E")
    expect(picker.locator("[role=combobox]")).to_have_value("eE")
    page.keyboard.press("Escape")
    expect(picker.locator("[role=combobox]")).to_have_value("")
    expect(picker).to_be_visible()
    page.keyboard.press("Escape")
    expect(picker).to_be_hidden()
    expect(page.locator(".thread-scroll")).to_be_focused()
    for opened in ("#menu-more", ".composer .split .drop", ".nav-foot .drop:has(.nav-me)"):
        page.locator(f"{opened} summary").click()
        for key in ("e", "j", "Shift+E", "x", "Control+Enter"):
            page.keyboard.press(key)
        page.keyboard.press("Escape")
    for key in ("Control+k", "?"):
        page.keyboard.press(key)
        press(page, "KeyE", "e")
        page.keyboard.press("Escape")
    page.wait_for_timeout(200)
    assert status_of(running, ticket) == "open" and page.url.endswith(f"/tickets/{ticket}")


def test_a_picker_filters_chooses_and_gives_the_focus_back(running, as_):
    ticket = running.arrives("Choosing", address="choosing@customer.example")
    page = live(as_("nima"), f"/tickets/{ticket}")
    page.keyboard.press("a")
    page.keyboard.type("محمدي")
    expect(page.locator("#menu-assignee .option.active")).to_contain_text("سارا محمدی")
    page.keyboard.press("Enter")
    expect(page.locator("#menu-assignee summary")).to_contain_text("سارا محمدی")
    expect(page.locator(".thread-scroll")).to_be_focused()


@pytest.mark.parametrize("late", [0, 700])
def test_what_is_typed_before_the_options_came_is_chosen_in_its_order(running, as_, late):
    """``late`` is by how many milliseconds the answer is held back."""
    ticket = running.arrives("Quick hands", address=f"quick{late}@customer.example")
    page = live(as_("nima"), f"/tickets/{ticket}")
    page.evaluate(
        "late => { const ask = window.fetch; window.fetch = async (...asked) => {"
        " const answer = await ask(...asked); await new Promise((go) => setTimeout(go, late)); return answer; }; }",
        late,
    )
    page.keyboard.press("l")
    for tag in ("gift", "late"):
        page.keyboard.type(tag)
        page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".fact-tags")).to_have_text("giftlate")


def test_the_head_is_mended_when_a_change_came_under_an_open_menu(running, as_):
    ticket = running.arrives("Stale", address="stale@customer.example")
    page = live(as_("nima"), f"/tickets/{ticket}")
    page.keyboard.press("p")
    expect(page.locator("#menu-priority .picker")).to_be_visible()
    running.acting("sara", lambda desk: tickets.change(desk, ticket, priority="urgent", tags=["gift"]))
    expect(page.locator(".fact-tags")).to_have_text("gift")
    expect(page.locator("#menu-priority .picker")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#menu-priority summary")).to_contain_text("Urgent")


def test_the_conversation_is_scrolled_by_keyboard_and_opens_at_the_first_unread(running, as_):
    first = running.arrives("Long", "First word", address="long@customer.example")
    with running.runtime.uow() as uow:
        tickets.mark_read(uow, first)
    page = as_("nima")
    again = [
        letter("Re: Long", f"Word {number}.\n" * 8, address="long@customer.example", answers="") for number in range(30)
    ]
    mails = running.all_arrive(again)
    with running.runtime.uow() as uow:
        for other in dict.fromkeys(mails):
            if other != first:
                merge.merge(uow, other, first)
    live(page, f"/tickets/{first}")
    expect(page.locator(".thread-scroll")).to_be_focused()
    rule = page.locator(".rule.new")
    expect(rule).to_be_in_viewport()
    with running.runtime.uow() as uow:
        assert uow.session.get(Ticket, first).unread == 30
    page.wait_for_timeout(700)
    with running.runtime.uow() as uow:
        assert 0 < uow.session.get(Ticket, first).unread < 30, "only what came into sight is read"
    before = page.locator(".thread-scroll").evaluate("el => el.scrollTop")
    page.keyboard.press("PageDown")
    page.wait_for_function("before => document.querySelector('.thread-scroll').scrollTop > before", arg=before)
    page.keyboard.press("End")
    page.wait_for_function(
        "() => { const el = document.querySelector('.thread-scroll'); return el.scrollHeight - el.scrollTop "
        "- el.clientHeight < 4; }"
    )


def test_address_conversation_and_panel_agree_after_merging_going_back_and_undoing(running, as_):
    into, source = (
        running.arrives("The one", address="one@customer.example"),
        running.arrives("The other", name="Kian Other", address="other@customer.example"),
    )
    page = live(as_("nima"), f"/tickets/{source}")
    page.locator("#menu-more summary").click()
    page.locator("#menu-more [data-sheet]").click()
    expect(page.locator("#sheet [role=combobox]")).to_be_focused()
    page.locator("#sheet button[type=submit]").click()
    expect(page.locator("#sheet .notice")).to_contain_text("Please choose the ticket")
    page.locator("#sheet [role=combobox]").fill("The one")
    page.locator("#sheet .option", has_text="The one").click()
    page.locator("#sheet button[type=submit]").click()
    page.wait_for_selector(f"[data-ticket='{into}']")
    page.wait_for_url(f"**/tickets/{into}")
    page.go_back()
    page.wait_for_selector(f"html[data-live=on] [data-ticket='{source}']")
    page.go_forward()
    page.wait_for_selector(f"html[data-live=on] [data-ticket='{into}']")
    expect(page.locator(".thread")).to_contain_text("Undo")
    page.locator(".event .link", has_text="Undo").click()
    expect(page.locator(".thread .item")).to_have_count(1)
    expect(page.locator(".side")).to_contain_text("Mina Rastegar")

"""A ticket that begins at the desk, and one that is handed to another team, in a real browser."""

import pytest
from playwright.sync_api import expect

from helpdesk.core.accounts import accounts
from helpdesk.core.people import teams
from helpdesk.security import passwords

from .conftest import RunningDesk, live

pytestmark = pytest.mark.e2e

GATEWAY = {"number": "3000505", "send_url": "http://127.0.0.1:9/send", "send_body": "to={to}&text={text}", "key": "k"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A desk with mail and text messages."""
    passwords.weaken()
    desk = RunningDesk(tmp_path_factory.mktemp("desk"), plugins="email,sms")
    with desk.runtime.uow() as uow:
        accounts.create(uow, "sms", "texts", GATEWAY, queue_id=1)
    yield desk
    desk.stop()
    desk.runtime.parser.close()


def test_a_ticket_begins_is_taken_back_and_begins_again(running, as_):
    page = live(as_("nima"))
    page.keyboard.press("KeyC")
    expect(page.locator("#opening-to")).to_be_focused()
    page.locator("#opening-to").fill("nonsense")
    page.locator("#opening-subject").fill("Your lamp")
    page.locator("#opening textarea").fill("It has left our house.")
    page.set_input_files(
        "#opening input[type=file]", [{"name": "bill.txt", "mimeType": "text/plain", "buffer": b"hello"}]
    )
    page.locator("#opening textarea").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices")).to_contain_text("Please check the e-mail address.")
    expect(page.locator("#opening-to")).to_be_focused()
    expect(page.locator("#opening .chosen")).to_contain_text("bill.txt")
    page.keyboard.press("Control+A")
    page.keyboard.type("Kian <kian@customer.example>")
    page.locator("#opening button[type=submit]").click()
    expect(page.locator(".item", has_text="It has left our house.")).to_contain_text("bill.txt")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#opening-to")).to_have_value("kian@customer.example")
    expect(page.locator("#opening textarea")).to_have_value("It has left our house.")
    expect(page.locator("#opening .chosen")).to_contain_text("bill.txt")
    page.reload()
    expect(page.locator("#opening-subject")).to_have_value("Your lamp")
    page.locator("#opening button[type=submit]").click()
    expect(page.locator(".item", has_text="It has left our house.")).to_be_visible()
    expect(page.locator("#menu-status summary")).to_contain_text("Waiting")


def test_the_page_asks_for_what_the_account_carries(running, as_):
    """No subject and no files by text message, and a count against its limit; all of it again for mail."""
    page = live(as_("nima"), "/tickets/new")
    about, attach = page.locator("#opening-subject"), page.locator("#opening label:has(input[type=file])")
    expect(about).to_be_visible()
    expect(page.locator("#opening-left")).to_have_text("")
    page.select_option("#opening-account", index=1)
    expect(about).to_be_hidden()
    expect(attach).to_be_hidden()
    expect(page.locator("#opening-no-files")).to_have_text("This channel carries no files.")
    page.locator("#opening textarea").fill("x" * 671)
    expect(page.locator("#opening-left")).to_have_text("1 character too many")
    page.locator("#opening textarea").fill("x")
    expect(page.locator("#opening-left")).to_have_text("1 / 670")
    page.select_option("#opening-account", index=0)
    expect(about).to_be_visible()
    expect(attach).to_be_visible()


@pytest.mark.parametrize(("who", "sentence"), [("nima", "You no longer see it."), ("sara", "دیگر آن را نمی‌بینید.")])
def test_a_ticket_handed_over_leaves_with_a_word(running, as_, who, sentence):
    with running.runtime.uow() as uow:
        queue = teams.add_queue(uow, f"Repairs of {who}", [], handover=True)
        assert accounts.get(uow, 1).queue_id != queue.id
    ticket = running.arrives(f"For the workshop, {who}", address=f"{who}.broken@customer.example")
    page = live(as_(who), f"/tickets/{ticket}?in=all")
    page.locator("#menu-queue summary").click()
    page.locator("#menu-queue .option", has_text=queue.name).click()
    expect(page.locator("#toasts")).to_contain_text(sentence)
    assert page.url.endswith("/views/all")
    expect(page.locator(f"#t-{ticket}")).to_have_count(0)

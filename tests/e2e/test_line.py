"""Somebody waits: it rings in one console, then in the other, is accepted by a key, and handed over with a note."""

import pytest
from playwright.sync_api import expect

from helpdesk.core.waiting import availability, entries, line, states

from .conftest import live

pytestmark = pytest.mark.e2e


def joins(running, subject):
    ticket = running.arrives(subject, address="waits@customer.example")
    with running.runtime.uow() as uow:
        return line.join(uow, "ticket", ticket, label="Mina Rastegar")


def there(running, count):
    """Wait until so many consoles are noted as open."""

    def noted(page):
        for _look in range(100):
            with running.runtime.uow() as uow:
                if sum(one.online for one in availability.everybody(uow)) >= count:
                    return
            page.wait_for_timeout(50)
        raise AssertionError("nobody is there")

    return noted


def test_it_rings_goes_on_is_accepted_by_enter_and_handed_over(running, as_):
    sara = live(as_("sara"))
    there(running, 1)(sara)
    nima = live(as_("nima"))
    there(running, 2)(nima)
    entry = joins(running, "Who is free?")
    ring = f".ring[data-entry='{entry.id}']"
    expect(sara.locator(f".list > .rings {ring}")).to_be_visible()
    expect(nima.locator(ring)).to_have_count(0)
    sara.keyboard.press("Escape")
    expect(nima.locator(ring)).to_contain_text("Mina Rastegar")
    expect(sara.locator(ring)).to_have_count(0)
    nima.keyboard.press("Enter")
    nima.wait_for_url(f"**/tickets/{entry.ticket_id}*")
    expect(nima.locator(".line-strip")).to_contain_text("You have taken this from the line.")
    expect(nima.locator(".presence-button").first).to_contain_text("1 of 5")
    nima.click(".line-strip [data-sheet]")
    nima.fill("#give-note", "He asks for the glaze")
    nima.locator("#sheet button[name=to]", has_text="سارا محمدی").click()
    expect(sara.locator(ring)).to_be_visible()
    expect(nima.locator(".line-strip")).to_contain_text("rings at")
    sara.locator(ring).get_by_role("button", name="پذیرفتن").click()
    sara.wait_for_url(f"**/tickets/{entry.ticket_id}*")
    expect(sara.locator(".thread")).to_contain_text("He asks for the glaze")
    with running.runtime.uow() as uow:
        taken = entries.get(uow, entry.id)
        assert availability.of(uow, taken.taken_by).name == "سارا محمدی"
        line.end(uow, entry.id)
    expect(sara.locator(".line-strip")).to_have_count(0)


def test_away_rings_at_nobody_and_the_page_of_the_line_is_fresh_by_itself(running, as_):
    nima = live(as_("nima"), "/line")
    there(running, 1)(nima)
    with running.runtime.uow() as uow:
        for one in entries.line(uow):
            line.end(uow, one.id)
        for one in availability.everybody(uow):
            if one.name != "Nima Amini":
                states.choose(uow, "offline", user_id=one.user_id)
    nima.click(".nav .presence-button")
    nima.click(".nav [data-reason=lunch]")
    expect(nima.locator(".nav .presence-button")).to_contain_text("Lunch")
    entry = joins(running, "Nobody is there")
    row = nima.locator(f"#line-{entry.id}")
    expect(row).to_contain_text("nobody yet")
    expect(nima.locator(".nav [data-waiting]")).to_have_text("1")
    row.get_by_role("button", name="Take it").click()
    nima.wait_for_url(f"**/tickets/{entry.ticket_id}*")
    expect(nima.locator(".nav [data-waiting]")).to_be_hidden()

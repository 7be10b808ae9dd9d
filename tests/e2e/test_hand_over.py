"""A hand-over in front of many consoles: each drops the ticket and counts anew by what it was told, and asks for nothing."""

from playwright.sync_api import expect

from helpdesk.core.outbox import replies
from helpdesk.core.people import teams
from helpdesk.core.tickets import tickets

from .conftest import live


def test_a_hand_over_causes_no_request(running, as_):
    """Fault P5: the counters and the open ticket follow from the change alone."""
    first, second = running.arrives("Stays here"), running.arrives("Goes away")
    with running.runtime.uow() as uow:
        other = teams.add_queue(uow, "Invoices", [teams.add_team(uow, "Billing").id], handover=True)
    with_list, with_ticket = live(as_("sara")), live(as_("sara"), f"/tickets/{second}?in=all")
    for page in (with_list, with_ticket):
        expect(page.locator(f"#t-{second}")).to_be_visible()
    before = int(with_list.locator(".nav [data-counter=all]").get_attribute("data-count"))
    with_ticket.wait_for_load_state("networkidle")
    asked = []
    for page in (with_list, with_ticket):
        page.on("request", lambda request: None if "/assets/" in request.url else asked.append(request.url))
    running.acting("nima", lambda uow: tickets.change(uow, second, queue_id=other.id))
    for page in (with_list, with_ticket):
        expect(page.locator(f"#t-{second}")).to_have_count(0)
        expect(page.locator(".nav [data-counter=all]")).to_have_attribute("data-count", str(before - 1))
        expect(page.locator(f"#t-{first}")).to_be_visible()
    expect(with_ticket.locator("[data-ticket]")).to_have_count(0)
    assert asked == []


def test_an_open_ticket_follows_every_change_and_asks_for_nothing(running, as_):
    """Fault P5: status, assignee, notes and what the customer writes come with the change, into an open page."""
    ticket = running.arrives("Follow me", address="follow@customer.example")
    page = live(as_("sara"), f"/tickets/{ticket}?in=all")
    expect(page.locator("[data-ticket]")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    asked = []
    page.on("request", lambda request: None if "/assets/" in request.url else asked.append(request.url))
    running.acting("nima", lambda uow: tickets.change(uow, ticket, status="pending", assignee_id=uow.actor.user_id))
    expect(page.locator("#menu-status summary")).to_contain_text("در انتظار")
    expect(page.locator("#menu-assignee summary")).to_contain_text("Nima Amini")
    running.acting("nima", lambda uow: replies.note(uow, ticket, "He called, too"))
    expect(page.locator(".item", has_text="He called, too")).to_be_visible()
    running.acting("nima", lambda uow: tickets.change(uow, ticket, status="open"))
    expect(page.locator("#menu-status summary")).not_to_contain_text("در انتظار")
    running.acting("nima", lambda uow: replies.note(uow, ticket, "And again"))
    expect(page.locator(".item", has_text="And again")).to_be_visible()
    assert page.locator(".item", has_text="He called, too").count() == 1
    assert asked == []


def test_ones_own_acts_ask_for_nothing_but_what_they_do(running, as_):
    ticket = running.arrives("By myself", address="self@customer.example")
    page = live(as_("nima"), f"/tickets/{ticket}?in=all")
    page.wait_for_load_state("networkidle")
    asked = []
    page.on("request", lambda request: None if "/assets/" in request.url else asked.append(request.url))
    page.keyboard.press("n")
    page.keyboard.type("A word among us")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".item", has_text="A word among us")).to_be_visible()
    page.wait_for_timeout(1500)
    assert [url for url in asked if "/items" in url] == [] and len([url for url in asked if "/notes" in url]) == 1

"""A hand-over in front of many consoles: each drops the ticket and counts anew by what it was told, and asks for nothing."""

from playwright.sync_api import expect

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

"""Several tickets at once, snooze and return, drafts in rows, own keys and keys inside a letter, in a real browser."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from helpdesk.core.tickets import drafts, tickets
from helpdesk.core.tickets.models import Ticket

from .conftest import live, press

pytestmark = pytest.mark.e2e


def few(running, name, count=3):
    return [
        running.arrives(f"{name} {number}", address=f"{name.lower()}{number}@customer.example")
        for number in range(count)
    ]


def chosen(page):
    return page.locator(".tickets > li:has(.choose :checked)").evaluate_all(
        "rows => rows.map(row => Number(row.dataset.id))"
    )


def facts(running, ids, *names):
    with running.runtime.uow() as uow:
        return {tuple(getattr(uow.session.get(Ticket, ticket), name) for name in names) for ticket in ids}


def test_rows_are_chosen_by_key_and_changed_by_one_request(running, as_):
    ids = few(running, "Choose", 4)
    page, asked = live(as_("sara")), []
    page.locator(f"#t-{ids[0]} .choose input").focus()
    press(page, "KeyX", "ط")
    assert chosen(page) == [ids[0]]
    press(page, "KeyJ", "ت", shiftKey=True)
    press(page, "KeyJ", "ت", shiftKey=True)
    assert chosen(page) == ids[:3]
    press(page, "KeyK", "ن", shiftKey=True)
    assert chosen(page) == ids[:2]
    expect(page.locator("#selection [data-slot=count]")).to_have_text("۲ تیکت انتخاب شد")
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#selection [name=assignee]").first.click()
    expect(page.locator(".toast")).to_contain_text("۲ تیکت تغییر کرد")
    expect(page.locator(f"#t-{ids[1]} [data-slot=assignee]")).to_have_text("سارا محمدی")
    assert [url for url in asked if "/assets/" not in url] == [f"{running.url}/selection"]
    assert chosen(page) == [] and page.locator("#selection").is_hidden()
    press(page, "KeyX", "ط")
    assert chosen(page) == [ids[1]]
    press(page, "Escape", "Escape")
    assert chosen(page) == []


def test_what_is_selected_goes_before_what_is_open(running, as_):
    opened, *ids = few(running, "Before", 3)
    page = live(as_("nima"), f"/tickets/{opened}?in=all")
    page.locator(f"#t-{ids[0]} .choose input").focus()
    press(page, "KeyX", "ط")
    press(page, "KeyJ", "ت", shiftKey=True)
    page.wait_for_selector("#all-priority", state="attached")
    press(page, "KeyP", "ح")
    page.keyboard.press("Enter")
    expect(page.locator(f"#t-{ids[1]} [data-slot=priority]")).to_have_text("Urgent")
    assert facts(running, ids, "priority") == {("urgent",)} and facts(running, [opened], "priority") == {("normal",)}
    for ticket in ids:
        page.locator(f"#t-{ticket} .choose input").check(force=True)
    press(page, "KeyE", "ث")
    expect(page.locator("#selection")).to_be_hidden()
    assert facts(running, ids, "status") == {("solved",)} and facts(running, [opened], "status") == {("open",)}
    press(page, "KeyE", "ث")
    expect(page.locator("#menu-status summary")).to_contain_text("Solved")


def test_rows_that_others_change_stay_right_while_chosen(running, as_):
    stays, leaves, other = few(running, "Others")
    page = live(as_("nima"), "/views/unassigned")
    for ticket in (stays, leaves):
        page.locator(f"#t-{ticket}").hover()
        page.locator(f"#t-{ticket} .choose input").check()
    page.hover("#main")
    running.acting("sara", lambda desk: tickets.change(desk, stays, priority="urgent"))
    running.acting("sara", lambda desk: tickets.change(desk, leaves, status="solved"))
    expect(page.locator(f"#t-{stays} [data-slot=priority]")).to_have_text("Urgent")
    expect(page.locator(f"#t-{leaves}")).to_have_count(0)
    expect(page.locator("#selection [data-slot=count]")).to_have_text("1 selected")
    assert chosen(page) == [stays]


def test_who_is_left_out_stays_chosen_and_is_named(running, as_):
    ids = few(running, "Left", 2)
    for ticket in ids:
        running.acting("sara", lambda desk, ticket=ticket: tickets.change(desk, ticket, status="solved"))
    page = live(as_("nima"), "/views/solved")
    for ticket in ids:
        page.locator(f"#t-{ticket} .choose input").check(force=True)
    page.locator("#selection summary[aria-label='Snooze…']").click()
    page.locator("#selection [name=snooze][value=tomorrow]").click()
    expect(page.locator(".toast.danger")).to_contain_text("Only an open ticket can be snoozed")
    assert sorted(chosen(page)) == ids


def test_several_customers_tickets_are_merged_after_asking(running, as_):
    ids = few(running, "Merge", 2)
    page = live(as_("nima"), "/views/unassigned")
    for ticket in ids:
        page.locator(f"#t-{ticket} .choose input").check(force=True)
    page.locator("[data-act=merge-selected]").click()
    expect(page.locator("#sheet")).to_contain_text("different customers")
    page.locator("#sheet .primary").click()
    expect(page.locator(f"#t-{ids[1]}")).to_have_count(0)
    assert facts(running, ids, "merged_into_id") == {(None,), (ids[0],)}


def test_on_a_phone_rows_are_chosen_by_touch(running, as_):
    ids = few(running, "Touch", 2)
    page = as_("sara", has_touch=True)
    page.set_viewport_size({"width": 390, "height": 844})
    live(page)
    page.click("[data-act=choose]")
    page.click(f"#t-{ids[0]} a")
    page.click(f"#t-{ids[1]} a")
    assert chosen(page) == ids and page.locator(".list").is_visible()
    page.locator("#selection summary[aria-label='اولویت…']").click()
    page.locator("#selection [value=high]").click()
    expect(page.locator(f"#t-{ids[1]} [data-slot=priority]")).to_have_text("زیاد")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click(f"#t-{ids[0]} a")
    expect(page.locator("[data-ticket]")).to_be_visible()


def test_a_finger_that_rests_on_a_row_chooses_it(running, as_):
    ids = few(running, "Finger", 2)
    page = as_("sara", has_touch=True)
    page.set_viewport_size({"width": 390, "height": 844})
    live(page)
    row, other = (page.locator(f"#t-{ticket} a") for ticket in ids)
    touch = {"pointerType": "touch", "bubbles": True}
    row.dispatch_event("pointerdown", touch)
    page.wait_for_timeout(200)
    row.dispatch_event("pointerup", touch)
    page.wait_for_timeout(500)
    assert chosen(page) == [], "a tap is no rest"
    row.dispatch_event("pointerdown", touch)
    expect(page.locator(f"#t-{ids[0]} .choose input")).to_be_checked()
    row.dispatch_event("pointerup", touch)
    row.dispatch_event("click")
    assert chosen(page) == ids[:1], "the finger that goes up again takes nothing back"
    other.tap()
    assert chosen(page) == ids
    assert page.locator(".list").is_visible()


def test_a_ticket_rests_and_comes_back_by_itself_and_with_the_customers_word(running, as_):
    first, second = few(running, "Rest", 2)
    page = live(as_("sara"), f"/tickets/{first}?in=all")
    before = int(page.locator(".nav [data-counter=all]").get_attribute("data-count"))
    press(page, "KeyZ", "ظ")
    page.locator("#menu-snooze [value=tomorrow]").click()
    expect(page.locator(".thread-head .banner")).to_contain_text("تعویق تا")
    expect(page.locator(f"#t-{first}")).to_have_count(0)
    expect(page.locator(".nav [data-counter=all]")).to_have_attribute("data-count", str(before - 1))
    running.acting(
        "sara",
        lambda desk: tickets.change(
            desk, second, assignee_id=desk.actor.user_id, snoozed_until=datetime.now(UTC) + timedelta(hours=1)
        ),
    )
    page.hover(".thread-scroll")
    expect(page.locator(f"#t-{second}")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("z")
    page.wait_for_url("**/views/snoozed")
    page.wait_for_selector("html[data-live=on]")
    shown = page.locator(".tickets > li[data-id]").evaluate_all("rows => rows.map(row => Number(row.dataset.id))")
    assert [ticket for ticket in shown if ticket in (first, second)] == [second, first]
    with running.runtime.uow() as uow:
        uow.clock = lambda: datetime.now(UTC) + timedelta(hours=2)
        assert tickets.unsnooze_due(uow) == 1
    expect(page.locator(f"#t-{second}")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("برگشت")
    expect(page.locator(f"#t-{first}")).to_be_visible()
    expect(page.locator(".nav [data-counter=all]")).to_have_attribute("data-count", str(before - 1))


def test_a_day_is_typed_in_the_readers_calendar_and_a_wrong_one_is_told(running, as_):
    ticket = few(running, "Typed", 1)[0]
    page = live(as_("sara"), f"/tickets/{ticket}")
    page.locator("#menu-snooze summary").click()
    typed = page.locator("#menu-snooze [role=combobox]")
    typed.fill("۱۴۰۵/۱۳/۴۰")
    expect(page.locator("#menu-snooze .no-match")).to_contain_text("روز را مثل")
    day = typed.get_attribute("placeholder")
    typed.fill(f"{day} ۱۴:۳۰")
    expect(page.locator("#menu-snooze .option.active")).to_contain_text("۱۴:۳۰")
    page.keyboard.press("Enter")
    expect(page.locator(".thread-head .banner")).to_contain_text("۱۴:۳۰")
    page.locator("[data-act=unsnooze]").click()
    expect(page.locator(".thread-head .banner")).to_have_count(0)


def test_a_row_says_where_a_draft_of_ones_own_waits(running, as_):
    ticket, other = few(running, "Half", 2)
    running.acting("nima", lambda desk: drafts.save(desk, other, "reply", "Mine"))
    page = live(as_("sara"))
    second = page.context.new_page()
    live(second)
    asked = []
    second.on("request", lambda request: asked.append(request.url))
    page.click(f"#t-{ticket} a")
    page.locator("#say-note textarea").wait_for(state="attached")
    page.locator("#say-reply textarea").fill("سلام")
    for window in (page, second):
        expect(window.locator(f"#t-{ticket} [data-slot=draft]")).to_be_visible()
        expect(window.locator(f"#t-{other} [data-slot=draft]")).to_be_hidden()
    running.acting("nima", lambda desk: tickets.change(desk, ticket, priority="high"))
    expect(second.locator(f"#t-{ticket} [data-slot=priority]")).to_have_text("زیاد")
    expect(second.locator(f"#t-{ticket} [data-slot=draft]")).to_be_visible()
    page.keyboard.press("Control+Enter")
    for window in (page, second):
        expect(window.locator(f"#t-{ticket} [data-slot=draft]")).to_be_hidden()
    assert [url for url in asked if "/assets/" not in url] == []


def test_a_key_is_changed_refused_and_put_back(running, as_):
    ticket = few(running, "Keys", 1)[0]
    page = live(as_("nima"), f"/tickets/{ticket}")
    press(page, "Slash", "؟", shiftKey=True)
    expect(page.locator("#keys")).to_be_visible()
    page.locator("[data-action=note]").click()
    press(page, "KeyJ", "ت")
    expect(page.locator("#keys-problem")).to_contain_text("Next ticket")
    page.locator("[data-action=note]").click()
    press(page, "KeyM", "پ")
    expect(page.locator("[data-action=note]")).to_have_text("M")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    press(page, "KeyM", "پ")
    expect(page.locator("#say-note textarea")).to_be_focused()
    page.reload()
    page.wait_for_selector("html[data-live=on]")
    press(page, "KeyN", "د")
    expect(page.locator("#say-note textarea")).not_to_be_focused()
    press(page, "KeyM", "پ")
    expect(page.locator("#say-note textarea")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator("[data-act=reset-keys]").click()
    expect(page.locator("[data-action=note]")).to_have_text("N")


def test_keys_work_while_the_focus_is_inside_a_letter(running, as_):
    ticket = running.arrives("Formatted", html="<p>Hello <b>you</b></p>", address="formatted@customer.example")
    page = live(as_("nima"), f"/tickets/{ticket}")
    page.frame_locator("iframe.letter-body").locator("b").click()
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    page.keyboard.press("n")
    expect(page.locator("#say-note textarea")).to_be_focused()
    page.frame_locator("iframe.letter-body").locator("b").click()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()

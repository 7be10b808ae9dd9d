"""What a page never does: offer what the role refuses, and lose what was typed into settings without a word."""

import pytest
from playwright.sync_api import expect

from helpdesk.core.outbox import replies
from helpdesk.core.people import users
from helpdesk.security import passwords

from .conftest import PASSWORD, live

pytestmark = pytest.mark.e2e


def test_taking_back_is_offered_on_ones_own_messages_only(running, as_):
    """FAULTS U14."""
    ticket = running.arrives("Two answers", address="taking-back@customer.example")
    message = running.acting("nima", lambda uow: replies.reply(uow, ticket, "It waits", undo=600)).id
    nima, sara = live(as_("nima"), f"/tickets/{ticket}"), live(as_("sara"), f"/tickets/{ticket}")
    undo = f"#m-{message} [hx-post$='/undo']"
    expect(sara.locator(f"#m-{message} .delivery")).to_be_visible()
    expect(sara.locator(undo)).to_have_count(0)
    expect(nima.locator(undo)).to_have_text("Take back")
    nima.click(undo)
    expect(nima.locator(f"#m-{message}")).to_have_count(0)
    expect(sara.locator(f"#m-{message}")).to_have_count(0)


@pytest.fixture
def settings(running, as_):
    """An admin's page of settings, and the dialogs it opened; each is answered with staying."""
    with running.runtime.uow() as uow:
        users.add(uow, "admin@desk.example", "The admin", "admin", passwords.hash_password(PASSWORD), "en")
    page, asked = as_("admin").context.new_page(), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto("/settings/accounts/1")
    return page, asked


def test_unsaved_settings_are_asked_about_before_they_are_lost(settings):
    """FAULTS U22: what is typed, and what a preset filled in."""
    page, asked = settings
    away = page.locator(".section-list a[href='/settings/people']")
    page.fill("#account [name=name]", "Help for all")
    away.click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"] and page.url.endswith("/settings/accounts/1")
    expect(page.locator("#account [name=name]")).to_have_value("Help for all")
    page.click("#menu-preset > summary")
    page.locator("#menu-preset [role=option]", has_text="Fastmail").click()
    expect(page.locator("#account [name=set-smtp_host]")).to_have_value("smtp.fastmail.com")
    expect(page.locator("#account [name=name]")).to_have_value("Help for all")
    away.click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"] * 2
    page.click(".savebar .primary")
    expect(page.locator(".toast")).to_be_visible()
    away.click()
    page.wait_for_url("**/settings/people")
    assert len(asked) == 2

"""Answers that everybody can read, and windows that close, in the hands of an agent."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from helpdesk.core.accounts import accounts
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.tickets.message_models import Message
from helpdesk.security import passwords
from plugins.social.contracts import mastodon, whatsapp

from .conftest import RunningDesk, live

pytestmark = [pytest.mark.e2e, pytest.mark.clock]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    passwords.weaken()
    desk = RunningDesk(tmp_path_factory.mktemp("desk"), plugins="email,social")
    with desk.runtime.uow() as uow:
        desk.accounts = {
            kind: accounts.create(uow, kind, kind.title(), proofs.settings, queue_id=1).id
            for kind, proofs in (("mastodon", mastodon.MastodonContract), ("whatsapp", whatsapp.WhatsAppContract))
        }
    yield desk
    desk.stop()
    desk.runtime.parser.close()


def said(running, kind, raw, ago=timedelta()):
    """What a provider brought; the id of its ticket."""
    with running.runtime.uow() as uow:
        stored = intake.accept(uow, running.accounts[kind], RawMessage(f"{kind}-{hash(raw)}", raw, datetime.now(UTC)))
        raw_worker.drain(uow)
        message = uow.session.query(Message).filter_by(raw_message_id=stored).one()
        with uow.writing():
            message.at -= ago
        return message.ticket_id


def sent(running, ticket):
    with running.runtime.uow() as uow:
        return [(m.text, m.visibility) for m in uow.session.query(Message).filter_by(ticket_id=ticket, kind="out")]


def test_personal_data_are_warned_of_before_everybody_reads_them(running, as_):
    page = as_("nima")
    ticket = said(running, "mastodon", mastodon.note("mention", mastodon.status("Where is it?", "500")))
    live(page, f"/tickets/{ticket}")
    expect(page.locator("#menu-visibility > summary")).to_contain_text("Everybody can read it")
    page.fill("#say-reply textarea", "Your order 123456 was sent, call 09121234567.")
    page.click("#say-reply [data-act=send]")
    warning = page.locator("#social-warning")
    expect(warning).to_contain_text("a telephone number, an order number")
    assert sent(running, ticket) == []
    page.click("[data-social=private]")
    expect(page.locator("#menu-visibility > summary")).to_contain_text("Only the customer")
    expect(warning).to_have_count(0)
    page.click("#say-reply [data-act=send]")
    expect(page.locator("#say-reply textarea")).to_have_value("")
    assert sent(running, ticket) == [("Your order 123456 was sent, call 09121234567.", "private")]


def test_what_is_meant_for_everybody_goes_there(running, as_):
    page = as_("sara")
    ticket = said(running, "mastodon", mastodon.note("mention", mastodon.status("ساعت کار؟", "501")))
    live(page, f"/tickets/{ticket}")
    page.fill("#say-reply textarea", "شمارهٔ فروشگاه ۰۲۱۸۸۸۸۱۲۳۴ است.")
    page.click("#say-reply [data-act=send]")
    page.click("[data-social=send]")
    expect(page.locator("#say-reply textarea")).to_have_value("")
    page.fill("#say-reply textarea", "ما از نه تا پنج هستیم.")
    page.click("#say-reply [data-act=send]")
    expect(page.locator("#say-reply textarea")).to_have_value("")
    assert [visibility for _text, visibility in sent(running, ticket)] == ["public", "public"]


def test_the_time_left_of_a_window_runs_and_its_end_is_seen(running, as_):
    page = as_("sara")
    raw = whatsapp.message("text", {"body": "کجاست؟"}, "wamid.500")
    ticket = said(running, "whatsapp", raw, ago=timedelta(hours=23, minutes=59, seconds=50))
    live(page, f"/tickets/{ticket}")
    expect(page.locator("#way [data-until]")).to_contain_text("۰۰:۰")
    expect(page.locator("[data-slot=closed]")).to_be_visible(timeout=15_000)
    expect(page.locator("#way [data-until]")).to_have_count(0)


def test_a_reply_with_quick_replies_and_a_reaction(running, as_):
    page = as_("nima")
    ticket = said(running, "whatsapp", whatsapp.message("text", {"body": "Where is it?"}, "wamid.50"))
    live(page, f"/tickets/{ticket}")
    page.fill("#say-reply textarea", "Has it come?")
    for label in ("Yes", "No", ""):
        page.click("#way [data-act=add-tap]")
        page.locator("#way .taps > input").last.fill(label)
    expect(page.locator("#way [data-act=add-tap]")).to_be_hidden()
    page.click(".signs summary")
    page.click(".signs button[value='🙏']")
    expect(page.locator(".signs > span")).to_have_text("🙏")
    page.click("#say-reply [data-act=send]")
    expect(page.locator(".letter.ours .taps .tag")).to_have_text(["Yes", "No"])
    expect(page.locator("#way .taps > input")).to_have_count(0)

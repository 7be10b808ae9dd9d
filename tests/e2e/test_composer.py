"""What a channel declares, in the hands of an agent: ways to answer, limits, visibility, templates, files, and what a
person carries out.
"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import expect

from helpdesk.core.accounts import accounts
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.intake import intake, raw_worker, waiting_events
from helpdesk.core.jobs import runner
from helpdesk.core.outbox import replies
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message
from helpdesk.testing import ReadHere

from .conftest import RunningDesk, live, press

pytestmark = [pytest.mark.e2e, pytest.mark.clock]
PROBE = Path(__file__).parents[1] / "probe"
POINTS = "[helpdesk.plugins]\nprobe = probe_plugin\n"
AGO = timedelta(hours=30)  # longer than the probe's window is open

_numbers = count(1)


class ProbeDesk(RunningDesk):
    """A desk with the probe plugin installed beside it: an account of each of its channels."""

    def __init__(self, folder, site, provider):
        super().__init__(folder, "email,probe", PYTHONPATH=os.pathsep.join([str(PROBE), str(site)]))
        self.runtime.parser = ReadHere(self.runtime)  # children would have to find the plugin, too
        settings = {"url": provider.url, "token": provider.token, "timeout": 2.0}
        with self.runtime.uow() as uow:
            self.chat = accounts.create(uow, "probe", "Chat", settings, 1).id
            self.calls = accounts.create(uow, "probe_by_hand", "Calls", settings, 1).id
            self.heard = accounts.create(uow, "probe_silent", "Heard", settings, 1).id

    def switch(self, ids, on: bool) -> None:
        """Switch accounts on or off."""
        with self.runtime.uow() as uow:
            for account in ids:
                accounts.update(uow, account, enabled=on)

    def says(self, account: int, text: str, ago=timedelta(), **more) -> int:
        """A customer's message by this account; the id of its ticket."""
        number = next(_numbers)
        event = {"kind": "message", "id": f"m-{number}", "from": f"mina{number}", "name": "Mina Rastegar", "text": text}
        raw = json.dumps([{**event, **more}]).encode()
        with self.runtime.uow() as uow:
            stored = intake.accept(uow, account, RawMessage(f"said-{number}", raw, datetime.now(UTC)))
            raw_worker.drain(uow)
            message = uow.session.query(Message).filter_by(raw_message_id=stored).one()
            if ago:
                with uow.writing():
                    message.at -= ago
            return message.ticket_id

    def rows(self, model, **where) -> list:
        """Rows as they are now."""
        with self.runtime.uow() as uow:
            return uow.session.query(model).filter_by(**where).order_by(model.id).all()


@pytest.fixture(scope="module")
def provider():
    sys.path.insert(0, str(PROBE))
    from stand_in import TOKEN, standing_in

    with standing_in() as provider:
        provider.token = TOKEN
        yield provider
    sys.path.remove(str(PROBE))


@pytest.fixture(scope="module")
def running(tmp_path_factory, provider):
    site = tmp_path_factory.mktemp("site")
    (site / "hamdel_probe-1.dist-info").mkdir()
    (site / "hamdel_probe-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: hamdel-probe\nVersion: 1\n")
    (site / "hamdel_probe-1.dist-info/entry_points.txt").write_text(POINTS)
    sys.path.insert(0, str(site))
    desk = ProbeDesk(tmp_path_factory.mktemp("desk"), site, provider)
    yield desk
    desk.stop()
    desk.runtime.parser.close()
    sys.path.remove(str(site))


def choose(page, menu: str, option: str):
    """Open a picker of the composer and choose the option with these words."""
    page.click(f"{menu} > summary")
    page.locator(f"{menu} [role=option]", has_text=option).first.click()


def test_every_way_to_answer_is_offered_and_the_impossible_say_why(running, as_):
    ticket = running.says(running.chat, "Hello", phone="+989121234567")
    page = live(as_("nima"), f"/tickets/{ticket}")
    expect(page.locator("#recipients")).to_contain_text("<mina")
    page.locator("#say-reply textarea").fill("Half a sentence")
    press(page, "KeyW", "ص", altKey=True)
    options = page.locator("#menu-way [role=option]")
    expect(options.first).to_contain_text("the customer wrote this way last")
    expect(options.first).to_contain_text("up to 500 characters")
    expect(page.locator("#menu-way [aria-disabled=true]", has_text="support")).to_contain_text("no address of theirs")
    page.keyboard.press("Escape")
    expect(page.locator("#menu-way")).not_to_have_attribute("open", "")
    expect(page.locator("#say-reply textarea")).to_have_value("Half a sentence")


def test_the_length_is_counted_and_the_server_decides(running, as_, provider):
    ticket = running.says(running.chat, "How long may it be?")
    page = live(as_("nima"), f"/tickets/{ticket}")
    area = page.locator("#say-reply textarea")
    area.fill("سلام 👋")
    expect(page.locator("#left")).to_have_text("6 / 500")
    area.fill("x" * 503)
    expect(page.locator("#left")).to_have_text("3 characters too many")
    expect(area).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices .danger")).to_contain_text("500 characters at most")
    expect(area).to_have_value("x" * 503)
    assert not running.rows(Delivery, account_id=running.chat, state="queued")


def test_a_closed_window_takes_templates_only(running, as_):
    ticket = running.says(running.chat, "Where is order 12?", ago=AGO)
    page = live(as_("nima"), f"/tickets/{ticket}")
    expect(page.locator("[data-slot=closed]")).to_contain_text("only a template can be sent")
    page.locator("#say-reply textarea").fill("On its way")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices .danger")).to_contain_text("only a template")
    choose(page, "#menu-template", "shipped")
    place = page.locator("#way [data-place='1']")
    expect(place).to_have_text("{{1}}")
    with page.expect_response(lambda answer: "KH-12" in (answer.request.post_data or "")):
        page.keyboard.type("KH-12")  # the focus is in the first value; it is kept with the draft
    expect(place).to_have_text("KH-12")
    expect(page.locator("#say-reply textarea")).to_be_hidden()
    page.reload()
    expect(page.locator("#way [data-value='1']")).to_have_value("KH-12")
    page.locator("#way [data-value='1']").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".item", has_text="Order KH-12 is on its way.")).to_be_visible()
    (message,) = running.rows(Message, ticket_id=ticket, kind="out")
    assert message.template == {"name": "shipped", "language": "en", "values": ["KH-12"]}
    expect(page.locator("#way [data-value]")).to_have_count(0)


def test_a_provider_without_an_answer_keeps_what_was_chosen(running, as_, provider):
    ticket = running.says(running.chat, "Hello?", ago=AGO)
    page = live(as_("nima"), f"/tickets/{ticket}")
    provider.fail = "busy"
    page.click("#menu-template > summary")
    expect(page.locator("#menu-template [data-slot=failed]")).to_be_visible()
    provider.fail = ""
    page.click("#menu-template [data-act=ask-again]")
    expect(page.locator("#menu-template [role=option]")).to_have_count(1)


def test_what_everybody_can_read_says_so(running, as_):
    ticket = running.says(running.chat, "Said in public", visibility="public")
    page = live(as_("nima"), f"/tickets/{ticket}")
    expect(page.locator("#menu-visibility summary")).to_contain_text("Everybody can read it")
    page.locator("#say-reply textarea").fill("Thank you")
    choose(page, "#menu-visibility", "Only the customer")
    expect(page.locator("#menu-visibility summary")).to_contain_text("Only the customer")
    expect(page.locator("#say-reply textarea")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".item", has_text="Thank you")).to_be_visible()
    assert [m.visibility for m in running.rows(Message, ticket_id=ticket)] == ["public", "private"]


def test_files_that_cannot_go_this_way_are_refused_before_they_are_sent(running, as_):
    ticket = running.says(running.chat, "Send me a picture")
    page = live(as_("nima"), f"/tickets/{ticket}")
    pick = page.locator("#say-reply input[type=file]")
    pick.set_input_files({"name": "a.zip", "mimeType": "application/zip", "buffer": b"PK"})
    expect(page.locator(".toast", has_text="a.zip")).to_be_visible()
    pick.set_input_files({"name": "big.png", "mimeType": "image/png", "buffer": b"x" * 60_000})
    expect(page.locator(".toast", has_text="big.png")).to_be_visible()
    expect(page.locator("#say-reply .chosen li")).to_have_count(0)
    by_hand = live(as_("nima"), f"/tickets/{running.says(running.calls, 'Call me')}")
    expect(by_hand.locator("#say-reply .attach")).to_be_hidden()


def test_a_channel_that_is_only_heard_says_so(running, as_):
    """Another way is proposed while there is one."""
    ticket, page = running.says(running.heard, "Nobody can answer this"), as_("sara")
    live(page, f"/tickets/{ticket}")
    expect(page.locator("#way .danger")).to_have_count(0)
    running.switch((running.chat, running.calls), False)
    live(page, f"/tickets/{ticket}")
    expect(page.locator("#way .danger")).to_contain_text("نمی‌توان پاسخ داد")
    page.locator("#say-reply textarea").fill("پاسخ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices .danger")).to_be_visible()
    assert not running.rows(Message, ticket_id=ticket, kind="out")
    running.switch((running.chat, running.calls), True)


def test_another_recipient_than_before_is_warned_of(running, as_):
    ticket, else_ = running.says(running.chat, "Write to me"), Address("handle", "somebody-else")
    running.acting("sara", lambda uow: replies.reply(uow, ticket, "To another", to=[else_]))
    page = live(as_("nima"), f"/tickets/{ticket}")
    expect(page.locator("[data-slot=other-recipient]")).to_contain_text("instead of somebody-else")


@pytest.fixture
def call(running):
    """A ticket with a call to make, and its delivery's id."""
    ticket = running.says(running.calls, "Please call me", phone="+989121234567")
    running.acting("sara", lambda uow: replies.reply(uow, ticket, "Explain the bill", form="call"))
    (message,) = running.rows(Message, ticket_id=ticket, kind="out")
    return ticket, running.rows(Delivery, message_id=message.id)[0].id


def test_what_came_of_a_call_is_entered_by_key_and_shown(running, as_, call):
    ticket, delivery = call
    page = live(as_("nima"), f"/tickets/{ticket}")
    box = page.locator(f"[data-by-hand='{delivery}']")
    box.locator("[name=note]").fill("The line was busy twice")
    page.keyboard.press("Escape")
    press(page, "KeyO", "خ")
    expect(box.locator("[value=reached]")).to_be_focused()
    press(page, "Digit2", "۲")
    expect(box.locator(".tried")).to_contain_text("Busy")
    expect(box.locator(".tried")).to_contain_text("The line was busy twice")
    assert running.rows(Delivery, id=delivery)[0].due_at > datetime.now(UTC)
    box.locator("details.drop > summary").click()
    expect(box.locator("[role=combobox]")).to_be_focused()
    page.keyboard.type("tomorrow 10")
    page.locator("[role=option]:visible", has_text="10:00").first.click()
    expect(box.locator(".tried li")).to_have_count(2)
    expect(box).to_contain_text("10:00")
    page.keyboard.press("Control+k")
    page.keyboard.type("Reached")
    page.locator("#palette .option", has_text="Reached").click()
    expect(box).to_have_count(0)
    assert running.rows(Delivery, id=delivery)[0].state == "sent"
    expect(page.locator(".tried li")).to_have_count(3)


def test_a_file_that_could_not_be_fetched_is_tried_again(running, as_, provider):
    provider.fail = "busy"
    ticket = running.says(running.chat, "Look", file="77")
    page = live(as_("nima"), f"/tickets/{ticket}")
    expect(page.locator("[data-file=waiting]")).to_contain_text("is being fetched")
    with running.runtime.uow() as uow, uow.writing() as session:
        file = session.query(Attachment).filter_by(state="waiting").one()
        file.state, file.reason = "failed", "The service is busy."
    page.reload()
    page.locator("[data-file=failed]").get_by_role("button", name="Try again").click()
    expect(page.locator("[data-file=waiting]")).to_be_visible()
    provider.fail = ""
    with running.runtime.uow() as uow:
        while (job := runner.claim(uow)) is not None:
            runner.run(uow, job)
    expect(page.locator("a.file", has_text="picture.png")).to_be_visible()


def test_what_names_an_unknown_message_stands_on_its_ticket(running, as_):
    ticket = running.says(running.chat, "Hello", thread="chat-12")
    page = live(as_("nima"), f"/tickets/{ticket}")
    late = json.dumps([{"kind": "deleted", "id": "never-seen", "thread": "chat-12"}]).encode()
    with running.runtime.uow() as uow:
        intake.accept(uow, running.chat, RawMessage("late", late, datetime.now(UTC)))
        raw_worker.drain(uow)
        now = uow.clock() + timedelta(minutes=11)
        uow.clock = lambda: now
        assert waiting_events.settle(uow) == 1
    expect(page.locator(".event", has_text="A message that this desk does not know was deleted")).to_be_visible()

"""The page *Live chats*: an agent with two visitors at once, a supervisor who whispers, and what each of them sees."""

from io import BytesIO

import pytest
from PIL import Image

from helpdesk.api import waiting
from helpdesk.core.tickets.message_models import Delivery, Message

from .test_widget import opened, sees, until, violations, write

pytestmark = pytest.mark.e2e


def face():
    """A picture as a file."""
    made = BytesIO()
    Image.new("RGB", (40, 60), "teal").save(made, "PNG")
    return made.getvalue()


def test_two_chats_stand_side_by_side(visitors, key, console, runtime, agent):
    sara = console(runtime.agent)
    one, two = opened(visitors(key)), opened(visitors(key))
    write(one, "Is the bowl safe?")
    sara.click(".ring [data-ring=accept]")
    sara.wait_for_selector(".pane.front :text('Is the bowl safe?')")
    first = sara.url
    write(two, "Do you deliver to Leeds?")
    sara.click(".ring [data-ring=accept]")
    sara.wait_for_selector(".pane.front :text('deliver to Leeds')")
    assert sara.locator(".pane").count() == 2 and sara.locator("[data-mine]").count() == 2

    sara.fill(".pane.front textarea", "Yes, in three days.")
    sara.press(".pane.front textarea", "Enter")
    sees(two, "Do you deliver to Leeds?", "Yes, in three days.")
    two.wait_for_selector(".mark:has-text('Seen')")
    assert sara.input_value(".pane.front textarea") == ""
    sara.wait_for_selector(".pane.front .bubble-time :text('Seen')")

    sara.fill(".pane.front textarea", "half a sentence")
    two.wait_for_selector(".typing:has-text('Sara')")
    write(one, "Hello?")
    sara.wait_for_selector(".pane:not(.front) :text('Hello?')")
    sara.press(".pane.front textarea", "Alt+j")
    assert sara.url == first, "the keyboard goes to the next chat"
    write(two, "Thank you!")
    sara.wait_for_selector(".pane:not(.front) :text('Thank you!')")
    assert sara.input_value(".pane:not(.front) textarea") == "half a sentence", "what is written outlives what comes"

    sara.set_viewport_size({"width": 390, "height": 800})
    assert sara.is_hidden(".chats > .col")
    sara.click(".pane.front [data-back]")
    assert sara.is_visible(".chats > .col") and sara.is_hidden(".panes")
    sara.click("[data-chat]:has-text('Thank you!')")
    sara.click(".pane.front button:has-text('End')")
    two.wait_for_selector(".rates:visible")


def test_a_supervisor_whispers(visitors, key, console, runtime, agent, act):
    page = opened(visitors(key))
    write(page, "Is it lead-free?")
    ticket = agent.takes("Is it lead-free?")
    sara = console(runtime.agent)
    sara.goto(f"{sara.url.partition('?')[0]}?ticket={ticket}")
    parisa = console(runtime.supervisor, color_scheme="dark")
    parisa.click("[data-chat]:has-text('Is it lead-free?')")
    parisa.fill(".pane.front textarea", "Say that it is lead-free.")
    parisa.press(".pane.front textarea", "Enter")
    sara.wait_for_selector(".pane .whisper:has-text('lead-free')")
    assert violations(parisa) == []
    with runtime.uow() as uow:
        said = uow.session.query(Message).where(Message.text == "Say that it is lead-free.").one()
        assert (said.kind, said.form, said.visibility) == ("note", "whisper", "internal")
        assert uow.session.query(Delivery).where(Delivery.message_id == said.id).count() == 0
    parisa.fill(".pane.front textarea", "half a whisper")
    act(waiting.end, act(waiting.of_ticket, ticket)[0].id)
    parisa.reload()
    parisa.wait_for_selector(".pane.front form[data-say=say]")
    assert parisa.input_value(".pane.front textarea") == "", "what was whispered is never in an answer"
    sees(page, "Is it lead-free?")


def test_visitors_see_the_picture_of_who_answers(visitors, key, console, runtime, agent):
    sara = console(runtime.agent)
    sara.goto(sara.url.replace("/x/chat/", "/me"))
    sara.set_input_files("[name=picture]", {"name": "me.png", "mimeType": "image/png", "buffer": b"no picture"})
    sara.click("section:has(#face) .btn.primary")
    sara.wait_for_selector(".banner.danger")
    sara.set_input_files("[name=picture]", {"name": "me.png", "mimeType": "image/png", "buffer": face()})
    sara.click("section:has(#face) .btn.primary")
    sara.wait_for_selector(".nav-me .avatar img")
    page = opened(visitors(key))
    write(page, "Who answers me?")
    agent.takes("Who answers me?")
    until(page, "document.querySelector('#hamdel-chat').shadowRoot.querySelector('.head img')?.naturalWidth === 256")


def test_an_agent_may_not_whisper(runtime, act, agent, page, console):
    """The right is the supervisors', wherever it is asked for."""
    visitor = page()
    visitor.say("Is anybody there?")
    ticket = agent.knows("Is anybody there?")
    sara = console(runtime.agent)
    status = sara.evaluate(
        """async (ticket) => (await fetch(`/x/chat/${ticket}/whisper`, {method: "POST", body: new URLSearchParams({text: "x"}),
        headers: {"X-CSRFToken": document.querySelector("meta[name=csrf-token]").content}})).status""",
        ticket,
    )
    assert status == 403

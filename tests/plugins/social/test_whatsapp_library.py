"""The stand-in of the Cloud API is what pywa takes for it, and the payloads of our tests are its types."""

import json

import httpx
import pytest
from pywa import WhatsApp as Client
from pywa import errors
from pywa.types import Button, CallbackButton, DeletedMessage, EditedMessage, Message, MessageStatus
from pywa.types.base_update import RawUpdate

from plugins.handset.standins.whatsapp import PICTURE
from plugins.handset.standins.whatsapp import WhatsApp as StandIn
from plugins.social.contracts.whatsapp import APP_SECRET, MINA, NUMBER, TOKEN, WhatsAppContract, message, signed


@pytest.fixture
def stand_in():
    made = StandIn(TOKEN, APP_SECRET)
    made.people[MINA], made.last_word[MINA] = "Mina", 10**12
    yield made
    made.close()


def client(stand_in, token=TOKEN):
    """The library takes its own server's address, so requests are led to ours on their way."""

    def lead(request):
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=stand_in.server.server_port)
        request.headers["Host"] = "graph.facebook.com"

    session = httpx.Client(event_hooks={"request": [lead]})
    return Client(
        NUMBER, token, session=session, app_secret=APP_SECRET, waba_id=stand_in.business, filter_updates=False
    )


def test_a_library_sends_words_and_files(stand_in):
    sent = client(stand_in).send_message(MINA, "سلام")
    client(stand_in).send_image(MINA, PICTURE, mime_type="image/png", caption="one")
    assert sent.id == stand_in.sent()[0]["id"]
    assert [(t["type"], t["text"]) for t in stand_in.taken] == [("text", "سلام"), ("image", "one")]


def test_a_library_sends_buttons_and_reactions(stand_in):
    stand_in.know(["wamid.1"])
    client(stand_in).send_message(MINA, "رسید؟", buttons=[Button("بله", callback_data="y"), Button("نه", "n")])
    client(stand_in).send_reaction(MINA, "👍", "wamid.1")
    assert stand_in.taken[-1]["buttons"] == ["بله", "نه"] and stand_in.reacted[-1]["emoji"] == "👍"
    for refused in ([Button("x" * 21, "y")], [Button(str(one), str(one)) for one in range(4)]):
        with pytest.raises((errors.WhatsAppError, ValueError)):
            client(stand_in).send_message(MINA, "?", buttons=refused)
    with pytest.raises(errors.WhatsAppError):
        client(stand_in).send_reaction(MINA, "👍", "wamid.unknown")


def test_a_library_reads_files_and_templates(stand_in):
    known = stand_in.upload()
    assert client(stand_in).get_media_url(known).mime_type == "image/png"
    assert client(stand_in).get_media_bytes(url=client(stand_in).get_media_url(known).url) == PICTURE
    assert [one.name for one in client(stand_in).get_templates()] == ["shipped", "ready"]


def test_a_library_knows_its_refusals(stand_in):
    with pytest.raises(errors.WhatsAppError):
        client(stand_in, token="other").send_message(MINA, "x")
    with pytest.raises(errors.WhatsAppError, match="4096"):
        client(stand_in).send_message(MINA, "x" * 5000)


def test_the_payloads_of_our_tests_are_the_librarys_types(stand_in):
    contract, known = WhatsAppContract(), client(stand_in)

    def as_(kind, body):
        assert known.webhook_update_validator(body, signed(body).headers["X-Hub-Signature-256"]) is None
        return kind.from_update(known, RawUpdate(body, hmac_header="", update_hash=""))

    assert as_(Message, contract.samples[0]).text == "سلام"
    assert as_(Message, contract.samples[1]).image.id == "900"
    assert as_(Message, contract.samples[2]).reaction.emoji == "❤"
    assert as_(EditedMessage, contract.edited("wamid.1", "x")).original_message_id == "wamid.1"
    assert as_(DeletedMessage, contract.deleted("wamid.1")).original_message_id == "wamid.1"
    failed = as_(MessageStatus, contract.reported("wamid.1", "failed"))
    assert failed.status == "failed" and isinstance(failed.error, errors.MessageUndeliverable)
    chosen = {"type": "button_reply", "button_reply": {"id": "y", "title": "Yes"}}
    tapped = message("interactive", chosen, context={"from": NUMBER, "id": "wamid.9"})
    assert (as_(CallbackButton, tapped).title, as_(CallbackButton, tapped).data) == ("Yes", "y")
    body, headers = stand_in.signed(stand_in.update("messages", json.loads(contract.samples[0])["entry"][0]["changes"][0]["value"]["messages"][0], MINA))  # fmt: skip
    assert known.webhook_update_validator(body, headers["X-Hub-Signature-256"]) is None
    assert as_(Message, body).from_user.name == "Mina"

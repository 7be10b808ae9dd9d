"""The WhatsApp channel against a stand-in of the Cloud API: the contract every channel passes, and a customer's day."""

import json

import pytest
from desk import open_desk

from helpdesk.api.channels import AccountView, Address, File, Outbound, Webhook
from helpdesk.api.errors import Invalid, Malformed, Misconfigured, Refused, TryAgain, Uncertain
from helpdesk.core.accounts import accounts
from helpdesk.core.outbox import own_reactions, replies, ways_out
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets.models import Ticket
from plugins.handset.standins.whatsapp import PICTURE
from plugins.handset.standins.whatsapp import WhatsApp as StandIn
from plugins.social.contracts.whatsapp import APP_SECRET, MINA, NUMBER, TOKEN, VERIFY, WhatsAppContract, message, update
from plugins.social.contracts.whatsapp import signed as proved
from plugins.social.whatsapp import WhatsApp


@pytest.fixture
def stand_in(own_machine, monkeypatch):
    monkeypatch.setattr("plugins.social.calls.PATIENCE", 1.0)
    made = StandIn(TOKEN, APP_SECRET)
    made.people[MINA] = "مینا"
    made.last_word[MINA] = 10**12
    made.upload()
    made.settings = {"base_url": f"{made.url}/v23.0", "access_token": TOKEN}
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path, stand_in):
    with open_desk(tmp_path, WhatsApp, **WhatsAppContract.settings | stand_in.settings) as desk:
        url = f"{desk.runtime.config.url}/in/{desk.account.public_key}"
        assert not stand_in.subscribe(url, "guess") and stand_in.subscribe(url, VERIFY)
        yield desk


def channel(stand_in=None, **more):
    given = WhatsAppContract.settings | (stand_in.settings if stand_in else {}) | more
    return WhatsApp(AccountView(1, "shop", WhatsApp.Settings().load(given)))


def outbound(text="درود", *files, **more):
    given = {"to": [Address("phone", f"+{MINA}")]} | more
    return Outbound("id@desk", text=text, files=list(files), read=lambda file: file.content, **given)


def read(raw):
    return channel().parse(WhatsAppContract().raw_message(raw))


class TestWhatsApp(WhatsAppContract):
    @pytest.fixture
    def provider(self, stand_in):
        return stand_in


# A conversation -------------------------------------------------------------------------------------------------------


def test_a_conversation_from_both_sides(desk, stand_in):
    """Words, a picture, an answer, marks of delivery and reading, a reaction, an edit and a deletion, over the wire."""
    stand_in.say(MINA, "سلام، سفارشم نرسیده", "مینا")
    picture = {"id": stand_in.upload(), "mime_type": "image/png", "caption": "این است"}
    assert stand_in.play(MINA, "image", picture) == 200
    first, second = desk.messages()
    assert second.ticket_id == first.ticket_id and first.address == f"+{MINA}"
    assert [(f.state, desk.runtime.blobs.get(f.sha256)) for f in desk.files()] == [("ready", PICTURE)]
    delivery = desk.reply("پیدایش کردم.")
    (taken,) = stand_in.taken
    assert delivery.state == "sent" and taken["context"] == {"message_id": second.external_id}
    for state in ("sent", "read", "delivered"):
        stand_in.report(taken["ids"][0], state)
    desk.drain()
    assert delivery.read_at and delivery.delivered_at
    stand_in.play(MINA, "reaction", {"message_id": taken["ids"][0], "emoji": "❤"})
    stand_in.play(MINA, "edit", {"original_message_id": first.external_id, "message": {"type": "text", "text": {"body": "رسید!"}}})  # fmt: skip
    stand_in.play(MINA, "revoke", {"original_message_id": second.external_id})
    (answer,) = desk.messages("out")
    assert [r["emoji"] for r in answer.reactions] == ["❤"] and first.text == "رسید!" and second.deleted_at
    own_reactions.react(desk.uow, first.id, "🙏")
    png = File("a.png", "image/png", PICTURE)
    assert desk.reply("همین است؟", files=[png], buttons=["بله", "نه"]).state == "sent"
    assert stand_in.reacted == [{"message_id": first.external_id, "emoji": "🙏"}]
    assert [m["type"] for m in stand_in.messages[1:]] == ["image", "interactive"], "the buttons stand below the text"
    stand_in.tap(MINA, stand_in.messages[-1], "بله")
    assert (desk.messages()[-1].text, desk.messages()[-1].ticket_id) == ("بله", first.ticket_id)


def test_a_webhook_with_several_things_becomes_as_many_raw_messages(stand_in):
    body = json.loads(message("text", {"body": "one"}, "wamid.1"))
    body["entry"] += json.loads(message("text", {"body": "two"}, "wamid.2"))["entry"]
    body["entry"] += json.loads(update("statuses", {"id": "wamid.9", "status": "read", "recipient_id": MINA}))["entry"]
    body["entry"] += json.loads(update("messages", {"id": "wamid.8"}, "another number of the app"))["entry"]
    raws = channel().receive(proved(json.dumps(body).encode())).raw_messages
    assert [raw.external_id for raw in raws] == ["wamid.1", "wamid.2", "wamid.9:read"]
    assert {raw.conversation for raw in raws} == {MINA}
    said, _other, report = (channel().parse(raw)[0] for raw in raws)
    assert said.text == "one" and report.outcomes[0].state == "read"


def test_a_failure_is_explained_and_what_was_sent_too_late_bounces(desk, stand_in):
    stand_in.say(MINA, "?")
    desk.drain()
    stand_in.last_word[MINA] = 0
    delivery = desk.reply("late")
    desk.drain()
    assert delivery.state == "bounced" and "131047" in str(delivery.reason) and "template" in str(delivery.reason)


def test_a_status_whose_answer_was_lost_finds_its_message_by_our_mark(desk, stand_in):
    stand_in.say(MINA, "?")
    desk.drain()
    delivery = desk.reply("on its way")
    stand_in.report("wamid.never-told", "read", mark=delivery.external_id)
    desk.drain()
    assert delivery.read_at and "wamid.never-told" in [i.external_id for i in desk.messages("out")[0].external_ids]


def test_a_ticket_that_came_another_way_is_answered_by_a_template_and_the_answer_joins(desk, stand_in):
    """The other way here is another number of the shop; without a word of theirs there only a template may go."""
    other = StandIn(TOKEN, APP_SECRET, "2")
    other.people[MINA] = "مینا"
    given = WhatsAppContract.settings | {"base_url": other.url, "phone_number_id": "2"}
    account = accounts.create(desk.uow, "whatsapp", "other", given, desk.account.queue_id)
    other.subscribe(f"{desk.runtime.config.url}/in/{account.public_key}", VERIFY)
    stand_in.say(MINA, "?")
    (first,) = desk.messages()
    with pytest.raises(Invalid, match="template"):
        replies.reply(desk.uow, first.ticket_id, "hello", account_id=account.id)
    chosen = {"name": "shipped", "language": "fa", "values": ["۱۲", "مینا", "فردا"]}
    message = replies.reply(desk.uow, first.ticket_id, "", account_id=account.id, template=chosen)
    assert desk.tried(message.id).state == "sent"
    assert other.taken[-1]["text"] == "سفارش ۱۲\nمینا عزیز، سفارش شما فردا می‌رسد.\nفروشگاه"
    other.say(MINA, "ممنون")
    assert desk.messages()[-1].ticket_id == first.ticket_id and desk.uow.session.query(Customer).count() == 1
    assert ways_out.way_of(desk.uow, desk.uow.session.get(Ticket, first.ticket_id), account).is_open
    other.close()


# Receiving ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "text", "files"),
    [
        ("location", {"latitude": 35.7, "longitude": 51.4, "name": "Shop"}, "Shop\ngeo:35.700000,51.400000", []),
        ("contacts", [{"name": {"formatted_name": "Ali"}, "phones": [{"phone": "+98912"}]}], "Ali +98912", []),
        ("audio", {"id": "1", "mime_type": "audio/ogg; codecs=opus", "voice": True}, "", [("audio.ogg", "audio/ogg")]),
        ("document", {"id": "1", "mime_type": "application/pdf", "filename": "a.pdf"}, "", [("a.pdf", "application/pdf")]),
        ("sticker", {"id": "1", "mime_type": "image/webp", "animated": False}, "", [("sticker.webp", "image/webp")]),
        ("interactive", {"type": "button_reply", "button_reply": {"id": "y", "title": "Yes"}}, "Yes", []),
        ("interactive", {"type": "list_reply", "list_reply": {"id": "y", "title": "Blue", "description": "XL"}}, "Blue\nXL", []),
        ("button", {"payload": "p", "text": "No"}, "No", []),
        ("order", {"text": "please", "product_items": [{"product_retailer_id": "A1", "quantity": 2}]}, "please\n2 × A1", []),
    ],
)  # fmt: skip
def test_every_kind_of_message_says_something(kind, content, text, files):
    (said,) = read(message(kind, content))
    assert (said.text, [(f.name, f.type) for f in said.files]) == (text, files) and not said.remarks


def test_what_is_not_known_is_kept_with_a_remark():
    errors = [{"code": 131051, "title": "Message type unknown"}]
    (said,) = read(message("unsupported", {}, errors=errors))
    assert said.remarks and said.sender.value == f"+{MINA}" and not said.text


def test_who_keeps_their_number_back_is_known_by_the_id_of_this_business(desk, stand_in):
    hidden = json.loads(message("text", {"body": "hi"}, "wamid.h1"))
    value = hidden["entry"][0]["changes"][0]["value"]
    del value["contacts"][0]["wa_id"], value["messages"][0]["from"]
    value["messages"][0]["from_user_id"] = value["contacts"][0]["user_id"] = f"IR.{MINA}"
    stand_in.deliver(hidden)
    (said,) = desk.messages()
    assert said.address == f"IR.{MINA}"
    assert desk.reply("hello").state == "sent" and stand_in.taken[-1]["to"] == f"IR.{MINA}"
    stand_in.say(MINA, "that is my number")
    desk.drain()
    assert {i.kind for i in desk.uow.session.query(Identity) if i.address} == {"phone", "whatsapp"}
    assert desk.uow.session.query(Customer).count() == 1


def test_the_challenge_is_given_back_to_whoever_knows_the_word():
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    answer = channel().receive(Webhook("GET", {}, query, b"")).answer
    assert (answer.body, answer.headers["Content-Type"]) == (b"1158201444", "text/plain")


@pytest.mark.parametrize("raw", [b"{}", b"[]", b'{"object": "page"}', b'{"object": "whatsapp_business_account", "entry": [{"changes": [{"value": {"metadata": {"phone_number_id": "%s"}, "messages": [{}]}}]}]}' % NUMBER.encode()])  # fmt: skip
def test_what_cannot_be_read_is_malformed(raw):
    with pytest.raises(Malformed):
        read(raw)


# Sending, and what the API refuses ------------------------------------------------------------------------------------


PNG = File("a.png", "image/png", PICTURE)
OGG = File("v.ogg", "audio/ogg", b"v")


def test_files_go_one_by_one_with_the_text_below_the_first(stand_in):
    sent = channel(stand_in).send(outbound("below", PNG, OGG))
    assert [(t["type"], t["text"]) for t in stand_in.taken] == [("image", "below"), ("audio", "")]
    assert sent.external_ids == tuple(t["ids"][0] for t in stand_in.taken) and sent.thread == f"+{MINA}"
    channel(stand_in).send(outbound("above", OGG))
    channel(stand_in).send(outbound("x" * 1025, PNG))
    assert [(t["type"], len(t["text"])) for t in stand_in.taken[2:]] == [("text", 5), ("audio", 0), ("text", 1025), ("image", 0)]  # fmt: skip


def test_what_is_too_large_for_its_kind_goes_as_a_document_and_the_service_has_the_last_word(stand_in):
    large = File("a.png", "image/png", PICTURE, size=6_000_000)
    with pytest.raises(Refused, match="131053"):  # a document has another list of types
        channel(stand_in).send(outbound("x", File("b.png", "image/png", b"x" * 5_000_001, size=5_000_001)))
    channel(stand_in).send(outbound("x", large))
    assert stand_in.taken[-1]["type"] == "document"


def test_a_message_that_broke_off_goes_on_where_it_ended(desk, stand_in):
    stand_in.say(MINA, "?")
    desk.drain()
    stand_in.before_answer = lambda ids: setattr(stand_in, "fail", "busy")
    delivery = desk.reply("x", files=[PNG, OGG])
    assert delivery.state == "queued" and delivery.reason
    stand_in.fail, stand_in.before_answer = "", lambda ids: None
    assert desk.tried(delivery.message_id).state == "sent"
    assert [t["type"] for t in stand_in.taken] == ["image", "audio"]


def test_a_report_settles_what_was_uncertain(desk, stand_in):
    """The answer to our request was lost; what the service says later of the message names it by our own id."""
    stand_in.say(MINA, "?")
    desk.drain()
    stand_in.fail = "lost"
    delivery = desk.reply("On its way")
    assert delivery.state == "uncertain" and len(stand_in.taken) == 1
    stand_in.fail = ""
    stand_in.report(stand_in.messages[-1]["id"], "delivered", mark=delivery.external_id)
    desk.drain()
    assert (delivery.state, len(stand_in.taken)) == ("sent", 1) and delivery.delivered_at


def test_templates_are_listed_with_their_places_and_sent_as_the_provider_names_them(stand_in):
    stand_in.known_templates += [
        {
            "name": "picture",
            "language": "en",
            "status": "APPROVED",
            "components": [{"type": "HEADER", "format": "IMAGE"}],
        },
        {"name": "waits", "language": "en", "status": "PENDING", "components": [{"type": "BODY", "text": "x"}]},
    ]
    found = channel(stand_in).templates()
    assert [(t.name, t.text) for t in found] == [
        ("shipped", "سفارش {{1}}\n{{2}} عزیز، سفارش شما {{3}} می‌رسد.\nفروشگاه"),
        ("ready", "Dear {{1}}, your order {{2}} is ready."),
    ]
    channel(stand_in).send(outbound("", template={"name": "ready", "language": "en", "values": ["Mina", "A1"]}))
    assert stand_in.taken[-1]["text"] == "Dear Mina, your order A1 is ready."
    for chosen, words in (
        ({"name": "ready", "values": ["Mina"]}, "132000"),
        ({"name": "gone", "values": []}, "132001"),
    ):
        with pytest.raises(Refused, match=words):
            channel(stand_in).send(outbound("", template=chosen))


def test_positional_values_go_in_the_order_of_their_numbers(stand_in):
    body = {"type": "BODY", "text": "{{2}} for {{1}}, {{2}}!"}
    stand_in.known_templates = [{"name": "t", "language": "en", "status": "APPROVED", "parameter_format": "POSITIONAL", "components": [body]}]  # fmt: skip
    assert channel(stand_in).templates()[0].text == "{{1}} for {{2}}, {{1}}!"
    channel(stand_in).send(outbound("", template={"name": "t", "language": "en", "values": ["shoes", "Mina"]}))
    (component,) = stand_in.taken[-1]["template"]["components"]
    assert [one["text"] for one in component["parameters"]] == ["Mina", "shoes"], "the provider's {{1}} is Mina"


@pytest.mark.parametrize(
    ("before", "given", "error", "words"),
    [
        (lambda s: setattr(s, "token", "other"), outbound(), Misconfigured, "190"),
        (lambda s: setattr(s, "number", "1"), outbound(), Refused, "100"),
        (lambda s: None, outbound("x" * 4097), Refused, "100"),
        (lambda s: setattr(s, "fail", "busy"), outbound(), TryAgain, "WhatsApp (4)"),
        (lambda s: setattr(s, "fail", "down"), outbound(), Uncertain, "before it answered"),
    ],
)
def test_what_the_provider_refuses_is_told(stand_in, before, given, error, words):
    before(stand_in)
    with pytest.raises(error) as told:
        channel(stand_in).send(given)
    assert words in str(told.value) and TOKEN not in str(told.value)
    assert error is not TryAgain or told.value.after in (None, stand_in.after)


def test_a_file_is_asked_for_each_time_and_one_that_is_gone_is_told(stand_in):
    got = []
    channel(stand_in).fetch(File("a", ref={"media": stand_in.upload()}), got.append)
    assert b"".join(got) == PICTURE
    with pytest.raises(Refused, match="100"):
        channel(stand_in).fetch(File("a", ref={"media": "5555"}), got.append)
    with pytest.raises(Refused):
        channel(stand_in).fetch(File("a", ref={"media": "../me"}), got.append)
    stand_in.valid = -1
    with pytest.raises(Refused, match="any more"):
        channel(stand_in).fetch(File("a", ref={"media": stand_in.upload()}), got.append)


def test_the_test_button_ticks_each_step(stand_in):
    first, second = channel(stand_in).check()
    assert first.ok and "Shop" in first.sentence and second.ok and second.sentence == "2"
    stand_in.token = "other"
    assert [step.ok for step in channel(stand_in).check()] == [False, False]

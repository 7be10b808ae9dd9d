"""The Telegram channel against a stand-in of the Bot API: the contract every channel passes, and a customer's day."""

import json

import pytest
from desk import open_desk

from helpdesk.api.channels import AccountView, Address, File, Outbound, Webhook
from helpdesk.api.errors import Invalid, Misconfigured, Refused, TryAgain, Uncertain, Undeliverable
from helpdesk.core.outbox import own_reactions, sent_changes
from helpdesk.core.people.models import Identity
from plugins.handset.standins.telegram import PICTURE
from plugins.handset.standins.telegram import Telegram as StandIn
from plugins.social.contracts.telegram import TOKEN, TelegramContract, message, update
from plugins.social.telegram import HEADER, Telegram

MINA = 77


@pytest.fixture
def stand_in(own_machine, monkeypatch):
    monkeypatch.setattr("plugins.social.calls.PATIENCE", 1.0)
    made = StandIn(TOKEN)
    made.begin(MINA, "مینا")
    made.upload()
    made.settings = {"base_url": made.url, "token": TOKEN}
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path, stand_in):
    with open_desk(tmp_path, Telegram, **stand_in.settings) as desk:
        yield desk


def bot(stand_in=None, **more):
    given = {"token": TOKEN} | (stand_in.settings if stand_in else {}) | more
    return Telegram(AccountView(1, "shop", Telegram.Settings().load(given)))


def outbound(text="درود", *files, **more):
    given = {"to": [Address("telegram", str(MINA))], "thread": str(MINA)} | more
    return Outbound("id@desk", text=text, files=list(files), read=lambda file: file.content, **given)


def read(raw):
    return bot().parse(TelegramContract().raw_message(raw))


class TestTelegram(TelegramContract):
    @pytest.fixture
    def provider(self, stand_in):
        return stand_in


# A conversation -------------------------------------------------------------------------------------------------------


def test_a_conversation_from_both_sides(desk, stand_in):
    """Words, an album, an answer to a message, quick replies, reactions of both sides, an edit and files, over the wire."""
    assert stand_in.hook["secret_token"] and stand_in.say(MINA, "سلام، سفارشم نرسیده") == 200
    for caption in ({"caption": "این دو"}, {}):
        photo = [stand_in.upload(name="small", size=10), stand_in.upload(name="large")]
        stand_in.play("message", stand_in.message(MINA, photo=photo, media_group_id="9", **caption))
    first, album = desk.messages()
    assert first.ticket_id == album.ticket_id and album.text == "این دو" and len(album.files) == 2
    assert [(f.state, desk.runtime.blobs.get(f.sha256)) for f in desk.files()] == [("ready", PICTURE)] * 2
    own_reactions.react(desk.uow, album.id, "🙏")
    assert desk.reply("پیدایش کردم. رسید؟", buttons=["بله، رسید", "نه"]).state == "sent"
    (taken,), (signed,) = stand_in.taken, stand_in.reacted
    number = int(album.external_id.rpartition(":")[2])
    assert (taken["answers"]["message_id"], signed) == (number, {"message_id": number, "emoji": "🙏"})
    ours = stand_in.sent()[-1]
    stand_in.say(MINA, "ممنون", reply_to_message=ours)
    stand_in.play("message_reaction", {"chat": ours["chat"], "message_id": ours["message_id"], "user": stand_in.people[MINA], "date": 1, "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "❤"}]})  # fmt: skip
    assert stand_in.tap(MINA, ours, "بله، رسید") == 200
    assert desk.messages()[-1].text == "بله، رسید" and len(stand_in.answered) == 1, "the tap is confirmed at once"
    (answer,) = desk.messages("out")
    assert [r["emoji"] for r in answer.reactions] == ["❤"]
    sent_changes.edit(desk.uow, answer.id, "پیدایش کردیم.")
    desk.drain()
    assert stand_in.sent()[-1]["text"] == "پیدایش کردیم." and stand_in.sent()[-1]["reply_markup"], "its buttons stay"
    sent_changes.delete(desk.uow, answer.id)
    desk.drain()
    assert stand_in.sent() == []


def test_a_reaction_that_was_refused_marks_no_later_one(desk, stand_in, monkeypatch):
    assert stand_in.say(MINA, "سلام") == 200
    (first,) = desk.messages()
    answers = ["refuse", "take"]

    def react(_self, _outbound, _emoji):
        if answers.pop(0) == "refuse":
            with desk.runtime.uow() as other:
                own_reactions.react(other, first.id, "👏")  # a colleague chooses another one meanwhile
            raise Refused("REACTION_INVALID")

    monkeypatch.setattr(Telegram, "react", react)
    own_reactions.react(desk.uow, first.id, "🙏")
    desk.drain()
    ((sign, refused),) = [(one["emoji"], "refused" in one) for one in desk.messages()[0].reactions]
    assert (sign, refused, answers) == ("👏", False, [])


def test_what_comes_twice_or_in_another_order_is_one_message(desk, stand_in):
    later = {**stand_in.message(MINA, text="کجاست؟؟"), "edit_date": 1_790_000_100}
    stand_in.play("edited_message", later)
    desk.drain()
    stand_in.play("message", {**later, "text": "کجاست؟"})
    stand_in.deliver({"update_id": stand_in.last_update, "message": {**later, "text": "کجاست؟"}})
    (one,) = desk.messages()
    assert one.text == "کجاست؟؟", "the edit that came first counts"


def test_a_message_that_began_at_the_desk_is_answered_on_its_ticket(desk, stand_in):
    from helpdesk.core.outbox import new_ticket

    message = new_ticket.open_ticket(desk.uow, desk.account.id, "77", "Order", "Your order is ready.")
    assert desk.tried(message.id).state == "sent"
    stand_in.say(MINA, "I am coming.")
    assert desk.messages()[-1].ticket_id == message.ticket_id


# Receiving ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "text", "files"),
    [
        ({"location": {"latitude": 35.7, "longitude": 51.4}}, "geo:35.700000,51.400000", []),
        ({"venue": {"location": {"latitude": 1, "longitude": 2}, "title": "Shop", "address": "Valiasr"}, "location": {"latitude": 1, "longitude": 2}}, "Shop · Valiasr\ngeo:1.000000,2.000000", []),
        ({"contact": {"first_name": "Ali", "phone_number": "98912"}}, "Ali 98912", []),
        ({"sticker": {"file_id": "s", "emoji": "👍", "is_video": False}}, "👍", [("sticker.webp", "image/webp")]),
        ({"sticker": {"file_id": "s", "is_animated": True}}, "", [("sticker.tgs", "application/gzip")]),
        ({"voice": {"file_id": "v", "duration": 3, "mime_type": "audio/ogg"}}, "", [("voice.ogg", "audio/ogg")]),
        ({"video_note": {"file_id": "n"}}, "", [("video.mp4", "video/mp4")]),
        ({"animation": {"file_id": "a"}, "document": {"file_id": "a"}}, "", [("animation.mp4", "video/mp4")]),
        ({"document": {"file_id": "d", "file_name": "صورت‌حساب.pdf", "mime_type": "application/pdf"}, "caption": "bill"}, "bill", [("صورت‌حساب.pdf", "application/pdf")]),
        ({"poll": {"question": "When?", "options": [{"text": "Now"}, {"text": "Later"}]}}, "When?\n- Now\n- Later", []),
        ({"dice": {"emoji": "🎲", "value": 4}}, "🎲", []),
    ],
)  # fmt: skip
def test_every_kind_of_message_says_something(parts, text, files):
    (said,) = read(update(message=message(**parts)))
    assert (said.text, [(f.name, f.type) for f in said.files]) == (text, files)
    assert not said.remarks and said.thread == "77" and said.external_id == "77:5"


def test_what_is_not_known_is_kept_with_a_remark():
    (said,) = read(update(message=message(new_thing={"x": 1})))
    (other,) = read(update(new_update={"from": message()["from"], "x": 1}))
    assert said.remarks and other.remarks and other.sender.value == "77"


def test_a_card_of_ones_own_is_the_same_customers_number_and_anothers_is_not(desk, stand_in):
    card = {"phone_number": "989121234567", "first_name": "مینا"}
    stand_in.play("message", stand_in.message(MINA, contact={**card, "user_id": 5}))
    stand_in.play("message", stand_in.message(MINA, contact={**card, "user_id": MINA}, forward_origin={"type": "user"}))
    desk.drain()
    assert desk.uow.session.query(Identity).filter_by(kind="phone").count() == 0
    stand_in.play("message", stand_in.message(MINA, contact={**card, "user_id": MINA}))
    desk.drain()
    assert desk.uow.session.query(Identity).filter_by(kind="phone").one().address == "+989121234567"


def test_a_business_chat_is_another_conversation_and_the_owners_words_are_not_the_customers():
    chat = {"business_connection_id": "bc", "chat": {"id": 77, "type": "private"}}
    (said,) = read(update(business_message=message("سلام", **chat)))
    assert (said.thread, said.external_id) == ("77@bc", "77@bc:5")
    assert read(update(business_message=message("Hello", **{**chat, "from": {"id": 1}}))) == []


def test_a_link_to_the_bot_brings_a_ticket_along():
    token = "t1-2-abcdefghijklmnop"
    assert read(update(message=message(f"/start {token}")))[0].tokens == [token]
    assert (
        read(update(message=message(f"I got {token}")))[0].tokens
        == []
        == read(update(message=message("/start x")))[0].tokens
    )


def test_who_reads_in_a_group_is_said():
    (said,) = read(update(message=message("hi", chat={"id": -5, "type": "group", "title": "Family"})))
    assert said.thread == "-5" and said.remarks


def test_bale_has_ids_and_a_proof_of_its_own():
    bale = bot(base_url="https://tapi.bale.ai/")
    (said,) = bale.parse(TelegramContract().raw_message(update(message=message("سلام"))))
    assert said.sender.value == "77@bale" and said.thread == "77"
    body = update(message=message("سلام"))
    assert bale.receive(Webhook("POST", {}, {"proof": bale._proof}, body)).raw_messages
    for headers, query in (({HEADER: bale._proof}, {}), ({}, {"proof": "guess"})):
        with pytest.raises(Refused):
            bale.receive(Webhook("POST", headers, query, body))
    with pytest.raises(Undeliverable):
        bot().send(outbound(to=[said.sender]))


@pytest.mark.parametrize("typed", ["@mina", "mina", "٧٧", "77@elsewhere", ""])
def test_nobody_is_written_to_by_name(typed):
    with pytest.raises(Invalid):
        Telegram.recipient(typed)


# Sending, and what the API refuses ------------------------------------------------------------------------------------


PNG = File("a.png", "image/png", PICTURE)
TXT = File("a.txt", "text/plain", b"x")


def test_files_go_in_as_few_messages_as_the_api_allows(stand_in):
    video = File("v.mp4", "video/mp4", b"v")
    sent = bot(stand_in).send(outbound("caption", PNG, TXT, video, TXT))
    assert [(t["text"], t["files"]) for t in stand_in.taken] == [
        ("caption", ["a.png", "v.mp4"]),
        ("", ["a.txt", "a.txt"]),
    ]
    assert sent.external_ids == tuple(f"77:{n}" for t in stand_in.taken for n in t["message_ids"])
    bot(stand_in).send(outbound("x" * 1025, PNG, File("v.ogg", "audio/ogg", b"v")))
    assert [len(t["text"]) for t in stand_in.taken[2:]] == [1025, 0, 0], "what is no caption is a message of its own"


def test_a_picture_the_server_cannot_show_goes_as_a_document(stand_in):
    broken = File("b.png", "image/png", b"no picture")
    bot(stand_in).send(outbound("one", broken))
    bot(stand_in).send(outbound("two", PNG, broken))
    assert [[kind for kind in ("photo", "document") if kind in m] for m in stand_in.sent()] == [["document"]] * 3


def test_a_message_that_broke_off_goes_on_where_it_ended(desk, stand_in):
    stand_in.say(MINA, "?")
    desk.drain()
    stand_in.before_answer = lambda ids: setattr(stand_in, "fail", "busy")
    delivery = desk.reply("x" * 2000, files=[File("a.txt", "text/plain", b"x")])
    assert delivery.state == "queued" and delivery.reason
    stand_in.fail, stand_in.before_answer = "", lambda ids: None
    assert desk.tried(delivery.message_id).state == "sent"
    assert [(len(t["text"]), t["files"]) for t in stand_in.taken] == [(2000, []), (0, ["a.txt"])]


def test_a_caption_is_edited_as_a_caption(stand_in):
    channel = bot(stand_in)
    ids = channel.send(outbound("one", PNG)).external_ids
    for _again in range(2):
        channel.edit(outbound("two", PNG, external_ids=[*ids, "token@desk"]))
    assert [m["caption"] for m in stand_in.sent()] == ["two"], "what is so already needs no change"
    for _again in range(2):
        channel.delete(outbound(external_ids=list(ids)))


def block(stand_in):
    stand_in.blocked.add(MINA)


def forget(stand_in):
    stand_in.people.clear()


@pytest.mark.parametrize(
    ("before", "given", "error", "words"),
    [
        (block, outbound(), Undeliverable, "blocked"),
        (forget, outbound(), Undeliverable, "write to the bot first"),
        (lambda s: setattr(s, "token", "1:other"), outbound(), Misconfigured, "token"),
        (lambda s: None, outbound("x" * 4097), Refused, "too long"),
        (lambda s: None, outbound(" "), Refused, "empty"),
        (lambda s: setattr(s, "fail", "busy"), outbound(), TryAgain, "Too Many Requests"),
        (lambda s: setattr(s, "fail", "down"), outbound(), Uncertain, "before it answered"),
    ],
)
def test_what_the_server_refuses_is_told(stand_in, before, given, error, words):
    before(stand_in)
    with pytest.raises(error) as told:
        bot(stand_in).send(given)
    assert words in str(told.value) and TOKEN not in str(told.value)
    assert error is not TryAgain or told.value.after in (None, stand_in.after)


def test_what_a_server_does_not_offer_is_not_taken_for_a_wrong_token(stand_in, monkeypatch):
    monkeypatch.setattr(stand_in, "do_sendchataction", None, raising=False)
    with pytest.raises(Refused, match="method not found"):
        bot(stand_in).signal("typing", str(MINA))


def test_what_was_sent_two_days_ago_cannot_be_deleted(stand_in):
    ids = list(bot(stand_in).send(outbound()).external_ids)
    stand_in.pass_time(49 * 3600)
    with pytest.raises(Refused, match="can't be deleted"):
        bot(stand_in).delete(outbound(external_ids=ids))


def test_files_have_their_limit_and_their_time(stand_in):
    got = []
    for known, seeming in ((25_000_000, 25_000_000), (0, 25_000_000)):
        large = stand_in.upload(size=seeming)
        with pytest.raises(Refused, match="20 MB"):
            bot(stand_in).fetch(File("a", size=known, ref={"file_id": large["file_id"]}), got.append)
    with pytest.raises(Refused, match="file_id"):
        bot(stand_in).fetch(File("a", ref={"file_id": "gone"}), got.append)
    stand_in.valid = -1
    with pytest.raises(Refused, match="any more"):
        bot(stand_in).fetch(File("a", ref={"file_id": stand_in.upload()["file_id"]}), got.append)
    assert not got


def test_the_webhook_is_set_by_the_rules_and_the_test_ticks_each_step(stand_in):
    channel = bot(stand_in)
    assert [step.ok for step in channel.check()] == [True, False], "no webhook yet"
    channel.activate("http://127.0.0.1:9/in/key")
    assert [step.ok for step in channel.check()] == [True, True]
    assert stand_in.say(MINA, "Hello") == 0, "nobody listens there"
    *_before, pushed = channel.check()
    assert not pushed.ok and "Wrong response" in str(pushed.values)
    channel.deactivate()
    assert stand_in.hook == {}
    stand_in.local = False
    with pytest.raises(Refused, match="HTTPS"):
        channel.activate("http://desk.example/in/key")
    with pytest.raises(Refused, match="ports"):
        channel.activate("https://desk.example:9443/in/key")
    channel.activate("https://desk.example/in/key")
    stand_in.token = "1:other"
    assert [step.ok for step in channel.check()] == [False, False]
    assert TOKEN not in json.dumps([step.values for step in channel.check()])

"""Messenger and Instagram against a stand-in of the Send API: the contract every channel passes, and a customer's day."""

import pytest
from desk import open_desk

from helpdesk.api.channels import AccountView, Address, File, Outbound
from helpdesk.api.errors import Invalid, Malformed, Misconfigured, Refused, TryAgain, Uncertain, Undeliverable
from plugins.handset.standins.meta import PICTURE, Meta
from plugins.social.contracts.messenger import (
    APP_SECRET,
    MINA,
    TOKEN,
    VERIFY,
    InstagramContract,
    MessengerContract,
    event,
    said,
    webhook,
)
from plugins.social.messenger import Instagram, Messenger


@pytest.fixture
def standing(own_machine, monkeypatch):
    """Makes a stand-in of a service."""
    monkeypatch.setattr("plugins.social.calls.PATIENCE", 1.0)
    made = []

    def stand(platform):
        one = Meta(platform, TOKEN, APP_SECRET)
        one.last_word[MINA] = 10**12
        one.attached["m_2"] = [{"image_data": {"url": f"{one.url}/cdn/m_2"}}]
        one.settings = {"base_url": f"{one.url}/v23.0", "access_token": TOKEN}
        made.append(one)
        return one

    yield stand
    for one in made:
        one.close()


@pytest.fixture
def stand_in(standing):
    return standing("page")


def channel(stand_in=None, kind=Messenger):
    given = MessengerContract.settings | (stand_in.settings if stand_in else {})
    return kind(AccountView(1, "shop", kind.Settings().load(given)))


def outbound(text="درود", *files, **more):
    return Outbound(
        "id@desk", to=[Address("messenger", MINA)], text=text, files=list(files), read=lambda f: f.content, **more
    )


def read(raw):
    return channel().parse(MessengerContract().raw_message(raw))


class TestMessenger(MessengerContract):
    @pytest.fixture
    def provider(self, standing):
        return standing("page")


class TestInstagram(InstagramContract):
    @pytest.fixture
    def provider(self, standing):
        return standing("instagram")


PNG = File("a.png", "image/png", PICTURE)


def test_a_conversation_from_both_sides(tmp_path, stand_in):
    with open_desk(tmp_path, Messenger, **MessengerContract.settings | stand_in.settings) as desk:
        assert stand_in.subscribed, "the page's events go to the app"
        url = f"{desk.runtime.config.url}/in/{desk.account.public_key}"
        assert not stand_in.subscribe(url, "guess") and stand_in.subscribe(url, VERIFY)
        assert stand_in.say(MINA, "سلام") == 200 and stand_in.show(MINA) == 200
        first, second = desk.messages()
        assert first.ticket_id == second.ticket_id
        assert [(f.state, desk.runtime.blobs.get(f.sha256)) for f in desk.files()] == [("ready", PICTURE)]
        assert desk.reply("درود", files=[PNG]).state == "sent"
        assert [(t["text"], t["file"]) for t in stand_in.taken] == [("درود", ""), ("", "a.png")]
        assert stand_in.taken[0]["answers"] == {"mid": second.external_id} and not stand_in.taken[1]["answers"]
        ours = stand_in.taken[0]["ids"][0]
        stand_in.play(MINA, reaction={"mid": ours, "action": "react", "reaction": "love", "emoji": "❤"})
        stand_in.play(MINA, message={"mid": ours, "text": "درود", "is_echo": True})
        (answer,) = desk.messages("out")
        assert [r["emoji"] for r in answer.reactions] == ["❤"] and len(desk.messages()) == 2
        stand_in.play(MINA, reaction={"mid": ours, "action": "unreact"})
        assert not desk.messages("out")[0].reactions
        assert desk.reply("رسید؟", files=[PNG], buttons=["بله", "نه"]).state == "sent"
        assert [t["file"] for t in stand_in.taken[2:]] == ["a.png", ""], "quick replies stand at the newest message"
        stand_in.tap(MINA, stand_in.taken[-1], "بله")
        assert desk.messages()[-1].text == "بله"


def test_several_events_become_as_many_raw_messages_and_other_pages_none():
    given = webhook(
        "page", said("m_1", "one"), event(delivery={"mids": ["x"]}), event(message={"mid": "m_1", "is_deleted": True})
    )
    raws = channel().receive(given).raw_messages
    assert [raws[0].external_id, raws[2].external_id] == ["m_1", "m_1-deleted"] and len(raws[1].external_id) == 64
    assert channel().receive(webhook("page", said("m_1", "one"), page="2")).raw_messages == []
    with pytest.raises(Malformed):
        channel().receive(webhook("instagram", said("m_1", "one")))


@pytest.mark.parametrize(
    ("message", "text", "files", "remarks"),
    [
        ({"attachments": [{"type": "location", "payload": {"coordinates": {"lat": 35.7, "long": 51.4}}}]}, "geo:35.700000,51.400000", 0, 0),
        ({"attachments": [{"type": "fallback", "title": "A page", "payload": {"url": "https://x.example"}}]}, "A page\nhttps://x.example", 0, 0),
        ({"attachments": [{"type": "audio", "payload": {"url": "u"}}, {"type": "file", "payload": {"url": "u"}}]}, "", 2, 0),
        ({"text": "Blue", "quick_reply": {"payload": "B"}}, "Blue", 0, 0),
        ({"text": "nice", "reply_to": {"story": {"id": "1", "url": "u"}}}, "nice", 0, 1),
        ({"is_unsupported": True}, "", 0, 1),
    ],
)  # fmt: skip
def test_every_kind_of_message_says_something(message, text, files, remarks):
    (found,) = read(event(message={"mid": "m_1", **message}))
    assert (found.text, len(found.files), len(found.remarks)) == (text, files, remarks)


@pytest.mark.parametrize("raw", [b"{}", b'{"sender": 5}', b'{"sender": {"id": "1"}, "message": {"text": "x"}}'])
def test_what_cannot_be_read_is_malformed(raw):
    with pytest.raises(Malformed):
        read(raw)


def test_a_message_that_broke_off_goes_on_where_it_ended(stand_in):
    stand_in.before_answer = lambda ids: setattr(stand_in, "fail", "busy")
    sent = channel(stand_in).send(outbound("x", PNG))
    assert len(sent.external_ids) == 1 and sent.outcomes[0].state == "delayed"
    stand_in.fail, stand_in.before_answer = "", lambda ids: None
    again = channel(stand_in).send(outbound("x", PNG, external_ids=["id@desk", *sent.external_ids]))
    assert len(again.external_ids) == 2 and [t["file"] for t in stand_in.taken] == ["", "a.png"]


@pytest.mark.parametrize(
    ("before", "given", "error", "words"),
    [
        (lambda s: s.pass_time(2 * 10**12), outbound(), Undeliverable, "24 hours"),
        (lambda s: s.last_word.clear(), outbound(), Undeliverable, "2018001"),
        (lambda s: setattr(s, "token", "other"), outbound(), Misconfigured, "190"),
        (lambda s: None, outbound("x" * 2001), Refused, "100"),
        (lambda s: None, outbound("", File("a", "image/png", b"x" * 25_000_001)), Refused, "100"),
        (lambda s: setattr(s, "fail", "busy"), outbound(), TryAgain, "429"),
        (lambda s: setattr(s, "fail", "down"), outbound(), Uncertain, "before it answered"),
    ],
)
def test_what_the_provider_refuses_is_told(stand_in, before, given, error, words):
    before(stand_in)
    with pytest.raises(error) as told:
        channel(stand_in).send(given)
    assert words in str(told.value) and TOKEN not in str(told.value)


def test_the_longest_persian_text_fits_instagram(standing):
    stand_in = standing("instagram")
    channel(stand_in, Instagram).send(outbound("س" * Instagram.accepts.max_chars))
    assert len(stand_in.taken) == 1
    with pytest.raises(Refused):
        channel(stand_in, Instagram).send(outbound("س" * 501))


def test_a_file_that_is_gone_is_told(stand_in):
    got = []
    for ref in ({"message": "m_2", "number": 5}, {"message": "m_9", "number": 0}):
        with pytest.raises(Refused):
            channel(stand_in).fetch(File("a", ref=ref), got.append)
    stand_in.attached["m_3"] = [{"file_url": f"{stand_in.url}/cdn/old"}]
    with pytest.raises(Refused, match="any more"):
        channel(stand_in).fetch(File("a", ref={"message": "m_3", "number": 0}), got.append)
    assert not got


def test_the_test_button_ticks_each_step_and_pushes_are_switched(stand_in):
    assert [step.ok for step in channel(stand_in).check()] == [True, False]
    channel(stand_in).activate("https://desk.example/in/1")
    assert [step.ok for step in channel(stand_in).check()] == [True, True]
    channel(stand_in).deactivate()
    stand_in.page = "2"
    assert [step.ok for step in channel(stand_in).check()] == [False, False]
    with pytest.raises(Invalid):
        Messenger.recipient("mina")

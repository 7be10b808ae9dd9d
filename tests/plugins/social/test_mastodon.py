"""The Mastodon channel against a stand-in of a server: the contract every channel passes, and a customer's day."""

import json

import pytest
from desk import open_desk

from helpdesk.api.channels import AccountView, Address, File, Outbound
from helpdesk.api.errors import Invalid, Malformed, Misconfigured, Refused, TryAgain, Uncertain, Undeliverable
from helpdesk.core.intake import intake
from helpdesk.core.outbox import sent_changes
from plugins.handset.standins.mastodon import PICTURE
from plugins.handset.standins.mastodon import Mastodon as StandIn
from plugins.social import mastodon_posts
from plugins.social.contracts.mastodon import TOKEN, MastodonContract, note, status
from plugins.social.mastodon import Mastodon

MINA = "mina@social.example"


@pytest.fixture
def stand_in(own_machine, monkeypatch):
    monkeypatch.setattr("plugins.social.calls.PATIENCE", 1.0)
    monkeypatch.setattr("plugins.social.mastodon.BETWEEN", 0.01)
    made = StandIn(TOKEN)
    made.arrive = lambda body: made.notes.append(json.loads(body))
    made.settings = {"base_url": made.url, "access_token": TOKEN}
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path, stand_in):
    with open_desk(tmp_path, Mastodon, **stand_in.settings) as desk:
        cursor = {}

        def look():
            found, after = channel(stand_in).poll(dict(cursor), 0)
            cursor.update(after)
            intake.accept_many(desk.uow, desk.account.id, found)
            return desk.messages()

        desk.look = look
        look()
        yield desk


def channel(stand_in=None, **more):
    given = MastodonContract.settings | (stand_in.settings if stand_in else {}) | more
    return Mastodon(AccountView(1, "shop", Mastodon.Settings().load(given)))


def outbound(text="درود", *files, **more):
    given = {"to": [Address("mastodon", MINA)]} | more
    return Outbound("id@desk", text=text, files=list(files), read=lambda file: file.content, **given)


def read(raw):
    return channel().parse(MastodonContract().raw_message(raw))


class TestMastodon(MastodonContract):
    @pytest.fixture
    def provider(self, stand_in):
        return stand_in


# A conversation -------------------------------------------------------------------------------------------------------


def test_a_public_word_is_answered_in_public_and_goes_on_in_private(desk, stand_in):
    asked = stand_in.mention(MINA, "سفارشم نرسیده", media_attachments=[stand_in.picture()])
    (first,) = desk.look()
    assert (first.text, first.visibility, first.address) == ("سفارشم نرسیده", "public", MINA)
    assert [(f.state, desk.runtime.blobs.get(f.sha256)) for f in desk.files()] == [("ready", PICTURE)]
    assert desk.reply("پیگیری می‌کنیم.", visibility="public").state == "sent"
    assert desk.reply("شمارهٔ سفارش را اینجا بنویسید.", visibility="private").state == "sent"
    public, private = stand_in.taken
    assert (public["as"], public["answers"], private["as"]) == ("unlisted", asked["id"], "direct")
    assert public["text"] == f"@{MINA} پیگیری می‌کنیم."
    stand_in.mention(MINA, "۱۲۳۴", "direct")
    second = desk.look()[-1]
    assert (second.ticket_id, second.visibility) == (first.ticket_id, "private"), "what is said in private joins"
    stand_in.notify("favourite", stand_in.account(MINA), stand_in.sent()[0])
    desk.look()
    answer = desk.messages("out")[0]
    assert [r["emoji"] for r in answer.reactions] == ["⭐"]
    sent_changes.edit(desk.uow, answer.id, "پیگیری کردیم.")
    desk.drain()
    assert stand_in.edited[-1]["text"] == f"@{MINA} پیگیری کردیم."
    sent_changes.delete(desk.uow, answer.id)
    desk.drain()
    assert len(stand_in.sent()) == 1


def test_what_was_there_before_is_left_alone_and_the_rest_comes_in_its_order(stand_in):
    stand_in.mention(MINA, "before")
    _none, cursor = channel(stand_in).poll({}, 0)
    for number in range(45):
        stand_in.mention(MINA, f"n{number}")
    stand_in.notify("follow", stand_in.account(MINA), {})
    seen = []
    for _look in range(3):
        found, cursor = channel(stand_in).poll(cursor, 0)
        seen += [mastodon_posts.event(json.loads(one.raw), "mastodon", "h").text for one in found]
    assert seen == [f"n{number}" for number in range(45)]


# Receiving ------------------------------------------------------------------------------------------------------------


def test_html_becomes_lines_and_the_names_at_the_beginning_go():
    content = '<p><a href="#">@<span>shop</span></a> @other@x.example one<br>two &amp; <a href="#">three</a></p><p>four @shop</p>'
    said = read(note("mention", {**status("", "1"), "content": content, "spoiler_text": "CW"}))
    assert said.text == "CW\none\ntwo & three\nfour @shop"


def test_a_file_that_is_not_there_yet_is_said_and_a_stranger_names_no_private_address(stand_in):
    pending = {"id": "1", "type": "video", "url": None, "remote_url": None}
    assert read(note("mention", status("x", "1", media_attachments=[pending]))).remarks
    assert (
        read(note("mention", status("x", "1", media_attachments=[{**pending, "url": "file:///etc/passwd"}]))).files
        == []
    )
    with pytest.raises(Invalid):
        channel().fetch(File("a", ref={"url": f"http://localhost:{stand_in.server.server_port}/media/1.png"}), print)


def test_people_of_the_own_server_have_its_name():
    mine = {**json.loads(MastodonContract.samples[0]), "account": {"acct": "Ali"}}
    assert read(json.dumps(mine).encode()).sender.value == "ali@127.0.0.1"
    assert read(note("poll", status("x", "1"))).remarks


@pytest.mark.parametrize("raw", [b"{}", b"[]", b'{"type": "mention"}', b'{"type": "mention", "account": {"acct": 5}}'])
def test_what_cannot_be_read_is_malformed(raw):
    with pytest.raises(Malformed):
        read(raw)


@pytest.mark.parametrize("typed", ["mina", "@mina", "mina@", "mina@x y", "mina mina@x.example"])
def test_a_name_needs_its_server(typed):
    with pytest.raises(Invalid):
        Mastodon.recipient(typed)
    assert Mastodon.recipient("@Mina@Social.Example").value == MINA


# Sending, and what a server refuses -----------------------------------------------------------------------------------


PNG = File("a.png", "image/png", PICTURE)


def test_files_are_waited_for_and_a_post_that_is_repeated_is_one(stand_in):
    stand_in.working = 3
    ids = {channel(stand_in).send(outbound("x", PNG, PNG)).external_ids for _again in range(2)}
    assert len(stand_in.taken) == 1 and len(stand_in.taken[0]["files"]) == 2 and len(ids) == 1
    stand_in.working = 1000
    with pytest.raises(TryAgain, match="working"):
        channel(stand_in).send(outbound("x", PNG))


def test_what_it_answers_may_be_gone(stand_in):
    channel(stand_in).send(outbound(in_reply_to="123"))
    assert stand_in.taken[-1]["answers"] is None
    channel(stand_in).delete(outbound(external_ids=["123"]))
    with pytest.raises(Undeliverable):
        channel(stand_in).edit(outbound(external_ids=["123"]))


@pytest.mark.parametrize(
    ("before", "given", "error", "words"),
    [
        (lambda s: setattr(s, "token", "other"), outbound(), Misconfigured, "401"),
        (lambda s: None, outbound("x" * 600), Refused, "500"),
        (lambda s: None, outbound("x", File("a.pdf", "application/pdf", b"x")), Refused, "content type"),
        (lambda s: None, outbound("x", *[PNG] * 5), Refused, "more than 4"),
        (lambda s: setattr(s, "fail", "busy"), outbound(), TryAgain, "429"),
        (lambda s: setattr(s, "fail", "down"), outbound(), Uncertain, "before it answered"),
    ],
)
def test_what_the_server_refuses_is_told(stand_in, before, given, error, words):
    before(stand_in)
    with pytest.raises(error) as told:
        channel(stand_in).send(given)
    assert words in str(told.value) and TOKEN not in str(told.value)
    assert error is not TryAgain or told.value.after is None or stand_in.after - 2 <= told.value.after <= stand_in.after


def test_the_longest_answer_fits_the_longest_name(stand_in):
    whom = [Address("mastodon", f"{'m' * 30}@a.very.long.server.name.example")]
    channel(stand_in).send(outbound("x" * Mastodon.accepts.max_chars, to=whom))
    assert len(stand_in.taken) == 1


def test_the_test_button_ticks_each_step(stand_in):
    assert [step.ok for step in channel(stand_in).check()] == [True, True, True]
    stand_in.token = "other"
    assert [step.ok for step in channel(stand_in).check()] == [False, False, True]

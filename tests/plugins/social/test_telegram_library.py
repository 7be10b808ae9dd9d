"""The stand-in of the Bot API is what python-telegram-bot takes for it, and the payloads of our tests are its types."""

import asyncio
import json

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter

from plugins.handset.standins.telegram import PICTURE
from plugins.handset.standins.telegram import Telegram as StandIn
from plugins.social.contracts.telegram import TOKEN, TelegramContract

MINA = 77


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    made = StandIn(TOKEN)
    made.begin(MINA)
    yield made
    made.close()


def run(stand_in, act, token=TOKEN):
    async def whole():
        async with Bot(token, base_url=f"{stand_in.url}/bot", base_file_url=f"{stand_in.url}/file/bot") as bot:
            return await act(bot)

    return asyncio.run(whole())


def test_a_library_sends_edits_and_deletes(stand_in):
    async def act(bot):
        said = await bot.send_message(MINA, "سلام")
        await bot.edit_message_text("سلام!", MINA, said.message_id)
        photo = await bot.send_photo(MINA, PICTURE, caption="one", reply_to_message_id=said.message_id)
        album = await bot.send_media_group(MINA, [InputMediaPhoto(PICTURE), InputMediaPhoto(PICTURE)], caption="two")
        yes = InlineKeyboardMarkup([[InlineKeyboardButton("بله", callback_data="1")]])
        await bot.edit_message_text("رسید؟", MINA, said.message_id, reply_markup=yes)
        stand_in.tap(MINA, stand_in.messages[MINA, said.message_id], "بله")
        (tapped,) = await bot.get_updates()
        assert (tapped.callback_query.data, tapped.callback_query.message.text) == ("1", "رسید؟")
        await bot.answer_callback_query(tapped.callback_query.id)
        await bot.set_message_reaction(MINA, said.message_id, "👍")
        with pytest.raises(BadRequest):
            await bot.set_message_reaction(MINA, said.message_id, "🦄x")
        with pytest.raises(BadRequest, match="(?i)button_data_invalid"):
            far = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="é" * 33)]])
            await bot.send_message(MINA, "?", reply_markup=far)
        await bot.send_chat_action(MINA, "typing")
        await bot.delete_message(MINA, said.message_id)
        return bot.username, said, photo, album

    username, said, photo, album = run(stand_in, act)
    assert username == "shop_bot" and said.text == "سلام" and photo.photo and photo.caption == "one" and len(album) == 2
    assert [t["text"] for t in stand_in.taken] == ["سلام", "one", "two"]
    assert (len(stand_in.edited), len(stand_in.deleted), len(stand_in.signals)) == (2, 1, 1)


def test_a_library_reads_updates_and_files(stand_in):
    file = stand_in.upload()
    sizes = [{**file, "width": 9, "height": 9}]
    stand_in.play("message", stand_in.message(MINA, photo=sizes, caption="این"))
    stand_in.say(MINA, "سلام")

    async def act(bot):
        first, second = await bot.get_updates()
        content = await (await bot.get_file(first.message.photo[-1])).download_as_bytearray()
        left = await bot.get_updates(offset=second.update_id + 1)
        await bot.set_webhook("https://desk.example/in/key", secret_token="s", allowed_updates=["message"])
        info = await bot.get_webhook_info()
        with pytest.raises(Conflict):
            await bot.get_updates()
        await bot.delete_webhook()
        return first, second, bytes(content), left, info

    first, second, content, left, info = run(stand_in, act)
    assert (first.message.caption, second.message.text, content, left) == ("این", "سلام", PICTURE, ())
    assert info.url == "https://desk.example/in/key"


def test_a_library_knows_its_refusals(stand_in):
    async def refusals(bot):
        with pytest.raises(BadRequest, match="(?i)chat not found"):
            await bot.send_message(5, "x")
        with pytest.raises(BadRequest, match="(?i)too long"):
            await bot.send_message(MINA, "x" * 5000)
        with pytest.raises(BadRequest, match="(?i)too big"):
            await bot.get_file(stand_in.upload(size=30_000_000)["file_id"])
        stand_in.blocked.add(MINA)
        with pytest.raises(Forbidden):
            await bot.send_message(MINA, "x")
        stand_in.fail = "busy"
        with pytest.raises(RetryAfter) as busy:
            await bot.send_message(MINA, "x")
        stand_in.fail = ""
        return busy.value.retry_after

    wait = run(stand_in, refusals)
    assert wait.total_seconds() == stand_in.after
    with pytest.raises(InvalidToken):
        run(stand_in, lambda bot: bot.get_me(), token="1:other")


def test_the_payloads_of_our_tests_are_the_librarys_types():
    for raw in [
        *TelegramContract.samples,
        TelegramContract().reacted("77:5", "❤"),
        TelegramContract().edited("m", "x"),
    ]:
        update = Update.de_json(json.loads(raw), None)
        content = update.effective_message or update.message_reaction
        assert content and update.update_id and content.chat.id == MINA
    deleted = Update.de_json(json.loads(TelegramContract().deleted("77:5")), None).deleted_business_messages
    assert deleted.message_ids == (5,)

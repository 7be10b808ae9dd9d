"""The plugin as the desk loads it: channels of other names than its own, and faults that are kept against it."""

from helpdesk.core.outbox import outbox, replies
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.testing import front_desk, small_runtime
from plugins.social.contracts.telegram import TelegramContract
from plugins.social.telegram import Telegram

CHANNELS = {"telegram", "whatsapp", "messenger", "instagram", "mastodon"}


def test_a_fault_of_a_channel_is_kept_against_the_plugin_that_brought_it(tmp_path, monkeypatch):
    runtime, contract = small_runtime(tmp_path, plugins="social"), TelegramContract()
    assert {name for name, kind in runtime.channels.items() if kind.plugin == "social"} == CHANNELS
    monkeypatch.setattr(Telegram, "send", lambda self, outbound: 1 / 0)
    with runtime.uow() as uow:
        account = front_desk(uow, "telegram", **TelegramContract.settings)
        contract.take(uow, account, contract.message("?", "1", []))
        replies.reply(uow, uow.session.query(Message).one().ticket_id, "x")
        outbox.work(uow)
        assert uow.session.query(Delivery).one().state == "uncertain", "it may have broken after the message was taken"
    assert runtime.hooks.plugins["social"].failures == 1
    runtime.engine.dispose()

"""What every channel must pass. Subclass it in a test module, name the channel and give samples; pytest does the rest.

    class TestPigeons(ChannelContract):
        channel = Pigeons
        settings = {"address": "loft 1", "key": "s3cret"}
        samples = [b"a payload as it arrives", ...]

The account is made on a desk of its own with a fresh data folder.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.core.channels.channel_events import Inbound, as_list
from helpdesk.core.channels.json import from_json, to_json
from helpdesk.core.channels.types import AccountView, Channel, RawMessage, Webhook
from helpdesk.core.errors import ChannelError, Malformed, Refused
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.intake.models import RawMessage as Row
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets.message_models import Message

from .desks import front_desk, small_runtime

GARBAGE = [b"", b"\0", b"\xff" * 300, b"{", b"[]", b"\r\n" * 500, "سلام".encode("utf-16"), bytes(range(256)) * 8]


class ChannelContract:
    """Set ``channel``, ``settings`` and ``samples``; ``forged`` are webhooks with a signature that must be refused."""

    channel: ClassVar[type[Channel]]
    settings: ClassVar[dict[str, Any]] = {}
    samples: ClassVar[list[bytes]] = []
    forged: ClassVar[list[Webhook]] = []

    @pytest.fixture
    def runtime(self, tmp_path):
        runtime = small_runtime(tmp_path, self.channel)
        yield runtime
        runtime.engine.dispose()

    @pytest.fixture
    def uow(self, runtime):
        with runtime.uow() as uow:
            yield uow

    @pytest.fixture
    def account(self, uow):
        return front_desk(uow, self.channel.name, **self.settings)

    def view(self) -> AccountView:
        """The account as the channel sees it."""
        return AccountView(
            1, "contract", self.channel.Settings().load(self.settings), str(self.settings.get("address", ""))
        )

    def events(self, raw: bytes) -> list:
        """What the channel says a sample means."""
        return as_list(self.channel(self.view()).parse(self.raw_message(raw)))

    def raw_message(self, raw: bytes, number: int = 0) -> RawMessage:
        """A sample on its way."""
        return RawMessage(f"contract:{number}", raw, datetime.now(UTC))

    def take(self, uow: UnitOfWork, account: int, *raw_messages: RawMessage) -> None:
        """Through the door and all the way."""
        for raw_message in raw_messages:
            intake.accept(uow, account, raw_message)
        raw_worker.drain(uow)
        uow.session.rollback()

    def test_it_says_what_it_is(self):
        kind = self.channel
        assert kind.name and kind.label and kind.address, "name, label and the kind of address it knows"
        assert kind.has("send") and kind.has("parse"), "send and parse are written"
        assert any(kind.has(way) for way in ("receive", "poll", "listen")) or kind.simulated, "one way in is written"

    def test_there_are_samples(self):
        assert self.samples, "give at least one payload as it really arrives"

    def test_every_sample_is_understood_and_crosses_the_pipe(self):
        for raw in self.samples:
            for event in self.events(raw):
                assert to_json(from_json(to_json(event))) == to_json(event)
                if isinstance(event, Inbound):
                    assert event.sender.kind in self.channel.kinds()
                    assert event.sender.value

    def test_a_senders_address_can_be_typed(self):
        """Whoever may be written to first, or besides, is the same customer as when they write."""
        for parsed in (event for raw in self.samples for event in self.events(raw)):
            if isinstance(parsed, Inbound) and self.channel.accepts.first:
                typed = self.channel.recipient(f" {parsed.sender.value} ")
                assert (typed.kind, typed.value) == (parsed.sender.kind, parsed.sender.value)

    def test_garbage_is_malformed_or_read_never_anything_else(self):
        chance = random.Random(1)
        broken = [bytes(chance.choice(raw) for _byte in raw) for raw in self.samples if raw]
        for raw in [*GARBAGE, *broken, *(raw[: len(raw) // 2] for raw in self.samples)]:
            try:
                self.channel(self.view()).parse(self.raw_message(raw))
            except Malformed:
                pass

    def test_the_same_raw_message_twice_is_one_message(self, uow: UnitOfWork, account):
        for number, raw in enumerate(self.samples):
            self.take(uow, account, self.raw_message(raw, number), self.raw_message(raw, number))
        assert uow.session.query(Row).count() == len(self.samples)
        assert uow.session.query(Message).filter_by(kind="in").count() <= len(self.samples)
        assert not uow.session.query(Row).filter(Row.state.in_(("new", "quarantined"))).count()

    def test_secrets_are_sealed_and_never_shown(self, uow: UnitOfWork, account):
        row = accounts.get(uow, account)
        for name in accounts.secret_names(self.channel):
            secret = str(self.settings.get(name, ""))
            if secret and not secret.startswith("$"):
                assert secret not in str(row.settings)
                assert secret not in str(accounts.shown_settings(uow, row))
                assert secret not in str(accounts.view(uow, row, secrets=False))

    def test_a_forged_webhook_is_refused(self):
        for webhook in self.forged:
            with pytest.raises(Refused):
                self.channel(self.view()).receive(webhook)

    def test_check_speaks_to_the_admin(self):
        if not self.channel.has("check"):
            return
        try:
            assert all(step.sentence for step in self.channel(self.view()).check())
        except ChannelError as error:
            assert str(error)

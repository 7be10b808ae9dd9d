"""What every channel must pass. Subclass it in a test module, name the channel and give samples; pytest does the rest.

    class TestPigeons(ChannelContract):
        channel = Pigeons
        settings = {"address": "loft 1", "key": "s3cret"}
        samples = [b"a payload as it arrives", ...]

        def message(self, text, external_id, references): ...   # bytes of a customer's message

``signed(body)`` gives a genuine push, ``forged`` are pushes to be refused. ``edited(external_id, text)``,
``deleted(external_id)``,
``reacted(external_id, emoji)`` and ``reported(external_id, state)`` give raw bytes of such events. The fixture
``provider`` (``helpdesk.testing.fixture``)
gives the stand-in of the provider (``Provider``). Whatever the channel declares must be proved; what is left out is
printed as a warning. In a module ``contract`` beside the channel, ``helpdesk channel check NAME`` finds it, too.
"""

from __future__ import annotations

import random
import sys

from marshmallow import Schema

from helpdesk.core.accounts import accounts, settings
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.channels.json import from_json, to_json
from helpdesk.core.errors import ChannelError, Malformed
from helpdesk.core.intake.models import RawMessage as Row
from helpdesk.core.intake.parse_server import store_files
from helpdesk.core.intake.parser_pool import ParserPool
from helpdesk.core.tickets.message_models import Message

from .contract_in import Incoming
from .contract_out import Outgoing

GARBAGE = [b"", b"\0", b"\xff" * 300, b"{", b"[]", b"\r\n" * 500, "سلام".encode("utf-16"), bytes(range(256)) * 8]


class ChannelContract(Incoming, Outgoing):
    """Set ``channel``, ``settings`` and ``samples``, and give what it declares; see the module."""

    def test_it_says_what_it_is(self):
        kind = self.channel
        assert kind.name and kind.label and kind.address, "name, label and the kind of address it knows"
        assert not kind.color or kind.color.startswith("#"), "a color as in #2b7de9"
        assert kind.has("parse"), "parse is written"
        assert kind.has("send") or not kind.accepts.replies, (
            "send is written, unless accepts says that there are no replies"
        )
        ways = any(kind.has(way) for way in ("receive", "poll", "listen"))
        assert ways or kind.simulated or kind.handed_over, "one way in is written, or its plugin hands over"

    def test_its_settings_make_a_form(self):
        schema = self.channel.Settings()
        assert isinstance(schema, Schema)
        assert all(field.metadata.get("label") for field in schema.fields.values()), "every setting has a label"
        for preset in self.channel.presets():
            assert preset.label and not schema.validate(dict(preset.values), partial=True)

    def test_there_are_samples(self):
        assert self.samples, "give at least one payload as it really arrives"

    def test_every_sample_is_understood_and_crosses_the_pipe(self):
        for event in (event for raw in self.samples for event in self.events(raw)):
            assert to_json(from_json(to_json(event))) == to_json(event)
            if isinstance(event, Inbound):
                assert event.sender.kind in self.channel.kinds() and event.sender.value

    def test_a_real_child_reads_every_sample_the_same(self, tmp_path, runtime):
        kind = self.channel
        place = (
            kind.__module__,
            str(sys.modules[kind.__module__].__file__),
            kind.__qualname__,
            str(tmp_path / "blobs"),
        )
        pool = ParserPool({}, [sys.executable, "-m", "helpdesk.testing.parse_child", *place], size=1)
        try:
            for raw in self.samples:
                mine = [to_json(event) for event in store_files(self.events(raw), runtime.blobs)]
                theirs = pool.parse(self.channel.name, self.view(), self.raw_message(raw))
                assert [to_json(event) for event in theirs] == mine
        finally:
            pool.close()

    def test_a_senders_address_can_be_typed(self):
        """Whoever may be written to first, or besides, is the same customer as when they write."""
        for event in (event for raw in self.samples for event in self.events(raw)):
            if isinstance(event, Inbound) and self.channel.accepts.first and event.sender.kind == self.channel.address:
                typed = self.channel.recipient(f" {event.sender.value} ", self.view())
                assert (typed.kind, typed.value) == (event.sender.kind, event.sender.value)

    def test_garbage_is_malformed_or_read_never_anything_else(self):
        chance = random.Random(1)
        broken = [bytes(chance.choice(raw) for _byte in raw) for raw in self.samples if raw]
        for raw in [*GARBAGE, *broken, *(raw[: len(raw) // 2] for raw in self.samples)]:
            try:
                self.events(raw)
            except Malformed:
                pass

    def test_the_same_raw_message_twice_is_one_message(self, uow, account):
        for raw in self.samples:
            self.take(uow, account, raw, raw)
        assert uow.session.query(Row).count() == len({*self.samples})
        events = [event for raw in {*self.samples} for event in self.events(raw)]
        assert uow.session.query(Message).filter_by(kind="in").count() <= len(events)
        assert not uow.session.query(Row).filter(Row.state.in_(("new", "quarantined"))).count()

    def test_secrets_are_sealed_and_never_shown(self, uow, account):
        row = accounts.get(uow, account)
        known = self.all_settings(None)
        for name in settings.secret_names(self.channel):
            secret = str(known.get(name, ""))
            if secret and not secret.startswith("$"):
                assert secret not in str(row.settings)
                assert secret not in str(settings.shown_settings(uow, row))
                assert secret not in str(accounts.view(uow, row, secrets=False))
                assert not any(secret in str(to_json(event)) for raw in self.samples for event in self.events(raw))

    def test_check_speaks_to_the_admin(self, provider):
        if not self.channel.has("check"):
            return self.leave_out("check")
        try:
            steps = list(self.channel(self.view(provider)).check())
            assert steps and all(step.sentence or step.label for step in steps)
        except ChannelError as error:
            assert str(error)

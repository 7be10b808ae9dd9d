"""The contract of what comes in: pushes and their signatures, polling, events of messages, files to fetch, and a
process that dies anywhere.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from helpdesk.core import failpoints
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.database import leases
from helpdesk.core.errors import Malformed, Refused
from helpdesk.core.intake import intake, raw_worker
from helpdesk.core.intake.models import RawMessage as Row
from helpdesk.core.outbox.models import WaitingEvent
from helpdesk.core.tickets.message_models import Attachment, Message

from .contract_parts import Parts
from .desks import small_runtime
from .proofs import each, raising

STEPS = ("intake.before", "intake.stored", "ingest.parsed", "ingest.written", "ingest.committed")
BELIEVED = {"delivered": "delivered_at", "read": "read_at"}


class Incoming(Parts):
    """What comes in."""

    # Pushes ------------------------------------------------------------------------------------------------------

    def test_a_forged_push_is_refused(self):
        if not self.channel.has("receive"):
            return self.unneeded()
        assert self.forged, "a channel that is pushed to gives forged pushes"
        for webhook in self.forged:
            with raising(Refused):
                self.channel(self.view()).receive(webhook)

    def test_an_altered_push_is_refused(self):
        if not self.channel.has("receive"):
            return self.unneeded()
        assert self.wanted(True, self.signed, "signed(body): a genuine push")
        genuine = self.signed(self.samples[0])
        assert self.channel(self.view()).receive(genuine).raw_messages
        for place in range(0, len(genuine.body), max(1, len(genuine.body) // 20)):
            altered = bytearray(genuine.body)
            altered[place] ^= 1
            with raising(Refused, Malformed):
                self.channel(self.view()).receive(replace(genuine, body=bytes(altered)))

    def test_a_replayed_push_is_one_message(self, uow, account):
        if not self.channel.has("receive"):
            return self.unneeded()
        genuine = self.signed(self.samples[0])
        for _again in range(3):
            intake.accept_many(uow, account, self.channel(self.view()).receive(genuine).raw_messages)
            self.drain(uow)
        assert uow.session.query(Row).count() == len(self.channel(self.view()).receive(genuine).raw_messages)
        assert uow.session.query(Message).filter_by(kind="in").count() <= len(self.events(self.samples[0]))

    # Polling -----------------------------------------------------------------------------------------------------

    def test_polling_brings_what_is_new_and_goes_on_from_its_cursor(self, provider):
        if not self.channel.has("poll"):
            return self.unneeded()
        if provider is None:
            return self.leave_out("poll, for want of a stand-in")
        channel = self.channel(self.view(provider))
        try:
            _none, begin = channel.poll({}, 0)
            provider.arrive(self.samples[0])
            brought, moved = channel.poll(begin, 0)
            assert json.loads(json.dumps(moved)) == moved, "a cursor is plain JSON"
            again, _moved = channel.poll(begin, 0)
            assert [one.external_id for one in again] == [one.external_id for one in brought] and len(brought) == 1
            assert channel.poll(moved, 0)[0] == [], "what was stored is not brought again"
        finally:
            channel.close()

    # Events ------------------------------------------------------------------------------------------------------

    def test_an_edit_changes_the_message_it_names(self, uow, account):
        if not self.wanted(self.channel.accepts.edit, self.edited, "edited(external_id, text)"):
            return
        self.take(uow, account, self.message("Tomorow", "m1", []), self.edited("m1", "Tomorrow"))
        (message,) = uow.session.query(Message)
        assert message.text == "Tomorrow" and message.edited_at and message.details["earlier"][0]["text"] == "Tomorow"

    def test_a_deletion_marks_the_message_it_names(self, uow, account):
        if not self.wanted(self.channel.accepts.delete, self.deleted, "deleted(external_id)"):
            return
        self.take(uow, account, self.message("A slip", "m1", []), self.deleted("m1"))
        assert uow.session.query(Message).one().deleted_at

    def test_a_reaction_stands_at_the_message_it_names(self, uow, account):
        if not self.wanted(self.channel.accepts.reactions, self.reacted, "reacted(external_id, emoji)"):
            return
        self.take(uow, account, self.message("Thanks", "m1", []), self.reacted("m1", "👍"))
        assert [reaction["emoji"] for reaction in uow.session.query(Message).one().reactions] == ["👍"]

    def test_what_names_an_unknown_message_waits(self, uow, account):
        early = self.edited("m1", "Tomorrow") if self.edited else self.reacted("m1", "👍") if self.reacted else None
        if early is None:
            return self.unneeded()
        self.take(uow, account, early)
        assert uow.session.query(WaitingEvent).count() == 1 and not uow.session.query(Message).count()
        assert {row.state for row in uow.session.query(Row)} == {"event"}

    # Files -------------------------------------------------------------------------------------------------------

    def test_files_that_are_only_named_are_fetched(self, uow, account, provider):
        events = [event for raw in self.samples for event in self.events(raw) if isinstance(event, Inbound)]
        if not any(file.ref for event in events for file in event.files):
            return self.unneeded()
        assert self.channel.has("fetch"), "parse names files by ref, so fetch is written"
        if provider is None:
            return self.leave_out("fetch, for want of a stand-in")
        secrets = [str(v) for v in self.all_settings(provider).values() if isinstance(v, str) and len(v) > 7]
        assert not any(s in json.dumps(f.ref) for e in events for f in e.files for s in secrets if "://" not in s)
        self.take(uow, account, *self.samples)
        waiting = uow.session.query(Attachment).filter_by(state="waiting").count()
        assert waiting, "the message stands before its files"
        self.work(uow)
        assert {file.state for file in uow.session.query(Attachment)} == {"ready"}
        assert all(uow.blobs.get(file.sha256) for file in uow.session.query(Attachment))

    # A process that dies -----------------------------------------------------------------------------------------

    @each("step", STEPS)
    def test_nothing_is_lost_and_nothing_doubled_when_the_process_dies_at(self, step, uow, account, tmp_path):
        raw_message = self.raw_message(self.samples[0], "dies")
        uow.session.rollback()
        child = os.fork()
        if not child:
            self._die(tmp_path, account, raw_message, step)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), f"it never passed {step}"
        leases.release_orphaned_leases(uow, Row)
        intake.accept(uow, account, raw_message)  # what was not acknowledged comes again
        self.drain(uow)
        assert [row.state not in ("new", "quarantined") for row in uow.session.query(Row)] == [True]
        brought = [event for event in self.events(self.samples[0]) if isinstance(event, Inbound)]
        assert uow.session.query(Message).filter_by(kind="in").count() == len(brought)

    def _die(self, folder, account: int, raw_message, step: str) -> None:
        """In a child: take the message in until the step at which the process is killed."""
        try:
            failpoints._name, failpoints._left = step, 1
            raw_worker.PARSE_THREADS = ThreadPoolExecutor(2)
            with small_runtime(folder, self.channel).uow() as uow:
                intake.accept(uow, account, raw_message)
                raw_worker.drain(uow)
        finally:
            os._exit(0)

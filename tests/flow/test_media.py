"""Files that a message only names are fetched later: the message stands at once, its files wait, are ready or
failed.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count

import pytest

from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.channels.json import to_json
from helpdesk.core.channels.types import RawMessage
from helpdesk.core.errors import NotFound, Refused, TryAgain
from helpdesk.core.journal.models import Event
from helpdesk.core.tickets import media
from helpdesk.core.tickets.message_models import Attachment
from helpdesk.testing import Letters

AT = datetime(2026, 10, 15, 9, tzinfo=UTC)


_numbers = count(1)


def photo(*files):
    inbound = Inbound(Address("postal", "mina"), "Look", external_id=f"photo-{next(_numbers)}", files=list(files))
    return RawMessage(inbound.external_id, json.dumps(to_json(inbound)).encode(), AT)


@pytest.fixture
def fetched(monkeypatch):
    """What ``fetch`` was asked for; ``pieces`` is what it writes or raises."""
    asked, pieces = [], [b"abc", b"def"]

    def fetch(self, file, write):
        asked.append(file.ref)
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            write(piece)

    monkeypatch.setattr(Letters, "fetch", fetch)
    return asked, pieces


def test_the_message_stands_at_once_and_its_file_follows(flow, fetched):
    flow.arrive(photo(File("a.jpg", "image/jpeg", size=6, ref={"id": "77"}), File("b.txt", "text/plain", b"here")))
    waiting, here = flow.session.query(Attachment).order_by(Attachment.id)
    assert (flow.messages()[0].text, waiting.state, waiting.sha256, here.state) == ("Look", "waiting", "", "ready")
    flow.run_jobs()
    assert fetched[0] == [{"id": "77"}]
    assert (waiting.state, waiting.sha256, waiting.size) == ("ready", sha256(b"abcdef").hexdigest(), 6)
    assert flow.runtime.blobs.get(waiting.sha256) == b"abcdef"
    assert [event.kind for event in flow.session.query(Event)][-1] == "file.ready"


def test_what_is_too_large_is_not_kept(flow, fetched, monkeypatch):
    monkeypatch.setattr(media, "LARGEST", 5)
    flow.arrive(photo(File("a.jpg", ref={"id": "77"})))
    flow.run_jobs()
    (file,) = flow.session.query(Attachment)
    assert file.state == "failed" and "larger than" in file.reason and not file.sha256
    assert [path for path in flow.runtime.blobs.folder.rglob("*") if path.is_file()] == [], (
        "nothing half is left behind"
    )


@pytest.mark.clock
def test_a_passing_fault_is_tried_again_and_the_last_one_stands(flow, fetched):
    asked, pieces = fetched
    pieces[:] = [b"half", TryAgain("The service does not answer.")]
    flow.arrive(photo(File("a.jpg", ref={"id": "77"})))
    flow.run_jobs()
    (file,) = flow.session.query(Attachment)
    assert len(asked) == media.TRIES and file.state == "failed" and "does not answer" in file.reason
    pieces[:] = [b"whole"]
    media.again(flow.uow, file.id)
    flow.run_jobs()
    assert file.state == "ready" and flow.runtime.blobs.get(file.sha256) == b"whole"
    with pytest.raises(NotFound):
        media.again(flow.uow, file.id)


def test_one_file_that_is_gone_keeps_no_other_back(flow, fetched, monkeypatch):
    def fetch(self, file, write):
        if file.ref["id"] == "gone":
            raise Refused("It is gone.")
        write(b"there")

    monkeypatch.setattr(Letters, "fetch", fetch)
    flow.arrive(photo(File("a.jpg", ref={"id": "gone"}), File("b.jpg", ref={"id": "there"})))
    flow.run_jobs()
    assert [file.state for file in flow.session.query(Attachment).order_by(Attachment.id)] == ["failed", "ready"]

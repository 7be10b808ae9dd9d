"""What was sent can be edited and deleted, where the channel can do that."""

import pytest

from helpdesk.core.channels.accepts import Accepts
from helpdesk.core.channels.outbound import Sent
from helpdesk.core.errors import Conflict, Invalid, TryAgain
from helpdesk.core.outbox import replies, sent_changes
from helpdesk.core.tickets.search import find
from helpdesk.testing import Letters


@pytest.fixture
def carried(monkeypatch):
    """What the channel was asked to change; ``fails`` are errors to raise first."""
    asked, fails = [], []

    def act(name):
        def change(self, outbound):
            if fails:
                raise fails.pop(0)
            asked.append((name, outbound.text, sorted(outbound.external_ids)))

        return change

    monkeypatch.setattr(Letters, "accepts", Accepts(edit=True, delete=True, max_chars=40))
    monkeypatch.setattr(Letters, "edit", act("edit"))
    monkeypatch.setattr(Letters, "delete", act("delete"))
    monkeypatch.setattr(Letters, "send", lambda self, outbound: Sent(external_ids=("theirs-1",)))
    return asked, fails


@pytest.fixture
def sent(flow, carried):
    flow.write("Where is it?")
    message = replies.reply(flow.as_agent, 1, "On its way")
    flow.send()
    return message


@pytest.mark.clock
def test_other_words_go_to_the_other_side_and_the_earlier_ones_are_kept(flow, carried, sent):
    asked, fails = carried
    fails.append(TryAgain("The service does not answer."))
    sent_changes.edit(flow.as_agent, sent.id, "On its way to you")
    flow.run_jobs()
    assert [(name, text) for name, text, _ids in asked] == [("edit", "On its way to you")]
    assert "theirs-1" in asked[0][2]
    assert sent.edited_at and sent.details["earlier"][0]["text"] == "On its way"
    assert find(flow.uow, "to you").items


def test_what_is_taken_back_is_marked_and_told_to_the_other_side(flow, carried, sent):
    sent_changes.delete(flow.as_agent, sent.id)
    flow.run_jobs()
    assert [name for name, _text, _ids in carried[0]] == ["delete"] and sent.deleted_at
    with pytest.raises(Conflict):
        sent_changes.edit(flow.as_agent, sent.id, "Again")


def test_what_the_channel_cannot_do_is_refused(flow, carried, sent, monkeypatch):
    with pytest.raises(Invalid, match="40 characters"):
        sent_changes.edit(flow.as_agent, sent.id, "x" * 41)
    monkeypatch.setattr(Letters, "accepts", Accepts())
    for act in (
        lambda: sent_changes.edit(flow.as_agent, sent.id, "x"),
        lambda: sent_changes.delete(flow.as_agent, sent.id),
    ):
        with pytest.raises(Invalid, match="cannot be changed"):
            act()
    waiting = replies.reply(flow.as_agent, 1, "Later", undo=60)
    with pytest.raises(Conflict, match="was sent"):
        sent_changes.delete(flow.as_agent, waiting.id)

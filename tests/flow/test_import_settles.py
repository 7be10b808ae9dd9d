"""``email import`` comes back when all it handed over is settled, also what another process has claimed meanwhile."""

import threading
from datetime import timedelta

import pytest

from helpdesk.core.intake import intake
from helpdesk.core.intake.models import RawMessage
from helpdesk.runtime.intake_socket import IntakeSocket, _is_answered, hand_over
from helpdesk.testing import letter


@pytest.mark.clock
def test_what_another_worker_claimed_is_waited_for(flow, monkeypatch):
    letters = [letter(f"Letter {number}") for number in range(5)]
    stored = intake.accept_many
    freed = []

    def store_and_lose(uow, *given, **named):
        accepted = stored(uow, *given, **named)
        with uow.writing() as session:
            values = {"worker": "elsewhere:1:1", "lease_until": uow.clock() + timedelta(minutes=5)}
            session.query(RawMessage).filter(RawMessage.id == accepted[2].id).update(values)
        threading.Timer(0.5, give_back, [accepted[2].id]).start()
        return accepted

    def give_back(raw_message):
        with flow.runtime.uow() as uow, uow.writing() as session:
            freed.append(
                session.query(RawMessage)
                .filter(RawMessage.id == raw_message, RawMessage.state == "new")
                .update({"lease_until": None})
            )

    monkeypatch.setattr(intake, "accept_many", store_and_lose)
    counts = hand_over(flow.runtime, "front", letters)
    assert freed == [1] and counts["messages"] == 5
    flow.session.rollback()
    assert {row.state for row in flow.session.query(RawMessage)} == {"done"}


def test_a_second_process_on_the_folder_leaves_the_socket_to_the_first(runtime):
    first, second = IntakeSocket(runtime), IntakeSocket(runtime)
    second.close()
    assert _is_answered(runtime.data_dir)
    first.close()
    assert not _is_answered(runtime.data_dir)
    third = IntakeSocket(runtime)  # what a process left behind that was killed is no obstacle
    assert _is_answered(runtime.data_dir)
    third.close()

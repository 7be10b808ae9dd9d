"""The probe channel passes the contract, and what the contract cannot see of it holds as well."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from probe import Probe, ProbeByHand, ProbeSilent  # noqa: E402
from stand_in import AFTER, PICTURE, SECRET, TOKEN, signature, standing_in  # noqa: E402

from helpdesk.api.channels import Webhook  # noqa: E402
from helpdesk.app import create_app  # noqa: E402
from helpdesk.core.accounts import accounts, activation  # noqa: E402
from helpdesk.core.database.base import Base  # noqa: E402
from helpdesk.core.intake import raw_worker  # noqa: E402
from helpdesk.core.intake.models import RawMessage  # noqa: E402
from helpdesk.core.jobs import runner  # noqa: E402
from helpdesk.core.tickets import signals  # noqa: E402
from helpdesk.core.tickets.message_models import Attachment  # noqa: E402
from helpdesk.testing import ChannelContract, front_desk, small_runtime  # noqa: E402


def body(*events):
    return json.dumps(list(events)).encode()


def said(text, external_id, references=(), **more):
    first = {"answers": references[0]} if references else {}
    return {"kind": "message", "id": external_id, "from": "mina", "name": "مینا", "text": text, **first, **more}


class ProbeContract(ChannelContract):
    settings = {"secret": SECRET, "token": TOKEN}
    samples = [
        body(said("سلام", "m-1", thread="chat-7", phone="+989121234567")),
        body(said("Look", "m-2", file="77", visibility="public"), said("I called", "m-3", form="call")),
    ]
    forged = [
        Webhook("POST", {}, {}, samples[0]),
        Webhook("POST", {"X-Signature": signature(samples[0], "another")}, {}, samples[0]),
    ]

    @pytest.fixture
    def provider(self):
        with standing_in() as provider:
            provider.settings, provider.after = {"url": provider.url, "token": TOKEN, "timeout": 0.5}, AFTER
            yield provider

    def signed(self, raw):
        return Webhook("POST", {"X-Signature": signature(raw)}, {}, raw)

    def message(self, text, external_id, references):
        return body(said(text, external_id, references))

    def edited(self, external_id, text):
        return body({"kind": "edited", "id": external_id, "text": text})

    def deleted(self, external_id):
        return body({"kind": "deleted", "id": external_id})

    def reacted(self, external_id, emoji):
        return body({"kind": "reaction", "id": external_id, "from": "mina", "emoji": emoji})

    def reported(self, external_id, state):
        return body({"kind": "report", "id": external_id, "state": state})


@pytest.mark.clock
class TestProbe(ProbeContract):
    channel = Probe


class TestProbeByHand(ProbeContract):
    channel = ProbeByHand


class TestProbeSilent(ProbeContract):
    channel = ProbeSilent


# What the contract cannot see ---------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path):
    """A desk with an account of the probe, and its web application."""
    with standing_in() as provider:
        runtime = small_runtime(tmp_path, Probe)
        with runtime.uow() as uow:
            settings = {"url": provider.url, "token": TOKEN, "secret": SECRET, "timeout": 1.0}
            account = accounts.get(uow, front_desk(uow, "probe", **settings))
            app = create_app(runtime=runtime)
            yield SimpleNamespace(provider=provider, runtime=runtime, uow=uow, account=account, app=app)
        runtime.engine.dispose()


def push(desk, raw, key=None, **query):
    client = desk.app.test_client()
    headers = {"X-Signature": signature(raw), "Content-Type": "application/json"}
    answer = client.post(f"/in/{key or desk.account.public_key}", data=raw, headers=headers, query_string=query)
    desk.uow.session.rollback()
    return answer


def test_a_challenge_is_answered_as_the_channel_says(desk):
    answer = push(desk, b"[]", challenge="echo-77")
    assert (answer.status_code, answer.text, answer.content_type) == (200, "echo-77", "text/plain")


def test_a_push_by_the_public_key_is_taken_and_by_another_is_not(desk):
    assert push(desk, body(said("Hello", "m-1"))).json == {"taken": 1}
    assert push(desk, body(said("Hello", "m-2")), key="another").status_code == 404
    assert push(desk, body(said("Hello", "m-3", thread="chat-7"))).status_code == 200
    assert [row.conversation for row in desk.uow.session.query(RawMessage).order_by(RawMessage.id)] == ["", "chat-7"]


def test_pushes_with_a_good_signature_cost_their_address_nothing(desk, monkeypatch):
    monkeypatch.setattr(desk.app.extensions["strangers"], "most", 2)
    assert [push(desk, body(said("Hello", f"m-{n}"))).status_code for n in range(6)] == [200] * 6
    assert [push(desk, b"[]", key="another").status_code for _ in range(4)] == [404, 404, 429, 429]
    refused = push(desk, body(said("Hello", "later")))
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0, "a provider tries again"


def test_typing_goes_both_ways_and_is_stored_nowhere(desk):
    shown = []
    desk.runtime.live = SimpleNamespace(signal=lambda *given: shown.append(given), tell=lambda *given: None)
    push(desk, body(said("Hello", "m-1", thread="chat-7")))
    raw_worker.drain(desk.uow)
    assert push(desk, body({"kind": "signal", "signal": "typing", "thread": "chat-7"})).json == {"taken": 0}
    assert [(ticket, kind) for ticket, kind, _rooms in shown] == [(1, "typing")]
    assert signals.pass_on(desk.uow, 1, "typing") == 1
    assert desk.provider.signals == [{"kind": "typing", "thread": "chat-7"}]
    desk.provider.fail = "down"
    assert signals.pass_on(desk.uow, 1, "typing") == 0, "what fails is forgotten"
    assert desk.uow.session.query(RawMessage).count() == 1


def test_the_provider_is_told_where_to_push_and_when_to_stop(desk):
    assert activation.follow(desk.uow, desk.account)
    assert desk.provider.hook.endswith(f"/in/{desk.account.public_key}")
    desk.provider.fail = "down"
    assert not activation.follow(desk.uow, desk.account)
    desk.uow.session.expire_all()
    assert "does not answer" in desk.account.fault
    desk.provider.fail = ""
    account = accounts.update(desk.uow, desk.account.id, enabled=False)
    assert activation.follow(desk.uow, account) and desk.provider.hook == ""


def test_files_come_in_pieces_and_whole(desk):
    push(desk, body(said("Look", "m-1", file="77")))
    raw_worker.drain(desk.uow)
    while (job := runner.claim(desk.uow)) is not None:
        runner.run(desk.uow, job)
    desk.uow.session.expire_all()
    (file,) = desk.uow.session.query(Attachment)
    assert (file.state, desk.runtime.blobs.get(file.sha256)) == ("ready", PICTURE)


def test_no_secret_is_written_down(desk, caplog):
    push(desk, body(said("Look", "m-1", file="77")))
    raw_worker.drain(desk.uow)
    desk.provider.fail = "busy"
    runner.run(desk.uow, runner.claim(desk.uow))
    with desk.runtime.engine.connect() as connection:
        rows = [str(row) for table in Base.metadata.sorted_tables for row in connection.execute(table.select())]
    assert rows and not [row for row in [*rows, caplog.text] if TOKEN in row or SECRET in row]

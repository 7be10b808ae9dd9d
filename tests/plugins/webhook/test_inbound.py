"""The inbound channel: the contract every channel passes, mappings of foreign JSON, proofs and their samples."""

import json

import pytest
from marshmallow import ValidationError

from helpdesk.api.channels import AccountView, Address, Webhook
from helpdesk.api.errors import Malformed, Refused
from helpdesk.app import build_runtime, create_app
from helpdesk.config import Config
from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.people.identities import identity_of
from helpdesk.core.people.models import Customer, Identity, Queue, Team
from helpdesk.core.tickets.message_models import Attachment, Message
from helpdesk.security import guarded
from helpdesk.testing import front_desk, small_runtime
from helpdesk.testing.databases import make_tables
from plugins.webhook.contract import SECRET, InletContract, push, signed
from plugins.webhook.inbound import Inlet

from .receiver import Receiver


class TestInlet(InletContract):
    pass


def inlet(account=1, **settings):
    return Inlet(AccountView(account, "shop", Inlet.Settings().load({"secret": SECRET, **settings})))


def parsed(body, **settings):
    return inlet(**settings).parse(
        TestInlet().raw_message(body if isinstance(body, bytes) else json.dumps(body).encode())
    )


SHOP = {"event": {"id": 912, "by": {"login": 17, "mails": ["Mina@customer.example"]}, "lines": ["الو", "hi"]}}


def test_parts_stand_wherever_the_settings_say():
    said = parsed(
        SHOP,
        sender="$.event.by.nothing | $.event.by.mails[0]",
        id="$.event.id",
        text="$.event.lines",
        name="$.event.by.login",
        thread="$..login",
    )
    assert said.sender == Address("email", "mina@customer.example", "17", spelling="Mina@customer.example")
    assert (said.external_id, said.text, said.thread, said.authentic) == ("912", "الو", "17", None)


@pytest.mark.parametrize(
    ("value", "kind", "sender"),
    [
        ("۰۹۱۲ ۱۲۳ ۴۵۶۷", "", ("phone", "+989121234567")), ("17", "", ("webhook", "1:17")), ("0", "", ("webhook", "1:0")),
        ("a@b.example", "webhook", ("webhook", "1:a@b.example")), ("989121234567", "phone", ("phone", "+989121234567")),
    ],
)  # fmt: skip
def test_a_sender_is_what_it_looks_like_or_what_the_settings_say(value, kind, sender):
    said = parsed({"user": {"email": value}, "text": "x"}, kind=kind)
    assert (said.sender.kind, said.sender.value) == sender


def test_ids_of_two_systems_are_two_people():
    assert inlet(1)._sender("17", "") != inlet(2)._sender("17", "")


@pytest.mark.parametrize("path", ["$.a[", "nope nope", "x" * 401])
def test_a_path_that_is_none_is_refused(path):
    with pytest.raises(ValidationError):
        inlet(sender=path)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b'{"a":' * 4000,
        b'{"user": {"email": {"x": 1}}, "text": "x"}',
        b'{"user": {"email": "m@x.example"}}',
    ],
)
def test_what_says_nothing_is_malformed(raw):
    with pytest.raises(Malformed):
        parsed(raw)


def test_a_secret_in_a_header_is_a_proof_too():
    channel = inlet(header="Authorization")
    assert channel.receive(Webhook("POST", {"Authorization": f"Bearer {SECRET}"}, {}, push())).raw_messages
    for headers in ({"Authorization": "Bearer guess"}, {}, signed(push()).headers):
        with pytest.raises(Refused):
            channel.receive(Webhook("POST", headers, {}, push()))


def test_an_address_nobody_proved_does_not_join_its_owners_ticket(runtime, uow):
    contract = TestInlet()
    account = _account(uow)
    contract.take(uow, account, push(thread="a"), push(id="2", thread="b", text="again"))
    assert len({message.ticket_id for message in uow.session.query(Message)}) == 2
    assert uow.session.query(Identity).one().verified_at is None
    contract.take(uow, _account(uow, proved=True), push(id="3", thread="c"))
    assert [bool(identity.verified_at) for identity in uow.session.query(Identity).order_by(Identity.id)] == [
        False,
        True,
    ]


def test_a_typed_address_is_no_card_of_its_owners_until_the_other_system_proves_it(runtime, uow):
    contract, mina = TestInlet(), Address("email", "mina@customer.example")
    with uow.writing():
        owner = identity_of(uow, mina).customer_id
    contract.take(uow, _account(uow), push())
    (typed,) = uow.session.query(Message)
    assert typed.customer_id != owner and uow.session.get(Customer, owner).name == mina.value
    contract.take(uow, _account(uow, proved=True), push(id="2", thread="b"))
    joined = uow.session.query(Message).order_by(Message.id.desc()).first()
    assert joined.customer_id == owner and uow.session.get(Customer, owner).name == "مینا"
    assert [inlet().parse(raw).typed for raw in _raws(contract)] == [True, True, False], "an id is its system's own"


def _raws(contract):
    return [contract.raw_message(raw) for raw in contract.samples]


def test_an_id_that_came_before_is_the_same_message(runtime, uow):
    contract, account = TestInlet(), _account(uow)
    contract.take(uow, account, push(), push(sent_again=True))
    assert uow.session.query(Message).count() == 1


def _account(uow, **settings):
    uow.session.query(Account).update({"name": Account.name + "-older"})
    uow.session.query(Team).update({"name": Team.name + "-older"})
    uow.session.query(Queue).update({"name": Queue.name + "-older"})
    uow.session.commit()
    return front_desk(uow, "webhook", secret=SECRET, **settings)


@pytest.fixture
def runtime(tmp_path):
    runtime = small_runtime(tmp_path, Inlet)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def uow(runtime):
    with runtime.uow() as uow:
        yield uow


def test_files_are_downloaded_later_and_from_public_addresses_alone(uow, own_machine, monkeypatch):
    contract, account, server = TestInlet(), _account(uow), Receiver()
    server.answer = b"%PDF-1.4 a bill"
    try:
        contract.take(uow, account, push(files=[{"url": f"{server.url}&a=1"}, {"url": "file:///etc/passwd"}]))
        contract.work(uow)
        assert uow.session.query(Attachment).one().state == "failed" and not server.taken
        monkeypatch.setattr(guarded, "is_public", lambda ip: True)
        contract.take(uow, account, push(id="m-9", files=[{"url": server.url.replace("/hook?token", "/bill.pdf?x")}]))
        contract.work(uow)
        file = uow.session.query(Attachment).order_by(Attachment.id.desc()).first()
        assert (file.state, file.name) == ("ready", "bill.pdf")
        assert uow.blobs.get(file.sha256) == server.answer
    finally:
        server.close()


def test_a_sample_shows_what_each_path_finds():
    steps = {step.label: step.values.get("found", step.sentence) for step in inlet().preview(push())}
    assert (
        steps["Text"] == "کجاست؟"
        and steps["Known as"] == "email: mina@customer.example"
        and steps["Conversation"] == ""
    )
    (*_found, last) = inlet(sender="$.nobody").preview(push())
    assert not last.ok and "sender" in last.sentence


def test_a_push_is_genuine_however_its_header_is_spelled(tmp_path):
    """Through the real route: WSGI knows nothing of upper and lower case."""
    url, spelling = f"sqlite:///{tmp_path / 'hamdel.db'}", "X-API-Key"
    runtime = build_runtime(Config(data_dir=tmp_path, database_url=url, secret_key="k" * 40, plugins=("webhook",)))
    make_tables(runtime.engine)
    with runtime.uow() as uow:
        account = accounts.get(uow, front_desk(uow, "webhook", secret=SECRET, header=spelling))
    client, where = create_app(runtime.config, runtime).test_client(), f"/in/{account.public_key}"
    for name in (spelling, spelling.lower(), spelling.upper()):
        assert (
            client.post(where, data=push(), headers={name: SECRET}, content_type="application/json").status_code == 200
        )
    assert client.post(where, data=push(), headers={spelling: "guess"}).status_code == 403
    runtime.engine.dispose()

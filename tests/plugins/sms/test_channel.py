"""The SMS channel: the contract every channel passes, and gateways of several forms on loopback."""

import json

import pytest
from marshmallow import ValidationError

from helpdesk.api.channels import AccountView, Address, Outbound, Webhook
from helpdesk.api.errors import Malformed, Misconfigured, Refused, Undeliverable
from helpdesk.core.accounts import accounts
from helpdesk.core.outbox import outbox, replies
from helpdesk.core.people.models import Customer
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.testing import front_desk, small_runtime
from plugins.sms import gateway, opting_out
from plugins.sms.channel import Sms
from plugins.sms.contract import KEY, MINA, SECRET, SmsContract, push, signed
from plugins.sms.settings import PRESETS

from .stand_in import Gateway


class Stand(Gateway):
    @property
    def settings(self):
        return {"send_url": f"{self.url}/{{key}}/send", "key": KEY}


@pytest.fixture
def stand_in(own_machine, monkeypatch):
    monkeypatch.setattr("plugins.sms.channel.PATIENCE", 1.0)
    made = Stand()
    yield made
    made.close()


@pytest.fixture
def runtime(tmp_path):
    runtime = small_runtime(tmp_path, Sms, plugins="sms")
    opting_out.Base.metadata.create_all(runtime.engine)
    yield runtime
    runtime.engine.dispose()


class TestSms(SmsContract):
    @pytest.fixture
    def provider(self, stand_in):
        return stand_in


# Settings -------------------------------------------------------------------------------------------------------------


def view(**given):
    return AccountView(1, "sms", Sms.Settings().load({**TestSms.settings, **given}))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_is_complete_but_for_what_is_ones_own(preset, own_machine):
    channel = Sms(AccountView(1, "sms", Sms.Settings().load({**preset.values, "number": "3000505", "key": "k"})))
    first, second = channel.check()
    assert first.ok and "k" not in first.values["url"].rpartition("/v1/")[2].split("/")[0]
    assert not second.ok, "the secret of pushes is asked for"


@pytest.mark.parametrize("url", ["ftp://gateway.example", "gateway.example/send", "https://gateway.example/a b"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValidationError):
        Sms.Settings().load({"number": "1", "send_url": url})


@pytest.mark.parametrize(
    ("form", "written"),
    [("+989121234567", MINA), ("00989121234567", "00989121234567"), ("989121234567", "989121234567"), ("09121234567", "09121234567")],
)  # fmt: skip
def test_numbers_are_written_as_the_gateway_wants_them(form, written):
    assert gateway.in_form(MINA, form) == written
    assert gateway.in_form("+4930123456", "09121234567") == "+4930123456", "a foreign number keeps its code"


# Sending --------------------------------------------------------------------------------------------------------------


def outbound(text="درود", to=MINA):
    return Outbound(external_id="d-1", to=[Address("phone", to)], text=text)


BODIES = [
    ("form", "to={to}&from={from}&text={text}&id={id}"),
    ("query", "to={to}&from={from}&text={text}&id={id}"),
    ("json", '{"to": "{to}", "from": "{from}", "text": "{text}", "id": "{id}", "list": ["{to}", 1, true]}'),
]


@pytest.mark.parametrize(("form", "body"), BODIES)
def test_every_form_of_request_arrives_letter_by_letter(stand_in, runtime, form, body):
    text = 'می‌خواهم "10%" & {key} = ؟\nخط دوم'
    sent = Sms(view(**stand_in.settings, send_as=form, send_body=body)).send(outbound(text))
    (taken,) = stand_in.taken
    assert (taken["to"], taken["text"], taken["from"], taken["id"]) == ("09121234567", text, "3000505", "d-1")
    assert sent.external_ids == ("8001",)


def test_a_wrong_key_is_told_without_the_key(stand_in, runtime):
    wrong = "canary-wrong-key"
    with pytest.raises(Misconfigured) as told:
        Sms(view(send_url=f"{stand_in.url}/{{key}}/send", key=wrong)).send(outbound())
    assert wrong not in str(told.value) + str(told.value.values) and "403" in str(told.value)


def test_what_it_does_not_take_is_refused(stand_in, runtime):
    with pytest.raises(Refused, match="400"):
        Sms(view(**stand_in.settings)).send(outbound(to="+4930123456"))
    with pytest.raises(Refused):
        Sms(view(**stand_in.settings, taken_at="return.status", taken_is="201")).send(outbound())


def test_a_body_that_is_no_json_is_the_admins(stand_in, runtime):
    channel = Sms(view(**stand_in.settings, send_as="json", send_body='{"to": '))
    for attempt in (lambda: channel.send(outbound()), lambda: list(channel.check())):
        with pytest.raises(Misconfigured):
            attempt()


# Receiving ------------------------------------------------------------------------------------------------------------


def test_a_push_by_get_is_proved_by_the_key_in_its_address():
    channel = Sms(view(in_header=""))
    query = {"from": "09121234567", "text": "سلام", "id": "7"}
    (raw,) = channel.receive(Webhook("GET", {}, query | {"key": SECRET}, b"")).raw_messages
    assert raw.external_id == "7" and SECRET.encode() not in raw.raw
    assert channel.parse(raw).sender == Address("phone", MINA)
    with pytest.raises(Refused):
        channel.receive(Webhook("GET", {}, query | {"key": "guess"}, b""))


def test_without_a_secret_nothing_is_taken():
    with pytest.raises(Refused):
        Sms(view(in_key="", in_header="")).receive(Webhook("GET", {}, {"from": "1", "text": "x", "key": ""}, b""))


def test_fields_may_lie_deeper():
    channel = Sms(view(in_from="data.0.src", in_text="data.0.msg.body", in_id="data.0.id"))
    body = json.dumps({"data": [{"src": "0912 123 4567", "msg": {"body": "سلام"}, "id": 12}]}).encode()
    (raw,) = channel.receive(signed(body)).raw_messages
    said = channel.parse(raw)
    assert (said.sender.value, said.text, said.external_id) == (MINA, "سلام", "12")


def test_a_name_nobody_can_write_to_is_no_number():
    said = Sms(view()).parse(TestSms().raw_message(push(**{"from": "BankMellat"})))
    assert (said.sender.kind, said.automatic) == ("sender", "bulk")


def test_a_report_of_a_state_between_changes_nothing():
    report = Sms(view()).parse(TestSms().raw_message(json.dumps({"id": "8001", "status": "queued"}).encode()))
    assert report.outcomes == [] and report.references == ["8001"]


@pytest.mark.parametrize("raw", [b"", b"hello", b'{"from": "1"}', b'{"a":' * 2000, b"&".join([b"a=1"] * 101)])
def test_what_cannot_be_read_is_malformed(raw):
    with pytest.raises(Malformed):
        Sms(view()).parse(TestSms().raw_message(raw))


# Opting out -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", "stop"), (" لغو ۱۱ ", "stop"), ("لغو11", "stop"), ("لغو.", "stop"), ("شروع", "start"), ("Start!", "start"),
        ("لطفاً سفارش را لغو کنید", ""), ("please stop calling", ""), ("11", ""), ("", ""),
    ],
)  # fmt: skip
def test_only_a_word_alone_is_a_wish(text, wish):
    assert opting_out.wish(text) == wish


def test_a_word_ends_messages_at_once_and_another_begins_them_again(stand_in, runtime):
    contract = TestSms()
    with runtime.uow() as uow:
        account = front_desk(uow, "sms", **{**TestSms.settings, **stand_in.settings})
        contract.take(uow, account, push(id="1", text="کجاست؟"))
        contract.take(uow, account, push(id="2", text="لغو11"))
        ticket = uow.session.query(Message).filter_by(kind="in").first().ticket_id
        replies.reply(uow, ticket, "در راه است.")
        outbox.work(uow)
        uow.session.expire_all()
        assert not stand_in.taken
        delivery = uow.session.query(Delivery).order_by(Delivery.id.desc()).first()
        assert delivery.state == "failed" and "no more messages" in str(delivery.reason)
        contract.take(uow, account, push(id="3", text="شروع"))
        replies.reply(uow, ticket, "در راه است.")
        outbox.work(uow)
        assert [one["text"] for one in stand_in.taken] == ["در راه است."]
        assert uow.session.query(Customer).count() == 1
        assert accounts.get(uow, account).channel == "sms"


def test_opting_out_is_of_one_account_alone(runtime):
    opting_out.remember(1, MINA, "stop")
    opting_out.remember(1, MINA, "stop")
    assert opting_out.has(1, MINA) and not opting_out.has(2, MINA)
    with pytest.raises(Undeliverable):
        Sms(view()).send(outbound())
    opting_out.remember(1, MINA, "start")
    assert not opting_out.has(1, MINA)

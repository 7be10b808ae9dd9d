"""The telephone: the contract every channel passes, and calls whose events come in any order and number."""

import itertools
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from marshmallow import ValidationError

from helpdesk.api.channels import AccountView, File, Report
from helpdesk.api.errors import Malformed, Misconfigured, Refused, TryAgain
from helpdesk.core.people.models import Customer
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Ticket
from helpdesk.testing import front_desk, small_runtime
from plugins.handset.standins.voice_store import VoiceStore
from plugins.phone import call_events, calls, screen, signature
from plugins.phone.channel import Phone
from plugins.phone.contract import DESK, MINA, PhoneContract, event

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def runtime(tmp_path):
    runtime = small_runtime(tmp_path, Phone, plugins="phone")
    calls.Base.metadata.create_all(runtime.engine)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def store(own_machine):
    """Where the telephone system keeps what callers say."""
    made = VoiceStore(PhoneContract.settings["files_key"])
    made.settings = {"files_url": f"{made.url}/voice"}
    yield made
    made.close()


class TestPhone(PhoneContract):
    @pytest.fixture
    def provider(self, store):
        left = event("voicemail", "c-5", recording_url=store.keep("7.wav"))
        self.samples = [*PhoneContract.samples, left]
        return store


def fetched(store, url, **settings):
    """What the channel gets of a voice message."""
    given = PhoneContract.settings | store.settings | settings
    pieces = []
    Phone(AccountView(1, "line", Phone.Settings().load(given))).fetch(File("a.wav", ref={"url": url}), pieces.append)
    return b"".join(pieces)


def test_a_voice_message_is_fetched_with_the_key_that_belongs_there_and_nowhere_else(store):
    assert fetched(store, store.keep("7.wav")) == store.kept["7.wav"]
    with pytest.raises(Misconfigured):
        fetched(store, f"{store.url}/voice/7.wav", files_key="another")
    store.gone.add("7.wav")
    for missing in ("7.wav", "8.wav"):
        with pytest.raises(Refused, match="not there any more"):
            fetched(store, f"{store.url}/voice/{missing}")
    with pytest.raises(Refused):
        fetched(store, f"{store.url}/elsewhere/7.wav")
    assert store.asked[-1] == ("/elsewhere/7.wav", False), "the key goes to its own place alone"
    store.fail = "busy"
    with pytest.raises(TryAgain):
        fetched(store, f"{store.url}/voice/7.wav")


def at(minute, second=0):
    return f"2026-03-01T10:{minute:02}:{second:02}Z"


CALL = [
    event("ringing", at=at(0)),
    event("answered", at=at(0, 20), agent="Sara"),
    event("held", at=at(2)),
    event("transferred", at=at(3), agent="Nima"),
    event("ended", at=at(5, 38), duration=318),
]


def follow(runtime, uow):
    calls.follow_filed(uow)
    uow.session.rollback()
    uow.session.expire_all()


# One call, one message ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [4, 0, 4, 2, 0, 1, 3, 1]], ids=str)
def test_events_in_any_order_and_number_are_one_message_that_says_how_it_ended(order, runtime):
    with runtime.uow() as uow:
        account = front_desk(uow, "phone", **{**PhoneContract.settings, "language": "en"})
        for number in order:
            TestPhone().take(uow, account, CALL[number])
        follow(runtime, uow)
        (message,) = uow.session.query(Message)
        assert (message.form, message.text, message.edited_at) == ("call", "Spoke with Nima · 5:18", None)
        assert uow.session.query(Ticket).one().preview == message.text and "earlier" not in message.details


def test_the_state_does_not_depend_on_the_order():
    def made(name, minute, **more):
        return calls.Event(event=name, at=datetime(2026, 3, 1, 10, minute, tzinfo=UTC), **({"agent": "", "seconds": 0, "recording": ""} | more))  # fmt: skip

    rows = [made("ringing", 0), made("answered", 0, agent="Sara"), made("held", 2), made("ended", 5, seconds=300)]
    assert len({calls.fold(list(order)) for order in itertools.permutations(rows)}) == 1
    assert calls.fold(rows[:3]).state == "held"
    assert calls.fold([made("missed", 1), made("voicemail", 1), made("ringing", 0)]).state == "voicemail"
    assert calls.fold([made("answered", 1), made("missed", 2)]).state == "ended"


def test_a_missed_call_is_a_ticket_and_its_voice_message_a_file_that_is_fetched_later(runtime):
    with runtime.uow() as uow:
        account = front_desk(uow, "phone", **PhoneContract.settings)
        raws = [event("missed", at=at(1)), event("voicemail", at=at(2), recording_url="https://pbx.example/v/7.mp3")]
        TestPhone().take(uow, account, *raws)
        follow(runtime, uow)
        call, left = uow.session.query(Message).order_by(Message.id)
        assert call.text == "تماس بی‌پاسخ با پیام صوتی" and left.ticket_id == call.ticket_id
        assert [(file.name, file.type, file.state) for file in left.files] == [("7.mp3", "audio/mpeg", "waiting")]
        assert uow.session.query(Customer).one().identities[0].address == MINA


def test_a_withheld_number_is_a_ticket_too_and_one_more_of_the_same_person_joins_theirs(runtime):
    with runtime.uow() as uow:
        account = front_desk(uow, "phone", **PhoneContract.settings)
        for number, caller in enumerate(["anonymous", "", MINA, "0912 123 4567", "۰۰۹۸۹۱۲۱۲۳۴۵۶۷"]):
            TestPhone().take(uow, account, event("missed", f"c-{number}", **{"from": caller}))
        assert uow.session.query(Message).count() == 5 and uow.session.query(Ticket).count() == 3


def test_what_the_desk_dials_is_no_message_of_the_customer():
    for said in ({"from": "204", "to": MINA}, {"from": DESK, "to": MINA}, {"direction": "out", "to": MINA}):
        (report,) = Phone(view()).parse(TestPhone().raw_message(event(**said)))
        assert isinstance(report, Report) and not report.outcomes and report.details["call"]["number"] == MINA


# Recordings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "said", "kept"),
    [("never", True, False), ("told", False, False), ("told", True, True), ("announced", False, True)],
)
def test_a_link_to_a_recording_is_kept_with_consent_alone(wish, said, kept, runtime):
    raw = event("ended", recording_url="https://pbx.example/r/1.mp3", recording_consent=said)
    with runtime.uow() as uow:
        account = front_desk(uow, "phone", **{**PhoneContract.settings, "recordings": wish})
        TestPhone().take(uow, account, raw)
        assert bool(uow.session.query(calls.Call).one().recording) is kept
        assert "pbx.example" not in json.dumps(uow.session.query(Message).one().details)


# What is refused ------------------------------------------------------------------------------------------------------


def view(**given):
    return AccountView(1, "line", Phone.Settings().load({**PhoneContract.settings, **given}))


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b'{"event": "ringing"}', event("dialled"), event(call_id=""), b'{"a":' * 9000, b" " * 70_000],
    ids=range(7),
)
def test_what_is_no_event_is_malformed(raw):
    with pytest.raises(Malformed):
        call_events.read(raw, NOW)


@pytest.mark.parametrize("given", [None, True, "soon", -1e30, "2090-01-01T00:00:00Z", float("nan"), {}])
def test_a_time_that_is_none_is_that_of_its_arrival(given):
    assert call_events.read(event(at=given), NOW).at == NOW


@pytest.mark.parametrize(
    "given", [1772359200, "2026-03-01T10:00:00Z", "2026-03-01T13:30:00+03:30", "2026-03-01T10:00:00"]
)
def test_times_have_several_spellings(given):
    assert call_events.read(event(at=given), NOW).at == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_a_signature_fits_its_secret_its_body_and_its_moment():
    header, now = signature.sign("s", b"body", 1000), 1000.0
    assert signature.holds("s", b"body", header, now) and signature.holds("s", b"body", f"{header},v1=00", now + 299)
    assert not signature.holds("s", b"body", header, now + 301) and not signature.holds("s", b"body", header, now - 301)
    for other in ("", "t=1000", "v1=00", "t=x,v1=1", header.replace("t=1000", "t=1001"), "t=" + "9" * 900):
        assert not signature.holds("s", b"body", other, now)
    assert not signature.holds("s", b"bodY", header, now)


def test_a_line_without_a_secret_takes_nothing():
    with pytest.raises(Refused):
        Phone(view(secret="")).receive(TestPhone().signed(event()))


@pytest.mark.parametrize(
    ("name", "value"),
    [("number", "12"), ("region", "XX"), ("hours", "sat 9-17"), ("hours", "sat 17:00-9:00"), ("zone", "Tehran"), ("files_url", "ftp://x")],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(name, value):
    with pytest.raises(ValidationError):
        Phone.Settings().load({name: value})


def test_the_operators_page_names_every_setting_event_and_outcome():
    page = (ROOT / "docs/operators/phone.md").read_text("utf-8")
    protocol = (ROOT / "docs/protocols.md").read_text("utf-8")
    assert [name for name in Phone.Settings().fields if f"`{name}`" not in page and f"{name}=" not in page] == []
    assert [name for name in call_events.EVENTS if f"`{name}`" not in protocol] == []
    assert [str(words).lower() for _code, words, _icon in screen.OUTCOMES if str(words).lower() not in page] == []
